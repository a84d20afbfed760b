package desk_test

import (
	"encoding/json"
	"image/jpeg"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// twoPages is a PDF whose pages measure three by four inches and say something, on the first one as a page of the web would.
const twoPages = `%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 /MediaBox [0 0 216 288] /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /Contents 5 0 R >> endobj
4 0 obj << /Type /Page /Parent 2 0 R /Contents 6 0 R >> endobj
5 0 obj << /Length 57 >> stream
BT /F 9 Tf 9 99 Td (<script>alert\(1\)</script> pier 9) Tj ET
endstream endobj
6 0 obj << /Length 35 >> stream
BT /F 9 Tf 9 99 Td (the end) Tj ET 
endstream endobj
7 0 obj << /Author (canary) >> endobj
trailer << /Size 8 /Root 1 0 R /Info 7 0 R >>
%%EOF
`

func TestTheDeskShowsADocumentPageByPageWithoutAScript(t *testing.T) {
	if missing := sandbox.Missing("pdftoppm", "bwrap"); missing != "" {
		if os.Getenv("CI") != "" {
			t.Fatal(missing, "is not installed")
		}
		t.Skip(missing, "is not installed")
	}
	l := newLine(t)
	letter, err := l.intake.Stage(t.Context(), "letter.pdf", strings.NewReader(twoPages))
	l.must(err)
	id := l.arriveWith(intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "See the letter."}, Files: []intake.StagedFile{letter}})
	b := l.signIn("ann", heed.Specialist)
	if text := b.get("/reports/" + string(id)).text(); !strings.Contains(text, "Being prepared") || strings.Contains(text, "Download") {
		t.Error("before the copy is made")
	}
	l.must(l.media.Find(t.Context()))
	var files []*heed.Attachment
	l.must(l.store.View(t.Context(), func(tx heed.Tx) (err error) {
		files, err = tx.Attachments(t.Context(), id)
		return err
	}))
	args, err := json.Marshal(media.CopyArgs{Attachment: files[0].ID})
	l.must(err)
	l.must(l.media.HandleCopy(t.Context(), args))
	at := "/reports/" + string(id) + "/files/" + string(files[0].ID)
	page := b.get("/reports/" + string(id))
	if !strings.Contains(page.body, `<a class="small-button" href="`+at+`/pages/1`) || !strings.Contains(page.text(), "2 pages") || !strings.Contains(page.body, `<img src="`+at+`/pages/1/picture" width="450" height="600"`) {
		t.Error("the report's page doesn't lead to the document's", page.text())
	}
	first := b.get(at + "/pages/1")
	if !strings.Contains(first.text(), "Page 1 of 2") || !strings.Contains(first.body, `rel="next" href="`+at+`/pages/2`) || strings.Contains(first.body, `rel="prev"`) {
		t.Error("the first page:", first.text())
	}
	if !strings.Contains(first.body, "&lt;script&gt;alert(1)&lt;/script&gt; pier 9") || strings.Contains(first.body, "<script>alert") {
		t.Error("what the document says isn't shown, or shown as a page of the web")
	}
	if last := b.get(at + "/pages/2"); !strings.Contains(last.body, `rel="prev" href="`+at+`/pages/1`) || strings.Contains(last.body, `rel="next"`) {
		t.Error("the last page:", last.text())
	}
	picture := b.get(at + "/pages/2/picture")
	if picture.status != http.StatusOK || picture.header.Get("Content-Type") != "image/jpeg" || !strings.Contains(picture.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("%d %v", picture.status, picture.header)
	}
	if p, err := jpeg.DecodeConfig(strings.NewReader(picture.body)); err != nil || p.Width != 450 || p.Height != 600 {
		t.Errorf("the page's picture: %+v, %v", p, err)
	}
	if whole := b.get(at + "/copy"); whole.status != http.StatusOK || !strings.HasPrefix(whole.body, "%PDF-") || strings.Contains(whole.body, "canary") {
		t.Errorf("the copy: %d", whole.status)
	}
	for _, no := range []string{"/pages/0", "/pages/3", "/pages/x", "/pages/3/picture", "/pages/-1/picture"} {
		if a := b.get(at + no); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", no, a.status)
		}
	}
	l.must(l.review.Screen(t.Context(), id))
	l.must(l.media.HandleRead(t.Context(), args))
	if page := b.get("/reports/" + string(id)); !strings.Contains(page.text(), "What a machine read in it machine-made") || !strings.Contains(page.body, "&lt;script&gt;alert(1)&lt;/script&gt; pier 9") {
		t.Error("what a machine read isn't under the file:", page.text())
	}
	if a := b.post(at); a.status != http.StatusNotFound {
		t.Errorf("the original: %d", a.status)
	}
}
