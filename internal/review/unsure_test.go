package review_test

import (
	"testing"

	"github.com/heed-line/heed"
)

// Where the machine is unsure what a report is about, no department is proposed to which only one of its guesses leads: a person says first
// what it is. The default profile sends hazards and disasters to one department, and cyber to another.
func TestAnUnsureCategoryProposesNoDepartmentToWhichItAloneLeads(t *testing.T) {
	l := newLine(t)
	for other, want := range map[string]string{"": "fire-safety", "cyber": "", "disaster": "fire-safety"} {
		id := l.queued(heed.Normal)
		sc := heed.Screening{Category: "hazard", CategoryProbability: 0.4, Urgency: heed.Normal, Relevance: 0.9, Reasons: []heed.Reason{}}
		if other != "" {
			sc.Reasons = append(sc.Reasons, heed.Reason{For: "category", Rule: heed.RuleUnsure + other, Weight: 0.4})
		}
		l.screenedAs(id, sc)
		v, err := l.Read(t.Context(), l.ann, id, "queue")
		l.must(err)
		if v.Suggested != want {
			t.Errorf("hazard, or %q: %q is proposed, want %q", other, v.Suggested, want)
		}
	}
	// A person who corrects the category has said it.
	id := l.queued(heed.Normal)
	l.screenedAs(id, heed.Screening{Category: "cyber", Urgency: heed.Normal, Reasons: []heed.Reason{{For: "category", Rule: heed.RuleUnsure + "hazard", Weight: 0.4}}})
	v, err := l.Read(t.Context(), l.ann, id, "queue")
	l.must(err)
	if v.Suggested != "fire-safety" {
		t.Errorf("a person's hazard: %q is proposed", v.Suggested)
	}
}
