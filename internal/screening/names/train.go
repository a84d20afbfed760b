package names

import (
	"math"
	"math/rand/v2"
)

// Example is one text with its names.
type Example struct {
	Text  string
	Names []Name
}

// Train makes a model. The same examples give the same model.
func Train(examples []Example, rounds int) *Model {
	t := trainer{weights: make([]float32, int(labels)<<bucketBits), sums: make([]float64, int(labels)<<bucketBits)}
	type sentence struct {
		words []Word
		gold  []Label
	}
	var all []sentence
	for _, e := range examples {
		words := Split(e.Text)
		all = append(all, sentence{words, gold(words, e.Names)})
	}
	random := rand.New(rand.NewPCG(1, 2))
	var keys [featureCount]uint32
	for range rounds {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, s := range all {
			before := None
			cased := casing(s.words)
			for i := range s.words {
				if s.gold[i] == None && !considered(s.words, i, cased, before) {
					before = None
					continue
				}
				c := context{s.words, i, cased, before}
				before = t.learn(c.features(keys[:0]), s.gold[i])
			}
		}
	}
	return t.model()
}

// gold gives the words' labels.
func gold(words []Word, names []Name) []Label {
	out := make([]Label, len(words))
	for _, n := range names {
		first := true
		for i, w := range words {
			if w.Start < n.End && w.End > n.Start {
				l := map[string]Label{"person": BeginPerson, "organisation": BeginOrganisation, "place": BeginPlace}[n.Kind]
				if !first {
					l++
				}
				out[i], first = l, false
			}
		}
	}
	return out
}

// trainer holds the weights and what their average over all steps is made of (Daumé 2006, figure 2.3).
type trainer struct {
	weights []float32
	sums    []float64
	steps   float64
}

// learn predicts, mends the weights where that was wrong, and gives the prediction.
func (t *trainer) learn(keys []uint32, want Label) Label {
	t.steps++
	var sums [labels]float32
	for _, k := range keys {
		for l := range sums {
			sums[l] += t.weights[int(k)*int(labels)+l]
		}
	}
	got := None
	for l := range sums {
		if sums[l] > sums[got] {
			got = Label(l)
		}
	}
	if got != want {
		for _, k := range keys {
			t.move(int(k)*int(labels)+int(want), 1)
			t.move(int(k)*int(labels)+int(got), -1)
		}
	}
	return got
}

func (t *trainer) move(i int, by float32) {
	t.weights[i] += by
	t.sums[i] += t.steps * float64(by)
}

// model averages the weights and keeps each as a byte.
func (t *trainer) model() *Model {
	average := make([]float64, len(t.weights))
	largest := 0.0
	for i, w := range t.weights {
		average[i] = float64(w) - t.sums[i]/t.steps
		largest = max(largest, math.Abs(average[i]))
	}
	m := &Model{rows: make([]uint64, 1<<bucketBits)}
	for i, a := range average {
		m.put(i, int8(math.Round(max(-127, min(127, a*127/largest*2)))))
	}
	return m
}
