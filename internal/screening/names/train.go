package names

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Example is one text with its names.
type Example struct {
	Text  string
	Lang  string // the base language
	Names []Name
	Hints []Name // what rules take for names
	Copy  bool   // of another example, with other names: what only such have is no evidence
}

const (
	// least is how many texts must have a feature that gets weights: what fewer have is chance, and most of the model.
	least = 4
	// trainings is how many weights of one feature are averaged, each learned in another order: what the order brings about is chance, as much
	// as 0.02 of F1, and most of it goes.
	trainings = 4
	// dropped is which share of a word's features is left out each time, so that none relies on one alone: a name that was learned must be
	// found by its neighbours too.
	dropped = 0.3
	// grain is how many steps of a weight's byte the weights deviate from 0 in the mean (the root of the mean of their squares). Finer takes more
	// of the program and finds no more.
	grain = 2
)

// shy is by how much less the beginning of a person, an organisation and a place weighs than training says: reports name fewer than the
// examples do.
var shy = [...]float64{6, 2, 4}

// run is a run of considered words of an example.
type run struct {
	keys     [][]uint32
	distance []byte // from the word before
	script   []int
	labels   []Label
}

func prepare(e Example, s *sieve) (out []run) {
	words := Split(e.Text)
	r := read(words, e.Lang, e.Hints)
	r.sift(s, sieveTaught)
	all := labelsOf(words, e.Names)
	var keys [featureCount]uint32
	for i := 0; i < len(words); {
		if !r.facts[i].may {
			i++
			continue
		}
		var u run
		for first := i; i < len(words) && r.facts[i].may; i++ {
			distance := distanceOf(&words[i], i == first)
			l := all[i]
			if l != None && !l.begins() && distance != beside && (distance != parted || l != InPlace) {
				l-- // what no label can join is two names
			}
			u.keys = append(u.keys, slices.Clone(r.features(keys[:0], i)))
			u.distance, u.script, u.labels = append(u.distance, distance), append(u.script, r.script(i)), append(u.labels, l)
		}
		out = append(out, u)
	}
	return out
}

// Train makes a model. The same examples give the same model.
func Train(examples []Example, rounds int) *Model {
	s := trainSieve(examples)
	all := make([][]run, len(examples))
	for i, e := range examples {
		all[i] = prepare(e, s)
	}
	prune(examples, all)
	var trainers [trainings]*trainer
	var wait sync.WaitGroup
	for i := range trainers {
		wait.Go(func() { trainers[i] = taught(slices.Clone(all), rounds, uint64(i)) })
	}
	wait.Wait()
	mean := newTrainer()
	for _, t := range trainers {
		mean.add(t, 1.0/trainings)
	}
	m := mean.model()
	m.sieve = *s
	return m
}

// taught goes over all runs in an order of its own, the rounds one after another.
func taught(all [][]run, rounds int, order uint64) *trainer {
	t := newTrainer()
	random := rand.New(rand.NewPCG(1, 2+order))
	for range rounds {
		random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		for _, runs := range all {
			for _, u := range runs {
				t.learn(thinned(u, random))
			}
		}
	}
	return t
}

// prune leaves out the features that too few texts have.
func prune(examples []Example, all [][]run) {
	texts, last := make([]uint16, 1<<bucketBits), make([]int, 1<<bucketBits)
	for i, runs := range all {
		if examples[i].Copy {
			continue
		}
		for _, u := range runs {
			for _, k := range slices.Concat(u.keys...) {
				if last[k] != i+1 {
					texts[k], last[k] = min(texts[k]+1, least), i+1
				}
			}
		}
	}
	for _, runs := range all {
		for _, u := range runs {
			for i := range u.keys {
				u.keys[i] = slices.DeleteFunc(u.keys[i], func(k uint32) bool { return texts[k] < least })
			}
		}
	}
}

// thinned is a run without some of its features.
func thinned(u run, random *rand.Rand) run {
	keys := make([][]uint32, len(u.keys))
	for i := range keys {
		for _, k := range u.keys[i] {
			if random.Float64() >= dropped {
				keys[i] = append(keys[i], k)
			}
		}
	}
	u.keys = keys
	return u
}

// trainer holds the weights and what their average over all steps is made of (Daumé 2006, figure 2.3).
type trainer struct {
	weights, moves averaged
	steps          float64
}

type averaged struct{ now, sums []float64 }

func (a averaged) change(i int, by, step float64) {
	a.now[i] += by
	a.sums[i] += step * by
}

// add adds a share of b.
func (a averaged) add(b averaged, share float64) {
	for i := range a.now {
		a.now[i] += share * b.now[i]
		a.sums[i] += share * b.sums[i]
	}
}

func newAveraged(n int) averaged { return averaged{make([]float64, n), make([]float64, n)} }

func newTrainer() *trainer {
	return &trainer{weights: newAveraged(int(labels) << bucketBits), moves: newAveraged(scripts * int(labels*labels))}
}

// add adds a share of another trainer that learned on its own.
func (t *trainer) add(o *trainer, share float64) {
	t.steps += share * o.steps
	t.weights.add(o.weights, share)
	t.moves.add(o.moves, share)
}

func weightAt(bucket uint32, l Label) int { return int(bucket)*int(labels) + int(l) }

func moveAt(script int, from, to Label) int {
	return (script*int(labels)+int(from))*int(labels) + int(to)
}

// learn predicts a run's labels, and mends the weights where that was wrong (Collins 2002).
func (t *trainer) learn(u run) {
	t.steps++
	got := t.predict(u)
	before, beforeGot := None, None
	for i, want := range u.labels {
		if got[i] != want {
			for _, k := range u.keys[i] {
				t.weights.change(weightAt(k, want), 1, t.steps)
				t.weights.change(weightAt(k, got[i]), -1, t.steps)
			}
		}
		if got[i] != want || before != beforeGot {
			t.moves.change(moveAt(u.script[i], before, want), 1, t.steps)
			t.moves.change(moveAt(u.script[i], beforeGot, got[i]), -1, t.steps)
		}
		before, beforeGot = want, got[i]
	}
}

// predict gives the likeliest labels of a run.
func (t *trainer) predict(u run) []Label {
	path := newPath[float64](len(u.keys))
	for i, keys := range u.keys {
		var sums [labels]float64
		for _, k := range keys {
			for l := range labels {
				sums[l] += t.weights.now[weightAt(k, l)]
			}
		}
		path.step(&sums, u.distance[i], t.movesOf(u.script[i]))
	}
	return path.best()
}

// movesOf are the moves of a sort of scripts.
func (t *trainer) movesOf(script int) *[labels][labels]float64 {
	var of [labels][labels]float64
	for from := range labels {
		copy(of[from][:], t.moves.now[moveAt(script, from, 0):])
	}
	return &of
}

// model averages the weights and keeps each as a byte.
func (t *trainer) model() *Model {
	mean := func(of averaged, i int) float64 { return of.now[i] - of.sums[i]/t.steps }
	squares, count := 0.0, 0.0
	for i := range t.weights.now {
		if w := mean(t.weights, i); w != 0 {
			squares, count = squares+w*w, count+1
		}
	}
	scale := grain / math.Sqrt(squares/max(count, 1))
	var buckets []uint32
	var rows []uint64
	for bucket := range uint32(1) << bucketBits {
		row := uint64(0)
		for l := range labels {
			weight := int8(math.Round(max(-127, min(127, mean(t.weights, weightAt(bucket, l))*scale))))
			row |= uint64(byte(weight)^high) << (8 * l)
		}
		if row != nothing {
			buckets, rows = append(buckets, bucket), append(rows, row)
		}
	}
	m := newModel(buckets, rows)
	for script := range scripts {
		for from := range labels {
			for to := range labels {
				move := mean(t.moves, moveAt(script, from, to))
				if to.begins() {
					move -= shy[to/2]
				}
				m.moves[script][from][to] = int(math.Round(max(math.MinInt16, min(math.MaxInt16, move*scale))))
			}
		}
	}
	return m
}
