package evaluate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"unicode"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// wrappers are what people put before a text that they pass on.
var wrappers = [...]string{"", "Fwd: ", "Please read this: ", "转发：", "From my neighbour: "}

// edit changes a share of the words of a text (characters, where it has few blanks) for words of others, and wraps it.
func edit(r *rand.Rand, text string, share float64, words []string) string {
	parts := strings.Fields(text)
	joint := " "
	if len(parts)*12 < len(text) {
		parts = strings.Split(text, "")
		joint = ""
	}
	for i := range parts {
		if r.Float64() < share {
			parts[i] = words[r.IntN(len(words))]
		}
	}
	return wrappers[r.IntN(len(wrappers))] + strings.Join(parts, joint)
}

// Edited measures how copies are found among messages: the first half of texts comes first, then for a third of them an
// edited copy, mixed with the second half, which has none. A copy that points at another message than its origin is
// wrong, and so is a new message called a copy.
func Edited(s *screening.Screener, texts []string, share float64, seed uint64) (F1, error) {
	r := rand.New(rand.NewPCG(seed, 1))
	var words []string
	for _, t := range texts {
		if f := strings.Fields(t); len(f) > 4 {
			words = append(words, f...)
		} else {
			for _, c := range t {
				if unicode.IsLetter(c) {
					words = append(words, string(c))
				}
			}
		}
	}
	half := len(texts) / 2
	var reports []Report
	for i, t := range texts[:half] {
		reports = append(reports, Report{ID: heed.ID(fmt.Sprint("o", i)), Text: t})
	}
	for i, t := range texts[half:] {
		reports = append(reports, Report{ID: heed.ID(fmt.Sprint("n", i)), Text: t})
		if i%3 == 0 && i < half {
			reports = append(reports, Report{ID: heed.ID(fmt.Sprint("e", i)), Text: edit(r, texts[i], share, words), CopyOf: heed.ID(fmt.Sprint("o", i))})
		}
	}
	all, err := Run(s, reports)
	if err != nil {
		return F1{}, err
	}
	var f F1
	for _, a := range all {
		if a.CopyOf != "" {
			f.Labelled++
		}
		if d := a.Answer.DuplicateOf; d != nil {
			f.Found++
			if *d == a.CopyOf {
				f.Exact++
			}
			if a.CopyOf != "" {
				f.Overlap++
			}
		}
	}
	return f, nil
}

// Distinct drops texts that share two fifths of their words with one before, so that natural copies don't count as errors.
func Distinct(texts []string, most int) []string {
	seen := map[string][]int{}
	var out []string
	for _, t := range texts {
		words := screening.SearchTokens(t)
		shared := map[int]int{}
		for _, w := range words {
			for _, i := range seen[w] {
				shared[i]++
			}
		}
		copied := len(words) < 6
		for _, n := range shared {
			copied = copied || 5*n >= 2*len(words)
		}
		if copied {
			continue
		}
		for _, w := range words {
			if len(seen[w]) < 200 {
				seen[w] = append(seen[w], len(out))
			}
		}
		if out = append(out, t); len(out) == most {
			break
		}
	}
	return out
}
