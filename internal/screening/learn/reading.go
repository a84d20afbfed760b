package learn

import (
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// Lengths of character n-grams, in characters: within a word (its edges count as one each), and in scripts that are written
// without blanks, where one character is nearly a word. Those of three and of five characters, and of four without blanks, told no more
// beside these and the words (docs/screening.md), at three times the time.
const (
	charsLength = 4
	denseMost   = 3
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
	hits     Hits
	summing  summing
	seen     seen
	told     told // of the whole text
	part     told
	odds     []float64 // of the whole text
	sums     []float64 // of a part
	grounds  grounds
	rest     *Reading // for the parts behind what is read
}

// run is a stretch of characters of one kind in the folded text.
type run struct {
	start, end   int
	dense        bool
	chars, words int // where its n-grams begin
	units        int // how many stand before it
}

// gram is an n-gram and the place that gave it.
type gram struct {
	bucket     uint32
	row        int32  // of a model's weights, once they were looked up
	start, end uint16 // at most readAtMost
	unit       uint16 // the last that it stands in
}

// Read takes up a text; its hits come after, with what is asked about it. Those of the text before are forgotten: their memory may be in other
// hands by then, while a Reading waits for its next text. Time is linear in its first readAtMost bytes.
func (r *Reading) Read(text *fold.Text) {
	r.hits = Hits{}
	r.folded, r.text = text.Folded, text.Folded
	if len(r.text) > readAtMost {
		r.text = r.text[:readAtMost]
	}
	r.runs, r.words, r.rows = r.runs[:0], r.words[:0], nil
	r.chars = slices.Grow(r.chars[:0], len(r.text)) // no byte gives more than one
	cut := cutter{Reading: r, last: -1}
	for at := 0; at < len(r.text); {
		switch _, size, class := cut.next(at); class {
		case fold.None:
			at += size
		case fold.OfDense:
			at = cut.dense(at)
		default:
			at = cut.word(at)
		}
	}
}

// ReadPart takes up folded[start:end] of the text that of has read, which must begin and end where no word goes on, as if it were a text of its
// own: what of has read and looked up of it is not read again.
func (r *Reading) ReadPart(of *Reading, start, end int) {
	if end > len(of.text) {
		r.Read(&fold.Text{Folded: of.folded[start:end]})
		return
	}
	r.hits = Hits{}
	r.folded = of.folded[start:end]
	r.text = r.folded
	from, to := of.runsWithin(start, end)
	chars, words := of.grams(from, to)
	r.rows, r.runs, r.chars, r.words = of.rows, append(r.runs[:0], of.runs[from:to]...), r.chars[:0], r.words[:0]
	if from == to {
		return
	}
	first := of.runs[from]
	r.chars, r.words = moved(r.chars, chars, start, first.units), moved(r.words, words, start, first.units)
	for i := range r.runs {
		run := &r.runs[i]
		run.start, run.end, run.chars, run.units = run.start-start, run.end-start, run.chars-first.chars, run.units-first.units
		run.words = max(0, run.words-first.words-(len(words)-len(r.words))) // the first word may have had one before it
	}
}

// moved adds n-grams to others, their places and units counted from one on; those that begin before it are left out.
func moved(to, grams []gram, from, unit int) []gram {
	for i := range grams {
		if g := grams[i]; int(g.start) >= from {
			g.start, g.end, g.unit = g.start-uint16(from), g.end-uint16(from), g.unit-uint16(unit)
			to = append(to, g)
		}
	}
	return to
}

// cutter cuts a text into runs and n-grams.
type cutter struct {
	*Reading
	units  int    // so far
	last   int    // where the word before begins; -1 where none is before
	before uint64 // its hash
}

// next is the character at a place of the text, how many bytes it has, and its class: None behind the end.
func (c *cutter) next(at int) (char rune, size int, of fold.Class) {
	if at >= len(c.text) {
		return 0, 0, fold.None
	}
	char, size = rune(c.text[at]), 1
	if char >= utf8.RuneSelf {
		char, size = utf8.DecodeRuneInString(c.text[at:])
	}
	return char, size, fold.ClassOf(char)
}

// word takes up the run of letters and digits ("4x4" is one word) that begins at a place, and gives where it ends.
func (c *cutter) word(start int) int {
	c.runs = append(c.runs, run{start: start, chars: len(c.chars), words: len(c.words), units: c.units})
	key, hash, chars := pushed(0, '^'), words.start(), c.chars
	first, second, third := start, start, start // where the last three characters begin
	at := start
	for n := 1; ; n++ {
		char, size, of := c.next(at)
		if of != fold.Letter && of != fold.Digit {
			if key = pushed(key, '$'); n >= charsLength-1 {
				chars = append(chars, gram{bucket(key), unknown, uint16(first), uint16(at), uint16(c.units)})
			}
			break
		}
		hash = (hash ^ uint64(char)) * fnvPrime
		if key = pushed(key, char); n >= charsLength-1 {
			chars = append(chars, gram{bucket(key), unknown, uint16(first), uint16(at + size), uint16(c.units)})
		}
		first, second, third = second, third, at
		at += size
	}
	c.chars = chars
	c.runs[len(c.runs)-1].end = at
	c.words = append(c.words, gram{bucket(hash), unknown, uint16(start), uint16(at), uint16(c.units)})
	if c.last >= 0 {
		c.words = append(c.words, gram{bucket(c.before*fnvPrime + hash), unknown, uint16(c.last), uint16(at), uint16(c.units)})
	}
	c.last, c.before = start, hash
	c.units++
	return at
}

// dense takes up the run of characters of scripts without blanks that begins at a place, each a unit, and gives where it ends.
func (c *cutter) dense(start int) int {
	c.runs = append(c.runs, run{start: start, dense: true, chars: len(c.chars), words: len(c.words), units: c.units})
	var key uint64
	begin := [denseMost]int{} // of the last characters, the last one first
	at := start
	for n := 1; ; n++ {
		char, size, of := c.next(at)
		if of != fold.OfDense {
			break
		}
		key, begin = pushed(key, char), [denseMost]int{at, begin[0], begin[1]}
		at += size
		for of := 1; of <= min(n, denseMost); of++ {
			chars := key<<(64-16*of)>>(64-16*of) | uint64(denseSalt+of)<<48
			c.chars = append(c.chars, gram{bucket(chars), unknown, uint16(begin[of-1]), uint16(at), uint16(c.units)})
		}
		c.units++
	}
	c.runs[len(c.runs)-1].end = at
	c.last = -1
	return at
}

// denseSalt stands where an n-gram of a word has its first character, and is none: n-grams of one kind are no other's.
const denseSalt = 0xFFF0

// pushed is the key of the last characters, of 16 bits each, with another one.
func pushed(key uint64, char rune) uint64 { return key<<16 | uint64(uint16(char^char>>16)) }

// within gives the n-grams of a part of what is read, which must begin and end where no word goes on.
func (r *Reading) within(start, end int) (chars, words []gram) {
	return r.grams(r.runsWithin(start, end))
}

// runsWithin gives the runs of such a part, from the first to behind the last.
func (r *Reading) runsWithin(start, end int) (from, to int) {
	from = sort.Search(len(r.runs), func(i int) bool { return r.runs[i].start >= start })
	to = from + sort.Search(len(r.runs)-from, func(i int) bool { return r.runs[from+i].start >= end })
	return from, to
}

// grams gives the n-grams of the runs from one to before another. Of the words' some may begin before them.
func (r *Reading) grams(from, to int) (chars, words []gram) {
	if from == to {
		return nil, nil
	}
	charsTo, wordsTo := len(r.chars), len(r.words)
	if to < len(r.runs) {
		charsTo, wordsTo = r.runs[to].chars, r.runs[to].words
	}
	return r.chars[r.runs[from].chars:charsTo], r.words[r.runs[from].words:wordsTo]
}
