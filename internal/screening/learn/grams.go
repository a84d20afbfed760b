package learn

import (
	"github.com/heed-line/heed/internal/screening/fold"
)

// Lengths of character n-grams, in characters: within a word (its edges count as one each), and in scripts that are written
// without blanks, where one character is nearly a word.
const (
	charsLeast, charsMost = 3, 5
	denseLeast, denseMost = 1, 4
)

// run is a stretch of characters of one kind in the folded text.
type run struct {
	start, end int
	dense      bool
}

// runs splits a folded text into words, and into stretches of scripts without blanks.
func runs(s string) []run {
	var out []run
	open := run{start: -1}
	closeAt := func(i int) {
		if open.start >= 0 {
			open.end = i
			out = append(out, open)
			open.start = -1
		}
	}
	for i, r := range s {
		isDense := fold.Dense(r)
		if !isDense && !fold.Word(r) {
			closeAt(i)
			continue
		}
		if open.start >= 0 && open.dense != isDense {
			closeAt(i)
		}
		if open.start < 0 {
			open = run{start: i, dense: isDense}
		}
	}
	closeAt(len(s))
	return out
}

// grams collects the characters' families, then the words'.
func (c *collector) grams(s string) {
	all := runs(s)
	var edges []int // byte offsets of the characters of a run, and its end
	for _, r := range all {
		edges = edges[:0]
		for i := range s[r.start:r.end] {
			edges = append(edges, r.start+i)
		}
		edges = append(edges, r.end)
		if r.dense {
			c.slide(dense, s, edges, denseLeast, denseMost)
		} else {
			c.slide(chars, s, edges, charsLeast, charsMost)
		}
	}
	c.scaled()
	last := run{start: -1}
	for _, r := range all {
		if r.dense {
			last.start = -1
			continue
		}
		h := mix(words.start(), s[r.start:r.end])
		c.add(h, 0, r.start, r.end, -1)
		if last.start >= 0 {
			both := mix(mix(words.start(), s[last.start:last.end])*fnvPrime, s[r.start:r.end])
			c.add(both, 0, last.start, r.end, -1)
		}
		last = r
	}
	c.scaled()
}

// slide collects the n-grams of a run. A word's edges are characters too, so that a beginning differs from a middle.
func (c *collector) slide(f family, s string, edges []int, least, most int) {
	n := len(edges) - 1
	first, last := 0, n
	if f == chars {
		first, last = -1, n+1
	}
	for from := first; from < last; from++ {
		h := f.start()
		for to := from + 1; to <= last && to-from <= most; to++ {
			switch at := to - 1; {
			case at < 0:
				h = mix(h, "^")
			case at >= n:
				h = mix(h, "$")
			default:
				h = mix(h, s[edges[at]:edges[at+1]])
			}
			if to-from >= least {
				c.add(h, 0, edges[max(from, 0)], edges[min(to, n)], -1)
			}
		}
	}
}
