package language

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// Passage is a run of words in one language of a text that is mixed.
type Passage struct {
	Tag        string  // BCP 47
	Start, End int     // bytes of the text, end exclusive
	Share      float64 // 0..1, of the letters that were read
}

// What a switch of languages within a script must overcome. They were chosen on joined sentences that the model hadn't read, so that
// hardly one unmixed sentence in two hundred is called mixed; docs/screening.md has the figures.
const (
	switchCosts  = 10 * perNat * plainly
	signSaves    = 1.5 * perNat * plainly // of it, where a sign stands between the words
	wordSays     = 5 * perNat             // against a language at most, so that no loan word makes a passage
	leastWords   = 3                      // of a passage
	leastLetters = 12
	wordsAtMost  = 300 // are read for passages
	runesAWord   = 3   // of a run in a script without blanks
)

// How often what a word says is counted.
const (
	plainly = 4
	asName  = 1 // where it may be a name
	not     = 0 // in an address, in quotation marks
)

// lanes are the paths through a text, one for each language of its script (Viterbi 1967): staying costs what the words say against a
// language, and changing costs besides.
type lanes struct {
	members []uint8 // the languages of the script
	words   []readWord
	against []int32 // [word][lane]: points less than the word's best language
	sum     []int32 // [lane]: of the best path that ends there
	from    []uint8 // [word][lane]: the lane before
}

// spokenWord is a word of the text with its language.
type spokenWord struct {
	start, end int
	letters    float64
	tag        string
}

// decode says which word of s is in which language of group g, in order of place; of a text in one language nothing. c has read the
// first window of s, in which most is in the language of the lane given.
func (m *Model) decode(c *counter, s string, g, main int) []spokenWord {
	l := &c.lanes
	l.members = c.members[g]
	l.skim(c, s, g)
	l.follow(c, s, g, main)
	if !l.tempted(c, g, main) {
		return nil
	}
	l.readAll(c, s, g)
	l.weigh(c, g)
	if !l.choose(s) || !l.settle() {
		return nil
	}
	out := make([]spokenWord, len(l.words))
	first := s[:window(s, rankAtMost)] // as in rank
	for i, w := range l.words {
		tag := written(m.languages[l.members[w.path]], first)
		out[i] = spokenWord{w.from, w.to, float64(w.letters()) * groups[g].weight, tag}
	}
	return out
}

// skim takes up all words, and reads some of those that c has not read, as pace says.
func (l *lanes) skim(c *counter, s string, g int) {
	each := c.pace(g)
	for begin := c.end; begin < len(s) && len(c.words) < wordsAtMost; {
		end := begin + window(s[begin:], rankAtMost)
		c.skim(s[begin:end], begin, g, each)
		begin = end
	}
	l.words = c.words
	for i, dense := 0, dense(g); i < len(l.words); i++ {
		w := &l.words[i]
		w.worth, w.weight = 1, plainly
		if dense {
			w.worth = max(1, w.letters()/runesAWord)
		}
	}
	l.temper(s)
}

// weigh says what each word says against each language.
func (l *lanes) weigh(c *counter, g int) {
	n := len(l.members)
	l.against = l.against[:0]
	for i, w := range l.words {
		at, best := len(l.against), int32(math.MaxInt32)
		unseen := c.unseen[g][w.length*n:][:n]
		for lane, score := range c.said[i*n:][:n] {
			against := -speaks(score, unseen[lane])
			l.against = append(l.against, against)
			best = min(best, against)
		}
		for i, against := range l.against[at:] {
			l.against[at+i] = min(against-best, int32(wordSays*w.worth))
		}
	}
}

// choose finds the best path and writes it into the words. It reports whether the path ever changes its lane.
func (l *lanes) choose(s string) bool {
	n := len(l.members)
	l.sum = zeros(l.sum, n)
	l.from = slices.Grow(l.from[:0], n*len(l.words))
	for w := range l.words {
		best := least(l.sum)
		changed := l.sum[best] + switchCosts
		if w > 0 && signs(s[l.words[w-1].to:l.words[w].from]) {
			changed -= signSaves
		}
		for lane, against := range l.against[n*w : n*w+n] {
			from := uint8(lane)
			if changed < l.sum[lane] {
				l.sum[lane], from = changed, uint8(best)
			}
			l.from = append(l.from, from)
			l.sum[lane] += against * l.words[w].weight
		}
	}
	at, mixed := uint8(least(l.sum)), false
	for w := len(l.words) - 1; w >= 0; w-- {
		l.words[w].path = at
		mixed = mixed || l.from[n*w+int(at)] != at
		at = l.from[n*w+int(at)]
	}
	return mixed
}

// zeros is a slice of n zeros, in the memory of s where it is enough.
func zeros(s []int32, n int) []int32 {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

func least(of []int32) int {
	best := 0
	for i, v := range of {
		if v < of[best] {
			best = i
		}
	}
	return best
}

// settle gives passages that are too short to be sure of to the one before them, or after them at the beginning. It reports whether
// more than one language is left.
func (l *lanes) settle() bool {
	before := -1 // the lane of the last passage that is kept
	mixed := false
	for from, to := 0, 0; from < len(l.words); from = to {
		words, letters := 0, 0
		for to = from; to < len(l.words) && l.words[to].path == l.words[from].path; to++ {
			if w := &l.words[to]; w.weight == plainly {
				words += w.worth
				letters += w.letters()
			}
		}
		if lane := int(l.words[from].path); words >= leastWords && letters >= leastLetters {
			if mixed = mixed || before >= 0 && lane != before; before < 0 {
				from = 0
			}
			before = lane
		}
		if before >= 0 {
			for i := from; i < to; i++ {
				l.words[i].path = uint8(before)
			}
		}
	}
	return mixed
}

// inScript gives the words of s that belong to a group, all as of one language.
func inScript(s string, g int, tag string) (out []spokenWord) {
	var room wordRoom
	eachWord(s, g, &room, func(word []rune, from, to int) {
		out = append(out, spokenWord{from, to, float64(len(word)-2) * groups[g].weight, tag})
	})
	return out
}

// foreignLetters is how many letters of another script are more than a name.
const foreignLetters = 6

// foreign is inScript for a script that isn't the text's main one; nothing where there are hardly more words than names, addresses and
// signs.
func foreign(s string, g int, tag string) []spokenWord {
	words := inScript(s, g, tag)
	plain, quoted := 0, 0
	for _, w := range words {
		first, _ := utf8.DecodeRuneInString(s[w.start:])
		quoted = max(quoted, quotation(s, w.start))
		switch {
		case unicode.IsUpper(first) || w.end <= quoted || technical(s, w.start, w.end):
		case fold.Dense(first):
			plain += utf8.RuneCountInString(s[w.start:w.end]) * leastWords / foreignLetters
		default:
			plain++
		}
	}
	if plain < leastWords {
		return nil
	}
	return words
}

// together makes passages of words. Some letters of another script amid a passage belong to it.
func together(words []spokenWord) []Passage {
	slices.SortStableFunc(words, func(a, b spokenWord) int { return cmp.Compare(a.start, b.start) })
	total := 0.0
	for _, w := range words {
		total += w.letters
	}
	var out []Passage
	for from, to := 0, 0; from < len(words); from = to {
		p := Passage{Tag: words[from].tag, Start: words[from].start}
		letters := 0.0
		for to = from; to < len(words) && words[to].tag == p.Tag; to++ {
			letters += words[to].letters
			p.End = words[to].end
		}
		p.Share = letters / total
		switch last := len(out) - 1; {
		case last >= 0 && (out[last].Tag == p.Tag || letters < foreignLetters):
			out[last].End, out[last].Share = p.End, out[last].Share+p.Share
		default:
			out = append(out, p)
		}
	}
	return out
}

// window is how many of the first bytes of s, at most so many, the model reads at once: whole words, where there are blanks.
func window(s string, most int) int {
	if len(s) <= most {
		return len(s)
	}
	if blank := strings.LastIndexAny(s[:most], " \n\t"); blank > most/2 {
		return blank + 1
	}
	return whole(s, most)
}

// whole is how many of the first bytes of s, at most as many as given, are whole characters.
func whole(s string, most int) int {
	if len(s) <= most {
		return len(s)
	}
	end := most
	for end > most-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return end
}
