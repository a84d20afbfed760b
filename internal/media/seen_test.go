package media_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/review"
)

// photograph is a PNG of something that isn't anywhere else.
func photograph(t testing.TB, seed uint64) []byte {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	type blob struct{ x, y, size, light float64 }
	var blobs []blob
	for range 24 {
		blobs = append(blobs, blob{r.Float64(), r.Float64(), 0.02 + 0.2*r.Float64(), 200 * (r.Float64() - 0.5)})
	}
	drawn := image.NewGray(image.Rect(0, 0, 360, 270))
	for y := range 270 {
		for x := range 360 {
			v := 128 + 10*r.Float64()
			for _, b := range blobs {
				dx, dy := float64(x)/360-b.x, float64(y)/270-b.y
				v += b.light * math.Exp(-(dx*dx+dy*dy)/(b.size*b.size))
			}
			drawn.SetGray(x, y, color.Gray{uint8(min(max(v, 0), 255))})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, drawn); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// seenOf is a report with one file, of which the copy is made and that was looked for.
func (l *line) seenOf(name, text string, file []byte) (heed.ID, review.File) {
	l.Helper()
	l.now = l.now.Add(time.Minute)
	f, err := l.in.Stage(l.Context(), name, bytes.NewReader(file))
	l.must(err)
	a, err := l.in.Submit(l.Context(), intake.Submission{Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: text}, Files: []intake.StagedFile{f}})
	l.must(err)
	l.copies(l.file(a.Report))
	if err := l.looked(l.file(a.Report)); !errors.Is(err, review.ErrNotYet) {
		l.Errorf("before anybody knows whether it is to be refused: %v", err)
	}
	l.must(l.review.Screen(l.Context(), a.Report))
	l.must(l.looked(l.file(a.Report)))
	l.must(l.looked(l.file(a.Report))) // at least once
	return a.Report, l.file(a.Report)
}

func (l *line) looked(f review.File) error {
	l.Helper()
	args, err := json.Marshal(media.CopyArgs{Attachment: f.ID})
	l.must(err)
	return l.media.HandleSeen(l.Context(), args)
}

func TestAPictureThatWasSentBeforeIsFoundOnBothStores(t *testing.T) {
	tool(t, "vipsthumbnail")
	first := photograph(t, 1)
	again := made(t, first, "webp", "ffmpeg", "-loglevel", "error", "-y", "-i", "FROM", "-vf", "crop=iw*0.9:ih*0.92:iw*0.03:ih*0.05,scale=200:-1", "-q:v", "40", "MADE")
	other := photograph(t, 2)
	onBothStores(t, func(l *line, _ bool) {
		one, f := l.seenOf("one.png", "A man sells these from a van near the station.", first)
		if len(f.Seen) != 0 {
			l.Errorf("the first one was seen: %+v", f.Seen)
		}
		two, f := l.seenOf("two.webp", "Somebody forwarded me this picture of a lorry.", again)
		if len(f.Seen) != 1 || f.Seen[0].Report.ID != one || !f.Seen[0].Before || f.Seen[0].Kind != heed.SamePicture || f.Seen[0].Score < 0.8 {
			l.Fatalf("encoded anew: %+v", f.Seen)
		}
		if n := l.leaves(two, audit.FileSeen); n != 1 {
			l.Errorf("%d leaves", n)
		}
		_, f = l.seenOf("three.png", "There is a hole in the bridge.", other)
		if len(f.Seen) != 0 {
			l.Errorf("another one: %+v", f.Seen)
		}
		four, f := l.seenOf("four.png", "The same thing again at the harbour.", other)
		if len(f.Seen) != 1 || f.Seen[0].Kind != heed.SameExactly || f.Seen[0].Score != 1 {
			l.Errorf("the same bytes: %+v", f.Seen)
		}
		if n := l.leaves(four, audit.FileSeen); n != 1 {
			l.Errorf("the same bytes, looked for twice: %d leaves", n)
		}
		if f = l.file(one); len(f.Seen) != 1 || f.Seen[0].Report.ID != two || f.Seen[0].Before {
			l.Errorf("the first one, once there are others: %+v", f.Seen)
		}
		args, err := json.Marshal(review.EraseArgs{Report: one})
		l.must(err)
		l.must(l.review.HandleErase(l.Context(), args))
		if f = l.file(two); len(f.Seen) != 0 {
			l.Errorf("once the first is erased: %+v", f.Seen)
		}
		if _, f = l.seenOf("five.png", "This was on a wall in the old town.", first); len(f.Seen) != 1 || f.Seen[0].Report.ID != two {
			l.Errorf("once the first is erased, sent again: %+v", f.Seen)
		}
	})
}

func TestAFilmThatWasSentBeforeIsFoundByItsPictures(t *testing.T) {
	tool(t, "vipsthumbnail")
	first := photograph(t, 3)
	film := made(t, first, "mp4", "ffmpeg", "-loglevel", "error", "-y", "-loop", "1", "-t", "2", "-i", "FROM", "-vf", "scale=320:240", "-pix_fmt", "yuv420p", "-c:v", "libx264", "MADE")
	again := made(t, film, "webm", "ffmpeg", "-loglevel", "error", "-y", "-i", "FROM", "-vf", "crop=iw*0.94:ih*0.95,scale=200:-2", "-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "400k", "MADE")
	l := onOneStore(t)
	one, _ := l.seenOf("one.mp4", "They filmed it.", film)
	two, f := l.seenOf("two.webm", "Somebody sent me this film.", again)
	if len(f.Seen) != 1 || f.Seen[0].Report.ID != one || f.Seen[0].Kind != heed.SamePicture {
		t.Errorf("a film encoded anew: %+v", f.Seen)
	}
	_, f = l.seenOf("three.png", "A picture of a film.", first)
	if len(f.Seen) != 2 || f.Seen[0].Kind != heed.SamePicture || f.Seen[1].Kind != heed.SamePicture {
		t.Errorf("a picture that is in both: %+v, not %s and %s", f.Seen, one, two)
	}
	if _, f = l.seenOf("four.png", "Another one.", photograph(t, 4)); len(f.Seen) != 0 {
		t.Errorf("another picture: %+v", f.Seen)
	}
}

func TestNothingIsKeptOfTheFilesOfWhatIsProposedForRefusal(t *testing.T) {
	tool(t, "vipsthumbnail")
	l := onOneStore(t)
	f, err := l.in.Stage(l.Context(), "one.png", bytes.NewReader(photograph(t, 1)))
	l.must(err)
	a, err := l.in.Submit(l.Context(), intake.Submission{
		Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "My neighbours are Muslims and pray every evening. I think that should be forbidden."}, Files: []intake.StagedFile{f},
	})
	l.must(err)
	l.copies(l.file(a.Report))
	looks := func() (n int) {
		l.must(l.store.View(l.Context(), func(tx heed.Tx) error {
			all, err := tx.Looks(l.Context(), a.Report)
			n = len(all)
			return err
		}))
		return n
	}
	if looks() != 1 {
		t.Fatal("nothing is kept of a copied file")
	}
	l.must(l.review.Screen(l.Context(), a.Report))
	if v, err := l.review.Read(l.Context(), l.ann, a.Report, "queue"); err != nil || v.Screening == nil || !v.Screening.Refuse {
		t.Fatalf("it isn't proposed for refusal: %v", err)
	}
	if looks() != 0 {
		t.Error("what its file is known by is kept")
	}
	l.must(l.looked(l.file(a.Report)))
}
