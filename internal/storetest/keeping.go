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

var identities = []requirement{
	{"a day has one key, with or without an identity half", func(l *line) {
		k := &heed.DayKeyRecord{Day: "2026-11-24", Transit: []byte("t"), Signature: []byte("s")}
		first := &heed.DayKeyRecord{Day: "2026-11-23", Identity: []byte("i"), Transit: []byte("t"), Signature: []byte("s")}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddDayKey(ctx, k), tx.AddDayKey(ctx, first))
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.AddDayKey(ctx, k) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.DayKey(ctx, k.Day)
			l.same(got, k)
			_, none := tx.DayKey(ctx, "2026-11-25")
			l.is(none, heed.ErrNotFound)
			all, err2 := tx.DayKeys(ctx)
			l.same(all, []*heed.DayKeyRecord{first, k})
			return errors.Join(err, err2)
		})
	}},
	{"a day's key is replaced only while nothing is sealed under it", func(l *line) {
		r := l.report()
		l.add(r)
		day := func(n string, half string) *heed.DayKeyRecord {
			return &heed.DayKeyRecord{Day: n, Identity: []byte(half), Transit: []byte(half), Signature: []byte(half)}
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddDayKey(ctx, day("1", "a")), tx.AddDayKey(ctx, day("2", "a")), tx.AddDayKey(ctx, day("3", "a")),
				tx.AddIdentity(ctx, r.ID, "2", []byte("x")), tx.AddStaged(ctx, "b", l.now), tx.AddStaged(ctx, "c", l.now),
				tx.AddAttachment(ctx, &heed.Attachment{ID: l.id(), Report: r.ID, Blob: "b", Day: "3", DayKey: []byte("d"), At: l.now}),
				tx.AddAttachment(ctx, &heed.Attachment{ID: l.id(), Report: r.ID, Blob: "c", Day: "1", TransitKey: []byte("t"), At: l.now}))
		})
		replaced := day("1", "b")
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.ReplaceDayKey(ctx, replaced) })
		replaced.Transit = []byte("a") // files may be wrapped to it
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.ReplaceDayKey(ctx, replaced) })
		for _, n := range []string{"2", "3"} {
			l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.ReplaceDayKey(ctx, day(n, "b")) })
		}
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.ReplaceDayKey(ctx, day("4", "b")) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.DayKeys(ctx)
			l.same(all, []*heed.DayKeyRecord{replaced, day("2", "a"), day("3", "a")})
			return err
		})
	}},
	{"a day destroyed before it was over gets new keys, one that lives doesn't", func(l *line) {
		k := &heed.DayKeyRecord{Day: "1", Identity: []byte("i"), Transit: []byte("t"), Signature: []byte("s")}
		anew := &heed.DayKeyRecord{Day: "1", Identity: []byte("j"), Transit: []byte("u"), Signature: []byte("v")}
		renew := func(ctx context.Context, tx heed.Tx) error { return tx.RenewDayKey(ctx, anew) }
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddDayKey(ctx, k) })
		l.refused(heed.ErrConflict, renew)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.MarkDayKeyDestroyed(ctx, "1", noon) })
		l.update(renew)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.DayKey(ctx, "1")
			l.same(got, anew)
			return err
		})
	}},
	{"a destroyed day says when, and is replaced no more", func(l *line) {
		k := &heed.DayKeyRecord{Day: "1", Identity: []byte("i")}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddDayKey(ctx, k), tx.MarkDayKeyDestroyed(ctx, "1", noon))
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.DayKey(ctx, "1")
			l.same(got.DestroyedAt, noon)
			return err
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.ReplaceDayKey(ctx, k) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.MarkDayKeyDestroyed(ctx, "2", noon) })
	}},
	{"identities are kept by report and go by day or by report", func(l *line) {
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddIdentity(ctx, "r1", "1", []byte("a")), tx.AddIdentity(ctx, "r1", "2", []byte("b")),
				tx.AddIdentity(ctx, "r2", "1", []byte("c")), tx.AddIdentity(ctx, "r3", "2", []byte("d")))
		})
		l.held(map[string]int{"1": 2, "2": 2})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Identities(ctx, "r1")
			l.same(got, []heed.SealedIdentity{
				{Report: "r1", Day: "1", Sealed: []byte("a")}, {Report: "r1", Day: "2", Sealed: []byte("b")},
			})
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.DeleteIdentities(ctx, "1")
			l.same(n, 2)
			return err
		})
		l.held(map[string]int{"2": 2})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.DeleteReportIdentities(ctx, "r1", heed.DisclosureLapsed)
			l.same(n, 1)
			return err
		})
		l.held(map[string]int{"2": 1})
	}},
	{"a day's end takes its files' keys too", func(l *line) {
		a := &heed.Attachment{ID: l.id(), Report: "r", Blob: "b", Day: "1", TransitKey: []byte("t"), DayKey: []byte("d"), At: l.now}
		b := &heed.Attachment{ID: l.id(), Report: "r", Blob: "c", Day: "2", TransitKey: []byte("t"), DayKey: []byte("d"), At: l.now}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			if err := errors.Join(tx.AddStaged(ctx, "b", l.now), tx.AddStaged(ctx, "c", l.now), tx.AddAttachment(ctx, a), tx.AddAttachment(ctx, b)); err != nil {
				return err
			}
			_, err := tx.DeleteIdentities(ctx, "1")
			return err
		})
		a.TransitKey, a.DayKey = nil, nil
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Attachments(ctx, "r")
			l.same(got, []*heed.Attachment{a, b})
			return err
		})
	}},
}

func (l *line) held(want map[string]int) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		got, err := tx.CountIdentities(ctx)
		l.same(got, want)
		return err
	})
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

var attachments = []requirement{
	{"attachments come back as they went in, and go with their blobs named", func(l *line) {
		a := &heed.Attachment{
			ID: l.id(), Report: "r", Blob: "blob1", Type: "image/png", Size: 1 << 40, Day: "2026-11-23",
			SealedName: []byte("n"), TransitKey: []byte("t"), DayKey: []byte("d"), At: l.now,
		}
		b := &heed.Attachment{ID: l.id(), Report: "r", Blob: "blob2", Type: "text/plain", Day: "2026-11-23", At: l.now}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddStaged(ctx, "blob1", l.now), tx.AddStaged(ctx, "blob2", l.now), tx.AddAttachment(ctx, b), tx.AddAttachment(ctx, a))
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			one, err := tx.Attachment(ctx, a.ID)
			l.same(one, a)
			all, err2 := tx.Attachments(ctx, "r")
			l.same(all, []*heed.Attachment{a, b})
			_, none := tx.Attachment(ctx, "x")
			l.is(none, heed.ErrNotFound)
			return errors.Join(err, err2)
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			blobs, err := tx.DeleteAttachments(ctx, "r")
			slices.Sort(blobs)
			l.same(blobs, []string{"blob1", "blob2"})
			return err
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Attachments(ctx, "r")
			l.same(len(all), 0)
			return err
		})
	}},
	{"a staged blob goes to one report or is discarded, never both", func(l *line) {
		take := func(blob string) func(context.Context, heed.Tx) error {
			return func(ctx context.Context, tx heed.Tx) error {
				return tx.AddAttachment(ctx, &heed.Attachment{ID: l.id(), Report: "r", Blob: blob, At: l.now})
			}
		}
		discard := func(blob string) func(context.Context, heed.Tx) error {
			return func(ctx context.Context, tx heed.Tx) error { return tx.DiscardStaged(ctx, blob) }
		}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddStaged(ctx, "taken", noon), tx.AddStaged(ctx, "dropped", noon))
		})
		l.update(take("taken"))
		l.refused(heed.ErrNotFound, take("taken"))
		l.refused(heed.ErrNotFound, discard("taken"))
		l.update(discard("dropped"))
		l.update(discard("dropped"))
		l.refused(heed.ErrNotFound, take("dropped"))
		l.refused(heed.ErrNotFound, take("never staged"))
		l.view(func(ctx context.Context, tx heed.Tx) error {
			left, err := tx.StagedBefore(ctx, noon.Add(-time.Hour), 10)
			l.same(left, []string{"dropped"})
			return err
		})
	}},
	{"a day's files are discarded and stay named", func(l *line) {
		l.update(func(ctx context.Context, tx heed.Tx) error {
			add := func(blob, day string) error {
				return errors.Join(tx.AddStaged(ctx, blob, noon), tx.AddAttachment(ctx, &heed.Attachment{ID: l.id(), Report: "r", Blob: blob, Day: day, At: l.now}))
			}
			return errors.Join(add("one", "2026-11-20"), add("two", "2026-11-20"), add("other", "2026-11-21"), tx.AddStaged(ctx, "draft's", noon))
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DiscardFilesOfDay(ctx, "2026-11-20") })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DiscardFilesOfDay(ctx, "2026-11-20") })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			left, err := tx.StagedBefore(ctx, noon.Add(-time.Hour), 10)
			l.same(left, []string{"one", "two"})
			all, allErr := tx.Attachments(ctx, "r")
			l.same(len(all), 3)
			return errors.Join(err, allErr)
		})
	}},
	{"a blob is staged until an attachment names it", func(l *line) {
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddStaged(ctx, "young", noon), tx.AddStaged(ctx, "named", noon.Add(-time.Hour)),
				tx.AddStaged(ctx, "older", noon.Add(-2*time.Hour)), tx.AddStaged(ctx, "old", noon.Add(-time.Hour)),
				tx.AddAttachment(ctx, &heed.Attachment{ID: l.id(), Report: "r", Blob: "named", At: l.now}))
		})
		check := func(limit int, want ...string) {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.StagedBefore(ctx, noon, limit)
				l.same(got, want)
				return err
			})
		}
		check(10, "older", "old")
		check(1, "older")
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteStaged(ctx, "older") })
		check(10, "old")
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
