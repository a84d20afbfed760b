package lexicon

import (
	"cmp"
	"slices"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/pages"
)

// table holds the beginnings of all phrases up to the end of each of their words, by their hashes: of what a word begins with by those of
// fold.Starts, of more by fold.Join. A phrase is found word by word, not character by character. Two that are equal by 64 bits are taken for the
// same: of 10,000 phrases two are so by chance once in three hundred thousand million lists.
type table struct {
	slots []slot // a power of two of them, at least half empty; what meets another one's place lies in the next free one (Knuth 3, 6.4, algorithm L)
	shift uint8  // so far right the upper bits of a hash give its place
}

// slot is one such beginning.
type slot struct {
	hash  uint64 // 0 in a free one
	next  uint64 // what may follow: bit by bit of hashes of one more word
	ends  uint32 // the first of Lexicon.parts that end here
	parts uint16 // so many
	stems uint16 // of how many characters the words are that may follow and go on: from the lowest bit 1, at the highest 16 or more
}

// find gives the slot of a hash, nil where there is none.
func (t *table) find(hash uint64) *slot {
	last := uint64(len(t.slots) - 1)
	for at := hash >> t.shift; ; at = (at + 1) & last {
		switch s := &t.slots[at&last]; s.hash {
		case hash:
			return s
		case 0:
			return nil
		}
	}
}

// leadsTo says whether a slot may have a next one of that hash.
func (s *slot) leadsTo(hash uint64) bool { return s.next>>(hash>>58)&1 != 0 }

// mayEndIn says whether a phrase may go on from a slot with the first so many characters of a word that goes on.
func (s *slot) mayEndIn(characters int) bool { return s.stems>>(min(characters, longStem)-1)&1 != 0 }

const longStem = 16

// place gives the slot of a hash, a new one where there is none.
func (t *table) place(hash uint64) *slot {
	last := uint64(len(t.slots) - 1)
	at := hash >> t.shift & last
	for t.slots[at].hash != 0 && t.slots[at].hash != hash {
		at = (at + 1) & last
	}
	t.slots[at].hash = hash
	return &t.slots[at]
}

// resize makes room for so many hashes in an empty table.
func (t *table) resize(hashes int) {
	size := 2
	for t.shift = 63; size < 2*hashes; size *= 2 {
		t.shift--
	}
	t.slots = make([]slot, size)
}

// plant puts the phrases into the table, and the parts into the order of their phrases.
func (l *Lexicon) plant() {
	sorted := make([]int, len(l.phrases))
	for i := range sorted {
		sorted[i] = i
	}
	slices.SortStableFunc(sorted, func(a, b int) int { return cmp.Compare(l.phrases[a], l.phrases[b]) })
	beginnings := map[uint64]bool{}
	for _, phrase := range l.phrases {
		for hash := range wordByWord(phrase) {
			beginnings[hash] = true
		}
	}
	l.table.resize(len(beginnings))
	parts, leads := make([]part, 0, len(l.parts)), make([]int32, l.gapped)
	for len(sorted) > 0 {
		phrase, from, stem := l.phrases[sorted[0]], len(parts), false
		for len(sorted) > 0 && l.phrases[sorted[0]] == phrase {
			p := l.parts[sorted[0]]
			parts = l.gather(parts, from, p, leads)
			sorted, stem = sorted[1:], stem || p.prefix
		}
		l.put(phrase, from, len(parts), stem)
	}
	for i := range parts {
		if p := &parts[i]; p.index > 0 {
			p.lead = leads[p.gapped]
		}
	}
	l.parts, l.phrases = slices.Clip(parts), nil
	pages.Join(l.parts)
	pages.Join(l.table.slots)
}

// put adds a phrase whose parts those from one to before another are; stem says that its last word may go on.
func (l *Lexicon) put(phrase string, from, to int, stem bool) {
	var before, at *slot
	characters := 0
	for hash, length := range wordByWord(phrase) {
		if before, at, characters = at, l.table.place(hash), length; before != nil {
			before.next |= 1 << (hash >> 58)
		}
	}
	at.ends, at.parts = uint32(from), uint16(to-from)
	if stem && before != nil {
		before.stems |= 1 << (min(characters, longStem) - 1)
	}
}

// wordByWord gives the hashes of a phrase's beginnings, up to the end of each of its words, and of how many characters the words are.
func wordByWord(phrase string) func(func(uint64, int) bool) {
	return func(yield func(uint64, int) bool) {
		starts := fold.StartsOf(phrase)
		hash := uint64(0)
		for k := range len(starts.List) - 1 {
			word, length := starts.Whole(k), 1
			if of := starts.List[k].Of; of == fold.Letter || of == fold.Digit {
				length = len(starts.Hashes(k))
			}
			if k > 0 {
				word = starts.Join(hash, k, word)
			}
			hash = word
			if !yield(hash, length) {
				return
			}
		}
	}
}

// gather adds a part to those of a phrase, which begin at from. What begins several entries is one part for all of them, and leads tells each
// entry which.
func (l *Lexicon) gather(parts []part, from int, p part, leads []int32) []part {
	if p.of == 1 || p.index > 0 {
		return append(parts, p)
	}
	for _, have := range parts[from:] {
		if have.of > 1 && have.index == 0 && have.prefix == p.prefix {
			leads[p.gapped] = have.lead
			return parts
		}
	}
	p.lead = l.leads
	leads[p.gapped] = p.lead
	l.leads++
	return append(parts, p)
}
