package auth_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/seal"
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

func TestRecoveryCodesAreGuessedAsSlowlyAsPassphrases(t *testing.T) {
	l := newLine(t)
	l.add(t, "amira", heed.Specialist)
	for _, name := range []string{"amira", "nobody"} { // which a wait must not tell apart
		var wait *auth.Throttled
		for i := 0; wait == nil; i++ {
			if _, _, err := l.auth.Recover(t.Context(), name, "0123-4567-89AB-CDEF", ""); !errors.As(err, &wait) && (i == 40 || !errors.Is(err, heed.ErrForbidden)) {
				t.Fatalf("%s: the %dth guess answers %v", name, i+1, err)
			}
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

func TestALaterCustodianWaitsWhoeverMadeTheAccount(t *testing.T) {
	l := newLine(t)
	root := l.add(t, "root", heed.Admin)
	_, link, err := l.auth.Add(t.Context(), root, auth.NewStaff{Name: "cy", Roles: []heed.Role{heed.Custodian}})
	if err != nil {
		t.Fatal(err)
	}
	first := l.add(t, "dana", heed.Custodian)
	ways, _ := l.ways(t, link, passphrase)
	cy, err := l.auth.Enrol(t.Context(), link, "", ways)
	if err != nil {
		t.Fatal(err)
	}
	eve := l.add(t, "eve", heed.Specialist, heed.Custodian)
	if err := l.auth.SetDisabled(t.Context(), root, first.ID, true); err != nil {
		t.Fatal(err)
	}
	bo := l.add(t, "bo", heed.Custodian)
	for staff, want := range map[heed.ID]bool{first.ID: true, cy.Staff.ID: false, eve.ID: false, bo.ID: false} {
		approved := l.approved(t, staff)
		if approved != want || l.account(t, staff).CustodianPublic == nil {
			t.Errorf("%s is approved: %v, want %v", l.account(t, staff).Name, approved, want)
		}
	}
	// A reset ends what was approved with the former key, and nobody is first a second time.
	if link, err = l.auth.ResetNamed(t.Context(), "cy"); err == nil {
		ways, _ = l.ways(t, link, passphrase+" again")
		_, err = l.auth.Enrol(t.Context(), link, "", ways)
	}
	if err != nil || l.approved(t, cy.Staff.ID) {
		t.Errorf("after a reset: approved %v, %v", l.approved(t, cy.Staff.ID), err)
	}
	if err := l.auth.SetDisabled(t.Context(), root, first.ID, false); err != nil {
		t.Fatal(err)
	}
	if link, err = l.auth.ResetNamed(t.Context(), "dana"); err == nil {
		ways, _ = l.ways(t, link, passphrase+" again")
		_, err = l.auth.Enrol(t.Context(), link, "", ways)
	}
	if err != nil || l.approved(t, first.ID) {
		t.Errorf("the only one after a reset: approved %v, %v", l.approved(t, first.ID), err)
	}
}

func TestACustodiansKeyFromElsewhereIsKnownByItsPublicHalfAlone(t *testing.T) {
	l := newLine(t)
	_, link, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "dana", Roles: []heed.Role{heed.Custodian}})
	if err != nil {
		t.Fatal(err)
	}
	key := seal.GeneratePrivateKey()
	ways, _ := l.ways(t, link, passphrase)
	ways.CustodianKey = key.Public()
	dana, err := l.auth.Enrol(t.Context(), link, "", ways)
	if err != nil {
		t.Fatal(err)
	}
	account := l.account(t, dana.Staff.ID)
	if string(account.CustodianPublic) != string(key.Public().Bytes()) || account.CustodianPrivate != nil || !l.approved(t, account.ID) {
		t.Errorf("approved %v; a private half of %d bytes", l.approved(t, account.ID), len(account.CustodianPrivate))
	}
	if _, err := l.auth.CustodianKey(t.Context(), account, passphrase); !slices.Equal(codes(err), []string{"custodian-key-elsewhere"}) {
		t.Errorf("opening it here answers %v", err)
	}
}

// approved reports whether the account counts as a Custodian, or would if it weren't closed.
func (l *line) approved(t *testing.T, staff heed.ID) bool {
	t.Helper()
	account := l.account(t, staff)
	closed := account.Disabled
	set := func(disabled bool) {
		err := l.store.Update(t.Context(), func(tx heed.Tx) error {
			account.Disabled = disabled
			return tx.UpdateStaff(t.Context(), account)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	set(false)
	is, err := l.custodians.IsCustodian(t.Context(), staff)
	if err != nil {
		t.Fatal(err)
	}
	set(closed)
	return is
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
