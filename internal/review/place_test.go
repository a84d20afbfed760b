package review_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// slow is a store whose next write waits, once it is asked to.
type slow struct {
	heed.Store
	held  atomic.Pointer[held]
	views atomic.Int64 // that have ended
}

type held struct {
	begun, released chan struct{}
	err             error // it fails with, nil for none
}

func (s *slow) Update(ctx context.Context, fn func(heed.Tx) error) error {
	if h := s.held.Swap(nil); h != nil {
		close(h.begun)
		<-h.released
		if h.err != nil {
			return h.err
		}
	}
	return s.Store.Update(ctx, fn)
}

func (s *slow) View(ctx context.Context, fn func(heed.Tx) error) error {
	defer s.views.Add(1)
	return s.Store.View(ctx, fn)
}

// wait waits until so many views have ended.
func (s *slow) wait(t *testing.T, views int64) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); s.views.Load() < views; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the store isn't looked into")
		}
	}
}

func TestACopyIsFoundThoughItsOriginalIsStillBeingStored(t *testing.T) {
	opened, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &slow{Store: opened}
	l := newLineOn(t, s)
	original, unlike := l.submit(blocked)[0], "Somebody sells stolen bicycles behind the swimming pool every Friday evening."
	copies := l.submit(blocked+" Please do something about it.", unlike, blocked)
	h := &held{begun: make(chan struct{}), released: make(chan struct{})}
	s.held.Store(h)
	var jobs errgroup.Group
	jobs.Go(func() error { return l.Screen(t.Context(), original) })
	<-h.begun // it is placed, and about to be stored
	before := s.views.Load()
	jobs.Go(func() error { return l.Screen(t.Context(), copies...) })
	s.wait(t, before+2) // they are taken, and looked for in the store
	if l.stored(original) {
		t.Error("the original is stored already")
	}
	close(h.released)
	l.must(jobs.Wait())
	if sc := l.screening(copies[0]); sc.DuplicateOf == nil || *sc.DuplicateOf != original {
		t.Errorf("the copy is %+v", sc)
	}
	if r := l.get(copies[2]); r.CopyOf != original { // it was stored after it
		t.Errorf("it waits under %q", r.CopyOf)
	}
	if sc := l.screening(copies[1]); sc.DuplicateOf != nil || len(sc.Similar) != 0 {
		t.Errorf("what is unlike is %+v", sc)
	}
	// Nothing is kept of it for the next ones: it is found in the store.
	last := l.submit(blocked)[0]
	l.must(l.Screen(t.Context(), last))
	if sc := l.screening(last); sc.DuplicateOf == nil || *sc.DuplicateOf != original {
		t.Errorf("the next copy is %+v", sc)
	}
}

// stored says whether the report was screened and that is stored.
func (l *line) stored(id heed.ID) bool {
	l.Helper()
	r := l.get(id)
	return r.State != heed.Received && r.State != heed.InScreening
}

func TestAReportThatTwoJobsScreenAtOnceIsNoCopyOfItself(t *testing.T) {
	opened, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &slow{Store: opened}
	l := newLineOn(t, s)
	id := l.submit(blocked)[0]
	h := &held{begun: make(chan struct{}), released: make(chan struct{})}
	s.held.Store(h)
	var jobs errgroup.Group
	jobs.Go(func() error { return l.Screen(t.Context(), id) })
	<-h.begun
	before := s.views.Load()
	jobs.Go(func() error { return l.Screen(t.Context(), id) })
	s.wait(t, before+2)
	close(h.released)
	l.must(jobs.Wait())
	if sc := l.screening(id); sc.DuplicateOf != nil || len(sc.Similar) != 0 {
		t.Errorf("it is %+v", sc)
	}
	if acts := l.acts(id); len(acts) != 3 { // received, screened once, read just now
		t.Errorf("%v", acts)
	}
}

func TestACopyOfAReportThatCouldNotBeStoredIsNotWhatThatReportCopiesItselfBy(t *testing.T) {
	opened, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &slow{Store: opened}
	l := newLineOn(t, s)
	original, copied := l.submit(blocked)[0], l.submit(blocked + " Please do something about it.")[0]
	h := &held{begun: make(chan struct{}), released: make(chan struct{}), err: heed.ErrBusy}
	s.held.Store(h)
	first := make(chan error, 1)
	go func() { first <- l.Screen(t.Context(), original) }()
	<-h.begun
	before := s.views.Load()
	second := make(chan error, 1)
	go func() { second <- l.Screen(t.Context(), copied) }()
	s.wait(t, before+2) // it was compared with what is about to fail
	close(h.released)
	if err := <-first; !errors.Is(err, heed.ErrBusy) {
		t.Fatal(err)
	}
	l.must(<-second)
	if sc := l.screening(copied); sc.DuplicateOf != nil || len(sc.Similar) != 0 {
		t.Errorf("what was stored first is %+v", sc)
	}
	l.must(l.Screen(t.Context(), original)) // its job is tried again
	if sc := l.screening(original); sc.DuplicateOf == nil || *sc.DuplicateOf != copied {
		t.Errorf("what was stored last is %+v", sc)
	}
}
