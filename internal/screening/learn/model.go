package learn

import (
	"cmp"
	"math"
	"slices"
)

// Head answers one question with a probability.
type Head struct {
	Name    string
	Weights []float32 // by bucket; buckets long
	// Slope and Offset turn the sum of weights into log-odds (Platt, "Probabilistic outputs for support vector machines", 1999).
	Slope, Offset float64
}

// Model is heads by name. It is read-only once made and safe for concurrent use.
type Model struct {
	Version string // of the data and the code that it was made with
	heads   map[string]*Head
	names   []string // sorted
}

// New makes a model of heads.
func New(version string, heads ...*Head) *Model {
	m := &Model{Version: version, heads: map[string]*Head{}}
	for _, h := range heads {
		m.heads[h.Name] = h
		m.names = append(m.names, h.Name)
	}
	slices.Sort(m.names)
	return m
}

// Head gives the head of that name; nil where there is none.
func (m *Model) Head(name string) *Head { return m.heads[name] }

// Names lists the heads, sorted.
func (m *Model) Names() []string { return slices.Clone(m.names) }

// Score is the raw sum that the features give.
func (h *Head) Score(features []Feature) float64 {
	sum := 0.0
	for _, f := range features {
		sum += float64(float64(h.Weights[f.Bucket]) * float64(f.Value))
	}
	return sum
}

// LogOdds is the calibrated score: 0 is even odds.
func (h *Head) LogOdds(features []Feature) float64 {
	return float64(h.Slope*h.Score(features)) + h.Offset
}

// Probability is the calibrated probability, 0..1.
func (h *Head) Probability(features []Feature) float64 { return logistic(h.LogOdds(features)) }

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// Ground is a place in the folded text that speaks for an answer, with how much in log-odds.
type Ground struct {
	Start, End int
	Weight     float64
}

// Grounds lists the places that speak most for the head's yes, at most so many, strongest first.
//
// Each feature's share is spread evenly over the bytes that gave it; a ground is a stretch of bytes that all speak for it,
// widened to whole words by the caller.
func (h *Head) Grounds(features []Feature, length, most int) []Ground {
	share := make([]float64, length)
	for _, f := range features {
		n := int(f.End - f.Start)
		if n <= 0 || int(f.End) > length {
			continue
		}
		w := h.Slope * float64(h.Weights[f.Bucket]) * float64(f.Value) / float64(n)
		for i := f.Start; i < f.End; i++ {
			share[i] += w
		}
	}
	var out []Ground
	for i := 0; i < length; {
		if share[i] <= 0 {
			i++
			continue
		}
		g := Ground{Start: i}
		for ; i < length && share[i] > 0; i++ {
			g.Weight += share[i]
		}
		g.End = i
		out = append(out, g)
	}
	slices.SortStableFunc(out, func(a, b Ground) int { return cmp.Compare(b.Weight, a.Weight) })
	return out[:min(len(out), most)]
}
