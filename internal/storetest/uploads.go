package storetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heed-line/heed"
)

var uploads = []requirement{
	{"an upload's pieces each begin where the last one ended", func(l *line) {
		add := func(p heed.Piece) func(context.Context, heed.Tx) error {
			return func(ctx context.Context, tx heed.Tx) error { return tx.AddPiece(ctx, "u", p) }
		}
		first, second := heed.Piece{Start: 0, Size: 3, Blob: "a"}, heed.Piece{Start: 3, Size: 1 << 40, Blob: "b"}
		l.refused(heed.ErrNotFound, add(first))
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.AddUpload(ctx, "u", noon), tx.AddUpload(ctx, "v", noon))
		})
		l.refused(heed.ErrConflict, add(second))
		l.update(add(first))
		l.refused(heed.ErrConflict, add(first))
		l.update(add(second))
		l.refused(heed.ErrConflict, add(heed.Piece{Start: 3, Size: 1, Blob: "c"}))
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Pieces(ctx, "u")
			l.same(got, []heed.Piece{first, second})
			other, errOther := tx.Pieces(ctx, "v")
			l.same(len(other), 0)
			_, none := tx.Pieces(ctx, "w")
			l.is(none, heed.ErrNotFound)
			for id, want := range map[string]int64{"u": 3 + 1<<40, "v": 0} {
				end, errEnd := tx.PiecesEnd(ctx, id)
				l.is(errEnd, nil)
				l.same(end, want)
			}
			_, none = tx.PiecesEnd(ctx, "w")
			l.is(none, heed.ErrNotFound)
			n, errCount := tx.CountUploads(ctx)
			l.same(n, 2)
			return errors.Join(err, errOther, errCount)
		})
	}},
	{"of many pieces that come at once for one place, one is taken", func(l *line) {
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddUpload(ctx, "u", noon) })
		var taken atomic.Int32
		var wg sync.WaitGroup
		for i := range 16 {
			wg.Go(func() {
				err := l.store.Update(l.Context(), func(tx heed.Tx) error {
					return tx.AddPiece(l.Context(), "u", heed.Piece{Start: 0, Size: int64(i + 1), Blob: string(rune('a' + i))})
				})
				switch {
				case err == nil:
					taken.Add(1)
				case !errors.Is(err, heed.ErrConflict):
					l.Errorf("add: %v", err)
				}
			})
		}
		wg.Wait()
		l.same(taken.Load(), int32(1))
	}},
	{"an upload goes whole: when deleted, when old, when nothing came", func(l *line) {
		l.update(func(ctx context.Context, tx heed.Tx) error {
			var errs []error
			for id, at := range map[string]time.Time{
				"deleted": noon, "old": noon.Add(-25 * time.Hour), "empty": noon.Add(-2 * time.Hour),
				"going": noon.Add(-2 * time.Hour), "new": noon,
			} {
				errs = append(errs, tx.AddUpload(ctx, id, at))
			}
			for _, id := range []string{"deleted", "old", "going"} {
				errs = append(errs, tx.AddPiece(ctx, id, heed.Piece{Size: 1, Blob: id}))
			}
			return errors.Join(errs...)
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			return errors.Join(tx.DeleteUpload(ctx, "deleted"), tx.DeleteUploads(ctx, noon.Add(-24*time.Hour), noon.Add(-time.Hour)))
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.DeleteUpload(ctx, "deleted") })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			for id, want := range map[string]error{
				"deleted": heed.ErrNotFound, "old": heed.ErrNotFound, "empty": heed.ErrNotFound, "going": nil, "new": nil,
			} {
				if _, err := tx.Pieces(ctx, id); !errors.Is(err, want) {
					l.Errorf("%s: %v", id, err)
				}
			}
			return nil
		})
		l.update(func(ctx context.Context, tx heed.Tx) error { // none of its pieces was left behind
			return errors.Join(tx.AddUpload(ctx, "deleted", noon), tx.AddPiece(ctx, "deleted", heed.Piece{Size: 2, Blob: "again"}))
		})
	}},
}
