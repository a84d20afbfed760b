package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
)

var factors = []requirement{
	{"a factor comes back as written, by its owner and by its handle, and no two share a handle", func(l *line) {
		full := &heed.Factor{
			ID: l.id(), Staff: "ann", Kind: heed.Passkey, Name: "phone", Handle: []byte{1}, Data: []byte("{}"), Used: 7,
			CreatedAt: noon, UsedAt: noon.Add(time.Second),
		}
		bare := &heed.Factor{ID: l.id(), Staff: "ann", Kind: heed.OneTimeCodes, Handle: []byte{1}, CreatedAt: noon}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddFactor(ctx, full), tx.AddFactor(ctx, bare))
		})
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.AddFactor(ctx, &heed.Factor{ID: l.id(), Staff: "bob", Kind: heed.Passkey, Handle: []byte{1}})
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Factors(ctx, "ann")
			l.same(all, []*heed.Factor{full, bare})
			one, err2 := tx.FactorByHandle(ctx, heed.Passkey, []byte{1})
			l.same(one, full)
			_, none := tx.FactorByHandle(ctx, heed.SignOn, []byte{1})
			l.is(none, heed.ErrNotFound)
			return errors.Join(err, err2)
		})
	}},
	{"a factor is used from the state in which it was read, and never twice from one", func(l *line) {
		f := &heed.Factor{ID: l.id(), Staff: "ann", Kind: heed.OneTimeCodes, Handle: []byte{1}, Data: []byte("a"), CreatedAt: noon}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddFactor(ctx, f) })
		f.Used, f.Data, f.UsedAt = 9, []byte("b"), noon
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.UseFactor(ctx, f, 0) })
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error { return tx.UseFactor(ctx, f, 0) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Factors(ctx, "ann")
			l.same(all, []*heed.Factor{f})
			return err
		})
	}},
	{"a factor is deleted once, or with all of its kind and owner", func(l *line) {
		factor := func(n byte, staff heed.ID, kind heed.FactorKind) *heed.Factor {
			return &heed.Factor{ID: l.id(), Staff: staff, Kind: kind, Handle: []byte{n}, CreatedAt: noon}
		}
		one, two, three := factor(1, "ann", heed.RecoveryCode), factor(2, "ann", heed.RecoveryCode), factor(3, "bob", heed.RecoveryCode)
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddFactor(ctx, one), tx.AddFactor(ctx, two), tx.AddFactor(ctx, three), tx.DeleteFactor(ctx, one.ID))
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.DeleteFactor(ctx, one.ID) })
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteFactors(ctx, "ann", heed.RecoveryCode) })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			anns, err := tx.Factors(ctx, "ann")
			bobs, err2 := tx.Factors(ctx, "bob")
			l.same([]int{len(anns), len(bobs)}, []int{0, 1})
			return errors.Join(err, err2)
		})
	}},
	{"announcements are listed newest first, seen together, and go when they are old", func(l *line) {
		first := &heed.Announcement{ID: l.id(), Staff: "ann", At: noon, Code: "enrolled", About: "bob", By: "cid"}
		second := &heed.Announcement{ID: l.id(), Staff: "ann", At: noon.Add(time.Hour), Code: "reset", About: "bob"}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.Announce(ctx, first), tx.Announce(ctx, second))
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Announcements(ctx, "ann", 10)
			l.same(all, []*heed.Announcement{second, first})
			newest, err2 := tx.Announcements(ctx, "ann", 1)
			l.same(newest, []*heed.Announcement{second})
			return errors.Join(err, err2)
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.DeleteAnnouncements(ctx, noon.Add(time.Minute))
			l.same(n, 1)
			return errors.Join(err, tx.SeeAnnouncements(ctx, "ann"))
		})
		second.Seen = true
		l.view(func(ctx context.Context, tx heed.Tx) error {
			all, err := tx.Announcements(ctx, "ann", 10)
			l.same(all, []*heed.Announcement{second})
			return err
		})
	}},
}
