package storetest

import (
	"context"
	"errors"

	"github.com/heed-line/heed"
)

var looks = []requirement{
	{"a file is found by its marks, first by the rarest, until they are common, its look or its report goes", func(l *line) {
		a, b := l.report(), l.report()
		put := func(file heed.ID, of heed.ID, marks ...int64) {
			l.update(func(ctx context.Context, tx heed.Tx) error {
				return errors.Join(tx.PutLook(ctx, &heed.Look{File: file, Report: of, Sealed: []byte("sealed")}), tx.PutLookMarks(ctx, file, marks, 2))
			})
		}
		found := func(marks []int64, want ...heed.ID) {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.LookAlikes(ctx, marks, 10)
				l.same(append([]heed.ID{}, got...), append([]heed.ID{}, want...))
				return err
			})
		}
		put("one", a.ID, 1, 2, -1<<63, 1)
		put("two", b.ID, 2, 3, 4)
		put("three", b.ID, 2, 5) // of 2 there are two already
		found([]int64{1, 2, 9}, "one", "two")
		found([]int64{2, 2, 3, 4, 5}, "two", "three", "one")
		found([]int64{-1 << 63}, "one")
		put("one", a.ID, 7, 8)
		found([]int64{1, 2, 7, 8}, "one", "two")
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Look(ctx, "two")
			l.same(got, &heed.Look{File: "two", Report: b.ID, Sealed: []byte("sealed")})
			all, errAll := tx.Looks(ctx, b.ID)
			l.same(len(all), 2)
			_, none := tx.Look(ctx, "four")
			l.is(none, heed.ErrNotFound)
			return errors.Join(err, errAll)
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteLook(ctx, "three") })
		found([]int64{5})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.DeleteAttachments(ctx, b.ID)
			return err
		})
		found([]int64{2, 3, 4, 7}, "one")
	}},
	{"where a file was seen is known of both reports, until one of them goes", func(l *line) {
		a, b, c := l.report(), l.report(), l.report()
		ab := heed.Sighting{File: "b1", Report: b.ID, Earlier: "a1", EarlierReport: a.ID, Kind: heed.SameSound, Score: 0.5}
		cb := heed.Sighting{File: "c1", Report: c.ID, Earlier: "b1", EarlierReport: b.ID, Kind: heed.SamePicture, Score: 0.9}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			if err := tx.PutSightings(ctx, []heed.Sighting{ab, cb}); err != nil {
				return err
			}
			ab.Kind, ab.Score = heed.SameExactly, 1
			return tx.PutSightings(ctx, []heed.Sighting{ab})
		})
		seen := func(report heed.ID, want ...*heed.Sighting) {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.Sightings(ctx, report, 10)
				l.same(append([]*heed.Sighting{}, got...), append([]*heed.Sighting{}, want...))
				return err
			})
		}
		seen(a.ID, &ab)
		seen(b.ID, &ab, &cb)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteLooks(ctx, a.ID) })
		seen(a.ID)
		seen(b.ID, &cb)
	}},
}
