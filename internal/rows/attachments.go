package rows

import (
	"context"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

func attachment(a lite.Attachment) *heed.Attachment {
	return &heed.Attachment{
		ID: heed.ID(a.ID), Report: heed.ID(a.Report), Blob: a.BlobKey, Type: a.Type, Size: a.Size, Day: a.Day,
		SealedName: a.SealedName, TransitKey: a.TransitKey, DayKey: a.DayKey, At: moment(a.At),
	}
}

// AddAttachment implements heed.AttachmentTx.
func (t *Tx) AddAttachment(ctx context.Context, a *heed.Attachment) error {
	n, err := t.engine.TakeStaged(ctx, a.Blob)
	if err := touched(n, err, heed.ErrNotFound, "take the blob of attachment %s", a.ID); err != nil {
		return err
	}
	err = t.engine.InsertAttachment(ctx, lite.InsertAttachmentParams{
		ID: string(a.ID), Report: string(a.Report), BlobKey: a.Blob, Type: a.Type, Size: a.Size, Day: a.Day,
		SealedName: a.SealedName, TransitKey: a.TransitKey, DayKey: a.DayKey, At: millis(a.At),
	})
	return failed(err, "add attachment %s", a.ID)
}

// Attachment implements heed.AttachmentTx.
func (t *Tx) Attachment(ctx context.Context, id heed.ID) (*heed.Attachment, error) {
	a, err := t.engine.GetAttachment(ctx, string(id))
	return one(a, err, attachment, "attachment %s", id)
}

// Attachments implements heed.AttachmentTx.
func (t *Tx) Attachments(ctx context.Context, report heed.ID) ([]*heed.Attachment, error) {
	as, err := t.engine.Attachments(ctx, string(report))
	return each(as, err, attachment, "attachments of report %s", report)
}

// DeleteAttachments implements heed.AttachmentTx.
func (t *Tx) DeleteAttachments(ctx context.Context, report heed.ID) ([]string, error) {
	blobs, err := t.engine.DeleteAttachments(ctx, string(report))
	if err != nil {
		return nil, failed(err, "delete the attachments of report %s", report)
	}
	copies, err := t.engine.DeleteSafeCopies(ctx, string(report))
	if err != nil {
		return nil, failed(err, "delete the attachments of report %s", report)
	}
	// After the copies: whoever stores one meanwhile, and with it what its file is known by, holds it until both can be deleted here.
	if err := t.DeleteLooks(ctx, report); err != nil {
		return nil, err
	}
	redacted, err := t.engine.DeleteRedactions(ctx, string(report))
	for _, blob := range append(copies, redacted...) {
		if blob != "" { // made
			blobs = append(blobs, blob)
		}
	}
	return blobs, failed(err, "delete the attachments of report %s", report)
}

// AddStaged implements heed.AttachmentTx.
func (t *Tx) AddStaged(ctx context.Context, blob string, at time.Time) error {
	return failed(t.engine.InsertStaged(ctx, lite.InsertStagedParams{BlobKey: blob, At: millis(at)}), "stage a blob")
}

// StagedBefore implements heed.AttachmentTx.
func (t *Tx) StagedBefore(ctx context.Context, before time.Time, limit int) ([]string, error) {
	blobs, err := t.engine.StagedBefore(ctx, lite.StagedBeforeParams{Before: millis(before), MaxRows: capped(limit)})
	return blobs, failed(err, "staged blobs")
}

// DiscardFilesOfDay implements heed.AttachmentTx.
func (t *Tx) DiscardFilesOfDay(ctx context.Context, day string) error {
	return failed(t.engine.DiscardFilesOfDay(ctx, day), "discard the files of day %s", day)
}

// DiscardStaged implements heed.AttachmentTx.
func (t *Tx) DiscardStaged(ctx context.Context, blob string) error {
	n, err := t.engine.DiscardStaged(ctx, blob)
	return touched(n, err, heed.ErrNotFound, "discard a staged blob")
}

// DeleteStaged implements heed.AttachmentTx.
func (t *Tx) DeleteStaged(ctx context.Context, blob string) error {
	return failed(t.engine.DeleteStaged(ctx, blob), "end the staging of a blob")
}
