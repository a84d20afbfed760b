package sqlite_test

import (
	"flag"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// million is a flag of the test binary; flags have no other place.
var million = flag.Bool("heed.million", false, "measure with a million reports instead of ten thousand")

func BenchmarkSubmission(b *testing.B) {
	storetest.Benchmark(b, func(b *testing.B) heed.Store {
		s, err := sqlite.Open(b.Context(), sqlitetest.File(b, b.TempDir()), sqlite.Options{})
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
	after := storetest.Submit(t, s, 16, 800)
	t.Logf("a submission, median: %s before, %s after", before[400], after[400])
}
