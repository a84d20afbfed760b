package screening

import "math/rand/v2"

// hashSet tells different hashes from repeated ones. It serves for one list after another.
type hashSet struct {
	slots []uint32 // 0 is free
	salt  uint32   // odd, and nobody's to know: no text can be made whose hashes all want one slot
}

// distinct drops repeats in place.
func (s *hashSet) distinct(hashes []uint32) []uint32 {
	size, shift := 1<<6, 32-6
	for ; size < 2*len(hashes); size *= 2 {
		shift--
	}
	if len(s.slots) < size {
		s.slots, s.salt = make([]uint32, size), rand.Uint32()|1
	}
	slots, zero := s.slots[:size], false
	clear(slots)
	out := hashes[:0]
	for _, h := range hashes {
		if h == 0 {
			if !zero {
				zero, out = true, append(out, h)
			}
			continue
		}
		at := int(h * s.salt >> shift)
		for slots[at] != 0 && slots[at] != h {
			at = (at + 1) & (size - 1)
		}
		if slots[at] == 0 {
			slots[at], out = h, append(out, h)
		}
	}
	return out
}

// hashNumbers numbers different hashes. It serves for one list after another.
type hashNumbers struct {
	slots []uint64 // the hash and, in the lower half, 1 + its number; 0 is free
	shift uint8    // of the part of them that serves now
	size  int      // of that part, a power of two
	salt  uint32   // odd, and nobody's to know: no text can be made whose hashes all want one slot
}

// begin forgets the hashes so far and makes room for so many.
func (s *hashNumbers) begin(most int) {
	s.size, s.shift = 1<<6, 32-6
	for ; s.size < 2*most; s.size *= 2 {
		s.shift--
	}
	if len(s.slots) < s.size {
		s.slots, s.salt = make([]uint64, s.size), rand.Uint32()|1
	}
	clear(s.slots[:s.size])
}

// of gives the number that a hash has; one that has none yet is given next.
func (s *hashNumbers) of(hash uint32, next int) int {
	slots := s.slots[:s.size]
	for at := int(hash * s.salt >> s.shift); ; at++ {
		slot := &slots[at&(len(slots)-1)]
		if *slot == 0 {
			*slot = uint64(hash)<<32 | uint64(next+1)
			return next
		}
		if uint32(*slot>>32) == hash {
			return int(uint32(*slot)) - 1
		}
	}
}
