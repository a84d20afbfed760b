package fold

import "unicode/utf8"

// Openings say, by some bits, whether a phrase may begin where a word of a text does. Most words begin none, and to know it costs no walk
// through the trie, which lies far apart in memory.
//
// A phrase is known by its first word, whole, or by so much of it as the phrase has where the word may go on; in scripts without blanks,
// where a character is a word, by its first two characters, or its only one.
type Openings struct{ whole, begun bitset }

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

// Add takes a phrase up. open says that its last word may go on.
func (o *Openings) Add(phrase string, open bool) {
	hash, end, n := uint32(hashStart), 0, 0
	var of Class
	for end < len(phrase) {
		r, size := decode(phrase, end)
		class := ClassOf(r)
		if n == 0 {
			of = class
		}
		if of == OfDense && n == dense || of != OfDense && class != of {
			break
		}
		for i := range size {
			hash = (hash ^ uint32(phrase[end+i])) * hashPrime
		}
		end += size
		n++
	}
	if end == len(phrase) && (open || of == OfDense && n < dense) {
		o.begun.put(hash)
	} else {
		o.whole.put(hash)
	}
}

// MayAt is May at whatever place of a text.
func (o *Openings) MayAt(s string, i int) bool {
	r, size := decode(s, i)
	of, hash := ClassOf(r), uint32(hashStart)
	if of == None {
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
		if i >= len(s) || of == OfDense && n == dense {
			break
		}
		if r, size = decode(s, i); of != OfDense && ClassOf(r) != of {
			break
		}
	}
	return o.whole.has(hash)
}

// decode is utf8.DecodeRuneInString, quick at ASCII.
func decode(s string, i int) (rune, int) {
	if i < len(s) && s[i] < utf8.RuneSelf {
		return rune(s[i]), 1
	}
	return utf8.DecodeRuneInString(s[i:])
}
