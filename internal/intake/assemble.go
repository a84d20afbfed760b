package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gabriel-vasile/mimetype"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/seal"
)

// taken is what uploads became when a report or a message took them.
type taken struct {
	uploads []Upload
	pieces  []heed.Piece // no longer needed once the report has the files
	files   []StagedFile
}

// assemble makes files of uploads that have come whole. Each is sealed anew, in one blob and under a fresh key: the one of
// its pieces stood in an address, sealed, and must open nothing that lasts. What each is shows before any is put together.
//
// It returns heed.Problems (file-gone, upload-unfinished, file-type) where one can't be taken, and heed.ErrBusy where its sender's network
// has enough of it going on; the uploads stay as they are.
func (s *Service) assemble(ctx context.Context, uploads []Upload) (_ *taken, err error) {
	t := &taken{uploads: uploads}
	if len(uploads) == 0 {
		return t, nil
	}
	joiner, err := s.joining.enter(ctx)
	if err != nil {
		return nil, err
	}
	defer joiner.leave()
	pieces := make([][]heed.Piece, len(uploads))
	seen := map[string]bool{}
	for i, u := range uploads {
		var end int64
		pieces[i], end, err = s.pieces(ctx, u)
		switch {
		case errors.Is(err, heed.ErrNotFound), err == nil && seen[u.ID]:
			return nil, uploadProblem("file-gone")
		case err != nil:
			return nil, err
		case end+int64(len(u.Head)) != u.Size:
			return nil, uploadProblem("upload-unfinished")
		}
		seen[u.ID] = true
		t.pieces = append(t.pieces, pieces[i]...)
	}
	for i, u := range uploads {
		if err := s.look(ctx, u, pieces[i]); err != nil {
			return nil, err
		}
	}
	for i, u := range uploads {
		f, err := s.joinInTurn(ctx, joiner, u, pieces[i])
		if err != nil {
			return nil, errors.Join(err, s.discardTaken(ctx, t))
		}
		t.files = append(t.files, f)
	}
	return t, nil
}

// look says whether the upload is of a kind that is taken, by its first bytes.
func (s *Service) look(ctx context.Context, u Upload, pieces []heed.Piece) error {
	source := &pieceReader{ctx: ctx, service: s, upload: u, pieces: pieces}
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(io.MultiReader(bytes.NewReader(u.Head), source), head)
	closed := source.close()
	if source.err != nil {
		return s.unread(source.err)
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	if closed == nil && !accepted(mimetype.Detect(head[:n]).String()) {
		return s.fileProblem(u.Name, "file-type")
	}
	return closed
}

// unread is what a sender hears where a piece of an upload can't be read.
func (s *Service) unread(err error) error {
	switch {
	case errors.Is(err, heed.ErrNotFound): // swept in this moment
		return uploadProblem("file-gone")
	case errors.Is(err, blob.ErrUnreachable):
		s.cfg.Log.Error("intake: no file can be put together", "error", err)
		return uploadProblem("files-no-room")
	}
	return err // ours, and not the sender's
}

// joinInTurn is join, at a place for it.
func (s *Service) joinInTurn(ctx context.Context, j *joiner, u Upload, pieces []heed.Piece) (StagedFile, error) {
	if err := j.begin(ctx); err != nil {
		return StagedFile{}, err
	}
	defer j.end()
	return s.join(ctx, u, pieces)
}

// join seals the pieces of one upload as one file.
func (s *Service) join(ctx context.Context, u Upload, pieces []heed.Piece) (StagedFile, error) {
	source := &pieceReader{ctx: ctx, service: s, upload: u, pieces: pieces}
	a := s.room.exchange(io.MultiReader(bytes.NewReader(u.Head), source))
	f, err := s.stage(ctx, u.Name, a)
	err = errors.Join(err, source.close())
	a.end(err == nil, f.Blob)
	switch {
	case source.err != nil:
		return StagedFile{}, s.unread(source.err)
	case errors.Is(err, blob.ErrUnreachable):
		return StagedFile{}, s.unread(err)
	case errors.Is(a.err, errNoRoom):
		return StagedFile{}, fmt.Errorf("%w: %w", uploadProblem("files-no-room"), err)
	case a.err != nil:
		return StagedFile{}, a.err
	}
	return f, err
}

// deleteUploads forgets the uploads in the transaction that takes their files, so that each is taken once.
//
// heed.ErrConflict: a recording went on meanwhile.
func (t *taken) deleteUploads(ctx context.Context, tx heed.Tx) error {
	for _, u := range t.uploads {
		err := t.unchanged(ctx, tx, u)
		if err == nil {
			err = tx.DeleteUpload(ctx, u.ID)
		}
		if errors.Is(err, heed.ErrNotFound) {
			return uploadProblem("file-gone")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// unchanged says whether an upload still ends where it did when its file was put together: others end where they were announced to.
func (t *taken) unchanged(ctx context.Context, tx heed.UploadTx, u Upload) error {
	if len(u.Head) == 0 {
		return nil
	}
	pieces, err := tx.Pieces(ctx, u.ID)
	if err != nil {
		return err
	}
	if n := len(pieces); n == 0 || pieces[n-1].Start+pieces[n-1].Size+int64(len(u.Head)) != u.Size {
		return fmt.Errorf("take a recording that goes on: %w", heed.ErrConflict)
	}
	return nil
}

// discardTaken forgets the files where the report that wanted them was not taken. The uploads stay.
func (s *Service) discardTaken(ctx context.Context, t *taken) error {
	var errs []error
	for _, f := range t.files {
		errs = append(errs, s.Discard(context.WithoutCancel(ctx), f))
	}
	return errors.Join(errs...)
}

// dropTaken deletes the pieces of which a report has its files. The report is durable: what can't be deleted now is the sweep's,
// and no reason to say that it failed.
func (s *Service) dropTaken(ctx context.Context, t *taken) {
	for _, u := range t.uploads {
		s.room.over(u.ID)
	}
	if err := s.dropPieces(context.WithoutCancel(ctx), t.pieces); err != nil {
		s.cfg.Log.Warn("intake: delete the pieces of a file that arrived", "error", err)
	}
}

// sizes are the uploads as checkFiles counts them.
func sizes(files []StagedFile, uploads []Upload) []StagedFile {
	all := append([]StagedFile(nil), files...)
	for _, u := range uploads {
		all = append(all, StagedFile{Size: u.Size})
	}
	return all
}

func uploadProblem(code string) heed.Problems { return heed.Problems{{Field: "uploads", Code: code}} }

// pieceReader reads the pieces of an upload as one file.
type pieceReader struct {
	ctx     context.Context
	service *Service
	upload  Upload
	pieces  []heed.Piece // still to be read
	blob    io.Closer    // nil between two pieces
	frames  io.Reader
	left    int64 // of the piece
	err     error
}

// Read implements io.Reader. It returns heed.ErrSealed where a piece isn't what was sealed for its place.
func (r *pieceReader) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = fmt.Errorf("read an upload's piece: %w", err)
		return 0, r.err
	}
	return n, err
}

func (r *pieceReader) read(p []byte) (int, error) {
	for {
		if r.blob == nil {
			if len(r.pieces) == 0 {
				return 0, io.EOF
			}
			if err := r.open(); err != nil {
				return 0, err
			}
		}
		n, err := r.frames.Read(p)
		r.left -= int64(n)
		switch {
		case err != nil && !errors.Is(err, io.EOF):
			return 0, err
		case r.left < 0, err != nil && r.left > 0:
			return 0, heed.ErrSealed // another length than the store says
		case err != nil:
			if err := r.close(); err != nil {
				return 0, err
			}
		}
		if n > 0 {
			return n, nil
		}
	}
}

// open begins the next piece.
func (r *pieceReader) open() error {
	if err := r.ctx.Err(); err != nil { // the sender of the report has gone
		return err
	}
	piece := r.pieces[0]
	sealed, err := r.service.cfg.Blobs.Open(r.ctx, piece.Blob)
	if err != nil {
		return err
	}
	r.blob, r.left, r.pieces = sealed, piece.Size, r.pieces[1:]
	r.frames, err = seal.NewFrameReader(sealed, r.upload.Key, seal.UploadPiecePlace(r.service.cfg.Line, r.upload.ID, piece.Start))
	return err
}

// close ends the piece that is open.
func (r *pieceReader) close() error {
	if r.blob == nil {
		return nil
	}
	blob := r.blob
	r.blob = nil
	return blob.Close()
}
