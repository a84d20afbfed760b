package desk_test

import (
	"encoding/json"
	"image/jpeg"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// filmed is a film of a second that says where it was taken.
func filmed(t *testing.T, ending string, how ...string) *os.File {
	t.Helper()
	if missing := sandbox.Missing("ffmpeg", "bwrap"); missing != "" {
		if os.Getenv("CI") != "" {
			t.Fatal(missing, "is not installed")
		}
		t.Skip(missing, "is not installed")
	}
	file := filepath.Join(t.TempDir(), "film."+ending)
	args := append([]string{"-v", "error", "-f", "lavfi", "-i", "testsrc=s=320x240:r=10:d=1", "-f", "lavfi", "-i", "sine=f=500:d=1", "-metadata", "location=+48.8584+002.2945/"}, how...)
	if out, err := exec.Command("ffmpeg", append(args, file)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestTheDeskShowsAFilmWithItsPicturesBelowAndItsSoundOff(t *testing.T) {
	l := newLine(t)
	film, err := l.intake.Stage(t.Context(), "film.mov", filmed(t, "mov", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"))
	l.must(err)
	memo, err := l.intake.Stage(t.Context(), "memo.webm", filmed(t, "webm", "-map", "1:a", "-c:a", "libopus"))
	l.must(err)
	id := l.arriveWith(intake.Submission{Channel: heed.ChannelWeb, Content: heed.Content{Text: "See the film."}, Files: []intake.StagedFile{film, memo}})
	b := l.signIn("ann", heed.Specialist)
	if text := b.get("/reports/" + string(id)).text(); !strings.Contains(text, "Nobody here can see it before") || strings.Contains(text, "Download") {
		t.Error("before the copy is made:", text)
	}
	l.must(l.media.Find(t.Context()))
	var files []*heed.Attachment
	l.must(l.store.View(t.Context(), func(tx heed.Tx) (err error) {
		files, err = tx.Attachments(t.Context(), id)
		return err
	}))
	at := map[string]string{}
	for _, f := range files {
		args, err := json.Marshal(media.CopyArgs{Attachment: f.ID})
		l.must(err)
		l.must(l.media.HandleCopy(t.Context(), args))
		at[f.Type] = "/reports/" + string(id) + "/files/" + string(f.ID)
	}
	seen, heard := at["video/quicktime"], at["video/webm"]
	page := b.get("/reports/" + string(id))
	for _, want := range []string{
		`<video controls muted preload="none" playsinline src="` + seen + `/copy" poster="` + seen + `/stills/0"`, `data-film-at="500"><img src="` + seen + `/stills/1"`,
		`<audio controls preload="none" src="` + heard + `/copy"`, `data-film-step="1"`, `id="picture-see"`, `class="film-wave" viewBox="0 0 2`, `film.`,
	} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the report's page has no %q", want)
		}
	}
	if a := b.get(seen + "/copy"); a.status != http.StatusOK || a.header.Get("Content-Type") != "video/mp4" || a.body[4:8] != "ftyp" || strings.Contains(a.body, "48.85") {
		t.Errorf("the copy: %d %v", a.status, a.header)
	}
	part, err := http.NewRequestWithContext(t.Context(), http.MethodGet, l.server.URL+seen+"/copy", nil)
	l.must(err)
	part.Header.Set("Range", "bytes=4-7")
	if a := b.do(part); a.status != http.StatusPartialContent || a.body != "ftyp" {
		t.Errorf("a part of the copy: %d %q", a.status, a.body)
	}
	if a := b.get(heard + "/copy"); a.status != http.StatusOK || a.header.Get("Content-Type") != "audio/mpeg" {
		t.Errorf("the recording: %d %v", a.status, a.header)
	}
	still := b.get(seen + "/stills/1")
	if p, err := jpeg.DecodeConfig(strings.NewReader(still.body)); err != nil || p.Width != 160 || !strings.Contains(still.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a picture from it: %d, %+v, %v", still.status, p, err)
	}
	for _, no := range []string{seen + "/stills/2", seen + "/stills/-1", seen + "/stills/x", heard + "/stills/0"} {
		if a := b.get(no); a.status != http.StatusNotFound {
			t.Errorf("%s: %d", no, a.status)
		}
	}
	if a := b.post(seen); a.status != http.StatusNotFound {
		t.Errorf("the original: %d", a.status)
	}
}
