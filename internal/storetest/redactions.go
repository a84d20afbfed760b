package storetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

var redactions = []requirement{
	{"a redaction is changed by who saw its version alone, its copy is that of one version, and its blob goes with the report's files", func(l *line) {
		r := l.report()
		first := &heed.Redaction{Attachment: "picture", Report: r.ID, By: "ann", At: noon, Marks: []byte("one")}
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.PutRedaction(ctx, first) })
		l.same(first.Version, int64(1))
		for _, seen := range []int64{0, 2} {
			l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
				return tx.PutRedaction(ctx, &heed.Redaction{Attachment: "picture", Report: r.ID, Version: seen, By: "ben", At: noon, Marks: []byte("other")})
			})
		}
		c := &heed.SafeCopy{
			Attachment: "picture", Report: r.ID, State: heed.CopyMade, Blob: "black", Type: "image/jpeg", Size: 7, SHA256: bytes.Repeat([]byte{1}, 32),
			SealedKey: []byte("k"), MadeAt: noon.Add(time.Second), Details: []byte("about"),
		}
		finish := func(version int64) func(context.Context, heed.Tx) error {
			return func(ctx context.Context, tx heed.Tx) error { return tx.FinishRedaction(ctx, version, c) }
		}
		l.refused(heed.ErrNotFound, finish(2))
		l.update(finish(1))
		l.refused(heed.ErrNotFound, finish(1))
		// Who read it while its copy was being made doesn't know the blob that is theirs to delete.
		l.refused(heed.ErrConflict, func(ctx context.Context, tx heed.Tx) error {
			return tx.PutRedaction(ctx, &heed.Redaction{Attachment: "picture", Report: r.ID, Version: 1, By: "ben", At: noon})
		})
		first.Copy = *c
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Redaction(ctx, "picture")
			l.same(got, first)
			all, errAll := tx.Redactions(ctx, r.ID)
			l.same(all, []*heed.Redaction{first})
			return errors.Join(err, errAll)
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			first.Marks, first.By = nil, "ben"
			return tx.PutRedaction(ctx, first)
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Redaction(ctx, "picture")
			l.same(got, &heed.Redaction{Attachment: "picture", Report: r.ID, Version: 2, By: "ben", At: noon, Copy: heed.SafeCopy{Attachment: "picture", Report: r.ID, State: heed.CopyWaiting}})
			return err
		})
		l.update(finish(2))
		l.update(func(ctx context.Context, tx heed.Tx) error {
			blobs, err := tx.DeleteAttachments(ctx, r.ID)
			if !slices.Equal(blobs, []string{"black"}) {
				l.Errorf("blobs: %v", blobs)
			}
			return err
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { _, err := tx.Redaction(ctx, "picture"); return err })
	}},
	{"what people uncover is counted by day, and forgotten", func(l *line) {
		add := func(staff heed.ID, day int64) {
			l.update(func(ctx context.Context, tx heed.Tx) error {
				return tx.AddExposure(ctx, &heed.Exposure{Staff: staff, Day: day, Pictures: 2, Films: 1, Seconds: 90})
			})
		}
		add("exposed-ann", 11)
		add("exposed-ann", 12)
		add("exposed-ann", 12)
		add("exposed-ben", 12)
		ann := &heed.Exposure{Staff: "exposed-ann", Day: 12, Pictures: 4, Films: 2, Seconds: 180}
		ben := &heed.Exposure{Staff: "exposed-ben", Day: 12, Pictures: 2, Films: 1, Seconds: 90}
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.Exposures(ctx, "exposed-ann", 12)
			l.same(got, []*heed.Exposure{ann})
			all, errAll := tx.Exposures(ctx, "", 12)
			l.same(all, []*heed.Exposure{ann, ben})
			return errors.Join(err, errAll)
		})
		l.update(func(ctx context.Context, tx heed.Tx) error {
			n, err := tx.DeleteExposures(ctx, 12)
			l.same(n, 1)
			return err
		})
	}},
}
