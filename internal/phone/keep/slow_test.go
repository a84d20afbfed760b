package keep_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
	"github.com/heed-line/heed/internal/survive"
)

// slow is a store that takes no write while it is held.
type slow struct {
	heed.Store
	hold   sync.RWMutex
	writes atomic.Int32
}

func (s *slow) Update(ctx context.Context, fn func(heed.Tx) error) error {
	s.hold.RLock()
	defer s.hold.RUnlock()
	s.writes.Add(1)
	return s.Store.Update(ctx, fn)
}

func TestASlowStoreNeverHoldsTheCallUpAndTheCallerIsToldWhenItLastsTooLong(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	held := &slow{Store: store}
	l := newLine(t, t.TempDir(), store, held)
	r := l.begin("en")
	l.must(r.NewTake(t.Context()))
	held.hold.Lock()
	said := frames(1, 440)
	kept, begun := 0, time.Now()
	for err = r.Write(&said[0]); err == nil; err = r.Write(&said[0]) {
		kept++
	}
	if !errors.Is(err, heed.ErrBusy) {
		t.Errorf("a store that takes nothing: %v", err)
	}
	if kept != 62*50-1 { // a minute waits, and all but the last frame of what would be the next piece
		t.Errorf("%d frames wait for the store", kept)
	}
	if took := time.Since(begun); took > 10*time.Second {
		t.Errorf("a minute's frames took %v to be handed over", took)
	}
	before := held.writes.Load()
	held.hold.Unlock()
	for range 2 * 50 { // the store has come back, and the call goes on
		for err = r.Write(&said[0]); errors.Is(err, heed.ErrBusy); err = r.Write(&said[0]) {
			time.Sleep(time.Millisecond)
		}
		l.must(err)
		kept++
	}
	l.must(r.EndTake(t.Context()))
	if writes := held.writes.Load() - before; writes > 30 { // two for each of those that are stored together, where there are thirty pieces and more
		t.Errorf("what had waited was stored by %d writes", writes)
	}
	_, err = r.Submit(t.Context())
	l.must(err)
	reports, _ := l.reports()
	if file := l.files(reports[0].ID)[0]; len(file) != 24+kept*sound.FrameSamples {
		t.Errorf("of %d frames %d bytes were kept", kept, len(file))
	}
}

func TestWhereTheProgramBreaksWhileSomethingIsStoredTheCallIsTold(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	l := newLine(t, t.TempDir(), store, store)
	said := frames(100, 440)
	r := l.begin("en")
	l.says(r, said)
	l.must(r.EndTake(t.Context()))
	l.must(r.NewTake(t.Context()))
	l.breaks.Store(true)
	for err = nil; err == nil; err = r.Write(&said[0]) {
		time.Sleep(time.Millisecond)
	}
	if !errors.Is(err, survive.ErrBroke) {
		t.Errorf("%v", err)
	}
	l.breaks.Store(false)
	l.must(r.Close(t.Context()))
	reports, _ := l.reports()
	l.isRecording(l.files(reports[0].ID)[0], said)
}
