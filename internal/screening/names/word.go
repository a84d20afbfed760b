package names

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed/internal/screening/fold"
)

// Word is a word of a text; apostrophes and hyphens inside belong to it.
type Word struct {
	Start, End int
	Lower      string // folded
	Opens      bool   // it begins a sentence
	before     byte   // what stands between the word before and this: ' ' only blanks, else the last sign
	shape      byte
}

// The shapes of words.
const (
	small   = 'x'
	capital = 'X'
	shout   = 'A' // more than one letter, all capitals
	mixed   = 'm' // iPhone, McDonald
	initial = 'I' // one capital
	numeral = '9'
	coded   = 'c' // letters and digits
	other   = 'o' // of a script without capitals
	han     = 'h' // one character of a script without blanks
	kana    = 'k'
	soft    = 'g' // hiragana
)

// touching is what stands between characters with nothing between.
const touching = '_'

// dense says whether the shape is that of a character of a script without blanks, which is a word by itself here.
func dense(shape byte) bool { return shape == han || shape == kana || shape == soft }

// Capital says whether the word begins with a capital.
func (w *Word) Capital() bool {
	return w.shape == capital || w.shape == shout || w.shape == initial || w.shape == mixed
}

// Split gives the words of text that are written in letters of an alphabet, or digits.
func Split(text string) []Word {
	return split(nil, text, func(start, end int) string { return lower(text[start:end]) })
}

// AppendWords adds what Split gives of a folded text to words: nothing is folded twice.
func AppendWords(words []Word, text *fold.Text) []Word {
	c := fold.Cursor{Text: text}
	return split(words, text.Original, func(start, end int) string { return strings.Trim(c.Of(start, end), " ") })
}

func split(out []Word, text string, lower func(start, end int) string) []Word {
	signs, opens := byte(' '), true
	var w letters // of the word that is read
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		at := i
		i += size
		if shape := denseShape(r); shape != 0 {
			if w.end > 0 {
				out, opens = w.append(out, signs, opens, lower)
				w, signs = letters{}, touching
			}
			if folded := lower(at, i); folded != "" {
				out = append(out, Word{Start: at, End: i, Lower: folded, Opens: opens, before: signs, shape: shape})
				opens, signs = false, touching
			}
			continue
		}
		if sort := sortOf(r); sort != noWord {
			if w.end == 0 {
				w.start, w.first = at, sort
			} else if at > w.end {
				w.joined = true
			}
			w.end = i
			w.count[sort]++
			continue
		}
		if w.end > 0 {
			if r == '\'' || r == '’' || r == '-' {
				continue
			}
			out, opens = w.append(out, signs, opens, lower)
			w, signs = letters{}, ' '
		} else if signs == touching {
			signs = ' '
		}
		switch {
		case r == ' ' || r == '\u00a0' || r == '\u3000':
		case r == '.' && len(out) > 0 && short(&out[len(out)-1], text): // "Mr.", "J."
			signs = '.'
		case r == '.' || r == '!' || r == '?' || r == '\n' || r == '…' || r == '。':
			opens, signs = true, '.'
		case r == '，' || r == '、' || r == '：' || r == '（' || r == '）':
			signs = ','
		case r == '！' || r == '？':
			opens, signs = true, '.'
		case r < 0x80:
			signs = byte(r)
		default:
			signs = '"'
		}
	}
	if w.end > 0 {
		out, _ = w.append(out, signs, opens, lower)
	}
	return out
}

// denseShape is the shape of a character of a script without blanks, 0 of another.
func denseShape(r rune) byte {
	switch {
	case r < 0x3005:
		return 0
	case r >= 0x3041 && r <= 0x309F:
		return soft
	case r >= 0x30A1 && r <= 0x30FF || r >= 0xFF66 && r <= 0xFF9D:
		return kana
	case r >= 0x4E00 && r <= 0x9FFF || r >= 0x3400 && r <= 0x4DBF || r == '々' || r == '〇' || r >= 0x20000 && r <= 0x323AF:
		return han
	}
	return 0
}

// letters are what a word is written in.
type letters struct {
	start, end int              // without apostrophes and hyphens behind it; end is 0 before a word begins
	first      uint8            // the sort of the first
	joined     bool             // an apostrophe or a hyphen stands inside
	count      [sortCount]int32 // by sort
}

// append adds the word to words unless nothing is left of it folded, and says whether the next one opens a sentence.
func (l *letters) append(words []Word, signs byte, opens bool, lower func(start, end int) string) ([]Word, bool) {
	folded := lower(l.start, l.end)
	if folded == "" {
		return words, opens
	}
	return append(words, Word{Start: l.start, End: l.end, Lower: folded, Opens: opens, before: signs, shape: l.shape()}), false
}

// lower is fold.String, which most words need no table for.
func lower(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return fold.String(s)
		}
	}
	return strings.ToLower(s)
}

// short says that the full stop after w shortens it rather than ends a sentence.
func short(w *Word, text string) bool {
	return w.shape == initial && text[w.Start] != 'I' || w.Capital() && w.End-w.Start <= 3 && titles[w.Lower]
}

var titles = map[string]bool{"mr": true, "mrs": true, "ms": true, "dr": true, "st": true, "sr": true, "sra": true, "m": true, "mme": true, "hr": true, "fr": true, "ул": true}

func (l *letters) shape() byte {
	upper, lower := l.count[isUpper], l.count[isLower]
	letters := upper + lower + l.count[isLetter]
	switch {
	case letters == 0:
		return numeral
	case l.count[isDigit] > 0:
		return coded
	case upper+lower == 0:
		return other
	case upper == 0:
		return small
	case upper == 1 && letters == 1:
		return initial
	case lower == 0:
		return shout
	case upper == 1 && l.first == isUpper, l.joined:
		return capital
	}
	return mixed
}

// The sorts of characters that a word's shape goes by.
const (
	noWord = iota // it ends one
	isUpper
	isLower
	isLetter
	isDigit
	isNeither
	sortCount
)

// alphabets is where the blocks of most alphabets end.
const alphabets = 0x3100

var sorts = func() (t [alphabets]uint8) {
	for r := range rune(alphabets) {
		t[r] = sort(r)
	}
	return t
}()

func sortOf(r rune) uint8 {
	if uint32(r) < alphabets {
		return sorts[r]
	}
	return sort(r)
}

func sort(r rune) uint8 {
	if class := fold.ClassOf(r); class != fold.Letter && class != fold.Digit {
		return noWord
	}
	switch {
	case unicode.IsUpper(r):
		return isUpper
	case unicode.IsLower(r):
		return isLower
	case unicode.IsLetter(r):
		return isLetter
	case unicode.IsDigit(r):
		return isDigit
	}
	return isNeither
}
