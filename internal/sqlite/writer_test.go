package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// impatient is a store whose Update waits no longer than wait.
func impatient(t *testing.T, wait time.Duration) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{Wait: wait})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// occupy keeps the writing connection until the test calls the function that it returns.
func occupy(t *testing.T, s *sqlite.Store) func() {
	t.Helper()
	tx, err := s.WriteDB().Begin()
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(); err != nil {
			t.Error(err)
		}
	}
}

func put(ctx context.Context, s *sqlite.Store, name string) error {
	return s.Update(ctx, func(tx heed.Tx) error { return tx.PutSetting(ctx, name, []byte("1")) })
}

func has(t *testing.T, s *sqlite.Store, name string) bool {
	t.Helper()
	err := s.View(t.Context(), func(tx heed.Tx) error { _, err := tx.Setting(t.Context(), name); return err })
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		t.Fatal(err)
	}
	return err == nil
}

func TestAnUpdateThatWaitsTooLongIsRefusedAndNeverRuns(t *testing.T) {
	s := impatient(t, 100*time.Millisecond)
	release := occupy(t, s)
	if err := put(t.Context(), s, "x"); !errors.Is(err, heed.ErrBusy) {
		t.Errorf("got %v", err)
	}
	release()
	if err := put(t.Context(), s, "y"); err != nil {
		t.Error(err)
	}
	if has(t, s, "x") {
		t.Error("the refused one ran")
	}
}

func TestAnUpdateWhoseCallerLeftTheLineNeverRuns(t *testing.T) {
	s := impatient(t, time.Minute)
	release := occupy(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := put(ctx, s, "x"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	release()
	if err := put(t.Context(), s, "y"); err != nil {
		t.Error(err)
	}
	if has(t, s, "x") {
		t.Error("it ran")
	}
}

func TestAnUpdateThatBeganIsFinishedThoughItsCallerLeft(t *testing.T) {
	s := impatient(t, time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Update(ctx, func(tx heed.Tx) error {
		cancel()
		return tx.PutSetting(ctx, "x", []byte("1"))
	})
	if err != nil || !has(t, s, "x") {
		t.Errorf("got %v, there: %v", err, has(t, s, "x"))
	}
}

func TestAClosedStoreRefuses(t *testing.T) {
	s := impatient(t, time.Minute)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := put(t.Context(), s, "x"); err == nil {
		t.Error("it wrote")
	}
	if err := s.Ready(t.Context()); err == nil {
		t.Error("it is ready")
	}
}

func TestClosingFinishesWhatStandsInLine(t *testing.T) {
	path := sqlitetest.File(t, t.TempDir())
	s := openFile(t, path)
	var wg sync.WaitGroup
	answers := make([]error, 50)
	for i := range answers {
		wg.Go(func() { answers[i] = put(context.Background(), s, fmt.Sprint(i)) })
	}
	time.Sleep(2 * time.Millisecond)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	again := openFile(t, path)
	for i, err := range answers {
		if there := has(t, again, fmt.Sprint(i)); there != (err == nil) {
			t.Errorf("update %d answered %v, there: %v", i, err, there)
		}
	}
}

func TestTwoProcessesWriteToOneFileInTurns(t *testing.T) {
	// Two stores of one process hold locks against each other as those of two processes do.
	path := sqlitetest.File(t, t.TempDir())
	one, two := openFile(t, path), openFile(t, path)
	var wg sync.WaitGroup
	for i, s := range []*sqlite.Store{one, two} {
		for w := range 4 {
			wg.Go(func() {
				for n := range 25 {
					if err := put(t.Context(), s, fmt.Sprint(i, w, n)); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	wg.Wait()
	for i := range 2 {
		if !has(t, one, fmt.Sprint(i, 3, 24)) || !has(t, two, fmt.Sprint(i, 3, 24)) {
			t.Error("one doesn't see the other's")
		}
	}
}
