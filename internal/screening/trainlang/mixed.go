package main

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/language"
)

// mixedPairs are those whose switches are measured: ones that people mix, kin, and any two of one script.
var mixedPairs = [...][2]string{
	{"es", "en"}, {"fr", "pt"}, {"tr", "de"}, {"ru", "uk"}, {"en", "de"}, {"tl", "en"}, {"id", "en"}, {"ar", "ur"}, {"hi", "mr"}, {"zh", "ja"}, {"es", "pt"},
	{"any", "any"},
}

// mixed measures how switches of languages are found in sentences joined in twos, whole ones and, within one sentence, halves of ten words
// at most without a sign between; and how many sentences of one language are called mixed. What the bounds of a switch were chosen on is
// left out: one held sentence in two, by hash.
func mixed(model *language.Model, examples []example) {
	s := sample{model: model, texts: map[string][]string{}, r: rand.New(rand.NewPCG(3, 1))}
	for _, e := range examples {
		h := fnv.New64a()
		h.Write([]byte(e.Text))
		if h.Sum64()>>1%2 == 1 {
			continue // chosen on
		}
		if s.texts[e.Lang] == nil {
			s.languages = append(s.languages, e.Lang)
		}
		s.texts[e.Lang] = append(s.texts[e.Lang], e.Text)
	}
	slices.Sort(s.languages)
	s.unmixed()
	for _, pair := range mixedPairs {
		for _, whole := range [...]bool{true, false} {
			s.joined(pair, whole)
		}
	}
}

type sample struct {
	model     *language.Model
	languages []string
	texts     map[string][]string
	r         *rand.Rand
}

// unmixed prints how many texts of one and of two sentences in one language are called mixed. Some hold two scripts indeed, and count.
func (s *sample) unmixed() {
	var one, two, oneMixed, twoMixed int
	for _, l := range s.languages {
		for i, text := range s.texts[l] {
			one++
			if s.model.Detect(text).All != nil {
				oneMixed++
			}
			if i%2 == 1 {
				two++
				if s.model.Detect(s.texts[l][i-1]+" "+text).All != nil {
					twoMixed++
				}
			}
		}
	}
	fmt.Printf("called mixed: of one sentence %.4f of %d, of two %.4f of %d\n", share(oneMixed, one), one, share(twoMixed, two), two)
}

// joined prints how often exactly the two languages of a text are named, and how near the switch between them.
func (s *sample) joined(pair [2]string, whole bool) {
	var texts, mixed, right, near int
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
		texts++
		if got.All == nil {
			continue
		}
		mixed++
		if len(got.All) != 2 || !names(got.All, a) || !names(got.All, b) {
			continue
		}
		right++
		if at := got.Passages[1].Start; len(got.Passages) == 2 && far(x, y, at) <= 2 {
			near++
		}
	}
	if texts == 0 { // no blanks to cut at
		return
	}
	kind := "within a sentence"
	if whole {
		kind = "between sentences"
	}
	fmt.Printf("%s–%s %s: precision %.3f, recall %.3f of %d, within two words %.3f\n", pair[0], pair[1], kind, share(right, mixed), share(right, texts), texts,
		share(near, right))
}

func share(n, of int) float64 { return float64(n) / float64(max(of, 1)) }

func names(tags []string, base string) bool {
	return slices.ContainsFunc(tags, func(tag string) bool { b, _, _ := strings.Cut(tag, "-"); return b == base })
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
