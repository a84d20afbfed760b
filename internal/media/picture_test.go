package media_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// corners are the colours of a drawing's quarters, from the upper left one clockwise: each is told from the others.
var corners = [4]color.RGBA{{200, 40, 40, 255}, {40, 170, 60, 255}, {50, 60, 200, 255}, {230, 220, 70, 255}}

const width, height = 480, 320

// drawing is a PNG of which one sees which way is up.
func drawing(t testing.TB) []byte {
	t.Helper()
	drawn := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			at := 0
			switch right, low := x >= width/2, y >= height/2; {
			case right && low:
				at = 2
			case right:
				at = 1
			case low:
				at = 3
			}
			drawn.Set(x, y, corners[at])
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, drawn); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// made runs a tool that makes a file, whose path stands for MADE (and without its ending for STEM), from one that stands for FROM.
func made(t testing.TB, from []byte, ending, program string, args ...string) []byte {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "made."+ending)
	if err := os.WriteFile(in+".png", from, 0o600); err != nil {
		t.Fatal(err)
	}
	for i := range args {
		args[i] = strings.NewReplacer("FROM", in+".png", "MADE", out, "STEM", strings.TrimSuffix(out, "."+ending)).Replace(args[i])
	}
	if said, err := exec.CommandContext(t.Context(), tool(t, program), args...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", program, err, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// tagged writes into a picture what telephones do, and what people shouldn't learn: where, with what, by whom.
func tagged(t testing.TB, picture []byte, ending string, more ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tagged."+ending)
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		t.Fatal(err)
	}
	args := append([]string{
		"-q", "-m", "-overwrite_original", "-GPSLatitude=48.85837", "-GPSLatitudeRef=N", "-GPSLongitude=2.294481", "-GPSLongitudeRef=E",
		"-XMP:GPSLatitude=48.85837", "-SerialNumber=canary4711", "-LensSerialNumber=canary4712", "-Artist=canary the artist",
		"-XMP:Creator=canary the creator", "-Comment=canary of a comment", "-UserComment=canary of a user",
	}, append(more, file)...)
	if said, err := exec.CommandContext(t.Context(), tool(t, "exiftool"), args...).CombinedOutput(); err != nil {
		t.Fatalf("exiftool: %v: %s", err, said)
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// copied is the picture's copy.
func copied(t testing.TB, kind string, picture []byte) []byte {
	t.Helper()
	tool(t, "vipsthumbnail")
	b, err := media.CopyPicture(t.Context(), kind, bytes.NewReader(picture))
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return b
}

// wantCorners wants the quarters of a copy, from the upper left one clockwise, to be those of corners, beginning with first.
func wantCorners(t testing.TB, jpg []byte, first int) {
	t.Helper()
	seen, err := jpeg.Decode(bytes.NewReader(jpg))
	if err != nil {
		t.Fatal(err)
	}
	b := seen.Bounds()
	if turned := first%2 == 1; b.Dx() != map[bool]int{false: width, true: height}[turned] {
		t.Errorf("the copy has %d by %d pixels", b.Dx(), b.Dy())
	}
	for i, at := range [4]image.Point{{b.Dx() / 4, b.Dy() / 4}, {b.Dx() * 3 / 4, b.Dy() / 4}, {b.Dx() * 3 / 4, b.Dy() * 3 / 4}, {b.Dx() / 4, b.Dy() * 3 / 4}} {
		r, g, blue, _ := seen.At(at.X, at.Y).RGBA()
		want := corners[(first+i)%4]
		for k, pair := range [3][2]int{{int(r >> 8), int(want.R)}, {int(g >> 8), int(want.G)}, {int(blue >> 8), int(want.B)}} {
			if d := pair[0] - pair[1]; d > 12 || d < -12 { // as far as their encoders bend them
				t.Errorf("quarter %d, colour %d: %d, want %d", i, k, pair[0], pair[1])
			}
		}
	}
}

// wantNothingBeside wants a copy to be a picture and no more: by exiftool, by its segments, by what was written into the original.
func wantNothingBeside(t testing.TB, jpg []byte) {
	t.Helper()
	for _, word := range []string{"canary", "48.8", "GPS", "Exif", "http", "ICC_PROFILE", "Photoshop"} {
		if bytes.Contains(jpg, []byte(word)) {
			t.Errorf("the copy says %q", word)
		}
	}
	c := exec.CommandContext(t.Context(), tool(t, "exiftool"), "-j", "-G0", "-a", "-u", "-")
	c.Stdin = bytes.NewReader(jpg)
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []map[string]any
	if err := json.Unmarshal(out, &found); err != nil {
		t.Fatal(err)
	}
	for tag, value := range found[0] {
		if group, _, _ := strings.Cut(tag, ":"); group != "SourceFile" && group != "ExifTool" && group != "File" && group != "JFIF" && group != "Composite" {
			t.Errorf("the copy has %s, %v", tag, value)
		}
	}
	for at := 2; at+4 < len(jpg) && jpg[at] == 0xFF && jpg[at+1] != 0xDA; at += 2 + int(jpg[at+2])<<8 + int(jpg[at+3]) {
		if kind := jpg[at+1]; kind > 0xE0 && kind <= 0xEF || kind == 0xFE {
			t.Errorf("the copy has a segment %x", kind)
		}
	}
	if !bytes.HasSuffix(jpg, []byte{0xFF, 0xD9}) {
		t.Error("something follows the picture")
	}
}

func TestAPicturesCopyShowsItUprightInItsColoursAndSaysNothingBeside(t *testing.T) {
	drawn := drawing(t)
	ffmpeg := func(args ...string) []string {
		return append(append([]string{"-v", "error", "-i", "FROM"}, args...), "-y", "MADE")
	}
	jpg := made(t, drawn, "jpg", "ffmpeg", ffmpeg("-q:v", "2", "-pix_fmt", "yuvj444p")...)
	lying := tagged(t, jpg, "jpg", "-Orientation#=6") // to be turned clockwise
	for name, c := range map[string]struct {
		kind    string
		picture []byte
		first   int // which of corners is seen at the upper left
	}{
		"JPEG, lying, and a page":  {"image/jpeg", append(lying, "PK\x03\x04<script>canary</script>"...), 3},
		"JPEG, Display P3":         {"image/jpeg", tagged(t, made(t, drawn, "jpg", "vipsthumbnail", "FROM", "--size", "480x480", "--import-profile", "srgb", "--export-profile", "p3", "-o", "MADE[Q=95]"), "jpg"), 0},
		"PNG":                      {"image/png", tagged(t, drawn, "png"), 0},
		"GIF":                      {"image/gif", tagged(t, made(t, drawn, "gif", "ffmpeg", ffmpeg("-filter_complex", "split[a][b];[a]palettegen[p];[b][p]paletteuse")...), "gif"), 0},
		"WebP":                     {"image/webp", tagged(t, made(t, drawn, "webp", "ffmpeg", ffmpeg("-quality", "95")...), "webp"), 0},
		"TIFF":                     {"image/tiff", tagged(t, made(t, drawn, "tiff", "ffmpeg", ffmpeg("-pix_fmt", "rgb24")...), "tiff"), 0},
		"BMP":                      {"image/bmp", made(t, drawn, "bmp", "ffmpeg", ffmpeg()...), 0},
		"HEIC":                     {"image/heic", tagged(t, made(t, drawn, "heic", "heif-enc", "-q", "95", "-p", "chroma=444", "FROM", "-o", "MADE"), "heic"), 0},
		"AVIF":                     {"image/avif", tagged(t, made(t, drawn, "avif", "heif-enc", "-A", "-q", "95", "-p", "speed=9", "-p", "chroma=444", "FROM", "-o", "MADE"), "avif"), 0},
		"HEIC, as a phone lays it": {"image/heic", tagged(t, turnedHEIC(t, drawn), "heic"), 3},
	} {
		t.Run(name, func(t *testing.T) {
			if c.kind != "image/bmp" && !bytes.Contains(c.picture, []byte("canary")) {
				t.Fatal("nothing is written in the original")
			}
			seen := copied(t, c.kind, c.picture)
			wantCorners(t, seen, c.first)
			wantNothingBeside(t, seen)
		})
	}
}

// turnedHEIC is a HEIC whose item is to be turned clockwise, as telephones write when they are held upright: heif-enc's, to which the
// property irot (ISO 23008-12, 6.5.10) is added.
func turnedHEIC(t testing.TB, drawn []byte) []byte {
	t.Helper()
	b := made(t, drawn, "heic", "heif-enc", "-q", "95", "-p", "chroma=444", "FROM", "-o", "MADE")
	box := func(name string) int { return bytes.Index(b, []byte(name)) - 4 }
	size := func(at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	grow := func(at, by int) { binary.BigEndian.PutUint32(b[at:], uint32(size(at)+by)) }
	properties := 0
	ipco, ipma := box("ipco"), box("ipma")
	for at := ipco + 8; at < ipco+size(ipco); at += size(at) {
		properties++
	}
	const turn, note = 9, 1 // bytes of the property, and of its number in the list of the item's
	grow(box("meta"), turn+note)
	grow(box("iprp"), turn+note)
	grow(box("iloc")+20, turn+note) // the base offset of the first item
	b[ipma+18]++                    // the number of the first item's properties
	grow(ipma, note)
	grow(ipco, turn)
	return slices.Concat(b[:ipma], []byte("\x00\x00\x00\x09irot\x03"), b[ipma:ipma+size(ipma)-note], []byte{0x80 | byte(properties+1)}, b[ipma+size(ipma)-note:])
}

func TestAPictureIsSeenByItsCopyAloneAndTheOriginalIsTheCustodians(t *testing.T) {
	original := tagged(t, made(t, drawing(t), "jpg", "ffmpeg", "-v", "error", "-i", "FROM", "-y", "MADE"), "jpg")
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	l := newLine(t, store, true)
	staged, err := l.in.Stage(t.Context(), "yard.jpg", bytes.NewReader(original))
	l.must(err)
	a, err := l.in.Submit(t.Context(), intake.Submission{
		Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "See the yard."}, Files: []intake.StagedFile{staged},
	})
	l.must(err)
	l.must(l.review.Screen(t.Context(), a.Report))
	f := l.file(a.Report)
	l.copies(f)
	if f = l.file(a.Report); f.CopyCode != "" || f.TransitKey != nil || f.DayKey == nil {
		t.Fatalf("after: %q, transit %v, day %v", f.CopyCode, f.TransitKey != nil, f.DayKey != nil)
	}
	c, r, err := l.review.OpenCopy(t.Context(), l.ann, a.Report, f.ID)
	l.must(err)
	var seen bytes.Buffer
	_, err = seen.ReadFrom(r)
	l.must(errors.Join(err, r.Close()))
	if c.Type != "image/jpeg" || seal.PaddedSize(int64(seen.Len())) != c.Size {
		t.Errorf("%s of %d bytes, %d are seen", c.Type, c.Size, seen.Len())
	}
	wantNothingBeside(t, seen.Bytes())
	wantCorners(t, seen.Bytes(), 0)
}

func TestAGreyAndATransparentPictureAreSeenToo(t *testing.T) {
	grey := image.NewGray16(image.Rect(0, 0, 40, 30))
	clear := image.NewNRGBA(grey.Rect) // nothing is drawn on it
	for i := range grey.Pix {
		grey.Pix[i] = 0x55
	}
	for want, drawn := range map[int]image.Image{0x55: grey, 0xFF: clear} {
		var b bytes.Buffer
		if err := png.Encode(&b, drawn); err != nil {
			t.Fatal(err)
		}
		seen, err := jpeg.Decode(bytes.NewReader(copied(t, "image/png", b.Bytes())))
		if err != nil {
			t.Fatal(err)
		}
		if r, _, _, _ := seen.At(20, 15).RGBA(); int(r>>8) < want-3 || int(r>>8) > want+3 {
			t.Errorf("%x became %x", want, r>>8)
		}
	}
}

func TestAPictureThatNoProgramIsThereForWaits(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	if _, err := media.CopyPicture(t.Context(), "image/png", bytes.NewReader(drawing(t))); !errors.Is(err, sandbox.ErrNoProgram) {
		t.Errorf("without libvips: %v", err)
	}
}
