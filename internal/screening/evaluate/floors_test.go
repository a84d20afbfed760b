package evaluate

import (
	"path/filepath"
	"testing"

	"github.com/heed-line/heed/internal/screening"
)

func TestOfTheBoundaryCasesNoneIsRefused(t *testing.T) {
	all, err := ReadBoundary(filepath.Join("..", "testdata", "boundary.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	s := screening.New(screening.Config{})
	for _, half := range []string{"tuned", "held", "read again"} {
		found, wrong := Boundary(s, all, half)
		for _, score := range []Score{found, wrong} {
			t.Logf("%s, %s: %s", score.Name, half, score)
			if f, lost := score.Lost(); lost {
				t.Errorf("%s, %s: %s, and the floor is %s", score.Name, half, score, f)
			}
		}
	}
}

func TestAFloorSaysWhatKeepsToIt(t *testing.T) {
	for _, c := range []struct {
		of            Floor
		value         float64
		reached, lost bool
	}{
		{Floor{At: 0.85}, 0.85, true, false},
		{Floor{At: 0.85}, 0.849, false, true},
		{Floor{At: 0.15, Most: true}, 0.15, true, false},
		{Floor{At: 0.15, Most: true}, 0.151, false, true},
		{Floor{At: 0.95, Held: 0.9}, 0.9, false, false},
		{Floor{At: 0.95, Held: 0.9}, 0.89, false, true},
		{Floor{Most: true}, 0, true, false},
		{Floor{Most: true}, 0.01, false, true},
	} {
		if c.of.Reached(c.value) != c.reached || c.of.Lost(c.value) != c.lost {
			t.Errorf("%v at %v: reached %v, lost %v", c.of, c.value, c.of.Reached(c.value), c.of.Lost(c.value))
		}
	}
	// Every figure of the corpus that has a floor is one that Judge gives.
	named := map[string]bool{}
	for _, s := range Judge(nil) {
		named[s.Name] = true
	}
	for _, name := range []string{immediateRecall, immediateAlarms, "relevant set aside (error)", "refusal: recall", "refusal: boundary cases refused (error)", "copies: precision", "same event among the similar"} {
		if _, ok := FloorOf(name); !ok || !named[name] {
			t.Errorf("%s is no figure with a floor", name)
		}
	}
}
