package screening

import (
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/training"
)

func TestTheLikeliestCategoryIsNamedAndTheNext(t *testing.T) {
	odds := map[string]float64{"cyber": 1, "drugs": -2, "fraud-scam": 1.5}
	categories := []askedCategory{{id: "cyber"}, {id: "drugs"}, {id: "fraud-scam"}}
	first, second, ahead := likeliest(categories, func(c *askedCategory) float64 { return odds[c.id] })
	if first != "fraud-scam" || second != "cyber" || ahead != 0.5 {
		t.Errorf("%s, then %s by %g", first, second, ahead)
	}
	if first, second, _ := likeliest(nil, nil); first != "other" || second != "" {
		t.Errorf("of no category: %s, then %s", first, second)
	}
}

// What is rather wrong than right is called unsure, and names something else; what isn't never is. Of what nobody could act on, or is to be
// refused, nothing is said.
func TestWhatIsRatherWrongThanRightIsCalledUnsure(t *testing.T) {
	reports, err := training.Reports()
	if err != nil {
		t.Fatal(err)
	}
	s := New(Config{})
	var unsure, sure [2]int
	for i := 0; i < len(reports); i += 41 {
		got := s.Decide(Input{Text: reports[i].Text, Lang: reports[i].Language})
		category, urgency := got.Unsure("category"), got.Unsure("urgency")
		if got.Category == "none" || got.Refuse {
			if category+urgency != "" {
				t.Errorf("%q is of no category, and unsure: %s%s", reports[i].Text, category, urgency)
			}
			continue
		}
		if (category != "") != (got.CategoryProbability < unsureUnder && got.CategoryProbability > 0) || category == got.Category || category == "none" || urgency == string(got.Urgency) {
			t.Errorf("%q: %s with %g, or %q; %s or %q", reports[i].Text, got.Category, got.CategoryProbability, category, got.Urgency, urgency)
		}
		for k, other := range []string{category, urgency} {
			if other == "" {
				sure[k]++
			} else {
				unsure[k]++
			}
		}
		for _, r := range got.Reasons {
			if _, ok := r.Unsure(); ok && (r.Weight < 0 || r.Weight >= unsureUnder || r.Phrase != "") {
				t.Errorf("%+v", r)
			}
		}
	}
	for k, what := range []string{"category", "urgency"} {
		if unsure[k] < 20 || sure[k] < unsure[k] {
			t.Errorf("unsure of the %s of %d, sure of %d", what, unsure[k], sure[k])
		}
	}
}

// A cry for help and plain words of suicide decide the urgency by themselves: nothing is unsure about it.
func TestWhatWordsDecideIsNotUnsure(t *testing.T) {
	for _, text := range []string{"Help! Help!", "I am going to kill myself tonight."} {
		if got := screen(text); got.Urgency.Rank() > heed.High.Rank() || got.Unsure("urgency") != "" {
			t.Errorf("%q is %s, or %q", text, got.Urgency, got.Unsure("urgency"))
		}
	}
}

func TestWhatTheLineLacksIsNoSecondGuess(t *testing.T) {
	j := judgement{served: map[string]bool{"hazard": true, "other": true, "none": true}, category: "hazard", second: "cyber"}
	if j.serve(); j.category != "hazard" || j.second != "other" {
		t.Errorf("%s, or %q", j.category, j.second)
	}
	j.category, j.second = "cyber", "hazard"
	if j.serve(); j.category != "other" || j.second != "" {
		t.Errorf("%s, or %q", j.category, j.second)
	}
}
