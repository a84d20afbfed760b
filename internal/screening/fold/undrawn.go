package fold

import (
	"unicode"
	"unicode/utf8"
)

// drawnOut is from how many times in a row a letter is drawn out: no word of the ten languages has so many, but for a few compounds
// of German, and "www".
const drawnOut = 3

// Undrawn folds s with each letter that is drawn out ("heeeelp", "助けてええええ") written most times, once or twice: nobody knows how
// often it stands in the word. It is nil where no letter is. short is what was folded; the text's places are those in s. A word of one letter alone ("www", "aaaa")
// stays as it is, and so do digits and signs. Time is linear in s.
func Undrawn(s string, most int) (t *Text, short string) {
	first := nextDrawn(s, 0)
	if first.end == 0 {
		return nil, ""
	}
	b, from := make([]byte, 0, len(s)), make([]int32, 0, len(s))
	keep := func(start, end int) {
		for i := start; i < end; i++ {
			b, from = append(b, s[i]), append(from, int32(i))
		}
	}
	at := 0
	for run := first; run.end > 0; run = nextDrawn(s, at) {
		keep(at, run.start)
		kept := run.start
		for range most {
			_, size := utf8.DecodeRuneInString(s[kept:])
			kept += size
		}
		keep(run.start, kept)
		at = run.end
	}
	keep(at, len(s))
	short = string(b)
	t = New(short)
	for i, of := range t.from {
		t.from[i] = from[of]
	}
	t.Original = s
	return t, short
}

// stretch is a part of a text.
type stretch struct{ start, end int }

// nextDrawn gives the next run of one letter that is drawn out from a place on; zero where there is none.
func nextDrawn(s string, from int) stretch {
	var run stretch
	last := rune(-1) // a text may hold any other
	behind, _ := utf8.DecodeLastRuneInString(s[:from])
	times, before, word := 0, None, ClassOf(unicode.ToLower(behind)) // before is what stands before the run
	drawn := func(next Class) bool {
		return times >= drawnOut && (word == OfDense || before == Letter || next == Letter)
	}
	for i := from; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
			r = unicode.ToLower(r)
		} else if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		if r == last {
			times++
		} else {
			class := ClassOf(r)
			if run.end = i; drawn(class) {
				return run
			}
			before, word, last, times, run.start = word, class, r, 1, i
			if class != Letter && class != OfDense {
				times = -len(s) // never drawn out
			}
		}
		i += size
	}
	if run.end = len(s); drawn(None) {
		return run
	}
	return stretch{}
}
