package intake_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
)

// from is a request of a network.
func from(ctx context.Context, network uint64) context.Context {
	return seal.WithParty(ctx, func() seal.Party { return seal.Party{ID: network} })
}

func TestWhatWaitsOfOneNetworkIsNeverMoreThanItLeavesToAllOthers(t *testing.T) {
	l := newLine(t)
	in := l.withRoom(intake.Room{Staged: 2 << 20})
	flooder, other := from(t.Context(), 1), from(t.Context(), 2)
	var kept []intake.StagedFile
	for i := 0; ; i++ {
		f, err := in.Stage(flooder, "a.txt", file(100_000))
		if err != nil {
			if codeOf(err) != "files-share" || i != 8 { // of 128 KiB each: half of the room
				t.Fatalf("file %d: %v", i, err)
			}
			break
		}
		kept = append(kept, f)
	}
	u, err := in.BeginUpload(flooder, "a.txt", 100_000)
	if err != nil {
		t.Fatal(err)
	}
	if end, err := in.AppendUpload(flooder, u, 0, file(100_000), intake.Checksum{}); end != 0 || codeOf(err) != "files-share" {
		t.Errorf("one more, bit by bit: ends at %d, %v", end, err)
	}
	if _, err := in.Stage(other, "b.txt", file(400_000)); err != nil {
		t.Errorf("another network: %v", err)
	}
	if _, err := in.Stage(other, "b.txt", file(300_000)); codeOf(err) != "files-share" {
		t.Errorf("more than is left then: %v", err)
	}
	if _, err := in.Stage(t.Context(), "c.txt", file(100_000)); err != nil {
		t.Errorf("nobody in particular: %v", err)
	}
	// What was discarded, or sent with a report, is counted no more.
	for _, f := range kept[:4] {
		if err := in.Discard(flooder, f); err != nil {
			t.Fatal(err)
		}
	}
	sub := intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "Leak in the cellar"}, Files: kept[4:6]}
	if _, err := in.Submit(flooder, sub); err != nil {
		t.Fatal(err)
	}
	l.now = l.now.Add(2 * time.Minute) // they are counted anew
	if _, err := in.Stage(flooder, "a.txt", file(300_000)); err != nil {
		t.Errorf("after it was sent: %v", err)
	}
}

func TestOneNetworkBeginsNotAllUploads(t *testing.T) {
	l := newLine(t)
	flooder := from(t.Context(), 1)
	begun := 0
	for ; begun < 10_000; begun++ {
		if _, err := l.in.BeginUpload(flooder, "a.txt", 1); codeOf(err) == "files-share" {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if begun != 1250 {
		t.Errorf("%d were begun", begun)
	}
	if _, err := l.in.BeginUpload(from(t.Context(), 2), "a.txt", 1); err != nil {
		t.Errorf("another network: %v", err)
	}
	l.now = l.now.Add(time.Hour)
	if _, err := l.in.BeginUpload(flooder, "a.txt", 1); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestWhoCannotBeToldApartMayBeginMoreUploadsAndWhatEndsOrIsTakenCountsNoMore(t *testing.T) {
	l := newLine(t)
	onion := seal.WithParty(t.Context(), func() seal.Party { return seal.Party{ID: 1, Alike: true} })
	ended, err := l.in.BeginUpload(onion, "a.txt", 5)
	if err != nil {
		t.Fatal(err)
	}
	took, err := l.in.BeginUpload(onion, "a.txt", 5)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.in.AppendUpload(onion, took, 0, strings.NewReader("words"), intake.Checksum{}); err != nil {
		t.Fatal(err)
	}
	if err := l.in.EndUpload(onion, ended); err != nil {
		t.Fatal(err)
	}
	if _, err := l.in.Submit(onion, taking(took)); err != nil {
		t.Fatal(err)
	}
	begun := 0
	for ; begun < 10_000; begun++ {
		if _, err := l.in.BeginUpload(onion, "a.txt", 1); codeOf(err) == "files-share" {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if begun != 5000 {
		t.Errorf("%d were begun", begun)
	}
	if _, err := l.in.BeginUpload(from(t.Context(), 2), "a.txt", 1); err != nil {
		t.Errorf("another network: %v", err)
	}
}

// heldBlobs keep back whoever brings a channel, until that is closed; each says first that it came.
type heldBlobs struct{ blob.Store }

type heldKey struct{}

type hold struct{ came, goOn chan struct{} }

func (h heldBlobs) Create(ctx context.Context) (blob.Writer, error) {
	if held, ok := ctx.Value(heldKey{}).(hold); ok {
		held.came <- struct{}{}
		<-held.goOn
	}
	return h.Store.Create(ctx)
}

func TestOfOneNetworkOneFileIsPutTogetherAtATimeAndAnothersDoesNotWait(t *testing.T) {
	l := newLine(t)
	l.config.Blobs = heldBlobs{l.blobs}
	l.in = intake.New(l.config)
	held := hold{make(chan struct{}, 100), make(chan struct{})}
	flooder := context.WithValue(from(t.Context(), 1), heldKey{}, held)
	const reports = 16
	sent := make(chan error, reports)
	for range reports {
		u := l.uploaded(t, told(1000), 1000)
		go func() {
			_, err := l.in.Submit(flooder, taking(u))
			sent <- err
		}()
	}
	<-held.came
	for _, network := range []uint64{2, 3, 0} {
		if _, err := l.in.Submit(from(t.Context(), network), taking(l.uploaded(t, told(1000), 1000), l.uploaded(t, told(1000), 1000))); err != nil {
			t.Errorf("network %d: %v", network, err)
		}
	}
	one := l.uploaded(t, told(1000), 1000)
	for began := time.Now(); l.in.Joining(1) < reports; time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > time.Minute {
			t.Fatalf("%d reports are in line", l.in.Joining(1))
		}
	}
	if _, err := l.in.Submit(from(t.Context(), 1), taking(one)); !errors.Is(err, heed.ErrBusy) {
		t.Errorf("one more report of a network that has enough: %v", err)
	}
	if n := len(held.came); n != 0 {
		t.Errorf("%d more files of one network are put together at once", n)
	}
	close(held.goOn)
	for range reports {
		if err := <-sent; err != nil {
			t.Error(err)
		}
	}
	if _, err := l.in.Submit(from(t.Context(), 1), taking(one)); err != nil {
		t.Errorf("when they are through: %v", err)
	}
}

// countedBlobs count what is begun.
type countedBlobs struct {
	blob.Store
	begun int
}

func (c *countedBlobs) Create(ctx context.Context) (blob.Writer, error) {
	c.begun++
	return c.Store.Create(ctx)
}

func TestWhatEachFileIsShowsBeforeAnyIsPutTogether(t *testing.T) {
	l := newLine(t)
	counted := &countedBlobs{Store: l.blobs}
	l.config.Blobs = counted
	l.in = intake.New(l.config)
	good := l.uploaded(t, told(200_000), 200_000)
	program := append([]byte("MZ\x90\x00\x03\x00\x00\x00"), bytes.Repeat([]byte{0}, 5000)...)
	bad := l.uploaded(t, program, 3, 2000, len(program)) // in crumbs, of which none shows what it is
	before := counted.begun
	if _, err := l.in.Submit(t.Context(), taking(good, bad)); codeOf(err) != "file-type" {
		t.Errorf("taken: %v", err)
	}
	if counted.begun != before {
		t.Errorf("%d files were begun", counted.begun-before)
	}
	if _, err := l.in.Submit(t.Context(), taking(good)); err != nil {
		t.Errorf("without it: %v", err)
	}
}
