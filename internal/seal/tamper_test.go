package seal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	heed "github.com/heed-line/heed"
	"golang.org/x/crypto/chacha20"
)

// fixed is randomness that is the same every time: a key stream of ChaCha20 under a key that holds the seed.
func fixed(seed byte) io.Reader {
	s, err := chacha20.NewUnauthenticatedCipher(bytes.Repeat([]byte{seed}, chacha20.KeySize), make([]byte, chacha20.NonceSize))
	if err != nil {
		panic(err)
	}
	return keyStream{s}
}

type keyStream struct{ s *chacha20.Cipher }

func (k keyStream) Read(p []byte) (int, error) {
	clear(p)
	k.s.XORKeyStream(p, p)
	return len(p), nil
}

// cheap is Argon2id's cost where a test needs many derivations.
var cheap = argonCost{memory: 64, time: 1, threads: 1}

// refuses fails unless open answers ErrSealed for sealed with any one bit flipped, any end cut off and anything added.
// Of a long one it tries every byte near either end and every 37th between.
func refuses(t *testing.T, sealed []byte, open func([]byte) error) {
	t.Helper()
	if err := open(sealed); err != nil {
		t.Fatalf("the untouched one: %v", err)
	}
	want := func(what string, b []byte) {
		t.Helper()
		if err := open(b); !errors.Is(err, heed.ErrSealed) {
			t.Fatalf("%s: %v", what, err)
		}
	}
	for i := range sealed {
		if i > 64 && i < len(sealed)-64 && i%37 != 0 {
			continue
		}
		changed := bytes.Clone(sealed)
		changed[i] ^= 1 << (i % 8)
		want(fmt.Sprintf("bit of byte %d flipped", i), changed)
		want(fmt.Sprintf("cut to %d bytes", i), sealed[:i])
	}
	want("a byte more", append(bytes.Clone(sealed), 0))
	want("twice", append(bytes.Clone(sealed), sealed...))
	want("nothing", nil)
}

// otherPlaces are b with each part changed, or moved into its neighbour.
func otherPlaces(b Binding) []Binding {
	return []Binding{
		{b.Line + "x", b.Report, b.Field, b.Version}, {b.Line, b.Report + "x", b.Field, b.Version},
		{b.Line, b.Report, b.Field + "x", b.Version}, {b.Line, b.Report, b.Field, b.Version + 1},
		{b.Line + b.Report, "", b.Field, b.Version}, {b.Line, b.Report + b.Field, "", b.Version},
		{"", b.Line + b.Report, b.Field, b.Version}, {b.Report, b.Line, b.Field, b.Version}, {},
	}
}

func place() Binding { return Binding{Line: "line", Report: "report", Field: "content", Version: 1} }
