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
	v := k.begin()
	last := uint64(len(b)) << 56
	for ; len(b) >= 8; b = b[8:] {
		v = v.take(binary.LittleEndian.Uint64(b))
	}
	for i, c := range b {
		last |= uint64(c) << (8 * i)
	}
	return v.take(last).end()
}

// hash9 is hash of nine bytes: one, and those of a number, the lowest first.
func (k sipKey) hash9(first byte, number uint64) uint64 {
	return k.begin().take(uint64(first) | number<<8).take(9<<56 | number>>56).end()
}

type sipState struct{ v0, v1, v2, v3 uint64 }

func (k sipKey) begin() sipState {
	return sipState{k.k0 ^ 0x736f6d6570736575, k.k1 ^ 0x646f72616e646f6d, k.k0 ^ 0x6c7967656e657261, k.k1 ^ 0x7465646279746573}
}

func (v sipState) take(m uint64) sipState {
	v.v3 ^= m
	v = v.round().round()
	v.v0 ^= m
	return v
}

func (v sipState) end() uint64 {
	v.v2 ^= 0xff
	v = v.round().round().round().round()
	return v.v0 ^ v.v1 ^ v.v2 ^ v.v3
}

func (v sipState) round() sipState {
	v.v0 += v.v1
	v.v1 = bits.RotateLeft64(v.v1, 13) ^ v.v0
	v.v0 = bits.RotateLeft64(v.v0, 32)
	v.v2 += v.v3
	v.v3 = bits.RotateLeft64(v.v3, 16) ^ v.v2
	v.v0 += v.v3
	v.v3 = bits.RotateLeft64(v.v3, 21) ^ v.v0
	v.v2 += v.v1
	v.v1 = bits.RotateLeft64(v.v1, 17) ^ v.v2
	v.v2 = bits.RotateLeft64(v.v2, 32)
	return v
}
