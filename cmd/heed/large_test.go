package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest"
)

// How a line with many reports answers: its pages' 95th percentiles, and its submissions beside those of a line that has
// none, in turns. With HEED_SOAK it has a million and must keep its word; otherwise a few thousand, and it must only work.
func TestALargeLineAnswersAndTakesReportsLikeAnEmptyOne(t *testing.T) {
	n, turns, long, looks := 1000, 1, 200*time.Millisecond, 10
	soak := os.Getenv("HEED_SOAK") != ""
	if soak {
		n, turns, long, looks = 1_000_000, 5, 8*time.Second, 100
	}
	onBothStores(t, func(t *testing.T, stores []string) {
		large, empty := largeLine(t, n, stores[0]), startLine(t, storeArgs(stores[1])...)
		token := large.addStaff("mara", "specialist,lead")
		var shares []float64
		for range turns {
			a, b := submissionRate(t, large, long), submissionRate(t, empty, long)
			shares = append(shares, a/b)
			t.Logf("%.1f submissions a second with %d reports, %.1f with none: %.2f", a, n, b, a/b)
		}
		large.submit(map[string]any{"text": "The neighbour of the mill burns rubbish every night, and the smoke comes into the school."})
		waiting := func() int {
			return len(large.reports(t, token, "?state=received")) + len(large.reports(t, token, "?state=screening"))
		}
		for limit := time.Now().Add(2 * time.Minute); waiting() > 0; time.Sleep(time.Second) {
			if time.Now().After(limit) {
				t.Fatalf("%d reports are not screened\n%s", waiting(), large.logs)
			}
		}

		visitor := large.signIn(t, "mara")
		// The filled ones are noise and can't be opened, so a word finds only what was submitted.
		fresh := large.reports(t, token, "?q=neighbour&purpose=measuring")
		if len(fresh) == 0 {
			t.Fatal("none of the submitted reports is found")
		}
		get := func(path string) func(int) { return func(int) { visitor.get(path) } }
		pages := map[string]func(i int){
			"the queue":         get("/queue/review"),
			"a report":          func(i int) { visitor.get("/reports/" + fresh[i%len(fresh)].ID) },
			"the queue's state": get("/queue/review/tabs"),
		}
		// Who may see hardly anything: their page is never full, so nothing ends a walk through the others' reports.
		large.addStaff("sela", "specialist", "--category", storetest.RareCategory+","+storetest.SeldomCategory)
		limited := large.signIn(t, "sela")
		pages["a limited queue"] = func(int) { limited.get("/queue/review") }
		pages["its state"] = func(int) { limited.get("/queue/review/tabs") }
		pages["its search"] = func(int) { limited.post("/search", url.Values{"words": {"neighbour"}, "purpose": {"measuring"}}) }
		for name, page := range pages {
			took := make([]time.Duration, looks)
			for i := range took {
				begun := time.Now()
				page(i)
				took[i] = time.Since(begun)
			}
			slices.Sort(took)
			p95 := took[looks*95/100]
			t.Logf("%-18s p50 %s, p95 %s", name, took[looks/2].Round(time.Millisecond/10), p95.Round(time.Millisecond/10))
			if soak && p95 > 50*time.Millisecond {
				t.Errorf("%s: p95 %s", name, p95)
			}
		}
		slices.Sort(shares)
		if median := shares[len(shares)/2]; soak && median < 0.9 {
			t.Errorf("submission at %.2f of an empty line's rate", median)
		}
	})
}

// largeLine is a line whose store holds n reports already.
func largeLine(t *testing.T, n int, storeURL string) *testLine {
	t.Helper()
	data := filepath.Join(t.TempDir(), "line")
	args := storeArgs(storeURL)
	serveLine(t, data, time.Now, args...).stop()
	var store interface {
		heed.Store
		Close() error
	}
	var err error
	if storeURL == "" {
		store, err = sqlite.Open(t.Context(), filepath.Join(data, "heed.db"), sqlite.Options{})
	} else {
		store, err = postgres.Open(t.Context(), storeURL, postgres.Options{})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := storetest.Fill(t.Context(), store, n); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return serveLine(t, data, time.Now, args...)
}

func storeArgs(url string) []string {
	if url == "" {
		return nil
	}
	return []string{"--store", url}
}

// onBothStores runs the test on SQLite and on PostgreSQL, each with two stores of its own ("" is SQLite's).
func onBothStores(t *testing.T, test func(t *testing.T, stores []string)) {
	t.Run("SQLite", func(t *testing.T) { test(t, []string{"", ""}) })
	t.Run("PostgreSQL", func(t *testing.T) {
		c, err := postgresCluster()
		if err != nil {
			t.Fatal(err)
		}
		test(t, []string{c.fresh(t), c.fresh(t)})
	})
}

// submissionRate is how many submissions a second the line takes from 16 clients.
func submissionRate(t *testing.T, l *testLine, long time.Duration) float64 {
	t.Helper()
	client, from := newPublicClient(l.public, 16), newGenerator(0, 0)
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	var mu sync.Mutex
	var group sync.WaitGroup
	accepted, begun := 0, time.Now()
	for range 16 {
		group.Go(func() {
			for ctx.Err() == nil {
				sub, _ := from.next()
				status, err := client.submit(t.Context(), sub)
				if err == nil && status != 201 {
					err = fmt.Errorf("status %d", status)
				}
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				accepted++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	return float64(accepted) / time.Since(begun).Seconds()
}
