package storetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

var safeCopies = []requirement{
	{"a file waits for its copy until there is one, and its transit key goes once", func(l *line) {
		r := l.report()
		l.update(func(ctx context.Context, tx heed.Tx) error {
			for _, a := range []heed.Attachment{{ID: "call", Type: "audio/basic"}, {ID: "memo", Type: "audio/mp4"}, {ID: "picture", Type: "image/png"}, {ID: "text", Type: "audit/x"}, {ID: "paper", Type: "application/pdf"}, {ID: "sheet", Type: "application/pdg"}} {
				a.Report, a.Blob, a.Day, a.TransitKey, a.DayKey, a.At = r.ID, "b-"+string(a.ID), "1", []byte("t"), []byte("d"), noon
				if err := errors.Join(tx.AddStaged(ctx, a.Blob, noon), tx.AddAttachment(ctx, &a)); err != nil {
					return err
				}
			}
			return nil
		})
		waiting := func(kind string, want ...heed.ID) {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				found, err := tx.FilesWithoutCopy(ctx, kind, 10)
				var ids []heed.ID
				for _, a := range found {
					ids = append(ids, a.ID)
				}
				l.same(ids, want)
				return err
			})
		}
		jobs := func(kind string, want int) {
			l.view(func(ctx context.Context, tx heed.Tx) error {
				n, err := tx.WaitingCopies(ctx, r.ID, kind)
				l.same(n, want)
				other, errOther := tx.WaitingCopies(ctx, "another", kind)
				l.same(other, 0)
				return errors.Join(err, errOther)
			})
		}
		waiting("audio/", "call", "memo")
		c := &heed.SafeCopy{Attachment: "call", Report: r.ID, State: heed.CopyWaiting, Code: heed.CopyNoTool}
		put := func(ctx context.Context, tx heed.Tx) error { return tx.PutSafeCopy(ctx, c) }
		l.update(put)
		waiting("audio/", "call", "memo")
		jobs("audio/", 0)
		c.Code = ""
		l.update(put)
		waiting("audio/", "memo")
		jobs("audio/", 1)
		jobs("image/", 0)
		waiting("image/", "picture")
		waiting("application/pdf", "paper")
		c.State, c.Blob, c.Type, c.Size, c.SHA256, c.SealedKey, c.MadeAt = heed.CopyMade, "made", "audio/mpeg", 7, bytes.Repeat([]byte{1}, 32), []byte("k"), noon.Add(time.Second)
		c.Details = []byte("about")
		l.update(put)
		jobs("audio/", 0)
		l.update(func(ctx context.Context, tx heed.Tx) error { return tx.DropTransitKey(ctx, "call") })
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.DropTransitKey(ctx, "call") })
		l.view(func(ctx context.Context, tx heed.Tx) error {
			got, err := tx.SafeCopy(ctx, "call")
			l.same(got, c)
			all, errAll := tx.SafeCopies(ctx, r.ID)
			l.same(all, []*heed.SafeCopy{c})
			a, errFile := tx.Attachment(ctx, "call")
			l.same(a.TransitKey == nil && a.DayKey != nil, true)
			_, none := tx.SafeCopy(ctx, "picture")
			l.is(none, heed.ErrNotFound)
			return errors.Join(err, errAll, errFile)
		})
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.PutTranscript(ctx, "memo", []byte("w"), "") })
		for _, heard := range []struct {
			sealed []byte
			code   string
		}{{nil, heed.TranscriptFailed}, {[]byte("words"), ""}} {
			l.update(func(ctx context.Context, tx heed.Tx) error {
				return tx.PutTranscript(ctx, "call", heard.sealed, heard.code)
			})
			l.update(put)
			l.view(func(ctx context.Context, tx heed.Tx) error {
				got, err := tx.SafeCopy(ctx, "call")
				l.same([]any{got.Transcript, got.TranscriptCode}, []any{heard.sealed, heard.code})
				return err
			})
		}
		l.refused(heed.ErrNotFound, func(ctx context.Context, tx heed.Tx) error { return tx.PutTranscript(ctx, "call", []byte("x"), "") })
		l.update(func(ctx context.Context, tx heed.Tx) error {
			blobs, err := tx.DeleteAttachments(ctx, r.ID)
			slices.Sort(blobs)
			l.same(blobs, []string{"b-call", "b-memo", "b-paper", "b-picture", "b-sheet", "b-text", "made"})
			return err
		})
		l.view(func(ctx context.Context, tx heed.Tx) error {
			_, none := tx.SafeCopy(ctx, "call")
			l.is(none, heed.ErrNotFound)
			return nil
		})
	}},
}
