package screening

import (
	"math"
	"slices"
)

// MarkCommon is in how many reports a mark stands when it stops telling anything apart: it is kept for no more.
const MarkCommon = 64

// The sorts of marks: how many of each a report looks for others by, and how many of them, the rarest, it is found by.
// docs/screening.md says how the numbers were chosen.
var sorts = [...]struct {
	asked, kept int
	marks       func(sipKey, Features) []int64 // those worth asking first
}{
	{1, 1, wholeMark},
	{pairsAsked, 11, pairMarks},
	{signsAsked, 5, func(key sipKey, f Features) []int64 { return signMarks(key, f, false) }},
	{soundsAsked, 2, func(key sipKey, f Features) []int64 { return signMarks(key, f, true) }},
	{21, 2, conceptMarks},
}

// Marks are what a report is found by, and what others are looked for by: keyed hashes that tell nothing of the text to
// who lacks the key. There is a list for each of the sorts.
type Marks [len(sorts)][]int64

// MarksOf gives the marks of a text. A text without words has none.
func MarksOf(key Hasher, f Features) Marks { return marksOf(derive(key, "marks"), f) }

func marksOf(key sipKey, f Features) (m Marks) {
	if len(f.words) == 0 {
		return m
	}
	for i, sort := range sorts {
		m[i] = sort.marks(key, f)
		m[i] = m[i][:min(len(m[i]), sort.asked)]
	}
	return m
}

func mark(key sipKey, sort byte, hash uint64) int64 { return int64(key.hash9(sort, hash)) }

// wholeMark is that of all words in their order: a copy that changes none of them is found whatever else is common.
func wholeMark(key sipKey, f Features) []int64 { return []int64{mark(key, 'w', uint64(f.whole))} }

// pairMarks are those of pairs of words, by hash: of the pairs that two texts share, both choose the same.
func pairMarks(key sipKey, f Features) []int64 {
	var room [512]int64
	all := room[:0]
	for _, p := range f.pairs {
		all = append(all, mark(key, 'p', uint64(p)))
	}
	out := lowest(all, pairsAsked)
	slices.Sort(out)
	return out
}

// How many pairs, signs and sounds a report looks for others by.
const (
	pairsAsked  = 64
	signsAsked  = 28
	soundsAsked = 16
)

// lowest copies the marks without most of those that are not among the n lowest: they are spread evenly, so that half as many again as n
// are found below a bound, but for once in thousands of times, when all are kept.
func lowest(marks []int64, n int) []int64 {
	if len(marks) < 2*n {
		return slices.Clone(marks)
	}
	bound := math.MinInt64 + int64(math.MaxUint64/uint64(len(marks))*uint64(n+n/2))
	low := make([]int64, 0, 2*n)
	for _, m := range marks {
		if m < bound {
			low = append(low, m)
		}
	}
	if len(low) < n {
		return slices.Clone(marks)
	}
	return low
}

// askedRarity is that from which a sign is worth a look into the index.
const askedRarity = 0.6

// signMarks are those of the signs of a happening, or of their sounds; the rarest first.
func signMarks(key sipKey, f Features, sounds bool) []int64 {
	most := signsAsked
	if sounds {
		most = soundsAsked
	}
	rare := rarest(f, most, func(s *sign) bool {
		return s.kind != signConcept && (s.kind == signSound) == sounds && s.rarity >= askedRarity
	})
	out := make([]int64, len(rare))
	for i, hash := range rare {
		out[i] = mark(key, 's', uint64(hash))
	}
	return out
}

// rarest gives the hashes of the rarest signs of those that are among them; of equally rare ones those with the lowest hashes.
func rarest(f Features, most int, among func(*sign) bool) []uint32 {
	var room [256]uint64
	order := room[:0] // a rarity is not negative, so that its bits are in its order
	for i := range f.signs {
		if s := &f.signs[i]; among(s) {
			order = append(order, uint64(^math.Float32bits(s.rarity))<<32|uint64(s.hash))
		}
	}
	slices.Sort(order)
	out := make([]uint32, min(len(order), most))
	for i := range out {
		out[i] = uint32(order[i])
	}
	return out
}

// conceptsPaired is how many concepts of a text, the rarest, are asked for two at a time.
const conceptsPaired = 7

// conceptMarks are those of two concepts that a text names both: a ferry and a life jacket, in whichever language.
func conceptMarks(key sipKey, f Features) []int64 {
	named := rarest(f, conceptsPaired, func(s *sign) bool { return s.kind == signConcept })
	var out []int64
	for i, a := range named {
		for _, b := range named[:i] {
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
			s.rarity *= 1 - 0.5*min(1, float32(counts[mark(k, 's', uint64(s.hash))])/MarkCommon)
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

// Kept gives those by which a report is to be found, given how many reports each has already: the rarest of each sort. What
// has become common is not kept, so that no list grows beyond MarkCommon.
func (m Marks) Kept(count func(mark int64) int) []int64 {
	var kept []int64
	room := make([]markCount, 0, pairsAsked)
	for i, sort := range sorts {
		kept = appendRarest(kept, m[i], sort.kept, count, room)
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

type markCount struct {
	mark  int64
	count int
}

// appendRarest adds the n marks with the lowest counts below MarkCommon; of equal ones the first.
func appendRarest(kept, marks []int64, n int, count func(int64) int, all []markCount) []int64 {
	for _, m := range marks {
		if c := count(m); c < MarkCommon {
			all = append(all, markCount{m, c})
		}
	}
	slices.SortStableFunc(all, func(a, b markCount) int { return a.count - b.count })
	for _, c := range all[:min(len(all), n)] {
		kept = append(kept, c.mark)
	}
	return kept
}
