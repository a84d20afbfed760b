package learn

// Base is a model that another one stands on: its answers to a text are features of that text, so that who learns from a few hundred
// reports begins with what was learned from thousands.
//
// The answers come in as log-odds, and nothing bends them on the way. So the sum of both is a sum over the same n-grams, and what is
// written is a model like any other: it is read in one look, and gives its grounds as ever (docs/adr/0015-a-lines-model-stands-on-the-shipped-one.md).
type Base struct {
	Model *Model
	// Folds are those that never saw the groups of a fold, in the order of Fold. Each sample that the base learned from, which is each one
	// with no account's word, is answered by the fold that never saw it; else the base would seem to be right about everything. nil: it
	// learned from none of them.
	Folds []*Model
}

// answerScale is what a log-odds of 1 counts as a feature: answers are seldom beyond 6.
const answerScale = 1.0 / 6

// questions is how many answers the base gives.
func (b *Base) questions() int {
	if b == nil {
		return 0
	}
	return len(b.Model.Heads)
}

// about is what the base answers about a sample, in log-odds.
func (b *Base) about(s *Sample) []float64 {
	switch {
	case b == nil:
		return nil
	case s.By == "" && len(b.Folds) > 0:
		return b.Folds[Fold(s.Group, len(b.Folds))].Answer(s.Features).odds
	}
	return b.Model.Answer(s.Features).odds
}

// whole is the base of what was trained on all samples.
func (b *Base) whole() *Model {
	if b == nil {
		return nil
	}
	return b.Model
}

// without is the base of what was trained without a fold.
func (b *Base) without(fold int) *Model {
	if b == nil || len(b.Folds) == 0 {
		return b.whole()
	}
	return b.Folds[fold]
}

// addTo adds the model's weights to sums, by place, as much of each head's as shares says of its answer as a feature; rest is what its
// answers have beside their weights. place gives the place of each bucket that the model knows.
func (m *Model) addTo(sums, shares []float64, place []int32) (rest float64) {
	each := make([]float64, len(m.Heads))
	for k, h := range m.Heads {
		share := float64(shares[k] * answerScale)
		each[k] = float64(share * float64(h.Slope*h.Step))
		rest += float64(share * h.Offset)
	}
	for i, b := range m.known.buckets() {
		row := m.weights[i*len(each):][:len(each)]
		for k, share := range each {
			if w := int8(row[k]); w != 0 {
				sums[place[b]] += float64(share * float64(w))
			}
		}
	}
	return rest
}
