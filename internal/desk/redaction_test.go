package desk_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
	"github.com/heed-line/heed/internal/review"
)

// pictured is a report with a white picture, and its copy, and where its file lies at the desk.
func (l *line) pictured(t *testing.T) (id heed.ID, file heed.ID, at string) {
	t.Helper()
	white := image.NewRGBA(image.Rect(0, 0, 200, 100))
	draw.Draw(white, white.Rect, image.White, image.Point{}, draw.Src)
	var drawn bytes.Buffer
	l.must(png.Encode(&drawn, white))
	id, file, _ = l.sent(t, "yard.png", drawn.Bytes())
	return id, file, "/reports/" + string(id) + "/files/" + string(file)
}

// sent is a report with a picture of which there is a copy, its file, and its Receipt.
func (l *line) sent(t *testing.T, name string, picture []byte) (id, file heed.ID, receipt string) {
	t.Helper()
	if missing := sandbox.Missing("vipsthumbnail", "ffmpeg", "bwrap"); missing != "" {
		if os.Getenv("CI") != "" {
			t.Fatal(missing, "is not installed")
		}
		t.Skip(missing, "is not installed")
	}
	shown, err := l.intake.Stage(t.Context(), name, bytes.NewReader(picture))
	l.must(err)
	a, err := l.intake.Submit(t.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "See the yard."}, Files: []intake.StagedFile{shown}})
	l.must(err)
	l.must(l.review.Screen(t.Context(), a.Report))
	id = a.Report
	l.must(l.media.Find(t.Context()))
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		files, err := tx.Attachments(t.Context(), id)
		file = files[0].ID
		return err
	}))
	args, err := json.Marshal(media.CopyArgs{Attachment: file})
	l.must(err)
	l.must(l.media.HandleCopy(t.Context(), args))
	return id, file, string(a.Receipt)
}

func TestASpecialistCoversAPartOfAPictureWithoutAScript(t *testing.T) {
	l := newLine(t)
	id, file, at := l.pictured(t)
	b := l.signIn("ann", heed.Specialist)
	if page := b.get("/reports/" + string(id)); !strings.Contains(page.body, `href="`+at+`/redaction`) {
		t.Error("the report's page doesn't lead there")
	}
	if page := b.get(at + "/redaction"); page.status != http.StatusOK || !strings.Contains(page.body, `name="left"`) || strings.Contains(page.body, "<rect") {
		t.Errorf("%d %s", page.status, page.text())
	}
	box := []string{"version", "0", "left", "25", "top", "12,5", "width", "25%", "height", "50"}
	seen := b.post(at+"/redaction", append(box, "go", "preview")...)
	if !strings.Contains(seen.body, `<rect x="2500" y="1250" width="2500" height="5000">`) || !strings.Contains(seen.text(), "Nothing is saved yet") {
		t.Error("the preview:", seen.text())
	}
	if page := b.get(at + "/redaction"); strings.Contains(page.body, "<rect") {
		t.Error("a preview counts")
	}
	for _, wrong := range [][]string{{"left", "101", "top", "0", "width", "1", "height", "1"}, {"left", "x", "top", "0", "width", "1", "height", "1"}, {"left", "1", "top", "", "width", "", "height", ""}, {"left", "NaN", "top", "0", "width", "1", "height", "1"}} {
		a := b.post(at+"/redaction", append(wrong, "version", "0", "go", "save")...)
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#row-1"`) {
			t.Errorf("%v: %d", wrong, a.status)
		}
	}
	saved := b.post(at+"/redaction", append(box, "go", "save")...)
	if saved.status != http.StatusOK && saved.status != http.StatusSeeOther {
		t.Fatal(saved.status, saved.text())
	}
	page := b.get(at + "/redaction")
	if !strings.Contains(page.body, `<rect x="2500"`) || !strings.Contains(page.body, `value="12.5"`) || !strings.Contains(page.text(), "Being prepared") {
		t.Error("what was saved:", page.text())
	}
	if a := b.get(at + "/redacted"); a.status != http.StatusNotFound {
		t.Errorf("a copy that isn't made: %d", a.status)
	}
	if text := b.get("/reports/" + string(id)).text(); strings.Count(text, "A covered copy is still being prepared.") != 1 || !strings.Contains(text, "A part is covered for the department Being prepared") {
		t.Error("who hands it on isn't told that the redacted copy is missing:", text)
	}
	args, err := json.Marshal(review.RedactArgs{Attachment: file, Version: 1})
	l.must(err)
	l.must(l.media.HandleRedact(t.Context(), args))
	// The button that uncovers the picture uncovers its redacted copy too.
	both := b.post("/reports/"+string(id)+"/uncover", "file", string(file), "back", at+"/redaction").body
	begins, ends := strings.Index(both, `<div class="uncovered" data-uncovers>`), strings.Index(both, at+"/redacted\"")
	if begins < 0 || ends < begins || strings.Count(both[begins:ends], "</div>") > strings.Count(both[begins:ends], "<div")-1 {
		t.Error("the redacted copy can't be uncovered")
	}
	if text := b.get("/reports/" + string(id)).text(); strings.Contains(text, "A covered copy is still being prepared.") {
		t.Error("it is said to be missing when it is made")
	}
	a := b.get(at + "/redacted")
	// Who opens the redacted copy is seen opening the one that shows all, too.
	if c := b.get(at + "/copy"); c.status != http.StatusOK || strings.Count(strings.Join(l.allActs(id), " "), audit.CopyOpened) != 2 {
		t.Errorf("%d, leaves: %v", c.status, l.allActs(id))
	}
	p, err := jpeg.Decode(strings.NewReader(a.body))
	l.must(err)
	for x, want := range map[int]int{20: 255, 75: 0, 150: 255} {
		if got := int(color.GrayModel.Convert(p.At(x, 40)).(color.Gray).Y); got > want+8 || got < want-8 {
			t.Errorf("at %d the copy is %d", x, got)
		}
	}
	if text := b.get("/reports/" + string(id)).text(); !strings.Contains(text, "A part is covered for the department") {
		t.Error("the report doesn't say that a part is covered")
	}

	// Somebody who saw the page before that loses nothing, and undoes nothing.
	c := l.signIn("ben", heed.Specialist)
	late := c.post(at+"/redaction", "version", "0", "left", "1", "top", "1", "width", "1", "height", "1", "go", "save")
	if late.status != http.StatusUnprocessableEntity || !strings.Contains(late.text(), "Somebody else changed") || !strings.Contains(late.body, `<rect x="100"`) {
		t.Errorf("%d %s", late.status, late.text())
	}
	// Neither the refusal nor a preview takes the newer version over.
	preview := c.post(at+"/redaction", "version", "0", "left", "1", "top", "1", "width", "1", "height", "1", "go", "preview")
	for name, a := range map[string]string{"a refusal": late.body, "a preview": preview.body} {
		if !strings.Contains(a, `name="version" value="0"`) {
			t.Errorf("%s takes over the version of what somebody else said meanwhile", name)
		}
	}
	if again := c.post(at+"/redaction", "version", "0", "left", "1", "top", "1", "width", "1", "height", "1", "go", "save"); again.status != http.StatusUnprocessableEntity {
		t.Errorf("saved after a refusal: %d", again.status)
	}
	// Empty rows take it back.
	c.post(at+"/redaction", "version", "1", "go", "save")
	if page := c.get(at + "/redaction"); strings.Contains(page.body, "<rect") || strings.Contains(page.text(), "The copy for the department") {
		t.Error("it isn't taken back")
	}
	if text := c.get("/reports/" + string(id)).text(); !strings.Contains(text, "A file goes whole though somebody had covered a part of it.") {
		t.Error("who hands it on isn't told that the marks were taken back:", text)
	}
	if a := l.signIn("liz", heed.Liaison).get(at + "/redaction"); a.status == http.StatusOK {
		t.Error("a liaison sees what is covered")
	}
	b.post("/reports/" + string(id) + "/claim")
	b.post("/reports/"+string(id)+"/dispose", "kind", "close", "reason", "nothing")
	if page := b.get(at + "/redaction"); strings.Contains(page.body, `name="left"`) {
		t.Error("it can be changed once the report is over")
	}
	if a := b.post(at+"/redaction", append(box[2:], "version", "2", "go", "save")...); a.status != http.StatusConflict {
		t.Errorf("it is changed once the report is over: %d", a.status)
	}
}

func TestASpecialistBlursASpanOfAFilmWithoutAScript(t *testing.T) {
	l := newLine(t)
	film, err := l.intake.Stage(t.Context(), "film.mp4", filmed(t, "mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"))
	l.must(err)
	id := l.arriveWith(intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "See the film."}, Files: []intake.StagedFile{film}})
	l.must(l.media.Find(t.Context()))
	var file heed.ID
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		files, err := tx.Attachments(t.Context(), id)
		file = files[0].ID
		return err
	}))
	args, err := json.Marshal(media.CopyArgs{Attachment: file})
	l.must(err)
	l.must(l.media.HandleCopy(t.Context(), args))
	at := "/reports/" + string(id) + "/files/" + string(file)
	b := l.signIn("ann", heed.Specialist)
	saved := b.post(at+"/redaction", "version", "0", "left", "", "top", "", "width", "", "height", "", "how", "blur", "from", "0.2", "till", "0:00.8",
		"left", "50", "top", "0", "width", "50", "height", "100", "how", "", "from", "0", "till", "0.1",
		"left", "", "top", "", "width", "", "height", "", "how", "blur", "from", "", "till", "", "go", "save")
	if saved.status != http.StatusUnprocessableEntity || !strings.Contains(saved.body, `href="#row-3"`) || strings.Contains(saved.body, `href="#row-1"`) {
		t.Fatal("a blur without a span:", saved.status, saved.text())
	}
	saved = b.post(at+"/redaction", "version", "0", "left", "", "top", "", "width", "", "height", "", "how", "blur", "from", "0.2", "till", "0:00.8",
		"left", "50", "top", "0", "width", "50", "height", "100", "how", "", "from", "0", "till", "0.1", "go", "save")
	if saved.status != http.StatusOK && saved.status != http.StatusSeeOther {
		t.Fatal(saved.status, saved.text())
	}
	page := b.get(at + "/redaction")
	if n := strings.Count(page.body, `<option value="blur" selected>`); n != 1 || !strings.Contains(page.body, `<rect x="0" y="0" width="10000" height="10000">`) {
		t.Errorf("%d blurred: %s", n, page.text())
	}
	redact, err := json.Marshal(review.RedactArgs{Attachment: file, Version: 1})
	l.must(err)
	l.must(l.media.HandleRedact(t.Context(), redact))
	if a := b.get(at + "/redacted"); a.status != http.StatusOK || a.header.Get("Content-Type") != "video/mp4" || a.body[4:8] != "ftyp" {
		t.Errorf("the covered copy: %d", a.status)
	}
}
