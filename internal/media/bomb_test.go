package media_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image/jpeg"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// bomb is a file that was made to do harm, or came damaged.
type bomb struct {
	kind string
	file []byte
	// mended says that what can be seen of it may be shown, without what else is in it.
	mended bool
}

// chunk is a PNG's.
func chunk(name string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// flood is a PNG of so many pixels along each side, of one bit each, in as few bytes as zlib makes of n zeros.
func flood(side uint32, n int64) []byte {
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	if _, err := io.CopyN(w, zeros{}, n); err != nil {
		panic(err)
	}
	w.Close()
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, side), side)
	return slices.Concat([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, 1, 0, 0, 0, 0)), chunk("IDAT", packed.Bytes()), chunk("IEND", nil))
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// packed is zlib's of so many zeros.
func packed(n int64) []byte {
	b := flood(1, n)
	return b[8+25+8 : len(b)-12-4]
}

// sides writes other sides over a JPEG's, where they stand in its frame's header (ITU T.81, B.2.2).
func sides(jpg []byte, side uint16) []byte {
	b := bytes.Clone(jpg)
	at := bytes.Index(b, []byte{0xFF, 0xC0})
	binary.BigEndian.PutUint16(b[at+5:], side)
	binary.BigEndian.PutUint16(b[at+7:], side)
	return b
}

// scans repeats a progressive JPEG's last scan, each of which makes a decoder go through the whole picture.
func scans(jpg []byte, n int) []byte {
	at := bytes.LastIndex(jpg, []byte{0xFF, 0xDA})
	return slices.Concat(jpg[:at], bytes.Repeat(jpg[at:len(jpg)-2], n), jpg[len(jpg)-2:])
}

func theDozen(t *testing.T) map[string]bomb {
	drawn := drawing(t)
	jpg := made(t, drawn, "jpg", "ffmpeg", "-v", "error", "-i", "FROM", "-y", "MADE")
	heic := made(t, drawn, "heic", "heif-enc", "FROM", "-o", "MADE")
	wide := bytes.Clone(heic)
	binary.BigEndian.PutUint64(wide[bytes.Index(wide, []byte("ispe"))+8:], 0x7FFFFFFF_7FFFFFFF)
	gif := "GIF89a\xff\xff\xff\xff\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\xff\xff\xff\xff\x00\x02\x02D\x01\x00;"
	tiff := binary.LittleEndian.AppendUint32([]byte("II*\x00\x08\x00\x00\x00\x01\x00\x00\x01\x04\x00\x01\x00\x00\x00\xff\xff\xff\x7f"), 8) // its only directory is its next one
	bmp := slices.Concat([]byte("BM\xff\xff\xff\x7f\x00\x00\x00\x006\x00\x00\x00(\x00\x00\x00"), []byte("\x40\x9c\x00\x00\x40\x9c\x00\x00\x01\x00\x18\x00"), make([]byte, 24+999))
	profile := chunk("iCCP", append([]byte("x\x00\x00"), packed(1<<28)...))
	return map[string]bomb{
		"a PNG of a hundred million pixels in twelve KB":      {"image/png", flood(10_000, 10_000*1251), true},
		"a PNG whose colour profile is 256 MB of zeros":       {"image/png", slices.Concat(drawn[:33], profile, drawn[33:]), true},
		"a JPEG that is cut off":                              {"image/jpeg", jpg[:len(jpg)/2], true},
		"a JPEG of a thousand scans":                          {"image/jpeg", scans(made(t, drawn, "jpg", "vips", "jpegsave", "FROM", "MADE", "--interlace"), 1000), true},
		"a text that begins as a JPEG":                        {"image/jpeg", []byte("\xff\xd8\xff\xe0" + strings.Repeat("canary", 999)), false},
		"a GIF that says it has 65,535 pixels a side":         {"image/gif", []byte(gif), true},
		"a TIFF whose directory is its next one":              {"image/tiff", tiff, false},
		"a HEIC that says it has 2,147,483,647 pixels a side": {"image/heic", wide, false},
		"a HEIC that is cut off":                              {"image/heic", heic[:len(heic)/2], true},
		"a BMP that says it has 40,000 pixels a side":         {"image/bmp", bmp, true},
		"an AVIF that is a page":                              {"image/avif", append(bytes.Clone(heic[:32]), strings.Repeat("<p>canary", 99)...), false},
		"a drawing with a script":                             {"image/svg+xml", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>canary()</script></svg>`), false},
	}
}

func TestABombOrBrokenPictureEndsInAClearStateWithin30Seconds(t *testing.T) {
	tool(t, "vipsthumbnail")
	for name, b := range theDozen(t) {
		explode(t, name, b)
	}
	if !soak() {
		return
	}
	explode(t, "a PNG that says it has four thousand million pixels", bomb{"image/png", flood(65_535, 1000), true}) // what there is of it, black, made small
	jpg := made(t, drawing(t), "jpg", "ffmpeg", "-v", "error", "-i", "FROM", "-y", "MADE")
	explode(t, "a JPEG that says it has 65,500 pixels a side", bomb{"image/jpeg", sides(jpg, 65_500), true})
	explode(t, "a PNG of nine hundred million pixels", bomb{"image/png", flood(30_000, 30_000*3751), true})
	drawn := drawing(t)
	for ending, kind := range map[string]string{"jpg": "jpeg", "png": "png", "gif": "gif", "webp": "webp", "tiff": "tiff", "bmp": "bmp", "heic": "heic", "avif": "avif"} {
		whole := drawn
		switch ending {
		case "heic", "avif":
			whole = made(t, drawn, ending, "heif-enc", map[bool]string{true: "-A", false: "-v"}[ending == "avif"], "FROM", "-o", "MADE")
		case "jpg", "gif", "webp", "tiff", "bmp":
			whole = made(t, drawn, ending, "ffmpeg", "-v", "error", "-i", "FROM", "-pix_fmt", map[bool]string{true: "rgb24", false: "yuv420p"}[ending == "tiff" || ending == "bmp"], "-y", "MADE")
		}
		for i, broken := range breakages(whole) {
			explode(t, fmt.Sprintf("%s, breakage %d", ending, i), bomb{"image/" + kind, broken, true})
		}
	}
}

// breakages are six of a file: cut, filled with zeros or ones, its numbers made large, its end before its beginning.
func breakages(whole []byte) [][]byte {
	change := func(do func(b []byte)) []byte {
		b := bytes.Clone(whole)
		do(b)
		return b
	}
	n := len(whole)
	return [][]byte{
		whole[:n/10], whole[:n*9/10],
		change(func(b []byte) { clear(b[n/3 : n/2]) }),
		change(func(b []byte) {
			for i := 20; i < min(n, 400); i += 7 {
				b[i] = 0xFF
			}
		}),
		change(func(b []byte) {
			for i := 12; i < n; i += 97 {
				b[i] ^= 0x55
			}
		}),
		slices.Concat(whole[:min(n, 64)], whole[n/2:], whole[:n/2]),
	}
}

// anEnd is how long a file may take by the clock: half a minute where nothing runs beside it, as in `make soak`. Among all other tests on a
// small machine a program waits more than it reckons, and what never ends is still told from what does.
func anEnd() time.Duration {
	if soak() {
		return 30 * time.Second
	}
	return 90 * time.Second
}

// explode copies a bomb and wants an end that says something.
func explode(t *testing.T, name string, b bomb) {
	t.Helper()
	began := time.Now()
	seen, err := media.CopyPicture(t.Context(), b.kind, bytes.NewReader(b.file))
	took := time.Since(began)
	t.Logf("%s (%d bytes): %v, %d bytes, %v", name, len(b.file), err, len(seen), took.Round(time.Millisecond))
	if took > anEnd() {
		t.Errorf("%s took %v", name, took)
	}
	if err != nil {
		if !errors.Is(err, sandbox.ErrUnreadable) && !errors.Is(err, sandbox.ErrTooMuch) {
			t.Errorf("%s: %v", name, err)
		}
		return
	}
	if !b.mended {
		t.Errorf("%s was copied", name)
	}
	if p, err := jpeg.DecodeConfig(bytes.NewReader(seen)); err != nil || max(p.Width, p.Height) > 8192 || bytes.Contains(seen, []byte("canary")) {
		t.Errorf("%s: a copy of %d by %d, %v", name, p.Width, p.Height, err)
	}
}
