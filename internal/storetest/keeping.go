package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

var receipts = []requirement{
	{"a receipt leads to its report, and a lookup is taken once", func(l *line) {
		r := l.report()
		l.add(r)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return tx.AddReceipt(ctx, []byte{0, 1}, r.ID, []byte("mailbox"))
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.AddReceipt(ctx, []byte{0, 1}, r.ID, []byte("other"))
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			id, key, err := tx.Receipt(ctx, []byte{0, 1})
			l.same([]string{string(id), string(key)}, []string{string(r.ID), "mailbox"})
			_, _, none := tx.Receipt(ctx, []byte{0, 2})
			l.is(none, heed.ErrNotFound)
			return err
		})
	}},
	{"receipts go with their time after closing", func(l *line) {
		open, old, young := l.report(), l.report(closed(-time.Hour)), l.report(closed(0))
		l.add(open, old, young)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddReceipt(ctx, []byte("a"), open.ID, nil), tx.AddReceipt(ctx, []byte("b"), old.ID, nil),
				tx.AddReceipt(ctx, []byte("c"), young.ID, nil))
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, reached, err := tx.DeleteReceipts(ctx, time.Time{}, noon, 10)
			l.same([]any{n, reached}, []any{1, noon})
			return err
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, _, err := tx.Receipt(ctx, []byte("b"))
			l.is(err, heed.ErrNotFound)
			_, _, open := tx.Receipt(ctx, []byte("a"))
			_, _, young := tx.Receipt(ctx, []byte("c"))
			return errors.Join(open, young)
		})
	}},
	{"receipts go a bounded number at a time, and none is looked at twice", func(l *line) {
		var all []*heed.Report
		for _, d := range []time.Duration{-6, -5, -4, -3, -3, -3, -2} { // three of one moment go together
			all = append(all, l.report(closed(d*time.Hour)))
		}
		l.add(all...)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			var errs []error
			for _, r := range all {
				errs = append(errs, tx.AddReceipt(ctx, []byte(r.ID), r.ID, nil))
			}
			return errors.Join(errs...)
		})
		type step struct {
			Deleted int
			Reached time.Time
		}
		var steps []step
		for from := (time.Time{}); from.Before(noon); from = steps[len(steps)-1].Reached {
			l.update(func(ctx context.Context, tx heed.Tx) error {
				n, reached, err := tx.DeleteReceipts(ctx, from, noon, 2)
				steps = append(steps, step{n, reached})
				return err
			})
		}
		three := noon.Add(-3 * time.Hour)
		l.same(steps, []step{{2, noon.Add(-4 * time.Hour)}, {1, three}, {3, three.Add(time.Millisecond)}, {1, noon}})
	}},
}

func closed(d time.Duration) func(*heed.Report) {
	return func(r *heed.Report) { r.State, r.ClosedAt = heed.Closed, noon.Add(d) }
}

var messages = []requirement{
	{"messages are listed oldest first and go with their report", func(l *line) {
		message := func(report heed.ID, at time.Time, kind heed.MessageKind, author heed.ID) *heed.Message {
			return &heed.Message{ID: l.id(), Report: report, Kind: kind, Author: author, At: at, Sealed: []byte{0, 255}}
		}
		second := message("r", noon.Add(time.Second), heed.Answer, "")
		first, other := message("r", noon, heed.Question, "ann"), message("q", noon, heed.Notice, "")
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddMessage(ctx, second), tx.AddMessage(ctx, first), tx.AddMessage(ctx, other))
		})
		check := func(want ...*heed.Message) {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.Messages(ctx, "r")
				if !slices.EqualFunc(got, want, func(a, b *heed.Message) bool { return a.ID == b.ID }) {
					l.Errorf("got %d messages", len(got))
				} else if len(got) > 0 {
					l.same(got, want)
				}
				return err
			})
		}
		check(first, second)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteMessages(ctx, "r") })
		check()
	}},
}

var screenings = []requirement{
	{"a report has its newest screening until its traces are deleted", func(l *line) {
		r := l.report()
		l.add(r)
		for _, s := range []*heed.ScreeningRecord{
			{Report: r.ID, At: noon, Model: "rules-1", Failed: true},
			{Report: r.ID, At: noon.Add(time.Second), Model: "rules-2", Sealed: []byte("s")},
		} {
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.PutScreening(ctx, s) })
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.Screening(ctx, r.ID)
				l.same(got, s)
				return err
			})
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(worded(ctx, tx, r, tokens(1)), tx.DeleteTraces(ctx, r.ID))
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.Screening(ctx, r.ID)
			l.is(err, heed.ErrNotFound)
			return nil
		})
		l.page(heed.ReportQuery{Tokens: tokens(1)})
	}},
	{"the screenings, leaves and events of many reports are written together, in their order", func(l *line) {
		const n = 150
		var screenings, later []*heed.ScreeningRecord
		var leaves []*heed.AuditLeaf
		var events []*heed.DeskEvent
		for i := range n {
			id := heed.ID(fmt.Sprintf("r%03d", i))
			screenings = append(screenings, &heed.ScreeningRecord{Report: id, At: noon, Model: "rules-1", Failed: true})
			later = append(later, &heed.ScreeningRecord{Report: id, At: noon.Add(time.Second), Model: "rules-2", Sealed: fmt.Append(nil, i)})
			leaves = append(leaves, &heed.AuditLeaf{At: noon, Actor: "ann", Act: "report.screened", Report: id, Details: []byte(`{"a":1}`)})
			events = append(events, &heed.DeskEvent{At: noon, Kind: "report.changed", Report: id, List: heed.ListReview, Level: 1, To: "lead", Category: "hazard"})
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.PutScreenings(ctx, nil), tx.AddLeaves(ctx, nil), tx.PublishAll(ctx, nil),
				tx.PutScreenings(ctx, screenings), tx.AddLeaves(ctx, leaves), tx.PublishAll(ctx, events))
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.PutScreenings(ctx, later) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Screenings(ctx, []heed.ID{"r000", "r149"})
			l.same(got["r000"], later[0])
			l.same(got["r149"], later[n-1])
			return err
		})
		l.eventually(func() bool {
			some, told := 0, 0
			l.view(func(ctx context.Context, tx heed.Tx) error {
				of, err := tx.Leaves(ctx, 0, "", n)
				for _, leaf := range of {
					want := *leaves[some]
					want.Seq = leaf.Seq
					l.same(leaf, &want)
					some++
				}
				all, failed := tx.EventsAfter(ctx, 0, n)
				for _, e := range all {
					want := *events[told]
					want.Seq = e.Seq
					l.same(e, &want)
					told++
				}
				return errors.Join(err, failed)
			})
			return some == n && told == n
		})
		err := l.store.Update(l.Context(), func(tx heed.Tx) error {
			return tx.AddLeaves(l.Context(), []*heed.AuditLeaf{{At: noon, Act: "asked", Note: []byte("n"), Salt: []byte("s")}})
		})
		l.is(err, heed.ErrInvalid)
	}},
}
