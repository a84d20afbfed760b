package postgres_test

import (
	"flag"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/storetest"
	"github.com/heed-line/heed/internal/storetest/pgtest"
)

// million is a flag of the test binary; flags have no other place.
var million = flag.Bool("heed.million", false, "measure with a million reports instead of ten thousand")

func BenchmarkSubmission(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) heed.Store {
		s, err := postgres.Open(b.Context(), pgtest.URL(b), postgres.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { s.Close() })
		return s
	})
}

func TestALargeLineIsListedQuickly(t *testing.T) {
	s, n, most := open(t), 10_000, time.Duration(0) // tests share the machine: the time of a small line says nothing
	if *million {
		n, most = 1_000_000, 50*time.Millisecond
	}
	before := storetest.Submit(t, s, 16, 800)
	storetest.Measure(t, s, n, most)
	wantNoWalk(t, s)
	after := storetest.Submit(t, s, 16, 800)
	t.Logf("a submission, median: %s before, %s after", before[400], after[400])
}

// wantNoWalk fails the test where a list of who is limited to categories of which there is hardly anything reads others' reports.
func wantNoWalk(t *testing.T, s *postgres.Store) {
	t.Helper()
	ctx := t.Context()
	for name, q := range storetest.RareQueries() {
		most := 100.0
		if len(q.Tokens) > 0 {
			most = 3000 // those that have a word that isn't frequent are all looked at
		}
		for what, list := range map[string]func(heed.Tx) error{
			"listed":  func(tx heed.Tx) error { _, err := tx.Reports(ctx, q); return err },
			"counted": func(tx heed.Tx) error { _, err := tx.CountReports(ctx, q, 1000); return err },
		} {
			read, plan, err := postgres.Walking(ctx, s, list)
			if err != nil {
				t.Fatal(err)
			}
			if read > most {
				t.Errorf("%s, %s: it reads %.0f rows:\n%s", name, what, read, plan)
			}
		}
	}
}
