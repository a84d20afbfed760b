package screening

import (
	"encoding/binary"
	"math/bits"
)

// Hasher is a keyed hash whose values tell nothing of what was hashed to who lacks the key (the seal package's matching
// key is one).
type Hasher interface {
	Hash64([]byte) uint64
}

// sipKey keys SipHash-2-4 (Aumasson & Bernstein, 2012), a fast pseudo-random function for the hundreds of short strings
// that one report is hashed by.
type sipKey struct{ k0, k1 uint64 }

// derive makes a sipKey for one purpose from a line's matching key.
func derive(h Hasher, purpose string) sipKey {
	return sipKey{h.Hash64([]byte("heed screening 1 " + purpose + " a")), h.Hash64([]byte("heed screening 1 " + purpose + " b"))}
}

func (k sipKey) hash(b []byte) uint64 {
	v0, v1 := k.k0^0x736f6d6570736575, k.k1^0x646f72616e646f6d
	v2, v3 := k.k0^0x6c7967656e657261, k.k1^0x7465646279746573
	round := func() {
		v0 += v1
		v1 = bits.RotateLeft64(v1, 13) ^ v0
		v0 = bits.RotateLeft64(v0, 32)
		v2 += v3
		v3 = bits.RotateLeft64(v3, 16) ^ v2
		v0 += v3
		v3 = bits.RotateLeft64(v3, 21) ^ v0
		v2 += v1
		v1 = bits.RotateLeft64(v1, 17) ^ v2
		v2 = bits.RotateLeft64(v2, 32)
	}
	last := uint64(len(b)) << 56
	for ; len(b) >= 8; b = b[8:] {
		m := binary.LittleEndian.Uint64(b)
		v3 ^= m
		round()
		round()
		v0 ^= m
	}
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	v3 ^= last
	round()
	round()
	v0 ^= last
	v2 ^= 0xff
	round()
	round()
	round()
	round()
	return v0 ^ v1 ^ v2 ^ v3
}
