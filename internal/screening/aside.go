package screening

import (
	"iter"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

// asides marks, in a report that is kept, each sentence that would be refused if it stood alone: the concrete act is
// what people are to act on, and the rest is only who somebody is said to be. The mark is a reason for "aside"; it moves
// no other decision. Only the text as it is has marks: a part of it has a part of them.
func (j *judgement) asides() (marks []heed.Reason) {
	if j.refuse || j.said[classBelief].sum == 0 {
		return nil
	}
	var said evidence
	from, to := 0, 0
	for start, end := range sentences(j.r.text.Folded) {
		from, to = j.r.hitsWithin(to, start, end)
		if said.weigh(j.r, from, to); !said.refusable() {
			continue
		}
		s, e := j.r.text.Origin(start, end)
		marks = append(marks, heed.Reason{
			For: "aside", Rule: "belief", Phrase: j.r.text.Original[s:e], Start: s, End: e, Weight: round(said[classBelief].sum),
		})
		if len(marks) == mostAsides {
			break
		}
	}
	return marks
}

// mostAsides bounds the marks in one report.
const mostAsides = 20

// sentences gives the sentences of a folded text as spans, their end marks included, blanks around them not.
func sentences(s string) iter.Seq2[int, int] {
	return func(yield func(start, end int) bool) {
		start := 0
		give := func(end int) bool {
			words := strings.TrimSpace(s[start:end])
			at := start + strings.Index(s[start:end], words)
			start = end
			return words == "" || yield(at, at+len(words))
		}
		for i := 0; i < len(s); {
			if !beginsEnd[s[i]] { // as most bytes
				i++
				continue
			}
			r, size := utf8.DecodeRuneInString(s[i:])
			if endsSentence(r) && !within(s, i, i+size) && !give(i+size) {
				return
			}
			i += size
		}
		give(len(s))
	}
}

const sentenceEnds = ".!?。؟।۔…"

func endsSentence(r rune) bool { return strings.ContainsRune(sentenceEnds, r) }

// beginsEnd are the first bytes of the marks that end sentences.
var beginsEnd = func() (t [256]bool) {
	for i := range sentenceEnds {
		t[sentenceEnds[i]] = true
	}
	return t
}()

// within says whether the mark at s[i:end] stands inside a number, name or address ("3.5", "a.example") and ends nothing.
func within(s string, i, end int) bool {
	return s[i] == '.' && i > 0 && end < len(s) && s[i-1] != ' ' && s[end] != ' '
}
