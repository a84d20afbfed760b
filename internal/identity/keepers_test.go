package identity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// custody is the desk's way to the circle, in a process with the given parts.
func (l *line) custody(store heed.Store, keys keystore.Keystore) *Custody {
	service := l.another(store, keys)
	return NewCustody(CustodyConfig{
		Identity: service, Allow: auth.Allow,
		Keys: auth.New(auth.Config{Store: store, Custodians: service, Now: func() time.Time { return l.now }}),
	})
}

// person gives the account a passphrase to sign in with.
func (l *line) person(c *heed.Staff) *heed.Staff {
	l.t.Helper()
	c.Passphrase = seal.HashPassphrase(passphrase)
	l.update(func(tx heed.Tx) error { return tx.UpdateStaff(l.t.Context(), c) })
	return c
}

// approves approves the newcomer as dana would who looked at the key.
func (l *line) approves(by, newcomer *heed.Staff) error {
	return l.custody(l.store, l.keys).ApproveCustodian(l.t.Context(), by, newcomer.ID, KeyName(newcomer.CustodianPublic), passphrase)
}

func problemOf(err error) string {
	var p *heed.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func TestACustodianApprovesAnotherWhoThenOpensTheLivingDaysAndThoseToCome(t *testing.T) {
	onBothStores(t, func(t *testing.T, l *line) {
		dana := l.person(l.enrolled("dana"))
		yesterday, _, _ := l.named()
		l.now = l.now.AddDate(0, 0, 1)
		l.must(l.EnsureDays(t.Context(), l.now))
		today, _, _ := l.named()
		eve := l.enrolled("eve")
		if _, err := l.open(eve, yesterday); !errors.Is(err, heed.ErrSealed) {
			t.Fatalf("before the approval: %v", err)
		}
		l.must(l.approves(dana, eve))
		l.wantCounting("dana", "eve")
		l.now = l.now.AddDate(0, 0, 1)
		l.must(l.EnsureDays(t.Context(), l.now))
		later, _, _ := l.named()
		for _, c := range []*heed.Staff{dana, eve} {
			for _, report := range []heed.ID{yesterday, today, later} {
				if who, err := l.open(c, report); err != nil || who != ada {
					t.Errorf("%s: %v", c.Name, err)
				}
			}
		}
		if leaves := l.leaves(ActCustodianApproved); len(leaves) != 2 || !strings.Contains(leaves[1], seal.Digest(eve.CustodianPublic)) {
			t.Errorf("leaves: %v", leaves)
		}
		if told := l.told(eve.ID); !slices.Contains(told, "custodian-approved") {
			t.Errorf("she is told %v", told)
		}
	})
}

func TestWhoMayNotApproveACustodianAndWhichKeyIsRefused(t *testing.T) {
	l := newLine(t)
	dana, eve, bo := l.person(l.enrolled("dana")), l.person(l.enrolled("eve")), l.person(l.enrolled("bo"))
	c := l.custody(l.store, l.keys)
	if err := l.approves(eve, eve); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("herself: %v", err)
	}
	if err := l.approves(eve, bo); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("by one who waits too: %v", err)
	}
	if err := c.ApproveCustodian(t.Context(), dana, eve.ID, KeyName(bo.CustodianPublic), passphrase); problemOf(err) != "custodian-key-changed" {
		t.Errorf("another key than was shown: %v", err)
	}
	if err := c.ApproveCustodian(t.Context(), dana, eve.ID, KeyName(eve.CustodianPublic), "wrong "+passphrase); problemOf(err) != "passphrase-wrong" {
		t.Errorf("a wrong passphrase: %v", err)
	}
	root := &heed.Staff{ID: "root", Roles: []heed.Role{heed.Admin, heed.Overseer}}
	if err := c.ApproveCustodian(t.Context(), root, eve.ID, KeyName(eve.CustodianPublic), passphrase); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("an admin: %v", err)
	}
	if len(l.seedsOf(eve.ID)) > 0 {
		t.Errorf("she got %v", l.seedsOf(eve.ID))
	}
	// The Custodian's account in other hands, with another passphrase and key: no approval holds for that key.
	public, private, err := CreateCustodian(passphrase)
	l.must(err)
	real := *dana
	dana.CustodianPublic, dana.CustodianPrivate = public, private
	l.update(func(tx heed.Tx) error { return tx.UpdateStaff(t.Context(), dana) })
	if err := l.approves(dana, eve); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("with a key that was exchanged: %v", err)
	}
	l.update(func(tx heed.Tx) error { return tx.UpdateStaff(t.Context(), &real) })
	l.must(l.approves(&real, eve))
	if err := l.approves(&real, eve); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("a second time: %v", err)
	}
}

func TestTwoApprovalsAtOnceBothCountAndOfOneNewcomerOneDoes(t *testing.T) {
	onBothStores(t, func(t *testing.T, l *line) {
		dana := l.person(l.enrolled("dana"))
		eve, bo := l.person(l.enrolled("eve")), l.enrolled("bo")
		report, _, _ := l.named()
		var together sync.WaitGroup
		errs := make([]error, 3)
		for i, newcomer := range []*heed.Staff{eve, bo, bo} {
			together.Go(func() { errs[i] = l.approves(dana, newcomer) })
		}
		together.Wait()
		if errs[0] != nil || (errs[1] == nil) == (errs[2] == nil) {
			t.Errorf("got %v", errs)
		}
		l.wantCounting("bo", "dana", "eve")
		for _, c := range []*heed.Staff{eve, bo} {
			if who, err := l.open(c, report); err != nil || who != ada {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
	})
}

func TestAnApprovalCutShortAnywhereIsCompletedByAnother(t *testing.T) {
	for writes := 0; ; writes++ {
		l := newLine(t)
		dana := l.person(l.enrolled("dana"))
		report, _, _ := l.named()
		eve := l.enrolled("eve")
		err := l.custody(l.store, &dyingAt{l.keys, writes}).ApproveCustodian(t.Context(), dana, eve.ID, KeyName(eve.CustodianPublic), passphrase)
		if err == nil {
			if writes < 3 {
				t.Fatalf("only %d writes", writes)
			}
			return
		}
		if err := l.approves(dana, eve); err != nil && !errors.Is(err, heed.ErrConflict) {
			t.Fatalf("after %d writes: %v", writes, err)
		}
		l.wantCounting("dana", "eve")
		if who, err := l.open(eve, report); err != nil || who != ada {
			t.Errorf("after %d writes: %v", writes, err)
		}
	}
}

// threeCustodians are dana, eve and bo, each with part in everything.
func (l *line) threeCustodians() (dana, eve, bo *heed.Staff) {
	l.t.Helper()
	dana, eve, bo = l.person(l.enrolled("dana")), l.person(l.enrolled("eve")), l.person(l.enrolled("bo"))
	l.must(errors.Join(l.approves(dana, eve), l.approves(eve, bo)))
	return dana, eve, bo
}

// lets marks an account as if it had come this moment by another's link.
func (l *line) lets(by, in *heed.Staff) {
	l.update(func(tx heed.Tx) error {
		return tx.AddCredential(l.t.Context(), &heed.Credential{
			Hash: []byte(in.ID), Kind: heed.Newcomer, Staff: in.ID, CreatedAt: l.now, SeenAt: l.now, ExpiresAt: l.now.Add(auth.NewFor), By: by.ID,
		})
	})
}

func TestACustodianAndWhoLetThemInRemoveNobodyWhereAnotherCould(t *testing.T) {
	l := newLine(t)
	dana, eve, bo := l.threeCustodians()
	fay := l.person(l.enrolled("fay"))
	l.must(l.approves(dana, fay))
	l.lets(dana, eve)
	c := l.custody(l.store, l.keys)
	l.must(c.AskRemoval(t.Context(), dana, bo.ID))
	if err := c.RemoveCustodian(t.Context(), eve, bo.ID, passphrase); problemOf(err) != "one-hand" {
		t.Errorf("the asker's own: %v", err)
	}
	l.wantCounting("bo", "dana", "eve", "fay")
	if notes := l.unfinished(); len(notes) != 0 {
		t.Errorf("a removal that was refused left %v", notes)
	}
	l.must(c.RemoveCustodian(t.Context(), fay, bo.ID, passphrase))
	l.must(c.AskRemoval(t.Context(), dana, fay.ID))
	l.must(c.RemoveCustodian(t.Context(), eve, fay.ID, passphrase)) // nobody else could
	l.wantCounting("dana", "eve")
	if n := len(l.leaves(auth.ActOneHand)); n != 1 {
		t.Errorf("%d leaves say so", n)
	}
}

func TestARemovedCustodianOpensNothingThatComesAndWhatLayForThemIsGone(t *testing.T) {
	onBothStores(t, func(t *testing.T, l *line) {
		ctx := t.Context()
		dana, eve, bo := l.threeCustodians()
		before, _, _ := l.named()
		old, account := *l.approval(bo.ID), *bo
		danas := *l.approval(dana.ID)
		c := l.custody(l.store, l.keys)
		if err := c.RemoveCustodian(ctx, dana, bo.ID, passphrase); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("unasked: %v", err)
		}
		l.must(c.AskRemoval(ctx, dana, bo.ID))
		for who, by := range map[string]*heed.Staff{"who asked": dana, "whose it is": bo} {
			if err := c.RemoveCustodian(ctx, by, bo.ID, passphrase); !errors.Is(err, heed.ErrForbidden) {
				t.Errorf("%s: %v", who, err)
			}
		}
		seen := &heed.Disclosure{ID: heed.NewID(l.now), Report: before, State: heed.DisclosureApproved, By: "amira", At: l.now, Reason: heed.ReasonDanger,
			SealedReason: []byte("r"), Day: dayOf(l.now), Key: []byte("k"), SecondBy: bo.ID, SecondAt: l.now, Until: l.now.Add(time.Hour), Sealed: []byte("s")}
		l.update(func(tx heed.Tx) error { return tx.AddDisclosure(ctx, seen) })
		copied := l.copiedSeeds(bo)
		l.must(c.RemoveCustodian(ctx, eve, bo.ID, passphrase))
		l.wantCounting("dana", "eve")
		l.wantEra(2)
		if seeds := l.seedsOf(bo.ID); len(seeds) > 0 {
			t.Errorf("seeds are left: %v", seeds)
		}
		after, _, _ := l.named()
		if !l.opensBy(copied, bo, before) || l.opensBy(copied, bo, after) {
			t.Error("who copied the keystore before the removal opens what came after, or the copy is none")
		}
		for _, c := range []*heed.Staff{dana, eve} {
			for _, report := range []heed.ID{before, after} {
				if who, err := l.open(c, report); err != nil || who != ada {
					t.Errorf("%s: %v", c.Name, err)
				}
			}
		}
		l.must(l.store.View(ctx, func(tx heed.Tx) error {
			d, err := tx.Disclosure(ctx, seen.ID)
			if err == nil && (d.State != heed.DisclosureLapsed || d.Sealed != nil) {
				t.Errorf("what the removed one approved is %s", d.State)
			}
			a, err2 := tx.Staff(ctx, bo.ID)
			if err2 == nil && (!a.Disabled || a.Has(heed.Custodian) || a.CustodianPublic != nil) {
				t.Errorf("the account is %+v", a)
			}
			return errors.Join(err, err2)
		}))
		// What was signed before counts no more, whoever puts it back.
		l.update(func(tx heed.Tx) error {
			return errors.Join(tx.UpdateStaff(ctx, &account), tx.PutCustodianApproval(ctx, &old), tx.PutCustodianApproval(ctx, &danas))
		})
		l.wantCounting("eve")
		l.must(l.EnsureDays(ctx, l.now.AddDate(0, 0, 9)))
		if seeds := l.seedsOf(bo.ID); len(seeds) > 0 {
			t.Errorf("he got %v", seeds)
		}
	})
}

// copiedSeeds are the Custodian's wrapped seeds as somebody has them who copied the keystore.
func (l *line) copiedSeeds(c *heed.Staff) (copied [][]byte) {
	l.t.Helper()
	for _, name := range l.seedsOf(c.ID) {
		wrapped, err := l.keys.Get(l.t.Context(), name)
		l.must(err)
		copied = append(copied, wrapped)
	}
	return copied
}

// opensBy reports whether the Custodian's key opens the report's Identity with any of the seeds.
func (l *line) opensBy(seeds [][]byte, c *heed.Staff, report heed.ID) bool {
	l.t.Helper()
	key, err := seal.OpenCustodianKey(c.CustodianPublic, c.CustodianPrivate, passphrase)
	l.must(err)
	opened := false
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		held, err := tx.Identities(l.t.Context(), report)
		for _, h := range held {
			_, err := seal.OpenIdentityBy(key, "city", c.ID, h, seeds)
			opened = opened || err == nil
		}
		return err
	}))
	return opened
}

func TestTheLastCustodianCanNotBeRemoved(t *testing.T) {
	l := newLine(t)
	dana, eve := l.person(l.enrolled("dana")), l.person(l.enrolled("eve"))
	c := l.custody(l.store, l.keys)
	root := &heed.Staff{ID: "root", Roles: []heed.Role{heed.Admin}}
	if err := c.AskRemoval(t.Context(), root, dana.ID); problemOf(err) != "custodian-last" {
		t.Errorf("the only one: %v", err)
	}
	if err := c.AskRemoval(t.Context(), root, eve.ID); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("who is none: %v", err)
	}
	l.must(l.approves(dana, eve))
	if err := c.AskRemoval(t.Context(), l.enrolled("bo"), dana.ID); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("wished for by one who waits: %v", err)
	}
	l.must(c.AskRemoval(t.Context(), root, dana.ID))
	eve.Disabled = true
	l.update(func(tx heed.Tx) error { return tx.UpdateStaff(t.Context(), eve) })
	if err := c.RemoveCustodian(t.Context(), eve, dana.ID, passphrase); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("by a closed account: %v", err)
	}
	if err := c.AskRemoval(t.Context(), root, dana.ID); problemOf(err) != "custodian-last" {
		t.Errorf("the only one that counts: %v", err)
	}
}

func TestARemovalCutShortAnywhereIsCompletedByTheWorker(t *testing.T) {
	onBothKeystores(t, func(t *testing.T, keys func() keystore.Keystore, every int) {
		writes := 0
		for newLineWith(t, openStore(t), keys()).removalCutShortAfter(writes) {
			writes += every
		}
		if writes < 10 {
			t.Errorf("only %d writes", writes)
		}
	})
}

// removalCutShortAfter removes one of three Custodians in a process that dies after so many writes to the keystore, and says whether
// it died. What is left to do is then done by a worker.
func (l *line) removalCutShortAfter(writes int) (died bool) {
	t := l.t
	dana, eve, bo := l.threeCustodians()
	report, _, _ := l.named()
	old, account := *l.approval(bo.ID), *bo
	err := l.custody(l.store, &dyingAt{l.keys, writes}).RemoveByOperator(t.Context(), eve, bo.ID, passphrase)
	if err != nil && !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	if writes == 0 {
		l.wantCounting("bo", "dana", "eve") // it never began
		return true
	}
	l.wantCounting("dana", "eve")
	l.update(func(tx heed.Tx) error {
		return errors.Join(tx.UpdateStaff(t.Context(), &account), tx.PutCustodianApproval(t.Context(), &old))
	})
	l.wantCounting("dana", "eve") // at every step
	if left := l.unfinished(); err != nil && !slices.Equal(left, []Unfinished{{"bo", true}}) {
		t.Errorf("after %d writes there is left to do %v", writes, left)
	}
	l.must(l.EnsureDays(t.Context(), l.now))
	if left := l.unfinished(); len(left) > 0 {
		t.Errorf("after %d writes and the worker there is left to do %v", writes, left)
	}
	l.wantEra(2)
	if seeds := l.seedsOf(bo.ID); len(seeds) > 0 {
		t.Fatalf("after %d writes there is %v", writes, seeds)
	}
	for _, c := range []*heed.Staff{dana, eve} {
		if who, err := l.open(c, report); err != nil || who != ada {
			t.Errorf("after %d writes, %s: %v", writes, c.Name, err)
		}
	}
	return err != nil
}

// meanwhile is a real keystore in which something else happens, once, before a key for somebody is laid into it.
type meanwhile struct {
	keystore.Keystore
	whose heed.ID
	then  func()
}

func (m *meanwhile) Create(ctx context.Context, name string, value []byte) error {
	if then := m.then; then != nil && strings.HasSuffix(name, "."+string(m.whose)) {
		m.then = nil
		then()
	}
	return m.Keystore.Create(ctx, name, value)
}

func TestADaysKeysThatAreMadeInTheMomentOfARemovalAreNotForWhoWasRemoved(t *testing.T) {
	for name, slowly := range map[string]func(l *line, keys keystore.Keystore, dana, eve *heed.Staff) error{
		"made": func(l *line, keys keystore.Keystore, _, _ *heed.Staff) error {
			l.now = l.now.AddDate(0, 0, 1)
			return l.another(l.store, keys).EnsureDays(l.t.Context(), l.now)
		},
		"made anew for another one": func(l *line, keys keystore.Keystore, dana, _ *heed.Staff) error {
			cy := l.enrolled("cy")
			l.must(l.change(l.t.Context(), func(tx heed.Tx, c *circle) error { return l.sign(l.t.Context(), tx, c.era, cy, dana.ID, l.now) }))
			return l.another(l.store, keys).EnsureDays(l.t.Context(), l.now)
		},
		"made anew after another's removal": func(l *line, keys keystore.Keystore, dana, eve *heed.Staff) error {
			return l.custody(l.store, keys).RemoveByOperator(l.t.Context(), dana, eve.ID, passphrase)
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			dana, eve, bo := l.threeCustodians()
			slow := &meanwhile{l.keys, bo.ID, func() { l.must(l.custody(l.store, l.keys).RemoveByOperator(t.Context(), dana, bo.ID, passphrase)) }}
			l.must(slowly(l, slow, dana, eve))
			if slow.then != nil {
				t.Fatal("no key was made for who was to be removed")
			}
			if seeds := l.seedsOf(bo.ID); len(seeds) > 0 {
				t.Errorf("he got %v", seeds)
			}
			for range daysAhead + 1 {
				report, _, _ := l.named()
				if who, err := l.open(dana, report); err != nil || who != ada {
					t.Errorf("on %s: %v", dayOf(l.now), err)
				}
				l.now = l.now.AddDate(0, 0, 1)
			}
		})
	}
}

func TestTheOperatorReplacesCustodiansWhoAreLost(t *testing.T) {
	onBothStores(t, func(t *testing.T, l *line) {
		ctx := t.Context()
		dana, eve, bo := l.threeCustodians()
		lost, _, _ := l.named()
		former := *l.approval(eve.ID)
		lead := &heed.Staff{ID: heed.NewID(l.now), Name: "lead", Roles: []heed.Role{heed.RoleLead}, Language: "en", CreatedAt: l.now}
		l.update(func(tx heed.Tx) error { return tx.AddStaff(ctx, lead) })
		cy := l.person(l.enrolled("cy"))
		l.must(l.ReplaceCustodians(ctx, cy.ID))
		l.wantCounting("cy")
		l.wantEra(2)
		if told := l.told(lead.ID); !slices.Equal(told, []string{"custodian-replaced"}) {
			t.Errorf("the lead is told %v", told)
		}
		l.update(func(tx heed.Tx) error { return tx.PutCustodianApproval(ctx, &former) })
		l.wantCounting("cy")
		if _, err := l.open(cy, lost); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("an identity of before: %v", err)
		}
		now, _, _ := l.named()
		if who, err := l.open(cy, now); err != nil || who != ada {
			t.Errorf("one of the same day: %v", err)
		}
		if _, err := l.open(bo, now); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("a former one opens it: %v", err)
		}
		// A former one whose passphrase is found again brings back what still lives.
		l.must(l.approves(cy, dana))
		if who, err := l.open(dana, lost); err != nil || who != ada {
			t.Errorf("the former one: %v", err)
		}
		if err := l.ReplaceCustodians(ctx, lead.ID); !errors.Is(err, heed.ErrConflict) {
			t.Errorf("somebody without a key: %v", err)
		}
	})
}

func TestAReplacementCutShortAnywhereIsCompletedByTheWorker(t *testing.T) {
	for writes := 0; ; writes++ {
		l := newLine(t)
		dana := l.person(l.enrolled("dana"))
		cy := l.person(l.enrolled("cy"))
		l.named() // a used day, whose key is not made anew by itself
		err := l.another(l.store, &dyingAt{l.keys, writes}).ReplaceCustodians(t.Context(), cy.ID)
		if err != nil && !errors.Is(err, errCrash) {
			t.Fatal(err)
		}
		l.must(l.EnsureDays(t.Context(), l.now))
		if writes == 0 {
			l.wantCounting("dana") // it never began
			continue
		}
		l.wantCounting("cy")
		l.wantEra(2)
		report, _, _ := l.named()
		if who, err := l.open(cy, report); err != nil || who != ada {
			t.Errorf("after %d writes the new one: %v", writes, err)
		}
		if _, err := l.open(dana, report); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("after %d writes the former one opens what came later: %v", writes, err)
		}
		if _, err := l.keys.Get(t.Context(), noteReplaced); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("after %d writes the note: %v", writes, err)
		}
		if err == nil {
			if writes < 3 {
				t.Fatalf("only %d writes", writes)
			}
			return
		}
	}
}

func TestALineWhoseCustodianIsInDoubtGoesOnWithTheOneWhomTheOperatorNames(t *testing.T) {
	l := newLine(t)
	dana := l.ofBefore("dana")[0]
	l.stranger("mallory")
	if err := l.Begin(t.Context()); !errors.Is(err, ErrUnadopted) {
		t.Fatal(err)
	}
	l.must(l.ReplaceCustodians(t.Context(), dana.ID))
	l.wantCounting("dana")
	l.wantEra(1)
}
