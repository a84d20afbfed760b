package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/heed-line/heed"
)

func filledUp(t testing.TB, k Key, b Binding, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewPaddedWriter(&out, k, b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, bytes.NewReader(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAPaddedFileOfAnyLengthComesBackAsItWas(t *testing.T) {
	k := NewKey()
	const room = FrameBytes
	for _, n := range []int{0, 1, room - 1, room, room + 1, frameSize, 2*room - 1, 2 * room, 2*room + 1, 9*room - 1, 9 * room, 9*room + 1, 17*room + 5} {
		plain := pattern(n)
		sealed := filledUp(t, k, place(), plain)
		if int64(len(sealed)) != PaddedSize(int64(n)) {
			t.Errorf("%d bytes became %d, not the %d that are foretold", n, len(sealed), PaddedSize(int64(n)))
		}
		var out bytes.Buffer
		w, err := NewPaddedWriter(&out, k, place())
		if err != nil {
			t.Fatal(err)
		}
		for piece := range slices.Chunk(plain, 7001) {
			if m, err := w.Write(piece); m != len(piece) || err != nil {
				t.Fatal(m, err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for how, sealed := range map[string][]byte{"read through": sealed, "written": out.Bytes()} {
			if got, err := unframed(k, place(), sealed); err != nil || !bytes.Equal(got, plain) {
				t.Fatalf("%d bytes %s: %d, %v", n, how, len(got), err)
			}
		}
		b := &blobOf{sealed: sealed}
		s, err := NewFrameSection(int64(len(sealed)), b.open, k, place())
		if err != nil || s.Size() != int64(n) {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if got, err := io.ReadAll(s); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d bytes in a section: %d, %v", n, len(got), err)
		}
		if n <= 3*room {
			if _, err := s.Seek(0, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(s, plain); err != nil {
				t.Errorf("%d bytes: %v", n, err)
			}
		}
	}
}

func TestFilesOfNearlyOneLengthAreSealedAsOneLength(t *testing.T) {
	classes := map[int64]bool{}
	for n := int64(0); n < 2<<30; n += 50_021 {
		size := PaddedSize(n)
		classes[size] = true
		frames := (max(n, 1) + FrameBytes - 1) / FrameBytes
		if least := framesHeader + frames*sealedFrame; size < least || (size-least)*100 > 12*least {
			t.Fatalf("%d bytes become %d", n, size)
		}
	}
	if len(classes) > 180 {
		t.Errorf("%d lengths up to 2 GiB", len(classes))
	}
	for _, c := range [][2]int64{{1, 60_000}, {3_000_000, 3_010_000}, {1_000_000_000, 1_006_000_000}} {
		if PaddedSize(c[0]) != PaddedSize(c[1]) {
			t.Errorf("%d and %d bytes are told apart", c[0], c[1])
		}
	}
	// Of the paper: 9 bytes become 10, 1,000,001 become 1,015,808.
	for n, want := range map[uint64]uint64{0: 0, 1: 1, 2: 2, 7: 7, 8: 8, 9: 10, 17: 18, 129: 144, 1_000_001: 1_015_808} {
		if got := Padme(n); got != want || Padme(got) != got {
			t.Errorf("%d is padded to %d", n, got)
		}
	}
}

// refuse says that no reader opens that as a whole, whatever size its record names.
func refuse(t *testing.T, what string, k Key, sealed []byte) {
	t.Helper()
	if _, err := unframed(k, place(), sealed); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("%s, read through: %v", what, err)
	}
	s, err := NewFrameSection(int64(len(sealed)), (&blobOf{sealed: sealed}).open, k, place())
	if err == nil {
		_, err = io.ReadAll(s)
	}
	if !errors.Is(err, heed.ErrSealed) {
		t.Errorf("%s, in a section: %v", what, err)
	}
}

func TestWhatFillsAFileUpCannotBeCutOffMovedOrChanged(t *testing.T) {
	k := NewKey()
	plain := pattern(16*FrameBytes + 50) // 17 frames and one that fills up
	a := filledUp(t, k, place(), plain)
	frame := func(i int) []byte { return a[framesHeader+i*sealedFrame:][:sealedFrame] }
	upTo := func(n int) []byte { return bytes.Clone(a[:framesHeader+n*sealedFrame]) }
	for what, sealed := range map[string][]byte{
		"the filling cut off":           upTo(17),
		"the end of the file too":       upTo(16),
		"a byte cut off":                a[:len(a)-1],
		"a byte more":                   append(bytes.Clone(a), 0),
		"one more of what fills up":     append(bytes.Clone(a), frame(17)...),
		"the last two frames exchanged": append(append(upTo(16), frame(17)...), frame(16)...),
		"of the other format":           append([]byte{formatFrames}, a[1:]...),
		"the header alone":              upTo(0),
	} {
		refuse(t, what, k, sealed)
	}
	last := bytes.Clone(a)
	last[len(last)-tagSize-9] ^= 1
	if _, err := unframed(k, place(), last); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("a changed filling: %v", err)
	}
	if _, err := NewFrameSection(int64(len(last)), (&blobOf{sealed: last}).open, k, place()); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("a changed filling opens: %v", err)
	}
	for _, size := range []int64{-1, 0, framesHeader, int64(len(a)) - 1, int64(len(a)) + sealedFrame, int64(len(a)) - sealedFrame, int64(len(plain))} {
		if _, err := NewFrameSection(size, (&blobOf{sealed: a}).open, k, place()); !errors.Is(err, heed.ErrSealed) {
			t.Errorf("with a size of %d: %v", size, err)
		}
	}
}

// One file has one sealed length and form: whoever has its key can't make another that opens.
func TestNoFileOpensThatIsFilledUpOtherwise(t *testing.T) {
	k := NewKey()
	seal := func(frames ...func(plain []byte)) []byte {
		header := append([]byte{formatPadded}, make([]byte, streamIDSize)...)
		f := newFrames(k, place(), header)
		out := header
		for i, fill := range frames {
			plain := make([]byte, frameSize)
			fill(plain)
			nonce := make([]byte, nonceSize)
			nonce[0] = byte(i)
			out = f.gcm.Seal(append(out, nonce...), nonce, plain, f.place(i == len(frames)-1))
		}
		return out
	}
	ends := func(n uint64) func([]byte) { return func(p []byte) { binary.BigEndian.PutUint64(p, n) } }
	const room = FrameBytes
	for _, good := range [][]byte{seal(ends(0)), seal(ends(5)), seal(ends(room), ends(room+1))} {
		if _, err := unframed(k, place(), good); err != nil {
			t.Fatal(err)
		}
		if _, err := NewFrameSection(int64(len(good)), (&blobOf{sealed: good}).open, k, place()); err != nil {
			t.Fatal(err)
		}
	}
	for what, bad := range map[string][]byte{
		"too many frames":                seal(ends(5), ends(5)),
		"a whole frame and one too many": seal(ends(room), ends(room)),
		"an end beyond its frame":        seal(ends(room + 1)),
		"an end that overflows":          seal(ends(1<<64 - 1)),
		"an end that goes back":          seal(ends(room), ends(5)),
		"more after the end":             seal(ends(5), ends(room+5)),
		"a filling that isn't zeros":     seal(func(p []byte) { ends(5)(p); p[frameSize-1] = 1 }),
		"too few frames":                 seal(append(slices.Repeat([]func([]byte){ends(room)}, 1), ends(2*room+1))...),
	} {
		refuse(t, what, k, bad)
	}
}

func TestVectorsOfPaddedFiles(t *testing.T) {
	type vector struct {
		Key     hexBytes   `json:"key"`
		Binding Binding    `json:"binding"`
		Length  int        `json:"plaintext_length"` // of bytes 0x01
		Stream  hexBytes   `json:"stream"`
		Nonces  []hexBytes `json:"nonces"` // of its frames
		Size    int        `json:"sealed_length"`
		Sum     hexBytes   `json:"sealed_sha256"`
	}
	same(t, "padded.json", func() (vs []vector) {
		for i, n := range []int{0, 5, FrameBytes, FrameBytes + 1, 8*FrameBytes + 7} {
			var out bytes.Buffer
			k := newKey(fixed(byte(i)))
			w, err := newFrameWriter(fixed(byte(180+i)), &out, formatPadded, k, FilePlace("city"))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Write(bytes.Repeat([]byte{1}, n)); err != nil {
				t.Fatal(err)
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256(out.Bytes())
			v := vector{Key: k[:], Binding: FilePlace("city"), Length: n, Stream: out.Bytes()[1:framesHeader], Size: out.Len(), Sum: sum[:]}
			for frame := range slices.Chunk(out.Bytes()[framesHeader:], sealedFrame) {
				v.Nonces = append(v.Nonces, frame[:nonceSize])
			}
			vs = append(vs, v)
		}
		return vs
	})
}

func TestAFilesNameSaysHowLongItIsAndNothingByItsOwnLength(t *testing.T) {
	k := NewKey()
	a := &heed.Attachment{ID: "a", Report: "r", Size: 99}
	var lengths []int
	for name, size := range map[string]int64{"x": 0, "a picture.jpg": 1 << 40, "größer.pdf": 7} {
		a.SealedName = k.SealFileName("city", a, name, size)
		if got, n, err := k.OpenFileName("city", a); got != name || n != size || err != nil {
			t.Errorf("%s of %d bytes: %q, %d, %v", name, size, got, n, err)
		}
		lengths = append(lengths, len(a.SealedName))
	}
	if len(slices.Compact(lengths)) != 1 {
		t.Errorf("names are sealed as %d bytes", lengths)
	}
	for plain, want := range map[string]error{"old.jpg": nil, "x\x00": heed.ErrSealed, "x\x00-1": heed.ErrSealed, "x\x001y": heed.ErrSealed, "x\x001\x002": heed.ErrSealed} {
		a.SealedName = k.Seal(FileNamePlace("city", a.Report, a.ID), []byte(plain))
		if name, size, err := k.OpenFileName("city", a); !errors.Is(err, want) || err == nil && (name != plain || size != a.Size) {
			t.Errorf("%q: %q, %d, %v", plain, name, size, err)
		}
	}
	other := *a
	other.ID = "b"
	if _, _, err := k.OpenFileName("city", &other); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("another file's: %v", err)
	}
}

// BenchmarkPadding seals files with and without being filled up, at the lengths that cost most and least in their class, and tells how many
// per cent more bytes a filled one has.
func BenchmarkPadding(b *testing.B) {
	k, plain := NewKey(), pattern(34<<20)
	for _, c := range []struct {
		name string
		size int
	}{{"1 KB", 1 << 10}, {"2 MiB", 2 << 20}, {"8 MiB and a bit, the dearest", 8<<20 + 4096}, {"34 MiB", 34 << 20}} {
		for _, as := range []struct {
			name string
			make func(w io.Writer, key Key, place Binding) (io.WriteCloser, error)
		}{{"as long as it is", NewFrameWriter}, {"filled up", NewPaddedWriter}} {
			b.Run(c.name+", "+as.name, func(b *testing.B) {
				b.SetBytes(int64(c.size))
				var made counter
				for b.Loop() {
					made = 0
					w, err := as.make(&made, k, place())
					if err != nil {
						b.Fatal(err)
					}
					if _, err := w.Write(plain[:c.size]); err != nil {
						b.Fatal(err)
					}
					if err := w.Close(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(100*float64(int64(made)-int64(c.size))/float64(c.size), "%more")
			})
		}
	}
}

// counter counts what is written.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}
