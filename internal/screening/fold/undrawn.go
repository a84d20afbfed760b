package fold

import (
	"unicode"
	"unicode/utf8"
)

// drawnOut is from how many times in a row a letter is drawn out: no word of the ten languages has so many, but for a few compounds
// of German, and "www".
const drawnOut = 3

// Undrawn folds the text with each letter that is drawn out ("heeeelp", "助けてええええ") written most times, once or twice: nobody knows how
// often it stands in the word. It is nil where no letter is. short is what was folded; the new text's places are those in the original. A word of one letter alone ("www", "aaaa")
// stays as it is, and so do digits and signs. Time is linear in the text.
func (t *Text) Undrawn(most int) (undrawn *Text, short string) {
	if !t.uneven && !t.Starts().thrice { // where each character gives one, what is drawn out is so folded too
		return nil, ""
	}
	s := t.Original
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
	undrawn = New(short)
	for i, of := range undrawn.from {
		undrawn.from[i] = from[of]
	}
	undrawn.Original = s
	return undrawn, short
}

// stretch is a part of a text.
type stretch struct{ start, end int }

// nextDrawn gives the next run of one letter that is drawn out from a place on; zero where there is none.
func nextDrawn(s string, from int) stretch {
	var run stretch
	behind, _ := utf8.DecodeLastRuneInString(s[:from])
	before, last, times := rune(0), lower(behind), -1 // before is what stands before the run, last what it is of; no run is behind from
	for i := from; i < len(s); {
		r, size := rune(s[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(s[i:])
		}
		if r = lower(r); r == last && times > 0 {
			times++
		} else {
			if run.end = i; times >= drawnOut && drawn(before, last, ClassOf(r)) {
				return run
			}
			before, last, times, run.start = last, r, 1, i
		}
		i += size
	}
	if run.end = len(s); times >= drawnOut && drawn(before, last, None) {
		return run
	}
	return stretch{}
}

// drawn says whether what was written again and again is drawn out of a word, given what stands around it.
func drawn(before, of rune, next Class) bool {
	word := ClassOf(of)
	return word == OfDense || word == Letter && (ClassOf(before) == Letter || next == Letter)
}

// lower is unicode.ToLower, quick at the scripts that are written most.
func lower(r rune) rune {
	switch {
	case r < utf8.RuneSelf:
		if r >= 'A' && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	case r >= 'А' && r <= 'Я':
		return r + 'а' - 'А'
	case r >= 'а' && r <= 'я', r >= 0x0590 && r < 0x10A0, r >= 0x3000 && r < 0xA000: // the last two have no capitals
		return r
	}
	return unicode.ToLower(r)
}
