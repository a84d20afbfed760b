package screening

import (
	"slices"
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
)

func TestATextsWordsAreCutAtWhatIsNoWord(t *testing.T) {
	for _, c := range []struct {
		text  string
		words []string
		runes []int32
	}{
		{"Gas, 3rd floor (B2b)!", []string{"gas", "3rd", "floor", "b2b"}, []int32{3, 3, 5, 3}},
		{"水漏れ3回", []string{"水", "漏", "れ", "3", "回"}, []int32{1, 1, 1, 1, 1}},
		{"see https://a.example/b?c=1 now", []string{"see", "https://a.example/b?c=1", "now"}, []int32{3, 23, 3}},
		{"http://a1е2水", []string{"http://a1", "е2", "水"}, []int32{9, 2, 1}}, // the address ends at a letter beyond ASCII
		{"http https:/x", []string{"http", "https", "x"}, []int32{4, 5, 1}},
	} {
		text := fold.New(c.text)
		var words []string
		var runes []int32
		for _, token := range appendTokens(nil, text) {
			word := token.of(text.Folded)
			words, runes = append(words, word), append(runes, token.runes)
			if token.hash != wordHash(word) || token.digits != (countDigits(word) > 0) {
				t.Errorf("%q of %q: %+v", word, c.text, token)
			}
		}
		if !slices.Equal(words, c.words) || !slices.Equal(runes, c.runes) {
			t.Errorf("%q: %q of %d", c.text, words, runes)
		}
	}
}
