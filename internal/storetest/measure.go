package storetest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// Benchmark measures a store: submissions by 1, 16 and 64 writers at once.
func Benchmark(b *testing.B, open func(b *testing.B) heed.Store) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprint(writers, "-writers"), func(b *testing.B) {
			s := open(b)
			b.ResetTimer()
			Submit(b, s, writers, b.N)
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tx/s")
		})
	}
}

// Submit writes n reports as an intake does (report, receipt, leaf, event, job), by so many writers, and gives the time
// that each took.
func Submit(t testing.TB, s heed.Store, writers, n int) []time.Duration {
	ctx := t.Context()
	var wg sync.WaitGroup
	took := make([]time.Duration, n)
	for w := range writers {
		wg.Go(func() {
			for i := w; i < n; i += writers {
				began := time.Now()
				if err := s.Update(ctx, submission(ctx, began)); err != nil {
					t.Error(err)
				}
				took[i] = time.Since(began)
			}
		})
	}
	wg.Wait()
	slices.Sort(took)
	return took
}

func submission(ctx context.Context, now time.Time) func(heed.Tx) error {
	r := &heed.Report{
		ID: heed.NewID(now), Channel: heed.ChannelWeb, State: heed.Received, Urgency: heed.Normal, ReceivedAt: now,
		Language: "en", DayKey: now.Format(time.DateOnly), Content: make([]byte, 512), StateSince: now,
		ScreenBy: now.Add(5 * time.Minute), NextDue: now.Add(5 * time.Minute), NextAlert: now.Add(150 * time.Second),
	}
	return func(tx heed.Tx) error {
		if err := tx.AddReport(ctx, r, make([]byte, 1216)); err != nil {
			return err
		}
		if err := tx.AddReceipt(ctx, []byte(heed.NewID(now)), r.ID, make([]byte, 64)); err != nil {
			return err
		}
		leaf := &heed.AuditLeaf{At: now, Act: "report.received", Report: r.ID, Details: []byte(`{"sha256":"…"}`)}
		if err := tx.AddLeaf(ctx, leaf); err != nil {
			return err
		}
		if err := tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: "report.changed", Report: r.ID}); err != nil {
			return err
		}
		return tx.Enqueue(ctx, heed.Job{Kind: "screen", Args: []byte(`{"report":"` + string(r.ID) + `"}`)})
	}
}

// Measure fills the store with n reports, then reads its lists as the desk does, and says how long each takes. None may
// take longer than most at the 95th percentile; 0: it only says so, as where others share the machine.
func Measure(t *testing.T, s heed.Store, n int, most time.Duration) {
	ctx := t.Context()
	began := time.Now()
	if err := Fill(ctx, s, n); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d reports in %s", n, time.Since(began).Round(time.Second))
	six := []string{"category-1", "category-3", "category-5", "category-7", "category-11", "category-15"}
	queries := map[string]heed.ReportQuery{
		"the queue":                   {List: heed.ListReview},
		"the queue of a category":     {List: heed.ListReview, Category: "category-3"},
		"the queue of an urgency":     {List: heed.ListReview, Urgency: heed.High},
		"all":                         {},
		"all of an urgency":           {Urgency: heed.Low},
		"all of a category":           {Category: "category-3"},
		"a state":                     {State: heed.NeedsInfo},
		"a state and a category":      {State: heed.Closed, Category: "category-15"},
		"a state and an urgency":      {State: heed.Closed, Urgency: heed.Immediate},
		"the queue of six categories": {List: heed.ListReview, Categories: six},
		"all of six categories":       {Categories: six},
		"a word of six categories":    {Tokens: [][]byte{FilledToken(1)}, Categories: six},
		"what is done":                {List: heed.ListDone},
		"mine":                        {Claimed: "staff-7"},
		"mine in the queue":           {Claimed: "staff-7", List: heed.ListReview},
		"a word of a third":           {Tokens: [][]byte{FilledToken(1)}},
		"a word of a few":             {Tokens: [][]byte{FilledToken(1000 + 7919)}},
		"a frequent and a rare one":   {Tokens: [][]byte{FilledToken(1), FilledToken(1000 + 7919)}, List: heed.ListReview},
	}
	maps.Copy(queries, RareQueries())
	for name, q := range queries {
		first := slowest(t, s, 20, func(tx heed.Tx) error {
			found, err := tx.Reports(ctx, q)
			if err == nil && len(found) > 0 {
				q.After = found[len(found)-1] // the next turn reads the next page
			}
			return err
		})
		t.Logf("%-28s %8s", name, first.Round(10*time.Microsecond))
		limit := most
		if q.List == heed.ListDone {
			limit *= 4 // nobody waits for what is over, and it lies scattered over the disk
		}
		if most > 0 && first > limit {
			t.Errorf("%s took %s", name, first)
		}
	}
	rest := map[string]func(heed.Tx) error{
		"count the queue to 1,000": func(tx heed.Tx) error {
			_, err := tx.CountReports(ctx, heed.ReportQuery{List: heed.ListReview}, 1000)
			return err
		},
		"count six categories": func(tx heed.Tx) error {
			_, err := tx.CountReports(ctx, heed.ReportQuery{List: heed.ListReview, Categories: six}, 1000)
			return err
		},
		"one report":    func(tx heed.Tx) error { _, err := tx.Report(ctx, FilledID(n/2)); return err },
		"its leaves":    func(tx heed.Tx) error { _, err := tx.Leaves(ctx, 0, FilledID(n/2), 100); return err },
		"alerts due":    func(tx heed.Tx) error { _, err := tx.AlertsDue(ctx, noon, 100); return err },
		"claims lapsed": func(tx heed.Tx) error { _, err := tx.ClaimsLapsed(ctx, noon, 100); return err },
		"unscreened":    func(tx heed.Tx) error { _, err := tx.Unscreened(ctx, noon, 100); return err },
	}
	for name, read := range rest {
		took := slowest(t, s, 20, read)
		t.Logf("%-28s %8s", name, took.Round(10*time.Microsecond))
		if most > 0 && took > most {
			t.Errorf("%s took %s", name, took)
		}
	}
}

// RareQueries are what an account asks for that is limited to categories of which Fill made hardly anything.
func RareQueries() map[string]heed.ReportQuery {
	one, two := []string{RareCategory}, []string{RareCategory, SeldomCategory}
	return map[string]heed.ReportQuery{
		"the queue of a rare one":    {List: heed.ListReview, Categories: one},
		"the queue of two rare ones": {List: heed.ListReview, Categories: two},
		"all of two rare ones":       {Categories: two},
		"a state of two rare ones":   {State: heed.Closed, Categories: two},
		"a word of a rare one":       {Tokens: [][]byte{FilledToken(1)}, Categories: one},
		"a word of two rare ones":    {Tokens: [][]byte{FilledToken(1)}, Categories: two},
		"a few's word of rare ones":  {Tokens: [][]byte{FilledToken(1000 + 7919)}, Categories: two},
	}
}

// slowest is the 95th percentile of so many Views.
func slowest(t *testing.T, s heed.Store, times int, read func(heed.Tx) error) time.Duration {
	t.Helper()
	took := make([]time.Duration, times)
	for i := range took {
		began := time.Now()
		if err := s.View(t.Context(), read); err != nil {
			t.Fatal(err)
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return took[times*95/100]
}
