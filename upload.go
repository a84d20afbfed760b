package heed

import (
	"context"
	"time"
)

// Piece is a staged blob that holds a part of an upload.
type Piece struct {
	Start int64 // offset of its first byte in the file
	Size  int64 // bytes of the file in it, not of the blob
	Blob  string
}

// UploadTx keeps the pieces of files that come bit by bit. Their blobs are staged as well, and swept as such.
type UploadTx interface {
	AddUpload(ctx context.Context, id string, at time.Time) error
	CountUploads(ctx context.Context) (int, error)
	// AddPiece adds the piece that begins where the last one ended. ErrNotFound: there is no such upload. ErrConflict: it
	// doesn't begin there, because another piece came first.
	AddPiece(ctx context.Context, upload string, p Piece) error
	// PiecesEnd is where the last piece ends: 0 where there is none. ErrNotFound: there is no such upload.
	PiecesEnd(ctx context.Context, upload string) (int64, error)
	// Pieces lists an upload's pieces in their order. ErrNotFound: there is no such upload.
	Pieces(ctx context.Context, upload string) ([]Piece, error)
	// DeleteUpload forgets an upload and its pieces, whose blobs stay staged. ErrNotFound: there is no such upload.
	DeleteUpload(ctx context.Context, id string) error
	// DeleteUploads forgets those that began before the one moment, and those that began before the other and have nothing.
	DeleteUploads(ctx context.Context, before, emptyBefore time.Time) error
}
