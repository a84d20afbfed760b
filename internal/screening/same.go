package screening

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Same says that two texts are the same words in the same order, whatever their case, their blanks and the punctuation around the
// words: whoever has read one has read the other. A copy need not be: with another address or name in it, it is something of
// its own to know.
func Same(a, b Features) bool {
	if meaningless(&a) || meaningless(&b) || len(a.words) == 0 || a.whole != b.whole {
		return false
	}
	return slices.Equal(wordsAsWritten(a.text), wordsAsWritten(b.text)) // whole is a hash, and of folded words
}

// wordsAsWritten are a text's words with the signs in them and the accents on them: folded, jo_hn@gate.example and
// jo-hn@gate.example are one, and so are an amount in euros and one in dollars.
func wordsAsWritten(text string) []string {
	visible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) { // joins or turns what is seen, and isn't
			return -1
		}
		return r
	}, text)
	words := strings.Fields(strings.ToLower(norm.NFKC.String(visible)))
	for i, w := range words {
		words[i] = strings.Trim(w, around)
	}
	return slices.DeleteFunc(words, func(w string) bool { return !strings.ContainsFunc(w, tells) })
}

// around is the punctuation that stands beside words and tells nothing.
const around = ".,;:!?…\"'“”‘’„«»‹›()[]{}、。，；：！？「」『』（）《》【】·،؛؟।॥"

// tells says that a character is more than a dash or a dot.
func tells(r rune) bool { return !unicode.IsPunct(r) }
