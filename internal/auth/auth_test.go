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
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

const passphrase = "marble otter seven lanterns"

// line is a store with its accounts and a clock that stands still until it is moved.
type line struct {
	store      heed.Store
	auth       *auth.Service
	custodians *identity.Service
	factors    seal.SignInKey
	now        time.Time
	mu         sync.Mutex
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
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, dir), sqlite.Options{})
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
	l := &line{store: store, factors: seal.NewSignInKey(seal.NewKey()), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	custodians := identity.New(identity.Config{Store: store, Keystore: keys, Line: "test", Audit: seal.GenerateSigner(), Now: l.clock})
	if err := custodians.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	l.custodians = custodians
	l.auth = auth.New(auth.Config{Store: store, Custodians: custodians, Departments: []string{"fire"}, Now: l.clock, Factors: l.factors})
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
	if _, err := l.auth.Setup(t.Context(), link, "", n, auth.NewWays{Passphrase: passphrase}); !slices.Equal(codes(err), []string{"codes-offer-old"}) {
		t.Errorf("leaving the second step out answers %v", err)
	}
	made, err := l.auth.Setup(t.Context(), link, "", n, auth.NewWays{Passphrase: passphrase, LaterStep: true})
	if err != nil {
		t.Fatal(err)
	}
	session, staff := made.Session, made.Staff
	if staff.CustodianPublic == nil || staff.CustodianPrivate == nil {
		t.Error("the first custodian has no key")
	}
	if _, err := seal.OpenCustodianKey(staff.CustodianPublic, staff.CustodianPrivate, passphrase); err != nil {
		t.Errorf("the passphrase doesn't open the custodian's key: %v", err)
	}
	if who, err := l.auth.Session(t.Context(), session, ""); err != nil || who.ID != staff.ID {
		t.Errorf("the new session is of %v, %v", who, err)
	}
	if _, err := l.auth.Setup(t.Context(), link, "", auth.NewStaff{Name: "Eve", Roles: n.Roles}, auth.NewWays{Passphrase: passphrase, LaterStep: true}); !errors.Is(err, heed.ErrNotFound) {
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
	ways, _ := l.ways(t, link, passphrase)
	short, wrong := ways, ways
	short.Passphrase, wrong.Code = "short", "12345"
	if _, err := l.auth.Enrol(t.Context(), link, "", wrong); !slices.Equal(codes(err), []string{"code-wrong"}) {
		t.Errorf("a wrong code answers %v", err)
	}
	if _, err := l.auth.Enrol(t.Context(), link, "", short); !slices.Equal(codes(err), []string{"passphrase-short"}) {
		t.Errorf("a short passphrase answers %v", err)
	}
	if _, err := l.auth.Enrol(t.Context(), link, "", ways); err != nil {
		t.Fatalf("the link after a faulty try: %v", err)
	}
	if _, err := l.auth.Enrol(t.Context(), link, "", ways); !errors.Is(err, heed.ErrNotFound) {
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
	ways, _ := l.ways(t, link, passphrase)
	for range 4 {
		group.Go(func() {
			if _, err := l.auth.Enrol(context.Background(), link, "", ways); err == nil {
				won <- struct{}{}
			}
		})
	}
	group.Wait()
	if n := len(won); n != 1 {
		t.Errorf("%d enrolled by one link, want 1", n)
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
