package auth_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/auth/codetest"
)

// ways are a passphrase and one-time codes for who holds the link. The secret is as the app keeps it.
func (l *line) ways(t *testing.T, link, passphrase string) (ways auth.NewWays, secret string) {
	t.Helper()
	offer, err := l.auth.OfferCodes("somebody", link, "")
	if err != nil {
		t.Fatal(err)
	}
	return auth.NewWays{Passphrase: passphrase, Offer: offer.Token, Code: codetest.Code(t, offer.Secret, l.clock())}, offer.Secret
}

// enrolled is somebody who enrolled with a passphrase and one-time codes.
type enrolled struct {
	*auth.Enrolled
	secret string
}

func (l *line) enrol(t *testing.T, name string, roles ...heed.Role) enrolled {
	t.Helper()
	_, link, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: name, Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	ways, secret := l.ways(t, link, passphrase)
	e, err := l.auth.Enrol(t.Context(), link, "", ways)
	if err != nil {
		t.Fatal(err)
	}
	l.wait(time.Minute) // the code that enrolled is used up
	return enrolled{e, secret}
}

// half types the passphrase and is asked for the second step.
func (l *line) half(t *testing.T, name, browser string) string {
	t.Helper()
	var half *auth.SecondStep
	secret, _, err := l.auth.Authenticate(t.Context(), name, passphrase, browser)
	if !errors.As(err, &half) || secret != "" {
		t.Fatalf("the passphrase alone answers %q, %v", secret, err)
	}
	return half.HalfWay
}

func TestWhoEnrolsInABrowserSignsInByTwoSteps(t *testing.T) {
	l := newLine(t)
	amira := l.enrol(t, "amira", heed.Specialist)
	if len(amira.Recovery) != 10 {
		t.Errorf("%d recovery codes", len(amira.Recovery))
	}
	browser := auth.NewBrowser()
	half := l.half(t, "amira", browser)
	if _, err := l.auth.Session(t.Context(), half, browser); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("half a sign-in as a session answers %v", err)
	}
	if _, _, err := l.auth.Second(t.Context(), half, auth.NewBrowser(), codetest.Code(t, amira.secret, l.clock())); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("in another browser it answers %v", err)
	}
	if _, _, err := l.auth.Second(t.Context(), half, browser, "000000"); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a wrong code answers %v", err)
	}
	session, staff, err := l.auth.Second(t.Context(), half, browser, " "+codetest.Code(t, amira.secret, l.clock())[:3]+" "+codetest.Code(t, amira.secret, l.clock())[3:])
	if err != nil || staff.Name != "amira" {
		t.Fatal(err)
	}
	if _, err := l.auth.Session(t.Context(), session, browser); err != nil {
		t.Error(err)
	}
	if _, _, err := l.auth.Second(t.Context(), half, browser, codetest.Code(t, amira.secret, l.clock())); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a used half answers %v", err)
	}
}

func TestACodeCountsOnceAndNoOlderOneAfterIt(t *testing.T) {
	l := newLine(t)
	amira := l.enrol(t, "amira", heed.Specialist)
	earlier, now := codetest.Code(t, amira.secret, l.clock().Add(-30*time.Second)), codetest.Code(t, amira.secret, l.clock())
	if _, _, err := l.auth.Second(t.Context(), l.half(t, "amira", ""), "", now); err != nil {
		t.Fatal(err)
	}
	half := l.half(t, "amira", "")
	for what, code := range map[string]string{"the same": now, "an earlier": earlier} {
		if _, _, err := l.auth.Second(t.Context(), half, "", code); !errors.Is(err, heed.ErrForbidden) {
			t.Errorf("%s code answers %v", what, err)
		}
	}
}

func TestOfManyWhoTypeOneCodeAtOnceOneGetsIn(t *testing.T) {
	l := newLine(t)
	amira := l.enrol(t, "amira", heed.Specialist)
	code := codetest.Code(t, amira.secret, l.clock())
	halves := []string{l.half(t, "amira", ""), l.half(t, "amira", ""), l.half(t, "amira", "")}
	won := make(chan struct{}, len(halves))
	var group sync.WaitGroup
	for _, half := range halves {
		group.Go(func() {
			if _, _, err := l.auth.Second(t.Context(), half, "", code); err == nil {
				won <- struct{}{}
			}
		})
	}
	group.Wait()
	if len(won) != 1 {
		t.Errorf("%d got in by one code", len(won))
	}
}

func TestFiveWrongCodesEndTheHalfAndTellTheOwnerThatSomebodyKnowsThePassphrase(t *testing.T) {
	l := newLine(t)
	amira := l.enrol(t, "amira", heed.Specialist)
	half := l.half(t, "amira", "")
	for range 5 {
		if _, _, err := l.auth.Second(t.Context(), half, "", "000000"); !errors.Is(err, heed.ErrForbidden) {
			t.Fatal(err)
		}
	}
	if _, _, err := l.auth.Second(t.Context(), half, "", codetest.Code(t, amira.secret, l.clock())); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a sixth try answers %v", err)
	}
	if got := l.notices(t, amira.Staff); !slices.Contains(got, "second-step-failed") {
		t.Errorf("the owner is told %v", got)
	}
	if !slices.Contains(l.acts(t), "staff.second-step-failed") {
		t.Error("no leaf of it")
	}
}

// notices are the codes of what is announced to somebody, newest first.
func (l *line) notices(t *testing.T, staff *heed.Staff) (codes []string) {
	t.Helper()
	notices, err := l.auth.Notices(t.Context(), staff)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range notices {
		codes = append(codes, n.Code)
	}
	return codes
}

func TestARecoveryCodeStandsInForACodeOnceAndIsAnnounced(t *testing.T) {
	l := newLine(t)
	amira := l.enrol(t, "amira", heed.Specialist)
	typed := strings.ToLower(strings.ReplaceAll(amira.Recovery[3], "-", " "))
	if _, _, err := l.auth.Second(t.Context(), l.half(t, "amira", ""), "", typed); err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.auth.Second(t.Context(), l.half(t, "amira", ""), "", typed); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a used recovery code answers %v", err)
	}
	if got := l.notices(t, amira.Staff); !slices.Contains(got, "recovery-used") {
		t.Errorf("the owner is told %v", got)
	}
	// With a passphrase a recovery code alone opens nothing.
	if _, _, err := l.auth.Recover(t.Context(), "amira", amira.Recovery[4], ""); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a recovery code without the passphrase answers %v", err)
	}
	fresh, err := l.auth.RenewRecoveryCodes(t.Context(), amira.Staff)
	if err != nil {
		t.Fatal(err)
	}
	half := l.half(t, "amira", "")
	if _, _, err := l.auth.Second(t.Context(), half, "", amira.Recovery[5]); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a replaced recovery code answers %v", err)
	}
	if _, _, err := l.auth.Second(t.Context(), half, "", fresh[0]); err != nil {
		t.Error(err)
	}
}

func TestTheLastWayInCannotBeRemoved(t *testing.T) {
	l := newLine(t)
	amira := l.enrol(t, "amira", heed.Specialist)
	factors, err := l.auth.Factors(t.Context(), amira.Staff)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(factors, func(f *heed.Factor) bool { return f.Kind == heed.OneTimeCodes })
	if err := l.auth.RemoveFactor(t.Context(), amira.Staff, deskSite(t), factors[i].ID); !slices.Equal(codes(err), []string{"factor-last"}) {
		t.Errorf("removing the only second step answers %v", err)
	}
	elsewhere, _ := auth.SiteOf("https://elsewhere.example")
	l.passkeyOf(t, "elsewhere.example", amira.Staff, elsewhere, auth.NewBrowser())
	for _, site := range []auth.Site{deskSite(t), {}} {
		if err := l.auth.RemoveFactor(t.Context(), amira.Staff, site, factors[i].ID); !slices.Equal(codes(err), []string{"factor-last"}) {
			t.Errorf("with a passkey of another host, removing the second step at %q answers %v", site.Origin, err)
		}
	}
	bo := l.add(t, "bo", heed.Specialist)
	if err := l.auth.RemoveFactor(t.Context(), bo, elsewhere, factors[i].ID); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("removing somebody else's answers %v", err)
	}
	if err := l.auth.RemoveFactor(t.Context(), amira.Staff, elsewhere, factors[i].ID); err != nil {
		t.Errorf("beside a passkey that opens: %v", err)
	}
}

func TestALineMayAskTheSecondStepOfEverybody(t *testing.T) {
	l := newLine(t)
	l.add(t, "program", heed.Specialist)
	l.signIn(t, "program") // complete at once: the passphrase is enough where the line doesn't ask for more
	strict := auth.New(auth.Config{Store: l.store, Now: l.clock, SecondStep: true})
	var half *auth.SecondStep
	if _, _, err := strict.Authenticate(t.Context(), "program", passphrase, ""); !errors.As(err, &half) {
		t.Fatalf("a strict line answers %v", err)
	}
	if _, _, err := strict.Second(t.Context(), half.HalfWay, "", "000000"); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a code of nothing answers %v", err)
	}
	offer, err := strict.OfferCodes("program", half.HalfWay, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, _, err := strict.SecondSetUp(t.Context(), half.HalfWay, "", offer.Token, "000000"); !slices.Equal(codes(err), []string{"code-wrong"}) {
		t.Errorf("a wrong first code answers %v", err)
	}
	session, _, recovery, err := strict.SecondSetUp(t.Context(), half.HalfWay, "", offer.Token, codetest.Code(t, offer.Secret, l.clock()))
	if err != nil || len(recovery) != 10 {
		t.Fatal(recovery, err)
	}
	if _, err := strict.Session(t.Context(), session, ""); err != nil {
		t.Error(err)
	}
	if _, _, err := strict.Authenticate(t.Context(), "program", passphrase, ""); !errors.As(err, &half) {
		t.Fatal(err)
	}
	if _, _, _, err := strict.SecondSetUp(t.Context(), half.HalfWay, "", offer.Token, codetest.Code(t, offer.Secret, l.clock())); err == nil {
		t.Error("the second step was set up again by who knows only the passphrase")
	}
}

func TestASecondStepLeavesKnownBrowsersInPeaceWhileStrangersGuessAtIt(t *testing.T) {
	l := newLine(t)
	amira := l.enrol(t, "amira", heed.Specialist)
	mark := l.auth.KnownBrowser("", "amira")
	own := l.half(t, "amira", mark)
	var wait *auth.Throttled
	guesses := 0
	for range 40 { // somebody who knows the passphrase, with as many halves as the throttle gives
		_, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, "")
		var half *auth.SecondStep
		if !errors.As(err, &half) {
			l.wait(5 * time.Second)
			continue
		}
		if _, _, err := l.auth.Second(t.Context(), half.HalfWay, "", "000000"); errors.Is(err, heed.ErrForbidden) {
			guesses++
		}
	}
	if guesses > 30 {
		t.Errorf("%d guesses were let in of forty", guesses)
	}
	if _, _, err := l.auth.Second(t.Context(), own, mark, codetest.Code(t, amira.secret, l.clock())); errors.As(err, &wait) {
		t.Errorf("the owner's own browser waits %v", wait.Wait)
	}
	own = l.half(t, "amira", mark)
	if _, _, err := l.auth.Second(t.Context(), own, mark, codetest.Code(t, amira.secret, l.clock())); err != nil && !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("the owner's own browser is answered %v", err)
	}
}

func TestASessionBelongsToTheBrowserThatSignedIn(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	mark := auth.NewBrowser()
	session, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, mark)
	if err != nil {
		t.Fatal(err)
	}
	for what, browser := range map[string]string{"none": "", "another": auth.NewBrowser(), "no mark at all": "x"} {
		if _, err := l.auth.Session(t.Context(), session, browser); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("with the mark of %s it answers %v", what, err)
		}
	}
	if _, err := l.auth.Session(t.Context(), session, l.auth.KnownBrowser(mark, "amira")); err != nil {
		t.Errorf("with its own mark, now known: %v", err)
	}
}

func TestDangerousActsNeedAFreshProofThatRenewsTheSession(t *testing.T) {
	l := newLine(t)
	amira := l.enrol(t, "amira", heed.Specialist)
	proven := func(session string) bool {
		ok, err := l.auth.Proven(t.Context(), session, "")
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !proven(amira.Session) {
		t.Error("who has just enrolled isn't proven")
	}
	l.wait(auth.ProofLife)
	if proven(amira.Session) {
		t.Error("the proof doesn't end")
	}
	if _, err := l.auth.Prove(t.Context(), amira.Session, "", "not it at all", ""); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a wrong passphrase answers %v", err)
	}
	if _, err := l.auth.Prove(t.Context(), amira.Session, "", passphrase, ""); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("the passphrase without the code answers %v", err)
	}
	fresh, err := l.auth.Prove(t.Context(), amira.Session, "", passphrase, codetest.Code(t, amira.secret, l.clock()))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.Session(t.Context(), amira.Session, ""); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("the old secret answers %v", err)
	}
	if !proven(fresh) {
		t.Error("the new one isn't proven")
	}
	for end := l.clock().Add(auth.SessionLife); l.clock().Before(end); l.wait(20 * time.Minute) {
		if _, err := l.auth.Session(t.Context(), fresh, ""); err != nil {
			return // it ends when the old one would have, not later
		}
	}
	t.Error("a proof makes a session live longer")
}

func TestSessionsAndTokensAreEndedOneByOne(t *testing.T) {
	l := newLine(t)
	amira := l.add(t, "amira", heed.Specialist)
	bo := l.add(t, "bo", heed.Specialist)
	one, other := l.signIn(t, "amira"), l.signIn(t, "amira")
	token, err := l.auth.CreateToken(t.Context(), amira, amira.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	open, err := l.auth.Opened(t.Context(), amira, one)
	if err != nil || len(open) != 3 {
		t.Fatal(open, err)
	}
	for _, o := range open {
		if o.Current {
			continue
		}
		if err := l.auth.End(t.Context(), bo, o.Handle); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("somebody else's answers %v", err)
		}
		if err := l.auth.End(t.Context(), amira, o.Handle); err != nil {
			t.Error(err)
		}
	}
	if _, err := l.auth.Session(t.Context(), one, ""); err != nil {
		t.Errorf("the current session answers %v", err)
	}
	for _, err := range []error{second(l.auth.Session(t.Context(), other, "")), second(l.auth.Token(t.Context(), token))} {
		if !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("an ended one answers %v", err)
		}
	}
}

func TestATokenEnds(t *testing.T) {
	l := newLine(t)
	amira := l.add(t, "amira", heed.Specialist)
	token, err := l.auth.CreateToken(t.Context(), amira, amira.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	l.wait(time.Hour - time.Second)
	if _, err := l.auth.Token(t.Context(), token); err != nil {
		t.Error(err)
	}
	l.wait(time.Second)
	if _, err := l.auth.Token(t.Context(), token); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("after its hour it answers %v", err)
	}
	if _, err := l.auth.CreateToken(t.Context(), amira, amira.ID, 10*365*24*time.Hour); !slices.Equal(codes(err), []string{"token-life"}) {
		t.Errorf("ten years answer %v", err)
	}
}
