package names

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/fold"
)

//go:embed known.txt
var knownList string

// kinds are those of known.txt that a word is of, as letters, and their hash.
type kinds struct {
	letters string
	hash    hash
}

var noKinds = kinds{hash: of('k').part("")}

// known gives the kinds of the words of known.txt, by their hashes.
var known = sync.OnceValue(func() map[hash]kinds {
	letters := map[hash]string{}
	for line := range strings.Lines(knownList) {
		kind, words, ok := strings.Cut(line, ": ")
		if !ok || kind[0] == '#' {
			continue
		}
		for w := range strings.FieldsSeq(words) {
			id := of('w').part(w)
			if !strings.Contains(letters[id], kind[:1]) {
				letters[id] += kind[:1]
			}
		}
	}
	m := make(map[hash]kinds, len(letters))
	for id, l := range letters {
		m[id] = kinds{l, of('k').part(l)}
	}
	return m
})

// kindsOf are those of the word with the hash.
func kindsOf(id hash) kinds {
	if k, ok := known()[id]; ok {
		return k
	}
	return noKinds
}

// Known says whether known.txt has the word as a name: of a person, a place or an organisation.
func Known(word string) bool {
	return strings.ContainsAny(kindsOf(of('w').part(fold.String(word))).letters, "gkpo")
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// particle are words that may stand inside a name.
var particle = set("of and the de la las los del el da do das dos di du des d van von der den zu le les al bin ibn y e et & fur on upon sur")
