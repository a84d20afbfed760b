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
