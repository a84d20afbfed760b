package queue_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/queue"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// line is a store with keys, and the two processes that meet there.
type line struct {
	t     *testing.T
	store *sqlite.Store
	days  *identity.Service
	queue *queue.Queue
	sweep *queue.Sweep
	log   bytes.Buffer

	mu  sync.Mutex
	now time.Time
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

func (l *line) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func newLine(t *testing.T) *line {
	t.Helper()
	ctx, dir := context.Background(), t.TempDir()
	l := &line{t: t, now: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)}
	var err error
	l.store, err = sqlite.Open(ctx, sqlitetest.File(t, dir), sqlite.Options{})
	l.must(err)
	t.Cleanup(func() {
		if err := l.store.Close(); err != nil {
			t.Error(err)
		}
	})
	keys, err := keystore.OpenDirectory(filepath.Join(dir, "keystore"))
	l.must(err)
	l.days = identity.New(identity.Config{Store: l.store, Keystore: keys, Line: "test", Audit: seal.GenerateSigner(), Now: l.clock})
	l.must(errors.Join(l.days.Begin(ctx), l.days.EnsureDays(ctx, l.now)))
	log := slog.New(slog.NewTextHandler(&l.log, nil))
	l.queue = queue.New(queue.Config{Store: l.store, Days: l.days, Line: "test", Now: l.clock, Log: log})
	l.sweep = &queue.Sweep{Store: l.store, Numbers: l.days, Now: l.clock, Log: log}
	return l
}

func (l *line) view(read func(ctx context.Context, tx heed.Tx) error) {
	l.t.Helper()
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error { return read(l.t.Context(), tx) }))
}

func (l *line) update(write func(ctx context.Context, tx heed.Tx) error) {
	l.t.Helper()
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error { return write(l.t.Context(), tx) }))
}

// events is how many there are that say that the queue changed.
func (l *line) events() (n int) {
	l.t.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		all, err := tx.EventsAfter(ctx, 0, 100)
		for _, e := range all {
			if e.Kind == heed.EventCalls {
				n++
			}
		}
		return err
	})
	return n
}

func (l *line) waiting() (n int) {
	l.t.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		all, err := tx.QueuedCalls(ctx)
		n = len(all)
		return err
	})
	return n
}

func TestACallerWhoseProcessWasKilledLeavesTheDeskWithinTwentySecondsAndOneWhoLivesStays(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	dead, err := l.queue.Join(ctx, "en")
	l.must(err)
	l.wait(time.Second)
	other := queue.New(queue.Config{Store: l.store, Days: l.days, Line: "test", Now: func() time.Time { return l.clock().Add(-time.Hour) }, Log: slog.New(slog.DiscardHandler)}) // its clock is wrong
	_, err = other.Join(ctx, "en")
	l.must(err)
	events := l.events()
	for range 4 {
		l.must(l.sweep.Run(ctx))
		l.wait(5 * time.Second)
		l.must(queue.See(ctx, other))
	}
	if n := l.waiting(); n != 2 {
		t.Fatalf("%d calls before the time", n)
	}
	l.must(l.sweep.Run(ctx))
	if n := l.waiting(); n != 1 || l.events() != events+1 {
		t.Fatalf("%d calls, %d events", n, l.events()-events)
	}
	if !strings.Contains(l.log.String(), "a caller's process is gone") {
		t.Error(l.log.String())
	}
	// It wasn't dead, the store was away: it takes its place again, which was before the other's.
	place, err := dead.Look(ctx)
	l.must(err)
	if n := l.waiting(); n != 2 || place.State != heed.CallWaiting {
		t.Errorf("%d calls, %+v", n, place)
	}
	l.must(dead.Leave(ctx, heed.CallAbandoned))
	l.must(dead.Leave(ctx, heed.CallAbandoned))
}

func TestALookThatIsUnderWayBringsNobodyBackWhoHasLeft(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	l.must(l.queue.KeepNumber(ctx, "en", "0201234567"))
	l.update(func(ctx context.Context, tx heed.Tx) error {
		all, err := tx.CallBacks(ctx, time.Time{})
		if err != nil {
			return err
		}
		return tx.ClaimCallBack(ctx, all[0].ID, "ann", "sip:ann@pbx.example", l.clock())
	})
	waits, err := l.queue.Join(ctx, "en")
	l.must(err)
	back, err := l.queue.Next(ctx)
	l.must(err)
	for name, c := range map[string]struct {
		place phone.Waiting
		leave func() error
	}{
		"who waits":          {waits, func() error { return waits.Leave(ctx, heed.CallAbandoned) }},
		"who is called back": {back, func() error { return back.Missed(ctx, "ann", "") }},
	} {
		l.must(c.leave())
		if _, err := c.place.Look(ctx); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := l.waiting(); n != 0 {
		t.Errorf("%d in the queue", n)
	}
}

func TestANumberIsForgottenAfterFourHoursAndGivenBackWhereNobodyDialsIt(t *testing.T) {
	l := newLine(t)
	ctx := t.Context()
	l.must(l.queue.KeepNumber(ctx, "ar", "0201234567"))
	wish := func() (b *heed.CallBack) {
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.CallBacks(ctx, time.Time{})
			if len(all) > 0 {
				b = all[0]
			}
			return err
		})
		return b
	}
	claim := func(ctx context.Context, tx heed.Tx) error {
		return tx.ClaimCallBack(ctx, wish().ID, "ann", "sip:ann@pbx.example", l.clock())
	}
	l.update(claim)
	b, err := l.queue.Next(ctx)
	l.must(err)
	if _, err := l.queue.Next(ctx); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("it goes to two processes: %v", err)
	}
	if _, err := b.Number(ctx); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("before the worker gave it: %v", err)
	}
	l.must(l.sweep.Run(ctx))
	if number, err := b.Number(ctx); err != nil || number != "0201234567" {
		t.Errorf("%q, %v", number, err)
	}
	for range 5 { // the process dies
		l.wait(30 * time.Second)
		l.must(l.sweep.Run(ctx))
	}
	if w := wish(); w.Taker != "" || w.Resealed != nil || l.waiting() != 0 {
		t.Errorf("%+v", w)
	}
	l.wait(-time.Hour) // the desk's clock is another
	l.update(claim)
	l.wait(time.Hour)
	l.must(l.sweep.Run(ctx))
	l.wait(time.Minute)
	l.must(l.sweep.Run(ctx))
	if w := wish(); w.Taker == "" {
		t.Error("it was released before the time")
	}
	l.wait(time.Minute) // no process dials
	l.must(l.sweep.Run(ctx))
	if w := wish(); w.Taker != "" {
		t.Errorf("%+v", w)
	}
	l.wait(4 * time.Hour)
	if _, err := b.Number(ctx); !errors.Is(err, heed.ErrGone) {
		t.Errorf("after four hours: %v", err)
	}
	l.must(l.sweep.Run(ctx))
	if wish() != nil {
		t.Error("the number is still there")
	}
	l.view(func(ctx context.Context, tx heed.Tx) error {
		wanted, err := tx.Setting(ctx, heed.SettingScrub)
		if len(wanted) == 0 {
			t.Error("nobody is to scrub the store's journal")
		}
		return err
	})
}

func TestNoMoreNumbersAreKeptThanCanBeCalledBack(t *testing.T) {
	l := newLine(t)
	l.update(func(ctx context.Context, tx heed.Tx) error {
		for range 200 {
			if err := tx.AddCallBack(ctx, &heed.CallBack{ID: heed.NewID(l.clock()), Since: l.clock(), Expires: l.clock().Add(time.Hour)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := l.queue.KeepNumber(t.Context(), "en", "0201234567"); !errors.Is(err, heed.ErrBusy) {
		t.Errorf("%v", err)
	}
	l.wait(time.Hour)
	l.must(l.queue.KeepNumber(t.Context(), "en", "0201234567"))
}
