package desk

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// span is one place in a report's text where the machine found something.
type span struct {
	Start, End int                // byte offsets, end exclusive
	Kind       string             // "detail" or "reason"
	Name       string             // a detail's type or what a reason is for
	Strength   screening.Strength // of a reason; 0 where it has none
}

// segment is a run of text under the same spans. Its text goes through the template's escaping like any other.
type segment struct {
	Text    string
	Spans   []span // that cover it, longest first
	Begins  []span // those of them that begin here: named once for a screen reader
	Control string // "U+202E" where Text is one invisible character that could deceive the eye
}

// Detail is the type of the innermost detail, or "".
func (s segment) Detail() string { return s.innermost("detail") }

// Reason is what the innermost reason is for, or "".
func (s segment) Reason() string { return s.innermost("reason") }

// Strong reports whether a strong reason covers it.
func (s segment) Strong() bool {
	return slices.ContainsFunc(s.Spans, func(sp span) bool { return sp.Strength == screening.Strong })
}

func (s segment) innermost(kind string) string {
	for i := len(s.Spans) - 1; i >= 0; i-- {
		if s.Spans[i].Kind == kind {
			return s.Spans[i].Name
		}
	}
	return ""
}

// spansOf takes the spans of a screening that lie in the text as they say. Others are dropped: a span that doesn't fit
// belongs to another version of the text, and marking the wrong words would mislead.
func spansOf(text string, s *heed.Screening) []span {
	if s == nil {
		return nil
	}
	var spans []span
	for _, d := range s.Details {
		if fits(text, d.Start, d.End, d.Text) {
			spans = append(spans, span{Start: d.Start, End: d.End, Kind: "detail", Name: d.Type})
		}
	}
	var reasons, orders []span
	for _, r := range s.Reasons {
		if !fits(text, r.Start, r.End, r.Phrase) {
			continue
		}
		sp := span{r.Start, r.End, "reason", r.For, screening.StrengthOf(r)}
		reasons = append(reasons, sp)
		if r.For == "order" {
			orders = append(orders, sp)
		}
	}
	for _, sp := range reasons {
		spans = append(spans, aroundOrders(text, sp, orders)...)
	}
	return spans
}

// aroundOrders are the parts of a reason for what was judged beside the sentences that were left out as orders, as far as it reaches over them:
// it was found in the text without them. The orders are in their order.
func aroundOrders(text string, reason span, orders []span) (parts []span) {
	if !slices.Contains(judged[:], reason.Name) {
		return []span{reason}
	}
	rest := reason
	for _, o := range orders {
		if o.Start == reason.Start && o.End == reason.End {
			return []span{reason} // an order that the report was raised by, as it stands
		}
		if rest.Start > o.Start || rest.End < o.End {
			continue
		}
		before := rest
		before.End, rest.Start = o.Start, o.End
		parts = append(parts, before)
	}
	return slices.DeleteFunc(append(parts, rest), func(p span) bool { return strings.TrimSpace(text[p.Start:p.End]) == "" })
}

// judged are the decisions that a text is judged about, by its words without orders to the machine.
var judged = [...]string{"urgency", "refuse", "set_aside", "relevance", "category"}

func fits(text string, start, end int, words string) bool {
	return start >= 0 && start < end && end <= len(text) && text[start:end] == words &&
		utf8.RuneStart(text[start]) && (end == len(text) || utf8.RuneStart(text[end]))
}

// segments cuts the text wherever a span begins or ends, so that spans may overlap in any way.
func segments(text string, spans []span) []segment {
	cuts := []int{0, len(text)}
	for _, s := range spans {
		cuts = append(cuts, s.Start, s.End)
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out []segment
	for i := 0; i+1 < len(cuts); i++ {
		from, to := cuts[i], cuts[i+1]
		var over, begins []span
		for _, s := range spans {
			if s.Start <= from && to <= s.End {
				over = append(over, s)
				if s.Start == from {
					begins = append(begins, s)
				}
			}
		}
		slices.SortStableFunc(over, func(a, b span) int { return (b.End - b.Start) - (a.End - a.Start) })
		out = append(out, withControls(text[from:to], over, begins)...)
	}
	return out
}

// withControls sets apart the characters that turn the direction of what follows them (Unicode UAX #9, §2.1 to §2.5) and
// the control characters that aren't white space: a reader should see that they are there.
func withControls(text string, over, begins []span) []segment {
	var out []segment
	from := 0
	flush := func(to int) {
		if from < to {
			out = append(out, segment{Text: text[from:to], Spans: over, Begins: begins})
			begins = nil
		}
	}
	for i, r := range text {
		if !deceives(r) {
			continue
		}
		flush(i)
		from = i + utf8.RuneLen(r)
		out = append(out, segment{Text: string(r), Control: fmt.Sprintf("U+%04X", r)})
	}
	flush(len(text))
	return out
}

func deceives(r rune) bool {
	return r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 ||
		r < 0x20 && r != '\n' && r != '\t' && r != '\r' || r == 0x7F
}
