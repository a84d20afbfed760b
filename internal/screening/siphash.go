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
	v0, v1, v2, v3 := k.begin()
	last := uint64(len(b)) << 56
	for ; len(b) >= 8; b = b[8:] {
		v0, v1, v2, v3 = sipTake(v0, v1, v2, v3, binary.LittleEndian.Uint64(b))
	}
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	return sipEnd(sipTake(v0, v1, v2, v3, last))
}

// hash9 is hash of nine bytes: one, and those of a number, the lowest first.
func (k sipKey) hash9(first byte, number uint64) uint64 {
	v0, v1, v2, v3 := k.begin()
	v0, v1, v2, v3 = sipTake(v0, v1, v2, v3, uint64(first)|number<<8)
	return sipEnd(sipTake(v0, v1, v2, v3, 9<<56|number>>56))
}

// The state is four numbers, which stay in registers: a struct would go through memory at each step.

func (k sipKey) begin() (v0, v1, v2, v3 uint64) {
	return k.k0 ^ 0x736f6d6570736575, k.k1 ^ 0x646f72616e646f6d, k.k0 ^ 0x6c7967656e657261, k.k1 ^ 0x7465646279746573
}

func sipTake(v0, v1, v2, v3, m uint64) (uint64, uint64, uint64, uint64) {
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3^m)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	return v0 ^ m, v1, v2, v3
}

func sipEnd(v0, v1, v2, v3 uint64) uint64 {
	v0, v1, v2, v3 = sipRound(v0, v1, v2^0xff, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	return v0 ^ v1 ^ v2 ^ v3
}

func sipRound(v0, v1, v2, v3 uint64) (uint64, uint64, uint64, uint64) {
	v0 += v1
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v0 = bits.RotateLeft64(v0, 32)
	v2 += v3
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 += v3
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v2 += v1
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	return v0, v1, bits.RotateLeft64(v2, 32), v3
}
