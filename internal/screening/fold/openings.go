package fold

import "unicode/utf8"

// Openings say, by some bits, whether a phrase may begin where a word of a text does. Most words begin none, and to know it costs no walk
// through the trie, which lies far apart in memory.
//
// A phrase is known by its first word, whole, or by so much of it as the phrase has where the word may go on; in scripts without blanks,
// where a character is a word, by its first two characters, or its only one. Where a blank and another word follow in every phrase of a first
// word, by the first characters of that one too: "a", "the" and "I" begin hundreds of phrases, and stand in every sentence.
type Openings struct {
	begun, whole, alone bitset // alone: of those whole, what is known by the first word only
	followed            wideBitset
}

type bitset [1 << (openingBits - 6)]uint64

const openingBits = 15

func (b *bitset) put(hash uint32) {
	b[hash>>(32-openingBits+6)] |= 1 << (hash >> (32 - openingBits) & 63)
}
func (b *bitset) has(hash uint32) bool {
	return b[hash>>(32-openingBits+6)]>>(hash>>(32-openingBits)&63)&1 != 0
}

// wideBitset is for two words, of which there are more.
type wideBitset [1 << (followedBits - 6)]uint64

const followedBits = 17

func (b *wideBitset) put(hash uint32) {
	b[hash>>(32-followedBits+6)] |= 1 << (hash >> (32 - followedBits) & 63)
}
func (b *wideBitset) has(hash uint32) bool {
	return b[hash>>(32-followedBits+6)]>>(hash>>(32-followedBits)&63)&1 != 0
}

// followerLength is by how many first characters a second word is known.
const followerLength = 3

// followedBy is the hash of a first word and of a second one's first characters.
func followedBy(first, second uint32) uint32 { return (first*hashPrime ^ second) * 0x9E3779B1 }

// FNV-1a, 32 bits (Fowler, Noll, Vo).
const (
	hashStart = 2166136261
	hashPrime = 16777619
)

// dense is of how many characters an opening is in scripts without blanks.
const dense = 2

// Add takes a phrase up. open says that its last word may go on.
func (o *Openings) Add(phrase string, open bool) {
	of := firstClass(phrase)
	hash, end, n := opening(phrase, of, len(phrase))
	if end == len(phrase) && (open || of == OfDense && n < dense) {
		o.begun.put(hash)
		return
	}
	o.whole.put(hash)
	if second, ok := follower(phrase[end:], open); ok && of != OfDense {
		o.followed.put(followedBy(hash, second))
	} else {
		o.alone.put(hash)
	}
}

func firstClass(s string) Class {
	r, _ := decode(s, 0)
	return ClassOf(r)
}

// opening hashes the first characters of s that are of a class, at most so many, and gives how many they are and where they end; of a script
// without blanks the first two, whatever the second is.
func opening(s string, of Class, most int) (hash uint32, end, n int) {
	if of == OfDense {
		most = dense
	}
	for hash = hashStart; end < len(s) && n < most; n++ {
		r, size := decode(s, end)
		if of != OfDense && ClassOf(r) != of {
			break
		}
		for range size {
			hash = (hash ^ uint32(s[end])) * hashPrime
			end++
		}
	}
	return hash, end, n
}

// follower is the opening of the second word of a phrase, given what stands behind the first. There is none where anything but a blank and a
// word follows, or where the word may go on before its opening is full.
func follower(rest string, open bool) (hash uint32, ok bool) {
	if rest == "" || rest[0] != ' ' {
		return 0, false
	}
	rest = rest[1:]
	of := firstClass(rest)
	if of != Letter && of != Digit {
		return 0, false
	}
	hash, end, n := opening(rest, of, followerLength)
	return hash, n == followerLength || end < len(rest) || !open
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
