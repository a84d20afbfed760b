package learn

import "math/bits"

// known says which buckets a model has weights for, and in which row: a bit for each, and before each block of 512 how many are set
// (Jacobson, "Space-efficient static trees and graphs", 1989). A model of two hundred thousand features needs no more room than their
// weights and half a megabyte.
type known struct {
	bits   string // bit b%8 of byte b/8 stands for bucket b
	before []uint32
	all    int
}

const (
	knownBytes = buckets / 8
	blockBytes = 64 // of bits, one line of the processor's memory
)

// newKnown counts the bits, which are knownBytes long.
func newKnown(bits string) known {
	k := known{bits: bits, before: make([]uint32, knownBytes/blockBytes)}
	for i := range k.before {
		k.before[i] = uint32(k.all)
		k.all += k.within(i*blockBytes, blockBytes*8)
	}
	return k
}

// row gives the row of a bucket's weights; not ok: the model has none.
func (k *known) row(bucket uint32) (row uint32, ok bool) {
	at := int(bucket/8) % knownBytes
	if k.bits[at]>>(bucket%8)&1 == 0 {
		return 0, false
	}
	block := at / blockBytes
	return k.before[block] + uint32(k.within(block*blockBytes, int(bucket%(blockBytes*8)))), true
}

// within counts the set ones of the first n bits from a byte on.
func (k *known) within(from, n int) int {
	set := 0
	for ; n >= 64; n, from = n-64, from+8 {
		set += bits.OnesCount64(word(k.bits[from:]))
	}
	if n > 0 {
		set += bits.OnesCount64(word(k.bits[from:]) & (1<<n - 1))
	}
	return set
}

// word reads eight bytes, the least first.
func word(s string) uint64 {
	s = s[:8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// buckets lists the known ones in the order of their rows.
func (k *known) buckets() []uint32 {
	out := make([]uint32, 0, k.all)
	for at := 0; at < knownBytes; at += 8 {
		for w := word(k.bits[at:]); w != 0; w &= w - 1 {
			out = append(out, uint32(at*8+bits.TrailingZeros64(w)))
		}
	}
	return out
}

// encodeKnown writes the bits of some buckets.
func encodeKnown(of []uint32) []byte {
	out := make([]byte, knownBytes)
	for _, b := range of {
		out[b/8] |= 1 << (b % 8)
	}
	return out
}
