package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heed-line/heed"
)

var audit = []requirement{
	{"leaves come in order, of all or of one report, with their notes", func(l *line) {
		a := &heed.AuditLeaf{At: noon, Actor: "ann", Act: "report.read", Report: "r", Details: []byte(`{"a":1}`)}
		b := &heed.AuditLeaf{At: noon, Act: "report.disposed", Report: "r", Note: []byte("n"), Salt: []byte("s")}
		c := &heed.AuditLeaf{At: noon, Act: "identity.erased", Details: []byte("{}")}
		for _, leaf := range []*heed.AuditLeaf{a, b, c} {
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddLeaf(ctx, leaf) })
		}
		if !(0 < a.Seq && a.Seq < b.Seq && b.Seq < c.Seq) {
			l.Errorf("numbers %d, %d, %d", a.Seq, b.Seq, c.Seq)
		}
		l.leaves(0, "", 10, a, b, c)
		l.leaves(0, "", 2, a, b)
		l.leaves(a.Seq, "", 10, b, c)
		l.leaves(0, "r", 10, a, b)
		l.leaves(a.Seq, "r", 10, b)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteNotes(ctx, "r") })
		b.Note, b.Salt = nil, nil
		l.leaves(0, "r", 10, a, b)
		free := &heed.AuditLeaf{At: noon, Act: "asked", Note: []byte("n"), Salt: []byte("s")}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddLeaf(ctx, free) })
		for _, of := range []struct {
			act    string
			before time.Time
			want   int
		}{{"asked", noon, 0}, {"other", noon.Add(time.Second), 0}, {"asked", noon.Add(time.Second), 1}, {"asked", noon.Add(time.Second), 0}} {
			l.update(func(ctx context.Context, tx heed.Tx) error {
				n, err := tx.DeleteNotesOfAct(ctx, of.act, of.before, 10)
				if n != of.want {
					l.Errorf("of %s before %s %d notes are deleted, want %d", of.act, of.before, n, of.want)
				}
				return err
			})
		}
		free.Note, free.Salt = nil, nil
		l.leaves(c.Seq, "", 10, free)
	}},
	{"leaves of one update keep their order", func(l *line) {
		var want []*heed.AuditLeaf
		for i := range 30 {
			want = append(want, &heed.AuditLeaf{At: noon, Act: fmt.Sprint("act.", i), Report: "r"})
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for _, leaf := range want {
				if err := tx.AddLeaf(ctx, leaf); err != nil {
					return err
				}
			}
			return nil
		})
		l.leaves(0, "", 100, want...)
	}},
}

// leaves fails the test where these leaves aren't shown before long.
func (l *line) leaves(after int64, report heed.ID, limit int, want ...*heed.AuditLeaf) {
	l.Helper()
	var got []*heed.AuditLeaf
	l.eventually(func() bool {
		l.view(func(ctx context.Context, tx heed.Tx) (err error) {
			got, err = tx.Leaves(ctx, after, report, limit)
			return err
		})
		return len(got) >= len(want)
	})
	l.same(got, want)
}

var events = []requirement{
	{"events come in order after the last one seen", func(l *line) {
		a := &heed.DeskEvent{At: noon, Kind: "report.changed", Report: "r", List: heed.ListReview, Level: 80, To: "lead", Category: "fraud-scam"}
		b := &heed.DeskEvent{At: noon.Add(time.Hour), Kind: "report.alert"}
		last := func() (seq int64) {
			l.view(func(ctx context.Context, tx heed.Tx) (err error) {
				seq, err = tx.LastEvent(ctx)
				return err
			})
			return seq
		}
		l.same(last(), int64(0))
		for _, e := range []*heed.DeskEvent{a, b} {
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.Publish(ctx, e) })
		}
		l.eventually(func() bool { return last() == b.Seq })
		for after, want := range map[int64][]*heed.DeskEvent{0: {a, b}, a.Seq: {b}, b.Seq: {}} {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.EventsAfter(ctx, after, 10)
				l.same(got, want)
				return err
			})
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.DeleteEvents(ctx, b.At.Add(time.Second))
			l.same(n, 2)
			return err
		})
		c := &heed.DeskEvent{At: noon, Kind: "report.changed"}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.Publish(ctx, c) })
		if c.Seq <= b.Seq {
			l.Errorf("number %d was given after %d", c.Seq, b.Seq)
		}
	}},
	{"a follower misses nothing, however many publish at once", func(l *line) {
		const publishers, each = 16, 12
		var wg sync.WaitGroup
		for p := range publishers {
			wg.Go(func() {
				for n := range each {
					err := l.store.Update(l.Context(), func(tx heed.Tx) error {
						err := tx.Publish(l.Context(), &heed.DeskEvent{At: noon, Kind: fmt.Sprint(p, " ", n)})
						if n%3 == 0 {
							time.Sleep(time.Millisecond)
						}
						return err
					})
					if err != nil {
						l.Error(err)
					}
				}
			})
		}
		seen, after := map[string]bool{}, int64(0)
		l.eventually(func() bool {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				es, err := tx.EventsAfter(ctx, after, 7)
				for _, e := range es {
					if e.Seq <= after || seen[e.Kind] {
						l.Errorf("event %d after %d", e.Seq, after)
					}
					seen[e.Kind], after = true, e.Seq
				}
				return err
			})
			return len(seen) == publishers*each
		})
		wg.Wait()
	}},
}

var settings = []requirement{
	{"a setting is swapped only for the value that it has", func(l *line) {
		swap := func(old, value string) func(context.Context, heed.Tx) error {
			was := []byte(old)
			if old == "" {
				was = nil
			}
			return func(ctx context.Context, tx heed.Tx) error { return tx.SwapSetting(ctx, "place", was, []byte(value)) }
		}
		l.refused(heed.ErrConflict, swap("1", "2"))
		l.update(swap("", "1"))
		l.refused(heed.ErrConflict, swap("", "2"))
		l.refused(heed.ErrConflict, swap("2", "3"))
		l.update(swap("1", "2"))
		l.view(func(ctx context.Context, tx heed.Tx) error {
			value, err := tx.Setting(ctx, "place")
			l.same(string(value), "2")
			return err
		})
	}},
	{"of many that swap a setting at once one succeeds", func(l *line) {
		for _, old := range [][]byte{nil, []byte("1")} {
			var swapped, conflicts atomic.Int64
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					err := l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.SwapSetting(l.Context(), "place", old, []byte("1!"[:1+len(old)])) })
					switch {
					case err == nil:
						swapped.Add(1)
					case errors.Is(err, heed.ErrConflict):
						conflicts.Add(1)
					default:
						l.Error(err)
					}
				})
			}
			wg.Wait()
			l.same([]int64{swapped.Load(), conflicts.Load()}, []int64{1, 9})
		}
	}},
}

var jobs = []requirement{
	{"a job that no runner could take is refused before it harms others", func(l *line) {
		for _, j := range []heed.Job{
			{Kind: ""}, {Kind: "Not A Kind"}, {Kind: "screen", Args: []byte("{")}, {Kind: "screen", Args: []byte(`"text"`)},
			{Kind: "screen", Queue: "no such.queue"},
		} {
			l.refused(heed.ErrInvalid, func(ctx context.Context, tx heed.Tx) error { return tx.Enqueue(ctx, j) })
		}
	}},
	{"enqueueing nothing is nothing, and many kinds go at once", func(l *line) {
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.Enqueue(ctx), tx.Enqueue(ctx,
				heed.Job{Kind: "screen", Args: []byte(`{"report":"1"}`)},
				heed.Job{Kind: "referral.prepare", At: noon.Add(time.Hour), Queue: "slow"},
				heed.Job{Kind: "screen"}))
		})
	}},
}
