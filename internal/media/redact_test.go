package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/jpeg"
	"io"
	"math"
	"os/exec"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/review"
)

// redacts says what of a file isn't handed on and has its copy made, as the worker does, however often.
func (l *line) redacts(report heed.ID, marks ...heed.Mark) review.File {
	l.Helper()
	f, version := l.file(report), int64(0)
	if f.Redaction != nil {
		version = f.Redaction.Version
	}
	l.must(l.review.Redact(l.Context(), l.ann, report, f.ID, version, marks))
	args, err := json.Marshal(review.RedactArgs{Attachment: f.ID, Version: version + 1})
	l.must(err)
	l.must(errors.Join(l.media.HandleRedact(l.Context(), args), l.media.HandleRedact(l.Context(), args)))
	return l.file(report)
}

// redacted reads the redacted copy, or a page of it.
func (l *line) redacted(report heed.ID, f review.File, page int) []byte {
	l.Helper()
	_, r, err := l.review.OpenRedacted(l.Context(), l.ann, report, f.ID, page)
	l.must(err)
	b, err := io.ReadAll(r)
	l.must(errors.Join(err, r.Close()))
	return b
}

// copyOf reads the safe copy.
func (l *line) copyOf(report heed.ID, f review.File) []byte {
	l.Helper()
	_, r, err := l.review.OpenCopy(l.Context(), l.ann, report, f.ID)
	l.must(err)
	b, err := io.ReadAll(r)
	l.must(errors.Join(err, r.Close()))
	return b
}

// darkest and lightest are how light the darkest and the lightest pixel is of a part of a picture, in per cent of its sides.
func darkest(t testing.TB, jpg []byte, left, top, right, bottom int) (dark, light uint32) {
	t.Helper()
	p, err := jpeg.Decode(bytes.NewReader(jpg))
	if err != nil {
		t.Fatal(err)
	}
	b := p.Bounds()
	dark = 255
	for y := b.Dy() * top / 100; y < b.Dy()*bottom/100; y++ {
		for x := b.Dx() * left / 100; x < b.Dx()*right/100; x++ {
			r, g, blue, _ := p.At(x, y).RGBA()
			v := max(r, g, blue) >> 8
			dark, light = min(dark, v), max(light, v)
		}
	}
	return dark, light
}

func TestARedactedPictureIsBlackWhereItIsMarkedAndItsCopyStaysOnBothStores(t *testing.T) {
	tool(t, "vipsthumbnail")
	tool(t, "ffmpeg")
	onBothStores(t, func(l *line, _ bool) {
		report, f := l.sent("See the yard.", "yard.png", drawing(t))
		mark := heed.Mark{Left: 2500, Top: 2500, Width: 2500, Height: 5000}
		if err := l.review.Redact(l.Context(), l.ann, report, f.ID, 0, []heed.Mark{mark}); !errors.Is(err, heed.ErrNotFound) {
			l.Errorf("a file without its copy is redacted: %v", err)
		}
		l.copies(f)
		before := l.copyOf(report, f)
		f = l.redacts(report, mark)
		if f.Redaction == nil || f.Redaction.Copy.State != heed.CopyMade || len(f.Marks) != 1 || f.Marks[0] != mark {
			l.Fatalf("%+v %+v", f.Redaction, f.Marks)
		}
		if bytes.Contains(f.Redaction.Marks, []byte("2500")) {
			l.Error("where the box is isn't sealed")
		}
		black := l.redacted(report, f, 0)
		if _, light := darkest(t, black, 26, 26, 49, 74); light > 8 {
			l.Errorf("in the box there is a pixel of %d", light)
		}
		wantCornersBeside(t, before, black)
		if !bytes.Equal(before, l.copyOf(report, f)) {
			l.Error("the safe copy is another one")
		}
		// Somebody else saw the first version.
		var said *heed.Problem
		if err := l.review.Redact(l.Context(), l.ann, report, f.ID, 0, nil); !errors.As(err, &said) || said.Code != "redaction-changed" {
			l.Errorf("an update is lost: %v", err)
		}
		f = l.redacts(report) // taken back
		if !f.Redaction.None() || len(f.Marks) != 0 || f.Redaction.Version != 2 {
			l.Errorf("taken back: %+v", f.Redaction)
		}
		if _, _, err := l.review.OpenRedacted(l.Context(), l.ann, report, f.ID, 0); !errors.Is(err, heed.ErrNotFound) {
			l.Errorf("a copy of what was taken back: %v", err)
		}
		if marked, made := l.leaves(report, audit.FileMarked), l.leaves(report, audit.FileRedacted); marked != 2 || made != 1 {
			l.Errorf("%d and %d leaves", marked, made)
		}
		for _, wrong := range []heed.Mark{{Left: -1, Width: 5, Height: 5}, {Left: 9999, Width: 2, Height: 5}, {Width: 5}, {Page: 1, Width: 5, Height: 5}, {From: 1, To: 2}, {Width: 5, Height: 5, To: 9}} {
			if err := l.review.Redact(l.Context(), l.ann, report, f.ID, 2, []heed.Mark{wrong}); !errors.As(err, &said) {
				l.Errorf("%+v: %v", wrong, err)
			}
		}
	})
}

// wantCornersBeside wants a picture to be as before at its edges.
func wantCornersBeside(t testing.TB, before, after []byte) {
	t.Helper()
	a, errA := jpeg.Decode(bytes.NewReader(before))
	b, errB := jpeg.Decode(bytes.NewReader(after))
	if err := errors.Join(errA, errB); err != nil {
		t.Fatal(err)
	}
	if a.Bounds() != b.Bounds() {
		t.Fatalf("%v became %v", a.Bounds(), b.Bounds())
	}
	w, h := a.Bounds().Dx(), a.Bounds().Dy()
	for _, at := range []image.Point{{w / 9, h / 9}, {w * 8 / 9, h / 9}, {w / 9, h * 8 / 9}, {w * 8 / 9, h * 8 / 9}} {
		r, g, bl, _ := a.At(at.X, at.Y).RGBA()
		r2, g2, bl2, _ := b.At(at.X, at.Y).RGBA()
		for _, d := range []int{int(r>>8) - int(r2>>8), int(g>>8) - int(g2>>8), int(bl>>8) - int(bl2>>8)} {
			if d > 12 || d < -12 {
				t.Errorf("at %v it is another colour by %d", at, d)
			}
		}
	}
}

func TestARedactedDocumentHasItsPagesAndIsBlackWhereTheyAreMarked(t *testing.T) {
	tool(t, "pdftoppm")
	l := onOneStore(t)
	report, f := l.sent("See the letter.", "letter.pdf", loaded("Meet at pier 9"))
	l.copies(f)
	f = l.redacts(report, heed.Mark{Page: 1, Left: 500, Top: 1000, Width: 6000, Height: 1000})
	whole := l.redacted(report, f, 0)
	sizes := said(t, whole, "pdfinfo", "-l", "2")
	if !strings.Contains(sizes, "Page    1 size:  595.2 x 842.4 pts") || !strings.Contains(sizes, "Page    2 size:  200.16 x 2000.16 pts") {
		t.Errorf("its pages measure %s", sizes)
	}
	first := l.redacted(report, f, 1)
	if _, light := darkest(t, first, 6, 11, 64, 19); light > 8 {
		t.Errorf("in the box there is a pixel of %d", light)
	}
	if dark, _ := darkest(t, first, 2, 22, 98, 98); dark < 200 {
		t.Errorf("below the box there is a pixel of %d", dark)
	}
	if dark, _ := darkest(t, l.copyOf(report, f)[f.Details.Pages[0].At:][:f.Details.Pages[0].Size], 6, 11, 64, 19); dark > 100 {
		t.Error("the safe copy doesn't show what is to be covered")
	}
	second, was := l.redacted(report, f, 2), f.Details.Pages[1]
	if !bytes.Equal(second, l.copyOf(report, f)[was.At:was.At+was.Size]) {
		t.Error("a page without a mark was written anew")
	}
	if _, _, err := l.review.OpenRedacted(l.Context(), l.ann, report, f.ID, 3); !errors.Is(err, heed.ErrNotFound) {
		t.Errorf("a page that isn't there: %v", err)
	}
	var wrong *heed.Problem
	if err := l.review.Redact(l.Context(), l.ann, report, f.ID, 1, []heed.Mark{{Page: 3, Width: 5, Height: 5}}); !errors.As(err, &wrong) {
		t.Errorf("a box on a page that isn't there: %v", err)
	}
}

// loud is how loud a sound is on the whole, from one second to another.
func loud(t testing.TB, sound []byte, from, to float64) float64 {
	t.Helper()
	all := samples(t, sound)
	var sum float64
	part := all[min(int(from*hertz), len(all)):min(int(to*hertz), len(all))]
	for _, v := range part {
		sum += v * v
	}
	return math.Sqrt(sum / float64(max(1, len(part))))
}

func TestARedactedRecordingIsSilentWhereItIsMarked(t *testing.T) {
	tool(t, "ffmpeg")
	l := onOneStore(t)
	tone := encoded(t, made(t, drawing(t), "wav", "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "sine=f=600:r=16000:d=4", "-y", "MADE"), "-c:a", "pcm_s16le", "-f", "wav")
	report, f := l.written("Listen.", tone)
	l.copies(f)
	before := l.copyOf(report, f)
	if loud(t, before, 1.5, 2.5) < 100 {
		t.Fatal("nothing is heard before")
	}
	f = l.redacts(report, heed.Mark{From: 1500, To: 2500})
	after := l.redacted(report, f, 0)
	if v := loud(t, after, 1.5, 2.5); v > 2 {
		t.Errorf("where it is marked it is %.1f loud", v)
	}
	for _, span := range [][2]float64{{0.2, 1.2}, {2.8, 3.8}} {
		if was, is := loud(t, before, span[0], span[1]), loud(t, after, span[0], span[1]); is < was/2 {
			t.Errorf("from %.1f on it is %.1f loud, and was %.1f", span[0], is, was)
		}
	}
	var wrong *heed.Problem
	for _, m := range []heed.Mark{{From: 5, To: 5}, {Width: 5, Height: 5, From: 1, To: 2}, {From: -1, To: 2}, {From: 1, To: 1 << 40}} {
		if err := l.review.Redact(l.Context(), l.ann, report, f.ID, 1, []heed.Mark{m}); !errors.As(err, &wrong) {
			t.Errorf("%+v: %v", m, err)
		}
	}
}

// shownAt is a picture of what a film shows.
func shownAt(t testing.TB, film []byte, at string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), tool(t, "ffmpeg"), "-v", "error", "-ss", at, "-i", stored(t, film), "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "2", "-f", "mjpeg", "pipe:1")
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestARedactedFilmIsBlackAndSilentWhereItIsMarked(t *testing.T) {
	tool(t, "ffmpeg")
	l := onOneStore(t)
	report, f := l.sent("See the film.", "film.mp4", filmed(t, "mp4", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac"))
	l.copies(f)
	before := l.copyOf(report, f)
	f = l.redacts(report, heed.Mark{Left: 2501, Top: 2501, Width: 2500, Height: 5000, From: 1000, To: 1700}, heed.Mark{From: 200, To: 900})
	after := l.redacted(report, f, 0)
	if _, light := darkest(t, shownAt(t, before, "1.3"), 27, 27, 49, 74); light < 60 {
		t.Fatal("the film doesn't show what is to be covered")
	}
	if _, light := darkest(t, shownAt(t, after, "1.3"), 27, 27, 49, 74); light > 40 {
		t.Errorf("in the box there is a pixel of %d", light)
	}
	if _, light := darkest(t, shownAt(t, after, "0.3"), 27, 27, 49, 74); light < 60 {
		t.Error("the box is there before it is to be")
	}
	if v := loud(t, after, 0.25, 0.85); v > 3 {
		t.Errorf("where it is marked it is %.1f loud", v)
	}
	if v := loud(t, after, 1.2, 1.8); v < 100 {
		t.Errorf("where it isn't it is %.1f loud", v)
	}
	wantNothingBesideFilm(t, after)
}

// greys are pictures of a film, ten a second, each as large as it says, a byte a pixel.
func greys(t testing.TB, film []byte, wide, high int) (out [][]byte) {
	t.Helper()
	c := exec.CommandContext(t.Context(), tool(t, "ffmpeg"), "-v", "error", "-i", stored(t, film), "-vf", "fps=10:round=down", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1")
	all, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	for ; len(all) >= wide*high; all = all[wide*high:] {
		out = append(out, all[:wide*high])
	}
	return out
}

// detail is how much a part of a picture changes from one pixel to the next but one, at most and in all, and how much that goes along with
// what another picture does there, from -1 to 1.
func detail(picture, other []byte, wide, left, right int) (most, sum, along float64) {
	var both, ours, theirs float64
	for y := 2; y < len(picture)/wide; y++ {
		for x := left + 2; x < right; x++ {
			at := y*wide + x
			// What is new in a pixel beside its neighbours: a smooth colour has nothing of it.
			fresh := func(p []byte) float64 {
				return float64(p[at]) - float64(p[at-2]) - float64(p[at-2*wide]) + float64(p[at-2*wide-2])
			}
			a, b := fresh(picture), fresh(other)
			most, sum = max(most, math.Abs(a)), sum+math.Abs(a)
			both, ours, theirs = both+a*b, ours+a*a, theirs+b*b
		}
	}
	return most, sum / float64(len(picture)), both / math.Sqrt(max(1, ours)*max(1, theirs))
}

// apart is by how much two pictures differ between two columns, on the whole.
func apart(a, b []byte, wide, left, right int) float64 {
	var sum, n float64
	for at := range a {
		if x := at % wide; x >= left && x < right {
			sum, n = sum+math.Abs(float64(a[at])-float64(b[at])), n+1
		}
	}
	return sum / max(1, n)
}

func TestABlurredSpanOfAFilmHasNothingOfWhatItShowedButAFewColours(t *testing.T) {
	tool(t, "ffmpeg")
	l := onOneStore(t)
	const wide, high = 320, 240
	film := made(t, nil, "mp4", "ffmpeg", "-v", "error", "-f", "lavfi", "-i", "testsrc2=s=320x240:r=25:d=4", "-f", "lavfi", "-i", "sine=f=600:r=16000:d=4",
		"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-y", "MADE")
	report, f := l.sent("See the film.", "film.mp4", film)
	l.copies(f)
	before := l.copyOf(report, f)
	all, half := heed.Mark{Width: heed.Whole, Height: heed.Whole, From: 1000, To: 2000, Blur: true}, heed.Mark{Width: heed.Whole / 2, Height: heed.Whole, From: 2800, To: 3300, Blur: true}
	f = l.redacts(report, all, half)
	after := l.redacted(report, f, 0)
	was, is := greys(t, before, wide, high), greys(t, after, wide, high)
	if len(was) < 38 || len(is) < 38 {
		t.Fatalf("%d pictures became %d", len(was), len(is))
	}
	for i := range min(len(was), len(is), 40) {
		at := i * 100
		left, right := 0, wide
		if at >= 2700 && at <= 3400 { // of this span only the left half is blurred
			right = wide / 2
		}
		most, sum, along := detail(is[i], was[i], wide, left, right)
		switch {
		case at >= 1000 && at <= 2000, at >= 2800 && at <= 3300:
			if most > 24 || sum > 1 || math.Abs(along) > 0.1 {
				t.Errorf("at %d ms what was blurred is seen: %.0f, %.2f, %.2f", at, most, sum, along)
			}
			if beside := apart(is[i], was[i], wide, right, wide); beside > 12 {
				t.Errorf("at %d ms what isn't blurred isn't seen: %.2f", at, beside)
			}
		case at < 800 || at > 2200 && at < 2600 || at > 3500:
			if differ := apart(is[i], was[i], wide, left, right); most < 100 || differ > 12 {
				t.Errorf("at %d ms what isn't blurred isn't seen: %.0f, %.2f", at, most, differ)
			}
		}
	}
	if v := loud(t, after, 1.2, 1.8); v < 100 {
		t.Errorf("what is blurred is silent: %.1f", v)
	}
	wantNothingBesideFilm(t, after)
	var wrong *heed.Problem
	for _, m := range []heed.Mark{{From: 1, To: 2, Blur: true}, {Width: 5, Height: 5, Blur: true}} {
		if err := l.review.Redact(l.Context(), l.ann, report, f.ID, 1, []heed.Mark{m}); !errors.As(err, &wrong) {
			l.Errorf("%+v: %v", m, err)
		}
	}
}

func TestARedactedCopyThatCantBeMadeSaysSoAndNothingIsMadeOfMarksThatWereChanged(t *testing.T) {
	tool(t, "vipsthumbnail")
	l := onOneStore(t)
	report, f := l.sent("See the yard.", "yard.png", drawing(t))
	l.copies(f)
	l.must(l.review.Redact(l.Context(), l.ann, report, f.ID, 0, []heed.Mark{{Width: 5, Height: 5}}))
	l.must(l.review.Redact(l.Context(), l.ann, report, f.ID, 1, []heed.Mark{{Width: 500, Height: 500}}))
	args := func(version int64) []byte {
		b, err := json.Marshal(review.RedactArgs{Attachment: f.ID, Version: version})
		l.must(err)
		return b
	}
	l.must(l.media.HandleRedact(l.Context(), args(1)))
	if f = l.file(report); f.Redaction.Copy.State != heed.CopyWaiting {
		t.Errorf("of marks that were changed a copy is %s", f.Redaction.Copy.State)
	}
	l.must(l.media.GiveUpRedact(l.Context(), args(2), errors.New("once too often")))
	if f = l.file(report); f.Redaction.Copy.State != heed.CopyFailed || f.Redaction.Copy.Code != heed.CopyTooLong {
		t.Errorf("%+v", f.Redaction.Copy)
	}
	if n := l.waiting(review.JobRedact); n != 2 {
		t.Errorf("%d jobs", n)
	}
}
