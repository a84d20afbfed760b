package main

import (
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/backup"
	"github.com/heed-line/heed/internal/seal"
)

// peakOf is the most memory that Go's heap held beyond what it held before, while fn ran.
func peakOf(fn func()) (bytes int64) {
	defer debug.SetGCPercent(debug.SetGCPercent(100)) // as it is where nobody sets GOGC
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var peak atomic.Int64
	done := make(chan struct{})
	sampled := make(chan struct{})
	go func() {
		defer close(sampled)
		for ticker := time.NewTicker(20 * time.Millisecond); ; {
			select {
			case <-done:
				ticker.Stop()
				return
			case <-ticker.C:
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak.Store(max(peak.Load(), int64(now.HeapInuse)-int64(before.HeapInuse)))
			}
		}
	}()
	fn()
	close(done)
	<-sampled
	return peak.Load()
}

// A line's backup must not need memory that grows with the line.
func TestALargeLineIsBackedUpInLittleMemory(t *testing.T) {
	n := 3000
	if os.Getenv("HEED_SOAK") != "" {
		n = 100_000
	}
	onBothStores(t, func(t *testing.T, stores []string) {
		l := largeLine(t, n, stores[0])
		var b saved
		begun := time.Now()
		peak := peakOf(func() { b = l.backUp(t) })
		took := time.Since(begun)
		t.Logf("%d reports backed up in %s, %.0f a second, %d MiB of heap at most", n, took.Round(time.Millisecond), float64(n)/took.Seconds(), peak>>20)
		if peak > 64<<20 {
			t.Errorf("%d MiB of heap", peak>>20)
		}
		keys, err := backup.NewestKeys(b.keys)
		if err != nil {
			t.Fatal(err)
		}
		open := b.opener(t)
		begun = time.Now()
		peak = peakOf(func() {
			checked := check(t, keys, heed.PartKeys, open, nil)
			check(t, b.data, heed.PartData, open, checked.Audit)
		})
		t.Logf("checked in %s, %d MiB of heap at most", time.Since(begun).Round(time.Millisecond), peak>>20)
		if peak > 64<<20 {
			t.Errorf("%d MiB of heap", peak>>20)
		}
	})
}

func check(t *testing.T, path string, part heed.Part, open seal.BackupOpener, audit *seal.Verifier) *backup.Checked {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	checked, err := backup.Check(io.Reader(file), part, open, audit)
	if err != nil {
		t.Fatal(err)
	}
	return checked
}
