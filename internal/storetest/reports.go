package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
)

var reports = []requirement{
	{"a report comes back as it went in", func(l *line) {
		r := l.report(full)
		l.add(r)
		l.same(r.Version, int64(1))
		l.stored(r)
	}},
	{"a report without anything optional comes back as it went in", func(l *line) {
		r := l.report(func(r *heed.Report) { r.Content = nil })
		l.add(r)
		l.stored(r)
	}},
	{"an update writes every field and raises the version", func(l *line) {
		r := l.report()
		l.add(r)
		full(r)
		r.Content = []byte("other sealed bytes")
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.UpdateReport(ctx, r) })
		l.same(r.Version, int64(2))
		l.stored(r)
	}},
	{"a stale update is a conflict and changes nothing", func(l *line) {
		r := l.report()
		l.add(r)
		stale := *r
		r.Category = "hazard"
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.UpdateReport(ctx, r) })
		stale.Category, stale.Content = "drugs", []byte("other")
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.UpdateReport(ctx, &stale) })
		l.stored(r)
	}},
	{"what isn't there is not found", func(l *line) {
		none := l.report()
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.Report(ctx, none.ID)
			l.is(err, heed.ErrNotFound)
			_, err = tx.WrappedKey(ctx, none.ID)
			l.is(err, heed.ErrNotFound)
			return nil
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.UpdateReport(ctx, none) })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.DestroyKey(ctx, none.ID) })
	}},
	{"an id is taken once", func(l *line) {
		r := l.report()
		l.add(r)
		again := *r
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.AddReport(ctx, &again, nil) })
	}},
	{"a destroyed key is gone, and destroying it again is no error", func(l *line) {
		r := l.report()
		l.add(r)
		l.view(func(ctx context.Context, tx heed.Tx) error {
			key, err := tx.WrappedKey(ctx, r.ID)
			l.same(string(key), "wrapped "+string(r.ID))
			return err
		})
		for range 2 {
			l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DestroyKey(ctx, r.ID) })
		}
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.WrappedKey(ctx, r.ID)
			l.is(err, heed.ErrGone)
			return nil
		})
		l.stored(r)
	}},
	{"duplicates are listed oldest first", func(l *line) {
		lead, other := l.report(), l.report()
		first := l.report(func(r *heed.Report) { r.Lead = lead.ID })
		second := l.report(func(r *heed.Report) { r.Lead = lead.ID })
		l.add(lead, other, second, first)
		l.lists([]*heed.Report{first, second}, func(ctx context.Context, tx heed.Tx, limit int) ([]*heed.Report, error) {
			return tx.Duplicates(ctx, lead.ID, limit)
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			none, err := tx.Duplicates(ctx, "", 10)
			l.same(len(none), 0)
			return err
		})
	}},
	{"alerts are due in open reports up to now, earliest first", func(l *line) {
		at := func(d time.Duration, s heed.State) *heed.Report {
			return l.report(func(r *heed.Report) { r.NextAlert, r.State = noon.Add(d), s })
		}
		late, now, early := at(time.Millisecond, heed.Queued), at(0, heed.InReview), at(-time.Hour, heed.Queued)
		l.add(late, now, early, at(-time.Hour, heed.Closed), l.report())
		l.lists([]*heed.Report{early, now}, func(ctx context.Context, tx heed.Tx, limit int) ([]*heed.Report, error) {
			return tx.AlertsDue(ctx, noon, limit)
		})
	}},
	{"claims that ended before now have lapsed", func(l *line) {
		until := func(d time.Duration) *heed.Report {
			return l.report(func(r *heed.Report) {
				r.State, r.ClaimedBy, r.ClaimedUntil = heed.InReview, "somebody", noon.Add(d)
			})
		}
		first, second := until(-2*time.Hour), until(-time.Hour)
		l.add(second, until(0), until(time.Hour), l.report(), first)
		l.lists([]*heed.Report{first, second}, func(ctx context.Context, tx heed.Tx, limit int) ([]*heed.Report, error) {
			return tx.ClaimsLapsed(ctx, noon, limit)
		})
	}},
	{"the unscreened are those that came before the moment and are not yet further, however old they are", func(l *line) {
		at := func(d time.Duration, s heed.State) *heed.Report {
			return l.report(func(r *heed.Report) { r.StateSince, r.State = noon.Add(d), s })
		}
		first, second := at(-2*time.Hour, heed.InScreening), at(-time.Hour, heed.Received)
		imported := at(0, heed.Received)
		imported.ReceivedAt = noon.Add(-1000 * time.Hour)
		l.add(second, at(-3*time.Hour, heed.Queued), imported, first)
		l.lists([]*heed.Report{first, second}, func(ctx context.Context, tx heed.Tx, limit int) ([]*heed.Report, error) {
			return tx.Unscreened(ctx, noon, limit)
		})
	}},
	{"what is kept is listed by its class, up to the moment, and no longer once it is erased", func(l *line) {
		at := func(d time.Duration, change func(*heed.Report)) *heed.Report {
			return l.report(func(r *heed.Report) {
				r.State, r.StateSince = heed.Closed, noon.Add(d)
				change(r)
			})
		}
		plain := func(*heed.Report) {}
		aside := func(r *heed.Report) { r.ClaimFrom = heed.SetAside }
		handed := func(r *heed.Report) { r.Handed, r.ClaimFrom = true, heed.SetAside }
		asked := func(r *heed.Report) { r.Handed, r.ReviewSince = true, noon }
		copied := func(r *heed.Report) { r.ClaimFrom, r.Lead = heed.SetAside, "lead" }
		state := func(s heed.State) func(*heed.Report) { return func(r *heed.Report) { r.State = s } }
		closed, first, duplicate := at(0, plain), at(-time.Hour, plain), at(-time.Minute, copied)
		erased, reopened := at(-time.Hour, plain), at(-time.Hour, plain)
		set, away, accepted, review := at(0, aside), at(0, handed), at(-time.Hour, state(heed.Accepted)), at(-time.Hour, asked)
		l.add(closed, first, duplicate, erased, reopened, set, away, accepted, review, at(time.Millisecond, plain),
			at(-time.Hour, state(heed.SetAside)), at(-time.Hour, state(heed.Duplicate)), at(-time.Hour, state(heed.Withdrawn)))
		erased.State, reopened.State = heed.Erased, heed.Reopened
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.UpdateReport(ctx, erased), tx.UpdateReport(ctx, reopened))
		})
		for kept, want := range map[heed.Kept][]*heed.Report{
			heed.KeptClosed: {first, duplicate, closed}, heed.KeptSetAside: {set}, heed.KeptReferred: {accepted, away},
			heed.KeptReview: {review}, "": {},
		} {
			l.lists(want, func(ctx context.Context, tx heed.Tx, limit int) ([]*heed.Report, error) {
				return tx.Kept(ctx, kept, noon, limit)
			})
		}
	}},
}

// full sets every field to something of its own.
func full(r *heed.Report) {
	at := func(n int) time.Time { return noon.Add(time.Duration(n) * 1001 * time.Millisecond) }
	r.Channel, r.State, r.Language, r.Category = heed.ChannelPhone, heed.InReview, "zh-Hans", "hazard"
	r.Urgency, r.UrgencyBy, r.Lead, r.DayKey = heed.High, "staff1", "lead", "2026-11-24"
	r.Named, r.Files, r.Copies = true, 3, 4
	r.ScreenBy, r.DecideBy, r.ConcludeBy, r.NextDue, r.NextAlert = at(1), at(2), at(3), at(4), at(5)
	r.AlertLevel, r.StateSince, r.ClaimedBy, r.ClaimedUntil = 80, at(6), "staff2", at(7)
	r.ClaimFrom, r.ClosedAt, r.ReceivedAt = heed.SetAside, at(8), at(9)
	r.Handed, r.ReviewSince, r.CopyOf = true, at(10), "first"
}

// stored fails the test where the report isn't stored exactly so.
func (l *line) stored(want *heed.Report) {
	l.Helper()
	l.view(func(ctx context.Context, tx heed.Tx) error {
		got, err := tx.Report(ctx, want.ID)
		if err == nil {
			l.same(got, want)
		}
		return err
	})
}

// lists fails the test where the list isn't want, or a limit doesn't cut it.
func (l *line) lists(want []*heed.Report, list func(context.Context, heed.Tx, int) ([]*heed.Report, error)) {
	l.Helper()
	for _, limit := range []int{100, 1} {
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := list(ctx, tx, limit)
			l.same(ids(got), ids(want[:min(limit, len(want))]))
			if err == nil && len(got) > 0 {
				l.same(got[0], want[0])
			}
			return err
		})
	}
}
