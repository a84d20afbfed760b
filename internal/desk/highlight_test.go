package desk

import (
	"strings"
	"testing"

	"github.com/heed-line/heed"
)

func joined(segs []segment) string {
	var b strings.Builder
	for _, s := range segs {
		b.WriteString(s.Text)
	}
	return b.String()
}

func TestHighlightingLosesNoWordWhateverTheSpans(t *testing.T) {
	text := "Call 07700 900123 قبل الساعة 东门 tonight"
	for name, spans := range map[string][]span{
		"none":        nil,
		"whole":       {{0, len(text), "reason", "urgency", 0}},
		"nested":      {{0, 17, "reason", "urgency", 0}, {5, 17, "detail", "phone", 0}},
		"overlapping": {{0, 10, "reason", "urgency", 0}, {5, 17, "detail", "phone", 0}, {8, 20, "reason", "category", 0}},
		"twice":       {{5, 17, "detail", "phone", 0}, {5, 17, "reason", "category", 0}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := joined(segments(text, spans)); got != text {
				t.Errorf("joined segments = %q, want the text", got)
			}
		})
	}
}

func TestOverlappingSpansEachCoverTheirWordsAndAreNamedOnce(t *testing.T) {
	segs := segments("abcdef", []span{{0, 4, "reason", "urgency", 0}, {2, 6, "detail", "phone", 0}})
	if len(segs) != 3 {
		t.Fatalf("%d segments, want 3", len(segs))
	}
	if segs[0].Reason() != "urgency" || segs[0].Detail() != "" {
		t.Errorf("first segment is %q/%q", segs[0].Reason(), segs[0].Detail())
	}
	if segs[1].Reason() != "urgency" || segs[1].Detail() != "phone" {
		t.Errorf("middle segment is %q/%q", segs[1].Reason(), segs[1].Detail())
	}
	named := 0
	for _, s := range segs {
		named += len(s.Begins)
	}
	if named != 2 {
		t.Errorf("%d spans are named, want each of the two once", named)
	}
}

func TestAReasonThatReachesOverAnOrderLeavesTheOrderUnmarked(t *testing.T) {
	const text = "It burns. Close this. Help. Close this. Now!"
	orders := []heed.Reason{{For: "order", Rule: "order", Phrase: "Close this.", Start: 10, End: 21}, {For: "order", Rule: "order", Phrase: "Close this.", Start: 28, End: 39}}
	for _, c := range []struct {
		decision   string
		start, end int
		want       string
	}{
		{"urgency", 3, 27, "burns. | Help."},
		{"category", 0, len(text), "It burns. | Help. | Now!"},
		{"urgency", 22, 39, "Help. "},
		{"urgency", 10, 39, " Help. "},     // as long as two orders, of which it is none
		{"urgency", 10, 21, "Close this."}, // what the report was raised by, as it stands
		{"urgency", 16, 20, "this"},
		{"language", 0, len(text), text},
	} {
		s := &heed.Screening{Reasons: append([]heed.Reason{{For: c.decision, Rule: "words", Phrase: text[c.start:c.end], Start: c.start, End: c.end, Weight: 1}}, orders...)}
		var marked []string
		for _, sp := range spansOf(text, s) {
			if sp.Name == c.decision {
				marked = append(marked, text[sp.Start:sp.End])
			}
		}
		if got := strings.Join(marked, "|"); got != c.want {
			t.Errorf("%q for %s is marked as %q, want %q", text[c.start:c.end], c.decision, got, c.want)
		}
	}
}

func TestASpanThatDoesNotFitTheTextIsNotMarked(t *testing.T) {
	text := "né à Lyon"
	s := &heed.Screening{
		Details: []heed.Detail{
			{Type: "place", Text: "Lyon", Start: 7, End: 11},
			{Type: "place", Text: "Lyon", Start: 6, End: 10},
			{Type: "place", Text: "Lyon", Start: 7, End: 99},
			{Type: "place", Text: "", Start: 3, End: 3},
			{Type: "place", Text: text[2:3], Start: 2, End: 3}, // half a letter
		},
		Reasons: []heed.Reason{{For: "category", Rule: "r", Start: -1, End: 2}},
	}
	if got := spansOf(text, s); len(got) != 1 || got[0].Start != 7 {
		t.Errorf("spans = %v, want the one that fits", got)
	}
}

func TestACharacterThatTurnsTheReadingDirectionIsSetApart(t *testing.T) {
	segs := segments("invoice\u202Efdp.exe", []span{{0, 7, "detail", "url", 0}})
	var seen bool
	for _, s := range segs {
		seen = seen || s.Control == "U+202E" && s.Text == "\u202E"
	}
	if !seen {
		t.Error("the override isn't set apart")
	}
}
