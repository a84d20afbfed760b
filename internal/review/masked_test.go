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
	kept := ofMasked(full, part)
	if kept.Refuse || len(kept.Reasons) != 1 || kept.Reasons[0].For != "category" {
		t.Errorf("it is kept as %+v", kept)
	}
}
