package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heed-line/heed"
)

var errNo = errors.New("no")

var transactions = []requirement{
	{"an update that fails leaves nothing behind", func(l *line) {
		r := l.report()
		err := l.store.Update(l.Context(), func(tx heed.Tx) error {
			ctx := l.Context()
			return errors.Join(
				tx.AddReport(ctx, r, []byte("key")),
				tx.AddLeaf(ctx, &heed.AuditLeaf{Act: "report.received", Report: r.ID, At: l.now, Note: []byte("n"), Salt: []byte("s")}),
				tx.Publish(ctx, &heed.DeskEvent{Kind: "report.changed", Report: r.ID, At: l.now}),
				tx.PutSetting(ctx, "x", []byte("1")),
				tx.Enqueue(ctx, heed.Job{Kind: "screen", Args: []byte(`{"report":"1"}`)}),
				errNo,
			)
		})
		l.is(err, errNo)
		l.untouched(r.ID)
	}},
	{"an update that panics leaves nothing behind and panics in its caller", func(l *line) {
		r := l.report()
		func() {
			defer func() {
				if v := recover(); v != "oh" {
					l.Errorf("recovered %v", v)
				}
			}()
			err := l.store.Update(l.Context(), func(tx heed.Tx) error {
				if err := tx.AddReport(l.Context(), r, []byte("key")); err != nil {
					return err
				}
				panic("oh")
			})
			l.Errorf("update returned %v", err)
		}()
		l.untouched(r.ID)
		l.add(l.report())
	}},
	{"an update whose goroutine ends leaves nothing behind and holds nobody up", func(l *line) {
		r := l.report()
		var wg sync.WaitGroup
		wg.Go(func() {
			l.store.Update(l.Context(), func(tx heed.Tx) error {
				if err := tx.AddReport(l.Context(), r, []byte("key")); err != nil {
					return err
				}
				runtime.Goexit()
				return nil
			})
		})
		wg.Wait()
		l.untouched(r.ID)
		l.add(l.report())
	}},
	{"a view can not write", func(l *line) {
		err := l.store.View(l.Context(), func(tx heed.Tx) error { return tx.PutSetting(l.Context(), "x", []byte("1")) })
		if err == nil {
			l.Error("it could")
		}
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.Setting(ctx, "x")
			l.is(err, heed.ErrNotFound)
			return nil
		})
	}},
	{"a view sees one moment", func(l *line) {
		l.view(func(ctx context.Context, tx heed.Tx) error {
			if _, err := tx.Setting(ctx, "x"); !errors.Is(err, heed.ErrNotFound) {
				return fmt.Errorf("before: %w", err)
			}
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.PutSetting(ctx, "x", []byte("1")) })
			if _, err := tx.Setting(ctx, "x"); !errors.Is(err, heed.ErrNotFound) {
				return fmt.Errorf("after: %w", err)
			}
			return nil
		})
	}},
	{"an update reads what it wrote", func(l *line) {
		l.update(func(ctx context.Context, tx heed.Tx) error {
			if err := tx.PutSetting(ctx, "x", []byte("1")); err != nil {
				return err
			}
			v, err := tx.Setting(ctx, "x")
			l.same(v, []byte("1"))
			return err
		})
	}},
	{"a context that ended keeps an update from starting", func(l *line) {
		ctx, cancel := context.WithCancel(l.Context())
		cancel()
		ran := false
		err := l.store.Update(ctx, func(heed.Tx) error { ran = true; return nil })
		l.is(err, context.Canceled)
		if ran {
			l.Error("it started")
		}
	}},
	{"one update's failure costs the others nothing", func(l *line) {
		var wg sync.WaitGroup
		var failed atomic.Int64
		for n := range 64 {
			wg.Go(func() {
				err := l.store.Update(l.Context(), func(tx heed.Tx) error {
					if err := tx.PutSetting(l.Context(), fmt.Sprint("s", n), []byte("1")); err != nil {
						return err
					}
					if n%2 == 1 {
						return errNo
					}
					return nil
				})
				if err != nil {
					failed.Add(1)
					l.is(err, errNo)
				}
			})
		}
		wg.Wait()
		l.same(failed.Load(), int64(32))
		l.view(func(ctx context.Context, tx heed.Tx) error {
			for n := range 64 {
				_, err := tx.Setting(ctx, fmt.Sprint("s", n))
				if want := n%2 == 0; (err == nil) != want {
					l.Errorf("setting %d: %v", n, err)
				}
			}
			return nil
		})
	}},
	{"who is refused because of another finds what that one did", func(l *line) {
		for n := range 50 {
			now := noon.Add(time.Duration(n) * time.Millisecond)
			id := heed.NewID(now)
			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					err := l.store.Update(l.Context(), func(tx heed.Tx) error {
						r := &heed.Report{ID: id, State: heed.Received, Urgency: heed.Normal, ReceivedAt: now}
						return tx.AddReport(l.Context(), r, []byte("wrapped"))
					})
					if err == nil {
						return
					}
					l.is(err, heed.ErrConflict)
					err = l.store.View(l.Context(), func(tx heed.Tx) error { _, err := tx.Report(l.Context(), id); return err })
					if err != nil {
						l.Errorf("refused because of a report that isn't there: %v", err)
					}
				})
			}
			wg.Wait()
		}
	}},
	{"sixty-four write at once and nothing is lost", func(l *line) {
		const writers, each = 64, 8
		var wg sync.WaitGroup
		for w := range writers {
			wg.Go(func() {
				for n := range each {
					now := noon.Add(time.Duration(w*each+n) * time.Millisecond)
					r := &heed.Report{ID: heed.NewID(now), State: heed.Received, Urgency: heed.Normal, ReceivedAt: now}
					err := l.store.Update(l.Context(), func(tx heed.Tx) error {
						if err := tx.AddReport(l.Context(), r, []byte("key")); err != nil {
							return err
						}
						return tx.AddLeaf(l.Context(), &heed.AuditLeaf{Act: "report.received", Report: r.ID, At: now})
					})
					if err != nil {
						l.Error(err)
					}
				}
			})
		}
		wg.Wait()
		l.view(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.CountReports(ctx, heed.ReportQuery{State: heed.Received}, 10000)
			l.same(n, writers*each)
			return err
		})
		l.eventually(func() bool {
			n := 0
			l.view(func(ctx context.Context, tx heed.Tx) error {
				leaves, err := tx.Leaves(ctx, 0, "", 10000)
				n = len(leaves)
				return err
			})
			return n == writers*each
		})
	}},
	{"of many who change one report each version has one winner", func(l *line) {
		r := l.report()
		l.add(r)
		var wg sync.WaitGroup
		var won, lost atomic.Int64
		for range 16 {
			wg.Go(func() {
				stale := *r
				switch err := l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.UpdateReport(l.Context(), &stale) }); {
				case err == nil:
					won.Add(1)
				case errors.Is(err, heed.ErrConflict):
					lost.Add(1)
				default:
					l.Error(err)
				}
			})
		}
		wg.Wait()
		l.same([]int64{won.Load(), lost.Load()}, []int64{1, 15})
	}},
	{"it is ready", func(l *line) { l.is(l.store.Ready(l.Context()), nil) }},
	{"settings are put and put again", func(l *line) {
		for _, v := range []string{"1", "22", ""} {
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.PutSetting(ctx, "x", []byte(v)) })
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.Setting(ctx, "x")
				l.same(string(got), v)
				return err
			})
		}
	}},
}

// untouched fails the test where anything of a failed update is there.
func (l *line) untouched(report heed.ID) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		_, err := tx.Report(ctx, report)
		l.is(err, heed.ErrNotFound)
		_, err = tx.WrappedKey(ctx, report)
		l.is(err, heed.ErrNotFound)
		_, err = tx.Setting(ctx, "x")
		l.is(err, heed.ErrNotFound)
		leaves, err := tx.Leaves(ctx, 0, report, 10)
		l.is(err, nil)
		last, err := tx.LastEvent(ctx)
		l.is(err, nil)
		l.same([]int64{int64(len(leaves)), last}, []int64{0, 0})
		return nil
	})
}
