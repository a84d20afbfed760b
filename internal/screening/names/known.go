package names

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:embed known.txt
var knownList string

// known gives the kinds of known.txt of a word, as letters.
var known = sync.OnceValue(func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(knownList) {
		kind, words, ok := strings.Cut(line, ": ")
		if !ok || kind[0] == '#' {
			continue
		}
		for w := range strings.FieldsSeq(words) {
			if !strings.Contains(m[w], kind[:1]) {
				m[w] += kind[:1]
			}
		}
	}
	return m
})

// Known says whether known.txt has the word as a name: of a person, a place or an organisation.
func Known(word string) bool { return strings.ContainsAny(known()[fold.String(word)], "gkpo") }

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// particle are words that may stand inside a name.
var particle = set("of and the de la las los del el da do das dos di du des d van von der den zu le les al bin ibn y e et & fur on upon sur")
