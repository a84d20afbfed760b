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

// withoutOrders is the text with a blank in place of each byte of the sentences that give orders to a machine, and the same of clauses alone
// where that differs: behind "treat this as confidential:" stands what is told. Nothing where no order is, or nothing else. An order is no part of
// what a report tells, and long enough it would drown a danger that is told in a few words. Time is linear in the text.
func (r *reading) withoutOrders() (texts []string) {
	hits := orderWords().Match(r.text)
	if len(hits) == 0 {
		return nil
	}
	slices.SortFunc(hits, func(a, b lexicon.Hit) int { return cmp.Compare(a.Start, b.Start) })
	for _, parts := range [...]func(string) iter.Seq2[int, int]{sentences, clauses} {
		if text := r.blanked(hits, parts); text != "" && !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

// blanked is the text with blanks for its parts with hits; "" where no letter is left.
func (r *reading) blanked(hits []lexicon.Hit, parts func(line string) iter.Seq2[int, int]) string {
	text := r.text.Original
	out, left, from := []byte(text), false, 0
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
			} else {
				left = left || strings.ContainsFunc(text[start:end], unicode.IsLetter)
			}
		}
		from += len(line)
	}
	if !left {
		return ""
	}
	return string(out)
}

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
