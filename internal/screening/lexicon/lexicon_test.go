package lexicon

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
)

func TestEveryShippedLexiconIsReadable(t *testing.T) {
	all := Shipped()
	for _, lang := range []string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt", "de", "ja", "hi"} {
		if all[lang] == nil {
			t.Errorf("%s has no lexicon", lang)
			continue
		}
		all[lang].load()
		if n := all[lang].entries; n < 300 {
			t.Errorf("%s has %d entries only", lang, n)
		}
	}
}

// TestTheProgramCarriesTheListsAsTheyAreWritten fails where a list was changed and `go generate` not run.
func TestTheProgramCarriesTheListsAsTheyAreWritten(t *testing.T) {
	var written []string
	for _, pattern := range []string{"*.txt", "concepts/*.txt"} {
		names, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		written = append(written, names...)
	}
	if len(written) != 20 {
		t.Fatalf("%d lists, not two of each of ten languages", len(written))
	}
	for _, name := range written {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if read(name) != string(text) {
			t.Errorf("%s isn't what the program carries: go generate ./internal/screening/lexicon", name)
		}
	}
}

func TestEveryLanguageHasAWordForEveryConcept(t *testing.T) {
	languages := map[string]int{}
	for _, l := range Shipped() {
		l.load()
		for _, class := range l.Classes() {
			if strings.HasPrefix(class, "=") {
				languages[class]++
			}
		}
	}
	if len(languages) < 100 {
		t.Errorf("%d concepts", len(languages))
	}
	for concept, n := range languages {
		if n != len(Shipped()) {
			t.Errorf("%s has words in %d languages", concept, n)
		}
	}
}

func TestAnEntryMatchesAsItsDescriptionSays(t *testing.T) {
	l, err := Parse("[[danger 1]]\n[gas|smoke] leak\nexplo* = 2\ndoor .. locked # a comment\n煤气\nغاز\n")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]int{
		"A GAS LEAK here":           1,
		"megagas leak":              0,
		"gas leaks":                 0,
		"it exploded":               1,
		"the door is always locked": 1,
		"the door. It is locked":    0,
		"有煤气味":                      1,
		"رائحة الغاز":               1,
		"ex\u200bplosion":           1,
		"gas\n  leak":               1,
		"ＧＡＳ　ＬＥＡＫ":                  1,
	} {
		if got := len(l.Match(fold.New(text))); got != want {
			t.Errorf("%q gave %d hits, not %d", text, got, want)
		}
	}
}

func TestAMisprintInALexiconIsNamedWithItsLine(t *testing.T) {
	for _, bad := range []string{"stray entry", "[[danger x]]", "[[danger 1]]\n[a|b", "[[danger 1]]\nword = heavy"} {
		if _, err := Parse(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}
