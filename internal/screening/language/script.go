package language

import (
	"sync"
	"unicode"
)

// group is a set of languages that share a script and must be told apart by their n-grams, or one that needs no model.
type group struct {
	name   string
	tables []*unicode.RangeTable
	only   string  // the one language, where the script has only one here
	weight float64 // letters of an alphabet that one character of this script is worth
}

// groups in the order in which they are tried. Chinese and Japanese share one: kana are grams like others.
var groups = [...]group{
	{"latin", []*unicode.RangeTable{unicode.Latin}, "", 1},
	{"han", []*unicode.RangeTable{unicode.Han, unicode.Hiragana, unicode.Katakana}, "", 2.5},
	{"cyrillic", []*unicode.RangeTable{unicode.Cyrillic}, "", 1},
	{"arabic", []*unicode.RangeTable{unicode.Arabic}, "", 1},
	{"devanagari", []*unicode.RangeTable{unicode.Devanagari}, "", 1},
	{"ethiopic", []*unicode.RangeTable{unicode.Ethiopic}, "", 1.5},
	{"hangul", []*unicode.RangeTable{unicode.Hangul}, "ko", 2},
	{"greek", []*unicode.RangeTable{unicode.Greek}, "el", 1},
	{"hebrew", []*unicode.RangeTable{unicode.Hebrew}, "he", 1},
	{"armenian", []*unicode.RangeTable{unicode.Armenian}, "hy", 1},
	{"georgian", []*unicode.RangeTable{unicode.Georgian}, "ka", 1},
	{"thai", []*unicode.RangeTable{unicode.Thai}, "th", 1},
	{"bengali", []*unicode.RangeTable{unicode.Bengali}, "bn", 1},
	{"gujarati", []*unicode.RangeTable{unicode.Gujarati}, "gu", 1},
	{"gurmukhi", []*unicode.RangeTable{unicode.Gurmukhi}, "pa", 1},
	{"tamil", []*unicode.RangeTable{unicode.Tamil}, "ta", 1},
	{"telugu", []*unicode.RangeTable{unicode.Telugu}, "te", 1},
	{"sinhala", []*unicode.RangeTable{unicode.Sinhala}, "si", 1},
	{"kannada", []*unicode.RangeTable{unicode.Kannada}, "kn", 1},
	{"malayalam", []*unicode.RangeTable{unicode.Malayalam}, "ml", 1},
	{"oriya", []*unicode.RangeTable{unicode.Oriya}, "or", 1},
	{"khmer", []*unicode.RangeTable{unicode.Khmer}, "km", 1},
	{"lao", []*unicode.RangeTable{unicode.Lao}, "lo", 1},
	{"myanmar", []*unicode.RangeTable{unicode.Myanmar}, "my", 1},
	{"tibetan", []*unicode.RangeTable{unicode.Tibetan}, "bo", 1},
	{"mongolian", []*unicode.RangeTable{unicode.Mongolian}, "mn-Mong", 1},
	{"thaana", []*unicode.RangeTable{unicode.Thaana}, "dv", 1},
	{"tifinagh", []*unicode.RangeTable{unicode.Tifinagh}, "zgh", 1},
	{"cherokee", []*unicode.RangeTable{unicode.Cherokee}, "chr", 1},
	{"yi", []*unicode.RangeTable{unicode.Yi}, "ii", 1},
}

// dense says whether the languages of a group are written without blanks, so that a word as eachWord gives it is a sentence.
func dense(group int) bool { return groups[group].name == "han" }

// kind is what a character is in a word: the group of a letter, from 1 on, whether it may stand inside a word of any group, and whether it
// has a small letter.
type kind uint8

const (
	joining kind = 1 << 7 // a mark on a letter, or an apostrophe
	capital kind = 1 << 6
	ofGroup      = capital - 1
)

// group is the index of a letter's group, -1 where it is no letter of a known script.
func (k kind) group() int { return int(k&ofGroup) - 1 }

func (k kind) joins() bool { return k&joining != 0 }

func (k kind) isCapital() bool { return k&capital != 0 }

// kindTable has the kinds of the characters of most alphabets.
type kindTable [alphabets]kind

// of looks a character up.
func (t *kindTable) of(r rune) kind {
	if uint32(r) < alphabets {
		return t[r]
	}
	return searchKind(r)
}

// groupOf gives the index of r's group, -1 where r is no letter of a known script.
func groupOf(r rune) int { return kinds().of(r).group() }

// alphabets is where the blocks of most alphabets end.
const alphabets = 0x3100

// kinds is asked once for a text: to ask whether the table is made costs as much as to look a character up.
var kinds = sync.OnceValue(func() *kindTable {
	var t kindTable
	for r := range t {
		t[r] = searchKind(rune(r))
	}
	return &t
})

func searchKind(r rune) kind {
	if r >= 0x4E00 && r <= 0x9FFF { // most characters behind the alphabets
		return 1 + 1
	}
	k := kind(searchGroup(r) + 1)
	if r == '\'' || r == '’' || r > 0x7F && unicode.In(r, unicode.Mn, unicode.Mc) {
		k |= joining
	}
	if unicode.ToLower(r) != r {
		k |= capital
	}
	return k
}

func searchGroup(r rune) int {
	if r == 'ー' {
		return 1
	}
	for i := range groups {
		if unicode.In(r, groups[i].tables...) {
			return i
		}
	}
	return -1
}

// caseless is where the letters begin of scripts that have no capitals, most of those behind the Armenian one.
const (
	caseless    = 0x0590
	caselessEnd = 0x10A0
)

// upper is unicode.IsUpper.
func upper(r rune) bool {
	switch {
	case r < 0x80:
		return r >= 'A' && r <= 'Z'
	case r >= caseless && r < caselessEnd, r >= 0x3000 && r < 0xA000:
		return false
	}
	return unicode.IsUpper(r)
}
