package learn

import "math/bits"

// known says which buckets a model has weights for, and in which row: a bit for each and, beside each 32 of them, how many are set before
// (Jacobson, "Space-efficient static trees and graphs", 1989). So one look into memory answers both. So a model needs
// no more room than its features' weights and a megabyte.
type known struct {
	blocks *[buckets / blockBuckets]uint64 // the bits of 32 buckets and, in the upper half, how many are set in the blocks before
	all    int
}

const (
	knownBytes   = buckets / 8
	blockBuckets = 32
)

// newKnown reads the bits, which are knownBytes long: bit b%8 of byte b/8 stands for bucket b.
func newKnown(file string) known {
	k := known{blocks: new([buckets / blockBuckets]uint64)}
	for i := range k.blocks {
		four := file[4*i:][:4]
		set := uint32(four[0]) | uint32(four[1])<<8 | uint32(four[2])<<16 | uint32(four[3])<<24
		k.blocks[i] = uint64(k.all)<<32 | uint64(set)
		k.all += bits.OnesCount32(set)
	}
	return k
}

// unknown is in place of the row of a bucket that a model has no weights for.
const unknown = -1

// row gives the row of a bucket's weights, or unknown. It branches nowhere: whether a bucket is known nobody foresees.
func (k *known) row(bucket uint32) int32 {
	block, bit := k.blocks[bucket/blockBuckets%uint32(len(k.blocks))], bucket%blockBuckets
	before := int32(block>>32) + int32(bits.OnesCount32(uint32(block)&(1<<bit-1)))
	return before | (int32(block>>bit&1) - 1)
}

// buckets lists the known ones in the order of their rows.
func (k *known) buckets() []uint32 {
	out := make([]uint32, 0, k.all)
	for i, block := range k.blocks {
		for set := uint32(block); set != 0; set &= set - 1 {
			out = append(out, uint32(i*blockBuckets+bits.TrailingZeros32(set)))
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
