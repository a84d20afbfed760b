package screening

import (
	"math"
	"math/bits"
	"slices"
	"sync"
)

// MarkCommon is in how many reports a mark stands when it stops telling anything apart: it is kept for no more.
const MarkCommon = 64

// The sorts of marks: how many of each a report looks for others by, and how many of them, the rarest, it is found by.
// docs/screening.md says how the numbers were chosen.
var sorts = [...]struct{ asked, kept int }{sortWhole: {1, 1}, {pairsAsked, 10}, {signsAsked, 6}, {soundsAsked, 2}, {21, 2}}

// The sorts by their places in Marks.
const (
	sortWhole    = iota // all words in their order: a copy that changes none of them is found whatever else is common
	sortPairs           // words near each other
	sortSigns           // signs of a happening
	sortSounds          // their sounds
	sortConcepts        // two concepts that a text names both: a ferry and a life jacket, in whichever language
)

// Marks are what a report is found by, and what others are looked for by: keyed hashes that tell nothing of the text to
// who lacks the key. There is a list for each of the sorts.
type Marks [len(sorts)][]int64

// MarksOf gives the marks of a text. A text without words has none.
func MarksOf(key Hasher, f Features) Marks { return marksOf(derive(key, "marks"), f) }

func marksOf(key sipKey, f Features) (m Marks) {
	if len(f.words) == 0 {
		return m
	}
	r := markRooms.Get().(*markRoom)
	defer markRooms.Put(r)
	m[sortWhole] = []int64{mark(key, 'w', uint64(f.whole))}
	m[sortPairs] = r.pairs(key, f.pairs)
	m[sortSigns] = r.signs(key, f, signsAsked, 1<<signWord|1<<signNumber|1<<signDetail|1<<signName)
	m[sortSounds] = r.signs(key, f, soundsAsked, 1<<signSound)
	m[sortConcepts] = r.concepts(key, f)
	return m
}

// markRoom is memory to sort in. It serves for one text after another.
type markRoom struct{ numbers []uint64 }

var markRooms = sync.Pool{New: func() any { return &markRoom{} }}

// both gives room for so many numbers, and as much to sort them with.
func (r *markRoom) both(n int) []uint64 {
	if len(r.numbers) < 2*n {
		r.numbers = make([]uint64, 2*n)
	}
	return r.numbers
}

func mark(key sipKey, sort byte, hash uint64) int64 { return int64(key.hash9(sort, hash)) }

// pairs gives the lowest of the marks of pairs of words: of the pairs that two texts share, both choose the same.
func (r *markRoom) pairs(key sipKey, pairs []uint32) []int64 {
	bound, shift := uint64(math.MaxUint64), 64-8
	if len(pairs) >= 2*pairsAsked { // they are spread evenly, so that nearly always enough are below that
		bound = math.MaxUint64 / uint64(len(pairs)) * (pairsAsked + pairsAsked/2)
		shift = bits.Len64(bound) - 8
	}
	room := r.both(len(pairs))
	low := lowMarks(room, key, pairs, bound)
	if len(low) < min(pairsAsked, len(pairs)) {
		low, shift = lowMarks(room, key, pairs, math.MaxUint64), 64-8
	}
	sortSpread(low, room[len(low):2*len(low)], shift)
	out := make([]int64, min(len(low), pairsAsked))
	for i := range out {
		out[i] = int64(low[i] ^ signBit)
	}
	return out
}

// lowMarks gives the marks of pairs up to a bound, as numbers in their order.
func lowMarks(room []uint64, key sipKey, pairs []uint32, bound uint64) []uint64 {
	n := 0
	for _, p := range pairs { // no branch: which are low nobody foresees
		m := uint64(mark(key, 'p', uint64(p))) ^ signBit
		room[n] = m
		if m <= bound {
			n++
		}
	}
	return room[:n]
}

// signBit is what a mark differs by from a number that is in its order.
const signBit = 1 << 63

// How many pairs, signs and sounds a report looks for others by.
const (
	pairsAsked  = 64
	signsAsked  = 28
	soundsAsked = 16
)

// askedRarity is that from which a sign is worth a look into the index.
const askedRarity = 0.6

// signs gives the marks of those signs of a happening that are of some kinds, a bit for each; the most telling first.
func (r *markRoom) signs(key sipKey, f Features, most int, kinds uint) []int64 {
	telling := r.most(f, most, kinds, askedRarity)
	out := make([]int64, len(telling))
	for i, of := range telling {
		out[i] = mark(key, 's', uint64(uint32(of)))
	}
	return out
}

// most gives the signs of some kinds, of a least rarity, that would say most if another report had them, in the lower half the hash of each; of
// those that say as much the ones with the lowest hashes, in whose order the signs are.
func (r *markRoom) most(f Features, n int, kinds uint, least float32) []uint64 {
	room, all := r.both(len(f.signs)), 0
	for i := range f.signs {
		if s := &f.signs[i]; kinds>>s.kind&1 != 0 && s.rarity >= least {
			less := math.Float32bits(saysMost) - math.Float32bits(float32(says(s.kind, s.rarity))) // what is not negative is in the order of its bits
			room[all] = uint64(less)<<32 | uint64(f.signed[i])
			all++
		}
	}
	sortSpread(room[:all], room[all:2*all], 32+18) // of these bits those that tell a thirtieth
	return room[:min(all, n)]
}

// conceptsPaired is how many concepts of a text, the rarest, are asked for two at a time.
const conceptsPaired = 7

// concepts gives the marks of each two of those.
func (r *markRoom) concepts(key sipKey, f Features) []int64 {
	named := r.most(f, conceptsPaired, 1<<signConcept, 0)
	out := make([]int64, 0, len(named)*(len(named)-1)/2)
	for i := range named {
		for j := range i {
			a, b := uint32(named[i]), uint32(named[j])
			out = append(out, mark(key, 'c', uint64(min(a, b))<<32|uint64(max(a, b))))
		}
	}
	return out
}

// Temper lowers the rarity of the signs of f that stand in many of a line's reports, by the counts that its index gave for f's
// marks.
func (f *Features) Temper(key Hasher, counts map[int64]int) {
	f.signs = slices.Clone(f.signs) // others may be reading them
	k := derive(key, "marks")
	for i := range f.signs {
		if s := &f.signs[i]; s.kind != signConcept && s.rarity >= askedRarity {
			s.rarity *= 1 - 0.5*min(1, float32(counts[mark(k, 's', uint64(f.signed[i]))])/MarkCommon)
		}
	}
}

// CopyShares is how many marks an edited copy shares with its original at least, but for the most thoroughly edited: half of
// the pairs that are kept.
const CopyShares = 5

// Asked gives all marks, each once: those by which a report looks for others.
func (m Marks) Asked() []int64 {
	var all []int64
	for _, marks := range m {
		all = append(all, marks...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Whole gives the mark of all words in their order, by which a report is found by the copies that change none of them; none where there are no words.
func (m Marks) Whole() []int64 { return m[sortWhole] }

// Kept gives those by which a report is to be found, given how many reports each has already: the rarest of each sort. What
// has become common is not kept, so that no list grows beyond MarkCommon.
func (m Marks) Kept(count func(mark int64) int) []int64 {
	var counts []int
	for _, marks := range m {
		for _, mark := range marks {
			counts = append(counts, count(mark))
		}
	}
	return m.kept(counts)
}

// kept is Kept, given the counts of all marks in their order.
func (m Marks) kept(counts []int) []int64 {
	kept := make([]int64, 0, keptMost)
	for i, sort := range sorts {
		kept = appendRarest(kept, m[i], sort.kept, counts[:len(m[i])])
		counts = counts[len(m[i]):]
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

// keptMost is how many marks of all sorts are kept of a report.
const keptMost = 1 + 10 + 6 + 2 + 2

// appendRarest adds the n marks with the lowest counts below MarkCommon; of equal ones the first.
func appendRarest(kept, marks []int64, n int, counts []int) []int64 {
	var of [MarkCommon]int // how many have each count
	for _, c := range counts {
		if c < MarkCommon {
			of[c]++
		}
	}
	least, left := 0, n // all with a lower count than the least are kept, and of those with that one so many as are left
	for least < MarkCommon && of[least] < left {
		left -= of[least]
		least++
	}
	for i, m := range marks {
		switch c := counts[i]; {
		case c >= MarkCommon || c > least:
		case c < least:
			kept = append(kept, m)
		case left > 0:
			kept = append(kept, m)
			left--
		}
	}
	return kept
}
