package desk_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
)

func TestTheDeskShowsAPicturesCopyAloneAndSaysWhereAFileLies(t *testing.T) {
	if missing := sandbox.Missing("vipsthumbnail", "bwrap"); missing != "" {
		if os.Getenv("CI") != "" {
			t.Fatal(missing, "is not installed")
		}
		t.Skip(missing, "is not installed")
	}
	l := newLine(t)
	var drawn bytes.Buffer
	l.must(png.Encode(&drawn, image.NewGray(image.Rect(0, 0, 64, 48))))
	// PNG's decoders stop at its end: what follows is a page to a browser that would look for one.
	drawn.WriteString("<html><script>alert('canary')</script>")
	shown, err := l.intake.Stage(t.Context(), "yard.jpg", &drawn)
	l.must(err)
	liar, err := l.intake.Stage(t.Context(), "gate.jpg", strings.NewReader("\xff\xd8\xff\xe0"+strings.Repeat("no picture", 500)))
	l.must(err)
	id := l.arriveWith(intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "See the yard."}, Files: []intake.StagedFile{shown, liar}})
	b := l.signIn("ann", heed.Specialist)
	if page := b.get("/reports/" + string(id)); strings.Count(page.text(), "Being prepared") != 2 || strings.Contains(page.body, "<img src=\"/reports") {
		t.Error("before the copies are made")
	}
	l.must(l.media.Find(t.Context()))
	var files []*heed.Attachment
	l.must(l.store.View(t.Context(), func(tx heed.Tx) (err error) {
		files, err = tx.Attachments(t.Context(), id)
		return err
	}))
	addresses := map[string]string{}
	for _, f := range files {
		addresses[f.Type] = "/reports/" + string(id) + "/files/" + string(f.ID)
		args, err := json.Marshal(media.CopyArgs{Attachment: f.ID})
		l.must(err)
		l.must(l.media.HandleCopy(t.Context(), args))
	}
	page := b.get("/reports/" + string(id))
	if !strings.Contains(page.body, `<img src="`+addresses["image/png"]+`/copy" alt="A picture from the reporter: yard.jpg"`) {
		t.Error("the page doesn't show the copy")
	}
	if text := page.text(); !strings.Contains(text, "Can’t be shown") || !strings.Contains(text, "Quarantine.") || strings.Contains(text, "Download") {
		t.Error("the page doesn't say that a file lies, or offers an original")
	}
	a := b.get(addresses["image/png"] + "/copy")
	if a.status != http.StatusOK || a.header.Get("Content-Type") != "image/jpeg" || strings.Contains(a.body, "canary") {
		t.Errorf("%d %s", a.status, a.header.Get("Content-Type"))
	}
	if p, err := jpeg.Decode(strings.NewReader(a.body)); err != nil || p.Bounds().Dx() != 64 {
		t.Errorf("the copy: %v", err)
	}
	for _, address := range addresses {
		if a := b.post(address); a.status != http.StatusNotFound {
			t.Errorf("an original: %d", a.status)
		}
	}
	if a := b.get(addresses["image/jpeg"] + "/copy"); a.status != http.StatusNotFound {
		t.Errorf("a copy that can't be made: %d", a.status)
	}
}

func TestTheDeskSaysOfAFileThatClamdKnowsItOrWaitsForIt(t *testing.T) {
	l := newLine(t)
	shown, err := l.intake.Stage(t.Context(), "yard.png", strings.NewReader("\x89PNG\r\n\x1a\n"))
	l.must(err)
	id := l.arriveWith(intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "See the yard."}, Files: []intake.StagedFile{shown}})
	b := l.signIn("ann", heed.Specialist)
	for _, c := range []struct {
		state heed.SafeCopyState
		code  string
		want  string
	}{{heed.CopyWaiting, heed.CopyNoScanner, "Waits for the virus scanner"}, {heed.CopyFailed, heed.CopyMalware, "Malicious"}} {
		l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
			files, err := tx.Attachments(t.Context(), id)
			if err != nil {
				return err
			}
			return tx.PutSafeCopy(t.Context(), &heed.SafeCopy{Attachment: files[0].ID, Report: id, State: c.state, Code: c.code})
		}))
		text := b.get("/reports/" + string(id)).text()
		if quarantined := strings.Contains(text, "Quarantine."); !strings.Contains(text, c.want) || strings.Contains(text, "desk.") || quarantined != (c.state == heed.CopyFailed) {
			t.Errorf("%s: %s", c.code, text)
		}
	}
}
