package screening

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/details"
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

// Query is what somebody searches for: tokens as QueryTokens gives them; and others, which do instead of them where a detail is among the words
// that a report may write in another way, a number without its country: its token in place of its words. others is nil where there is none. at
// is now, in the line's time.
func (s *Screener) Query(text string, at time.Time) (tokens, others []string, traits bool) {
	rest, traits := withoutTraits(text)
	tokens = SearchTokens(rest)
	t, language := fold.New(rest), declared(s.languages().Detect(rest), "")
	words := []byte(rest)
	for _, d := range details.Find(t, details.Context{Language: language, Regions: s.regions}) {
		if d.Type == "time" && countDigits(fold.String(d.Text)) == 0 {
			continue // "Monday" is searched as a word
		}
		if form := s.detailToken(d, language, at); form != "" {
			others = append(others, form)
			copy(words[d.Start:d.End], strings.Repeat(" ", d.End-d.Start))
		}
	}
	if others != nil {
		others = append(others, SearchTokens(string(words))...)
	}
	return tokens, others, traits
}

// DetailTokens gives what a report is searched by beside its words: its details by their normal forms, each once. Its text is of that language
// and came at that moment, which is told in the line's time.
func (s *Screener) DetailTokens(found []heed.Detail, language string, at time.Time) (tokens []string) {
	for _, d := range found {
		if token := s.detailToken(d, language, at); token != "" && !slices.Contains(tokens, token) {
			tokens = append(tokens, token)
		}
	}
	return tokens
}

// detailToken is "" where a detail is searched by its words alone: a name, a time of day, an amount of what isn't known.
func (s *Screener) detailToken(d heed.Detail, language string, at time.Time) string {
	form := details.Normal(d, details.Context{Language: language, Regions: s.regions}, at)
	switch d.Type {
	case "person", "organisation", "place":
		return ""
	case "time":
		if _, err := time.Parse(time.DateOnly, form[:min(len(form), len(time.DateOnly))]); err != nil {
			return ""
		}
		form = form[:len(time.DateOnly)]
	case "money":
		if form == fold.String(d.Text) {
			return ""
		}
	}
	return d.Type + " " + form // no word has a blank
}

// QueryTokens is SearchTokens of what somebody searches for, without the words for who a person is: belief, origin,
// migration status, sexuality, gender, health, poverty. So no search selects people by them, alone or beside other words.
// traits says that there were any.
func QueryTokens(text string) (tokens []string, traits bool) {
	rest, traits := withoutTraits(text)
	return SearchTokens(rest), traits
}

// withoutTraits puts blanks in the place of the words for who a person is.
func withoutTraits(text string) (rest string, traits bool) {
	folded, out := fold.New(text), []byte(text)
	for _, h := range traitWords().Match(folded) {
		traits = true
		start, end := folded.Origin(h.Start, h.End)
		copy(out[start:end], strings.Repeat(" ", end-start))
	}
	return string(out), traits
}
