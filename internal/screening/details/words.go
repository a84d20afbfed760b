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

// vocabularies are words.txt as its entries count in a text, by the text's language; "" is for those that have none of their own. Each is read
// once: most entries are of other languages than a text's, and to find them only to leave them out takes longer than all the rest.
var vocabularies = sync.OnceValue(func() map[string]func() *lexicon.Lexicon {
	sections := sections(lexicon.Unpack(wordList))
	all := map[string]func() *lexicon.Lexicon{}
	for _, s := range append(sections, section{}) {
		if all[s.lang] == nil {
			all[s.lang] = sync.OnceValue(func() *lexicon.Lexicon { return vocabulary(sections, s.lang) })
		}
	}
	return all
})

// section is a part of words.txt: one kind's entries of one language, "" of all.
type section struct{ kind, lang, entries string }

func sections(text string) (out []section) {
	_, text, _ = strings.Cut("\n"+text, "\n[[")
	for part := range strings.SplitSeq(text, "\n[[") {
		class, entries, _ := strings.Cut(part, "]]")
		kind, lang, _ := strings.Cut(class, ":")
		out = append(out, section{kind, lang, entries})
	}
	return out
}

// vocabulary reads what counts in a language.
func vocabulary(sections []section, lang string) *lexicon.Lexicon {
	var text strings.Builder
	for _, s := range sections {
		if s.counts(lang) && !strings.HasPrefix(s.kind, grammatical) {
			text.WriteString("[[" + s.kind + "]]" + s.entries + "\n")
		}
	}
	l, err := lexicon.Parse(text.String())
	if err != nil {
		panic("details: words.txt: " + err.Error()) // the file is part of the program; a test reads it
	}
	return l
}

// counts says whether the section's entries count in a language.
func (s section) counts(lang string) bool {
	return s.lang == "" || s.lang == lang || s.lang == "en" && !foreignTo(lang)
}

// word is a word of number, money or time in the text.
type word struct {
	kind       string
	start, end int
}

// readWords finds the words of numbers, money and time that count in the text's language.
func (f *finder) readWords() {
	lang := f.lang
	if lang == "yue" {
		lang = "zh"
	}
	of := vocabularies()[lang]
	if of == nil {
		of = vocabularies()[""]
	}
	hits := of().AppendHits(f.room.hits[:0], f.t)
	f.room.hits = hits
	slices.SortStableFunc(hits, func(a, b lexicon.Hit) int { return cmp.Compare(a.Start, b.Start) })
	for i := range hits {
		h := &hits[i]
		f.words = append(f.words, word{h.Class, h.Start, h.End})
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
