package screening_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

// boundaryCase is one of testdata/boundary.jsonl: pairs of a report solely about who somebody is, and one that speaks of
// the same people and must never be refused. Ours, by one author; the halves are told apart in docs/screening.md.
type boundaryCase struct {
	ID, Trait, Lang, Kind, Text string
	Half                        string // tuned, held
	Refuse                      bool
}

func boundaryCases(t *testing.T) (all []boundaryCase) {
	t.Helper()
	text, err := os.ReadFile("testdata/boundary.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var c boundaryCase
		err := d.Decode(&c)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, c)
	}
}

func TestReportsAboutWhoSomebodyIsAreProposedForRefusalAndConcreteActsNever(t *testing.T) {
	s := screening.New(screening.Config{})
	found := map[string][2]int{} // by half: refused of what is to be refused
	for _, c := range boundaryCases(t) {
		r := s.Screen(screening.Input{Text: c.Text})
		if !c.Refuse {
			if r.Refuse || r.SetAside {
				t.Errorf("%s (%s, %s): refused %v, set aside %v", c.ID, c.Kind, c.Half, r.Refuse, r.SetAside)
			}
			continue
		}
		n := found[c.Half]
		n[1]++
		if r.Refuse {
			n[0]++
		} else if c.Half == "tuned" {
			t.Errorf("%s: not proposed for refusal: %+v", c.ID, r.Reasons)
		}
		found[c.Half] = n
	}
	for half, n := range found {
		t.Logf("%s: %d of %d proposed for refusal", half, n[0], n[1])
	}
}
