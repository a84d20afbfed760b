package identity

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// onBothStores runs a test on a line of each engine.
func onBothStores(t *testing.T, test func(t *testing.T, l *line)) {
	t.Run("SQLite", func(t *testing.T) { test(t, newLine(t)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		store, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		})
		test(t, newLineOn(t, store))
	})
}

// counting are the names of those who count as Custodians.
func (l *line) countingNames() (names []string) {
	l.t.Helper()
	counting, err := l.custodians(l.t.Context())
	l.must(err)
	for _, c := range counting {
		names = append(names, c.Name)
	}
	return names
}

func (l *line) wantCounting(names ...string) {
	l.t.Helper()
	if got := l.countingNames(); !slices.Equal(got, names) {
		l.t.Errorf("custodians are %v, want %v", got, names)
	}
}

func (l *line) wantEra(want uint64) {
	l.t.Helper()
	if era, err := keystore.Era(l.t.Context(), l.keys); err != nil || era != want {
		l.t.Errorf("the era is %d, %v; want %d", era, err, want)
	}
}

// approval is the account's, as it lies in the store.
func (l *line) approval(staff heed.ID) (found *heed.CustodianApproval) {
	l.t.Helper()
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		all, err := tx.CustodianApprovals(l.t.Context())
		for _, a := range all {
			if a.Staff == staff {
				found = a
			}
		}
		return err
	}))
	return found
}

// seedsOf are the names of the seeds that are wrapped to the account.
func (l *line) seedsOf(staff heed.ID) []string {
	l.t.Helper()
	return slices.DeleteFunc(l.keyNames(), func(n string) bool { return !strings.HasSuffix(n, "."+string(staff)) })
}

func TestTheFirstCustodianOfALineCountsAtOnceAndALaterOneWaits(t *testing.T) {
	onBothStores(t, func(t *testing.T, l *line) {
		l.wantEra(0)
		dana := l.enrolled("dana")
		l.wantEra(1)
		eve := l.enrolled("eve")
		l.wantCounting("dana")
		l.must(l.EnsureDays(t.Context(), l.now.AddDate(0, 0, 5)))
		if len(l.seedsOf(dana.ID)) == 0 || len(l.seedsOf(eve.ID)) > 0 {
			t.Errorf("seeds are wrapped to %v", l.keyNames())
		}
		if leaves := l.leaves(ActCustodianApproved); len(leaves) != 1 || !strings.Contains(leaves[0], string(dana.ID)) {
			t.Errorf("leaves: %v", leaves)
		}
		if told := l.told(dana.ID); !slices.Equal(told, []string{"custodian-waits"}) {
			t.Errorf("the custodian is told %v", told)
		}
	})
}

// told are the codes of what is announced to the account.
func (l *line) told(staff heed.ID) (codes []string) {
	l.t.Helper()
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		all, err := tx.Announcements(l.t.Context(), staff, 100)
		for _, a := range all {
			codes = append(codes, a.Code)
		}
		return err
	}))
	return codes
}

func TestWhoCanWriteToTheStoreMakesNobodyACustodian(t *testing.T) {
	onBothStores(t, func(t *testing.T, l *line) {
		ctx := t.Context()
		dana := l.enrolled("dana")
		mallory := l.stranger("mallory")
		put := func(a *heed.CustodianApproval) {
			t.Helper()
			l.update(func(tx heed.Tx) error { return tx.PutCustodianApproval(ctx, a) })
		}
		signedBy := func(key *seal.Signer, line string, era uint64, public []byte) *heed.CustodianApproval {
			a := &heed.CustodianApproval{Staff: mallory.ID, By: dana.ID, At: l.now}
			seal.SignCustodian(key, line, era, a, public)
			return a
		}
		danas := *l.approval(dana.ID)
		replayed := danas
		replayed.Staff = mallory.ID
		attacks := map[string]func(){
			"without an approval": func() {},
			"with one that nobody signed": func() {
				put(&heed.CustodianApproval{Staff: mallory.ID, By: dana.ID, At: l.now, Signature: []byte("signed")})
			},
			"with another's":                    func() { put(&replayed) },
			"with one of a key of his own":      func() { put(signedBy(seal.GenerateSigner(), "city", 1, mallory.CustodianPublic)) },
			"with one of another line":          func() { put(signedBy(l.audit, "village", 1, mallory.CustodianPublic)) },
			"with one of an era that is over":   func() { put(signedBy(l.audit, "city", 0, mallory.CustodianPublic)) },
			"with one of an era that never was": func() { put(signedBy(l.audit, "city", 3, mallory.CustodianPublic)) },
			"with one of another key":           func() { put(signedBy(l.audit, "city", 1, dana.CustodianPublic)) },
		}
		day := 10
		for how, attack := range attacks {
			attack()
			l.wantCounting("dana")
			day += 3
			l.must(errors.Join(l.EnsureDays(ctx, l.now.AddDate(0, 0, day)), l.EnsureDays(ctx, l.now)))
			if seeds := l.seedsOf(mallory.ID); len(seeds) > 0 {
				t.Errorf("%s he got %v", how, seeds)
			}
		}
		// His key in the place of the Custodian's: nobody is one then.
		dana.CustodianPublic, dana.CustodianPrivate = mallory.CustodianPublic, mallory.CustodianPrivate
		l.update(func(tx heed.Tx) error { return tx.UpdateStaff(ctx, dana) })
		put(&danas)
		l.wantCounting()
		l.must(l.CustodianEnrolled(ctx, l.now, mallory.ID))
		l.wantCounting()
	})
}

func TestACustodianWithAnotherKeyWaitsAndTheFormerOneComesBackByNoHand(t *testing.T) {
	onBothStores(t, func(t *testing.T, l *line) {
		ctx := t.Context()
		dana, eve := l.addCustodian("dana"), l.addCustodian("eve")
		before, approved := *eve, *l.approval(eve.ID)
		var err error
		eve.CustodianPublic, eve.CustodianPrivate, err = CreateCustodian(passphrase)
		l.must(err)
		l.update(func(tx heed.Tx) error { return tx.UpdateStaff(ctx, eve) })
		l.wantCounting("dana")
		l.must(l.CustodianEnrolled(ctx, l.now, eve.ID))
		l.wantCounting("dana")
		l.wantEra(2)
		l.update(func(tx heed.Tx) error {
			return errors.Join(tx.UpdateStaff(ctx, &before), tx.PutCustodianApproval(ctx, &approved))
		})
		l.wantCounting("dana")

		// The only one's: the line has none then, and takes no Identity that nobody could open.
		l.named()
		dana.CustodianPublic, dana.CustodianPrivate, err = CreateCustodian(passphrase)
		l.must(err)
		l.update(func(tx heed.Tx) error { return tx.UpdateStaff(ctx, dana) })
		l.must(l.CustodianEnrolled(ctx, l.now, dana.ID))
		l.wantCounting()
		l.wantEra(3)
		for i := range 3 {
			if r := l.day(l.now.AddDate(0, 0, i)); r.Identity != nil {
				t.Errorf("%s takes identities that nobody opens", r.Day)
			}
		}
	})
}

func TestAClosedAccountIsNoCustodianAndAReopenedOneIsAgain(t *testing.T) {
	l := newLine(t)
	dana := l.addCustodian("dana")
	l.addCustodian("eve")
	dana.Disabled = true
	l.update(func(tx heed.Tx) error { return tx.UpdateStaff(t.Context(), dana) })
	l.wantCounting("eve")
	dana.Disabled = false
	l.update(func(tx heed.Tx) error { return tx.UpdateStaff(t.Context(), dana) })
	l.wantCounting("dana", "eve")
}

// ofBefore makes the line one from before Custodians were approved, with the given ones.
func (l *line) ofBefore(names ...string) (custodians []*heed.Staff) {
	l.t.Helper()
	for _, name := range names {
		custodians = append(custodians, l.addCustodian(name))
	}
	ctx := l.t.Context()
	eras, err := l.keys.List(ctx, "custodians/")
	l.must(err)
	for _, name := range eras {
		l.must(l.keys.Delete(ctx, name))
	}
	l.update(func(tx heed.Tx) error {
		for _, c := range custodians {
			if err := tx.DeleteCustodianApproval(ctx, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return custodians
}

func TestALineOfBeforeApprovalsKeepsItsOneCustodian(t *testing.T) {
	onBothStores(t, func(t *testing.T, l *line) {
		dana := l.ofBefore("dana")[0]
		report, _, _ := l.named()
		l.wantCounting()
		l.must(errors.Join(l.Begin(t.Context()), l.Begin(t.Context())))
		l.wantCounting("dana")
		l.wantEra(1)
		if who, err := l.open(dana, report); err != nil || who != ada {
			t.Errorf("an identity of before: %v", err)
		}
		if leaves := l.leaves(ActCustodianAdopted); len(leaves) != 1 {
			t.Errorf("leaves: %v", leaves)
		}
		l.enrolled("eve")
		l.wantCounting("dana")
	})
}

func TestALineOfBeforeApprovalsWithoutACustodianBeginsLikeANewOne(t *testing.T) {
	l := newLine(t)
	l.ofBefore()
	l.must(l.Begin(t.Context()))
	l.wantEra(0)
	l.stranger("mallory") // who comes once it began is taken over no more
	l.must(l.Begin(t.Context()))
	l.wantCounting()
	l.enrolled("dana")
	l.wantCounting("dana")
}

func TestALineOfBeforeApprovalsIsTakenOverOnlyWhereItIsClearWhoseItIs(t *testing.T) {
	for what, doubtful := range map[string]func(l *line){
		"two custodians": func(l *line) { l.ofBefore("dana"); l.stranger("mallory") },
		"another than the keystore knows": func(l *line) {
			dana := l.ofBefore("dana")[0]
			dana.CustodianPublic, dana.CustodianPrivate = nil, nil
			l.update(func(tx heed.Tx) error { return tx.UpdateStaff(l.t.Context(), dana) })
			l.stranger("mallory")
		},
		"none, though the keystore knows one": func(l *line) {
			dana := l.ofBefore("dana")[0]
			dana.Roles = []heed.Role{heed.Admin}
			l.update(func(tx heed.Tx) error { return tx.UpdateStaff(l.t.Context(), dana) })
		},
		"no key": func(l *line) {
			dana := l.ofBefore("dana")[0]
			dana.CustodianPublic = []byte("no key")
			l.update(func(tx heed.Tx) error { return tx.UpdateStaff(l.t.Context(), dana) })
		},
	} {
		t.Run(what, func(t *testing.T) {
			l := newLine(t)
			doubtful(l)
			if err := l.Begin(t.Context()); !errors.Is(err, ErrUnadopted) {
				t.Fatalf("got %v", err)
			}
			l.wantCounting()
			if _, err := keystore.Era(t.Context(), l.keys); !errors.Is(err, heed.ErrNotFound) {
				t.Errorf("an era began: %v", err)
			}
			l.must(l.EnsureDays(t.Context(), l.now))
			if r := l.day(l.now); r.Identity != nil {
				t.Error("the line takes identities")
			}
			l.enrolled("late")
			l.wantCounting()
		})
	}
}

// dyingAt is a real keystore whose process dies before its nth write of any kind.
type dyingAt struct {
	keystore.Keystore
	left int
}

func (d *dyingAt) dies() bool {
	d.left--
	return d.left < 0
}

func (d *dyingAt) Create(ctx context.Context, name string, value []byte) error {
	if d.dies() {
		return errCrash
	}
	return d.Keystore.Create(ctx, name, value)
}

func (d *dyingAt) Put(ctx context.Context, name string, value []byte) error {
	if d.dies() {
		return errCrash
	}
	return d.Keystore.Put(ctx, name, value)
}

func (d *dyingAt) PutBeside(ctx context.Context, name string, value []byte, other string) error {
	if d.dies() {
		return errCrash
	}
	return d.Keystore.PutBeside(ctx, name, value, other)
}

func (d *dyingAt) Delete(ctx context.Context, name string) error {
	if d.dies() {
		return errCrash
	}
	return d.Keystore.Delete(ctx, name)
}

func TestTheFirstApprovalCutShortBetweenStoreAndKeystoreIsCompletedByTheNext(t *testing.T) {
	l := newLine(t)
	dana := l.stranger("dana")
	dying := l.another(l.store, &dyingAt{l.keys, 0})
	if err := dying.CustodianEnrolled(t.Context(), l.now, dana.ID); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	l.wantEra(0)
	l.wantCounting("dana")
	eve := l.enrolled("eve")
	l.wantEra(1)
	l.wantCounting("dana")
	if l.approval(eve.ID) != nil {
		t.Error("there were two first custodians")
	}
}

// onBothKeystores runs a test with each engine's; keys opens a fresh one. Of what the test does to many it is to do every few only:
// those in a database take longer, and HEED_SOAK does them all.
func onBothKeystores(t *testing.T, test func(t *testing.T, keys func() keystore.Keystore, every int)) {
	t.Run("directory", func(t *testing.T) { test(t, func() keystore.Keystore { return openKeys(t) }, 1) })
	t.Run("PostgreSQL", func(t *testing.T) {
		every := 4
		if os.Getenv("HEED_SOAK") != "" {
			every = 1
		}
		test(t, func() keystore.Keystore {
			keys, err := keystore.OpenPostgres(t.Context(), pgtest.EmptyURL(t))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := keys.Close(); err != nil {
					t.Error(err)
				}
			})
			return keys
		}, every)
	})
}

func openKeys(t *testing.T) keystore.Keystore {
	t.Helper()
	keys, err := keystore.OpenDirectory(filepath.Join(t.TempDir(), "keystore"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}
