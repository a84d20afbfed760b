package auth_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

func TestGuessesAreLetInByLotAndTheOwnersBrowserWithoutOne(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	mark := l.auth.KnownBrowser("", "amira")
	var wait *auth.Throttled
	for i := 0; wait == nil; i++ {
		if _, _, err := l.auth.Authenticate(t.Context(), "amira", "guess guess guess", ""); !errors.As(err, &wait) && i == 40 {
			t.Fatal("forty guesses at once never had to wait")
		}
	}
	if _, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, mark); err != nil {
		t.Errorf("the owner's own browser is kept out: %v", err)
	}
	for asked := 0; ; asked++ {
		_, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, "")
		if err == nil {
			break
		}
		if !errors.As(err, &wait) || wait.Wait > 5*time.Second || asked == 1000 {
			t.Fatalf("the owner on a new device, asking for the %dth time, is told %v", asked, err)
		}
	}
}

func TestAMachineWithoutRoomCostsNobodyATry(t *testing.T) {
	l := newLine(t)
	full := auth.New(auth.Config{Store: l.store, Now: l.clock, Slots: 1, Waiting: -1})
	for _, browser := range []string{"", full.KnownBrowser("", "amira")} {
		for range 50 {
			var wait *auth.Throttled
			_, _, err := full.Authenticate(t.Context(), "amira", passphrase, browser)
			if !errors.Is(err, heed.ErrBusy) || errors.As(err, &wait) {
				t.Fatalf("%v, want ErrBusy without a wait", err)
			}
		}
	}
}

func TestANameThatNoAccountCanHaveIsAnUnknownOneOnEveryStore(t *testing.T) {
	store, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	service := auth.New(auth.Config{Store: store, Now: time.Now})
	for _, name := range []string{"a\x00b", "a\xff", "\u202e", strings.Repeat("n", 300_000)} {
		if _, _, err := service.Authenticate(t.Context(), name, passphrase, ""); !errors.Is(err, heed.ErrForbidden) {
			t.Errorf("%.9q answers %v", name, err)
		}
	}
}

// meanwhile is a store before whose next change something else happens.
type meanwhile struct {
	heed.Store
	happens func()
}

func (m *meanwhile) Update(ctx context.Context, fn func(heed.Tx) error) error {
	if happens := m.happens; happens != nil {
		m.happens = nil
		happens()
	}
	return m.Store.Update(ctx, fn)
}

func TestWhatIsDisabledWhileAPassphraseIsCheckedStaysDisabled(t *testing.T) {
	l := newLine(t)
	root, amira := l.add(t, "root", heed.Admin), l.add(t, "amira", heed.Specialist)
	store := &meanwhile{Store: l.store}
	service := auth.New(auth.Config{Store: store, Now: l.clock})
	disable := func() {
		if err := l.auth.SetDisabled(t.Context(), root, amira.ID, true); err != nil {
			t.Error(err)
		}
	}
	store.happens = disable
	if _, err := service.SetPassphrase(t.Context(), amira, "", passphrase, "quiet harbour nine violins"); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("changing the passphrase of a disabled account answers %v", err)
	}
	if !l.account(t, amira.ID).Disabled {
		t.Fatal("changing a passphrase enabled the account again")
	}
	if err := l.auth.SetDisabled(t.Context(), root, amira.ID, false); err != nil {
		t.Fatal(err)
	}
	store.happens = disable
	if _, _, err := service.Authenticate(t.Context(), "amira", passphrase, ""); !errors.Is(err, heed.ErrForbidden) {
		t.Errorf("signing in to an account that is disabled meanwhile answers %v", err)
	}
}

func TestAChangedPassphraseLeavesTheRestOfTheAccountAlone(t *testing.T) {
	l := newLine(t)
	amira := l.add(t, "amira", heed.Specialist)
	store := &meanwhile{Store: l.store, happens: func() {
		if err := l.auth.SetLanguage(t.Context(), amira, "fr"); err != nil {
			t.Error(err)
		}
	}}
	service := auth.New(auth.Config{Store: store, Now: l.clock})
	if _, err := service.SetPassphrase(t.Context(), amira, "", passphrase, "quiet harbour nine violins"); err != nil {
		t.Fatal(err)
	}
	if got := l.account(t, amira.ID); got.Language != "fr" || got.Passphrase == amira.Passphrase {
		t.Errorf("the language is %s", got.Language)
	}
}

func (l *line) account(t *testing.T, id heed.ID) (account *heed.Staff) {
	t.Helper()
	err := l.store.View(t.Context(), func(tx heed.Tx) (err error) {
		account, err = tx.Staff(t.Context(), id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func TestALaterCustodianIsMadeByNeitherAdminNorOperator(t *testing.T) {
	l := newLine(t)
	root := l.add(t, "root", heed.Admin)
	_, link, err := l.auth.Add(t.Context(), root, auth.NewStaff{Name: "cy", Roles: []heed.Role{heed.Custodian}})
	if err != nil {
		t.Fatalf("where nobody has a key yet: %v", err)
	}
	first := l.add(t, "dana", heed.Custodian)
	refused := func(what string, err error) {
		t.Helper()
		if got := codes(err); len(got) != 1 || got[0] != "custodian-approval" {
			t.Errorf("%s answers %v", what, err)
		}
	}
	ways, _ := l.ways(t, link, passphrase)
	_, err = l.auth.Enrol(t.Context(), link, "", ways)
	refused("an invitation that was still open", err)
	n := auth.NewStaff{Name: "eve", Roles: []heed.Role{heed.Specialist, heed.Custodian}}
	_, _, err = l.auth.Add(t.Context(), root, n)
	refused("an admin's invitation", err)
	_, err = l.auth.AddComplete(t.Context(), n, passphrase)
	refused("the operator's account", err)
	if err := l.auth.SetDisabled(t.Context(), root, first.ID, true); err != nil {
		t.Fatal(err)
	}
	_, _, err = l.auth.Add(t.Context(), root, n)
	refused("an admin who disabled the first one", err)
}

func TestSigningOutEverywhereEndsTokensToo(t *testing.T) {
	l := newLine(t)
	amira, bo := l.add(t, "amira", heed.Specialist), l.add(t, "bo", heed.Specialist)
	token, err := l.auth.CreateToken(t.Context(), amira, amira.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	others, err := l.auth.CreateToken(t.Context(), bo, bo.ID, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.auth.SignOutEverywhere(t.Context(), amira); err != nil {
		t.Fatal(err)
	}
	if _, err := l.auth.Token(t.Context(), token); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("the token answers %v", err)
	}
	if _, err := l.auth.Token(t.Context(), others); err != nil {
		t.Errorf("somebody else's token answers %v", err)
	}
}
