package identity

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// line is a line of one process on a real store and a real keystore.
type line struct {
	*Service
	t     *testing.T
	store heed.Store
	keys  keystore.Keystore
	audit *seal.Signer
	now   time.Time
}

const passphrase = "a custodian's passphrase"

func newLine(t *testing.T) *line {
	t.Helper()
	return newLineOn(t, openStore(t))
}

func openStore(t *testing.T) heed.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func newLineOn(t *testing.T, store heed.Store) *line {
	t.Helper()
	return newLineWith(t, store, openKeys(t))
}

func newLineWith(t *testing.T, store heed.Store, keys keystore.Keystore) *line {
	t.Helper()
	l := &line{t: t, store: store, keys: keys, audit: seal.GenerateSigner(), now: time.Date(2026, 11, 23, 23, 30, 0, 0, time.UTC)}
	l.Service = l.another(store, keys)
	l.must(l.Begin(t.Context()))
	return l
}

// another is the service of another process on the same line, or of the same with other parts.
func (l *line) another(store heed.Store, keys keystore.Keystore) *Service {
	return New(Config{Store: store, Keystore: keys, Line: "city", Audit: l.audit, Now: func() time.Time { return l.now }})
}

func (l *line) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) update(fn func(heed.Tx) error) {
	l.t.Helper()
	l.must(l.store.Update(l.t.Context(), fn))
}

// stranger is an account with a Custodian's key, as whoever can write to the store makes one.
func (l *line) stranger(name string) *heed.Staff {
	l.t.Helper()
	public, private, err := CreateCustodian(passphrase)
	l.must(err)
	c := &heed.Staff{ID: heed.NewID(l.now), Name: name, Roles: []heed.Role{heed.Custodian}, Language: "en",
		CustodianPublic: public, CustodianPrivate: private, CreatedAt: l.now, EnrolledAt: l.now}
	l.update(func(tx heed.Tx) error { return tx.AddStaff(l.t.Context(), c) })
	return c
}

// enrolled is a stranger who came by the way that leads to it.
func (l *line) enrolled(name string) *heed.Staff {
	l.t.Helper()
	c := l.stranger(name)
	l.must(l.CustodianEnrolled(l.t.Context(), l.now, c.ID))
	return c
}

// addCustodian is an approved Custodian who has part in what comes from now on.
func (l *line) addCustodian(name string) *heed.Staff {
	l.t.Helper()
	c := l.enrolled(name)
	l.must(l.change(l.t.Context(), func(tx heed.Tx, circle *circle) error {
		if circle.has(c.ID) {
			return nil // the first
		}
		return l.sign(l.t.Context(), tx, circle.era, c, "", l.now)
	}))
	l.must(l.EnsureDays(l.t.Context(), l.now))
	return c
}

func (l *line) day(at time.Time) *heed.DayKeyRecord {
	l.t.Helper()
	r, err := l.Day(l.t.Context(), at)
	l.must(err)
	return r
}

var ada = heed.Identity{Name: "Ada Lovelace", Phone: "+44 7700 900123"}

// named stores a report with an Identity and one file of today's, and returns its id and the file's key.
func (l *line) named() (heed.ID, *heed.Attachment, seal.Key) {
	l.t.Helper()
	day := l.day(l.now)
	r := &heed.Report{ID: heed.NewID(l.now), Channel: heed.ChannelWeb, State: heed.Received, ReceivedAt: l.now, Language: "en",
		Urgency: heed.Normal, DayKey: day.Day, Named: true, Files: 1, Content: []byte("sealed"), StateSince: l.now}
	sealed, err := l.SealIdentity(day, r.ID, ada)
	l.must(err)
	key := seal.NewKey()
	a := &heed.Attachment{ID: heed.NewID(l.now), Report: r.ID, Blob: "blob-" + string(r.ID), Type: "image/png", Size: 1, Day: day.Day, At: l.now}
	a.TransitKey, a.DayKey, err = l.WrapFileKey(day, a, key)
	l.must(err)
	l.update(func(tx heed.Tx) error {
		ctx := l.t.Context()
		return errors.Join(tx.AddReport(ctx, r, []byte("wrapped")), tx.AddIdentity(ctx, r.ID, day.Day, sealed),
			tx.AddStaged(ctx, a.Blob, l.now), tx.AddAttachment(ctx, a))
	})
	return r.ID, a, key
}

// open does what a Disclosure will: the Custodian's passphrase opens their key, that the day's seed, that the Identity.
func (l *line) open(c *heed.Staff, report heed.ID) (heed.Identity, error) {
	l.t.Helper()
	ctx := l.t.Context()
	var sealed []heed.SealedIdentity
	l.must(l.store.View(ctx, func(tx heed.Tx) (err error) {
		sealed, err = tx.Identities(ctx, report)
		return err
	}))
	if len(sealed) == 0 {
		return heed.Identity{}, heed.ErrNotFound
	}
	key, err := seal.OpenCustodianKey(c.CustodianPublic, c.CustodianPrivate, passphrase)
	l.must(err)
	names, err := l.keys.List(ctx, dayPrefix(sealed[0].Day)+"identity.")
	l.must(err)
	for _, n := range names {
		if !strings.HasSuffix(n, "."+string(c.ID)) {
			continue
		}
		wrapped, err := l.keys.Get(ctx, n)
		l.must(err)
		seed, err := seal.UnwrapDaySeed(key, "city", sealed[0].Day, c.ID, wrapped)
		l.must(err)
		if who, err := seal.OpenIdentity(seed, "city", report, sealed[0].Day, sealed[0].Sealed); err == nil {
			return who, nil
		}
	}
	return heed.Identity{}, heed.ErrSealed
}

func (l *line) leaves(act string) (details []string) {
	l.t.Helper()
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(l.t.Context(), 0, "", 1000)
		for _, leaf := range leaves {
			if leaf.Act == act {
				details = append(details, string(leaf.Details))
			}
		}
		return err
	}))
	return details
}

func (l *line) keyNames() []string {
	l.t.Helper()
	names, err := l.keys.List(l.t.Context(), "day/")
	l.must(err)
	return names
}

func TestACustodianCanOpenWhatAReporterGave(t *testing.T) {
	l := newLine(t)
	first, second := l.addCustodian("first"), l.addCustodian("second")
	report, file, key := l.named()
	for _, c := range []*heed.Staff{first, second} {
		if who, err := l.open(c, report); err != nil || who != ada {
			t.Errorf("%s: %+v, %v", c.Name, who, err)
		}
	}
	if got, err := l.OpenFileKey(t.Context(), file, seal.ByTransit, file.TransitKey); err != nil || got != key {
		t.Error(err)
	}
	for what, change := range map[string]func(*heed.Attachment){
		"another blob":   func(a *heed.Attachment) { a.Blob = "another" },
		"another report": func(a *heed.Attachment) { a.Report = heed.NewID(l.now) },
		"another file":   func(a *heed.Attachment) { a.ID = heed.NewID(l.now) },
	} {
		other := *file
		change(&other)
		if _, err := l.OpenFileKey(t.Context(), &other, seal.ByTransit, file.TransitKey); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWithoutACustodianReportsAreAnonymousAndFilesAreTakenAllTheSame(t *testing.T) {
	l := newLine(t)
	day := l.day(l.now)
	if day.Identity != nil {
		t.Fatal("an identity key that nobody can open")
	}
	if _, err := l.SealIdentity(day, "report", ada); !errors.Is(err, heed.ErrForbidden) {
		t.Fatal(err)
	}
	key := seal.NewKey()
	file := &heed.Attachment{ID: "file", Report: "report", Blob: "blob", Day: day.Day}
	transit, identity, err := l.WrapFileKey(day, file, key)
	if err != nil || identity != nil {
		t.Fatal(identity, err)
	}
	c := l.addCustodian("first")
	if got, err := l.OpenFileKey(t.Context(), file, seal.ByTransit, transit); err != nil || got != key {
		t.Fatalf("a file from before the first custodian: %v", err)
	}
	report, _, _ := l.named()
	if who, err := l.open(c, report); err != nil || who != ada {
		t.Fatalf("the first custodian's first day: %v", err)
	}
}

func TestALaterCustodianOpensUnusedDaysOnly(t *testing.T) {
	l := newLine(t)
	first := l.addCustodian("first")
	today, _, _ := l.named()
	before := l.day(l.now)
	second := l.addCustodian("second")
	if after := l.day(l.now); string(after.Identity) != string(before.Identity) {
		t.Fatal("a used day's key was replaced")
	}
	if _, err := l.open(second, today); !errors.Is(err, heed.ErrSealed) {
		t.Fatalf("the second custodian opened what came before them: %v", err)
	}
	if who, err := l.open(first, today); err != nil || who != ada {
		t.Fatal(err)
	}
	l.now = l.now.AddDate(0, 0, 1)
	tomorrow, _, _ := l.named()
	for _, c := range []*heed.Staff{first, second} {
		if who, err := l.open(c, tomorrow); err != nil || who != ada {
			t.Errorf("%s, tomorrow: %v", c.Name, err)
		}
	}
}

func TestWhatASlowProcessSealsToAReplacedKeyCanStillBeOpened(t *testing.T) {
	l := newLine(t)
	first := l.addCustodian("first")
	old := l.day(l.now) // held by a process that is about to seal
	l.addCustodian("second")
	if string(l.day(l.now).Identity) == string(old.Identity) {
		t.Fatal("the unused day kept its key")
	}
	sealed, err := l.SealIdentity(old, "report", ada)
	l.must(err)
	l.update(func(tx heed.Tx) error { return tx.AddIdentity(t.Context(), "report", old.Day, sealed) })
	if who, err := l.open(first, "report"); err != nil || who != ada {
		t.Fatal(err)
	}
}

func TestKeysAreMadeTwoDaysAheadAndOnlyOnce(t *testing.T) {
	l := newLine(t)
	l.addCustodian("first")
	l.must(l.EnsureDays(t.Context(), l.now))
	names := l.keyNames()
	l.must(l.EnsureDays(t.Context(), l.now))
	l.must(l.EnsureDays(t.Context(), l.now))
	if again := l.keyNames(); strings.Join(names, " ") != strings.Join(again, " ") {
		t.Fatalf("made again: %v then %v", names, again)
	}
	for i := range 3 {
		if _, err := l.Sealer.Day(t.Context(), l.now.AddDate(0, 0, i)); err != nil {
			t.Errorf("day %d: %v", i, err)
		}
	}
	if _, err := l.Sealer.Day(t.Context(), l.now.AddDate(0, 0, 3)); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("the fourth day: %v", err)
	}
	if made := l.leaves(ActDayMade); len(made) != 3 {
		t.Errorf("leaves: %v", made)
	}
}

func TestADayIsUTCsWhateverTheClocksZone(t *testing.T) {
	l := newLine(t)
	east := l.now.In(time.FixedZone("east", 14*3600)) // the 24th there
	r := l.day(east)
	if r.Day != "2026-11-23" {
		t.Fatal(r.Day)
	}
}

func TestADayThatTheWorkerMissedIsMadeWhenItIsNeeded(t *testing.T) {
	l := newLine(t)
	l.addCustodian("first")
	l.now = l.now.AddDate(0, 0, 30)
	if r := l.day(l.now); r.Day != "2026-12-23" || r.Identity == nil {
		t.Fatal(r.Day)
	}
}

func TestAProcessWithoutSecretsAcceptsOnlyDayKeysThatTheAuditKeySigned(t *testing.T) {
	l := newLine(t)
	l.addCustodian("first")
	portal := NewSealer(l.store, l.audit.Verifier(), "city")
	if _, err := portal.Day(t.Context(), l.now); err != nil {
		t.Fatal(err)
	}
	forged := &heed.DayKeyRecord{Day: "2026-12-25", Identity: seal.GeneratePrivateKey().Public().Bytes(), Transit: seal.GeneratePrivateKey().Public().Bytes()}
	seal.SignDayKey(seal.GenerateSigner(), "city", forged)
	l.update(func(tx heed.Tx) error { return tx.AddDayKey(t.Context(), forged) })
	christmas := time.Date(2026, 12, 25, 0, 0, 0, 0, time.UTC)
	if _, err := portal.Day(t.Context(), christmas); !errors.Is(err, heed.ErrInvalid) {
		t.Fatalf("a forged day: %v", err)
	}
	if _, err := NewSealer(l.store, l.audit.Verifier(), "another").Day(t.Context(), l.now); !errors.Is(err, heed.ErrInvalid) {
		t.Fatalf("another line's day: %v", err)
	}
	if err := l.EnsureDays(t.Context(), christmas); !errors.Is(err, heed.ErrInvalid) {
		t.Fatalf("the worker took a forged day for its own: %v", err)
	}
}

func TestManyProcessesMakingADayAtOnceAgreeOnOneThatCanBeOpened(t *testing.T) {
	l := newLine(t)
	c := l.addCustodian("first")
	l.now = l.now.AddDate(0, 0, 10)
	var wg sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		s := l.another(l.store, l.keys)
		wg.Go(func() { errs[i] = s.EnsureDays(t.Context(), l.now) })
	}
	wg.Wait()
	l.must(errors.Join(errs...))
	report, file, key := l.named()
	if who, err := l.open(c, report); err != nil || who != ada {
		t.Error(err)
	}
	if got, err := l.OpenFileKey(t.Context(), file, seal.ByTransit, file.TransitKey); err != nil || got != key {
		t.Error(err)
	}
	names, err := l.keys.List(t.Context(), dayPrefix(file.Day))
	if l.must(err); len(names) != 2 {
		t.Errorf("the losers' keys were kept: %v", names)
	}
}

func TestANewCustodianNeedsAPassphrase(t *testing.T) {
	if _, _, err := CreateCustodian(""); !errors.Is(err, heed.ErrInvalid) {
		t.Fatal(err)
	}
}

func TestADayDestroyedByOrderGetsNewKeysAndTheLineGoesOn(t *testing.T) {
	l := newLine(t)
	c := l.addCustodian("ann")
	report, _, _ := l.named()
	erased, err := l.EraseDue(t.Context(), l.now.AddDate(0, 0, 8))
	l.must(err)
	if erased.Identities != 1 {
		t.Errorf("erased %+v", erased)
	}
	if _, err := l.open(c, report); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("the destroyed identity: %v", err)
	}
	again, _, _ := l.named()
	if who, err := l.open(c, again); err != nil || who != ada {
		t.Errorf("an identity given after the order: %+v, %v", who, err)
	}
}

func TestTheFirstCustodianCanComeAfterAnAnonymousReportsFile(t *testing.T) {
	l := newLine(t)
	day := l.day(l.now)
	r := &heed.Report{ID: heed.NewID(l.now), Channel: heed.ChannelWeb, State: heed.Received, ReceivedAt: l.now, Language: "en",
		Urgency: heed.Normal, DayKey: day.Day, Files: 1, Content: []byte("sealed"), StateSince: l.now}
	key := seal.NewKey()
	a := &heed.Attachment{ID: heed.NewID(l.now), Report: r.ID, Blob: "blob", Type: "image/png", Size: 1, Day: day.Day, At: l.now}
	var err error
	a.TransitKey, a.DayKey, err = l.WrapFileKey(day, a, key)
	l.must(err)
	l.update(func(tx heed.Tx) error {
		return errors.Join(tx.AddReport(t.Context(), r, []byte("wrapped")), tx.AddStaged(t.Context(), a.Blob, l.now), tx.AddAttachment(t.Context(), a))
	})
	c := l.addCustodian("ann")
	report, _, _ := l.named()
	if who, err := l.open(c, report); err != nil || who != ada {
		t.Errorf("an identity of the same day: %+v, %v", who, err)
	}
	if got, err := l.OpenFileKey(t.Context(), a, seal.ByTransit, a.TransitKey); err != nil || got != key {
		t.Errorf("the file that came before: %v", err)
	}
}
