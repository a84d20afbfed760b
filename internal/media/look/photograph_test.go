package look_test

import (
	"image"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/heed-line/heed/internal/media/look"
)

// HEED_PHOTOGRAPHS names a folder of photographs and desktop pictures that nothing was set on (docs/media.md says of which packages). Of each, and
// of its four quarters, copies are looked for among all; what is found is logged and bound to nothing.
func TestCopiesOfPhotographsThatNothingWasSetOnAreFound(t *testing.T) {
	folder := os.Getenv("HEED_PHOTOGRAPHS")
	if folder == "" {
		t.Skip("HEED_PHOTOGRAPHS names no folder")
	}
	paths, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("%v: %d files", err, len(paths))
	}
	var shown []*image.RGBA // five of each file
	for _, path := range paths {
		small := filepath.Join(t.TempDir(), "a.jpg")
		said, err := exec.CommandContext(t.Context(), "vipsthumbnail", path, "-s", "900x600>", "-o", small+"[Q=95,background=255]").CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v: %s", path, err, said)
		}
		whole := photographIn(t, small)
		shown = append(shown, whole, cropped(whole, 0, 0, .5, .5), cropped(whole, .5, 0, 0, .5), cropped(whole, 0, .5, .5, 0), cropped(whole, .5, .5, 0, 0))
	}
	eye, key := look.NewEye(), plain{}
	x, even := index{make([]*look.Kept, len(shown)), map[int64][]int{}}, make([]bool, len(shown))
	for i, p := range shown {
		x.kept[i] = keptOf(eye, i, p)
		marks, err := x.kept[i].Marks(key)
		if err != nil {
			t.Fatal(err)
		}
		even[i] = len(eye.Keep(squeeze(p)).Marks(key)) == 0
		for _, m := range marks {
			x.marks[m] = append(x.marks[m], i)
		}
	}
	for w, way := range ways {
		found, withPrint, of, wrong := make([]bool, len(shown)), 0, 0, make([]int, len(shown))
		each(len(shown), func(i int) {
			for j := range x.found(t, eye, key, way.copy(shown[i], rand.New(rand.NewPCG(uint64(i), uint64(w))))) {
				if found[i] = found[i] || j == i; j/5 != i/5 {
					wrong[i]++
					t.Logf("%s: %s is taken for %s", way.name, filepath.Base(paths[i/5]), filepath.Base(paths[j/5]))
				}
			}
		})
		n, links := 0, 0
		for i := range shown {
			links += wrong[i]
			if found[i] {
				n++
			}
			if !even[i] {
				of++
				if found[i] {
					withPrint++
				}
			}
		}
		t.Logf("%s: %d of %d are found (%.3f), of those with a print %d of %d (%.3f); %d links to another file", way.name,
			n, len(shown), float64(n)/float64(len(shown)), withPrint, of, float64(withPrint)/float64(of), links)
	}
}

func photographIn(t *testing.T, path string) *image.RGBA {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	decoded, err := jpeg.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	p := image.NewRGBA(image.Rect(0, 0, decoded.Bounds().Dx(), decoded.Bounds().Dy()))
	draw.Draw(p, p.Bounds(), decoded, decoded.Bounds().Min, draw.Src)
	return p
}
