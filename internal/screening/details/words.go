package details

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/heed-line/heed/internal/screening/lexicon"
)

//go:generate bzip2 -9kf words.txt
//go:embed words.txt.bz2
var wordList []byte

// vocabulary is words.txt, read once.
var vocabulary = sync.OnceValue(func() *lexicon.Lexicon {
	l, err := lexicon.Parse(lexicon.Unpack(wordList))
	if err != nil {
		panic("details: words.txt: " + err.Error()) // the file is part of the program; a test reads it
	}
	return l
})

// word is a word of number, money or time in the text.
type word struct {
	kind       string
	start, end int
}

// readWords finds the words of numbers, money and time that count in the text's language.
func (f *finder) readWords() {
	hits := vocabulary().AppendHits(f.room.hits[:0], f.t)
	f.room.hits = hits
	slices.SortStableFunc(hits, func(a, b lexicon.Hit) int { return cmp.Compare(a.Start, b.Start) })
	for i := range hits {
		h := &hits[i]
		kind, lang, limited := strings.Cut(h.Class, ":")
		if limited && lang != f.lang && lang != "en" && !(lang == "zh" && f.lang == "yue") {
			continue
		}
		if limited && lang == "en" && f.lang != "en" && foreignTo(f.lang) {
			continue
		}
		f.words = append(f.words, word{kind, h.Start, h.End})
	}
}

// foreignTo says of which languages the Latin words are their own, so that English ones ("may", "once") mislead.
func foreignTo(lang string) bool {
	switch lang {
	case "es", "fr", "pt", "de", "it", "nl", "tr", "sv":
		return true
	}
	return false
}
