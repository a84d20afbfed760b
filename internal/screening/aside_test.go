package screening

import (
	"strconv"
	"strings"
	"testing"
)

func TestInAMixedReportTheConcreteActIsKeptAndTheRestMarked(t *testing.T) {
	for _, c := range []struct{ act, aside string }{
		{"There is smoke coming out of the cellar of number 12 and people are trapped inside.", "They are all muslims in there, they pray all day, something is off with those people."},
		{"地下室着火了，有人被困在里面，快来人。", "他们都是穆斯林，天天祷告，感觉怪怪的。"},
		{"Hay un incendio en el sótano y hay gente atrapada.", "Son todos musulmanes y van a la mezquita, algo raro hay con esa gente."},
		{"Le voisin frappe sa femme avec une barre, elle saigne.", "Ils sont musulmans, ils vont à la mosquée et portent le voile, c’est bizarre, il faudrait les surveiller."},
		{"Горит подвал, внутри люди.", "Там одни мусульмане, ходят в мечеть, молятся, что-то с ними не так."},
		{"Há fogo na cave e há pessoas presas lá dentro.", "São todos muçulmanos e vão à mesquita, há algo estranho nessa gente."},
	} {
		text := c.act + " " + c.aside
		s := screen(text)
		if s.Refuse {
			t.Errorf("%q is refused", text)
		}
		var marked []string
		for _, r := range s.Asides() {
			if text[r.Start:r.End] != r.Phrase {
				t.Errorf("%q: the mark's words are %q", text[r.Start:r.End], r.Phrase)
			}
			marked = append(marked, r.Phrase)
		}
		if len(marked) != 1 || marked[0] != c.aside {
			t.Errorf("%q: marked %q, want the second sentence", text, marked)
		}
	}
}

func TestWhoIsHurtIsNoAside(t *testing.T) {
	for _, text := range []string{
		"Two men are beating a Muslim woman with a headscarf outside the mosque. They tore it off and she is bleeding.",
		"Someone threw a bottle with petrol at the synagogue during the prayer. The fire is small, but there are children in the building.",
		"At the protest a man with a knife is stabbing people with flags.",
	} {
		if s := screen(text); len(s.Asides()) > 0 {
			t.Errorf("%q: marked %+v", text, s.Asides())
		}
	}
}

func TestARefusedReportHasNoAsidesAndMarksAreBoundedAndLinear(t *testing.T) {
	if s := screen("The woman upstairs wears a headscarf and goes to the mosque every Friday. Thought you should know."); !s.Refuse || len(s.Asides()) > 0 {
		t.Errorf("refused %v, marked %d", s.Refuse, len(s.Asides()))
	}
	aside := "They are all muslims and pray all day, something is off with those people. "
	s := screen("The cellar is burning and people are trapped inside. " + strings.Repeat(aside, 100))
	if len(s.Asides()) > mostAsides {
		t.Errorf("%d marks, at most %d", len(s.Asides()), mostAsides)
	}
}

func BenchmarkAsides(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			text := "The cellar is burning. " + strings.Repeat("mosque. ", n)
			for b.Loop() {
				screen(text)
			}
		})
	}
}

func FuzzSentences(f *testing.F) {
	f.Add("One. Two 3.5 x! 三。四")
	f.Add("...")
	f.Fuzz(func(t *testing.T, s string) {
		s = strings.ToValidUTF8(s, " ")
		last := 0
		for start, end := range sentences(s) {
			if start < last || end <= start || end > len(s) {
				t.Fatalf("span %d:%d after %d in %d bytes", start, end, last, len(s))
			}
			last = end
		}
	})
}
