package language

import (
	"math/bits"
	"math/rand/v2"

	"github.com/heed-line/heed/internal/screening/pages"
)

// known are the words of a group whose sums are remembered: of a word no more than a hash, under a key that nobody has.
type known struct {
	key     uint64 // nobody's to know
	members int
	words   []knownWord // knownWays side by side have two lines of memory
	sums    []uint16    // as many a word as the group has members
}

type knownWord struct {
	hash   uint64 // 0 is none
	margin int32  // see verdict
	lane   uint8
	uses   uint8
}

const (
	knownWords = 1 << 13 // of a group, and half as many more where many languages share the words: more would take more memory than a language may
	knownWays  = 8       // places that a word may have
	// keptLetters is the length of the longest word that is kept, boundary marks included.
	keptLetters = 28
	usedMost    = 63
)

func newKnown(members int) *known {
	words := knownWords
	if members >= manyMembers {
		words += words / 2
	}
	k := &known{key: rand.Uint64(), members: members, words: make([]knownWord, words), sums: make([]uint16, words*members)}
	pages.Join(k.words)
	pages.Join(k.sums)
	return k
}

// place gives the place of a word and whether it was met before. Else it is given that of the word which is used least of those that may
// stand there, once nobody uses that; till then none, and each word that asks takes one use from it: so what is said again and again stays,
// whatever else is said once.
func (k *known) place(word []rune) (place int, met bool) {
	hash := k.hash(word)
	first := int(hash>>32*uint64(len(k.words)/knownWays)>>32) * knownWays
	ways := k.words[first:][:knownWays]
	least := 0
	for i := range ways {
		w := &ways[i]
		if w.hash == hash {
			w.uses = min(w.uses+1, usedMost)
			return first + i, true
		}
		if w.uses < ways[least].uses {
			least = i
		}
	}
	w := &ways[least]
	if w.uses > 0 {
		w.uses--
		return noPlace, false
	}
	w.hash, w.uses = hash, 1
	return first + least, false
}

const noPlace = -1

// hash is a word's, never 0. Each character goes through a product of 128 bits (Wang Yi's wyhash).
func (k *known) hash(word []rune) uint64 {
	h := k.key
	for _, r := range word {
		high, low := bits.Mul64(h^uint64(r), 0x9E3779B97F4A7C15^k.key)
		h = high ^ low
	}
	return h | 1
}
