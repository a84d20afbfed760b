package details

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Most rules need a digit, and most of a text has none near: they look around digits only, and only where a cheap
// guard says that they could find something.

// aroundDigits gives the parts of s from back bytes before to ahead bytes after a digit, widened to the next blank or by
// 48 bytes, in order and apart.
func aroundDigits(s string, back, ahead int) [][2]int {
	const widen = 48
	var out [][2]int
	for i := 0; i < len(s); i++ {
		if !isDigit(s[i]) {
			continue
		}
		a, b := max(0, i-back), min(len(s), i+ahead)
		for n := 0; a > 0 && (s[a] != ' ' && n < widen || !utf8.RuneStart(s[a])); n++ {
			a--
		}
		for n := 0; b < len(s) && (s[b] != ' ' && n < widen || !utf8.RuneStart(s[b])); n++ {
			b++
		}
		if n := len(out); n > 0 && a <= out[n-1][1] {
			out[n-1][1] = b
		} else {
			out = append(out, [2]int{a, b})
		}
	}
	return out
}

// guard says whether a rule could match in a part of the folded text.
type guard func(part string) bool

// holds is a guard for any of words.
func holds(words ...string) guard {
	return func(part string) bool { return says(part, words) }
}

// digitsAtLeast is a guard for so many digits.
func digitsAtLeast(n int) guard {
	return func(part string) bool {
		have := 0
		for i := range len(part) {
			if isDigit(part[i]) {
				have++
			}
		}
		return have >= n
	}
}

// afterDigit is a guard for a digit followed, after a blank perhaps, by one of words.
func afterDigit(words ...string) guard {
	return func(part string) bool {
		for i := 0; i+1 < len(part); i++ {
			if !isDigit(part[i]) || isDigit(part[i+1]) {
				continue
			}
			rest := part[skip(part, i+1, " "):]
			for _, w := range words {
				if strings.HasPrefix(rest, w) {
					return true
				}
			}
		}
		return false
	}
}

// run is a guard for so many bytes without a blank.
func run(n int) guard {
	return func(part string) bool {
		length := 0
		for i := range len(part) {
			if part[i] == ' ' {
				length = 0
			} else if length++; length >= n {
				return true
			}
		}
		return false
	}
}

// each calls found for each match of re in the parts of the folded text, with offsets of the whole and of the first
// group (-1 where there is none).
func (f *finder) each(parts [][2]int, g guard, re *regexp.Regexp, found func(start, end, from, to int)) {
	for _, w := range parts {
		if !g(f.s[w[0]:w[1]]) {
			continue
		}
		for _, m := range re.FindAllStringSubmatchIndex(f.s[w[0]:w[1]], atMost) {
			call(w[0], m, found)
		}
	}
}

// eachOriginal does the same in the original text; offsets are the original's.
func (f *finder) eachOriginal(parts [][2]int, g guard, re *regexp.Regexp, found func(start, end, from, to int)) {
	for _, w := range parts {
		if !g(f.s[w[0]:w[1]]) {
			continue
		}
		a, b := f.t.Origin(w[0], w[1])
		for _, m := range re.FindAllStringSubmatchIndex(f.t.Original[a:b], atMost) {
			call(a, m, found)
		}
	}
}

func call(offset int, m []int, found func(start, end, from, to int)) {
	if len(m) > 2 && m[2] >= 0 {
		found(offset+m[0], offset+m[1], offset+m[2], offset+m[3])
		return
	}
	found(offset+m[0], offset+m[1], -1, -1)
}
