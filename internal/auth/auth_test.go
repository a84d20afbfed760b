package auth_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
)

const passphrase = "marble otter seven lanterns"

// line is a store with its accounts and a clock that stands still until it is moved.
type line struct {
	store heed.Store
	auth  *auth.Service
	now   time.Time
	mu    sync.Mutex
}

func (l *line) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *line) wait(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

func newLine(t *testing.T) *line {
	t.Helper()
	dir := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, "heed.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	keys, err := keystore.OpenDirectory(filepath.Join(dir, "keys"))
	if err != nil {
		t.Fatal(err)
	}
	l := &line{store: store, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	custodians := identity.New(identity.Config{Store: store, Keystore: keys, Line: "test", Audit: seal.GenerateSigner(), Now: l.clock})
	l.auth = auth.New(auth.Config{Store: store, Custodians: custodians, Departments: []string{"fire"}, Now: l.clock})
	return l
}

func (l *line) add(t *testing.T, name string, roles ...heed.Role) *heed.Staff {
	t.Helper()
	n := auth.NewStaff{Name: name, Roles: roles}
	if slices.Contains(roles, heed.Liaison) {
		n.Department = "fire"
	}
	staff, err := l.auth.AddComplete(t.Context(), n, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	return staff
}

func (l *line) signIn(t *testing.T, name string) string {
	t.Helper()
	secret, _, err := l.auth.Authenticate(t.Context(), name, passphrase, "")
	if err != nil {
		t.Fatal(err)
	}
	return secret
}

// acts are the leaves so far, in order.
func (l *line) acts(t *testing.T) (acts []string) {
	t.Helper()
	err := l.store.View(t.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(t.Context(), 0, "", 1000)
		for _, leaf := range leaves {
			acts = append(acts, leaf.Act)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return acts
}

func codes(err error) (codes []string) {
	var many heed.Problems
	var one *heed.Problem
	switch {
	case errors.As(err, &many):
		for _, p := range many {
			codes = append(codes, p.Code)
		}
	case errors.As(err, &one):
		codes = append(codes, one.Code)
	}
	return codes
}

func TestTheSetupLinkMakesTheFirstAccountOnceWithACustodiansKey(t *testing.T) {
	l := newLine(t)
	link, err := l.auth.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := auth.NewStaff{Name: "Amira", Roles: []heed.Role{heed.Admin, heed.Custodian}}
	session, staff, err := l.auth.Setup(t.Context(), link, n, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if staff.CustodianPublic == nil || staff.CustodianPrivate == nil {
		t.Error("the first custodian has no key")
	}
	if _, err := seal.OpenCustodianKey(staff.CustodianPublic, staff.CustodianPrivate, passphrase); err != nil {
		t.Errorf("the passphrase doesn't open the custodian's key: %v", err)
	}
	if who, err := l.auth.Session(t.Context(), session); err != nil || who.ID != staff.ID {
		t.Errorf("the new session is of %v, %v", who, err)
	}
	if _, _, err := l.auth.Setup(t.Context(), link, auth.NewStaff{Name: "Eve", Roles: n.Roles}, passphrase); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a used setup link answers %v, want ErrNotFound", err)
	}
	if _, err := l.auth.SetupLink(t.Context()); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("a second setup link answers %v, want ErrConflict", err)
	}
	for _, act := range []string{"staff.invited", "staff.added", "staff.enrolled", "staff.signed-in"} {
		if !slices.Contains(l.acts(t), act) {
			t.Errorf("no leaf %s in %v", act, l.acts(t))
		}
	}
}

func TestAnEarlierSetupLinkDiesWithTheNextOneAndWithTheFirstAccount(t *testing.T) {
	l := newLine(t)
	first, err := l.auth.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := l.auth.SetupLink(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.Invited(t.Context(), first); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("the earlier link answers %v", err)
	}
	l.add(t, "amira", heed.Admin)
	if _, err := l.auth.Invited(t.Context(), second); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a setup link beside an account answers %v", err)
	}
}

func TestAnEnrolmentLinkWorksOnceAndForADay(t *testing.T) {
	l := newLine(t)
	account, link, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "bo", Roles: []heed.Role{heed.Specialist}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := l.auth.Authenticate(t.Context(), "bo", "", ""); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("an account without a passphrase signs in: %v", err)
	}
	if _, _, err := l.auth.Enrol(t.Context(), link, "short"); !slices.Equal(codes(err), []string{"passphrase-short"}) {
		t.Errorf("a short passphrase answers %v", err)
	}
	if _, _, err := l.auth.Enrol(t.Context(), link, passphrase); err != nil {
		t.Fatalf("the link after a faulty try: %v", err)
	}
	if _, _, err := l.auth.Enrol(t.Context(), link, passphrase+"!"); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a used link answers %v", err)
	}
	if _, err := l.auth.NewLink(t.Context(), nil, account.ID); !errors.Is(err, heed.ErrConflict) {
		t.Errorf("a link around a passphrase answers %v", err)
	}
	late, link, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "cy", Roles: []heed.Role{heed.Specialist}})
	if err != nil {
		t.Fatal(err)
	}
	l.wait(auth.LinkLife)
	if _, err := l.auth.Invited(t.Context(), link); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a link after a day answers %v", err)
	}
	if link, err = l.auth.NewLink(t.Context(), nil, late.ID); err != nil {
		t.Fatal(err)
	}
	if who, err := l.auth.Invited(t.Context(), link); err != nil || who.ID != late.ID {
		t.Errorf("the new link is for %v, %v", who, err)
	}
}

func TestTwoWhoUseOneLinkAtOnceGetOneAccount(t *testing.T) {
	l := newLine(t)
	_, link, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "bo", Roles: []heed.Role{heed.Specialist}})
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	won := make(chan struct{}, 4)
	for range 4 {
		group.Go(func() {
			if _, _, err := l.auth.Enrol(context.Background(), link, passphrase); err == nil {
				won <- struct{}{}
			}
		})
	}
	group.Wait()
	if n := len(won); n != 1 {
		t.Errorf("%d enrolled by one link, want 1", n)
	}
}

func TestAWrongNameAndAWrongPassphraseAreAnsweredAlike(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	_, _, unknown := l.auth.Authenticate(t.Context(), "nobody", passphrase, "")
	_, _, wrong := l.auth.Authenticate(t.Context(), "amira", passphrase+"x", "")
	if !errors.Is(unknown, heed.ErrForbidden) || !errors.Is(wrong, heed.ErrForbidden) || unknown.Error() != wrong.Error() {
		t.Errorf("answers differ: %v, %v", unknown, wrong)
	}
}

func TestAnUnknownNameCostsAsMuchAsAKnownOne(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	known, unknown := fastest(t, l, "amira"), fastest(t, l, "nobody")
	if unknown < known/2 || unknown > known*2 {
		t.Errorf("a known name takes %v, an unknown one %v", known, unknown)
	}
}

func fastest(t *testing.T, l *line, name string) time.Duration {
	t.Helper()
	best := time.Hour
	for range 4 {
		begun := time.Now()
		if _, _, err := l.auth.Authenticate(t.Context(), name, "wrong wrong wrong", ""); !errors.Is(err, heed.ErrForbidden) {
			t.Fatal(err)
		}
		best = min(best, time.Since(begun))
		l.wait(time.Hour)
	}
	return best
}

func TestGuessesWaitLongerAndLongerButTheOwnersBrowserDoesNot(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	l.signIn(t, "amira")
	mark := l.auth.KnownBrowser("amira")
	var wait *auth.Throttled
	for i := 0; ; i++ {
		_, _, err := l.auth.Authenticate(t.Context(), "amira", "guess guess guess", "")
		if errors.As(err, &wait) {
			break
		}
		if i > 10 {
			t.Fatal("guesses never have to wait")
		}
	}
	if _, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, ""); !errors.As(err, &wait) {
		t.Errorf("a strange browser within the wait answers %v", err)
	}
	if _, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, mark); err != nil {
		t.Errorf("the owner's own browser is kept out: %v", err)
	}
	l.wait(30 * time.Second)
	if _, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, ""); err != nil {
		t.Errorf("after half a minute a strange browser with the right passphrase is kept out: %v", err)
	}
}

func TestASessionEndsWhenIdleWhenOldAndWhenSignedOut(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	alive := func(secret string) bool {
		_, err := l.auth.Session(t.Context(), secret)
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	idle := l.signIn(t, "amira")
	l.wait(auth.IdleLife)
	if alive(idle) {
		t.Error("an idle session lives")
	}
	busy := l.signIn(t, "amira")
	for begun := l.clock(); l.clock().Sub(begun) < auth.SessionLife-auth.IdleLife; l.wait(20 * time.Minute) {
		if !alive(busy) {
			t.Fatal("a busy session died early")
		}
	}
	l.wait(auth.IdleLife - time.Second)
	if alive(busy) {
		t.Error("a session outlives its twelve hours")
	}
	one, other := l.signIn(t, "amira"), l.signIn(t, "amira")
	if err := l.auth.SignOut(t.Context(), one); err != nil {
		t.Fatal(err)
	}
	if alive(one) || !alive(other) {
		t.Error("signing out ended the wrong session")
	}
	who, err := l.auth.Session(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.auth.SignOutEverywhere(t.Context(), who); err != nil {
		t.Fatal(err)
	}
	if alive(other) {
		t.Error("signing out everywhere left a session")
	}
}

func TestWatchingDoesNotKeepASessionAlive(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	secret := l.signIn(t, "amira")
	for range 4 {
		l.wait(10 * time.Minute)
		if _, err := l.auth.Watch(t.Context(), secret); err != nil && !errors.Is(err, heed.ErrNotFound) {
			t.Fatal(err)
		}
	}
	if _, err := l.auth.Watch(t.Context(), secret); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a watched session answers %v after forty minutes", err)
	}
}

func TestASessionIsNoTokenAndATokenNoSession(t *testing.T) {
	l := newLine(t)
	amira := l.add(t, "amira", heed.Specialist)
	session := l.signIn(t, "amira")
	token, err := l.auth.CreateToken(t.Context(), amira, amira.ID)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.Token(t.Context(), session); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a session as a token answers %v", err)
	}
	if _, err := l.auth.Session(t.Context(), token); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a token as a session answers %v", err)
	}
	if who, err := l.auth.Token(t.Context(), token); err != nil || who.ID != amira.ID {
		t.Errorf("the token acts as %v, %v", who, err)
	}
	if !slices.Contains(l.acts(t), "token.created") {
		t.Error("making a token left no leaf")
	}
	bo := l.add(t, "bo", heed.Admin)
	if _, err := l.auth.CreateToken(t.Context(), bo, amira.ID); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("an admin's token for somebody else answers %v", err)
	}
}

func TestANewPassphraseEndsWhatTheOldOneOpenedAndKeepsACustodiansKey(t *testing.T) {
	l := newLine(t)
	amira := l.add(t, "amira", heed.Custodian)
	session := l.signIn(t, "amira")
	token, err := l.auth.CreateToken(t.Context(), amira, amira.ID)
	if err != nil {
		t.Fatal(err)
	}
	const next = "quiet harbour nine violins"
	if _, err := l.auth.SetPassphrase(t.Context(), amira, "not it at all", next); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("a wrong old passphrase answers %v", err)
	}
	fresh, err := l.auth.SetPassphrase(t.Context(), amira, passphrase, next)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{second(l.auth.Session(t.Context(), session)), second(l.auth.Token(t.Context(), token))} {
		if !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("an old secret answers %v", err)
		}
	}
	who, err := l.auth.Session(t.Context(), fresh)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := seal.OpenCustodianKey(who.CustodianPublic, who.CustodianPrivate, next); err != nil {
		t.Errorf("the new passphrase doesn't open the custodian's key: %v", err)
	}
	if string(who.CustodianPublic) != string(amira.CustodianPublic) {
		t.Error("the custodian has another key")
	}
}

func second(_ *heed.Staff, err error) error { return err }

func TestAClosedAccountIsOutAtOnce(t *testing.T) {
	l := newLine(t)
	admin, amira := l.add(t, "root", heed.Admin), l.add(t, "amira", heed.Specialist)
	session := l.signIn(t, "amira")
	if err := l.auth.SetDisabled(t.Context(), admin, admin.ID, true); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("closing one's own account answers %v", err)
	}
	if err := l.auth.SetDisabled(t.Context(), admin, amira.ID, true); err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.Session(t.Context(), session); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a session of a closed account answers %v", err)
	}
	if _, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, ""); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("signing in to a closed account answers %v", err)
	}
}

func TestWhatIsWrongWithANewAccountIsSaidAllAtOnce(t *testing.T) {
	l := newLine(t)
	for _, c := range []struct {
		name string
		n    auth.NewStaff
		pass string
		want []string
	}{
		{"nothing given", auth.NewStaff{}, "", []string{"name-empty", "roles-empty", "passphrase-short"}},
		{"hidden characters", auth.NewStaff{Name: "a\u202Eb", Roles: []heed.Role{heed.Admin}}, passphrase, []string{"name-characters"}},
		{"long", auth.NewStaff{Name: strings.Repeat("n", 65), Roles: []heed.Role{heed.Admin}}, passphrase, []string{"name-too-long"}},
		{"no such role", auth.NewStaff{Name: "a", Roles: []heed.Role{"king"}}, passphrase, []string{"role-unknown"}},
		{"liaison of nothing", auth.NewStaff{Name: "a", Roles: []heed.Role{heed.Liaison}}, passphrase, []string{"department-missing"}},
		{"liaison of nowhere", auth.NewStaff{Name: "a", Roles: []heed.Role{heed.Liaison}, Department: "x"}, passphrase, []string{"department-unknown"}},
		{"department of nobody", auth.NewStaff{Name: "a", Roles: []heed.Role{heed.Admin}, Department: "fire"}, passphrase, []string{"department-without-liaison"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := l.auth.AddComplete(t.Context(), c.n, c.pass); !slices.Equal(codes(err), c.want) {
				t.Errorf("AddComplete says %v, want %v", codes(err), c.want)
			}
		})
	}
	l.add(t, "amira", heed.Admin)
	if _, _, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: " amira ", Roles: []heed.Role{heed.Admin}}); !slices.Equal(codes(err), []string{"name-taken"}) {
		t.Errorf("a taken name answers %v", err)
	}
}

func TestPassphrasesThatManyPeopleUseAreRefused(t *testing.T) {
	for _, c := range []struct{ passphrase, want string }{
		{"password1234", "passphrase-common"},
		{"Password Password", "passphrase-common"},
		{"123456789012", "passphrase-common"},
		{"aaaaaaaaaaaaaaa", "passphrase-common"},
		{"correct horse battery staple", "passphrase-common"},
		{"!!!letmein2026!!!", "passphrase-common"},
		{"йцукенгшщзхъ", "passphrase-common"},
		{"amira amira 12", "passphrase-like-name"},
		{"elevenchars", "passphrase-short"},
		{"四个随机的词语也是很好的", ""},
		{"marble otter seven lanterns", ""},
	} {
		err := auth.CheckPassphrase("amira", c.passphrase)
		got := strings.Join(codes(err), " ")
		if got != c.want {
			t.Errorf("%q answers %q, want %q", c.passphrase, got, c.want)
		}
	}
}
