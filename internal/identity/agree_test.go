package identity

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// apart is an approved Custodian whose key lies on a machine apart, and the key.
func (l *line) apart(name string) (*heed.Staff, *seal.PrivateKey) {
	l.t.Helper()
	key := seal.GeneratePrivateKey()
	c := &heed.Staff{ID: heed.NewID(l.now), Name: name, Roles: []heed.Role{heed.Custodian}, Language: "en",
		CustodianPublic: key.Public().Bytes(), CreatedAt: l.now, EnrolledAt: l.now}
	l.update(func(tx heed.Tx) error { return tx.AddStaff(l.t.Context(), c) })
	l.must(l.CustodianEnrolled(l.t.Context(), l.now, c.ID))
	return c, key
}

// agrees is what the machine apart makes of a request.
func (l *line) agrees(file []byte, key *seal.PrivateKey) []byte {
	l.t.Helper()
	r, signer, err := seal.ReadAgreement(key, file)
	l.must(err)
	if string(signer.Bytes()) != string(l.audit.Verifier().Bytes()) {
		l.t.Error("another line asks")
	}
	answer, err := r.Agree()
	l.must(err)
	return answer
}

// canOpen reports whether the key opens the report's Identity, by the seeds that the keystore has for the account.
func (l *line) canOpen(c *heed.Staff, key *seal.PrivateKey, report heed.ID) bool {
	l.t.Helper()
	var held []heed.SealedIdentity
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) (err error) {
		held, err = tx.Identities(l.t.Context(), report)
		return err
	}))
	who, err := l.custody(l.store, l.keys).open(l.t.Context(), key, c.ID, held)
	if err != nil && problemOf(err) != "custodian-later" && !errors.Is(err, heed.ErrSealed) {
		l.t.Fatal(err)
	}
	return err == nil && who[0] == ada
}

func TestCustodiansWhoseKeysAreAllApartApproveAndRemoveOneAnother(t *testing.T) {
	onBothStores(t, func(t *testing.T, l *line) {
		ctx := t.Context()
		dana, danas := l.apart("dana")
		before, _, _ := l.named()
		eve, eves := l.apart("eve")
		bo, _ := l.apart("bo")
		l.wantCounting("dana")
		c := l.custody(l.store, l.keys)
		for _, newcomer := range []*heed.Staff{eve, bo} {
			file, err := c.TakeApproval(ctx, dana, newcomer.ID, KeyName(newcomer.CustodianPublic))
			l.must(err)
			l.must(c.BringAgreement(ctx, dana, newcomer.ID, l.agrees(file, danas)))
		}
		l.wantCounting("bo", "dana", "eve")
		after, _, _ := l.named()
		if l.canOpen(eve, eves, before) || !l.canOpen(eve, eves, after) || !l.canOpen(dana, danas, before) || !l.canOpen(dana, danas, after) {
			t.Error("a newcomer has part in what was given before, or none in what came later on the same day, or the other lost it")
		}
		if a := l.approval(eve.ID); a == nil || a.By != dana.ID {
			t.Errorf("approved is %+v", a)
		}
		fay, _ := l.apart("fay")
		pending, err := c.TakeApproval(ctx, dana, fay.ID, KeyName(fay.CustodianPublic))
		l.must(err)
		root := heed.ID("root")
		l.must(c.AskRemoval(ctx, &heed.Staff{ID: root, Roles: []heed.Role{heed.Admin}}, bo.ID))
		file, err := c.TakeRemoval(ctx, eve, bo.ID)
		l.must(err)
		answer := l.agrees(file, eves)
		l.must(c.BringAgreement(ctx, eve, bo.ID, answer))
		l.wantCounting("dana", "eve")
		l.wantEra(2)
		if err := c.BringAgreement(ctx, dana, fay.ID, l.agrees(pending, danas)); problemOf(err) != "agreement-over" {
			t.Errorf("what was asked before the circle changed: %v", err)
		}
		if seeds := l.seedsOf(bo.ID); len(seeds) > 0 {
			t.Errorf("the keystore still has %v", seeds)
		}
		later, _, _ := l.named()
		if !l.canOpen(eve, eves, after) || !l.canOpen(eve, eves, later) || !l.canOpen(dana, danas, before) {
			t.Error("somebody who stayed lost part in something")
		}
		if leaves := l.leaves(ActCustodianRemoved); len(leaves) != 1 || !strings.Contains(leaves[0], string(bo.ID)) {
			t.Errorf("leaves: %v", leaves)
		}
		if err := c.BringAgreement(ctx, eve, bo.ID, answer); err == nil {
			t.Error("the answer is taken twice")
		}
	})
}

func TestWhoMayNotAgreeOnAMachineApartAndWhichAnswerIsRefused(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	dana, danas := l.apart("dana")
	eve, eves := l.apart("eve")
	bo, _ := l.apart("bo")
	c := l.custody(l.store, l.keys)
	take := func(actor, newcomer *heed.Staff) ([]byte, error) {
		return c.TakeApproval(ctx, actor, newcomer.ID, KeyName(newcomer.CustodianPublic))
	}
	if _, err := take(eve, eve); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("herself: %v", err)
	}
	if _, err := take(eve, bo); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("one who waits too: %v", err)
	}
	if _, err := c.TakeApproval(ctx, dana, eve.ID, KeyName(bo.CustodianPublic)); problemOf(err) != "custodian-key-changed" {
		t.Errorf("another key than was shown: %v", err)
	}
	if _, err := c.TakeRemoval(ctx, dana, eve.ID); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a removal that nobody wishes for: %v", err)
	}
	file, err := take(dana, eve)
	l.must(err)
	if _, _, err := seal.ReadAgreement(eves, file); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("another Custodian's key opens it: %v", err)
	}
	answer := l.agrees(file, danas)
	changed := slices.Clone(answer)
	changed[len(changed)-1] ^= 1
	for what, try := range map[string]struct {
		actor, about *heed.Staff
		file         []byte
		want         string
	}{
		"the request itself": {dana, eve, file, "agreement-none"},
		"a changed answer":   {dana, eve, changed, "agreement-none"},
		"about another":      {dana, bo, answer, "answer-other"},
		"in another's name":  {bo, eve, answer, "answer-other"},
		"in the newcomer's":  {eve, eve, answer, "answer-other"},
		"of another line":    {dana, eve, l.agreedElsewhere(dana, danas, eve), "agreement-none"},
	} {
		if err := c.BringAgreement(ctx, try.actor, try.about.ID, try.file); problemOf(err) != try.want {
			t.Errorf("%s: %v", what, err)
		}
	}
	l.wantCounting("dana")
	// The key was exchanged while the request was apart: what the machine showed is not approved.
	real := *eve
	eve.CustodianPublic = bo.CustodianPublic
	l.update(func(tx heed.Tx) error { return tx.UpdateStaff(ctx, eve) })
	if err := c.BringAgreement(ctx, dana, eve.ID, answer); problemOf(err) != "custodian-key-changed" {
		t.Errorf("another key than the machine showed: %v", err)
	}
	l.update(func(tx heed.Tx) error { return tx.UpdateStaff(ctx, &real) })
	l.now = l.now.Add(AgreeFor)
	if err := c.BringAgreement(ctx, dana, eve.ID, answer); problemOf(err) != "agreement-over" {
		t.Errorf("too late: %v", err)
	}
	l.now = l.now.Add(-time.Minute)
	l.must(c.BringAgreement(ctx, dana, eve.ID, answer))
	if err := c.BringAgreement(ctx, dana, eve.ID, answer); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("a second time: %v", err)
	}
	// What was asked before the circle changed counts no more, whoever still has the answer.
	file, err = take(dana, bo)
	l.must(err)
	old := l.agrees(file, danas)
	l.must(keystore.RaiseEra(ctx, l.keys, 2))
	if err := c.BringAgreement(ctx, dana, bo.ID, old); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("of the era before: %v", err)
	}
}

// agreedElsewhere is an answer that the Custodian gave to a line with another audit key.
func (l *line) agreedElsewhere(by *heed.Staff, key *seal.PrivateKey, newcomer *heed.Staff) []byte {
	l.t.Helper()
	file, err := seal.SealAgreement(seal.GenerateSigner(), key.Public(), seal.AgreementRequest{Agreement: seal.Agreement{
		Line: "city", Act: seal.ApproveCustodian, Era: 1, Staff: newcomer.ID, Key: newcomer.CustodianPublic, Custodian: by.ID, Until: l.now.Add(time.Hour),
	}})
	l.must(err)
	r, _, err := seal.ReadAgreement(key, file)
	l.must(err)
	answer, err := r.Agree()
	l.must(err)
	return answer
}

func TestAnApprovalApartThatIsCutShortIsCompletedForTheDaysToCome(t *testing.T) {
	for writes := 0; ; writes++ {
		l := newLine(t)
		dana, danas := l.apart("dana")
		eve, eves := l.apart("eve")
		file, err := l.custody(l.store, l.keys).TakeApproval(t.Context(), dana, eve.ID, KeyName(eve.CustodianPublic))
		l.must(err)
		err = l.custody(l.store, &dyingAt{l.keys, writes}).BringAgreement(t.Context(), dana, eve.ID, l.agrees(file, danas))
		if err != nil && !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		l.wantCounting("dana", "eve")
		l.must(l.EnsureDays(t.Context(), l.now))
		report, _, _ := l.named()
		if !l.canOpen(eve, eves, report) || !l.canOpen(dana, danas, report) {
			t.Errorf("after %d writes somebody has no part in what comes", writes)
		}
		if err == nil {
			return
		}
	}
}
