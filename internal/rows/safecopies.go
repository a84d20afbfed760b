package rows

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func safeCopy(c lite.SafeCopy) *heed.SafeCopy {
	return &heed.SafeCopy{
		Attachment: heed.ID(c.Attachment), Report: heed.ID(c.Report), State: heed.SafeCopyState(c.State), Code: c.Code, Blob: c.BlobKey,
		Type: c.Type, Size: c.Size, SHA256: c.Sha256, SealedKey: c.SealedKey, MadeAt: moment(c.MadeAt),
		Transcript: c.Transcript, TranscriptCode: c.TranscriptCode, Details: c.Details,
	}
}

// PutSafeCopy implements heed.SafeCopyTx.
func (t *Tx) PutSafeCopy(ctx context.Context, c *heed.SafeCopy) error {
	err := t.engine.PutSafeCopy(ctx, lite.PutSafeCopyParams{
		Attachment: string(c.Attachment), Report: string(c.Report), State: string(c.State), Code: c.Code, BlobKey: c.Blob, Type: c.Type,
		Size: c.Size, Sha256: c.SHA256, SealedKey: c.SealedKey, MadeAt: millis(c.MadeAt), Details: c.Details,
	})
	return failed(err, "put the copy of attachment %s", c.Attachment)
}

// SafeCopy implements heed.SafeCopyTx.
func (t *Tx) SafeCopy(ctx context.Context, attachment heed.ID) (*heed.SafeCopy, error) {
	c, err := t.engine.GetSafeCopy(ctx, string(attachment))
	return one(c, err, safeCopy, "copy of attachment %s", attachment)
}

// SafeCopies implements heed.SafeCopyTx.
func (t *Tx) SafeCopies(ctx context.Context, report heed.ID) ([]*heed.SafeCopy, error) {
	cs, err := t.engine.SafeCopies(ctx, string(report))
	return each(cs, err, safeCopy, "copies of report %s", report)
}

// PutTranscript implements heed.SafeCopyTx.
func (t *Tx) PutTranscript(ctx context.Context, attachment heed.ID, sealed []byte, code string) error {
	n, err := t.engine.PutTranscript(ctx, lite.PutTranscriptParams{Attachment: string(attachment), Transcript: sealed, TranscriptCode: code})
	return touched(n, err, heed.ErrNotFound, "put the transcript of attachment %s", attachment)
}

// FilesWithoutCopy implements heed.SafeCopyTx.
func (t *Tx) FilesWithoutCopy(ctx context.Context, kind string, limit int) ([]*heed.Attachment, error) {
	as, err := t.engine.FilesWithoutCopy(ctx, lite.FilesWithoutCopyParams{FromType: kind, ToType: behind(kind), MaxRows: capped(limit)})
	return each(as, err, attachment, "files without a copy")
}

// behind is the first text behind all that begin with a text of ASCII: that whose last letter is the next one.
func behind(kind string) string {
	last := len(kind) - 1
	return kind[:last] + string(kind[last]+1)
}

// WaitingCopies implements heed.SafeCopyTx.
func (t *Tx) WaitingCopies(ctx context.Context, report heed.ID, kind string) (int, error) {
	n, err := t.engine.WaitingCopies(ctx, lite.WaitingCopiesParams{Report: string(report), FromType: kind, ToType: behind(kind)})
	return int(n), failed(err, "count the copies that report %s waits for", report)
}

// DropTransitKey implements heed.SafeCopyTx.
func (t *Tx) DropTransitKey(ctx context.Context, attachment heed.ID) error {
	n, err := t.engine.DropTransitKey(ctx, string(attachment))
	return touched(n, err, heed.ErrNotFound, "drop the transit key of attachment %s", attachment)
}
