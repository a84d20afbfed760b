package details

// rareWords are words of which something is known and which few words of a text are: for the others a bit says so, quicker than a map.
type rareWords[V any] struct {
	may   *[1 << (rareBits - 6)]uint64 // by hash
	words map[string]V
}

const rareBits = 12

func newRareWords[V any](words map[string]V) rareWords[V] {
	r := rareWords[V]{new([1 << (rareBits - 6)]uint64), words}
	for w := range words {
		h := rareHash(w)
		r.may[h/64] |= 1 << (h % 64)
	}
	return r
}

// of is what is known of a word, which is not empty; nothing where it is none of them.
func (r rareWords[V]) of(word string) V {
	if h := rareHash(word); r.may[h/64]>>(h%64)&1 == 0 {
		var nothing V
		return nothing
	}
	return r.words[word]
}

// rareHash is of a word's length and of bytes at its ends.
func rareHash(w string) uint32 {
	n := len(w)
	h := uint32(w[n-1]) | uint32(w[n/2])<<8 | uint32(w[0])<<16 | uint32(n)<<24
	return h * 0x9E3779B1 >> (32 - rareBits)
}
