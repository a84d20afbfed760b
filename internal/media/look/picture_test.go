package look_test

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"github.com/heed-line/heed/internal/media/look"
)

// Of how many pictures copies are looked for, among how many others.
const (
	originals = 200
	others    = 2000
)

// each runs f for each number below n, on all processors.
func each(n int, f func(i int)) {
	var all sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := range next {
				f(i)
			}
		})
	}
	for i := range n {
		next <- i
	}
	close(next)
	all.Wait()
}

// index is what is kept of files, and by which marks.
type index struct {
	kept  []*look.Kept
	marks map[int64][]int
}

// keptOf is what is kept of the picture i, whose copy is another than all others'.
func keptOf(e *look.Eye, i int, p *image.RGBA) *look.Kept {
	k := &look.Kept{Digest: []byte{byte(i), byte(i >> 8), byte(i >> 16)}}
	k.Add(e, squeeze(p))
	return k
}

// copied is the number of every copy.
const copied = originals + others

// found are the pictures that are linked to one: by a mark that both have, and by what both show.
func (x *index) found(t *testing.T, e *look.Eye, key look.Hasher, p *image.RGBA) map[int]bool {
	q, err := look.NewQuestion(e, keptOf(e, copied, p))
	if err != nil {
		t.Error(err)
		return nil
	}
	found := map[int]bool{}
	tried := map[int]bool{}
	for _, m := range q.Marks(key) {
		for _, i := range x.marks[m] {
			if tried[i] {
				continue
			}
			tried[i] = true
			answer, err := q.Answer(x.kept[i])
			if err != nil {
				t.Error(err)
			}
			if answer.Same != "" {
				found[i] = true
			}
		}
	}
	return found
}

// ways are those in which copies are made.
var ways = []struct {
	name string
	copy func(*image.RGBA, *rand.Rand) *image.RGBA
}{
	{"made smaller and encoded anew, poorly", func(p *image.RGBA, _ *rand.Rand) *image.RGBA { return rejpeg(smaller(p, 3), 30) }},
	{"cropped by up to 8 hundredths a side", func(p *image.RGBA, r *rand.Rand) *image.RGBA { return anyCrop(p, r) }},
	{"written over", func(p *image.RGBA, r *rand.Rand) *image.RGBA { return watermarked(p, r) }},
	{"all of these", func(p *image.RGBA, r *rand.Rand) *image.RGBA { return rejpeg(watermarked(anyCrop(p, r), r), 50) }},
}

func TestCopiesOfPicturesAreFoundAndNoOthers(t *testing.T) {
	eye, key := look.NewEye(), plain{}
	x := index{make([]*look.Kept, originals+others), map[int64][]int{}}
	drawn := make([]*image.RGBA, originals)
	each(originals+others, func(i int) {
		if i < originals {
			drawn[i] = scene(uint64(i), 160, 120)
			x.kept[i] = keptOf(eye, i, drawn[i])
			return
		}
		x.kept[i] = keptOf(eye, i, scene(uint64(i), 72, 54))
	})
	for i, k := range x.kept {
		marks, err := k.Marks(key)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range marks {
			x.marks[m] = append(x.marks[m], i)
		}
	}
	reencoded := byFFmpeg(t, drawn[:encoded])
	var mu sync.Mutex
	wrong := 0
	try := func(name string, of int, copied func(i int) *image.RGBA) {
		n := 0
		each(of, func(i int) {
			found := x.found(t, eye, key, copied(i))
			mu.Lock()
			defer mu.Unlock()
			if found[i] {
				n++
			}
			for j := range found {
				if j != i {
					t.Logf("%s: %d is taken for %d", name, i, j)
					wrong++
				}
			}
		})
		t.Logf("%s: %d of %d are found", name, n, of)
		if share := float64(n) / float64(of); share < 0.95 {
			t.Errorf("%s: %.3f are found", name, share)
		}
	}
	for w, way := range ways {
		try(way.name, originals, func(i int) *image.RGBA { return way.copy(drawn[i], rand.New(rand.NewPCG(uint64(i), uint64(w)))) })
	}
	try("cropped, made smaller and encoded by ffmpeg", encoded, func(i int) *image.RGBA { return reencoded[i] })
	if wrong > 0 {
		t.Errorf("%d others are taken for them", wrong)
	}
}

// encoded is how many pictures a real encoder writes anew.
const encoded = 40

func byFFmpeg(t *testing.T, drawn []*image.RGBA) []*image.RGBA {
	t.Helper()
	dir := t.TempDir()
	for i, p := range drawn {
		var b bytes.Buffer
		if err := errors.Join(png.Encode(&b, p), os.WriteFile(filepath.Join(dir, fmt.Sprintf("%d.png", i)), b.Bytes(), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := exec.LookPath("ffmpeg"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	said, err := exec.CommandContext(t.Context(), "ffmpeg", "-loglevel", "error", "-i", filepath.Join(dir, "%d.png"),
		"-vf", "crop=iw*0.92:ih*0.9:iw*0.02:ih*0.06,scale=112:-2", "-q:v", "12", "-start_number", "0", filepath.Join(dir, "%d.jpg")).CombinedOutput()
	if err != nil {
		t.Fatalf("ffmpeg: %v: %s", err, said)
	}
	made := make([]*image.RGBA, len(drawn))
	for i := range made {
		b, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.jpg", i)))
		if err != nil {
			t.Fatal(err)
		}
		decoded, err := jpeg.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		made[i] = image.NewRGBA(decoded.Bounds())
		draw.Draw(made[i], decoded.Bounds(), decoded, decoded.Bounds().Min, draw.Src)
	}
	return made
}

// plain hashes without a key: how doesn't matter to what is found, and it is quicker.
type plain struct{}

func (plain) Hash64(b []byte) uint64 {
	h := fnv.New64a()
	h.Write(b)
	return h.Sum64()
}

// hashes remembers what is hashed.
type hashes struct{ of []string }

func (h *hashes) Hash64(b []byte) uint64 {
	h.of = append(h.of, string(b))
	return uint64(len(h.of))
}

func TestAMarkIsOfWhatTheDocumentSays(t *testing.T) {
	h := &hashes{}
	look.FileMark(h, []byte("digest"))
	(&look.Picture{{{Signs: look.Signs{1}, Strong: look.Signs{1}}}}).Marks(h)
	want := map[string]bool{"heed/look/1\x00fdigest": true}
	for band, bits := range []string{"\x00\x08\x00\x00", "\x00\x00\x00\x00", "\x00\x00\x00\x00", "\x00\x00\x00\x00"} {
		want["heed/look/1\x00p\x00"+string(rune(band))+bits] = true
	}
	for _, of := range h.of {
		if !want[of] {
			t.Errorf("hashed: %q", of)
		}
	}
	if len(h.of) != len(want) {
		t.Errorf("%d are hashed, %d are expected", len(h.of), len(want))
	}
}

func TestOfAPageWithoutAnythingOnItNothingIsKept(t *testing.T) {
	blank, slope := &look.Grey{}, &look.Grey{}
	for i := range slope {
		blank[i], slope[i] = 250, byte(i/look.Side*3)
	}
	for name, g := range map[string]*look.Grey{"blank": blank, "a slope": slope} {
		if n := len(look.NewEye().Keep(g).Marks(&hashes{})); n != 0 {
			t.Errorf("%s: %d marks", name, n)
		}
	}
}

func anyCrop(p *image.RGBA, r *rand.Rand) *image.RGBA {
	off := func() float64 { return r.Float64() * .08 }
	return cropped(p, off(), off(), off(), off())
}

func TestWhatWasKeptBeforeIsStillComparedByItsPrint(t *testing.T) {
	eye := look.NewEye()
	drawn := scene(1, 160, 120)
	old := keptOf(eye, 1, drawn)
	old.Greys, old.Corners = nil, nil
	for name, k := range map[string]*look.Kept{"without what is fine": old, "with it": keptOf(eye, 1, drawn)} {
		k.Asked()
		if _, err := k.Marks(plain{}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for of, p := range map[string]*image.RGBA{look.SamePicture: smaller(drawn, 3), "": scene(2, 160, 120)} {
			q, err := look.NewQuestion(eye, keptOf(eye, 2, p))
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := q.Answer(k); err != nil || answer.Same != of {
				t.Errorf("%s: %v, %v; expected %q", name, answer, err, of)
			}
		}
	}
	broken := keptOf(eye, 1, drawn)
	broken.Corners[0] = broken.Corners[0][1:]
	if _, err := broken.Marks(plain{}); err == nil {
		t.Error("broken corners are taken")
	}
}
