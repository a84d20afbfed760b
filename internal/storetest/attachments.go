package storetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

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
