package identity

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestADaysKeysDieAtTheStartOfTheSeventhDayAfterIt(t *testing.T) {
	for _, c := range []struct {
		at   string
		dead bool
	}{
		{"2026-11-23T00:00:00Z", false}, {"2026-11-29T23:59:59Z", false}, {"2026-11-30T00:00:00Z", true},
		{"2026-11-30T13:59:59+14:00", false}, {"2026-11-29T14:00:00-10:00", true}, {"2027-11-23T00:00:00Z", true},
	} {
		if dead("2026-11-23", at(c.at)) != c.dead {
			t.Errorf("at %s: %v", c.at, !c.dead)
		}
	}
	if dead("nonsense", at("2027-11-23T00:00:00Z")) {
		t.Error("what is no day is never due")
	}
}

func TestAFileOfADayThatIsOverOpensNoMoreThoughNoWorkerDestroyedIt(t *testing.T) {
	l := newLine(t)
	l.addCustodian("first")
	_, file, key := l.named()
	l.now = at("2026-11-29T23:59:59Z")
	if got, err := l.OpenFileKey(t.Context(), file, seal.ByTransit, file.TransitKey); err != nil || got != key {
		t.Fatal(err)
	}
	l.now = at("2026-11-30T00:00:00Z")
	if _, err := l.OpenFileKey(t.Context(), file, seal.ByTransit, file.TransitKey); !errors.Is(err, heed.ErrGone) {
		t.Errorf("got %v", err)
	}
}

// gone fails unless nothing is left that could open the report's Identity or file.
func (l *line) gone(c *heed.Staff, report heed.ID, file *heed.Attachment) {
	l.t.Helper()
	if _, err := l.open(c, report); !errors.Is(err, heed.ErrNotFound) {
		l.t.Errorf("the Identity: %v", err)
	}
	if _, err := l.OpenFileKey(l.t.Context(), file, seal.ByTransit, file.TransitKey); !errors.Is(err, heed.ErrGone) {
		l.t.Errorf("the file's key: %v", err)
	}
	for _, n := range l.keyNames() {
		if strings.HasPrefix(n, dayPrefix(file.Day)) {
			l.t.Errorf("the keystore still has %s", n)
		}
	}
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		r, err := tx.DayKey(l.t.Context(), file.Day)
		if err == nil && r.DestroyedAt.IsZero() {
			l.t.Error("the day's record says its keys live")
		}
		a, attErr := tx.Attachment(l.t.Context(), file.ID)
		if attErr == nil && (a.TransitKey != nil || a.DayKey != nil) {
			l.t.Error("the file's wrapped keys are still there")
		}
		discarded, staged := tx.StagedBefore(l.t.Context(), time.Time{}, 100)
		if !slices.Contains(discarded, file.Blob) {
			l.t.Error("the file's bytes aren't given up")
		}
		return errors.Join(err, attErr, staged)
	}))
}

func TestEraseDueDestroysKeysRowsAndNothingThatIsNotDue(t *testing.T) {
	l := newLine(t)
	c := l.addCustodian("first")
	report, file, _ := l.named()
	l.now = at("2026-11-24T10:00:00Z")
	later, laterFile, laterKey := l.named()

	l.now = at("2026-11-29T23:59:59Z")
	if erased, err := l.EraseDue(t.Context(), l.now); err != nil || len(erased.Days) > 0 {
		t.Fatalf("a second too early: %+v, %v", erased, err)
	}
	l.now = at("2026-11-30T00:00:00Z")
	erased, err := l.EraseDue(t.Context(), l.now)
	if err != nil || erased.Identities != 1 || len(erased.Days) != 1 || erased.Days[0] != "2026-11-23" {
		t.Fatalf("%+v, %v", erased, err)
	}
	l.gone(c, report, file)
	if who, err := l.open(c, later); err != nil || who != ada {
		t.Fatalf("the next day's: %v", err)
	}
	if key, err := l.OpenFileKey(t.Context(), laterFile, seal.ByTransit, laterFile.TransitKey); err != nil || key != laterKey {
		t.Fatal(err)
	}
	if again, err := l.EraseDue(t.Context(), l.now); err != nil || len(again.Days) > 0 {
		t.Fatalf("a second run: %+v, %v", again, err)
	}
	if leaves := l.leaves(ActErased); len(leaves) != 1 || leaves[0] != `{"day":"2026-11-23","identities":1}` {
		t.Fatal(leaves)
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		f, err := PublishedFigures(t.Context(), tx)
		if err == nil && (f.Erased != 10 || f.Held != 10 || !f.At.Equal(l.now)) {
			t.Errorf("the public figures weren't renewed with the erasure: %+v", f)
		}
		wish, err2 := tx.Setting(t.Context(), heed.SettingScrub)
		if len(wish) == 0 {
			t.Error("the journal isn't to be emptied")
		}
		return errors.Join(err, err2)
	}))
	if _, err := l.Sealer.Day(t.Context(), at("2026-11-23T12:00:00Z")); !errors.Is(err, heed.ErrGone) {
		t.Fatal(err)
	}
	l.must(l.EnsureDays(t.Context(), at("2026-11-23T12:00:00Z"))) // a clock set back brings nothing to life
	l.gone(c, report, file)
}

func TestEveryOpenDisclosureOfADayThatDiesHasItsLeaf(t *testing.T) {
	l := newLine(t)
	l.addCustodian("first")
	report, file, _ := l.named()
	l.now = at("2026-11-24T10:00:00Z")
	later, laterFile, _ := l.named()
	const asked = 2*lapseAtOnce + 1
	l.update(func(tx heed.Tx) error {
		var errs []error
		for i := range 2 * asked { // those of the other day stand among them
			d := &heed.Disclosure{ID: heed.NewID(l.now), Report: report, Day: file.Day, State: heed.DisclosureAsked, At: l.now, Until: l.now.AddDate(0, 0, 9), Reason: heed.ReasonDanger}
			if i%2 == 0 {
				d.Report, d.Day = later, laterFile.Day
			}
			errs = append(errs, tx.AddDisclosure(t.Context(), d))
		}
		return errors.Join(errs...)
	})
	l.now = at("2026-11-30T00:00:00Z")
	if erased, err := l.EraseDue(t.Context(), l.now); err != nil || erased.Identities != 1 {
		t.Fatalf("%+v, %v", erased, err)
	}
	if n := len(l.leaves(ActLapsed)); n != asked {
		t.Errorf("%d leaves of %d that ended", n, asked)
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		dead, err := tx.OpenDisclosuresOfDay(t.Context(), file.Day, 10)
		living, err2 := tx.OpenDisclosuresOfDay(t.Context(), laterFile.Day, 2*asked)
		if len(dead) != 0 || len(living) != asked {
			t.Errorf("%d open of the day that died, %d of the next", len(dead), len(living))
		}
		return errors.Join(err, err2)
	}))
}

func TestEveryOpenDisclosureOfALineFromABackupHasItsLeaf(t *testing.T) {
	l := newLine(t)
	l.addCustodian("first")
	report, file, _ := l.named()
	l.update(func(tx heed.Tx) error {
		return tx.AddDisclosure(t.Context(), &heed.Disclosure{
			ID: heed.NewID(l.now), Report: report, Day: file.Day, State: heed.DisclosureAsked, At: l.now, Until: l.now.Add(AnswerFor), Reason: heed.ReasonDanger,
		})
	})
	l.must(l.GiveUpDays(t.Context()))
	if n := len(l.leaves(ActLapsed)); n != 1 {
		t.Errorf("%d leaves of one that ended", n)
	}
}

func TestAnErasureOrderedEarlyBearsTheRealTime(t *testing.T) {
	l := newLine(t)
	c := l.addCustodian("first")
	report, file, _ := l.named()
	erased, err := l.EraseDue(t.Context(), l.now.AddDate(0, 0, 7))
	if err != nil || erased.Identities != 1 {
		t.Fatalf("%+v, %v", erased, err)
	}
	l.gone(c, report, file)
	if leaves := l.leaves(ActErased); len(leaves) != 1 || leaves[0] != `{"day":"2026-11-23","identities":1,"as_of":"2026-11-30T23:30:00Z"}` {
		t.Fatal(leaves)
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		r, err := tx.DayKey(t.Context(), file.Day)
		if err == nil && !r.DestroyedAt.Equal(l.now) {
			t.Errorf("destroyed at %v", r.DestroyedAt)
		}
		return err
	}))
}

// errCrash is where a test's process dies.
var errCrash = errors.New("crash")

// dyingKeys is a real keystore whose process dies before its nth deletion.
type dyingKeys struct {
	keystore.Keystore
	left int
}

func (d *dyingKeys) Delete(ctx context.Context, name string) error {
	if d.left--; d.left < 0 {
		return errCrash
	}
	return d.Keystore.Delete(ctx, name)
}

// dyingStore is a real store whose process dies before its first write.
type dyingStore struct{ heed.Store }

func (dyingStore) Update(context.Context, func(heed.Tx) error) error { return errCrash }

func TestAnErasureCutShortAnywhereIsCompletedByTheNext(t *testing.T) {
	for deletions := range 4 { // transit, two custodians' seeds, then the rows
		l := newLine(t)
		c := l.addCustodian("first")
		l.addCustodian("second")
		report, file, _ := l.named()
		for _, n := range l.keyNames() { // the seed of the key that the second custodian replaced
			if strings.Contains(n, string(c.ID)) && !strings.Contains(n, fingerprint(l.day(l.now).Identity)) {
				l.must(l.keys.Delete(t.Context(), n))
			}
		}
		l.now = at("2026-11-30T00:00:00Z")
		dying := l.another(dyingStore{l.store}, &dyingKeys{l.keys, deletions})
		if erased, err := dying.EraseDue(t.Context(), l.now); !errors.Is(err, errCrash) || len(erased.Days) > 0 {
			t.Fatalf("%+v, %v", erased, err)
		}
		if deletions == 3 {
			if _, err := l.open(c, report); !errors.Is(err, heed.ErrSealed) {
				t.Errorf("the rows outlived the keys, yet: %v", err)
			}
			if _, err := l.OpenFileKey(t.Context(), file, seal.ByTransit, file.TransitKey); !errors.Is(err, heed.ErrGone) {
				t.Errorf("the file's key: %v", err)
			}
		}
		erased, err := l.EraseDue(t.Context(), l.now)
		if err != nil || erased.Identities != 1 {
			t.Fatalf("after %d deletions: %+v, %v", deletions, erased, err)
		}
		l.gone(c, report, file)
		if leaves := l.leaves(ActErased); len(leaves) != 1 {
			t.Errorf("after %d deletions: %v", deletions, leaves)
		}
	}
}

func TestANodeThatWasOffForTenDaysErasesEveryDueDay(t *testing.T) {
	l := newLine(t)
	c := l.addCustodian("first")
	var reports []heed.ID
	var files []*heed.Attachment
	for range 3 {
		l.must(l.EnsureDays(t.Context(), l.now))
		report, file, _ := l.named()
		reports, files = append(reports, report), append(files, file)
		l.now = l.now.AddDate(0, 0, 1)
	}
	l.now = l.now.AddDate(0, 0, 10)
	erased, err := l.EraseDue(t.Context(), l.now)
	if err != nil || erased.Identities != 3 || len(erased.Days) != 5 { // two more had been made ahead
		t.Fatalf("%+v, %v", erased, err)
	}
	for i := range reports {
		l.gone(c, reports[i], files[i])
	}
}

func TestKeysAndRowsThatARestoredCopyBringsBackAreErasedAgain(t *testing.T) {
	l := newLine(t)
	l.addCustodian("first")
	l.named()
	var saved []byte
	name := transitName("2026-11-23", l.day(l.now).Transit)
	saved, err := l.keys.Get(t.Context(), name)
	l.must(err)
	l.now = at("2026-11-30T00:00:00Z")
	if _, err := l.EraseDue(t.Context(), l.now); err != nil {
		t.Fatal(err)
	}
	l.must(l.keys.Put(t.Context(), name, saved))
	l.update(func(tx heed.Tx) error { return tx.AddIdentity(t.Context(), "report", "2026-11-23", []byte("sealed")) })
	erased, err := l.EraseDue(t.Context(), l.now)
	if err != nil || erased.Identities != 1 {
		t.Fatalf("%+v, %v", erased, err)
	}
	if _, err := l.keys.Get(t.Context(), name); !errors.Is(err, heed.ErrNotFound) {
		t.Fatal(err)
	}
}
