package seal

import (
	"bytes"
	"encoding/binary"
	"sync"
	"testing"
)

func TestEqualWordsMeetUnderOneKeyAndNotUnderAnother(t *testing.T) {
	k := NewKey()
	a, b, other := NewMatchingKey(k), NewMatchingKey(k), NewMatchingKey(NewKey())
	if !bytes.Equal(a.Token("harbour"), b.Token("harbour")) || a.Hash64([]byte("harbour")) != b.Hash64([]byte("harbour")) {
		t.Fatal("one key, two hashes")
	}
	if bytes.Equal(a.Token("harbour"), a.Token("harbours")) || bytes.Equal(a.Token("harbour"), other.Token("harbour")) ||
		a.Hash64([]byte("harbour")) == other.Hash64([]byte("harbour")) {
		t.Fatal("two words, or two keys, one hash")
	}
	if len(a.Token("harbour")) != TokenSize || binary.BigEndian.Uint64(a.Token("harbour")) == a.Hash64([]byte("harbour")) {
		t.Fatal("a token must not tell of a fingerprint")
	}
}

func TestManyGoroutinesHashAlike(t *testing.T) {
	m := NewMatchingKey(NewKey())
	want := m.Hash64([]byte("harbour"))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 500 {
				if m.Hash64([]byte("harbour")) != want {
					t.Error("another hash")
					return
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkHash64(b *testing.B) {
	m, shingle := NewMatchingKey(NewKey()), []byte("shingle of words")
	for b.Loop() {
		m.Hash64(shingle)
	}
}
