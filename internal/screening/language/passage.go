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
	switchCosts  = 10   // nats
	signSaves    = 1.5  // of them, where a sign stands between the words
	wordSays     = 5    // nats that a word says against a language at most, so that no loan word makes a passage
	nameSays     = 0.25 // of what a word says, where it may be a name
	leastWords   = 3    // of a passage
	leastLetters = 12
	wordsAtMost  = 300 // are read for passages
	runesAWord   = 3   // of a run in a script without blanks
)

// lanes are the paths through a text, one for each language of its script (Viterbi 1967): staying costs what the words say against a
// language, and changing costs besides.
type lanes struct {
	members []uint8 // the languages of the script
	words   []laneWord
	against []float32 // [word][lane]: nats less than the word's best language
	sum     []float32 // [lane]: of the best path that ends there
	from    []uint8   // [word][lane]: the lane before
}

type laneWord struct {
	start, end int // bytes
	letters    int
	worth      int     // words: more than one in scripts without blanks
	weight     float32 // of what it says: less for a name, 0 for an address and in quotation marks
	lane       uint8
	signed     bool // a sign stands before it
}

// spokenWord is a word of the text with its language.
type spokenWord struct {
	start, end int
	letters    float64
	tag        string
}

// decode says which word of s is in which language of group g, in order of place; of a text in one language nothing. c has read the
// first window of s.
func (m *Model) decode(c *counter, s string, g int) []spokenWord {
	l := &c.lanes
	l.members, l.words, l.against = c.members[g], l.words[:0], l.against[:0]
	l.read(c, s, g)
	if !l.choose() || !l.settle() {
		return nil
	}
	out := make([]spokenWord, len(l.words))
	first := s[:window(s)] // as in rank
	for i, w := range l.words {
		tag := written(m.languages[l.members[w.lane]], first)
		out[i] = spokenWord{w.start, w.end, float64(w.letters) * groups[g].weight, tag}
	}
	return out
}

// read weighs each word, window after window.
func (l *lanes) read(c *counter, s string, g int) {
	n := len(l.members)
	for begin, end := 0, window(s); begin < len(s) && len(l.words) < wordsAtMost; begin, end = end, end+window(s[end:]) {
		if begin > 0 {
			c.scores(s[begin:end], g)
		}
		for i, w := range c.words {
			word := laneWord{start: begin + w.from, end: begin + w.to, letters: w.length - 2}
			word.worth = 1
			if groups[g].name == "han" {
				word.worth = max(1, word.letters/runesAWord)
			}
			l.words = append(l.words, word)
			l.weigh(c.said[i*n:][:n], c.unseen[g][w.length*n:][:n], float32(wordSays*word.worth))
		}
	}
	l.temper(s)
}

// weigh adds what a word says against each language, by its scores in weight's steps and by what it would score were it unknown.
func (l *lanes) weigh(scores []int32, unseen []float32, atMost float32) {
	at := len(l.against)
	best := float32(math.MaxFloat32)
	for lane, score := range scores {
		against := (float32(score)*weightStep + unseen[lane]) / -maxGram // as in soften
		l.against = append(l.against, against)
		best = min(best, against)
	}
	for i, against := range l.against[at:] {
		l.against[at+i] = min(against-best, atMost)
	}
}

// choose finds the best path and writes it into the words. It reports whether the path ever changes its lane.
func (l *lanes) choose() bool {
	n := len(l.members)
	l.sum = append(l.sum[:0], make([]float32, n)...)
	l.from = slices.Grow(l.from[:0], n*len(l.words))
	for w := range l.words {
		best := least(l.sum)
		changed := l.sum[best] + switchCosts
		if l.words[w].signed {
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
		l.words[w].lane = at
		mixed = mixed || l.from[n*w+int(at)] != at
		at = l.from[n*w+int(at)]
	}
	return mixed
}

func least(of []float32) int {
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
		for to = from; to < len(l.words) && l.words[to].lane == l.words[from].lane; to++ {
			if w := l.words[to]; w.weight == 1 {
				words += w.worth
				letters += w.letters
			}
		}
		if lane := int(l.words[from].lane); words >= leastWords && letters >= leastLetters {
			if mixed = mixed || before >= 0 && lane != before; before < 0 {
				from = 0
			}
			before = lane
		}
		if before >= 0 {
			for i := from; i < to; i++ {
				l.words[i].lane = uint8(before)
			}
		}
	}
	return mixed
}

// inScript gives the words of s that belong to a group, all as of one language.
func inScript(s string, g int, tag string) (out []spokenWord) {
	eachWord(s, g, func(word []rune, from, to int) {
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

// window is how many of the first bytes of s the model reads at once: whole words, where there are blanks.
func window(s string) int {
	if len(s) <= rankAtMost {
		return len(s)
	}
	if blank := strings.LastIndexAny(s[:rankAtMost], " \n\t"); blank > rankAtMost/2 {
		return blank + 1
	}
	return whole(s, rankAtMost)
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
