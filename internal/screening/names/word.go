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
	asked      bool // whether kinds are those of known.txt, and not merely unasked for
	kinds      string
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
)

// Capital says whether the word begins with a capital.
func (w Word) Capital() bool {
	return w.shape == capital || w.shape == shout || w.shape == initial || w.shape == mixed
}

// Split gives the words of text that are written in letters of an alphabet, or digits.
func Split(text string) []Word {
	return split(nil, text, func(start, end int) string { return lower(text[start:end]) })
}

// AppendWords adds what Split gives of a folded text to words: nothing is folded twice.
func AppendWords(words []Word, text *fold.Text) []Word {
	c := fold.Cursor{Text: text}
	return split(words, text.Original, func(start, end int) string { return strings.TrimSpace(c.Of(start, end)) })
}

func split(out []Word, text string, lower func(start, end int) string) []Word {
	start, signs, opens := -1, byte(' '), true
	flush := func(end int) {
		trimmed := trimmed(text[start:end])
		w := Word{Start: start, End: start + len(trimmed), Opens: opens, before: signs}
		if len(trimmed) > 0 {
			if w.Lower, w.shape = lower(w.Start, w.End), shape(trimmed); w.Lower != "" {
				out = append(out, w)
				opens = false
			}
		}
		start, signs = -1, ' '
	}
	for i, r := range text {
		if class := fold.ClassOf(r); class == fold.Letter || class == fold.Digit || start >= 0 && (r == '\'' || r == '’' || r == '-') {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			flush(i)
		}
		switch {
		case r == ' ' || r == '\u00a0':
		case r == '.' && len(out) > 0 && short(out[len(out)-1], text): // "Mr.", "J."
			signs = '.'
		case r == '.' || r == '!' || r == '?' || r == '\n' || r == '…' || r == '。':
			opens, signs = true, '.'
		case r < 0x80:
			signs = byte(r)
		default:
			signs = '"'
		}
	}
	if start >= 0 {
		flush(len(text))
	}
	return out
}

// trimmed is a word without the apostrophes and hyphens behind it.
func trimmed(w string) string {
	if last := w[len(w)-1]; last == '\'' || last == '-' || last == "’"[2] {
		return strings.TrimRight(w, "'’-")
	}
	return w
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
func short(w Word, text string) bool {
	return w.shape == initial && text[w.Start] != 'I' || w.Capital() && w.End-w.Start <= 3 && titles[w.Lower]
}

var titles = map[string]bool{"mr": true, "mrs": true, "ms": true, "dr": true, "st": true, "sr": true, "sra": true, "m": true, "mme": true, "hr": true, "fr": true, "ул": true}

func shape(s string) byte {
	upper, lower, digits, letters := 0, 0, 0, 0
	for _, r := range s {
		switch sortOf(r) {
		case isUpper:
			upper++
			letters++
		case isLower:
			lower++
			letters++
		case isLetter:
			letters++
		case isDigit:
			digits++
		}
	}
	first, _ := utf8.DecodeRuneInString(s)
	switch {
	case letters == 0:
		return numeral
	case digits > 0:
		return coded
	case upper+lower == 0:
		return other
	case upper == 0:
		return small
	case upper == 1 && letters == 1:
		return initial
	case lower == 0:
		return shout
	case upper == 1 && unicode.IsUpper(first), strings.ContainsAny(s, "-'’"):
		return capital
	}
	return mixed
}

// The sorts of characters that a word's shape goes by.
const (
	isNeither = iota
	isUpper
	isLower
	isLetter
	isDigit
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
	if r < alphabets {
		return sorts[r]
	}
	return sort(r)
}

func sort(r rune) uint8 {
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
