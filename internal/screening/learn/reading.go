package learn

import (
	"sort"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
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
	hits     []lexicon.Hit
	classes  classes // of the hits
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
	r.runs, r.chars, r.words, r.rows = r.runs[:0], r.chars[:0], r.words[:0], nil
	cut := cutter{Reading: r, last: -1}
	of, begun := fold.None, 0
	for i, char := range r.text {
		class := fold.ClassOf(char)
		if class == fold.Digit {
			class = fold.Letter // "4x4" is one word
		}
		if class != of {
			cut.close(of, begun, i)
			cut.open(class, i)
			of, begun = class, i
		}
		switch class {
		case fold.Letter:
			cut.letter(char, i, i+utf8.RuneLen(char))
		case fold.OfDense:
			cut.dense(char, i, i+utf8.RuneLen(char))
		}
	}
	cut.close(of, begun, len(r.text))
}

// ReadPart takes up folded[start:end] of the text that of has read, which must begin and end where no word goes on, as if it were a text of its
// own: what of has read and looked up of it is not read again.
func (r *Reading) ReadPart(of *Reading, start, end int) {
	if end > len(of.text) {
		r.Read(&fold.Text{Folded: of.folded[start:end]})
		return
	}
	r.hits = nil
	r.folded = of.folded[start:end]
	r.text = r.folded
	from, to := of.runsWithin(start, end)
	chars, words := of.grams(from, to)
	r.chars, r.words, r.rows = moved(r.chars[:0], chars, int32(start)), moved(r.words[:0], words, int32(start)), of.rows
	r.runs = append(r.runs[:0], of.runs[from:to]...)
	for i := range r.runs {
		run, first := &r.runs[i], &of.runs[from]
		run.start, run.end, run.chars = run.start-start, run.end-start, run.chars-first.chars
		run.words = max(0, run.words-first.words-(len(words)-len(r.words))) // the first word may have had one before it
	}
}

// moved adds n-grams to others, their places counted from one on; those that begin before it are left out.
func moved(to, grams []gram, from int32) []gram {
	for _, g := range grams {
		if g.start, g.end = g.start-from, g.end-from; g.start >= 0 {
			to = append(to, g)
		}
	}
	return to
}

// cutter cuts a text into runs and n-grams, of which it holds the last characters.
type cutter struct {
	*Reading
	key    uint64             // the last four, of 16 bits each
	starts [charsLength]int32 // where they begin, each at its number
	count  int                // of the run's so far
	hash   uint64             // of the word so far
	last   int                // where the word before begins; -1 where none is before
	before uint64             // its hash
}

// open begins a run at a place.
func (c *cutter) open(of fold.Class, at int) {
	if of == fold.None {
		return
	}
	c.runs = append(c.runs, run{start: at, dense: of == fold.OfDense, chars: len(c.chars), words: len(c.words)})
	c.key, c.count, c.hash = 0, 0, words.start()
	if of == fold.Letter {
		c.char('^', at, at)
	}
}

// close ends the run that began at one place before another.
func (c *cutter) close(of fold.Class, start, end int) {
	if of == fold.None {
		return
	}
	c.runs[len(c.runs)-1].end = end
	if of == fold.OfDense {
		c.last = -1
		return
	}
	c.char('$', end, end)
	c.words = append(c.words, gram{bucket(c.hash), unknown, int32(start), int32(end)})
	if c.last >= 0 {
		c.words = append(c.words, gram{bucket(c.before*fnvPrime + c.hash), unknown, int32(c.last), int32(end)})
	}
	c.last, c.before = start, c.hash
}

// letter takes up a character of a word.
func (c *cutter) letter(char rune, start, end int) {
	c.hash = (c.hash ^ uint64(char)) * fnvPrime
	c.char(char, start, end)
}

// char takes up a character of a word, or one of its edges, and adds the n-gram that it is the last of.
func (c *cutter) char(char rune, start, end int) {
	c.push(char, start)
	if c.count >= charsLength {
		c.chars = append(c.chars, gram{bucket(c.key), unknown, c.starts[c.count%charsLength], int32(end)})
	}
}

// dense takes up a character of a script without blanks, and adds the n-grams that it is the last of.
func (c *cutter) dense(char rune, start, end int) {
	c.push(char, start)
	for n := 1; n <= min(c.count, denseMost); n++ {
		key := c.key<<(64-16*n)>>(64-16*n) | uint64(denseSalt+n)<<48
		c.chars = append(c.chars, gram{bucket(key), unknown, c.starts[(c.count-n)%charsLength], int32(end)})
	}
}

// denseSalt stands where an n-gram of a word has its first character, and is none: n-grams of one kind are no other's.
const denseSalt = 0xFFF0

func (c *cutter) push(char rune, start int) {
	c.key = c.key<<16 | uint64(uint16(char^char>>16))
	c.starts[c.count%charsLength] = int32(start)
	c.count++
}

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
