package review

import (
	"testing"

	"github.com/heed-line/heed"
)

// Without the contact in it a text may look like one to refuse. It isn't: the full text decided.
func TestWhereAMaskedTextAloneWouldBeRefusedTheScreeningSaysNothingOfIt(t *testing.T) {
	full := heed.Screening{Category: "hazard", Reasons: []heed.Reason{{For: "category", Rule: "harm", Phrase: "gas"}}}
	part := heed.Screening{Category: "hazard", Refuse: true, Reasons: []heed.Reason{
		{For: "category", Rule: "harm", Phrase: "gas"}, {For: "refuse", Rule: "belief", Phrase: "prays"},
	}}
	kept := ofMasked(full, part, "gas, and he prays")
	if kept.Refuse || len(kept.Reasons) != 1 || kept.Reasons[0].For != "category" {
		t.Errorf("it is kept as %+v", kept)
	}
}

func TestNoReasonPointsAtTheMarkThatNobodyWrote(t *testing.T) {
	const text = "Gas leaks. Call [reporter's phone] or [reporter's phone] now"
	part := heed.Screening{Reasons: []heed.Reason{
		{For: "urgency", Rule: "concept.gas", Phrase: "Gas", Start: 0, End: 3},
		{For: "urgency", Rule: "words", Phrase: "s phone] or ", Start: 26, End: 38},
		{For: "urgency", Rule: "words", Phrase: "[reporter", Start: 38, End: 47},
		{For: "urgency", Rule: "words", Phrase: " now", Start: 56, End: 60},
	}}
	kept := ofMasked(heed.Screening{}, part, text).Reasons
	if len(kept) != 4 || kept[0].Phrase != "Gas" || kept[3].Phrase != " now" || kept[1].Phrase != "" || kept[1].End != 0 || kept[2].Phrase != "" || kept[2].Weight != part.Reasons[2].Weight {
		t.Errorf("%+v", kept)
	}
}
