package learn

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// Sample is one text to learn from.
type Sample struct {
	Features []Feature
	Group    string  // samples of one group are never on both sides of a fold: an event, a reporter's campaign
	Weight   float64 // 1 for most
	By       string  // whose word the answers are, of a line's own reports; "" for a text that was written to learn from
}

// Question is what a head is to answer.
type Question struct {
	Name string
	Yes  func(sample int) bool
	// Known says of which samples the answer is known; nil: of all. The others teach this question nothing.
	Known func(sample int) bool
	// Share is how much of its weight a sample has in this question; nil: all.
	Share func(sample int) float64
}

// Training says how a model is trained. The zero value is not useful; see Usual.
type Training struct {
	Epochs int
	// Step is the first step, as a share of the one that sets a text of the mean length right; it falls to nothing by the last. Where Adapt
	// is set it is the first of each weight.
	Step float64
	// Adapt gives each weight a step of its own, the smaller the further it was moved (AdaGrad; Duchi, Hazan, Singer, 2011): few texts then
	// move what only they have.
	Adapt bool
	Decay float64 // L2, per sample that has the feature
	// Telling scales each feature by how well it alone tells the answers apart, |ln| of how much likelier it is beside one than beside the
	// other (Wang and Manning, "Baselines and bigrams", 2012), as if it had been seen so often more beside each; 0: none is scaled.
	Telling float64
	Rare    int // features of fewer groups are left out
	Folds   int // of the calibration; under 2 there is none
	// What no text has that was written to learn from is kept where OwnRare of a line's own reports have it, those of one group
	// counted once and those of one account OwnEach times at most: no report, campaign or account brings a word in.
	OwnRare, OwnEach int
	// OwnFloor is added to AdaGrad's sum of squares where a line's own report moves a weight: without it one of little weight moves what no
	// other has as far as one of much.
	OwnFloor float64
	// Base is what the model stands on; nil: on nothing.
	Base *Base
}

// Usual serves some ten thousand short texts.
func Usual() Training {
	return Training{Epochs: 5, Step: 8, Telling: 1, Rare: 4, Folds: 5, OwnRare: 20, OwnEach: 7}
}

// Standing serves a model that stands on another and learns what a line's few reports add.
func Standing(on *Base) Training {
	t := Usual()
	t.Epochs, t.Step, t.Decay, t.Telling, t.Adapt, t.OwnFloor, t.Base = 4, 0.1, 1e-3, 0, true, 0.01, on
	return t
}

// Trained is a head as it comes out of training.
type Trained struct {
	Head
	// OutOfFold are the calibrated log-odds of every sample by weights that never saw its group.
	OutOfFold []float64
	weights   []float64   // by place in dictionary.kept, those of the base's answers behind
	folds     [][]float64 // those that never saw the fold
}

// Trainees are the heads of a model in the making, in the order of their questions.
type Trainees struct {
	Heads []Trained
	kept  []uint32 // the buckets that enough groups have
	base  *Base
}

// Train trains a head for each question. The same samples in the same order give the same bytes, however many cores there are.
func (t Training) Train(samples []Sample, questions []Question) *Trainees {
	return t.TrainOn(t.Prepare(samples), questions)
}

// Prepared are samples that were made ready for a Training, to be learned from in more than one way.
type Prepared struct {
	samples []Sample
	d       *dictionary
}

// Prepare makes samples ready: what of it may be learned, and what the base says of each.
func (t Training) Prepare(samples []Sample) *Prepared {
	return &Prepared{samples, t.dictionary(samples)}
}

// TrainOn is Train of what was prepared, by a Training that differs from the one that prepared it in steps, passes, decay and folds alone.
func (t Training) TrainOn(p *Prepared, questions []Question) *Trainees {
	samples, d := p.samples, p.d
	out := &Trainees{Heads: make([]Trained, len(questions)), kept: d.kept, base: t.Base}
	var wait sync.WaitGroup
	turn := make(chan struct{}, trainAtOnce)
	for i, q := range questions {
		turn <- struct{}{}
		wait.Go(func() {
			defer func() { <-turn }()
			yes := make([]bool, len(samples))
			var known []int
			for k := range yes {
				if q.Known == nil || q.Known(k) {
					known = append(known, k)
					yes[k] = q.Yes(k)
				}
			}
			d := d.shared(q.Share)
			h := Trained{Head: Head{Name: q.Name, Slope: 1}, weights: t.descend(d, known, yes)}
			if t.Folds > 1 {
				h.outOfFold(t, d, known, yes)
				h.calibrate(d, written(samples, known), yes)
			}
			out.Heads[i] = h
		})
	}
	wait.Wait()
	return out
}

// written are those of the samples that were written to learn from, or all where none was: what a line's people say moves no calibration.
func written(samples []Sample, known []int) []int {
	var out []int
	for _, i := range known {
		if samples[i].By == "" {
			out = append(out, i)
		}
	}
	if len(out) == 0 {
		return known
	}
	return out
}

// trainAtOnce is how many heads are trained at a time.
const trainAtOnce = 4

// learnt is a feature's weight in the making, beside the square of what it is scaled by: one look finds both.
type learnt struct{ weight, telling float64 }

// descend runs stochastic gradient descent over the chosen samples, in an order that is the same at every run.
func (t Training) descend(d *dictionary, chosen []int, yes []bool) []float64 {
	if t.Adapt {
		return t.adapt(d, chosen, yes)
	}
	features := t.telling(d, chosen, yes)
	step := t.Step / d.length(chosen, features)
	order := slices.Clone(chosen)
	random := rand.New(rand.NewPCG(1, 2))
	left, all := t.Epochs*len(order), float64(t.Epochs*len(order))
	for range t.Epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			s := &d.samples[i]
			value := s.value[:len(s.at)]
			sum := 0.0
			for k, at := range s.at {
				sum += float64(features[at].weight * float64(value[k]))
			}
			off := Probability(sum)
			if yes[i] {
				off--
			}
			now := float64(step*float64(left)) / all
			left--
			off *= float64(s.weight * now)
			decay := float64(t.Decay * now)
			for k, at := range s.at {
				f := &features[at]
				f.weight -= float64(float64(off*f.telling)*float64(value[k])) + float64(decay*f.weight)
			}
		}
	}
	weights := make([]float64, len(features))
	for k, f := range features {
		weights[k] = f.weight
	}
	return weights
}

// adapt is descend with a step for each weight.
func (t Training) adapt(d *dictionary, chosen []int, yes []bool) []float64 {
	weights := make([]float64, len(d.kept)+d.answers)
	squares := make([]float64, len(d.kept)+d.answers)
	order := slices.Clone(chosen)
	random := rand.New(rand.NewPCG(1, 2))
	for range t.Epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			s := &d.samples[i]
			off := Probability(s.score(weights))
			if yes[i] {
				off--
			}
			off *= s.weight
			floor := 1e-8
			if s.own {
				floor = t.OwnFloor
			}
			for k, at := range s.at {
				slope := float64(off*float64(s.value[k])) + float64(t.Decay*weights[at])
				squares[at] += float64(slope * slope)
				weights[at] -= float64(t.Step*slope) / math.Sqrt(squares[at]+floor)
			}
		}
	}
	return weights
}

// telling gives each feature no weight, and the square of what it is scaled by. Only texts that were written to learn from are counted: what a line's own
// reports alone have is left as it is, and so are the base's answers.
func (t Training) telling(d *dictionary, chosen []int, yes []bool) []learnt {
	out := make([]learnt, len(d.kept)+d.answers)
	for k := range out {
		out[k].telling = 1
	}
	if t.Telling == 0 {
		return out
	}
	beside := [2][]float64{make([]float64, len(d.kept)), make([]float64, len(d.kept))} // no, yes
	for _, i := range chosen {
		s, of := &d.samples[i], beside[0]
		if s.own {
			continue
		}
		if yes[i] {
			of = beside[1]
		}
		for _, at := range s.at {
			if int(at) < len(of) {
				of[at] += s.weight
			}
		}
	}
	all := [2]float64{}
	for k := range d.kept {
		all[0] += beside[0][k] + t.Telling
		all[1] += beside[1][k] + t.Telling
	}
	for k := range d.kept {
		if no, yes := beside[0][k], beside[1][k]; no+yes > 0 {
			r := ln(float64((yes+t.Telling)*all[0]) / float64((no+t.Telling)*all[1]))
			out[k].telling = float64(r * r)
		}
	}
	return out
}

// length is the mean square of the samples' lengths, by their weights, features scaled.
func (d *dictionary) length(chosen []int, features []learnt) float64 {
	sum, of := 1e-9, 1e-9
	for _, i := range chosen {
		s := &d.samples[i]
		of += s.weight
		for k, at := range s.at {
			sum += float64(s.weight * float64(features[at].telling*float64(s.value[k]*s.value[k])))
		}
	}
	return sum / of
}

// Fold is the fold of a group, 0 ≤ fold < folds.
func Fold(group string, folds int) int { return int(mix(fnvOffset, group) >> 33 % uint64(folds)) }

// outOfFold scores every sample by weights that never saw its group.
func (h *Trained) outOfFold(t Training, d *dictionary, known []int, yes []bool) {
	h.OutOfFold = make([]float64, len(d.samples))
	for fold := range t.Folds {
		var chosen []int
		for _, i := range known {
			if Fold(d.samples[i].group, t.Folds) != fold {
				chosen = append(chosen, i)
			}
		}
		weights := t.descend(d, chosen, yes)
		h.folds = append(h.folds, weights)
		for i := range d.samples {
			if Fold(d.samples[i].group, t.Folds) == fold {
				h.OutOfFold[i] = d.samples[i].score(weights)
			}
		}
	}
}

// calibrate fits Slope and Offset to the scores out of fold by Newton's method, and puts the scores on that scale (Lin, Lin,
// Weng, "A note on Platt's probabilistic outputs", 2007).
func (h *Trained) calibrate(d *dictionary, known []int, yes []bool) {
	positive, negative := 0.0, 0.0
	for _, i := range known {
		if yes[i] {
			positive += d.samples[i].weight
		} else {
			negative += d.samples[i].weight
		}
	}
	high, low := (positive+1)/(positive+2), 1/(negative+2) // Platt's targets: never quite 1 or 0
	// off is how far the scores are from the answers on such a scale: what the fit makes least.
	off := func(slope, offset float64) (sum float64) {
		for _, i := range known {
			target, z := low, float64(slope*h.OutOfFold[i])+offset
			if yes[i] {
				target = high
			}
			sum += float64(d.samples[i].weight * (float64((1-target)*z) + max(-z, 0) + math.Log1p(math.Exp(-math.Abs(z)))))
		}
		return sum
	}
	slope, offset := 1.0, 0.0
	for range 50 {
		g1, g2, h11, h22, h21 := 0.0, 0.0, 1e-9, 1e-9, 0.0
		for _, i := range known {
			score, w := h.OutOfFold[i], d.samples[i].weight
			p := Probability(float64(slope*score) + offset)
			miss := p - low
			if yes[i] {
				miss = p - high
			}
			miss *= w
			q := float64(p*(1-p)) * w
			g1 += float64(score * miss)
			g2 += miss
			h11 += float64(float64(score*score) * q)
			h22 += q
			h21 += float64(score * q)
		}
		det := float64(h11*h22) - float64(h21*h21)
		if det == 0 {
			break
		}
		stepSlope, stepOffset := (float64(h22*g1)-float64(h21*g2))/det, (float64(h11*g2)-float64(h21*g1))/det
		// A whole step can overshoot where few texts are in doubt; what rounding makes of the last ones is no overshooting.
		for most := off(slope, offset) * (1 + 1e-9); off(slope-stepSlope, offset-stepOffset) > most; stepSlope, stepOffset = stepSlope/2, stepOffset/2 {
			if math.Abs(stepSlope)+math.Abs(stepOffset) < 1e-9 {
				break
			}
		}
		slope, offset = slope-stepSlope, offset-stepOffset
		if math.Abs(stepSlope)+math.Abs(stepOffset) < 1e-9 {
			break
		}
	}
	h.Slope, h.Offset = slope, offset
	for i := range h.OutOfFold {
		h.OutOfFold[i] = float64(slope*h.OutOfFold[i]) + offset
	}
}
