package learn

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

func features(text string) []Feature { return Features(fold.New(text), nil) }

// fires are texts about fire (the first half) and about cats, each about a happening of its own.
func fires() []Sample {
	var samples []Sample
	for _, text := range []string{
		"the house is on fire", "fire in the kitchen of my neighbour", "a car burns, fire everywhere", "flames and fire behind the school",
		"着火了快来人", "厨房着火了", "学校后面着火了", "邻居家里着火了",
		"my cat sleeps on the sofa", "the cat of my neighbour is grey", "a cat in the kitchen", "behind the school a cat plays",
		"我家猫在睡觉", "厨房里有一只猫", "学校后面有猫", "邻居家的猫是灰的",
	} {
		samples = append(samples, Sample{Features: features(text), Group: text, Weight: 1})
	}
	return samples
}

// model trains one question on the samples and reads it back as a program would.
func model(t *testing.T, training Training, samples []Sample, yes func(i int) bool) *Model {
	t.Helper()
	file, err := training.Train(samples, []Question{{Name: "fire", Yes: yes}}).Encode("v", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Open(string(file))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// plainly trains without a calibration, and with words of two texts, as these are few.
func plainly() Training {
	t := Usual()
	t.Folds, t.Rare = 0, 2
	return t
}

func trained(t *testing.T) *Model {
	return model(t, plainly(), fires(), func(i int) bool { return i < 8 })
}

func TestAHeadTellsWhatItWasTrainedToTell(t *testing.T) {
	m := trained(t)
	for text, want := range map[string]bool{
		"there is a fire at the station": true, "the station has a cat": false, "车站着火了": true, "车站有一只猫": false,
	} {
		if p := Probability(m.Answer(features(text)).LogOdds("fire")); p > 0.5 != want {
			t.Errorf("%s: %.2f", text, p)
		}
	}
}

func TestTheSameSamplesTrainTheSameBytes(t *testing.T) {
	train := func() []byte {
		var questions []Question
		for n := range 6 {
			questions = append(questions, Question{Name: strings.Repeat("q", n+1), Yes: func(i int) bool { return i%(n+2) == 0 }})
		}
		file, err := Usual().Train(fires(), questions).Encode("v", map[string]float64{"b": 1, "a": 2})
		if err != nil {
			t.Fatal(err)
		}
		return file
	}
	if a, b := train(), train(); !bytes.Equal(a, b) {
		t.Error("two trainings gave two models")
	}
}

func TestAProbabilityMeansWhatItSays(t *testing.T) {
	// Two texts that nothing tells apart, one of four of which is a yes: whoever says 0.25 says what is true.
	var samples []Sample
	for i := range 200 {
		samples = append(samples, Sample{Features: features("the same words"), Group: strings.Repeat("x", i), Weight: 1})
	}
	m := model(t, Usual(), samples, func(i int) bool { return i%4 == 0 })
	if p := Probability(m.Answer(features("the same words")).LogOdds("fire")); math.Abs(p-0.25) > 0.05 {
		t.Errorf("%.3f", p)
	}
}

func TestWhatFewSamplesHaveLeavesNoTrace(t *testing.T) {
	plain, named := fires(), fires()
	named[0].Features = features("the house is on fire, says Zebulon")
	m := model(t, plainly(), named, func(i int) bool { return i < 8 })
	common := map[uint32]bool{}
	for _, s := range plain {
		for _, f := range s.Features {
			common[f.Bucket] = true
		}
	}
	for _, f := range features("zebulon") {
		if m.known.row(f.Bucket) != unknown && !common[f.Bucket] {
			t.Errorf("the name of one report is in the model, at %d", f.Bucket)
		}
	}
}

func TestTheGroundsOfAnAnswerAreWhereItStands(t *testing.T) {
	const text = "good morning, there is a fire behind my cat"
	folded := fold.New(text)
	m := trained(t)
	var r Reading
	r.Read(folded)
	m.AnswerText(&r, Hits{}, m.All())
	for _, c := range []struct {
		sign float64
		word string
	}{{1, "fire"}, {-1, "cat"}} {
		grounds := m.Grounds("fire", c.sign, &r, 3)
		if len(grounds) == 0 {
			t.Fatal("none")
		}
		if got := folded.Folded[grounds[0].Start:grounds[0].End]; !strings.Contains(got, c.word) {
			t.Errorf("%q, want %q", got, c.word)
		}
		for _, g := range grounds {
			if g.Weight <= 0 || g.Start >= g.End || g.Hit != -1 {
				t.Errorf("%+v", g)
			}
		}
	}
}

func TestAGroundNamesTheClassThatSaysMostThere(t *testing.T) {
	english := lexicon.Shipped()["en"]
	read := func(text string) (*fold.Text, []lexicon.Hit) {
		folded := fold.New(text)
		return folded, english.Match(folded)
	}
	var samples []Sample
	for _, text := range []string{"an explosion", "the house exploded", "my cat", "a table"} {
		folded, hits := read(text)
		samples = append(samples, Sample{Features: Features(folded, hits), Group: text, Weight: 1})
	}
	m := model(t, plainly(), samples, func(i int) bool { return i < 2 })
	folded, hits := read("something blew up")
	var r Reading
	r.Read(folded)
	m.AnswerText(&r, Numbered(hits), m.All())
	grounds := m.Grounds("fire", 1, &r, 1)
	if len(grounds) != 1 || grounds[0].Hit < 0 {
		t.Fatalf("%+v", grounds)
	}
	if h := hits[grounds[0].Hit]; folded.Folded[h.Start:h.End] != "blew up" {
		t.Errorf("%+v", h)
	}
}

func TestWhatIsNoModelIsRefused(t *testing.T) {
	file, err := Usual().Train(fires(), []Question{{Name: "fire", Yes: func(i int) bool { return i < 8 }}}).Encode("v", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]string{
		"nothing": "", "another file": "PK\x03\x04", "no weights": magic, "a cut one": string(file[:len(file)-1]),
		"no JSON": magic + "{\n", "other features": magic + `{"bits":12}` + "\n",
	} {
		if _, err := Open(bad); !errors.Is(err, ErrModel) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAQuestionThatAModelDoesNotAskIsNeverAYes(t *testing.T) {
	m := trained(t)
	if a := m.Answer(features("fire")); Probability(a.LogOdds("flood")) > 1e-9 || !math.IsInf(m.Threshold("flood"), 1) {
		t.Error("yes")
	}
}

func TestExponentialsAreThoseOfTheLibraryToTheLastPlaces(t *testing.T) {
	for x := -40.0; x < 40; x += 0.37 {
		if got, want := exp(x), math.Exp(x); math.Abs(got-want) > 1e-14*want {
			t.Errorf("e^%v = %v, want %v", x, got, want)
		}
	}
}

func TestLogarithmsAreThoseOfTheLibraryToTheLastPlaces(t *testing.T) {
	for x := 1e-9; x < 1e9; x *= 1.37 {
		if got, want := ln(x), math.Log(x); math.Abs(got-want) > 1e-15+1e-14*math.Abs(want) {
			t.Errorf("ln %v = %v, want %v", x, got, want)
		}
	}
}

func TestALongTextIsReadToABound(t *testing.T) {
	if n := len(features(strings.Repeat("fire and flames and words ", 40_000))); n == 0 || n > 20_000 {
		t.Errorf("%d features", n)
	}
}

func FuzzFeaturesLieInTheirText(f *testing.F) {
	for _, text := range []string{"", "fire", "着火了 fire", "\xff\xfe", "a\u202eb", strings.Repeat("x", 9000)} {
		f.Add(text)
	}
	english := lexicon.Shipped()["en"]
	f.Fuzz(func(t *testing.T, text string) {
		folded := fold.New(text)
		seen := map[uint32]bool{}
		for _, g := range Features(folded, english.Match(folded)) {
			if seen[g.Bucket] || g.Start < 0 || g.End < g.Start || int(g.End) > len(folded.Folded) {
				t.Fatalf("%+v in %d bytes", g, len(folded.Folded))
			}
			seen[g.Bucket] = true
		}
	})
}
