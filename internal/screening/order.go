package screening

import (
	"cmp"
	_ "embed"
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

//go:embed orders.txt
var orderText string

// orderWords reads orders.txt, at the first text.
var orderWords = sync.OnceValue(func() *lexicon.Lexicon {
	l, err := lexicon.Parse(orderText)
	if err != nil {
		panic("orders: " + err.Error()) // the file is part of the program, and a test reads it
	}
	return l
})

// withoutOrder is a text with a blank in place of each byte of some of its parts, which are given too.
type withoutOrder struct {
	text string
	left []place
}

// withoutOrders is the text without the sentences that give orders to a machine, and the same of clauses alone where that differs: behind "treat
// this as confidential:" stands what is told. Nothing where no order is, or nothing else. An order is no part of what a report tells, and long
// enough it would drown a danger that is told in a few words. Time is linear in the text.
func (r *reading) withoutOrders() (texts []withoutOrder) {
	hits := orderWords().Match(r.text)
	if len(hits) == 0 {
		return nil
	}
	slices.SortFunc(hits, func(a, b lexicon.Hit) int { return cmp.Compare(a.Start, b.Start) })
	for _, parts := range [...]func(string) iter.Seq2[int, int]{sentences, clauses} {
		w, told := r.blanked(hits, parts)
		if told && (len(texts) == 0 || texts[0].text != w.text) {
			texts = append(texts, w)
		}
	}
	return texts
}

// blanked is the text with blanks for its parts with hits; told says whether a letter is left.
func (r *reading) blanked(hits []lexicon.Hit, parts func(line string) iter.Seq2[int, int]) (w withoutOrder, told bool) {
	text := r.text.Original
	out, from := []byte(text), 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		for start, end := range parts(line) {
			start, end = from+start, from+end
			ordered := false
			for len(hits) > 0 {
				if at, _ := r.text.Origin(hits[0].Start, hits[0].End); at >= end {
					break
				}
				ordered, hits = true, hits[1:]
			}
			if ordered {
				copy(out[start:end], strings.Repeat(" ", end-start))
				w.left = append(w.left, place{start, end})
			} else {
				told = told || strings.ContainsFunc(text[start:end], unicode.IsLetter)
			}
		}
		from += len(line)
	}
	w.text = string(out)
	return w, told
}

// orderMarks marks what of a text was left out as an order, so that people see what the report was judged without. A mark is a reason for "order",
// its weight the share of the text's letters; it moves no decision.
func orderMarks(text string, left []place) (marks []heed.Reason) {
	if len(left) == 0 {
		return nil
	}
	all := letterCount(text)
	for _, p := range left[:min(len(left), mostOrderMarks)] {
		phrase := text[p.start:p.end]
		marks = append(marks, heed.Reason{
			For: "order", Rule: orderRule, Phrase: phrase, Start: p.start, End: p.end, Weight: round(float64(letterCount(phrase)) / float64(all)),
		})
	}
	return marks
}

// mostOrderMarks bounds the marks in one report.
const mostOrderMarks = 20

// clauses are the sentences of a line, parted further behind each colon, semicolon and dash.
func clauses(line string) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for start, end := range sentences(line) {
			for from := start; from < end; {
				to := end
				if at := strings.IndexAny(line[from:end], ":;—–：；"); at >= 0 {
					_, size := utf8.DecodeRuneInString(line[from+at:])
					to = from + at + size
				}
				if !yield(from, to) {
					return
				}
				from = to
			}
		}
	}
}
