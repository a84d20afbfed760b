package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
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
	}{{"yard.png", drawing(t), false}, {"bad.png", bearing(drawing(t)), true}, {"fine.msg", mediatest.Uncopied("See you at nine."), false}, {"bad.msg", mediatest.Uncopied(string(mediatest.Eicar())), true}} {
		report, f := l.sent("The gate has stood open since Monday.", c.name, c.file)
		if _, r, err := l.review.OpenAttachment(l.Context(), l.ann, report, f.ID); err == nil {
			_ = r.Close()
			t.Errorf("%s is had before clamd saw it", c.name)
		}
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
		if _, _, err := l.review.OpenAttachment(l.Context(), l.ann, report, f.ID); !errors.Is(err, heed.ErrForbidden) {
			t.Errorf("%s as it was: %v", c.name, err)
		}
		if _, _, err := l.review.OpenCopy(l.Context(), l.ann, report, f.ID); !errors.Is(err, heed.ErrNotFound) {
			t.Errorf("a copy of %s: %v", c.name, err)
		}
		if review.Withholds(l.rules, f.Copy) == "" {
			t.Errorf("a package takes %s along", c.name)
		}
	}
}

func TestAFileWaitsForAClamdThatIsDownAndOneThatIsTooLargeForItSaysSo(t *testing.T) {
	tool(t, "vipsthumbnail")
	l := onOneStore(t)
	l.shows("/nowhere/clamd")
	report, f := l.sent("See the yard.", "yard.png", drawing(t))
	other, mail := l.sent("See the mail.", "mail.msg", mediatest.Uncopied("See you at nine."))
	l.copies(f)
	if f = l.file(report); f.CopyCode != heed.CopyNoScanner || f.Copy.State != heed.CopyWaiting {
		t.Fatalf("without clamd: %q", f.CopyCode)
	}
	args, err := json.Marshal(media.CopyArgs{Attachment: mail.ID})
	l.must(err)
	if err := l.media.HandleCopy(l.Context(), args); !errors.Is(err, clamd.ErrDown) { // it is tried again
		t.Errorf("a file without a copy: %v", err)
	}
	if _, r, err := l.review.OpenAttachment(l.Context(), l.ann, other, mail.ID); err == nil {
		_ = r.Close()
		t.Error("it is had before clamd saw it")
	}
	socket, stop := mediatest.Clamd(t)
	l.shows(socket)
	l.copies(f)
	if f = l.file(report); f.CopyCode != "" || f.Details.Unscanned {
		t.Errorf("with clamd again: %q", f.CopyCode)
	}
	l.must(l.media.HandleCopy(l.Context(), args))
	if _, r, err := l.review.OpenAttachment(l.Context(), l.ann, other, mail.ID); err != nil {
		t.Errorf("a file that clamd saw: %v", err)
	} else if _, err := io.Copy(io.Discard, r); errors.Join(err, r.Close()) != nil {
		t.Error(err)
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
	if args, err = json.Marshal(media.CopyArgs{Attachment: f.ID}); err == nil {
		err = l.media.HandleCopy(l.Context(), args)
	}
	l.must(err)
	if f = l.file(report); f.CopyCode != heed.CopyNoScanner {
		t.Errorf("once clamd died: %q", f.CopyCode)
	}
}
