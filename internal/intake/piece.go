package intake

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gabriel-vasile/mimetype"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/survive"
)

const (
	// pieceBytes is how much of an upload is sealed at a time at least: as many whole frames as nothing is filled up to. A later piece of one
	// sending is as large as all of them before it, so that keeping, which costs the same however large a piece is, comes seldom; and each
	// grows, by the next length to which nothing is filled up, while the one before it is being kept, so that it holds up no fast sender. A
	// crash costs its sender two pieces at most, the one that is being kept and the one that is coming.
	pieceBytes = 72 * seal.FrameBytes
	// maxPieceBytes goes into a bucket in one request (blob.S3), sealed.
	maxPieceBytes = 240 * seal.FrameBytes
	// maxPieces leaves the largest file three interruptions for each of its pieces; who sends crumbs is stopped there.
	maxPieces = 2048
)

// errBefore drops a piece after one that isn't kept.
var errBefore = errors.New("the piece before it is not kept")

// piece is a part of an upload that is sealed and not yet durable.
type piece struct {
	start, size int64
	blob        blob.Writer
	arrival     *arrival
	noted       <-chan error  // has one error, or nil, once the blob is noted as staged or can't be
	kept        chan struct{} // closed once it is durable or can't be
	err         error         // why it can't; read it when kept is closed
}

// wait is until a piece is durable, and gives its size. No piece is as good as an empty one.
func (p *piece) wait() (int64, error) {
	if p == nil {
		return 0, nil
	}
	if <-p.kept; p.err != nil {
		return 0, p.err
	}
	return p.size, nil
}

// underWay says whether a piece is still being kept.
func (p *piece) underWay() bool {
	if p == nil {
		return false
	}
	select {
	case <-p.kept:
		return false
	default:
		return true
	}
}

// abandon drops a piece that couldn't be sealed, and its note, since nothing is there that it could name.
func (s *Service) abandon(ctx context.Context, p *piece) error {
	p.arrival.end(false, "")
	if err := errors.Join(<-p.noted, p.blob.Abort()); err != nil {
		return err // and the sweep's, if it was noted
	}
	if err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.DeleteStaged(ctx, p.blob.Key()) }); err != nil {
		return fmt.Errorf("forget a staged blob: %w", err)
	}
	return nil
}

// pieceBody is as much of a sending as makes one piece.
type pieceBody struct {
	from       *bufio.Reader
	before     *piece // nil for none
	whole      bool   // to the end of its sending, which is where the sums are compared
	read, most int64
}

// pieceAfter is how large the next piece is at least after so many bytes of one sending.
func pieceAfter(bytes int64) int64 {
	return min(maxPieceBytes, max(pieceBytes, seal.FrameBytes*int64(seal.Padme(uint64(bytes/seal.FrameBytes)))))
}

// Read implements io.Reader.
func (b *pieceBody) Read(p []byte) (int, error) {
	if b.whole {
		return b.from.Read(p)
	}
	if b.read == b.most {
		if b.most >= maxPieceBytes || !b.before.underWay() {
			return 0, io.EOF
		}
		b.most = seal.FrameBytes * int64(seal.Padme(uint64(b.most/seal.FrameBytes)+1))
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.most-b.read)])
	b.read += int64(n)
	return n, err
}

// nextPiece seals what comes next, nil where nothing more does.
func (s *Service) nextPiece(ctx context.Context, u Upload, start int64, body *pieceBody) (*piece, error) {
	if start == 0 {
		head, _ := body.from.Peek(sniffBytes) // what is wrong with the rest shows when that is read
		if whole := int64(len(head)) == u.Size; (whole || len(head) == sniffBytes) && !accepted(mimetype.Detect(head).String()) {
			return nil, errors.Join(s.fileProblem(u.Name, "file-type"), s.EndUpload(ctx, u))
		}
	}
	if _, err := body.from.Peek(1); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	a, err := s.room.arrive(ctx, body)
	if err != nil {
		return nil, s.unreachable(err)
	}
	p, err := s.sealPiece(ctx, u, start, a)
	if err == nil {
		return p, nil
	}
	switch problem := noRoom(a.err); {
	case problem != nil:
		return nil, fmt.Errorf("%w: %w", problem, err)
	case a.err != nil: // our disk's fault, not the sender's
		return nil, a.err
	}
	return nil, s.unreachable(err)
}

// sealPiece seals what arrives as a piece, and has it noted meanwhile, so that it needn't wait for that when it is to be kept. Where it fails,
// nothing of it stays.
func (s *Service) sealPiece(ctx context.Context, u Upload, start int64, a *arrival) (*piece, error) {
	w, err := s.cfg.Blobs.Create(ctx)
	if err != nil {
		a.end(false, "")
		return nil, fmt.Errorf("create a blob: %w", err)
	}
	noted := make(chan error, 1)
	go func() { noted <- survive.Do(func() error { return s.note(ctx, w) }) }()
	p := &piece{start: start, blob: w, noted: noted, arrival: a, kept: make(chan struct{})}
	if p.size, err = sealInto(w, a, u.Key, seal.UploadPiecePlace(s.cfg.Line, u.ID, start)); err != nil {
		return nil, errors.Join(err, s.abandon(ctx, p))
	}
	return p, nil
}

// keepPiece makes a sealed piece durable, beside the one before it, and then, after that one, a part of its upload. It is in a goroutine of its own.
func (s *Service) keepPiece(ctx context.Context, u Upload, p, before *piece) {
	defer close(p.kept)
	err := survive.Do(func() error {
		if err := s.commit(ctx, p.blob, <-p.noted); err != nil {
			return err
		}
		if _, err := before.wait(); err != nil {
			return errors.Join(errBefore, s.drop(ctx, p.blob.Key()))
		}
		return s.addPiece(ctx, u, heed.Piece{Start: p.start, Size: p.size, Blob: p.blob.Key()})
	})
	p.arrival.end(err == nil, p.blob.Key())
	p.err = s.unreachable(err)
}

// addPiece adds a sealed piece; one for which there is no place any more is dropped. Where it isn't known what came of
// adding it, it stays staged for the sweep.
func (s *Service) addPiece(ctx context.Context, u Upload, p heed.Piece) error {
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.AddPiece(ctx, u.ID, p) })
	switch {
	case errors.Is(err, heed.ErrConflict), errors.Is(err, heed.ErrNotFound):
		return errors.Join(fmt.Errorf("add a piece: %w", err), s.drop(ctx, p.Blob))
	case err != nil:
		return fmt.Errorf("add a piece: %w", err)
	}
	return nil
}
