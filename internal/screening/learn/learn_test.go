package learn

import (
	"math"
	"reflect"
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

func trained() *Head { return Usual().Train("fire", fires(), func(i int) bool { return i < 8 }) }

func TestAHeadTellsWhatItWasTrainedToTell(t *testing.T) {
	h := trained()
	for text, want := range map[string]bool{
		"there is a fire at the station": true, "the station has a cat": false, "车站着火了": true, "车站有一只猫": false,
	} {
		if p := h.Probability(features(text)); p > 0.5 != want {
			t.Errorf("%s: %.2f", text, p)
		}
	}
}

func TestTheSameSamplesTrainTheSameHead(t *testing.T) {
	if a, b := trained(), trained(); !reflect.DeepEqual(a, b) {
		t.Error("two trainings gave two heads")
	}
}

func TestAProbabilityMeansWhatItSays(t *testing.T) {
	// Two texts that nothing tells apart, one of four of which is a yes: whoever says 0.25 says what is true.
	var samples []Sample
	for i := range 200 {
		samples = append(samples, Sample{Features: features("the same words"), Group: strings.Repeat("x", i), Weight: 1})
	}
	h := Usual().Train("quarter", samples, func(i int) bool { return i%4 == 0 })
	if p := h.Probability(features("the same words")); math.Abs(p-0.25) > 0.05 {
		t.Errorf("%.3f", p)
	}
}

func TestWhatFewSamplesHaveLeavesNoTrace(t *testing.T) {
	plain, named := fires(), fires()
	named[0].Features = features("the house is on fire, says Zebulon")
	rare := Usual()
	rare.Rare, rare.Folds = 2, 0
	yes := func(i int) bool { return i < 8 }
	h := rare.Train("fire", named, yes)
	common := map[uint32]bool{}
	for _, s := range plain {
		for _, f := range s.Features {
			common[f.Bucket] = true
		}
	}
	for _, f := range features("zebulon") {
		if !common[f.Bucket] && h.Weights[f.Bucket] != 0 {
			t.Errorf("the name of one report is in the model, at %d", f.Bucket)
		}
	}
}

func TestTheGroundsOfAnAnswerAreWhereItStands(t *testing.T) {
	const text = "good morning, there is a fire behind my cat"
	folded := fold.New(text)
	h := trained()
	grounds := h.Grounds(Features(folded, nil), len(folded.Folded), 3)
	if len(grounds) == 0 {
		t.Fatal("none")
	}
	if got := folded.Folded[grounds[0].Start:grounds[0].End]; !strings.Contains(got, "fire") {
		t.Errorf("%q", got)
	}
	for _, g := range grounds {
		if g.Weight <= 0 || g.Start >= g.End {
			t.Errorf("%+v", g)
		}
	}
}

func TestWordListsCountTheirClassesAndThoseThatMeet(t *testing.T) {
	english := lexicon.Shipped()["en"]
	read := func(text string) map[uint32]bool {
		folded := fold.New(text)
		of := map[uint32]bool{}
		for _, f := range Features(folded, english.Match(folded)) {
			of[f.Bucket] = true
		}
		return of
	}
	hits := english.Match(fold.New("a child is not breathing"))
	if len(hits) < 2 {
		t.Fatalf("the list has no two classes here: %v", hits)
	}
	together, apart := read("a child is not breathing"), read("a child is here. somebody is not breathing")
	met := 0
	for bucket := range together {
		if !apart[bucket] {
			met++
		}
	}
	if met == 0 {
		t.Error("two classes in one sentence say nothing that they don't say apart")
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
		last := -1
		for _, g := range Features(folded, english.Match(folded)) {
			if int(g.Bucket) <= last || g.Start < 0 || g.End < g.Start || int(g.End) > len(folded.Folded) {
				t.Fatalf("%+v after bucket %d in %d bytes", g, last, len(folded.Folded))
			}
			last = int(g.Bucket)
		}
	})
}
