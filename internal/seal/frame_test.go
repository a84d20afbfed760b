package seal

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/survive"
	"pgregory.net/rapid"
)

func framed(t testing.TB, k Key, b Binding, plain []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := NewFrameWriter(&out, k, b)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unframed gives what could be read before the error, io.EOF aside.
func unframed(k Key, b Binding, sealed []byte) ([]byte, error) {
	r, err := NewFrameReader(bytes.NewReader(sealed), k, b)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func pattern(n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(fixed(9), b); err != nil {
		panic(err)
	}
	return b
}

func TestAFileOfAnyLengthComesBackAsItWas(t *testing.T) {
	k := NewKey()
	for _, n := range []int{0, 1, 100, frameSize - 1, frameSize, frameSize + 1, 3 * frameSize, 3*frameSize + 7} {
		plain := pattern(n)
		sealed := framed(t, k, place(), plain)
		frames := max(1, (n+frameSize-1)/frameSize)
		if len(sealed) != framesHeader+n+frames*frameOverhead {
			t.Errorf("%d bytes became %d", n, len(sealed))
		}
		if got, err := unframed(k, place(), sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%d: %v", n, err)
		}
		for _, slow := range []io.Reader{iotest.OneByteReader(bytes.NewReader(sealed)), iotest.DataErrReader(bytes.NewReader(sealed))} {
			r, err := NewFrameReader(slow, k, place())
			if err != nil {
				t.Fatal(err)
			}
			if err := iotest.TestReader(r, plain); err != nil {
				t.Fatalf("%d: %v", n, err)
			}
		}
	}
}

func TestAFileWrittenInPiecesIsTheSameFile(t *testing.T) {
	k := NewKey()
	rapid.Check(t, func(t *rapid.T) {
		plain := pattern(rapid.IntRange(0, 3*frameSize).Draw(t, "size"))
		var out bytes.Buffer
		w, err := newFrameWriter(fixed(3), &out, formatFrames, k, place())
		if err != nil {
			t.Fatal(err)
		}
		for rest := plain; len(rest) > 0; {
			n := min(rapid.IntRange(0, frameSize*3/2).Draw(t, "piece"), len(rest))
			if m, err := w.Write(rest[:n]); m != n || err != nil {
				t.Fatal(m, err)
			}
			rest = rest[n:]
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := unframed(k, place(), out.Bytes()); err != nil || !bytes.Equal(got, plain) {
			t.Fatal(err)
		}
	})
}

func TestAChangedOrCutFileIsDetected(t *testing.T) {
	k := NewKey()
	for _, n := range []int{0, 1, 3000} {
		refuses(t, framed(t, k, place(), pattern(n)), func(b []byte) error {
			_, err := unframed(k, place(), b)
			return err
		})
	}
}

func TestFramesCannotBeCutOffMovedRepeatedOrMixed(t *testing.T) {
	k := NewKey()
	plain := pattern(3*frameSize + 50)
	a, b := framed(t, k, place(), plain), framed(t, k, place(), plain) // the same file under the same key, twice
	head := func(s []byte) []byte { return s[:framesHeader] }
	frame := func(s []byte, i int) []byte {
		s = s[framesHeader+i*sealedFrame:]
		return s[:min(sealedFrame, len(s))]
	}
	join := func(parts ...[]byte) []byte { return slices.Concat(parts...) }
	for what, sealed := range map[string][]byte{
		"last frame missing":           join(head(a), frame(a, 0), frame(a, 1), frame(a, 2)),
		"first frame missing":          join(head(a), frame(a, 1), frame(a, 2), frame(a, 3)),
		"a middle frame missing":       join(head(a), frame(a, 0), frame(a, 2), frame(a, 3)),
		"two frames exchanged":         join(head(a), frame(a, 1), frame(a, 0), frame(a, 2), frame(a, 3)),
		"a frame twice":                join(head(a), frame(a, 0), frame(a, 0), frame(a, 1), frame(a, 2), frame(a, 3)),
		"another file's frame":         join(head(a), frame(a, 0), frame(b, 1), frame(a, 2), frame(a, 3)),
		"another file's last frame":    join(head(a), frame(a, 0), frame(a, 1), frame(a, 2), frame(b, 3)),
		"another file's header":        join(head(b), a[framesHeader:]),
		"something after the end":      join(a, frame(a, 3)),
		"the last frame before others": join(head(a), frame(a, 3), frame(a, 0)),
		"the header alone":             head(a),
		"another format":               join([]byte{formatSealed}, a[1:]),
	} {
		got, err := unframed(k, place(), sealed)
		if !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %v", what, err)
		}
		if !bytes.HasPrefix(plain, got) {
			t.Errorf("%s: bytes came out that were never in the file there", what)
		}
	}
	for _, other := range otherPlaces(place()) {
		if got, err := unframed(k, other, a); !errors.Is(err, heed.ErrSealed) || len(got) > 0 {
			t.Errorf("in %+v: %v", other, err)
		}
	}
	if got, err := unframed(NewKey(), place(), a); !errors.Is(err, heed.ErrSealed) || len(got) > 0 {
		t.Errorf("under another key: %v", err)
	}
}

// An empty last frame after full ones would give one text two sealed forms.
func TestAnEmptyFrameEndsOnlyAnEmptyFile(t *testing.T) {
	k := NewKey()
	var out bytes.Buffer
	w, err := newFrameWriter(fixed(4), &out, formatFrames, k, place())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(pattern(frameSize)); err != nil {
		t.Fatal(err)
	}
	w.flush(false)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := unframed(k, place(), out.Bytes()); !errors.Is(err, heed.ErrSealed) {
		t.Fatalf("got %v", err)
	}
}

func TestADiskThatFailsIsNotTakenForATamperedFile(t *testing.T) {
	k, broken := NewKey(), errors.New("disk failed")
	sealed := framed(t, k, place(), pattern(2*frameSize))
	for _, n := range []int{3, framesHeader + 5, framesHeader + sealedFrame + 5} {
		r, err := NewFrameReader(io.MultiReader(bytes.NewReader(sealed[:n]), iotest.ErrReader(broken)), k, place())
		if err == nil {
			_, err = io.ReadAll(r)
		}
		if !errors.Is(err, broken) || errors.Is(err, heed.ErrSealed) {
			t.Errorf("after %d bytes: %v", n, err)
		}
	}
}

// failing takes n bytes and fails then.
type failing struct {
	n   int
	err error
}

func (f *failing) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, f.err
	}
	return len(p), nil
}

func TestAWriteThatFailsIsReportedAtTheLatestByClose(t *testing.T) {
	full := errors.New("disk full")
	for _, room := range []int{0, framesHeader, framesHeader + sealedFrame} {
		w, err := NewFrameWriter(&failing{room, full}, NewKey(), place())
		if err == nil {
			_, err = w.Write(pattern(2*frameSize + 1))
			if closed := w.Close(); err == nil {
				err = closed
			} else if !errors.Is(closed, full) {
				t.Errorf("Close after a failed write: %v", closed)
			}
		}
		if !errors.Is(err, full) {
			t.Errorf("room for %d: %v", room, err)
		}
	}
	w, err := NewFrameWriter(io.Discard, NewKey(), place())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte("more")); !errors.Is(err, errClosed) {
		t.Fatalf("a write after Close: %v", err)
	}
}

// breaking breaks the program at the write after so many.
type breaking int

func (b *breaking) Write(p []byte) (int, error) {
	if *b--; *b < 0 {
		panic("broke")
	}
	return len(p), nil
}

func TestAWriterThatBreaksTheProgramEndsOneFileAndNotTheProcess(t *testing.T) {
	after := breaking(2)
	w, err := NewFrameWriter(&after, NewKey(), place())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.(io.ReaderFrom).ReadFrom(bytes.NewReader(pattern(5 * frameSize))); !errors.Is(err, survive.ErrBroke) {
		t.Errorf("read through: %v", err)
	}
	if err := w.Close(); !errors.Is(err, survive.ErrBroke) {
		t.Errorf("closed: %v", err)
	}
}

// broken ends a reader with another error than the end.
func broken(r io.Reader, err error) io.Reader { return io.MultiReader(r, iotest.ErrReader(err)) }

func TestAFileThatIsReadThroughIsTheSameAsOneThatIsWritten(t *testing.T) {
	k := NewKey()
	seal := func(fill func(w *frameWriter)) []byte {
		var out bytes.Buffer
		w, err := newFrameWriter(fixed(3), &out, formatFrames, k, place())
		if err != nil {
			t.Fatal(err)
		}
		fill(w)
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	gone := errors.New("sender gone")
	for _, n := range []int{0, 1, frameSize - 1, frameSize, frameSize + 1, 2 * frameSize, 2*frameSize + 1, 5*frameSize + 7} {
		plain := pattern(n)
		want := seal(func(w *frameWriter) {
			if m, err := w.Write(plain); m != n || err != nil {
				t.Fatal(m, err)
			}
		})
		for how, read := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "by halves": iotest.HalfReader, "end with data": iotest.DataErrReader,
			"odd": func(r io.Reader) io.Reader {
				return io.MultiReader(io.LimitReader(r, 1), io.LimitReader(r, frameSize+9), r)
			},
		} {
			got := seal(func(w *frameWriter) {
				if m, err := w.ReadFrom(read(bytes.NewReader(plain))); m != int64(n) || err != nil {
					t.Fatal(m, err)
				}
			})
			if !bytes.Equal(got, want) {
				t.Errorf("%d bytes read %s are sealed otherwise than written", n, how)
			}
		}
		got := seal(func(w *frameWriter) { // broken off, and gone on with
			if m, err := w.ReadFrom(broken(bytes.NewReader(plain[:n/2]), gone)); m != int64(n/2) || !errors.Is(err, gone) {
				t.Fatal(m, err)
			}
			if _, err := w.Write(plain[n/2:]); err != nil {
				t.Fatal(err)
			}
		})
		if !bytes.Equal(got, want) {
			t.Errorf("%d bytes broken off and gone on with are sealed otherwise than written", n)
		}
	}
}

func TestAWriteThatFailsEndsTheReadingAndIsReported(t *testing.T) {
	full := errors.New("disk full")
	for _, room := range []int{framesHeader, framesHeader + sealedFrame, framesHeader + 2*sealedFrame} {
		for _, n := range []int{frameSize + 1, 3*frameSize + 1, 9 * frameSize} {
			w, err := NewFrameWriter(&failing{room, full}, NewKey(), place())
			if err != nil {
				t.Fatal(err)
			}
			_, err = io.Copy(w, broken(bytes.NewReader(pattern(n)), io.EOF))
			if closed := w.Close(); err != nil && !errors.Is(closed, err) && !errors.Is(closed, full) {
				t.Errorf("room for %d: Close after a failed write: %v", room, closed)
			} else if err == nil {
				err = closed
			}
			if fits := (n+frameSize-1)/frameSize*sealedFrame <= room-framesHeader; fits && err != nil || !fits && !errors.Is(err, full) {
				t.Errorf("%d bytes with room for %d: %v", n, room, err)
			}
		}
	}
}

// writes notes where each write ends.
type writes []int

func (w *writes) Write(p []byte) (int, error) {
	end := len(p)
	if n := len(*w); n > 0 {
		end += (*w)[n-1]
	}
	*w = append(*w, end)
	return len(p), nil
}

func TestWhatIsSealedIsWrittenInWholePages(t *testing.T) {
	const frames = 200 // what is held back of each comes to more than a page
	plain := pattern(frames * frameSize)
	for how, fill := range map[string]func(w io.Writer) error{
		"written":      func(w io.Writer) error { _, err := w.Write(plain); return err },
		"read through": func(w io.Writer) error { _, err := w.(io.ReaderFrom).ReadFrom(bytes.NewReader(plain)); return err },
	} {
		var ends writes
		w, err := NewFrameWriter(&ends, NewKey(), place())
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(fill(w), w.Close()); err != nil {
			t.Fatal(err)
		}
		last := len(ends) - 1
		if ends[last] != framesHeader+frames*sealedFrame || last > frames || last < frames/framesWaiting {
			t.Errorf("%s: %d writes up to %d", how, last+1, ends[last])
		}
		for i, end := range ends[1:last] {
			if end%page != 0 {
				t.Fatalf("%s: write %d ends at %d", how, i+1, end)
			}
		}
	}
}

func TestSealingALargeFileTakesConstantMemory(t *testing.T) {
	k, chunk := NewKey(), pattern(frameSize)
	run := func(frames int) float64 {
		return testing.AllocsPerRun(2, func() {
			pr, pw := io.Pipe()
			go func() {
				w, err := NewFrameWriter(pw, k, place())
				for range frames {
					if err == nil {
						_, err = w.Write(chunk)
					}
				}
				if err == nil {
					err = w.Close()
				}
				pw.CloseWithError(err)
			}()
			r, err := NewFrameReader(pr, k, place())
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, make([]byte, 4096)); err != nil {
				t.Error(err)
			}
		})
	}
	// The nine bytes of associated data a frame and direction may be allocated; no buffer may.
	if few, many := run(10), run(210); many-few > 2*200+50 {
		t.Errorf("%v allocations for 10 frames, %v for 210", few, many)
	}
}

func BenchmarkFrames(b *testing.B) {
	k, plain := NewKey(), pattern(8<<20)
	sealed := framed(b, k, place(), plain)
	b.Run("seal", func(b *testing.B) {
		b.SetBytes(int64(len(plain)))
		for b.Loop() {
			w, err := NewFrameWriter(io.Discard, k, place())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := w.Write(plain); err != nil {
				b.Fatal(err)
			}
			if err := w.Close(); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("open", func(b *testing.B) {
		b.SetBytes(int64(len(plain)))
		for b.Loop() {
			r, err := NewFrameReader(bytes.NewReader(sealed), k, place())
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, r); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("raw AES-256-GCM", func(b *testing.B) {
		block, err := aes.NewCipher(k[:])
		if err != nil {
			b.Fatal(err)
		}
		gcm, err := cipher.NewGCM(block)
		if err != nil {
			b.Fatal(err)
		}
		out, nonce := make([]byte, 0, frameSize+tagSize), make([]byte, nonceSize)
		b.SetBytes(int64(len(plain)))
		for b.Loop() {
			for rest := plain; len(rest) > 0; rest = rest[frameSize:] {
				gcm.Seal(out, nonce, rest[:frameSize], nil)
			}
		}
	})
}
