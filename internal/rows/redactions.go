package rows

import (
	"context"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func redaction(r lite.Redaction) *heed.Redaction {
	return &heed.Redaction{
		Attachment: heed.ID(r.Attachment), Report: heed.ID(r.Report), Version: r.Version, By: heed.ID(r.ByStaff), At: moment(r.At), Marks: r.Marks,
		Copy: heed.SafeCopy{
			Attachment: heed.ID(r.Attachment), Report: heed.ID(r.Report), State: heed.SafeCopyState(r.State), Code: r.Code, Blob: r.BlobKey,
			Type: r.Type, Size: r.Size, SHA256: r.Sha256, SealedKey: r.SealedKey, MadeAt: moment(r.MadeAt), Details: r.Details,
		},
	}
}

// PutRedaction implements heed.RedactionTx.
func (t *Tx) PutRedaction(ctx context.Context, r *heed.Redaction) (err error) {
	var n int64
	if r.Version == 0 {
		n, err = t.engine.InsertRedaction(ctx, lite.InsertRedactionParams{
			Attachment: string(r.Attachment), Report: string(r.Report), ByStaff: string(r.By), At: millis(r.At), Marks: r.Marks, State: string(heed.CopyWaiting),
		})
	} else {
		n, err = t.engine.ChangeRedaction(ctx, lite.ChangeRedactionParams{
			Attachment: string(r.Attachment), Version: r.Version, BeforeBlob: r.Copy.Blob, ByStaff: string(r.By), At: millis(r.At), Marks: r.Marks,
			State: string(heed.CopyWaiting),
		})
	}
	if err := touched(n, err, heed.ErrConflict, "put the redaction of attachment %s", r.Attachment); err != nil {
		return err
	}
	r.Version++
	r.Copy = heed.SafeCopy{Attachment: r.Attachment, Report: r.Report, State: heed.CopyWaiting}
	return nil
}

// FinishRedaction implements heed.RedactionTx.
func (t *Tx) FinishRedaction(ctx context.Context, version int64, c *heed.SafeCopy) error {
	n, err := t.engine.FinishRedaction(ctx, lite.FinishRedactionParams{
		Attachment: string(c.Attachment), Version: version, State: string(c.State), Code: c.Code, BlobKey: c.Blob, Type: c.Type, Size: c.Size,
		Sha256: c.SHA256, SealedKey: c.SealedKey, MadeAt: millis(c.MadeAt), Details: c.Details,
	})
	return touched(n, err, heed.ErrNotFound, "put the redacted copy of attachment %s", c.Attachment)
}

// Redaction implements heed.RedactionTx.
func (t *Tx) Redaction(ctx context.Context, attachment heed.ID) (*heed.Redaction, error) {
	r, err := t.engine.GetRedaction(ctx, string(attachment))
	return one(r, err, redaction, "redaction of attachment %s", attachment)
}

// Redactions implements heed.RedactionTx.
func (t *Tx) Redactions(ctx context.Context, report heed.ID) ([]*heed.Redaction, error) {
	rs, err := t.engine.Redactions(ctx, string(report))
	return each(rs, err, redaction, "redactions of report %s", report)
}
