package screening

import (
	"cmp"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
)

// copyReasons says how alike a copy is to the report that it copies, and which words both have: the longest runs, each with its share of the
// later text's words.
func (c *comparer) copyReasons(a *Features, score float64) []heed.Reason {
	reasons := []heed.Reason{{For: "duplicate", Rule: copyRule, Weight: score}}
	text := fold.New(c.of.text)
	later := appendTokens(nil, text.Folded)
	runs := sharedRuns(appendTokens(nil, fold.New(a.text).Folded), later)
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
func sharedRuns(earlier, later []token) (runs []sharedRun) {
	places := make(map[uint64][]int32, len(earlier))
	for i := range len(earlier) - 1 {
		two := twoWords(earlier[i:])
		if at := places[two]; len(at) < runPlaces {
			places[two] = append(at, int32(i))
		}
	}
	shift := 0 // how much further on the last run stands in the earlier text
	for from := 0; from < len(later)-1; {
		best, at := alike(earlier, later, from+shift, from), from+shift
		for _, i := range places[twoWords(later[from:])] {
			if n := alike(earlier, later, int(i), from); n > best {
				best, at = n, int(i)
			}
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

func twoWords(of []token) uint64 { return uint64(of[0].hash)<<32 | uint64(of[1].hash) }

// alike is how many words are the same from two places on.
func alike(a, b []token, i, j int) (n int) {
	if i < 0 {
		return 0
	}
	for i+n < len(a) && j+n < len(b) && a[i+n].hash == b[j+n].hash {
		n++
	}
	return n
}
