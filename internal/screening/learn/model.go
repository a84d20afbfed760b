package learn

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
)

// Head is one question that a model answers, and how its sum of weights becomes log-odds: Slope·sum + Offset (Platt,
// "Probabilistic outputs for support vector machines", 1999).
type Head struct {
	Name   string  `json:"name"`
	Step   float64 `json:"step"` // what 1 in a stored weight is worth
	Slope  float64 `json:"slope"`
	Offset float64 `json:"offset"`
}

// Model answers the questions of its heads. It is read-only and safe for concurrent use.
type Model struct {
	head
	weights string // one signed byte a bucket and head, the heads of a bucket side by side: one look serves them all
	index   map[string]int
}

// head is what stands before the weights in a file.
type head struct {
	Version string `json:"version"` // of the data and the code that the model was made with
	Bits    int    `json:"bits"`    // of a bucket's number
	Heads   []Head `json:"heads"`
	// Thresholds are the log-odds from which (for "aside": under which) a decision is taken.
	Thresholds map[string]float64 `json:"thresholds"`
}

// magic begins a model's file. A line of JSON follows, then the weights.
const magic = "heed model 1\n"

// ErrModel is that what should be a model isn't one, or one for other features than this program's.
var ErrModel = errors.New("not a model that this program can use")

// Open reads a model in the form that Encode writes. The weights stay where they are: nothing is copied.
func Open(file string) (*Model, error) {
	rest, ok := strings.CutPrefix(file, magic)
	line, weights, found := strings.Cut(rest, "\n")
	if !ok || !found {
		return nil, fmt.Errorf("its beginning: %w", ErrModel)
	}
	m := &Model{weights: weights, index: map[string]int{}}
	if err := json.Unmarshal([]byte(line), &m.head); err != nil {
		return nil, fmt.Errorf("its first line: %w", errors.Join(ErrModel, err))
	}
	if m.Bits != bucketBits || len(weights) != buckets*len(m.Heads) {
		return nil, fmt.Errorf("%d bytes of weights for %d questions: %w", len(weights), len(m.Heads), ErrModel)
	}
	for i, h := range m.Heads {
		m.index[h.Name] = i
	}
	return m, nil
}

// Names lists the questions in their order.
func (m *Model) Names() []string {
	names := make([]string, len(m.Heads))
	for i, h := range m.Heads {
		names[i] = h.Name
	}
	return names
}

// Threshold gives the log-odds from which a decision is taken; +Inf, never, where the model has none of that name.
func (m *Model) Threshold(name string) float64 {
	if t, ok := m.Thresholds[name]; ok {
		return t
	}
	return math.Inf(1)
}

// Answers are the log-odds of each question for one text: 0 is even odds.
type Answers struct {
	model *Model
	odds  []float64
}

// Answer asks all questions at once.
func (m *Model) Answer(features []Feature) Answers {
	n := len(m.Heads)
	sums := make([]float64, n)
	for _, f := range features {
		row := m.weights[int(f.Bucket)*n:][:n]
		for i := range sums {
			sums[i] += float64(float64(int8(row[i])) * float64(f.Value))
		}
	}
	for i, h := range m.Heads {
		sums[i] = float64(float64(h.Slope*h.Step)*sums[i]) + h.Offset
	}
	return Answers{m, sums}
}

// LogOdds is the answer to one question; -Inf where the model doesn't ask it.
func (a Answers) LogOdds(name string) float64 {
	if i, ok := a.model.index[name]; ok {
		return a.odds[i]
	}
	return math.Inf(-1)
}
