package screening

import (
	_ "embed"
	"encoding/binary"
	"sync"

	"github.com/heed-line/heed/internal/screening/concepts"
)

//go:generate go run ./countcommon

// commonWords says how often words stand in texts like reports: for each, sorted, its hash and its rarity in 255ths, five bytes.
// countcommon makes it of the training texts and of those that the tagger learned from.
//
//go:embed common.bin
var commonWords string

const commonSize = 5

// rarityOf is how telling it is that two texts of unlike people share a word: 0 (all write it) to 1 (nobody else does), the
// logarithm of how few texts have it as a share of that of all texts.
func rarityOf(word string) float32 { return rarityOfHash(wordHash(word)) }

func rarityOfHash(hash uint32) float32 {
	begins := commonBegins()
	for i := int(begins[hash>>commonShift]); i < len(commonWords)/commonSize; i++ {
		switch at := commonHash(i); {
		case at == hash:
			return float32(commonWords[commonSize*i+4]) / 255
		case at > hash:
			return 1
		}
	}
	return 1
}

// commonBegins gives where in commonWords the hashes begin that have the same first bits; they are spread evenly.
var commonBegins = sync.OnceValue(func() *[1 << (32 - commonShift)]uint32 {
	var begins [1 << (32 - commonShift)]uint32
	i := 0
	for first := range begins {
		for i < len(commonWords)/commonSize && commonHash(i)>>commonShift < uint32(first) {
			i++
		}
		begins[first] = uint32(i)
	}
	return &begins
})

const commonShift = 18

func commonHash(i int) uint32 {
	return binary.LittleEndian.Uint32([]byte(commonWords[commonSize*i : commonSize*i+4]))
}

// rarityOfTwo is that of two characters in a row, by their hash together and the rarity of each. Most pairs that people write stand in no
// training text; of those, two that are common by themselves are taken for common together.
func rarityOfTwo(two uint32, a, b float32) float32 {
	if known := rarityOfHash(two); known < 1 {
		return known
	}
	return min(1, together*(a+b))
}

// together corrects the product of two characters' frequencies for their standing together more often than by chance.
const together = 0.8

func rarityOfConcept(concept int) float32 { return rarityOfConcepts()[concept] }

var rarityOfConcepts = sync.OnceValue(func() []float32 {
	all := make([]float32, concepts.Shipped().Len())
	for i := range all {
		all[i] = rarityOf("concept " + concepts.Shipped().Name(i))
	}
	return all
})

// Occurring gives, for countcommon, the hashes of what rarity is asked for in a text: stems, characters, pairs of
// characters and concepts, each once.
func (s *Screener) Occurring(in Input) []uint32 {
	a := s.take(in, toScreen)
	r, languages := a.text, spoken(a.text.text, a.out.Language, a.out.Languages)
	var hashes []uint32
	folded := r.text.Folded
	before := token{end: -1} // where it was dense
	for _, t := range appendTokens(nil, r.text) {
		hashes = append(hashes, t.hash)
		if !t.dense {
			hashes = append(hashes, wordHash(stemOf(t.of(folded), int(t.runes))))
			continue
		}
		if before.end == t.start {
			hashes = append(hashes, wordHash(folded[before.start:t.end]))
		}
		before = t
	}
	for _, hit := range concepts.Shipped().Find(r.text, languages) {
		hashes = append(hashes, wordHash("concept "+concepts.Shipped().Name(hit.Concept)))
	}
	return distinct(hashes)
}
