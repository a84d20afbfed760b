package storetest

import (
	"context"
	"errors"
	"sync"
	"time"

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
		l.update(func(ctx context.Context, tx heed.Tx) error {
			standing, err := tx.LockLooks(ctx, []heed.ID{"two", "four"})
			l.same(standing, map[heed.ID]bool{"two": true})
			return err
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			_, err := tx.DeleteAttachments(ctx, b.ID)
			return err
		})
		found([]int64{2, 3, 4, 5, 7}, "one")
	}},
	{"where a file was seen is known of both reports, until one of them goes", func(l *line) {
		a, b, c := l.report(), l.report(), l.report()
		ab := heed.Sighting{File: "b1", Report: b.ID, Earlier: "a1", EarlierReport: a.ID, Kind: heed.SameSound, Score: 0.5}
		db := heed.Sighting{File: "d1", Report: c.ID, Earlier: "b1", EarlierReport: b.ID, Kind: heed.SameExactly, Score: 1}
		cb := heed.Sighting{File: "c1", Report: c.ID, Earlier: "b1", EarlierReport: b.ID, Kind: heed.SamePicture, Score: 0.9}
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.PutSightings(ctx, []heed.Sighting{ab})
			l.same(n, 1)
			ab.Kind, ab.Score = heed.SamePicture, 0.4
			again, errAgain := tx.PutSightings(ctx, []heed.Sighting{ab, cb, db})
			l.same(again, 2)
			return errors.Join(err, errAgain)
		})
		seen := func(report, file heed.ID, want ...*heed.Sighting) {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.Sightings(ctx, report, file, 10)
				l.same(append([]*heed.Sighting{}, got...), append([]*heed.Sighting{}, want...))
				return err
			})
		}
		seen(a.ID, "a1", &ab)
		seen(b.ID, "b1", &db, &ab, &cb) // what is exactly the same, then the earlier
		seen(b.ID, "b2")
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DeleteLooks(ctx, a.ID) })
		seen(a.ID, "a1")
		seen(b.ID, "b1", &db, &cb)
	}},
	{"what is stored of a file's look while it is deleted goes with it", func(l *line) {
		a, b := l.report(), l.report()
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(
				tx.PutLook(ctx, &heed.Look{File: "a1", Report: a.ID, Sealed: []byte("sealed")}), tx.PutLook(ctx, &heed.Look{File: "b1", Report: b.ID, Sealed: []byte("sealed")}),
			)
		})
		deleted := make(chan error, 1)
		begin := sync.OnceFunc(func() {
			go func() {
				deleted <- l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.DeleteLooks(l.Context(), a.ID) })
			}()
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			standing, err := tx.LockLooks(ctx, []heed.ID{"a1", "b1"})
			if err != nil || !standing["a1"] {
				return err
			}
			begin()
			select {
			case err := <-deleted:
				l.Error("it is deleted although it is held")
				deleted <- err
			case <-time.After(200 * time.Millisecond): // it waits, or hasn't begun: both are right
			}
			_, err = tx.PutSightings(ctx, []heed.Sighting{{File: "b1", Report: b.ID, Earlier: "a1", EarlierReport: a.ID, Kind: heed.SamePicture}})
			return errors.Join(err, tx.PutLookMarks(ctx, "a1", []int64{11}, 2), tx.PutLook(ctx, &heed.Look{File: "a1", Report: a.ID, Sealed: []byte("anew")}))
		})
		if err := <-deleted; err != nil {
			l.Fatal(err)
		}
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, gone := tx.Look(ctx, "a1")
			l.is(gone, heed.ErrNotFound)
			found, err := tx.LookAlikes(ctx, []int64{11}, 10)
			seen, errSeen := tx.Sightings(ctx, b.ID, "b1", 10)
			l.same(len(found)+len(seen), 0)
			return errors.Join(err, errSeen)
		})
	}},
}
