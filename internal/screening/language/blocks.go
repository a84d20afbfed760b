package language

import (
	"encoding/binary"
	"math/bits"

	"github.com/heed-line/heed/internal/screening/pages"
)

// The entries of buckets that stand side by side, blockLength of them, lie in a row, and of each bucket the last is marked. Seven in ten
// buckets are empty, which one bit says without a look at anything else.

// block says of blockLength buckets where their entries are. It is read in one look into memory.
type block struct {
	full   uint32 // a bit for each bucket that has entries
	begins uint32 // where in entries those of the first full bucket are
}

const (
	blockLength = 32
	entrySize   = 2    // bytes: the language, with the mark, and the weight
	last        = 0x80 // marks a bucket's last entry
	lasts       = 0x0080008000800080
	sealLength  = 8
)

// find gives where the entries of a bucket begin.
func (m *Model) find(bucket uint32) (at uint32, ok bool) {
	of, bit := m.blocks[bucket/blockLength], uint32(1)<<(bucket%blockLength)
	if of.full&bit == 0 {
		return 0, false
	}
	return m.skip(of.begins, bits.OnesCount32(of.full&(bit-1))), true
}

// skip gives where the entries behind those of so many full buckets begin. It counts marks in four entries at once.
func (m *Model) skip(at uint32, buckets int) uint32 {
	for buckets > 0 {
		marks := binary.LittleEndian.Uint64(m.entries[at:]) & lasts
		if n := bits.OnesCount64(marks); n < buckets {
			buckets -= n
			at += 8
			continue
		}
		for ; buckets > 1; buckets-- {
			marks &= marks - 1
		}
		return at + uint32(bits.TrailingZeros64(marks))/16*entrySize + entrySize
	}
	return at
}

// add appends the next bucket's entries: pairs of a language and a weight.
func (m *Model) add(in []byte) {
	at := m.added % blockLength
	if at == 0 {
		m.blocks = append(m.blocks, block{begins: uint32(len(m.entries))})
	}
	m.added++
	if len(in) == 0 {
		return
	}
	m.blocks[len(m.blocks)-1].full |= 1 << at
	m.entries = append(m.entries, in...)
	m.entries[len(m.entries)-entrySize] |= last
}

// seal ends the making of a model: skip reads eight bytes wherever an entry begins.
func (m *Model) seal() {
	m.entries = append(m.entries, make([]byte, sealLength)...)
	pages.Join(m.blocks)
	pages.Join(m.entries)
}

// bucket gives the entries of one bucket, the mark on the last, as they stand in memory.
func (m *Model) bucket(bucket uint32) []byte {
	from, ok := m.find(bucket)
	if !ok {
		return nil
	}
	to := from
	for m.entries[to] < last {
		to += entrySize
	}
	return m.entries[from : to+entrySize]
}
