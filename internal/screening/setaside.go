package screening

import (
	"math"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/learn"
)

// Aside is what a line sets aside by. The zero value sets nothing aside.
type Aside struct {
	Below      float64 // a relevance under it, as a Screening gives it, may be set aside
	Calibrated bool    // it was fitted to what the line's own people decided
}

// Even is the relevance from which a report is taken for relevant and never set aside.
const Even = 0.5

// AsidesBelow names the threshold in a model's file under which `heed screen` sets aside, in the log-odds of relevance. It was fitted to the
// texts that the model learned from, each by weights that never saw it.
const AsidesBelow = "aside"

// Under gives a Screener that sets aside by a. One that New made sets aside by its model's own threshold, which knows nothing of a line.
func (s *Screener) Under(a Aside) *Screener {
	under := *s
	under.aside = func() Aside { return a }
	return &under
}

// Still gives a Screener that goes on by the model of this moment, whichever the line takes up meanwhile: a threshold is one model's.
func (s *Screener) Still() *Screener {
	still, m := *s, s.model()
	still.model = func() *learn.Model { return m }
	return &still
}

// asideOf is a model's own threshold.
func asideOf(m *learn.Model) Aside {
	if math.IsInf(m.Threshold(AsidesBelow), 0) {
		return Aside{} // a model that has none
	}
	return Aside{Below: round(learn.Probability(m.Threshold(AsidesBelow) - m.Threshold(AsksRelevant)))}
}

// AsideScore is what is held against a threshold: what is proposed for refusal goes before a person and is never set aside, however
// irrelevant it is taken to be.
func AsideScore(s heed.Screening) float64 {
	if s.Refuse {
		return 1
	}
	return s.Relevance
}
