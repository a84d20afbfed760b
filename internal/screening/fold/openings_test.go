package fold

import (
	"strings"
	"testing"
)

func TestAPhraseMayBeginWhereItsFirstWordStands(t *testing.T) {
	var o Openings
	for _, phrase := range []string{"gas leak", "fire", "24 hours", "水漏れ", "火", "العمارة"} {
		o.Add(phrase, false)
	}
	o.Add("explo", true)
	for text, want := range map[string]bool{
		"gas is here": true, "fire": true, "fire1": true, "exploded": true, "explo": true, "24h": true, "水漏": true, "火事": true, "العمارة": true, "$5": true,
		"gasoline": false, "fires": false, "expl": false, "2 hours": false, "水道": false, "عمارة": false, "": true,
	} {
		if got := o.May(text, 0); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if got := o.May("…"+text, len("…")); got != want {
			t.Errorf("%q amid a text: %v", text, got)
		}
	}
}

func TestACursorGivesWhatEachPartWasFoldedTo(t *testing.T) {
	for _, s := range []string{"Ünsere  Straße, 12 ﷺ ABC", "ШКОЛА №5\u200b и ЁЛКА", "بِسْمِ ١٢٣ الأمل", "\xffＧＡＳ　漏洩 ½ ´a"} {
		text, at := New(s), 0
		c := Cursor{Text: text}
		for _, part := range strings.SplitAfter(s, " ") {
			from, to := text.FoldedSpan(at, at+len(part))
			if got, want := c.Of(at, at+len(part)), text.Folded[from:max(from, to)]; got != want {
				t.Errorf("%q of %q is %q, not %q", part, s, got, want)
			}
			at += len(part)
		}
	}
}
