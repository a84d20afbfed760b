package intake

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// A recording is an upload whose length nobody knows until it is over: somebody speaks. It counts against no Room, for what was
// said can't be sent again; a full disk ends it all the same.

// NewRecording begins a recording. The store doesn't know of it yet: whoever keeps it adds it (heed.UploadTx) with whatever else
// must be there from the first piece on.
func (s *Service) NewRecording(name string) Upload {
	return Upload{ID: rand.Text(), Key: seal.NewKey(), Name: cleanName(name), Born: s.cfg.Now()}
}

// AppendRecording seals what was said next, from byte start of the recording on. When it returns nil that is durable.
//
// It may be tried again: what is there already is not added twice. heed.ErrNotFound: the recording was ended, or a report has it.
// A *heed.Problem (files-no-room): the disk is full.
func (s *Service) AppendRecording(ctx context.Context, u Upload, start int64, said []byte) error {
	a := s.room.exchange(bytes.NewReader(said))
	blob, size, err := s.seal(ctx, a, u.Key, seal.UploadPiecePlace(s.cfg.Line, u.ID, start))
	if err == nil {
		err = s.addPiece(ctx, u, heed.Piece{Start: start, Size: size, Blob: blob})
	}
	a.end(err == nil, blob)
	switch {
	case errors.Is(a.err, errNoRoom):
		return fmt.Errorf("%w: %w", &heed.Problem{Field: "files", Code: "files-no-room"}, err)
	case a.err != nil:
		return a.err
	case errors.Is(err, heed.ErrConflict): // an earlier attempt may have come through, and its answer not
		end, failed := s.UploadOffset(ctx, u)
		if failed == nil && end == start+int64(len(said)) {
			return nil
		}
		return errors.Join(err, failed)
	}
	return err
}

// OpenRecording opens what was kept of a recording, to be heard again. The caller closes it.
func (s *Service) OpenRecording(ctx context.Context, u Upload) (io.ReadCloser, error) {
	pieces, _, err := s.pieces(ctx, u)
	if err != nil {
		return nil, err
	}
	r := &pieceReader{ctx: ctx, service: s, upload: u, pieces: pieces}
	return struct {
		io.Reader
		io.Closer
	}{r, closer(r.close)}, nil
}

type closer func() error

func (c closer) Close() error { return c() }
