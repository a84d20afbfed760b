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

	"github.com/gabriel-vasile/mimetype"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/survive"
)

const (
	// pieceBytes is how much of an upload is sealed at a time: as many whole frames as nothing is filled up to, of which eight take what the
	// portal's page sends at once. A piece grows, by the next length to which nothing is filled up, while the one before it is being kept: what
	// keeping costs, however large a piece is, thus holds up no fast sender. A crash costs its sender two pieces at most, the one that is being
	// kept and the one that is coming.
	pieceBytes = 72 * seal.FrameBytes
	// maxPieceBytes goes into a bucket in one request (blob.S3), sealed.
	maxPieceBytes = 240 * seal.FrameBytes
	// maxPieces leaves the largest file three interruptions for each of its pieces; who sends crumbs is stopped there.
	maxPieces = 2048
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
	next := end
	var last *piece // being kept while the next one comes
	for n := len(pieces); ; n++ {
		var p *piece
		if n < maxPieces || next == u.Size {
			p, err = s.nextPiece(ctx, u, next, &pieceBody{from: buffered, before: last, whole: sum.Hash != nil, most: pieceBytes})
		} else {
			err = &heed.Problem{Field: "files", Code: "file-cut-off"}
		}
		kept, failed := last.wait()
		if end += kept; failed != nil {
			return end, errors.Join(failed, p.abandon()) // ours, whatever else is wrong with what came
		}
		if err != nil {
			return end, in.problem(err)
		}
		if p == nil {
			return end, in.problem(in.cut)
		}
		next += p.size
		p.kept = make(chan error, 1)
		last = p
		go func() { p.kept <- s.keepPiece(ctx, u, p) }()
	}
}

// piece is a part of an upload that is sealed and not yet durable.
type piece struct {
	start, size int64
	blob        blob.Writer
	arrival     *arrival
	kept        chan error // has one error, or nil, once that is decided
}

// wait is until a piece is durable, and gives its size. No piece is as good as an empty one.
func (p *piece) wait() (int64, error) {
	if p == nil {
		return 0, nil
	}
	if err := <-p.kept; err != nil {
		return 0, err
	}
	return p.size, nil
}

// abandon drops a piece that shan't be kept.
func (p *piece) abandon() error {
	if p == nil {
		return nil
	}
	p.arrival.end(false, "")
	return p.blob.Abort()
}

// pieceBody is as much of a sending as makes one piece.
type pieceBody struct {
	from       *bufio.Reader
	before     *piece // nil for none
	whole      bool   // to the end of its sending, which is where the sums are compared
	read, most int64
}

// Read implements io.Reader.
func (b *pieceBody) Read(p []byte) (int, error) {
	if b.whole {
		return b.from.Read(p)
	}
	if b.read == b.most {
		if b.most >= maxPieceBytes || b.before == nil || len(b.before.kept) > 0 {
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
	w, size, err := s.sealTo(ctx, a, u.Key, seal.UploadPiecePlace(s.cfg.Line, u.ID, start))
	if err == nil {
		return &piece{start: start, size: size, blob: w, arrival: a}, nil
	}
	a.end(false, "")
	switch problem := noRoom(a.err); {
	case problem != nil:
		return nil, fmt.Errorf("%w: %w", problem, err)
	case a.err != nil: // our disk's fault, not the sender's
		return nil, a.err
	}
	return nil, s.unreachable(err)
}

// keepPiece makes a sealed piece durable, and then a part of its upload.
func (s *Service) keepPiece(ctx context.Context, u Upload, p *piece) error {
	err := survive.Do(func() error { // it is in a goroutine of its own
		if err := s.keep(ctx, p.blob); err != nil {
			return err
		}
		return s.addPiece(ctx, u, heed.Piece{Start: p.start, Size: p.size, Blob: p.blob.Key()})
	})
	p.arrival.end(err == nil, p.blob.Key())
	return s.unreachable(err)
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
