package screening

import (
	"slices"
	"strings"

	"github.com/heed-line/heed/internal/screening/fold"
)

// Same says that two texts are the same words in the same order, however they are spaced, pointed and spelt: whoever has read one has
// read the other. A copy need not be: with another address or name in it, it is something of its own to know.
func Same(a, b Features) bool {
	if meaningless(a) || meaningless(b) || len(a.words) == 0 || a.whole != b.whole {
		return false
	}
	return slices.Equal(allWords(a.text), allWords(b.text)) // whole is a hash, and of the first words alone
}

func allWords(text string) []string {
	return strings.FieldsFunc(fold.New(text).Folded, func(r rune) bool { return !fold.Word(r) })
}
