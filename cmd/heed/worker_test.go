package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/jobs"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestAnErasureThatIsGivenUpIsEnqueuedAnew(t *testing.T) {
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	sv := &server{line: &line{place: &place{store: store, s: &surroundings{Now: func() time.Time { return time.Now().Add(-time.Hour) }}}}}
	var tried atomic.Int64
	runner := jobs.NewSQLite(store.WriteDB(), jobs.Options{})
	runner.Handle(review.JobErase, jobs.Kind{
		Run: func(_ context.Context, args []byte) error {
			var a review.EraseArgs
			if err := json.Unmarshal(args, &a); err != nil || a.Report != "r1" {
				t.Errorf("%s, %v", args, err)
			}
			if tried.Add(1) < 3 {
				return errors.New("the disk is full")
			}
			return nil
		},
		KeepTrying: time.Nanosecond, GiveUp: sv.anew(review.JobErase),
	})
	if err := runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx heed.Tx) error {
		return tx.Enqueue(t.Context(), heed.Job{Kind: review.JobErase, Args: []byte(`{"report":"r1"}`)})
	})
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); tried.Load() < 3 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
	}
	if err := runner.Stop(context.Background()); err != nil || tried.Load() != 3 {
		t.Errorf("tried %d times, %v", tried.Load(), err)
	}
}
