package language

import (
	"math/bits"
	"math/rand/v2"
)

// known are the words of a group whose sums are remembered: of a word no more than a hash, under a key that nobody has.
type known struct {
	key     uint64 // nobody's to know
	members int
	words   []knownWord // knownWays side by side have one line of memory
	sums    []uint16    // as many a word as the group has members
}

type knownWord struct {
	hash   uint64  // 0 is none
	margin float32 // see verdict
	lane   uint8
	uses   uint8
}

const (
	knownWords = 1 << 13 // of a group, and twice as many where many languages share the words: more would take more memory than a language may
	knownWays  = 4       // places that a word may have
	// keptLetters is the length of the longest word that is kept, boundary marks included.
	keptLetters = 28
	usedMost    = 63
)

func newKnown(members int) *known {
	words := knownWords
	if members >= manyMembers {
		words *= 2
	}
	return &known{key: rand.Uint64(), members: members, words: make([]knownWord, words), sums: make([]uint16, words*members)}
}

// place gives the place of a word and whether it was met before; else it is given that of the word which is used least of those that may
// stand there. All of them are then taken for used less: what is no longer said gives way.
func (k *known) place(word []rune) (place int, met bool) {
	hash := k.hash(word)
	first := int(hash>>8) & (len(k.words) - 1) &^ (knownWays - 1)
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
	for i := range ways {
		ways[i].uses -= min(ways[i].uses, 1)
	}
	ways[least].hash, ways[least].uses = hash, 2
	return first + least, false
}

// hash is a word's, never 0. Each character goes through a product of 128 bits (Wang Yi's wyhash).
func (k *known) hash(word []rune) uint64 {
	h := k.key
	for _, r := range word {
		high, low := bits.Mul64(h^uint64(r), 0x9E3779B97F4A7C15^k.key)
		h = high ^ low
	}
	return h | 1
}
