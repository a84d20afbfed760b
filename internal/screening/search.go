package screening

import (
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// SearchTokens gives the words by which a report can be searched: folded words, and for scripts without blanks every two
// characters in a row. Each stands once, in order of first place; at most 2,000.
func SearchTokens(text string) []string {
	return tokens(fold.New(text).Folded, 2000)
}

func tokens(folded string, most int) []string {
	var out []string
	seen := map[string]bool{}
	add := func(w string) {
		if w != "" && len(w) <= 64 && !seen[w] && len(out) < most {
			seen[w] = true
			out = append(out, w)
		}
	}
	start, before, run := -1, -1, 0 // of a word; of the dense character before; how many in a row
	for i, r := range folded {
		switch {
		case fold.Dense(r):
			if start >= 0 {
				add(folded[start:i])
				start = -1
			}
			if before >= 0 {
				add(folded[before : i+utf8.RuneLen(r)])
			}
			before = i
			run++
		case fold.Word(r):
			if run == 1 {
				add(folded[before:i])
			}
			before, run = -1, 0
			if start < 0 {
				start = i
			}
		default:
			if start >= 0 {
				add(folded[start:i])
			}
			if run == 1 {
				add(folded[before:i])
			}
			start, before, run = -1, -1, 0
		}
	}
	if start >= 0 {
		add(folded[start:])
	}
	if run == 1 {
		add(folded[before:])
	}
	return out
}
