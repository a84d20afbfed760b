package intake

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

const (
	// maxUploads may be under way at one time. One that has nothing yet is a row of some bytes.
	maxUploads = 10_000
	// emptyLife is how long an upload may wait for its first byte.
	emptyLife = time.Hour
)

// errChecksum ends a sending whose bytes aren't those that were announced.
var errChecksum = errors.New("the bytes have another checksum")

// Upload is a file that comes bit by bit. All of it stands in the sender's own sealed token and nowhere else; the store
// knows the ID and the pieces that have come.
type Upload struct {
	ID   string    `json:"id"`
	Key  seal.Key  `json:"key"` // of the pieces; the file gets another when a report takes it
	Name string    `json:"name"`
	Size int64     `json:"size"` // bytes of the whole file
	Born time.Time `json:"born"`
	// Head comes before the pieces when a report takes the file: what can be written only once its length is known. Size counts it.
	Head []byte `json:"-"`
}

// Ends is when the upload is forgotten, whatever came of it.
func (u Upload) Ends() time.Time { return u.Born.Add(stagedLife) }

// EmptyEnds is when it is forgotten if nothing came of it.
func (u Upload) EmptyEnds() time.Time { return u.Born.Add(emptyLife) }

// Checksum is what the bytes of one sending must come to. The zero Checksum demands nothing.
type Checksum struct {
	Hash hash.Hash
	Sum  []byte
}

// BeginUpload begins an upload of so many bytes.
//
// It returns a *heed.Problem (file-empty, file-too-large, files-no-room, files-share) where it may not come.
func (s *Service) BeginUpload(ctx context.Context, name string, size int64) (Upload, error) {
	u := Upload{ID: rand.Text(), Key: seal.NewKey(), Name: cleanName(name), Size: size, Born: s.cfg.Now()}
	switch {
	case size <= 0:
		return Upload{}, s.fileProblem(u.Name, "file-empty")
	case size > s.cfg.Limits.FileBytes:
		return Upload{}, s.fileProblem(u.Name, "file-too-large")
	}
	party := seal.PartyOf(ctx)
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		n, err := tx.CountUploads(ctx)
		switch {
		case err != nil:
			return err
		case n >= maxUploads:
			return noRoom(errNoRoom)
		case !s.room.mayBegin(party, n):
			return noRoom(errNoShare)
		}
		return tx.AddUpload(ctx, u.ID, u.Born)
	})
	if err != nil {
		return Upload{}, fmt.Errorf("begin an upload: %w", err)
	}
	s.room.begin(party, u.ID)
	return u, nil
}

// UploadOffset is how many bytes have come and will not be lost. heed.ErrNotFound: it expired, was ended, or a report has
// the file.
func (s *Service) UploadOffset(ctx context.Context, u Upload) (int64, error) {
	var end int64
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		end, err = tx.PiecesEnd(ctx, u.ID)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read how far an upload is: %w", err)
	}
	return end, nil
}

// pieces lists what has come of an upload, and where it ends.
func (s *Service) pieces(ctx context.Context, u Upload) (pieces []heed.Piece, end int64, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		pieces, err = tx.Pieces(ctx, u.ID)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read how far an upload is: %w", err)
	}
	if n := len(pieces); n > 0 {
		end = pieces[n-1].Start + pieces[n-1].Size
	}
	return pieces, end, nil
}

// AppendUpload takes what comes next of an upload, from its byte number from, and says where it ends now. What came before
// the sender broke off stays; where a checksum is demanded, all of it or nothing.
//
// It returns heed.ErrConflict where the upload ends elsewhere, because another sending came first, heed.ErrNotFound as
// UploadOffset does, and a *heed.Problem: upload-checksum, body-too-large (more came than belongs to the file), file-type
// (and the upload is ended), file-cut-off, files-no-room, files-share.
func (s *Service) AppendUpload(ctx context.Context, u Upload, from int64, body io.Reader, sum Checksum) (int64, error) {
	ctx = context.WithoutCancel(ctx) // what has come is kept although its sender has gone
	pieces, end, err := s.pieces(ctx, u)
	if err != nil {
		return 0, err
	}
	if from != end {
		return end, fmt.Errorf("go on at %d of an upload of %d bytes: %w", from, end, heed.ErrConflict)
	}
	in := &sending{body: body, left: u.Size - end, sum: sum}
	buffered := bufio.NewReaderSize(in, sniffBytes)
	begin, next := end, end
	var last *piece // being kept while the next one comes
	for n := len(pieces); ; n++ {
		var p *piece
		if n < maxPieces || next == u.Size {
			p, err = s.nextPiece(ctx, u, next, &pieceBody{from: buffered, before: last, whole: sum.Hash != nil, most: pieceAfter(next - begin)})
		} else {
			err = &heed.Problem{Field: "files", Code: "file-cut-off"}
		}
		if p != nil {
			next += p.size
			go s.keepPiece(ctx, u, p, last)
		}
		kept, failed := last.wait()
		if end += kept; failed != nil {
			_, abandoned := p.wait()
			return end, errors.Join(failed, abandoned) // ours, whatever else is wrong with what came
		}
		if err != nil {
			return end, in.problem(err)
		}
		if p == nil {
			return end, in.problem(in.cut)
		}
		last = p
	}
}

// EndUpload forgets an upload and deletes what came of it. heed.ErrNotFound as UploadOffset.
func (s *Service) EndUpload(ctx context.Context, u Upload) error {
	ctx = context.WithoutCancel(ctx)
	var pieces []heed.Piece
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) (err error) {
		if pieces, err = tx.Pieces(ctx, u.ID); err != nil {
			return err
		}
		return tx.DeleteUpload(ctx, u.ID)
	})
	if err != nil {
		return fmt.Errorf("end an upload: %w", err)
	}
	s.room.over(u.ID)
	return s.dropPieces(ctx, pieces)
}

func (s *Service) dropPieces(ctx context.Context, pieces []heed.Piece) error {
	var errs []error
	for _, p := range pieces {
		errs = append(errs, s.drop(ctx, p.Blob))
	}
	return errors.Join(errs...)
}

// fileProblem is a problem with one file.
func (s *Service) fileProblem(name, code string) *heed.Problem {
	return &heed.Problem{Field: "files", Code: code, Args: map[string]any{"Name": name, "LimitMB": s.cfg.Limits.FileBytes >> 20}}
}

// sending is the body of one request with a part of an upload. Where the sender breaks off it simply ends, so that what
// came is kept; under a checksum it fails, so that nothing is.
type sending struct {
	body io.Reader
	left int64 // bytes that belong to the file
	sum  Checksum
	cut  error // why the body ended early
	over bool  // more came than belongs to the file
}

// Read implements io.Reader.
func (s *sending) Read(p []byte) (int, error) {
	if s.cut != nil {
		return 0, s.end()
	}
	if s.left == 0 {
		p = p[:1] // nothing more may come
	}
	n, err := s.body.Read(p[:min(int64(len(p)), max(s.left, 1))])
	if n > 0 && s.left == 0 {
		s.over = true
		return 0, &heed.Problem{Code: "body-too-large"}
	}
	s.left -= int64(n)
	if s.sum.Hash != nil {
		s.sum.Hash.Write(p[:n])
	}
	switch {
	case errors.Is(err, io.EOF):
		return n, s.end()
	case err != nil:
		s.cut = err
		return n, s.end()
	}
	return n, nil
}

// end is how the reading ends.
func (s *sending) end() error {
	switch {
	case s.sum.Hash == nil:
		return io.EOF
	case s.cut != nil:
		return s.cut
	case string(s.sum.Hash.Sum(nil)) != string(s.sum.Sum):
		return errChecksum
	}
	return io.EOF
}

// problem words why a sending failed, where that is its own fault.
func (s *sending) problem(err error) error {
	switch {
	case s.over:
		return &heed.Problem{Code: "body-too-large"}
	case errors.Is(err, errChecksum):
		return &heed.Problem{Code: "upload-checksum"}
	case s.cut != nil && errors.Is(err, s.cut):
		return fmt.Errorf("%w: %w", &heed.Problem{Field: "files", Code: "file-cut-off"}, s.cut)
	}
	return err
}
