package screening

import (
	"cmp"
	"math/bits"
	"math/rand/v2"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
)

// copyReasons says how alike a copy is to the report that it copies, and which words both have: the longest runs, each with its share of the
// later text's words.
func (c *comparer) copyReasons(a *Features, score float64) []heed.Reason {
	reasons := []heed.Reason{{For: "duplicate", Rule: copyRule, Weight: score}}
	text := c.text
	if text == nil {
		text = fold.New(c.of.text)
	}
	later := appendTokens(nil, text)
	runs := sharedRuns(a.sequence(nil), appendHashes(nil, later))
	slices.SortStableFunc(runs, func(x, y sharedRun) int { return cmp.Compare(y.words(), x.words()) })
	for _, r := range runs[:min(len(runs), runsNamed)] {
		start, end := text.Origin(int(later[r.from].start), int(later[r.to-1].end))
		reasons = append(reasons, heed.Reason{
			For: "duplicate", Rule: runRule, Phrase: c.of.text[start:end], Start: start, End: end, Weight: round(float64(r.words()) / float64(len(later))),
		})
	}
	return reasons
}

// sharedRun is words of a text, one after the other, that another has in the same order: its words' places, to exclusive.
type sharedRun struct{ from, to int }

func (r sharedRun) words() int { return r.to - r.from }

const (
	runsNamed = 3 // runs, the longest
	runLeast  = 3 // words: two in a row stand in many texts
	runPlaces = 4 // of one pair of words that are tried
)

// sharedRuns finds the runs of words that a later text has of an earlier one, in their order, none in another. It is greedy: from each word on
// it takes the longest run among those that begin where the last one would have gone on and at the first places of the two words in the
// earlier text. So the time is linear, whatever the texts: each step passes all words that it looked at, but for so many places.
func sharedRuns(earlier, later []uint32) (runs []sharedRun) {
	places := newPlacesOfTwo(earlier)
	shift := 0 // how much further on the last run stands in the earlier text
	for from := 0; from < len(later)-1; {
		best, at := alike(earlier, later, from+shift, from), from+shift
		i := places.first(later[from], later[from+1])
		for tried := 0; i >= 0 && tried < runPlaces; tried++ {
			if n := alike(earlier, later, int(i), from); n > best {
				best, at = n, int(i)
			}
			i = places.next[i]
		}
		if best < runLeast {
			from++
			continue
		}
		runs = append(runs, sharedRun{from, from + best})
		from, shift = from+best, at-from
	}
	return runs
}

// placesOfTwo says where each two words that stand one after the other in a text do so.
type placesOfTwo struct {
	words []uint32
	slots []int32 // the first place of two words, by their hash; -1 is free
	next  []int32 // the place where the two words of a place stand next; -1 where nowhere
	salt  uint64  // odd, and nobody's to know: no text can be made whose words all want one slot
}

func newPlacesOfTwo(words []uint32) *placesOfTwo {
	size := 1 << bits.Len(uint(2*len(words)))
	room := make([]int32, size+len(words))
	for i := range room {
		room[i] = -1
	}
	p := &placesOfTwo{words: words, slots: room[:size], next: room[size:], salt: rand.Uint64() | 1}
	for i := len(words) - 2; i >= 0; i-- { // the first last, before which the others are strung
		slot := p.slot(words[i], words[i+1])
		p.next[i], *slot = *slot, int32(i)
	}
	return p
}

// first is the first place of two words; -1 where they don't stand so.
func (p *placesOfTwo) first(a, b uint32) int32 { return *p.slot(a, b) }

// slot is that of two words, or the free one where they belong.
func (p *placesOfTwo) slot(a, b uint32) *int32 {
	for at := uint64(stir((uint64(a)<<32 | uint64(b)) * p.salt)); ; at++ {
		slot := &p.slots[at&uint64(len(p.slots)-1)]
		if i := *slot; i < 0 || p.words[i] == a && p.words[i+1] == b {
			return slot
		}
	}
}

// alike is how many words are the same from two places on.
func alike(a, b []uint32, i, j int) (n int) {
	if i < 0 {
		return 0
	}
	for i+n < len(a) && j+n < len(b) && a[i+n] == b[j+n] {
		n++
	}
	return n
}

// appendHashes adds the hashes of words.
func appendHashes(out []uint32, of []token) []uint32 {
	for i := range of {
		out = append(out, of[i].hash)
	}
	return out
}
