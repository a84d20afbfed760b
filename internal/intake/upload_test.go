package intake_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/survive"
)

// told is a file of n bytes that doesn't repeat, with the canary in it.
func told(n int) []byte {
	content := []byte("this is what happened, " + canary + ": ")
	for i := 0; len(content) < n; i++ {
		content = append(content, "one more line of a long story, number "+strings.Repeat("i", i%50)+"\n"...)
	}
	return content[:n]
}

// codeOf is the code of the Problem in an error.
func codeOf(err error) string {
	var many heed.Problems
	var one *heed.Problem
	switch {
	case errors.As(err, &many):
		return many[0].Code
	case errors.As(err, &one):
		return one.Code
	}
	return ""
}

// uploaded begins an upload and sends content in parts that end at the given bytes.
func (l *line) uploaded(t *testing.T, content []byte, ends ...int) intake.Upload {
	t.Helper()
	u, err := l.in.BeginUpload(t.Context(), canary+".txt", int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	from := 0
	for _, end := range ends {
		got, err := l.in.AppendUpload(t.Context(), u, int64(from), bytes.NewReader(content[from:end]), intake.Checksum{})
		if err != nil || got != int64(end) {
			t.Fatalf("sent up to %d: ends at %d, %v", end, got, err)
		}
		from = end
	}
	return u
}

// staged are the blobs that lie there without a report; noBlobs wants the blob store empty.
func (l *line) staged(t *testing.T) (blobs []string) {
	t.Helper()
	err := l.store.View(t.Context(), func(tx heed.Tx) (err error) {
		blobs, err = tx.StagedBefore(t.Context(), l.now.Add(48*time.Hour), 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return blobs
}

// countBlobs is how many lie there: pieces and files, each as long as a padded file is.
func (l *line) countBlobs(t *testing.T) int {
	t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(l.dir, "blobs"), func(_ string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		info, err := d.Info()
		if err == nil && info.Size() != seal.PaddedSize(info.Size()/65_564*seal.FrameBytes) {
			t.Errorf("a blob of %d bytes tells how long something is", info.Size())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// file reads the report's only file as the worker would.
func (l *line) file(t *testing.T, report heed.ID) (*heed.Attachment, seal.Key, []byte) {
	t.Helper()
	var found []*heed.Attachment
	err := l.store.View(t.Context(), func(tx heed.Tx) (err error) { found, err = tx.Attachments(t.Context(), report); return err })
	if err != nil || len(found) != 1 {
		t.Fatalf("%d files, %v", len(found), err)
	}
	a := found[0]
	key, err := l.days.OpenFileKey(t.Context(), a, seal.ByTransit, a.TransitKey)
	if err != nil {
		t.Fatal(err)
	}
	b, err := l.blobs.Open(t.Context(), a.Blob)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	frames, err := seal.NewFrameReader(b, key, seal.FilePlace("test"))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(frames)
	if err != nil {
		t.Fatal(err)
	}
	return a, key, content
}

func TestWhatCameBeforeASenderBrokeOffStays(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	content := told(200_000)
	u := l.uploaded(t, content)
	gone, cancel := context.WithCancel(ctx)
	cut := io.MultiReader(bytes.NewReader(content[:150_000]), iotest.ErrReader(errors.New("connection reset")))
	cancel() // as a server does when its client goes
	end, err := l.in.AppendUpload(gone, u, 0, cut, intake.Checksum{})
	if codeOf(err) != "file-cut-off" || end != 150_000 {
		t.Errorf("ends at %d, %v", end, err)
	}
	if end, err := l.in.UploadOffset(ctx, u); err != nil || end != 150_000 {
		t.Fatalf("%d bytes are there, %v", end, err)
	}
	// Under a checksum a part that didn't come whole may be anything.
	whole := sha256.New()
	cut = io.MultiReader(bytes.NewReader(content[150_000:190_000]), iotest.ErrReader(errors.New("connection reset")))
	if end, err := l.in.AppendUpload(ctx, u, 150_000, cut, intake.Checksum{Hash: whole, Sum: make([]byte, 32)}); codeOf(err) != "file-cut-off" || end != 150_000 {
		t.Errorf("ends at %d, %v", end, err)
	}
	if staged := l.staged(t); len(staged) != 1 {
		t.Errorf("%d blobs are staged", len(staged))
	}
	if _, err := l.in.AppendUpload(ctx, u, 150_000, bytes.NewReader(content[150_000:]), intake.Checksum{}); err != nil {
		t.Fatal(err)
	}
	a, err := l.in.Submit(ctx, taking(u))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, got := l.file(t, a.Report); !bytes.Equal(got, content) {
		t.Error("another file arrived")
	}
}

// fullBlobs keep so many blobs, in the order in which they are begun, and then none.
type fullBlobs struct {
	blob.Store
	left atomic.Int32
}

var errFull = errors.New("the disk is full now")

func (f *fullBlobs) Create(ctx context.Context) (blob.Writer, error) {
	w, err := f.Store.Create(ctx)
	return fullWriter{w, f.left.Add(-1) >= 0}, err
}

type fullWriter struct {
	blob.Writer
	fits bool
}

func (w fullWriter) Commit(ctx context.Context) error {
	if !w.fits {
		return errFull
	}
	return w.Writer.Commit(ctx)
}

func TestAPieceThatIsNotKeptEndsItsSendingAndNothingAfterItIsKept(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	blobs := &fullBlobs{Store: l.blobs}
	l.config.Blobs, l.config.Limits.FileBytes, l.config.Limits.TotalBytes = blobs, 32<<20, 32<<20
	l.in = intake.New(l.config)
	content := told(32 << 20)
	u := l.uploaded(t, content)
	from, kept := int64(0), 0
	for _, fits := range []int32{1, 0, 2} {
		blobs.left.Store(fits)
		end, err := l.in.AppendUpload(ctx, u, from, bytes.NewReader(content[from:]), intake.Checksum{})
		if most := from + int64(fits)*intake.MaxPieceBytes; !errors.Is(err, errFull) || end < from+int64(fits)*intake.PieceBytes || end > most || fits == 0 && end > from {
			t.Fatalf("with room for %d more: ends at %d after %d, %v", fits, end, from, err)
		}
		if from, err = l.in.UploadOffset(ctx, u); err != nil || from != end {
			t.Fatalf("it said %d and ends at %d, %v", end, from, err)
		}
		kept += int(fits)
		if n := l.countBlobs(t); n != kept || len(l.staged(t)) != n {
			t.Errorf("of %d pieces %d blobs are left and %d noted", kept, n, len(l.staged(t)))
		}
	}
	blobs.left.Store(100)
	if end, err := l.in.AppendUpload(ctx, u, from, bytes.NewReader(content[from:]), intake.Checksum{}); err != nil || end != int64(len(content)) {
		t.Fatalf("with room: ends at %d, %v", end, err)
	}
	a, err := l.in.Submit(ctx, taking(u))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, got := l.file(t, a.Report); !bytes.Equal(got, content) {
		t.Error("another file arrived")
	}
}

// slowBlobs keep nothing before they may.
type slowBlobs struct {
	blob.Store
	may chan struct{} // closed
}

func (s *slowBlobs) Create(ctx context.Context) (blob.Writer, error) {
	w, err := s.Store.Create(ctx)
	return slowWriter{w, s}, err
}

type slowWriter struct {
	blob.Writer
	blobs *slowBlobs
}

func (w slowWriter) Commit(ctx context.Context) error {
	<-w.blobs.may
	return w.Writer.Commit(ctx)
}

func TestWhileOnePieceIsBeingKeptTheNextOneGrowsSoFarAsOneRequestToABucketHas(t *testing.T) {
	const size = intake.PieceBytes + intake.MaxPieceBytes + 1<<20
	if most := seal.PaddedSize(intake.MaxPieceBytes); most > 16<<20 {
		t.Errorf("the largest piece has %d bytes, sealed", most)
	}
	// The first piece is kept when the last byte is asked for that the second one may have, or some byte in its midst.
	for _, until := range []int{intake.PieceBytes + intake.MaxPieceBytes - 1, 2*intake.PieceBytes + 100} {
		ctx, l := context.Background(), newLine(t)
		blobs := &slowBlobs{Store: l.blobs, may: make(chan struct{})}
		l.config.Blobs, l.config.Limits.FileBytes, l.config.Limits.TotalBytes = blobs, 32<<20, 32<<20
		l.in = intake.New(l.config)
		content := told(size)
		u := l.uploaded(t, content)
		body := io.MultiReader(bytes.NewReader(content[:until]), first(func() { close(blobs.may) }), bytes.NewReader(content[until:]))
		if end, err := l.in.AppendUpload(ctx, u, 0, body, intake.Checksum{}); err != nil || end != int64(size) {
			t.Fatalf("ends at %d, %v", end, err)
		}
		var pieces []heed.Piece
		err := l.store.View(ctx, func(tx heed.Tx) (err error) {
			pieces, err = tx.Pieces(ctx, u.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, p := range pieces[:len(pieces)-1] {
			if frames := uint64(p.Size) / seal.FrameBytes; p.Size%seal.FrameBytes != 0 || seal.Padme(frames) != frames {
				t.Errorf("piece %d of %d bytes is filled up", i, p.Size)
			}
		}
		if second := pieces[1].Size; second <= intake.PieceBytes || until == intake.PieceBytes+intake.MaxPieceBytes-1 && second != intake.MaxPieceBytes {
			t.Errorf("kept at %d: the second piece has %d", until, second)
		}
		if report, err := l.in.Submit(ctx, taking(u)); err != nil {
			t.Fatal(err)
		} else if _, _, file := l.file(t, report.Report); !bytes.Equal(file, content) {
			t.Error("another file arrived")
		}
	}
}

func TestTheFurtherASendingIsTheLargerAreItsPiecesSoFarAsOneRequestToABucketHas(t *testing.T) {
	const size = 4*intake.PieceBytes + intake.MaxPieceBytes + 1<<20
	ctx, l := context.Background(), newLine(t)
	l.config.Limits.FileBytes, l.config.Limits.TotalBytes = 48<<20, 48<<20
	l.in = intake.New(l.config)
	u := l.uploaded(t, told(size), size)
	var pieces []heed.Piece
	err := l.store.View(ctx, func(tx heed.Tx) (err error) {
		pieces, err = tx.Pieces(ctx, u.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if first := pieces[0].Size; first != intake.PieceBytes { // none is being kept before it
		t.Errorf("the first piece has %d bytes", first)
	}
	for i, p := range pieces[1 : len(pieces)-1] {
		if p.Size < min(p.Start, intake.MaxPieceBytes) || p.Size > intake.MaxPieceBytes {
			t.Errorf("piece %d, after %d bytes, has %d", i+1, p.Start, p.Size)
		}
	}
}

// pairBlobs keep their second blob while the first is to be kept, which they then don't keep.
type pairBlobs struct {
	blob.Store
	begun  atomic.Int32
	second chan struct{} // closed when that is kept
}

func (s *pairBlobs) Create(ctx context.Context) (blob.Writer, error) {
	w, err := s.Store.Create(ctx)
	return pairWriter{w, s, s.begun.Add(1) == 1}, err
}

type pairWriter struct {
	blob.Writer
	blobs *pairBlobs
	first bool
}

func (w pairWriter) Commit(ctx context.Context) error {
	if !w.first {
		defer close(w.blobs.second)
		return w.Writer.Commit(ctx)
	}
	select {
	case <-w.blobs.second:
		return errFull
	case <-time.After(time.Minute):
		return errors.New("nothing is kept beside the first piece")
	}
}

func TestAPieceThatIsKeptBesideOneThatIsNotIsDroppedAgain(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	blobs := &pairBlobs{Store: l.blobs, second: make(chan struct{})}
	l.config.Blobs, l.config.Limits.FileBytes, l.config.Limits.TotalBytes = blobs, 32<<20, 32<<20
	l.in = intake.New(l.config)
	u := l.uploaded(t, told(2*intake.PieceBytes))
	if end, err := l.in.AppendUpload(ctx, u, 0, bytes.NewReader(told(2*intake.PieceBytes)), intake.Checksum{}); !errors.Is(err, errFull) || end != 0 {
		t.Errorf("ends at %d, %v", end, err)
	}
	if end, err := l.in.UploadOffset(ctx, u); err != nil || end != 0 || l.countBlobs(t) != 0 || len(l.staged(t)) != 0 {
		t.Errorf("%d bytes are there, %v, in %d blobs of which %d are noted", end, err, l.countBlobs(t), len(l.staged(t)))
	}
}

// first is empty, and does something when it is read.
type first func()

func (f first) Read([]byte) (int, error) {
	f()
	return 0, io.EOF
}

func TestWhereOneOfOurPiecesFailsThatIsToldAndNotThatTooMuchCame(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	l.config.Blobs, l.config.Limits.FileBytes, l.config.Limits.TotalBytes = &fullBlobs{Store: l.blobs}, 8<<20, 8<<20
	l.in = intake.New(l.config)
	content := told(5 << 20)
	u := l.uploaded(t, content)
	end, err := l.in.AppendUpload(ctx, u, 0, bytes.NewReader(append(content, "too much"...)), intake.Checksum{})
	if !errors.Is(err, errFull) || codeOf(err) != "" || end != 0 {
		t.Errorf("ends at %d, %v", end, err)
	}
}

// brokenBlobs break the program where they are written to (from the second frame on) or committed.
type brokenBlobs struct {
	blob.Store
	commit bool
}

func (b *brokenBlobs) Create(ctx context.Context) (blob.Writer, error) {
	w, err := b.Store.Create(ctx)
	return &brokenWriter{Writer: w, commit: b.commit}, err
}

type brokenWriter struct {
	blob.Writer
	commit bool
	writes int
}

func (w *brokenWriter) Write(p []byte) (int, error) {
	if w.writes++; w.writes > 2 && !w.commit {
		panic(canary)
	}
	return w.Writer.Write(p)
}

func (w *brokenWriter) Commit(ctx context.Context) error {
	if w.commit {
		panic(canary)
	}
	return w.Writer.Commit(ctx)
}

// Both are reached by goroutines of their own, where a panic would end the process and everybody's reports and calls with it.
func TestAStoreThatBreaksEndsOneSendingAndNothingElse(t *testing.T) {
	for _, commit := range []bool{false, true} {
		var log bytes.Buffer
		ctx, l := context.Background(), newLine(t)
		l.config.Blobs, l.config.Log = &brokenBlobs{l.blobs, commit}, slog.New(slog.NewTextHandler(&log, nil))
		l.in = intake.New(l.config)
		content := told(300_000)
		u := l.uploaded(t, content)
		end, err := l.in.AppendUpload(ctx, u, 0, bytes.NewReader(content), intake.Checksum{})
		if !errors.Is(err, survive.ErrBroke) || end != 0 {
			t.Errorf("ends at %d, %v", end, err)
		}
		if told := log.String(); !strings.Contains(told, "brokenWriter") || strings.Contains(told, canary) {
			t.Errorf("the log says %q", told)
		}
		l.config.Blobs = l.blobs
		l.in = intake.New(l.config)
		if end, err := l.in.AppendUpload(ctx, u, 0, bytes.NewReader(content), intake.Checksum{}); err != nil || end != int64(len(content)) {
			t.Errorf("gone on with: ends at %d, %v", end, err)
		}
	}
}

func TestOfTwoSendingsOfOnePartEachByteIsKeptOnce(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	l.config.Limits.FileBytes, l.config.Limits.TotalBytes = 32<<20, 32<<20
	l.in = intake.New(l.config)
	content := told(18 << 20)
	u := l.uploaded(t, content)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			_, err := l.in.AppendUpload(ctx, u, 0, bytes.NewReader(content), intake.Checksum{})
			if err != nil && !errors.Is(err, heed.ErrConflict) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	from, err := l.in.UploadOffset(ctx, u)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.in.AppendUpload(ctx, u, from, bytes.NewReader(content[from:]), intake.Checksum{}); err != nil {
		t.Fatal(err)
	}
	if n := l.countBlobs(t); n != len(l.staged(t)) {
		t.Errorf("%d blobs are there and %d noted", n, len(l.staged(t)))
	}
	a, err := l.in.Submit(ctx, taking(u))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, got := l.file(t, a.Report); !bytes.Equal(got, content) {
		t.Error("another file arrived")
	}
}

func TestASendingWithAnotherChecksumLeavesNothing(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	content := told(150_000)
	u := l.uploaded(t, content)
	sum := sha256.Sum256(content)
	for name, sent := range map[string][]byte{"a flipped bit": append([]byte{content[0] ^ 1}, content[1:]...), "less": content[:100], "nothing": nil} {
		if end, err := l.in.AppendUpload(ctx, u, 0, bytes.NewReader(sent), intake.Checksum{Hash: sha256.New(), Sum: sum[:]}); codeOf(err) != "upload-checksum" || end != 0 {
			t.Errorf("%s: ends at %d, %v", name, end, err)
		}
	}
	if n := l.countBlobs(t); n != 0 {
		t.Errorf("%d blobs are left", n)
	}
	if end, err := l.in.AppendUpload(ctx, u, 0, bytes.NewReader(content), intake.Checksum{Hash: sha256.New(), Sum: sum[:]}); err != nil || end != 150_000 {
		t.Errorf("the right one ends at %d, %v", end, err)
	}
}

func TestAnUploadGoesOnWhereItEndsAndNowhereElse(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	content := told(200_000)
	u := l.uploaded(t, content, 100_000)
	for _, from := range []int64{0, 99_999, 100_001, 200_000, -1, 1 << 62} {
		if end, err := l.in.AppendUpload(ctx, u, from, bytes.NewReader(content), intake.Checksum{}); !errors.Is(err, heed.ErrConflict) || end != 100_000 {
			t.Errorf("from %d: ends at %d, %v", from, end, err)
		}
	}
	if end, err := l.in.AppendUpload(ctx, u, 100_000, bytes.NewReader(content), intake.Checksum{}); codeOf(err) != "body-too-large" || end != 100_000 {
		t.Errorf("more than belongs to it: ends at %d, %v", end, err)
	}
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() {
			_, errs[i] = l.in.AppendUpload(ctx, u, 100_000, bytes.NewReader(content[100_000:]), intake.Checksum{})
		})
	}
	wg.Wait()
	won := slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return errors.Is(err, heed.ErrConflict) })
	if len(won) != 1 || won[0] != nil {
		t.Errorf("four at once: %v", errs)
	}
	if n, staged := l.countBlobs(t), l.staged(t); n != 2 || len(staged) != 2 {
		t.Errorf("%d blobs, %d staged: the losers' are left", n, len(staged))
	}
}

func TestAnUploadIsRefusedAsAFileIs(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	for size, want := range map[int64]string{0: "file-empty", -5: "file-empty", 1<<20 + 1: "file-too-large", 1 << 62: "file-too-large"} {
		if _, err := l.in.BeginUpload(ctx, "a.txt", size); codeOf(err) != want {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	program := append([]byte("\x7fELF\x02\x01\x01"), make([]byte, 50_000)...)
	u := l.uploaded(t, program)
	if _, err := l.in.AppendUpload(ctx, u, 0, bytes.NewReader(program), intake.Checksum{}); codeOf(err) != "file-type" {
		t.Errorf("a program: %v", err)
	}
	if _, err := l.in.UploadOffset(ctx, u); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("it can go on: %v", err)
	}
	crumbs := l.uploaded(t, program, 2, 10_000, len(program)) // too little at first to tell what it is
	if _, err := l.in.Submit(ctx, taking(crumbs)); codeOf(err) != "file-type" {
		t.Errorf("a program in crumbs: %v", err)
	}
	three := []intake.Upload{l.uploaded(t, told(800_000)), l.uploaded(t, told(800_000)), l.uploaded(t, told(800_000))}
	if _, err := l.in.Submit(ctx, taking(three...)); codeOf(err) != "files-too-large" {
		t.Errorf("2.4 MB of 2 MiB: %v", err)
	}
	if _, err := l.in.Submit(ctx, taking(append(three, crumbs)...)); codeOf(err) != "too-many-files" {
		t.Errorf("four of three: %v", err)
	}
	if n := l.countBlobs(t); n != 3 {
		t.Errorf("%d blobs, where the crumbs are three", n)
	}
}

func TestUploadsThatWaitForTheirReportFillTheRoomOfFiles(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	in := l.withRoom(intake.Room{Staged: 1 << 20})
	content := told(900_000)
	u := l.uploaded(t, content)
	if _, err := in.AppendUpload(ctx, u, 0, bytes.NewReader(content), intake.Checksum{}); err != nil {
		t.Fatal(err)
	}
	v := l.uploaded(t, content)
	if _, err := in.AppendUpload(ctx, v, 0, bytes.NewReader(content), intake.Checksum{}); !noRoom(err) {
		t.Errorf("a second one: %v", err)
	}
	if n := l.countBlobs(t); n != 1 {
		t.Errorf("%d blobs: of the refused one some stay", n)
	}
	if _, err := in.Submit(ctx, taking(u)); err != nil {
		t.Errorf("a full room keeps a report from its file: %v", err)
	}
	l.now = l.now.Add(2 * time.Minute)
	if _, err := in.AppendUpload(ctx, v, 0, bytes.NewReader(content), intake.Checksum{}); err != nil {
		t.Errorf("a file that was taken still takes room: %v", err)
	}
}

func TestUploadsUnderWayAreBounded(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	err := l.store.Update(ctx, func(tx heed.Tx) error {
		for range 10_000 {
			if err := tx.AddUpload(ctx, string(heed.NewID(l.now)), l.now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.in.BeginUpload(ctx, "a.txt", 10); !noRoom(err) {
		t.Errorf("one more: %v", err)
	}
	l.now = l.now.Add(time.Hour + time.Second)
	if _, err := l.in.Sweep(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := l.in.BeginUpload(ctx, "a.txt", 10); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestEmptyUploadsGoAfterAnHourAndOthersAfterADayWithTheirBlobs(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	empty, begun := l.uploaded(t, told(100)), l.uploaded(t, told(100), 40)
	there := func(u intake.Upload) bool {
		_, err := l.in.UploadOffset(ctx, u)
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			t.Fatal(err)
		}
		return err == nil
	}
	for _, step := range []struct {
		wait         time.Duration
		empty, begun bool
		blobs        int
	}{{59 * time.Minute, true, true, 1}, {2 * time.Minute, false, true, 1}, {22 * time.Hour, false, true, 1}, {2 * time.Hour, false, false, 0}} {
		l.now = l.now.Add(step.wait)
		if _, err := l.in.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if there(empty) != step.empty || there(begun) != step.begun || l.countBlobs(t) != step.blobs {
			t.Errorf("at %s: empty %t, begun %t, %d blobs", l.now, there(empty), there(begun), l.countBlobs(t))
		}
	}
}

func TestAnUploadThatIsEndedLeavesNothing(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	u := l.uploaded(t, told(1000), 10, 500, 1000)
	if err := l.in.EndUpload(ctx, u); err != nil {
		t.Fatal(err)
	}
	if n, staged := l.countBlobs(t), l.staged(t); n != 0 || len(staged) != 0 {
		t.Errorf("%d blobs, %d staged", n, len(staged))
	}
	if err := l.in.EndUpload(ctx, u); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("ended twice: %v", err)
	}
	if _, err := l.in.Submit(ctx, taking(u)); codeOf(err) != "file-gone" {
		t.Errorf("taken after its end: %v", err)
	}
}
