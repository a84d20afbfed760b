package screening

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

// markAsides marks, in a report that is kept, each sentence that would be refused if it stood alone: the concrete act is
// what people are to act on, and the rest is only who somebody is said to be. The mark is a reason for "aside"; it moves
// no other decision.
func (j *judgement) markAsides() {
	if j.refuse || j.said[classBelief].sum == 0 {
		return
	}
	var said evidence
	marked, from, to := 0, 0, 0
	for start, end := range sentences(j.r.text.Folded) {
		from, to = j.r.hitsWithin(to, start, end)
		if said.weigh(j.r, from, to); !said.refusable() {
			continue
		}
		s, e := j.r.text.Origin(start, end)
		j.reasons = append(j.reasons, heed.Reason{
			For: "aside", Rule: "belief", Phrase: j.r.text.Original[s:e], Start: s, End: e, Weight: round(said[classBelief].sum),
		})
		if marked++; marked == mostAsides {
			return
		}
	}
}

// takeAsides has the marks of a judgement be those of another, which judged the text as it is: a part of it has a part of them.
func (j *judgement) takeAsides(whole *judgement) {
	if j == whole {
		return
	}
	marks := func(r heed.Reason) bool { return r.For == "aside" }
	j.reasons = slices.DeleteFunc(j.reasons, marks)
	for _, r := range whole.reasons {
		if marks(r) {
			j.reasons = append(j.reasons, r)
		}
	}
}

// mostAsides bounds the marks in one report.
const mostAsides = 20

// sentences gives the sentences of a folded text as spans, their end marks included, blanks around them not.
func sentences(s string) func(yield func(start, end int) bool) {
	return func(yield func(start, end int) bool) {
		start := 0
		give := func(end int) bool {
			words := strings.TrimSpace(s[start:end])
			at := start + strings.Index(s[start:end], words)
			start = end
			return words == "" || yield(at, at+len(words))
		}
		for i, r := range s {
			if !endsSentence(r) {
				continue
			}
			if end := i + utf8.RuneLen(r); !within(s, i, end) && !give(end) {
				return
			}
		}
		give(len(s))
	}
}

func endsSentence(r rune) bool {
	switch r {
	case '.', '!', '?', '。', '؟', '।', '۔', '…':
		return true
	}
	return false
}

// within says whether the mark at s[i:end] stands inside a number, name or address ("3.5", "a.example") and ends nothing.
func within(s string, i, end int) bool {
	return s[i] == '.' && i > 0 && end < len(s) && s[i-1] != ' ' && s[end] != ' '
}
