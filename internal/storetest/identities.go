package storetest

import (
	"context"
	"errors"

	"github.com/heed-line/heed"
)

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
