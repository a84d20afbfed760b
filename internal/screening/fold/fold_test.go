package fold

import (
	"testing"
	"unicode"
)

func TestFoldingUnifiesWhatReadersTakeForTheSame(t *testing.T) {
	for text, want := range map[string]string{
		"CAFÉ":              "cafe",
		"Straße":            "strasse",
		"ＡＢＣ　１２":            "abc 12",
		"٠١٢ १२":            "012 12",
		"أحمد إلى المدرسةِ": "احمد الي المدرسه",
		"fi\u200bre\u202e":  "fire",
		"  a \t\n b  ":      "a b",
		"舉報":                "举报",
		"bad\xffbyte":       "bad byte",
		"е\u0308жик":        "ежик",
		"ﬁle “x” – ‘y’":     "file \"x\" - 'y'",
	} {
		if got := String(text); got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
}

func TestWordsAreLettersMarksAndDigits(t *testing.T) {
	for r := rune(-1); r <= unicode.MaxRune+1; r++ {
		if got, want := Word(r), unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r); got != want {
			t.Fatalf("%U: %v", r, got)
		}
	}
}

func FuzzEveryFoldedByteKnowsItsOrigin(f *testing.F) {
	f.Add("Ａé\u200b ß\xff舉")
	f.Fuzz(func(t *testing.T, s string) {
		x := New(s)
		last := 0
		for i := range x.Folded {
			a, b := x.Origin(i, i+1)
			if a < last || b <= a || b > len(s) {
				t.Fatalf("byte %d of %q comes from %d:%d", i, x.Folded, a, b)
			}
			last = a
		}
		if n := len(x.Folded); n > 0 {
			if a, b := x.FoldedSpan(0, len(s)); a != 0 || b != n {
				t.Fatalf("the whole of %q is %d:%d", x.Folded, a, b)
			}
		}
	})
}

func TestATextAndAWordAreFoldedAlike(t *testing.T) {
	for r := rune(1); r <= unicode.MaxRune; r++ {
		for _, text := range []string{"x" + string(r) + "x", "x\xe0\x80\xc3" + string(r) + "x"} {
			if got, want := New(text).Folded, String(text); got != want {
				t.Fatalf("%U: %q, not %q", r, got, want)
			}
		}
	}
}
