package screening

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAScriptIsKnownByTheFirstBytesOfCharacters(t *testing.T) {
	for r := range rune(utf8.MaxRune + 1) {
		if r >= 0x11000 || !utf8.ValidRune(r) {
			continue
		}
		got, want := scriptOf(string(r)), scriptOfRune(r)%noScript
		if got != want {
			t.Fatalf("%U: %d, want %d", r, got, want)
		}
	}
	for text, want := range map[string]byte{"": 0, "1 2!": 0, "ab вгд": 1, "abcd вгд": 0, "abc 中文": 3, "abcd 中文": 0, "αβ नम": 1, strings.Repeat("नम…", 9): 2} {
		if got := scriptOf(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
