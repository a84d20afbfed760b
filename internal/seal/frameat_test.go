package seal

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"

	"github.com/heed-line/heed"
)

// blobOf serves sealed bytes as a blob store does, and counts what it is asked.
type blobOf struct {
	sealed []byte
	asked  int
	err    error
}

func (b *blobOf) open(from, length int64) (io.ReadCloser, error) {
	b.asked++
	return io.NopCloser(io.NewSectionReader(bytes.NewReader(b.sealed), from, length)), b.err
}

func TestAFileIsReadFromAnyPlaceInIt(t *testing.T) {
	k := NewKey()
	for _, n := range []int{0, 1, frameSize - 1, frameSize, frameSize + 1, 40*frameSize + 7} {
		plain := pattern(n)
		b := &blobOf{sealed: framed(t, k, place(), plain)}
		s, err := NewFrameSection(int64(n), b.open, k, place())
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if err := iotest.TestReader(s, plain); err != nil {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	plain := pattern(40*frameSize + 7)
	b := &blobOf{sealed: framed(t, k, place(), plain)}
	s, err := NewFrameSection(int64(len(plain)), b.open, k, place())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(s); err != nil || !bytes.Equal(got, plain) || b.asked > 9 {
		t.Errorf("read on and on: %d bytes, %v, fetched %d times", len(got), err, b.asked)
	}
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.IntRange(0, len(plain)-1).Draw(t, "from")
		want := plain[from:min(len(plain), from+rapid.IntRange(0, 3*frameSize).Draw(t, "length"))]
		got := make([]byte, len(want))
		if n, err := s.ReadAt(got, int64(from)); n != len(want) || err != nil || !bytes.Equal(got, want) {
			t.Fatalf("%d bytes from %d on: %d, %v", len(want), from, n, err)
		}
	})
}

func TestAFileThatWasMeddledWithGivesNothingOfTheFrameWhereverItIsRead(t *testing.T) {
	k := NewKey()
	plain := pattern(3*frameSize + 7)
	sealed := framed(t, k, place(), plain)
	frame := func(i int) []byte {
		return sealed[framesHeader+i*sealedFrame : min(len(sealed), framesHeader+(i+1)*sealedFrame)]
	}
	join := func(parts ...[]byte) []byte {
		return bytes.Join(append([][]byte{sealed[:framesHeader]}, parts...), nil)
	}
	size := int64(len(plain))
	for name, c := range map[string]struct {
		sealed []byte
		size   int64
		opens  bool
	}{
		"a changed frame":         {join(frame(0), flipped(frame(1), 40), frame(2), frame(3)), size, true},
		"frames in another order": {join(frame(0), frame(2), frame(1), frame(3)), size, true},
		"one frame twice":         {join(frame(0), frame(0), frame(2), frame(3)), size, true},
		"its end cut off":         {join(frame(0), frame(1), frame(2)), 3 * frameSize, false},
		"a byte cut off":          {sealed[:len(sealed)-1], size, false},
		"a byte more":             {append(bytes.Clone(sealed), 1), size, false},
		"another size":            {sealed, size - 1, false},
		"a larger size":           {sealed, size + frameSize, false},
		"another header":          {flipped(sealed, 3), size, false},
		"no header":               {sealed[:9], size, false},
		"nothing":                 {nil, 0, false},
	} {
		s, err := NewFrameSection(c.size, (&blobOf{sealed: c.sealed}).open, k, place())
		if !c.opens {
			if !errors.Is(err, heed.ErrSealed) {
				t.Errorf("%s opens: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := make([]byte, frameSize)
		if n, err := s.ReadAt(got, frameSize); n != 0 || !errors.Is(err, heed.ErrSealed) {
			t.Errorf("%s: %d bytes of it, %v", name, n, err)
		}
		if n, err := s.ReadAt(got, 0); n != frameSize || err != nil || !bytes.Equal(got, plain[:frameSize]) {
			t.Errorf("%s, before it: %d bytes, %v", name, n, err)
		}
	}
	if _, err := NewFrameSection(size, (&blobOf{sealed: sealed}).open, NewKey(), place()); !errors.Is(err, heed.ErrSealed) {
		t.Errorf("under another key: %v", err)
	}
	failing := &blobOf{sealed: sealed}
	s, err := NewFrameSection(size, failing.open, k, place())
	if err != nil {
		t.Fatal(err)
	}
	failing.err = io.ErrNoProgress
	if _, err := s.ReadAt(make([]byte, 1), 0); !errors.Is(err, io.ErrNoProgress) || errors.Is(err, heed.ErrSealed) {
		t.Errorf("a store that fails: %v", err)
	}
}

func flipped(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 1
	return b
}
