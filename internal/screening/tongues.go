package screening

import (
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/language"
)

// passagesNamed is how many passages of a mixed text are named: who changes the language more often than that speaks both at once.
const passagesNamed = 24

// speak puts into a Screening in which languages a mixed text is, main first, and where each of them stands. A passage's weight is its
// share of the letters. Of what is proposed for refusal no passage is: nothing is extracted from it.
func speak(out *heed.Screening, text string, found language.Result, main string) {
	out.Language = main
	if len(found.All) == 0 {
		return
	}
	called := func(tag string) string { // the main one may have been named anew, by the form or by what the line serves
		if tag == found.Main {
			return main
		}
		return tag
	}
	out.Languages = []string{main}
	for _, tag := range found.All {
		if tag = called(tag); !slices.Contains(out.Languages, tag) {
			out.Languages = append(out.Languages, tag)
		}
	}
	if out.Refuse {
		return
	}
	for _, p := range found.Passages[:min(len(found.Passages), passagesNamed)] {
		out.Reasons = append(out.Reasons, heed.Reason{
			For: "language", Rule: languageRules + called(p.Tag), Phrase: text[p.Start:p.End], Start: p.Start, End: p.End, Weight: round(p.Share),
		})
	}
}
