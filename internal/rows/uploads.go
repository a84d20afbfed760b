package rows

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/rows/lite"
)

// AddUpload implements heed.UploadTx.
func (t *Tx) AddUpload(ctx context.Context, id string, at time.Time) error {
	return failed(t.engine.InsertUpload(ctx, lite.InsertUploadParams{ID: id, At: millis(at)}), "add an upload")
}

// CountUploads implements heed.UploadTx.
func (t *Tx) CountUploads(ctx context.Context) (int, error) {
	n, err := t.engine.CountUploads(ctx)
	return int(n), failed(err, "count uploads")
}

// AddPiece implements heed.UploadTx. Of two that begin at the same byte the key lets one in, whatever both have read.
func (t *Tx) AddPiece(ctx context.Context, upload string, p heed.Piece) error {
	end, err := t.PiecesEnd(ctx, upload)
	if err != nil {
		return err
	}
	if p.Start != end {
		return failed(heed.ErrConflict, "add a piece at %d of an upload of %d bytes", p.Start, end)
	}
	n, err := t.engine.InsertPiece(ctx, lite.InsertPieceParams{Upload: upload, Start: p.Start, Size: p.Size, BlobKey: p.Blob})
	return touched(n, err, heed.ErrConflict, "add a piece to an upload")
}

// PiecesEnd implements heed.UploadTx.
func (t *Tx) PiecesEnd(ctx context.Context, upload string) (int64, error) {
	if _, err := t.engine.GetUpload(ctx, upload); err != nil {
		return 0, failed(err, "find an upload")
	}
	last, err := t.engine.LastPiece(ctx, upload)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return last.Start + last.Size, failed(err, "find an upload's last piece")
}

// Pieces implements heed.UploadTx.
func (t *Tx) Pieces(ctx context.Context, upload string) ([]heed.Piece, error) {
	if _, err := t.engine.GetUpload(ctx, upload); err != nil {
		return nil, failed(err, "find an upload")
	}
	found, err := t.engine.Pieces(ctx, upload)
	if err != nil {
		return nil, failed(err, "read the pieces of an upload")
	}
	pieces := make([]heed.Piece, len(found))
	for i, p := range found {
		pieces[i] = heed.Piece{Start: p.Start, Size: p.Size, Blob: p.BlobKey}
	}
	return pieces, nil
}

// DeleteUpload implements heed.UploadTx.
func (t *Tx) DeleteUpload(ctx context.Context, id string) error {
	n, err := t.engine.DeleteUpload(ctx, id)
	return touched(n, err, heed.ErrNotFound, "delete an upload")
}

// DeleteUploads implements heed.UploadTx.
func (t *Tx) DeleteUploads(ctx context.Context, before, emptyBefore time.Time) error {
	if _, err := t.engine.DeleteUploadsBefore(ctx, millis(before)); err != nil {
		return failed(err, "delete old uploads")
	}
	_, err := t.engine.DeleteEmptyUploadsBefore(ctx, millis(emptyBefore))
	return failed(err, "delete empty uploads")
}
