package language

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/fold"
)

// Undecided is the tag of a text without letters of a known script (BCP 47, "undetermined").
const Undecided = "und"

// RomanisedHindi is how the model calls Hindi in Latin letters, which it has read only as a rule writes it: so it tells where in a mixed
// text such Hindi stands, and byRule whether a text is in it. It goes by the tag "hi".
const RomanisedHindi = "hi-Latn"

// readAtMost bounds how many bytes of a text are looked at: more add nothing.
const readAtMost = 6000

// Where the script leaves a choice the model reads no more than rankAtMost bytes: some words of those, as pace says, where a text
// has skimFrom of them at least, the first glanceAtMost of a shorter one, and more, at last all, where these leave it in doubt.
const (
	glanceAtMost = 240
	skimFrom     = 400
	rankAtMost   = 480
)

// beyondDoubt is the share of belief from which more words change nothing, beyondWords that where only some of a text's words were read.
const (
	beyondDoubt = 0.999
	beyondWords = 0.99999
)

// Guess is one language with the share of belief that the model gives it.
type Guess struct {
	Tag   string
	Share float64 // 0..1, over the languages of one script
}

// Result says what a text is written in.
type Result struct {
	Main     string    // BCP 47
	All      []string  // Main and the others, those with most letters first, where the text is mixed; else nil
	Passages []Passage // where in the text which of them stands, in its order; nil where it isn't mixed
	Ranked   []Guess   // the languages of the main script, best first, at most twelve
}

// Detect reads the language of s, of as much as can be seen of it in 6,000 bytes. Time is linear in s.
func (m *Model) Detect(s string) Result {
	seen, from := visible(s)
	res := m.detect(seen)
	if from != nil {
		for i, p := range res.Passages {
			res.Passages[i].Start, res.Passages[i].End = from[p.Start], from[p.End]
		}
	}
	return res
}

// detect is Detect of what can be seen.
func (m *Model) detect(s string) Result {
	var characters [1 + len(groups)]int // of each group; the first are no letters of a known script
	table := kinds()
	for _, r := range s {
		characters[table.of(r)&ofGroup]++
	}
	count := characters[1:]
	var letters [len(groups)]float64
	total := 0.0
	for g, n := range count {
		letters[g] = float64(n) * groups[g].weight
		total += letters[g]
	}
	main := 0
	for g := range letters {
		if letters[g] > letters[main] {
			main = g
		}
	}
	if total == 0 {
		return Result{Main: Undecided}
	}
	c := m.counters.Get().(*counter)
	defer m.counters.Put(c)
	first := s[:window(s, rankAtMost)]
	ranked, lane := m.rank(c, first, main)
	res := Result{Main: ranked[0].Tag, Ranked: ranked}
	if lane == ruled && res.Main == "hi" { // in Latin letters, perhaps amid others
		c.begin(main)
		c.rank(first, main, every)
		lane = slices.Index(m.languages, RomanisedHindi)
		lane = slices.Index(c.members[main], uint8(lane))
	}
	var words []spokenWord
	if lane != ruled {
		words = m.decode(c, s, main, lane)
	}
	for g := range letters {
		if g == main || letters[g] < 0.25*total || count[g] < foreignLetters {
			continue
		}
		other, _ := m.rank(c, first, g)
		others := foreign(s, g, other[0].Tag)
		if others != nil && words == nil {
			words = inScript(s, main, res.Main)
		}
		words = append(words, others...)
	}
	if words != nil {
		res.mix(together(words))
	}
	return res
}

// mix names the languages of a text's passages, that with most letters first: it is the main one.
func (r *Result) mix(passages []Passage) {
	share := map[string]float64{}
	for _, p := range passages {
		if share[p.Tag] == 0 {
			r.All = append(r.All, p.Tag)
		}
		share[p.Tag] += p.Share
	}
	if len(r.All) < 2 {
		r.All = nil
		return
	}
	r.Passages = passages
	slices.SortStableFunc(r.All, func(a, b string) int { return cmp.Compare(share[b], share[a]) })
	r.Main = r.All[0]
}

// ruled is in place of a lane where a rule decided and the words were not read.
const ruled = -1

// rank orders the languages of group g for s, and gives the place of the likeliest one among the group's.
func (m *Model) rank(c *counter, s string, g int) (ranked []Guess, lane int) {
	if only := groups[g].only; only != "" {
		return []Guess{{only, 1}}, ruled
	}
	if tag := byRule(s, groups[g].name); tag != "" {
		return []Guess{{tag, 1}}, ruled
	}
	first, each := s[:window(s, glanceAtMost)], every
	if len(s) >= skimFrom && !dense(g) {
		first, each = s, c.pace(g)
	}
	c.begin(g)
	c.rank(first, g, each)
	for {
		ranked, lane = m.guess(c, g)
		switch {
		case ranked[0].Share >= beyondWords, each == every && (ranked[0].Share >= beyondDoubt || c.end == len(s)):
			for i := range ranked {
				ranked[i].Tag = written(ranked[i].Tag, s)
			}
			return ranked, lane
		case each == every:
			c.rank(s[c.end:], g, every)
		default:
			c.rankPassed(s, g)
			each = every
		}
	}
}

// guess is rank by what was counted.
func (m *Model) guess(c *counter, g int) (ranked []Guess, lane int) {
	c.guesses = c.guesses[:0]
	best, seen := math.Inf(-1), [maxGram + 1]float64{}
	for n, times := range c.seen {
		seen[n] = float64(times)
	}
	for k, sum := range c.total {
		l := c.members[g][k]
		if m.languages[l] == RomanisedHindi {
			continue
		}
		score := float64(sum) * weightStep
		for n, floor := range m.floor[l][:len(seen)] {
			score += seen[n] * float64(floor)
		}
		if score > best {
			best, lane = score, k
		}
		c.guesses = append(c.guesses, Guess{m.languages[l], score})
	}
	likely := slices.DeleteFunc(c.guesses, func(g Guess) bool { return g.Share < best-unlikely })
	slices.SortStableFunc(likely, func(a, b Guess) int { return cmp.Compare(b.Share, a.Share) })
	soften(likely)
	return slices.Clone(likely[:min(len(likely), 12)]), lane
}

// unlikely is by how many nats of scores a language may fall behind the likeliest before its share is nothing.
const unlikely = 40 * maxGram

// soften turns log scores, best first, into shares. Overlapping grams count the same evidence several times, so the
// scores are divided by the number of lengths before.
func soften(g []Guess) {
	if len(g) == 0 {
		return
	}
	best, sum := g[0].Share, 0.0
	for i := range g {
		g[i].Share = math.Exp((g[i].Share - best) / maxGram)
		sum += g[i].Share
	}
	for i := range g {
		g[i].Share /= sum
	}
}

// written adds the script where a language is written in two.
func written(tag, s string) string {
	if tag == RomanisedHindi {
		return "hi"
	}
	if tag != "zh" {
		return tag
	}
	if traditional, simple := fold.Chinese(s); traditional > simple {
		return "zh-Hant"
	}
	return "zh-Hans"
}

// byRule decides the languages that the model's data lack by characters that only they use.
func byRule(s, group string) string {
	switch group {
	case "han":
		n := 0
		for _, r := range s {
			if cantonese(r) {
				n++
			}
		}
		if n >= 2 {
			return "yue"
		}
	case "arabic":
		if !strings.ContainsFunc(s, func(r rune) bool { return r > 'ٱ' && r <= 'ۿ' }) {
			return "" // none of the letters below
		}
		if n := countAny(s, "ۇۆۈېەڭ"); n >= 3 && countAny(s, "ۇۈې") > 0 {
			return "ug"
		}
		if n := countAny(s, "ڕڵێۆەڤ"); n >= 3 && countAny(s, "ڵێ") > 0 {
			return "ckb"
		}
		if countAny(s, "ټډړښڼځڅږۍ") >= 2 {
			return "ps"
		}
	case "latin":
		return romanised(s)
	}
	return ""
}

func cantonese(r rune) bool {
	switch r {
	case '嘅', '咗', '唔', '喺', '冇', '佢', '哋', '嗰', '啲', '嘢', '嚟', '咁', '畀':
		return true
	}
	return false
}

func countAny(s, set string) int {
	n := 0
	for _, r := range s {
		if r > 0x7F && strings.ContainsRune(set, r) {
			n++
		}
	}
	return n
}

// romanised knows Arabic written with digits for letters ("3ala", "7aram") and Hindi in Latin letters by its small words.
func romanised(s string) string {
	words, arabizi, hindi := 0, 0, 0
	word := latinWord{}
	end := func() {
		words++
		if word.chat() {
			arabizi++
		}
		if word.hindi() {
			hindi++
		}
		word = latinWord{}
	}
	for _, r := range s {
		switch {
		case fold.Word(r):
			word.add(r)
		case word != latinWord{}:
			end()
		}
	}
	if word != (latinWord{}) {
		end()
	}
	switch {
	case words < 5:
	case arabizi >= 3 && arabizi*8 >= words:
		return "ar"
	case hindi >= 4 && hindi*5 >= words:
		return "hi"
	}
	return ""
}

// latinWord is what romanised asks of a word.
type latinWord struct {
	letters, digits, others int    // A to Z in either case; digits that stand for Arabic letters
	small                   uint64 // the last letters
}

func (w *latinWord) add(r rune) {
	switch {
	case r|0x20 >= 'a' && r|0x20 <= 'z':
		w.letters++
		w.small = w.small<<8 | uint64(r|0x20)
	case r == '2' || r == '3' || r == '5' || r == '7':
		w.digits++
	default:
		w.others++
	}
}

// chat says whether it is a word in which 2, 3, 5 or 7 stand for an Arabic letter.
func (w *latinWord) chat() bool {
	return w.digits >= 1 && w.digits <= 2 && w.letters >= 2 && w.others == 0
}

// hindi says whether it is one of the small words of Hindi.
func (w *latinWord) hindi() bool {
	if w.letters > longestHindi || w.digits+w.others > 0 {
		return false
	}
	words := hindiWords()
	for at := hindiPlace(w.small); words[at] != 0; at = (at + 1) % hindiPlaces {
		if words[at] == w.small {
			return true
		}
	}
	return false
}

// hindiWords are small words that no other Latin-written language here shares in number, each at its place or behind it.
var hindiWords = sync.OnceValue(func() *[hindiPlaces]uint64 {
	var words [hindiPlaces]uint64
	for w := range strings.FieldsSeq("hai hain tha thi mein nahi nahin kya aur wale wala wali ki ka ke ko se bhi yeh woh wo yahan wahan mera mere meri uska uske uski usne hum log raha rahi rahe kar karo kuch koi toh bahut abhi kal aaj ek paas pe par liye jo") {
		var word latinWord
		for _, r := range w {
			word.add(r)
		}
		at := hindiPlace(word.small)
		for words[at] != 0 {
			at = (at + 1) % hindiPlaces
		}
		words[at] = word.small
	}
	return &words
})

const (
	longestHindi = 5
	hindiPlaces  = 1 << 8
)

func hindiPlace(small uint64) uint64 { return small * 0x9E3779B97F4A7C15 >> 56 }
