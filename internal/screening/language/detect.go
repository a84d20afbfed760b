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

// readAtMost bounds how many bytes of a text are looked at: more add nothing.
const readAtMost = 6000

// rankAtMost bounds how many of them the model reads, where the script leaves a choice.
const rankAtMost = 480

// Guess is one language with the share of belief that the model gives it.
type Guess struct {
	Tag   string
	Share float64 // 0..1, over the languages of one script
}

// Result says what a text is written in.
type Result struct {
	Main   string   // BCP 47
	All    []string // Main and the others, where the text is mixed; else nil
	Ranked []Guess  // the languages of the main script, best first, at most twelve
}

// Detect reads the language of s. It takes time linear in the first 6,000 bytes.
func (m *Model) Detect(s string) Result {
	if len(s) > readAtMost {
		s = strings.ToValidUTF8(s[:readAtMost], " ")
	}
	var letters [len(groups)]float64
	var count [len(groups)]int
	total := 0.0
	for _, r := range s {
		if g := groupOf(r); g >= 0 {
			letters[g] += groups[g].weight
			count[g]++
			total += groups[g].weight
		}
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
	if len(s) > rankAtMost {
		s = strings.ToValidUTF8(s[:rankAtMost], " ")
	}
	res := Result{Ranked: m.rank(s, main)}
	res.Main = res.Ranked[0].Tag
	for g := range letters {
		if g != main && letters[g] >= 0.25*total && count[g] >= 6 {
			res.All = append(res.All, m.rank(s, g)[0].Tag)
		}
	}
	if res.All != nil {
		res.All = append([]string{res.Main}, res.All...)
	}
	return res
}

// rank orders the languages of group g for s.
func (m *Model) rank(s string, g int) []Guess {
	if only := groups[g].only; only != "" {
		return []Guess{{only, 1}}
	}
	if tag := ruled(s, groups[g].name); tag != "" {
		return []Guess{{tag, 1}}
	}
	c := m.counters.Get().(*counter)
	defer m.counters.Put(c)
	scores := c.scores(s, g)
	total := 0
	out := make([]Guess, 0, len(scores))
	for k, l := range c.members[g] {
		score := float64(scores[k]) * weightStep
		for n := 1; n <= maxGram; n++ {
			score += float64(c.seen[n]) * float64(m.floor[l][n])
		}
		out = append(out, Guess{m.languages[l], score})
	}
	for _, n := range c.seen {
		total += n
	}
	slices.SortStableFunc(out, func(a, b Guess) int { return cmp.Compare(b.Share, a.Share) })
	soften(out, total)
	if len(out) > 12 {
		out = out[:12]
	}
	for i := range out {
		out[i].Tag = written(out[i].Tag, s)
	}
	return out
}

// soften turns log scores, best first, into shares. Overlapping grams count the same evidence several times, so the
// scores are divided by the number of lengths before.
func soften(g []Guess, grams int) {
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
	if tag != "zh" {
		return tag
	}
	if traditional, simple := fold.Chinese(s); traditional > simple {
		return "zh-Hant"
	}
	return "zh-Hans"
}

// ruled decides the languages that the model's data lack by characters that only they use.
func ruled(s, group string) string {
	switch group {
	case "han":
		if n := countAny(s, "嘅咗唔喺冇佢哋嗰啲嘢嚟咁畀"); n >= 2 {
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
	for w := range strings.FieldsFuncSeq(strings.ToLower(s), func(r rune) bool { return !fold.Word(r) }) {
		words++
		if chat(w) {
			arabizi++
		}
		if len(w) <= longestHindi && hindiWords()[w] {
			hindi++
		}
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

// chat says whether w is a word in which 2, 3, 5 or 7 stand for an Arabic letter.
func chat(w string) bool {
	letters, digits := 0, 0
	for _, r := range w {
		switch {
		case r == '2' || r == '3' || r == '5' || r == '7':
			digits++
		case r >= 'a' && r <= 'z':
			letters++
		default:
			return false
		}
	}
	return letters >= 2 && digits >= 1 && digits <= 2
}

// hindiWords are small words that no other Latin-written language here shares in number.
var hindiWords = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq("hai hain tha thi mein nahi nahin kya aur wale wala wali ki ka ke ko se bhi yeh woh wo yahan wahan mera mere meri uska uske uski usne hum log raha rahi rahe kar karo kuch koi toh bahut abhi kal aaj ek paas pe par liye jo") {
		m[w] = true
	}
	return m
})

const longestHindi = 5
