package intake_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
)

func taking(uploads ...intake.Upload) intake.Submission {
	return intake.Submission{Channel: heed.ChannelAPI, Content: heed.Content{Text: "Leak in the cellar"}, Uploads: uploads}
}

func TestAFileThatCameBitByBitIsOneFileOfItsReportUnderAKeyOfItsOwn(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	content := told(300_000)
	u := l.uploaded(t, content, 1, 70_000, 200_000)
	if _, err := l.in.Submit(ctx, taking(u)); codeOf(err) != "upload-unfinished" {
		t.Errorf("taken unfinished: %v", err)
	}
	if end, err := l.in.AppendUpload(ctx, u, 200_000, bytes.NewReader(content[200_000:]), intake.Checksum{}); err != nil || end != 300_000 {
		t.Fatalf("ends at %d, %v", end, err)
	}
	accepted, err := l.in.Submit(ctx, taking(u))
	if err != nil {
		t.Fatal(err)
	}
	a, key, got := l.file(t, accepted.Report)
	if !bytes.Equal(got, content) || a.Size != seal.PaddedSize(300_000) || !strings.HasPrefix(a.Type, "text/plain") {
		t.Errorf("%d bytes of %s arrived, the same: %t", a.Size, a.Type, bytes.Equal(got, content))
	}
	if key == u.Key {
		t.Error("the key that stood in an address still opens the file")
	}
	if n, staged := l.countBlobs(t), l.staged(t); n != 1 || len(staged) != 0 {
		t.Errorf("%d blobs are left, %d of them staged", n, len(staged))
	}
	if _, err := l.in.UploadOffset(ctx, u); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("the upload is still there: %v", err)
	}
	if _, err := l.in.Submit(ctx, taking(u)); codeOf(err) != "file-gone" {
		t.Errorf("taken twice: %v", err)
	}
	if _, err := l.in.AppendUpload(ctx, u, 0, strings.NewReader("more"), intake.Checksum{}); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("gone on with after it was taken: %v", err)
	}
	l.expectNowhere(t, canary)
	l.expectNowhere(t, string(u.Key[:]))
}

// stuckBlobs deletes nothing.
type stuckBlobs struct{ blob.Store }

var errStuck = errors.New("the disk is read-only now")

func (stuckBlobs) Delete(context.Context, string) error { return errStuck }

func TestPiecesThatCannotBeDeletedAreLoggedAndTheirReportIsTaken(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	var said bytes.Buffer
	l.config.Blobs, l.config.Log = stuckBlobs{l.blobs}, slog.New(slog.NewTextHandler(&said, nil))
	in := intake.New(l.config)
	first, second := l.uploaded(t, told(1000), 1000), l.uploaded(t, told(2000), 2000)
	accepted, err := in.Submit(ctx, taking(first))
	if err != nil {
		t.Fatal(err)
	}
	mailbox, err := in.Open(ctx, string(accepted.Receipt))
	if err != nil {
		t.Fatal(err)
	}
	if err := mailbox.Say(ctx, "The pipe, seen from below", nil, second); err != nil {
		t.Fatal(err)
	}
	if log := said.String(); strings.Count(log, errStuck.Error()) != 2 || strings.Contains(log, canary) {
		t.Errorf("the log says %s", log)
	}
}

func TestAReportSentTwiceWithAnUploadIsOneReport(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	sub := taking(l.uploaded(t, told(100_000), 60_000, 100_000))
	sub.ID, sub.Receipt = heed.NewID(l.now), seal.NewReceipt()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if a, err := l.in.Submit(ctx, sub); err != nil || a.Receipt != sub.Receipt {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	wg.Wait()
	if a, err := l.in.Submit(ctx, sub); err != nil || a.Report != sub.ID {
		t.Errorf("sent again later: %+v, %v", a, err)
	}
	if _, _, got := l.file(t, sub.ID); !bytes.Equal(got, told(100_000)) {
		t.Error("another file arrived")
	}
	if staged := l.staged(t); len(staged) != 0 {
		t.Errorf("%d files are left", len(staged))
	}
}

func TestOfTwoReportsThatTakeOneUploadOneHasIt(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	u := l.uploaded(t, told(100_000), 100_000)
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { _, errs[i] = l.in.Submit(ctx, taking(u)) })
	}
	wg.Wait()
	took := slices.DeleteFunc(slices.Clone(errs), func(err error) bool { return codeOf(err) == "file-gone" })
	if len(took) != 1 || took[0] != nil {
		t.Errorf("%v", errs)
	}
	if _, err := l.in.Submit(ctx, taking(l.uploaded(t, told(10), 10), u)); codeOf(err) != "file-gone" {
		t.Errorf("with one that is gone: %v", err)
	}
	v := l.uploaded(t, told(10), 10)
	if _, err := l.in.Submit(ctx, taking(v, v)); codeOf(err) != "file-gone" {
		t.Errorf("one twice: %v", err)
	}
	if n, staged := l.countBlobs(t), l.staged(t); n != 3 || len(staged) != 2 { // the report's, and two uploads that nobody took
		t.Errorf("%d blobs, %d of them staged", n, len(staged))
	}
}

func TestAMessageTakesUploads(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	a, err := l.in.Submit(ctx, intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "Leak in the cellar"}})
	if err != nil {
		t.Fatal(err)
	}
	m, err := l.in.Open(ctx, string(a.Receipt))
	if err != nil {
		t.Fatal(err)
	}
	u := l.uploaded(t, told(50_000), 20_000, 50_000)
	var four []intake.Upload
	for range 4 {
		four = append(four, l.uploaded(t, told(10), 10))
	}
	if err := m.Say(ctx, "", nil, four...); codeOf(err) != "too-many-files" {
		t.Errorf("four of three: %v", err)
	}
	if err := m.Say(ctx, "", nil, u); err != nil {
		t.Fatal(err)
	}
	if _, _, got := l.file(t, a.Report); !bytes.Equal(got, told(50_000)) {
		t.Error("another file arrived")
	}
	if err := m.Say(ctx, "", nil, u); codeOf(err) != "file-gone" {
		t.Errorf("taken twice: %v", err)
	}
}

func TestAPieceThatWasMovedOrChangedIsNoPartOfAFile(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	paths := func() (all []string) {
		err := filepath.WalkDir(filepath.Join(l.dir, "blobs"), func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				all = append(all, path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	u := l.uploaded(t, told(2000), 1000, 2000)
	two := paths()
	first, err := os.ReadFile(two[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(two[1], first, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.in.Submit(ctx, taking(u)); !errors.Is(err, heed.ErrSealed) || codeOf(err) != "" {
		t.Errorf("one piece in the other's place: %v", err)
	}
	if err := os.Remove(two[1]); err != nil {
		t.Fatal(err)
	}
	if _, err := l.in.Submit(ctx, taking(u)); codeOf(err) != "file-gone" {
		t.Errorf("a piece that is gone: %v", err)
	}
	if n := len(paths()); n != 1 {
		t.Errorf("%d blobs are left of one", n)
	}
}
