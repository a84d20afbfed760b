package sip

import (
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// BenchmarkClocks compares what 500 calls' 20 ms cost where each sleeps by itself, waits for a timer of its own among other things, or waits for
// one ticker that wakes all: processor time a call and second.
func BenchmarkClocks(b *testing.B) {
	const calls, frames = 500, 100
	for name, call := range map[string]func(start time.Time, tick *ticker){
		"Sleep": func(start time.Time, _ *ticker) {
			for i := range frames {
				time.Sleep(time.Until(start.Add(time.Duration(i+1) * sound.FrameTime)))
			}
		},
		"Timer": func(start time.Time, _ *ticker) {
			timer, never := time.NewTimer(time.Hour), make(chan struct{})
			for i := range frames {
				timer.Reset(time.Until(start.Add(time.Duration(i+1) * sound.FrameTime)))
				select {
				case <-timer.C:
				case <-never:
				}
			}
		},
		"Ticker": func(_ time.Time, tick *ticker) {
			for range frames {
				<-tick.next()
			}
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				tick := newTicker()
				before := processorTime(b)
				var all sync.WaitGroup
				for i := range calls {
					all.Go(func() { call(time.Now().Add(time.Duration(i)*sound.FrameTime/calls), tick) })
				}
				all.Wait()
				tick.stop()
				b.ReportMetric(float64((processorTime(b)-before).Microseconds())/(calls*frames*sound.FrameTime.Seconds()), "µs/call/s")
			}
		})
	}
}

// ticker wakes all who wait, every 20 ms.
type ticker struct {
	mu   sync.Mutex
	wake chan struct{}
	t    *time.Ticker
	done chan struct{}
}

func newTicker() *ticker {
	k := &ticker{wake: make(chan struct{}), t: time.NewTicker(sound.FrameTime), done: make(chan struct{})}
	go func() {
		for {
			select {
			case <-k.t.C:
			case <-k.done:
				return
			}
			k.mu.Lock()
			close(k.wake)
			k.wake = make(chan struct{})
			k.mu.Unlock()
		}
	}()
	return k
}

func (k *ticker) next() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.wake
}

func (k *ticker) stop() {
	k.t.Stop()
	close(k.done)
}

// processorTime is what the process has used so far.
func processorTime(tb testing.TB) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
