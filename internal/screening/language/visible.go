package language

import (
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// visible is the beginning of s, readAtMost bytes of it, as a reader sees it: without characters that nobody sees, and with letters in place of
// their full-width and mathematical forms. The model knows none of these, and takes a language written so for one as strange. from is the place
// in s of each of its bytes, and of its end; nil where they are the same.
func visible(s string) (seen string, from []int) {
	at := firstUnseen(s[:whole(s, readAtMost)])
	if at < 0 {
		return s[:whole(s, readAtMost)], nil
	}
	b := append(make([]byte, 0, min(len(s), readAtMost)), s[:at]...)
	for i := range at {
		from = append(from, i)
	}
	before, _ := utf8.DecodeLastRuneInString(s[:at])
	for at < len(s) && len(b) <= readAtMost-utf8.UTFMax {
		r, size := utf8.DecodeRuneInString(s[at:])
		switch {
		case unseen(r, before):
		case restyled(r):
			b = norm.NFKC.AppendString(b, s[at:at+size])
			before, _ = utf8.DecodeLastRune(b)
		default:
			b, before = append(b, s[at:at+size]...), r
		}
		for len(from) < len(b) {
			from = append(from, at)
		}
		at += size
	}
	return string(b), append(from, at)
}

// firstUnseen is the place of the first character that visible changes; -1 where there is none.
func firstUnseen(s string) int {
	for i := range len(s) {
		switch s[i] {
		case 0xC2, 0xE2, 0xEF, 0xF0, 0xF3: // with which those begin
			r, _ := utf8.DecodeRuneInString(s[i:])
			before, _ := utf8.DecodeLastRuneInString(s[:i])
			if unseen(r, before) || restyled(r) {
				return i
			}
		}
	}
	return -1
}

// unseen says whether a character joins, parts or turns others and isn't seen itself. Some scripts need joiners, in which what is before one
// is no letter of an alphabet in blocks as low.
func unseen(r, before rune) bool {
	switch {
	case r == 0x200C || r == 0x200D:
		return before < 0x0530
	case r == 0xAD, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F, r == 0xFEFF:
		return true
	}
	return r >= 0xE0000 && r <= 0xE007F // tags
}

// restyled says whether a character is a letter in another form: full-width, or of mathematics (bold, script, double-struck …).
func restyled(r rune) bool {
	return r >= 0xFF21 && r <= 0xFF3A || r >= 0xFF41 && r <= 0xFF5A || r >= 0x1D400 && r <= 0x1D7FF
}
