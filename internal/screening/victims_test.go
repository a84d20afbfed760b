package screening_test

import (
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

// TestWhoWasHurtForWhoTheyAreIsNeverProposedForRefusal reads testdata/victims.jsonl: reports by people who tell politely,
// indirectly or clumsily of harm for who somebody is, or of dangers where people pray, march or are cared for; and others that
// are solely about who somebody is. They were written before the rules of turn.go, and the locked half (by the first bit of the
// text's SHA-256) was scored once, after them; what it says is printed and docs/screening.md tells it.
func TestWhoWasHurtForWhoTheyAreIsNeverProposedForRefusal(t *testing.T) {
	s := screening.New(screening.Config{})
	type tally struct{ kept, keptWrongly, toRefuse, proposed int }
	halves := map[string]*tally{"open": {}, "locked": {}}
	for _, c := range casesOf[struct {
		ID, Half, Text string
		Refuse         bool
	}](t, "victims.jsonl") {
		proposed, half := s.Screen(screening.Input{Text: c.Text}).Refuse, halves[c.Half]
		switch {
		case c.Refuse:
			half.toRefuse++
			if proposed {
				half.proposed++
			}
		case proposed:
			half.keptWrongly++
			if c.Half == "open" {
				t.Errorf("%s: proposed for refusal", c.ID)
			}
			fallthrough
		default:
			half.kept++
		}
	}
	for _, name := range []string{"open", "locked"} {
		h := halves[name]
		t.Logf("%s half: %d of %d to be kept proposed for refusal; %d of %d to be refused proposed", name, h.keptWrongly, h.kept, h.proposed, h.toRefuse)
	}
	if open := halves["open"]; open.proposed*10 < open.toRefuse*7 {
		t.Errorf("open half: only %d of %d to be refused proposed", open.proposed, open.toRefuse)
	}
}
