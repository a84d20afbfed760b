package audit_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// sequence is a store with a sequencer, whose clocks the test sets.
type sequence struct {
	testing.TB
	store heed.Store
	key   *seal.Signer
	host  time.Time
	ran   time.Duration // the steady clock
	clock *audit.Clock
	*audit.Sequencer
}

const sequenceLine = "01jqzk3v8h0000000000000000"

func onBothStores(t *testing.T, test func(t *testing.T, q *sequence)) {
	t.Run("SQLite", func(t *testing.T) {
		store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		test(t, newSequence(t, store))
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		store, err := postgres.Open(t.Context(), pgtest.URL(t), postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		test(t, newSequence(t, store))
	})
}

func newSequence(t testing.TB, store heed.Store) *sequence {
	t.Helper()
	q := &sequence{TB: t, store: store, key: seal.GenerateSigner(), host: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	t.Cleanup(func() { q.must(store.Close()) })
	q.restart()
	return q
}

// restart is another process on the same store.
func (q *sequence) restart() {
	q.clock = audit.NewClock(func() time.Time { return q.host }, func() time.Duration { return q.ran })
	q.Sequencer = audit.NewSequencer(audit.SequencerConfig{
		Store: q.store, Line: sequenceLine, Signer: q.key, Verifier: q.key.Verifier(), Clock: q.clock, Log: slog.New(slog.NewTextHandler(q.Output(), nil)),
	})
}

// pass lets time pass on both clocks.
func (q *sequence) pass(d time.Duration) { q.host, q.ran = q.host.Add(d), q.ran+d }

func (q *sequence) must(err error) {
	q.Helper()
	if err != nil {
		q.Fatal(err)
	}
}

func (q *sequence) add(act string, at time.Time) {
	q.Helper()
	l, err := audit.Leaf(act, "ann", "", at, struct{}{})
	q.must(err)
	q.must(q.store.Update(context.Background(), func(tx heed.Tx) error { return tx.AddLeaf(context.Background(), l) }))
}

// run hangs all that waits.
func (q *sequence) run() (hung int) {
	q.Helper()
	for more := true; more; {
		n, again, err := q.Run(q.Context())
		q.must(err)
		hung, more = hung+n, again
	}
	return hung
}

// verify holds the store against its Checkpoints and answers how many leaves it has hung.
func (q *sequence) verify() uint64 {
	q.Helper()
	verdict, err := audit.VerifyStore(q.Context(), q.store, sequenceLine, q.key.Verifier(), nil, nil)
	q.must(err)
	return verdict.Leaves
}

func (q *sequence) leaves() (all []*heed.AuditLeaf) {
	q.Helper()
	q.must(q.store.View(q.Context(), func(tx heed.Tx) (err error) {
		all, err = tx.Leaves(q.Context(), 0, "", 0)
		return err
	}))
	return all
}

func (q *sequence) floor() time.Time {
	q.Helper()
	var head *audit.Head
	q.must(q.store.View(q.Context(), func(tx heed.Tx) (err error) {
		head, err = audit.ReadHead(q.Context(), tx, sequenceLine, q.key.Verifier())
		return err
	}))
	return head.Floor
}

func (q *sequence) checkpoints() (notes [][]byte) {
	q.Helper()
	q.must(q.store.View(q.Context(), func(tx heed.Tx) error {
		all, err := tx.Checkpoints(q.Context(), time.Time{}, 0)
		for _, c := range all {
			notes = append(notes, c.Note)
		}
		return err
	}))
	return notes
}

func TestLeavesAreHungInOrderWithoutAGapAndKeepTheDateOfTheirAct(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		for i := range 1203 {
			q.add("report.read", q.host.Add(time.Duration(i)*time.Millisecond))
		}
		q.pass(2 * time.Second)
		if n := q.run(); n != 1203 {
			t.Errorf("%d hung", n)
		}
		if n := q.verify(); n != 1203 {
			t.Errorf("%d verified", n)
		}
		if at := q.leaves()[7].At; !at.Equal(q.host.Add(7*time.Millisecond - 2*time.Second)) {
			t.Errorf("dated %s", at)
		}
		if n := q.run(); n != 0 {
			t.Errorf("%d more", n)
		}
	})
}

func TestNoLeafIsDatedBeforeTheOneBeforeIt(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		noon := q.host
		for _, at := range []time.Duration{0, -time.Hour, time.Minute, 30 * time.Second} {
			q.add("a", noon.Add(at))
		}
		q.pass(2 * time.Minute)
		q.run()
		q.host = noon.Add(-72 * time.Hour) // set back
		q.add("a", q.host)
		q.run()
		want := []time.Duration{0, 0, time.Minute, time.Minute, time.Minute}
		for i, l := range q.leaves() {
			if !l.At.Equal(noon.Add(want[i])) {
				t.Errorf("leaf %d is dated %s", i+1, l.At.Sub(noon))
			}
		}
		q.verify()
	})
}

func TestALeafForgedWithADateIn2030MovesNoFloor(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		q.add("report.read", time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC))
		q.run()
		if !q.floor().Equal(q.host) || !q.clock.Now().Equal(q.host) || !q.clock.Due().Equal(q.host) {
			t.Errorf("floor %s, now %s", q.floor(), q.clock.Now())
		}
		q.restart()
		q.run()
		if now := q.clock.Now(); !now.Equal(q.host) {
			t.Errorf("after a restart it is %s", now)
		}
	})
}

func TestAHeadThatTheAuditKeyDidNotSignIsRefused(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		q.add("a", q.host)
		q.run()
		forge := func(change func([]byte)) {
			q.must(q.store.Update(t.Context(), func(tx heed.Tx) error {
				head, err := tx.Setting(t.Context(), "audit.head")
				q.must(err)
				change(head)
				return tx.PutSetting(t.Context(), "audit.head", head)
			}))
		}
		forge(func(b []byte) { b[64+8]++ }) // the floor, far ahead
		q.restart()
		if _, _, err := q.Run(t.Context()); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("a forged floor: %v", err)
		}
		forge(func(b []byte) { b[64+8]-- })
		q.run()
		// An old head brought back meets the tree that went on without it.
		old := bytes.Clone(mustHead(q))
		q.add("b", q.host)
		q.run()
		q.must(q.store.Update(t.Context(), func(tx heed.Tx) error { return tx.PutSetting(t.Context(), "audit.head", old) }))
		if _, _, err := q.Run(t.Context()); !errors.Is(err, heed.ErrConflict) {
			t.Errorf("an old head: %v", err)
		}
	})
}

func mustHead(q *sequence) (head []byte) {
	q.must(q.store.View(q.Context(), func(tx heed.Tx) (err error) {
		head, err = tx.Setting(q.Context(), "audit.head")
		return err
	}))
	return head
}

func TestAClockSetBackGoesOnFromTheFloorAlsoAfterARestart(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		noon := q.host
		q.add("a", noon)
		q.run()
		q.pass(2 * time.Hour)
		q.run() // nothing to hang: the floor moves all the same
		q.host = noon.Add(-5 * 24 * time.Hour)
		q.ran += time.Hour
		if now := q.clock.Now(); !now.Equal(noon.Add(3 * time.Hour)) {
			t.Errorf("it is %s after noon", now.Sub(noon))
		}
		q.restart()
		q.run()
		q.ran += time.Hour
		if now := q.clock.Now(); now.Before(noon.Add(3*time.Hour)) || q.clock.Behind() < 5*24*time.Hour {
			t.Errorf("after a restart it is %s after noon", now.Sub(noon))
		}
	})
}

func TestAForwardJumpStopsHangingUntilTwoPeopleBelieveTheClock(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		noon := q.host
		q.add("a", noon)
		q.run()
		q.host = noon.Add(3 * 365 * 24 * time.Hour)
		q.add("b", q.clock.Now())
		for range 2 {
			if n := q.run(); n != 0 || !q.floor().Equal(noon) || !q.clock.Now().Equal(noon) || !q.clock.Due().Equal(q.host) {
				t.Errorf("%d hung, floor %s, now %s, due %s", n, q.floor(), q.clock.Now(), q.clock.Due())
			}
			q.restart() // which forgets nothing
		}
		q.host = noon.Add(time.Minute) // mended; people must see it all the same
		q.ran += time.Minute
		if n := q.run(); n != 0 {
			t.Errorf("%d hung without anybody's word", n)
		}
		first := q.believe("ann")
		if again := q.believe("ann"); !errors.Is(again, heed.ErrForbidden) {
			t.Errorf("the same person twice: %v", again)
		}
		q.must(errors.Join(first, q.believe("ben")))
		if n := q.run(); n != 4 || !q.floor().Equal(q.host) || q.clock.Doubted() {
			t.Errorf("%d hung, floor %s", n, q.floor())
		}
		acts := ""
		for _, l := range q.leaves() {
			acts += l.Act + " "
		}
		if acts != "a b clock.doubted clock.asked clock.believed " {
			t.Errorf("%s", acts)
		}
		q.must(q.store.View(t.Context(), func(tx heed.Tx) error {
			told := ""
			events, err := tx.EventsAfter(t.Context(), 0, 10)
			for _, e := range events {
				told += e.Kind + " "
			}
			if told != "clock.doubted clock.believed " {
				t.Errorf("the desk was told %q", told)
			}
			return err
		}))
		q.verify()
	})
}

// believe is one person's word that the host's clock is right.
func (q *sequence) believe(who heed.ID) error {
	_, err := audit.Believe(q.Context(), q.store, who, q.clock.Now(), func(heed.Tx, heed.ID) error { return nil })
	return err
}

func TestALeafWithoutTwoPeopleHasNoClockBelieved(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		noon := q.host
		q.add("a", noon)
		q.run()
		q.host = noon.AddDate(3, 0, 0)
		for _, forged := range []struct {
			by      heed.ID
			details string
		}{{"", `{"first":"ann"}`}, {"", `{}`}, {"ann", `{}`}, {"ann", `{"first":"ann"}`}, {"ann", `7`}} {
			l := &heed.AuditLeaf{At: noon, Act: audit.ClockBelieved, Actor: forged.by, Details: []byte(forged.details)}
			q.must(q.store.Update(t.Context(), func(tx heed.Tx) error { return tx.AddLeaf(t.Context(), l) }))
			q.run()
			if !q.clock.Doubted() || !q.clock.Now().Equal(noon) || !q.floor().Equal(noon) {
				t.Errorf("by %q with %s: now %s, floor %s", forged.by, forged.details, q.clock.Now(), q.floor())
			}
		}
		q.must(errors.Join(q.believe("ann"), q.believe("ben")))
		q.run()
		if q.clock.Doubted() || !q.floor().Equal(q.host) {
			t.Errorf("two people are not believed: floor %s", q.floor())
		}
		q.verify()
	})
}

func TestAFloorThatRanAheadIsBroughtBackByTwoPeople(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		right := q.host
		q.host = right.AddDate(3, 0, 0) // the machine started so: nothing tells it from years of rest
		q.restart()
		q.add("a", q.host)
		q.run()
		q.host = right
		q.restart()
		q.run()
		if q.clock.Now().Before(right.AddDate(3, 0, 0)) {
			t.Error("a clock set back was believed")
		}
		q.must(errors.Join(q.believe("ann"), q.believe("ben")))
		q.run()
		if now := q.clock.Now(); !now.Equal(right) || !q.floor().Equal(right) {
			t.Errorf("it is %s", now)
		}
		q.pass(10 * time.Minute)
		q.add("b", q.host)
		q.run()
		q.verify() // Checkpoints go forward all the same
		if n := len(q.checkpoints()); n != 3 {
			t.Errorf("%d checkpoints", n)
		}
	})
}

func TestNoOtherWorkerUndoesThatTwoPeopleResetTheFloor(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		right := q.host
		q.host = right.AddDate(3, 0, 0)
		q.restart()
		q.add("a", q.host)
		q.run()
		other, otherClock := q.Sequencer, q.clock
		q.host = right
		q.restart()
		q.must(errors.Join(q.believe("ann"), q.believe("ben")))
		q.run()
		for range 2 {
			q.pass(2 * time.Minute)
			if _, _, err := other.Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			q.run()
			if !otherClock.Now().Equal(q.host) || !q.clock.Now().Equal(q.host) || q.floor().After(q.host) {
				t.Errorf("at %s the other worker has %s, this one %s, the floor is %s", q.host, otherClock.Now(), q.clock.Now(), q.floor())
			}
		}
		q.verify()
	})
}

func TestTheDatabasesClockIsHeldAgainstTheHosts(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		reference := q.host
		q.Reference = func(context.Context) (time.Time, error) { return reference, nil }
		q.add("a", q.host)
		if n := q.run(); n != 1 {
			t.Errorf("%d hung", n)
		}
		reference = q.host.Add(-2 * time.Hour)
		q.pass(2 * time.Minute)
		q.add("b", q.host)
		if n := q.run(); n != 0 || !q.clock.Doubted() {
			t.Errorf("%d hung", n)
		}
	})
}

func TestTwoSequencersAtOnceHangEachLeafOnce(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		const writers, each = 4, 120
		other := audit.NewSequencer(q.SequencerConfig)
		ctx, stop := context.WithCancel(t.Context())
		var hanging, writing sync.WaitGroup
		for _, s := range []*audit.Sequencer{q.Sequencer, other} {
			hanging.Go(func() {
				for ctx.Err() == nil {
					if _, _, err := s.Run(context.Background()); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for range writers {
			writing.Go(func() {
				for range each {
					q.add("report.read", q.host)
				}
			})
		}
		writing.Wait()
		stop()
		hanging.Wait()
		q.run()
		if n := q.verify(); n != writers*each {
			t.Errorf("%d hung", n)
		}
	})
}

func TestCheckpointsAreSignedWhileTheTreeGrowsAndAtOnceAfterAnErasure(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		shown := func() (note string) {
			q.must(q.store.View(t.Context(), func(tx heed.Tx) (err error) {
				note, err = audit.PublicCheckpoint(t.Context(), tx)
				return err
			}))
			return note
		}
		steps := []struct {
			after   time.Duration
			act     string
			signed  int
			renewed bool // what everybody is shown
		}{
			{0, "a", 1, true},
			{time.Minute, "a", 1, false},
			{5 * time.Minute, "a", 2, false},
			{10 * time.Minute, "", 2, false},
			{time.Second, "report.erased", 3, false},
			{time.Second, "identity.erased", 4, true},
			{25 * time.Hour, "a", 5, true},
		}
		for i, step := range steps {
			before := shown()
			q.pass(step.after)
			if step.act != "" {
				q.add(step.act, q.host)
			}
			q.run()
			if n := len(q.checkpoints()); n != step.signed {
				t.Errorf("step %d: %d checkpoints", i, n)
			}
			if renewed := shown() != before; renewed != step.renewed {
				t.Errorf("step %d: renewed %t", i, renewed)
			}
		}
		last := q.checkpoints()[4]
		if c, err := audit.Open(last, sequenceLine, q.key.Verifier()); err != nil || c.Size != 6 || string(last) != shown() {
			t.Errorf("%+v %v", c, err)
		}
	})
}

func TestWhatCanBeNoLeafStopsNoOther(t *testing.T) {
	onBothStores(t, func(t *testing.T, q *sequence) {
		q.add("a", q.host)
		q.must(q.store.Update(t.Context(), func(tx heed.Tx) error {
			return tx.AddLeaf(t.Context(), &heed.AuditLeaf{At: q.host, Act: "forged", Commitment: []byte("short"), Details: []byte("{}")})
		}))
		q.add("b", q.host)
		q.run()
		_, err := audit.VerifyStore(t.Context(), q.store, sequenceLine, q.key.Verifier(), nil, nil)
		var fault *audit.Fault
		if !errors.As(err, &fault) || fault.Kind != audit.Added || fault.Seq != 2 {
			t.Errorf("%v", err)
		}
	})
}
