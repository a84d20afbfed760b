package fold

import (
	"strings"
	"testing"
)

func TestAPhraseMayBeginWhereItsFirstWordStands(t *testing.T) {
	var o Openings
	for _, phrase := range []string{"gas-leak", "fire", "24-hours", "水漏れ", "火", "العمارة", "$5"} {
		o.Add(String(phrase), false)
	}
	o.Add("explo", true)
	for text, want := range map[string]bool{
		"gas is here": true, "fire": true, "fire1": true, "exploded": true, "explo": true, "24h": true, "水漏": true, "火事": true, "العمارة": true, "$5": true,
		"gasoline": false, "fires": false, "expl": false, "2 hours": false, "水道": false, "عمارة": false, "%5": false,
	} {
		if got := o.May(New(text).Starts(), 0); got != want {
			t.Errorf("%q: %v", text, got)
		}
		if got := o.May(New("€"+text).Starts(), 1); got != want {
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

func TestWhatATextWasCutUpForIsTrueOfEachPlace(t *testing.T) {
	var o Openings
	for i, phrase := range []string{"gas leak", "fire", "24 hours", "a1", "水漏れ", "火", "العمارة", "€", "за", "пожар"} {
		o.Add(phrase, i%2 == 1)
	}
	for _, text := range []string{
		"", " ", "A gas leak at 24B, a1b2: fire! €5", "水道の火事で gas漏れ24時間", "في العمارة1 حريق", "За окном пожар, пожарные", strings.Repeat("fire水 x1 ", 900),
	} {
		folded := New(text)
		starts, next := folded.Starts(), 0
		before := None
		for i, r := range folded.Folded {
			class := ClassOf(r)
			begins := r != ' ' && (class == None || class == OfDense || class != before)
			amid := class != OfDense && (before == Letter || before == Digit)
			before = class
			if !begins {
				continue
			}
			s := starts.List[next]
			if int(s.At) != i || starts.Word(next) != (class != None) || s.Amid != amid {
				t.Fatalf("%.40q at %d: %+v, a word %v", text, i, s, starts.Word(next))
			}
			next++
		}
		if next != len(starts.List)-1 || int(starts.List[next].At) != len(folded.Folded) {
			t.Errorf("%.40q: %d of %d starts", text, next, len(starts.List))
		}
	}
}

func TestAPhraseMayBeginWhereItsSecondWordFollows(t *testing.T) {
	var o Openings
	for _, phrase := range []string{"the gas leaks", "in a house", "my id", "that's it", "covid 19", "on 水"} {
		o.Add(phrase, false)
	}
	o.Add("with kni", true)
	o.Add("a b", true)
	for text, want := range map[string]bool{
		"the gas leaks": true, "the gassing": true, "in a car": true, "my id": true, "that's it": true, "that": true, "covid 19": true, "on 水": true, "on it": true,
		"with knives": true, "a bus": true, "a car": true,
		"the house": false, "the": false, "the, gas": false, "in an hour": false, "my idea": false, "covid 1": false, "with ketchup": false, "in": false,
	} {
		if got := o.May(New(text).Starts(), 0); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func TestPartsOfWordsAreAskedForByTheLengthsThatOpenPhrasesHave(t *testing.T) {
	var o Openings
	if from, to := o.Parts(make([]uint64, 9)); from < to {
		t.Errorf("of no phrases from %d to %d", from, to)
	}
	o.Add("gas", false)
	o.Add("a leak", true)
	o.Add("水", true)
	o.Add("expl", true)
	o.Add("burn", true)
	o.Add("incendi", true)
	for characters, want := range map[int][2]int{2: {3, 1}, 4: {3, 3}, 6: {3, 5}, 7: {3, 6}, 20: {3, 7}} {
		if from, to := o.Parts(make([]uint64, characters)); from != want[0] || to != want[1] {
			t.Errorf("of %d characters from %d to %d", characters, from, to)
		}
	}
}
