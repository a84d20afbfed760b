package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/jobs"
	"github.com/heed-line/heed/internal/postgres"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/pgtest"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// node is a store with its runner, as one process has them.
type node struct {
	store  heed.Store
	runner *jobs.Runner
}

// onEach runs a test on either engine. start makes nodes on one and the same database.
func onEach(t *testing.T, check func(t *testing.T, start func(jobs.Options) node)) {
	t.Run("SQLite", func(t *testing.T) {
		path := sqlitetest.File(t, t.TempDir())
		check(t, func(o jobs.Options) node {
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return node{s, jobs.NewSQLite(s.WriteDB(), o)}
		})
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		url := pgtest.URL(t)
		check(t, func(o jobs.Options) node {
			s, err := postgres.Open(t.Context(), url, postgres.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			return node{s, jobs.NewPostgres(s.Pool(), o)}
		})
	})
}

// run starts the runner until the test ends.
func (n node) run(t *testing.T) {
	t.Helper()
	if err := n.runner.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := n.runner.Stop(ctx); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
}

func (n node) enqueue(t *testing.T, js ...heed.Job) {
	t.Helper()
	err := n.store.Update(t.Context(), func(tx heed.Tx) error { return tx.Enqueue(t.Context(), js...) })
	if err != nil {
		t.Fatal(err)
	}
}

func numbered(n int) heed.Job { return heed.Job{Kind: "count", Args: fmt.Appendf(nil, `{"n":%d}`, n)} }

func number(args []byte) int {
	var v struct{ N int }
	if err := json.Unmarshal(args, &v); err != nil {
		return -1
	}
	return v.N
}

func eventually(t *testing.T, within time.Duration, what string, check func() bool) {
	t.Helper()
	for end := time.Now().Add(within); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if check() {
			return
		}
	}
	t.Fatalf("not within %s: %s", within, what)
}

// faults collects what is logged as a warning or worse.
type faults struct {
	slog.Handler
	mu  sync.Mutex
	all []string
}

func (f *faults) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelWarn }
func (f *faults) WithAttrs([]slog.Attr) slog.Handler           { return f }
func (f *faults) WithGroup(string) slog.Handler                { return f }
func (f *faults) Handle(_ context.Context, r slog.Record) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	f.all = append(f.all, text)
	return nil
}

func TestTwoThousandJobsRunOnceEachWhileReportsComeIn(t *testing.T) {
	onEach(t, func(t *testing.T, start func(jobs.Options) node) {
		const writers = 20
		each := 100
		if testing.Short() {
			each = 15 // under the race detector: what races does so among three hundred too
		}
		log := &faults{}
		n := start(jobs.Options{Logger: slog.New(log), Queues: map[string]int{jobs.DefaultQueue: 16}})
		ran := make([]atomic.Int64, writers*each)
		var total atomic.Int64
		n.runner.Handle("count", jobs.Kind{Run: func(ctx context.Context, args []byte) error {
			// As a screening does: it reads, and writes what it found.
			err := n.store.Update(ctx, func(tx heed.Tx) error { return tx.PutSetting(ctx, "last", args) })
			if err == nil {
				ran[number(args)].Add(1)
				total.Add(1)
			}
			return err
		}})
		n.run(t)
		began := time.Now()
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for i := range each {
					now := time.Now()
					r := &heed.Report{ID: heed.NewID(now), State: heed.Received, Urgency: heed.Normal, ReceivedAt: now}
					err := n.store.Update(t.Context(), func(tx heed.Tx) error {
						if err := tx.AddReport(t.Context(), r, []byte("key")); err != nil {
							return err
						}
						return tx.Enqueue(t.Context(), numbered(w*each+i))
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		eventually(t, time.Minute, "all ran", func() bool { return total.Load() >= int64(writers*each) })
		t.Logf("%.0f jobs/s", float64(writers*each)/time.Since(began).Seconds())
		time.Sleep(300 * time.Millisecond)
		for i := range ran {
			if got := ran[i].Load(); got != 1 {
				t.Errorf("job %d ran %d times", i, got)
			}
		}
		if len(log.all) > 0 {
			t.Errorf("logged %d faults, the first: %s", len(log.all), log.all[0])
		}
	})
}

func TestAJobOfAFailedTransactionNeverRuns(t *testing.T) {
	onEach(t, func(t *testing.T, start func(jobs.Options) node) {
		n := start(jobs.Options{})
		var ran sync.Map
		n.runner.Handle("count", jobs.Kind{Run: func(_ context.Context, args []byte) error {
			ran.Store(number(args), true)
			return nil
		}})
		n.run(t)
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				// The failed ones share batches with those that succeed.
				_ = n.store.Update(t.Context(), func(tx heed.Tx) error {
					if err := tx.Enqueue(t.Context(), numbered(i)); err != nil {
						return err
					}
					if i%2 == 1 {
						return errors.New("no")
					}
					return nil
				})
			})
		}
		wg.Wait()
		eventually(t, time.Minute, "the others ran", func() bool {
			for i := 0; i < 40; i += 2 {
				if _, ok := ran.Load(i); !ok {
					return false
				}
			}
			return true
		})
		time.Sleep(300 * time.Millisecond)
		for i := 1; i < 40; i += 2 {
			if _, ok := ran.Load(i); ok {
				t.Errorf("job %d ran", i)
			}
		}
	})
}

func TestAFailedJobIsTriedAgainAndThenGivenUp(t *testing.T) {
	onEach(t, func(t *testing.T, start func(jobs.Options) node) {
		n := start(jobs.Options{Now: time.Now})
		var tries, panics, given atomic.Int64
		n.runner.Handle("weak", jobs.Kind{Run: func(context.Context, []byte) error {
			if tries.Add(1) < 3 {
				return errors.New("not yet")
			}
			return nil
		}})
		n.runner.Handle("broken", jobs.Kind{
			Run: func(context.Context, []byte) error { panics.Add(1); panic("somebody's words") },
			GiveUp: func(_ context.Context, args []byte, err error) error {
				if number(args) != 7 || err == nil {
					t.Errorf("given up with %s, %v", args, err)
				}
				given.Add(1)
				return nil
			},
		})
		n.run(t)
		n.enqueue(t, heed.Job{Kind: "weak"})
		n.lastAttempt(t, heed.Job{Kind: "broken", Args: []byte(`{"n":7}`)})
		eventually(t, 30*time.Second, "the third try", func() bool { return tries.Load() == 3 })
		eventually(t, 30*time.Second, "the giving up", func() bool { return given.Load() == 1 })
		if panics.Load() != 1 {
			t.Errorf("%d panics", panics.Load())
		}
	})
}

func TestEachKindIsTriedForItsOwnTimeAndGivenUpOnce(t *testing.T) {
	onEach(t, func(t *testing.T, start func(jobs.Options) node) {
		n := start(jobs.Options{})
		var short, given, long atomic.Int64
		n.runner.Handle("short", jobs.Kind{
			Run:        func(context.Context, []byte) error { short.Add(1); return errors.New("no") },
			GiveUp:     func(context.Context, []byte, error) error { given.Add(1); return nil },
			KeepTrying: time.Second,
		})
		n.runner.Handle("long", jobs.Kind{
			Run:        func(context.Context, []byte) error { long.Add(1); return errors.New("no") },
			GiveUp:     func(context.Context, []byte, error) error { t.Error("given up within seconds"); return nil },
			KeepTrying: 24 * time.Hour,
		})
		n.run(t)
		n.enqueue(t, heed.Job{Kind: "short"}, heed.Job{Kind: "long"})
		eventually(t, time.Minute, "the short one was given up and the long one tried on", func() bool { return given.Load() == 1 && long.Load() >= 3 })
		time.Sleep(3 * time.Second)
		if short.Load() != 2 || given.Load() != 1 {
			t.Errorf("tried %d times, given up %d times", short.Load(), given.Load())
		}
	})
}

// lastAttempt enqueues a job with but one attempt left, so that a test needn't wait for all the pauses.
func (n node) lastAttempt(t *testing.T, j heed.Job) {
	t.Helper()
	const only = "UPDATE river_job SET max_attempts = 1 WHERE kind = '%s'"
	j.At = time.Now().Add(2 * time.Second)
	n.enqueue(t, j)
	var err error
	switch s := n.store.(type) {
	case *sqlite.Store:
		_, err = s.WriteDB().Exec(fmt.Sprintf(only, j.Kind))
	case *postgres.Store:
		_, err = s.Pool().Exec(t.Context(), fmt.Sprintf(only, j.Kind))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestAJobWaitsForItsTime(t *testing.T) {
	onEach(t, func(t *testing.T, start func(jobs.Options) node) {
		n := start(jobs.Options{})
		var at atomic.Int64
		n.runner.Handle("count", jobs.Kind{Run: func(context.Context, []byte) error {
			at.Store(time.Now().UnixMilli())
			return nil
		}})
		n.run(t)
		due := time.Now().Add(2 * time.Second)
		n.enqueue(t, heed.Job{Kind: "count", At: due})
		eventually(t, 2*time.Minute, "it ran", func() bool { return at.Load() != 0 })
		if late := time.UnixMilli(at.Load()).Sub(due); late < -time.Millisecond || late > time.Minute {
			t.Errorf("it ran %s after its time", late)
		}
	})
}

func TestAPeriodicJobRunsAtTheStartAndAgain(t *testing.T) {
	onEach(t, func(t *testing.T, start func(jobs.Options) node) {
		n := start(jobs.Options{})
		var ran atomic.Int64
		n.runner.Handle("tick", jobs.Kind{Run: func(context.Context, []byte) error { ran.Add(1); return nil }})
		n.runner.Every("tick", time.Second)
		n.run(t)
		eventually(t, time.Minute, "three times", func() bool { return ran.Load() >= 3 })
	})
}

func TestStoppingWaitsForJobsAndInterruptsThemInTime(t *testing.T) {
	onEach(t, func(t *testing.T, start func(jobs.Options) node) {
		n := start(jobs.Options{})
		began := make(chan bool, 2)
		var done, interrupted atomic.Bool
		n.runner.Handle("short", jobs.Kind{Run: func(context.Context, []byte) error {
			began <- true
			time.Sleep(300 * time.Millisecond)
			done.Store(true)
			return nil
		}})
		n.runner.Handle("long", jobs.Kind{Run: func(ctx context.Context, _ []byte) error {
			began <- true
			<-ctx.Done()
			interrupted.Store(true)
			return ctx.Err()
		}})
		if err := n.runner.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		n.enqueue(t, heed.Job{Kind: "short"}, heed.Job{Kind: "long"})
		<-began
		<-began
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := n.runner.Stop(ctx); err != nil {
			t.Error(err)
		}
		if !done.Load() || !interrupted.Load() {
			t.Errorf("short done %v, long interrupted %v", done.Load(), interrupted.Load())
		}

		var again atomic.Bool
		m := start(jobs.Options{})
		m.runner.Handle("short", jobs.Kind{Run: func(context.Context, []byte) error { t.Error("short ran again"); return nil }})
		m.runner.Handle("long", jobs.Kind{Run: func(context.Context, []byte) error { again.Store(true); return nil }})
		m.run(t)
		eventually(t, time.Minute, "the interrupted one ran again", again.Load)
	})
}
