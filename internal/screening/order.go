package screening

import (
	"cmp"
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

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

// withoutOrders is the text with a blank in place of each byte of the sentences that give orders to a machine; "" where there are none, or
// nothing else. An order is no part of what a report tells, and long enough it would drown a danger that is told in a few words. Time is linear
// in the text.
func (r *reading) withoutOrders() string {
	hits := orderWords().Match(r.text)
	if len(hits) == 0 {
		return ""
	}
	slices.SortFunc(hits, func(a, b lexicon.Hit) int { return cmp.Compare(a.Start, b.Start) })
	text := r.text.Original
	out, left, from := []byte(text), false, 0
	for line := range strings.SplitAfterSeq(text, "\n") {
		for start, end := range sentences(line) {
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
