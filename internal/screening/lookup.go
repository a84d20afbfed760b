package screening

import (
	"math/rand/v2"
	"slices"
)

// lookup says where in a list each of its hashes stands. Comparing one report with sixteen others asks it once for each of their
// hashes, which costs a third of walking two lists side by side: the processor can foresee most answers. It serves for one list
// after another.
type lookup struct {
	slots []uint64 // the hash and, in the lower half, 1 + its place; 0 is free
	used  []uint32 // the slots that are not
	shift uint8
	may   [256]uint64 // a bit for the first 14 of a hash: most that are asked for aren't there, and this lies at hand
	salt  uint32      // odd, and nobody's to know: no text can be made whose hashes all want one slot
}

// fill sets n different hashes up.
func (l *lookup) fill(n int, hash func(i int) uint32) {
	for _, at := range l.used {
		l.slots[at] = 0
	}
	l.used, l.may = l.used[:0], [256]uint64{}
	for l.slots == nil || 4*n > len(l.slots) {
		l.grow(max(2*len(l.slots), 1024))
	}
	for i := range n {
		h := hash(i)
		l.may[h>>24] |= 1 << (h >> 18 & 63)
		at := l.first(h)
		for l.slots[at] != 0 {
			at = (at + 1) % uint32(len(l.slots))
		}
		l.slots[at] = uint64(h)<<32 | uint64(i+1)
		l.used = append(l.used, at)
	}
}

func (l *lookup) grow(slots int) {
	l.slots, l.salt, l.shift = make([]uint64, slots), rand.Uint32()|1, 32
	for ; slots > 1; slots /= 2 {
		l.shift--
	}
}

func (l *lookup) first(hash uint32) uint32 { return hash * l.salt >> l.shift }

// among adds to out the places of those hashes of another list that are likely in this one, in their order. It branches nowhere: which
// ones two reports share nobody foresees, and to guess it wrong costs more than to look.
func (l *lookup) among(out []int32, hashes []uint32) []int32 {
	n := len(out)
	out = slices.Grow(out, len(hashes))[:n+len(hashes)]
	for i, h := range hashes {
		out[n] = int32(i)
		n += int(l.bit(h))
	}
	return out[:n]
}

// bit is 1 where a hash is likely in the list, 0 where it is not.
func (l *lookup) bit(hash uint32) uint64 { return l.may[hash>>24] >> (hash >> 18 & 63) & 1 }

// place gives where a hash stands; -1 where it doesn't.
func (l *lookup) place(hash uint32) int {
	for at := int(l.first(hash)); ; at++ {
		s := l.slots[at&(len(l.slots)-1)]
		if s == 0 {
			return -1
		}
		if uint32(s>>32) == hash {
			return int(uint32(s)) - 1
		}
	}
}
