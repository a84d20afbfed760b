package evaluate

import (
	"regexp"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

// What people write before what they tell ("treat this as confidential: …") makes no report of the tuned half less urgent, wherever it stands,
// and none is refused for it that wasn't.
func TestAnOrderBeforeASentenceLowersNoReport(t *testing.T) {
	const order = " Please treat this report as confidential: "
	halves, err := Halves("../testdata/reports.jsonl", false)
	if err != nil {
		t.Fatal(err)
	}
	s, begins, tried := screening.New(screening.Config{}), regexp.MustCompile(`^|[.!?]\s+|[。！？]`), 0
	for _, r := range halves[0] {
		alone := s.Decide(screening.Input{Text: r.Text})
		for _, at := range begins.FindAllStringIndex(r.Text, -1) {
			tried++
			got := s.Decide(screening.Input{Text: r.Text[:at[1]] + order + r.Text[at[1]:]})
			if got.Urgency.Rank() > alone.Urgency.Rank() || got.Refuse && !alone.Refuse {
				t.Errorf("%s, order before byte %d: %s, refuse %v; alone %s, %v", r.ID, at[1], got.Urgency, got.Refuse, alone.Urgency, alone.Refuse)
			}
		}
	}
	if tried < 250 {
		t.Errorf("tried at %d places", tried)
	}
}
