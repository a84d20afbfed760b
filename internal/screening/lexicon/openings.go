package lexicon

import "github.com/heed-line/heed/internal/screening/fold"

// openings say, by some bits, whether a phrase may begin where a word of a text does. Most words begin none, and to know it costs no walk
// through the trie, which lies far apart in memory.
//
// A phrase is known by its first word, whole, or by so much of it as the phrase has where the word may go on; in scripts without blanks,
// where a character is a word, by its first two characters, or its only one.
type openings struct{ whole, begun bitset }

type bitset [1 << (openingBits - 6)]uint64

const openingBits = 15

func (b *bitset) put(hash uint32) {
	b[hash>>(32-openingBits+6)] |= 1 << (hash >> (32 - openingBits) & 63)
}
func (b *bitset) has(hash uint32) bool {
	return b[hash>>(32-openingBits+6)]>>(hash>>(32-openingBits)&63)&1 != 0
}

// FNV-1a, 32 bits (Fowler, Noll, Vo).
const (
	hashStart = 2166136261
	hashPrime = 16777619
)

// dense is of how many characters an opening is in scripts without blanks.
const dense = 2

// add takes a phrase up. open says that its last word may go on.
func (o *openings) add(phrase string, open bool) {
	hash, end, n := uint32(hashStart), 0, 0
	var of fold.Class
	for end < len(phrase) {
		r, size := decode(phrase, end)
		class := fold.ClassOf(r)
		if n == 0 {
			of = class
		}
		if of == fold.OfDense && n == dense || of != fold.OfDense && class != of {
			break
		}
		for i := range size {
			hash = (hash ^ uint32(phrase[end+i])) * hashPrime
		}
		end += size
		n++
	}
	if end == len(phrase) && (open || of == fold.OfDense && n < dense) {
		o.begun.put(hash)
	} else {
		o.whole.put(hash)
	}
}

// may says whether a phrase may begin at i of s.
func (o *openings) may(s string, i int) bool {
	r, size := decode(s, i)
	of, hash := fold.ClassOf(r), uint32(hashStart)
	if of == fold.None {
		return true
	}
	for n := 1; ; n++ {
		for range size {
			hash = (hash ^ uint32(s[i])) * hashPrime
			i++
		}
		if o.begun.has(hash) {
			return true
		}
		if i >= len(s) || of == fold.OfDense && n == dense {
			break
		}
		if r, size = decode(s, i); of != fold.OfDense && fold.ClassOf(r) != of {
			break
		}
	}
	return o.whole.has(hash)
}
