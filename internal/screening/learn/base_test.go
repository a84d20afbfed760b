package learn

import (
	"bytes"
	"math"
	"testing"
)

// standing trains one question on a model that tells fires from cats, with samples in other words that say nothing of either.
func standing(t *testing.T, base *Base, samples []Sample, yes func(i int) bool) *Model {
	t.Helper()
	training := plainly()
	training.Base = base
	return model(t, training, samples, yes)
}

func TestAModelThatStandsOnAnotherBeginsWithWhatThatOneKnows(t *testing.T) {
	base := &Base{Model: trained(t)}
	few := fires()[1:3] // too few by themselves to know a word
	few = append(few, fires()[9:11]...)
	yes := func(i int) bool { return i < 2 }
	on, alone := standing(t, base, few, yes), model(t, plainly(), few, yes)
	for text, want := range map[string]bool{"车站着火了": true, "车站有一只猫": false} {
		if got := on.Answer(features(text)).LogOdds("fire"); got > 0 != want {
			t.Errorf("%s: %.3f, alone %.3f", text, got, alone.Answer(features(text)).LogOdds("fire"))
		}
	}
	if on.Base != base.Model.Version || alone.Base != "" {
		t.Errorf("it stands on %q, alone on %q", on.Base, alone.Base)
	}
}

// What is written is one sum over n-grams: it must say what the answers as features would have said.
func TestWhatIsWrittenSaysWhatTheBaseAndTheWordsSayTogether(t *testing.T) {
	base := &Base{Model: trained(t)}
	training := plainly()
	training.Base = base
	samples := fires()
	trainees := training.Train(samples, []Question{{Name: "odd", Yes: func(i int) bool { return i%3 == 0 }}})
	file, err := trainees.Encode("v", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(string(file))
	if err != nil {
		t.Fatal(err)
	}
	d, head := training.dictionary(samples), &trainees.Heads[0]
	for i, s := range samples {
		want := d.samples[i].score(head.weights)
		if got := m.Answer(s.Features).LogOdds("odd"); math.Abs(got-want) > 0.02*(5+math.Abs(want)) { // a weight is a byte
			t.Errorf("%d: %.3f, want %.3f", i, got, want)
		}
	}
}

// Else the base would seem to be right about everything that it learned from.
func TestTheBaseAnswersWhatItLearnedFromByTheFoldThatNeverSawIt(t *testing.T) {
	yes := func(i int) bool { return i < 8 }
	trainees := Usual().Train(fires(), []Question{{Name: "fire", Yes: yes}})
	base := &Base{Model: opened(t)(trainees.Encode("base", nil))}
	for fold := range Usual().Folds {
		base.Folds = append(base.Folds, opened(t)(trainees.EncodeFold(fold, "base", nil)))
	}
	training := Usual()
	training.Base = base
	samples := fires()
	samples = append(samples, Sample{Features: features("a fire"), Group: samples[0].Group, Weight: 1, By: "ann"})
	d := training.dictionary(samples)
	for i, s := range samples {
		by := base.Folds[Fold(s.Group, len(base.Folds))]
		if s.By != "" {
			by = base.Model
		}
		got, want := d.samples[i].value[len(d.samples[i].value)-1], float32(by.Answer(s.Features).LogOdds("fire")*answerScale)
		if got != want {
			t.Errorf("%d: it learns from the answer %v, want %v", i, got, want)
		}
	}
	on := training.Train(samples, []Question{{Name: "fire", Yes: yes}})
	for fold := range base.Folds {
		if m := opened(t)(on.EncodeFold(fold, "v", nil)); m.Base != "base" {
			t.Errorf("fold %d stands on %q", fold, m.Base)
		}
	}
}

func opened(t *testing.T) func(file []byte, err error) *Model {
	return func(file []byte, err error) *Model {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		m, err := Open(string(bytes.Clone(file)))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}
