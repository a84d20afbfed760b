package learn

import (
	"errors"
	"strings"
	"testing"
)

// A stored score counts as a model's by its version: another threshold, longer training or another text, and it must be another.
func TestAnotherModelHasAnotherName(t *testing.T) {
	usual, longer := Usual(), Usual()
	longer.Epochs *= 2
	version := func(training Training, samples []Sample, thresholds map[string]float64) string {
		t.Helper()
		file, err := training.Train(samples, []Question{{Name: "fire", Yes: func(i int) bool { return i < 8 }}}).Encode("any", thresholds)
		if err != nil {
			t.Fatal(err)
		}
		named, version, err := Digested(file, "texts-1")
		if err != nil {
			t.Fatal(err)
		}
		if m, err := Open(string(named)); err != nil || m.Version != version || !strings.HasPrefix(version, "texts-1-") {
			t.Errorf("%+v, %v; want %s", m, err, version)
		}
		if _, again, err := Digested(named, "texts-1"); err != nil || again != version {
			t.Errorf("digested again it is %s, not %s (%v)", again, version, err)
		}
		return version
	}
	at := map[string]float64{"fire": 1}
	seen := map[string]string{}
	for name, v := range map[string]string{
		"the first": version(usual, fires(), at), "another threshold": version(usual, fires(), map[string]float64{"fire": 1.5}),
		"longer training": version(longer, fires(), at), "a text less": version(usual, fires()[1:], at),
	} {
		if other, taken := seen[v]; taken {
			t.Errorf("%s and %s are both %s", name, other, v)
		}
		seen[v] = name
	}
	if again := version(usual, fires(), at); seen[again] != "the first" {
		t.Errorf("the same model is %s the second time", again)
	}
}

func TestAModelForOtherFeaturesIsNoDamagedOne(t *testing.T) {
	for file, other := range map[string]bool{"heed model 2\n{}": true, "heed model 33\n{}": true, "heed model 3\n{}": false, "something": false} {
		if _, err := Open(file); !errors.Is(err, ErrModel) || errors.Is(err, ErrOtherFeatures) != other {
			t.Errorf("%q: %v", file, err)
		}
	}
}
