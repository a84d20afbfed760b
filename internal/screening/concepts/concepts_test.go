package concepts

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

func found(text string, languages ...string) string {
	v := Shipped()
	var names []string
	for _, h := range v.Find(fold.New(text), languages) {
		if name := v.Name(h.Concept); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestOneHappeningNamesTheSameConceptsInEveryLanguage(t *testing.T) {
	for language, text := range map[string]string{
		"en":      "There's a smell of gas at the school",
		"zh-Hans": "学校里有煤气味，气味很重",
		"es":      "Huele a gas en la escuela",
		"fr":      "Odeur de gaz à l'école",
		"ar":      "رائحة غاز في المدرسة",
		"ru":      "Запах газа в школе",
		"pt":      "Cheiro de gás na escola",
		"de":      "Geruch von Gas in der Schule",
		"ja":      "学校でガスの臭いがします",
		"hi":      "स्कूल में गैस की बदबू",
	} {
		if got := found(text, language); got != "gas school smell" {
			t.Errorf("%s: %q", language, got)
		}
	}
}

func TestAWordCountsInItsLanguageAndWholeUnlessItIsOpen(t *testing.T) {
	if got := found("Los vecinos", "es"); got != "" {
		t.Errorf("Spanish \"los\" names %q", got) // German: a batch
	}
	if got := found("He was ill", "en"); got != "sick" {
		t.Errorf("%q", got)
	}
	if got := found("illustrated firebird", "en"); got != "" {
		t.Errorf("part of a word names %q", got)
	}
}

func TestEveryConceptHasWordsInTheTenLanguages(t *testing.T) {
	v := Shipped()
	words := make([]map[string]bool, v.Len())
	for language, entries := range v.entries {
		for _, e := range entries.entries {
			if words[e.concept] == nil {
				words[e.concept] = map[string]bool{}
			}
			words[e.concept][language] = true
		}
	}
	for i := range words {
		if len(words[i]) != 10 {
			t.Errorf("%s has words in %d languages", v.Name(i), len(words[i]))
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("煤气 school gas")
	f.Fuzz(func(t *testing.T, text string) {
		folded := fold.New(text)
		for _, h := range Shipped().Find(folded, []string{"en", "zh-Hans", "ja", "ar"}) {
			if h.Start < 0 || h.End <= h.Start || h.End > len(folded.Folded) || !utf8.ValidString(folded.Folded[h.Start:h.End]) {
				t.Fatalf("a hit at %d:%d", h.Start, h.End)
			}
		}
	})
}
