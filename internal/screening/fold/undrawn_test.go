package fold

import (
	"strings"
	"testing"
	"unicode"
)

func TestALetterThatIsDrawnOutIsWrittenOnce(t *testing.T) {
	for _, c := range []struct{ text, once, twice string }{
		{"HEEEeeLP me", "help me", "heelp me"},
		{"they are killlling", "they are kiling", "they are killing"},
		{"HEEELLLPPP", "help", "heellpp"},
		{"助けてええええ", "助けてえ", "助けてええ"},
		{"помогитеееее!!!!!", "помогите!!!!!", "помогитее!!!!!"},
		{"बचाओओओओ", "बचाओ", "बचाओओ"},
		{"الحقونيييي", "الحقوني", "الحقونيي"},
		{"Hiiiilfe, Hiiiilfeee 1111 www.a.example", "hilfe, hilfe 1111 www.a.example", "hiilfe, hiilfee 1111 www.a.example"},
	} {
		if once, _ := New(c.text).Undrawn(1); once == nil || once.Folded != c.once {
			t.Errorf("%q once: %+v", c.text, once)
		}
		if twice, _ := New(c.text).Undrawn(2); twice == nil || twice.Folded != c.twice {
			t.Errorf("%q twice: %+v", c.text, twice)
		}
	}
	for _, text := range []string{"", "help", "救救我", "committee", "see www.example", "aaaaaa", "111111", "!!!!!!", "a1111b", "\xff\xff\xff\xff"} {
		if got, _ := New(text).Undrawn(1); got != nil {
			t.Errorf("%q became %q", text, got.Folded)
		}
	}
}

func TestPlacesInWhatIsNoLongerDrawnOutAreThoseOfTheText(t *testing.T) {
	text := "Au secouuuurs ! Ils ont un couteauuu, 助けてええええ"
	got, _ := New(text).Undrawn(1)
	for folded, original := range map[string]string{"secours": "secouuuurs", "couteau,": "couteauuu,", "助けて": "助けて", "ils": "Ils"} {
		at := strings.Index(got.Folded, folded)
		if at < 0 {
			t.Fatalf("%q is not in %q", folded, got.Folded)
		}
		if start, end := got.Origin(at, at+len(folded)); text[start:end] != original {
			t.Errorf("%q comes from %q", folded, text[start:end])
		}
	}
}

func TestPlacesInWhatIsNoLongerDrawnOutNeverDescend(t *testing.T) {
	for _, text := range []string{"! helppp\x00\x00\x00a", "!救命啊啊啊\x00\x00\x00a", "heeelp\x00\x00\x00meee"} {
		got, _ := New(text).Undrawn(1)
		for i := 1; i < len(got.Folded); i++ {
			if got.At(i) < got.At(i-1) {
				t.Errorf("%q: byte %d comes from %d, the one before from %d", text, i, got.At(i), got.At(i-1))
			}
		}
	}
}

func TestNothingThatIsDrawnOutIsPassedOver(t *testing.T) {
	for r := rune(1); r <= unicode.MaxRune; r++ {
		c := string(r)
		text := "x" + strings.Repeat(c, drawnOut) + "x" + strings.Repeat(strings.ToUpper(c), drawnOut)
		if nextDrawn(text, 0).end == 0 {
			continue
		}
		if got, _ := New(text).Undrawn(1); got == nil {
			t.Errorf("%U", r)
		}
	}
}
