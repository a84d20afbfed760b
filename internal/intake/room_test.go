package intake_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
)

// withRoom is the line's intake again, as a process that was started anew, with a Room.
func (l *line) withRoom(room intake.Room) *intake.Service {
	return intake.New(intake.Config{
		Store: l.store, Blobs: l.blobs, Line: "test", ContentKey: l.content.Public(), Room: room,
		Submissions: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100), Lookups: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100),
		Days: l.days, Limits: intake.Limits{Text: 1000, Message: 1000, Messages: 8, Field: 100, Files: 3, FileBytes: 1 << 20, TotalBytes: 2 << 20},
		Languages: []string{"en"}, Categories: []string{"hazard"},
		StartClocks: func(*heed.Report) {}, RunClocks: func(*heed.Report) {}, Now: func() time.Time { return l.now }, Log: slog.New(slog.DiscardHandler),
	})
}

func file(n int) io.Reader { return bytes.NewReader(bytes.Repeat([]byte("a"), n)) }

func noRoom(err error) bool {
	var p *heed.Problem
	return errors.As(err, &p) && p.Code == "files-no-room" && p.Field == "files"
}

func TestFilesThatWaitForTheirReportFillABoundedRoom(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	in := l.withRoom(intake.Room{Staged: 1 << 20})
	first, err := in.Stage(ctx, "a.txt", file(500_000))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Stage(ctx, "b.txt", file(700_000)); !noRoom(err) {
		t.Fatalf("a file beyond the room: %v", err)
	}
	if _, err := l.withRoom(intake.Room{Staged: 1 << 20}).Stage(ctx, "b.txt", file(700_000)); !noRoom(err) {
		t.Errorf("after a restart: %v", err)
	}
	second, err := in.Stage(ctx, "c.txt", file(300_000)) // what was refused takes no room
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Submit(ctx, intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "Leak in the cellar"}}); err != nil {
		t.Errorf("a text is not taken: %v", err)
	}
	sub := intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "Leak in the cellar"}, Files: []intake.StagedFile{first}}
	if _, err := in.Submit(ctx, sub); err != nil {
		t.Fatal(err)
	}
	if err := in.Discard(ctx, second); err != nil {
		t.Fatal(err)
	}
	l.now = l.now.Add(2 * time.Minute)
	if _, err := in.Stage(ctx, "b.txt", file(900_000)); err != nil {
		t.Errorf("sent and discarded files still take room: %v", err)
	}
}

func TestTinyFilesTakeMoreThanTheirBytes(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	in := l.withRoom(intake.Room{Staged: 1 << 20})
	for i := range 17 {
		if _, err := in.Stage(ctx, "a.txt", file(1)); noRoom(err) != (i == 16) {
			t.Fatalf("file %d: %v", i, err)
		}
	}
}

func TestFilesLeaveTheDiskItsReserve(t *testing.T) {
	ctx, l := context.Background(), newLine(t)
	var free atomic.Int64
	in := l.withRoom(intake.Room{Reserve: 1 << 20, Free: func() (int64, error) { return free.Add(-64 << 10), nil }})
	free.Store(2 << 20)
	if _, err := in.Stage(ctx, "a.txt", file(300_000)); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Stage(ctx, "b.txt", file(900_000)); !noRoom(err) {
		t.Errorf("a file that fills the disk while it comes: %v", err)
	}
	broken := errors.New("no such disk")
	in = l.withRoom(intake.Room{Free: func() (int64, error) { return 0, broken }})
	if _, err := in.Stage(ctx, "a.txt", file(1)); !errors.Is(err, broken) || noRoom(err) {
		t.Errorf("a disk that can't be asked: %v", err)
	}
	var staged []string
	if err := l.store.View(ctx, func(tx heed.Tx) (err error) { staged, err = tx.StagedBefore(ctx, l.now.Add(time.Hour), 0); return err }); err != nil {
		t.Fatal(err)
	}
	if len(staged) != 1 {
		t.Errorf("%d files are staged: a refused one stays", len(staged))
	}
}
