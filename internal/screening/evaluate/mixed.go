package evaluate

import (
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/language"
	"github.com/heed-line/heed/internal/screening/language/teach"
)

// mixedPairs are those whose switches are measured: ones that people mix, kin, and any two of one script.
var mixedPairs = [...][2]string{
	{"es", "en"}, {"fr", "pt"}, {"tr", "de"}, {"ru", "uk"}, {"en", "de"}, {"tl", "en"}, {"id", "en"}, {"ar", "ur"}, {"hi", "mr"}, {"zh", "ja"}, {"es", "pt"},
	{"any", "any"},
}

// Mixing is how the switches of languages are found in texts of two: exactly both named, of those called mixed (Right/Mixed) and of all
// (Right/Texts), and the switch within two words of where it is (Near/Right).
type Mixing struct {
	Pair                      [2]string // base tags; "any" twice for any two of one script
	Whole                     bool      // sentences joined, not halves of ten words at most without a sign between
	Texts, Mixed, Right, Near int
}

// Unmixed is how many texts of one and of two sentences in one language are called mixed; some hold two scripts indeed, and count.
type Unmixed struct{ One, OneMixed, Two, TwoMixed int }

// Mixed measures how switches of languages are found in sentences joined in twos, and how many sentences of one language are called mixed.
// What the bounds of a switch were chosen on is left out: one held sentence in two, by hash.
func Mixed(model *language.Model, examples []teach.Example) (Unmixed, []Mixing) {
	s := sample{model: model, texts: map[string][]string{}, r: rand.New(rand.NewPCG(3, 1))}
	for _, e := range examples {
		if teach.Hash(e.Text)>>1%2 == 1 {
			continue // chosen on
		}
		if s.texts[e.Lang] == nil {
			s.languages = append(s.languages, e.Lang)
		}
		s.texts[e.Lang] = append(s.texts[e.Lang], e.Text)
	}
	slices.Sort(s.languages)
	unmixed := s.unmixed()
	var all []Mixing
	for _, pair := range mixedPairs {
		for _, whole := range [...]bool{true, false} {
			if m := s.joined(pair, whole); m.Texts > 0 { // none where there are no blanks to cut at
				all = append(all, m)
			}
		}
	}
	return unmixed, all
}

type sample struct {
	model     *language.Model
	languages []string
	texts     map[string][]string
	r         *rand.Rand
}

func (s *sample) unmixed() (u Unmixed) {
	for _, l := range s.languages {
		for i, text := range s.texts[l] {
			u.One++
			if s.model.Detect(text).All != nil {
				u.OneMixed++
			}
			if i%2 == 1 {
				u.Two++
				if s.model.Detect(s.texts[l][i-1]+" "+text).All != nil {
					u.TwoMixed++
				}
			}
		}
	}
	return u
}

func (s *sample) joined(pair [2]string, whole bool) Mixing {
	m := Mixing{Pair: pair, Whole: whole}
	for range 2000 {
		a, b := s.draw(pair)
		x, y, ok := s.sentence(a), s.sentence(b), true
		if !whole {
			x, y, ok = cut(x, y)
		}
		if !ok {
			continue
		}
		got := s.model.Detect(x + " " + y)
		m.Texts++
		if got.All == nil {
			continue
		}
		m.Mixed++
		if len(got.All) != 2 || !names(got.All, a) || !names(got.All, b) {
			continue
		}
		m.Right++
		if at := got.Passages[1].Start; len(got.Passages) == 2 && far(x, y, at) <= 2 {
			m.Near++
		}
	}
	return m
}

func names(tags []string, of string) bool {
	return slices.ContainsFunc(tags, func(tag string) bool { return base(tag) == of })
}

// far is how many words lie between where y begins after x and at.
func far(x, y string, at int) int {
	between := len(x) + 1 - at
	if between < 0 {
		return len(strings.Fields(y[:min(len(y), -between)]))
	}
	return len(strings.Fields(x[len(x)-min(len(x), between):]))
}

// draw gives the pair in either order; any two of one script for "any".
func (s *sample) draw(pair [2]string) (a, b string) {
	a, b = pair[0], pair[1]
	for a == "any" || a == b || !sameScript(s.texts[a][0], s.texts[b][0]) && pair[0] == "any" {
		a, b = s.languages[s.r.IntN(len(s.languages))], s.languages[s.r.IntN(len(s.languages))]
	}
	if s.r.IntN(2) == 0 {
		return b, a
	}
	return a, b
}

func (s *sample) sentence(l string) string { return s.texts[l][s.r.IntN(len(s.texts[l]))] }

// sameScript compares the scripts of the first letters of two texts.
func sameScript(a, b string) bool {
	for _, table := range [...]*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Arabic, unicode.Devanagari, unicode.Ethiopic, unicode.Han} {
		has := func(s string) bool { return 2*len([]rune(strings.Map(only(table), s))) > len(strings.Fields(s)) }
		if has(a) {
			return has(b)
		}
	}
	return false
}

func only(table *unicode.RangeTable) func(rune) rune {
	return func(r rune) rune {
		if unicode.Is(table, r) {
			return r
		}
		return -1
	}
}

// cut joins the first half of x to the second of y, as one sentence.
func cut(x, y string) (string, string, bool) {
	a, b := strings.Fields(x), strings.Fields(y)
	if len(a) < 8 || len(b) < 8 {
		return "", "", false
	}
	x = strings.TrimRight(strings.Join(a[:min(len(a)/2, 10)], " "), ".,;:!?")
	y = strings.Join(b[len(b)-min(len(b)/2, 10):], " ")
	first, n := utf8.DecodeRuneInString(y)
	return x, string(unicode.ToLower(first)) + y[n:], true
}
