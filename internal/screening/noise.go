package screening

import (
	"slices"
	"strings"
	"unicode"

	"github.com/heed-line/heed/internal/screening/fold"
)

// noise says whether none of a text's readings has a word.
func noise(readings []*reading) bool {
	hits := 0
	for _, r := range readings {
		if r.speaks() {
			return false
		}
		hits += len(r.hits)
	}
	return gibberish(readings[0].text.Folded, hits > 0)
}

// gibberish says whether a folded text looks as if it had no words: few letters again and again, one drawn out over much of it, or keys
// struck at random where the lists have nothing of it. Signs, blanks and pictures don't count beside letters: whoever is afraid ends with a row of exclamation marks.
func gibberish(folded string, listed bool) bool {
	if folded == "" {
		return true
	}
	letters, pictures := false, false
	for _, c := range folded {
		letters = letters || fold.Word(c)
		pictures = pictures || unicode.Is(unicode.So, c)
	}
	if !letters && pictures {
		return false // they may say something
	}
	return monotonous(folded, letters) || !listed && mashed(folded)
}

// monotonous says whether a text is of few different characters, or one is drawn out over much of it: of its letters and digits, or, where it
// has none, of all its signs.
func monotonous(folded string, letters bool) bool {
	count, run, longest := 0, 1, 1
	var last rune
	kinds := make([]rune, 0, fewKinds+1)
	for _, c := range folded {
		if c == ' ' || letters && !fold.Word(c) {
			continue
		}
		count++
		if len(kinds) <= fewKinds && !slices.Contains(kinds, c) {
			kinds = append(kinds, c)
		}
		if c == last {
			run++
			longest = max(longest, run)
		} else {
			run = 1
		}
		last = c
	}
	return count >= 8 && len(kinds) <= fewKinds || longest >= 5 && longest*6 >= count
}

// fewKinds is of how many different characters no eight letters that say something are.
const fewKinds = 3

// mashed says whether most words of s are consonants without a vowel, as when keys are struck at random.
func mashed(s string) bool {
	words, bad, foreign := 0, 0, 0
	for _, w := range strings.FieldsFunc(s, func(c rune) bool { return c == ' ' }) {
		latin, vowels := 0, 0
		for _, c := range w {
			if c > 0x451 {
				foreign++
			}
			if c >= 'a' && c <= 'z' || c >= 'а' && c <= 'я' {
				latin++
				if strings.ContainsRune("aeiouyаеиоуыэюя", c) {
					vowels++
				}
			}
		}
		if latin >= 3 {
			words++
			if vowels*5 < latin {
				bad++
			}
		}
	}
	return words > 0 && bad*2 >= words && foreign < 3
}

// speaks says whether any word of the lists stands in a text but those that noise is told by. What speaks is not gibberish, however it
// is written.
func (r *reading) speaks() bool {
	for _, c := range r.classes {
		if !classes().quiet[c] {
			return true
		}
	}
	return false
}
