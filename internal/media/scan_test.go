package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/clamd"
	"github.com/heed-line/heed/internal/media/mediatest"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
)

// cramped is a clamd that answers, and whose TemporaryDirectory holds no more than a byte.
func cramped(t *testing.T) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	at, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = at.Close() })
	go func() {
		for {
			conn, err := at.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				command, first := make([]byte, len("zPING\x00")), make([]byte, len("EAM\x00")+4)
				if _, err := io.ReadFull(conn, command); err != nil {
					return
				}
				if string(command) == "zPING\x00" {
					_, _ = io.WriteString(conn, "PONG\x00")
					return
				}
				if _, err := io.ReadFull(conn, first); err != nil {
					return
				}
				if first[len(first)-1] == 1 {
					_, _ = io.WriteString(conn, "stream: OK\x00")
					return
				}
				_, _ = io.WriteString(conn, "Error writing to temporary file ERROR\x00")
				_ = conn.(*net.UnixConn).CloseWrite()
				_, _ = io.Copy(io.Discard, conn)
			}()
		}
	}()
	return socket
}

func TestAFileAtWhichAnAnsweringClamdFailsIsTriedSomeTimesAndEnds(t *testing.T) {
	tool(t, "vipsthumbnail")
	l := onOneStore(t)
	socket := cramped(t)
	l.shows(socket)
	report, f := l.sent("See the yard.", "yard.png", drawing(t))
	l.must(l.media.Find(l.Context()))
	args, err := json.Marshal(media.CopyArgs{Attachment: f.ID})
	l.must(err)
	for n := range 7 {
		if n == 3 {
			l.shows(socket) // started anew, it goes on counting
		}
		if err := l.media.HandleCopy(l.Context(), args); !errors.Is(err, clamd.ErrFailed) {
			t.Fatalf("attempt %d: %v", n+1, err)
		}
		if f = l.file(report); f.CopyCode != review.CopyIsWaiting {
			t.Fatalf("after attempt %d it is looked for anew: %q", n+1, f.CopyCode)
		}
	}
	l.must(l.media.HandleCopy(l.Context(), args))
	if f = l.file(report); f.CopyCode != "" || !f.Details.Unscanned {
		t.Errorf("in the end: %q, %+v", f.CopyCode, f.Details)
	}
}

// shows has the line's files shown to a clamd.
func (l *line) shows(socket string) {
	l.rules.Clamd = profile.Clamd{Address: socket}
	cfg := l.config
	cfg.Scanner = clamd.New(l.rules.Clamd)
	l.media = media.New(cfg)
}

// bearing is a file of a kind with what clamd knows behind its end, where no program looks.
func bearing(file []byte) []byte { return append(bytes.Clone(file), mediatest.Eicar()...) }

func TestAFileThatClamdKnowsIsInQuarantineAndNobodyGetsIt(t *testing.T) {
	tool(t, "vipsthumbnail")
	socket, _ := mediatest.Clamd(t)
	l := onOneStore(t)
	l.shows(socket)
	for _, c := range []struct {
		name  string
		file  []byte
		found bool
	}{{"yard.png", drawing(t), false}, {"bad.png", bearing(drawing(t)), true}, {"bad.msg", mediatest.Outlook(string(mediatest.Eicar())), true}} {
		report, f := l.sent("The gate has stood open since Monday.", c.name, c.file)
		l.copies(f)
		v, err := l.review.Read(l.Context(), l.ann, report, "queue")
		l.must(err)
		f = v.Files[0]
		if !c.found {
			if f.CopyCode != "" || f.Details.Malware != "" || f.Details.Unscanned || v.Report.State != heed.Queued {
				t.Errorf("%s: %q, %+v, %s", c.name, f.CopyCode, f.Details, v.Report.State)
			}
			continue
		}
		if f.CopyCode != heed.CopyMalware || !strings.HasPrefix(f.Details.Malware, mediatest.EicarName) || v.Report.State != heed.Quarantine || l.leaves(report, audit.ReportQuarantined) != 1 {
			t.Errorf("%s: %q, %+v, %s", c.name, f.CopyCode, f.Details, v.Report.State)
		}
		if bytes.Contains(f.Copy.Details, []byte(mediatest.EicarName)) {
			t.Errorf("%s: the signature's name isn't sealed", c.name)
		}
		if _, _, err := l.review.OpenCopy(l.Context(), l.ann, report, f.ID); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("a copy of %s: %v", c.name, err)
		}
	}
}

func TestClamdSeesAPictureBeforeAProgramReadsItForALine(t *testing.T) {
	tool(t, "vipsthumbnail")
	socket, _ := mediatest.Clamd(t)
	l := onOneStore(t)
	l.config.Known.Hoax = listOf(t, "an old drawing", drawing(t))
	l.shows(socket)
	broken := append([]byte("\x89PNG\r\n\x1a\n"), mediatest.Eicar()...) // which no program reads
	report, f := l.sent("See the yard.", "yard.png", broken)
	l.copies(f)
	if f = l.file(report); f.CopyCode != heed.CopyMalware {
		t.Errorf("clamd was asked after a program: %q", f.CopyCode)
	}
}

func TestAFileWaitsForAClamdThatIsDownAndOneThatIsTooLargeForItSaysSo(t *testing.T) {
	tool(t, "vipsthumbnail")
	l := onOneStore(t)
	l.shows("/nowhere/clamd")
	report, f := l.sent("See the yard.", "yard.png", drawing(t))
	l.copies(f)
	if f = l.file(report); f.CopyCode != heed.CopyNoScanner || f.Copy.State != heed.CopyWaiting {
		t.Fatalf("without clamd: %q", f.CopyCode)
	}
	socket, stop := mediatest.Clamd(t)
	l.shows(socket)
	l.copies(f)
	if f = l.file(report); f.CopyCode != "" || f.Details.Unscanned {
		t.Errorf("with clamd again: %q", f.CopyCode)
	}
	// 2 MiB behind the picture's end, of which this clamd takes 1.
	report, f = l.sent("See the yard.", "yard.png", append(drawing(t), make([]byte, 2<<20)...))
	l.copies(f)
	if f = l.file(report); f.CopyCode != "" || !f.Details.Unscanned {
		t.Errorf("too large for it: %q, %v", f.CopyCode, f.Details.Unscanned)
	}
	// One that dies under a file is found to be gone by the next look.
	report, f = l.sent("See the yard.", "yard.png", drawing(t))
	l.must(l.media.Find(l.Context()))
	stop()
	args, err := json.Marshal(media.CopyArgs{Attachment: f.ID})
	if err == nil {
		err = l.media.HandleCopy(l.Context(), args)
	}
	l.must(err)
	if f = l.file(report); f.CopyCode != heed.CopyNoScanner {
		t.Errorf("once clamd died: %q", f.CopyCode)
	}
}
