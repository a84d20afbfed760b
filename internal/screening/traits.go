package screening

import (
	_ "embed"
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

//go:embed traits.txt
var traitText string

// traitWords reads traits.txt at the first search.
var traitWords = sync.OnceValue(func() *lexicon.Lexicon {
	l, err := lexicon.Parse(traitText)
	if err != nil {
		panic("traits: " + err.Error()) // the file is part of the program, and a test reads it
	}
	return l
})

// QueryTokens is SearchTokens of what somebody searches for, without the words for who a person is: belief, origin,
// migration status, sexuality, gender, health, poverty. So no search selects people by them, alone or beside other words.
// traits says that there were any.
func QueryTokens(text string) (tokens []string, traits bool) {
	folded := fold.New(text)
	rest := []byte(folded.Folded)
	for _, h := range traitWords().Match(folded) {
		traits = true
		copy(rest[h.Start:h.End], strings.Repeat(" ", h.End-h.Start))
	}
	return SearchTokens(string(rest)), traits
}
