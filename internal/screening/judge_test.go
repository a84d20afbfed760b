package screening

import (
	"testing"

	"github.com/heed-line/heed"
)

// A reading that is to be refused says nothing of a text but how urgent it is: that is computed all the same, and what presses isn't set aside.
func TestAReadingToBeRefusedMayRaiseTheUrgencyAlone(t *testing.T) {
	kept := &judgement{urgency: heed.Low, relevant: 0.2, category: "none", aside: true}
	kept.rule("set_aside", noiseRule, noiseWeight)
	kept.rule("urgency", noiseRule, noiseWeight)
	refused := &judgement{urgency: heed.High, relevant: 0.05, refuse: true}
	refused.rule("urgency", cryRule, raising)
	refused.rule("refuse", "belief", 1)

	var out heed.Screening
	mostUrgent([]*judgement{kept, refused}).write(&out)
	if out.Urgency != heed.High || out.Refuse || out.SetAside {
		t.Errorf("it is %s, refuse %v, aside %v", out.Urgency, out.Refuse, out.SetAside)
	}
	if len(out.Reasons) != 1 || out.Reasons[0].Rule != cryRule {
		t.Errorf("the reasons: %+v", out.Reasons)
	}
}
