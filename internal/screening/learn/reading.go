package learn

import (
	"sort"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

// Lengths of character n-grams, in characters: within a word (its edges count as one each), and in scripts that are written
// without blanks, where one character is nearly a word.
const (
	charsLeast, charsMost = 3, 5
	denseLeast, denseMost = 1, 4
)

// Reading is a text as the learner reads it: each n-gram is hashed once, whether the text or a part of it is asked about. It is
// ready without being made, and serves for one text after another, by one goroutine at a time.
type Reading struct {
	folded string // all of the text
	text   string // what of it is read
	runs   []run
	chars  []gram // in the order of places
	words  []gram
	rows   *Model // whose rows the n-grams have

	features []Feature
	hits     []lexicon.Hit
	classes  classes // of the hits
	seen     seen
	edges    []int
	told     told // of the whole text
	part     told
	sums     []float64
	grounds  grounds
	rest     *Reading // for the parts behind what is read
}

// run is a stretch of characters of one kind in the folded text.
type run struct {
	start, end   int
	dense        bool
	chars, words int // where its n-grams begin
}

// gram is an n-gram and the place that gave it.
type gram struct {
	bucket     uint32
	row        int32 // of a model's weights, once they were looked up
	start, end int32
}

// Read takes up a text; its hits come after, with what is asked about it. Those of the text before are forgotten: their memory may be in other
// hands by then, while a Reading waits for its next text. Time is linear in its first readAtMost bytes.
func (r *Reading) Read(text *fold.Text) {
	r.hits = nil
	r.folded, r.text = text.Folded, text.Folded
	if len(r.text) > readAtMost {
		r.text = r.text[:readAtMost]
	}
	r.runs = appendRuns(r.runs[:0], r.text)
	r.chars, r.words, r.rows = r.chars[:0], r.words[:0], nil
	last, before := -1, uint64(0) // the word before and its hash
	for i := range r.runs {
		run := &r.runs[i]
		run.chars, run.words = len(r.chars), len(r.words)
		r.edges = appendEdges(r.edges[:0], r.text, run)
		if run.dense {
			r.slide(dense, denseLeast, denseMost)
			last = -1
			continue
		}
		r.slide(chars, charsLeast, charsMost)
		word := r.text[run.start:run.end]
		h := mix(words.start(), word)
		r.words = append(r.words, gram{bucket(h), unknown, int32(run.start), int32(run.end)})
		if last >= 0 {
			r.words = append(r.words, gram{bucket(mix(before*fnvPrime, word)), unknown, int32(last), int32(run.end)})
		}
		last, before = run.start, h
	}
}

// appendRuns splits a folded text into words, and into stretches of scripts without blanks.
func appendRuns(out []run, s string) []run {
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

// appendEdges gives the byte offsets of the characters of a run, and its end.
func appendEdges(out []int, s string, of *run) []int {
	for i := range s[of.start:of.end] {
		out = append(out, of.start+i)
	}
	return append(out, of.end)
}

// slide collects the character n-grams of the run whose edges are r.edges. A word's edges are characters too, so that a beginning
// differs from a middle.
func (r *Reading) slide(f family, least, most int) {
	s, edges := r.text, r.edges
	n := len(edges) - 1
	first, last := 0, n
	if f == chars {
		first, last = -1, n+1
	}
	for from := first; from < last; from++ {
		h := f.start()
		start := int32(edges[max(from, 0)])
		for to := from + 1; to <= last && to-from <= most; to++ {
			switch at := to - 1; {
			case at < 0:
				h = (h ^ '^') * fnvPrime
			case at >= n:
				h = (h ^ '$') * fnvPrime
			default:
				h = mix(h, s[edges[at]:edges[at+1]])
			}
			if to-from >= least {
				r.chars = append(r.chars, gram{bucket(h), unknown, start, int32(edges[min(to, n)])})
			}
		}
	}
}

// within gives the n-grams of a part of what is read, which must begin and end where no word goes on.
func (r *Reading) within(start, end int) (chars, words []gram) {
	from := sort.Search(len(r.runs), func(i int) bool { return r.runs[i].start >= start })
	to := from + sort.Search(len(r.runs)-from, func(i int) bool { return r.runs[from+i].start >= end })
	if from == to {
		return nil, nil
	}
	charsTo, wordsTo := len(r.chars), len(r.words)
	if to < len(r.runs) {
		charsTo, wordsTo = r.runs[to].chars, r.runs[to].words
	}
	return r.chars[r.runs[from].chars:charsTo], r.words[r.runs[from].words:wordsTo]
}
