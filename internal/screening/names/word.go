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
)

// Capital says whether the word begins with a capital.
func (w Word) Capital() bool {
	return w.shape == capital || w.shape == shout || w.shape == initial || w.shape == mixed
}

// Split gives the words of text that are written in letters of an alphabet, or digits.
func Split(text string) []Word {
	out := make([]Word, 0, len(text)/6+4)
	start, signs, opens := -1, byte(' '), true
	flush := func(end int) {
		trimmed := strings.TrimRight(text[start:end], "'’-")
		w := Word{Start: start, End: start + len(trimmed), Lower: lower(trimmed), Opens: opens, before: signs, shape: shape(trimmed)}
		if len(trimmed) > 0 && w.Lower != "" {
			out = append(out, w)
			opens = false
		}
		start, signs = -1, ' '
	}
	for i, r := range text {
		if fold.Word(r) && !fold.Dense(r) || start >= 0 && (r == '\'' || r == '’' || r == '-') {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			flush(i)
		}
		switch {
		case r == '.' && len(out) > 0 && short(out[len(out)-1], text): // "Mr.", "J."
			signs = '.'
		case r == '.' || r == '!' || r == '?' || r == '\n' || r == '…' || r == '。':
			opens, signs = true, '.'
		case r == ' ' || r == '\u00a0':
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
		switch {
		case r >= 'a' && r <= 'z':
			lower++
			letters++
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsUpper(r):
			upper++
			letters++
		case unicode.IsLower(r):
			lower++
			letters++
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
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
