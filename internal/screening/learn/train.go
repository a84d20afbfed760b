package learn

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Sample is one text to learn from: its features, and what is true of it.
type Sample struct {
	Features []Feature
	Group    string  // samples of one group are never on both sides of a fold: an event, a reporter's campaign
	Weight   float64 // 1 for most
}

// Training says how a head is trained. The zero value is not useful; see Usual.
type Training struct {
	Epochs   int
	Step     float64 // AdaGrad's first step (Duchi, Hazan, Singer, 2011)
	Decay    float64 // L2, per sample that has the feature
	Rare     int     // features of fewer samples are left out
	Folds    int     // of the calibration
	Positive float64 // how much more a yes counts than a no
}

// Usual serves a few thousand short texts.
func Usual() Training {
	return Training{Epochs: 20, Step: 0.5, Decay: 1e-4, Rare: 2, Folds: 5, Positive: 1}
}

// Train trains the head of that name on the samples for which yes says whether they are one. It is deterministic.
func (t Training) Train(name string, samples []Sample, yes func(i int) bool) *Head {
	kept := t.kept(samples)
	all := make([]int, len(samples))
	for i := range all {
		all[i] = i
	}
	h := &Head{Name: name, Weights: t.descend(samples, all, yes, kept), Slope: 1}
	if t.Folds > 1 {
		h.calibrate(t.outOfFold(samples, yes, kept))
	}
	return h
}

// kept marks the features that enough samples have.
func (t Training) kept(samples []Sample) []bool {
	count := make([]uint16, buckets)
	for _, s := range samples {
		for _, f := range s.Features {
			if count[f.Bucket] < math.MaxUint16 {
				count[f.Bucket]++
			}
		}
	}
	kept := make([]bool, buckets)
	for b, n := range count {
		kept[b] = int(n) >= t.Rare
	}
	return kept
}

// descend runs AdaGrad over the chosen samples, in an order that is the same at every run.
func (t Training) descend(samples []Sample, chosen []int, yes func(int) bool, kept []bool) []float32 {
	weights := make([]float64, buckets)
	squares := make([]float64, buckets)
	order := slices.Clone(chosen)
	random := rand.New(rand.NewPCG(1, 2))
	for range t.Epochs {
		random.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
		for _, i := range order {
			s := &samples[i]
			sum := 0.0
			for _, f := range s.Features {
				sum += float64(weights[f.Bucket] * float64(f.Value))
			}
			off := logistic(sum)
			if yes(i) {
				off = float64((off - 1) * t.Positive)
			}
			off *= s.Weight
			for _, f := range s.Features {
				if !kept[f.Bucket] {
					continue
				}
				slope := float64(off*float64(f.Value)) + float64(t.Decay*weights[f.Bucket])
				squares[f.Bucket] += float64(slope * slope)
				weights[f.Bucket] -= float64(t.Step*slope) / math.Sqrt(squares[f.Bucket]+1e-8)
			}
		}
	}
	out := make([]float32, buckets)
	for b, w := range weights {
		out[b] = float32(w)
	}
	return out
}

// Fold is the fold of a group, 0 ≤ fold < folds.
func Fold(group string, folds int) int { return int(mix(fnvOffset, group) >> 33 % uint64(folds)) }

// scored is one score with the truth.
type scored struct {
	score float64
	yes   bool
}

// outOfFold scores every sample by weights that never saw its group.
func (t Training) outOfFold(samples []Sample, yes func(int) bool, kept []bool) []scored {
	var out []scored
	for fold := range t.Folds {
		var chosen, held []int
		for i, s := range samples {
			if Fold(s.Group, t.Folds) == fold {
				held = append(held, i)
			} else {
				chosen = append(chosen, i)
			}
		}
		h := Head{Weights: t.descend(samples, chosen, yes, kept)}
		for _, i := range held {
			out = append(out, scored{h.Score(samples[i].Features), yes(i)})
		}
	}
	return out
}

// calibrate fits Slope and Offset by Newton's method (Lin, Lin, Weng, "A note on Platt's probabilistic outputs", 2007).
func (h *Head) calibrate(of []scored) {
	yes := 0.0
	for _, s := range of {
		if s.yes {
			yes++
		}
	}
	no := float64(len(of)) - yes
	high, low := (yes+1)/(yes+2), 1/(no+2) // Platt's targets: never quite 1 or 0
	slope, offset := 1.0, math.Log((yes+1)/(no+1))
	for range 50 {
		g1, g2, h11, h22, h21 := 0.0, 0.0, 1e-9, 1e-9, 0.0
		for _, s := range of {
			p := logistic(float64(slope*s.score) + offset)
			d := p - low
			if s.yes {
				d = p - high
			}
			q := p * (1 - p)
			g1 += float64(s.score * d)
			g2 += d
			h11 += float64(s.score * s.score * q)
			h22 += q
			h21 += float64(s.score * q)
		}
		det := float64(h11*h22) - float64(h21*h21)
		if det == 0 {
			break
		}
		stepSlope, stepOffset := (float64(h22*g1)-float64(h21*g2))/det, (float64(h11*g2)-float64(h21*g1))/det
		slope, offset = slope-stepSlope, offset-stepOffset
		if math.Abs(stepSlope)+math.Abs(stepOffset) < 1e-9 {
			break
		}
	}
	h.Slope, h.Offset = slope, offset
}
