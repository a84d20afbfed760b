package train

import (
	"cmp"
	"hash/fnv"
	"io"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/calibrate"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/training"
)

// The shares that the thresholds of the shipped model keep, over the texts that it learned from, each by weights that never saw it.
const (
	immediateFalse = 0.115 // of what isn't immediate, called so by the whole text; single sentences add to it
	highFalse      = 0.15  // of what is neither high nor immediate, called so
	refuseFalse    = 0.003 // of what is not to be refused, proposed so
	normalLost     = 0.1   // of what is normal, taken for low: who is called low waits longest
	relevantLost   = 0.035 // of what somebody could act on, taken for irrelevant
)

// thresholds are the log-odds, the learner's and the word lists' together, from which the decisions are taken, and the weights by which
// several answers are joined.
func thresholds(texts []training.Report, t *learn.Trainees) map[string]float64 {
	answers := answered(texts, t)
	out := map[string]float64{}
	other := func(r training.Report) bool { return r.Urgency != heed.Immediate }
	for _, at := range []struct {
		question string
		share    float64
		of       func(r training.Report) bool
	}{
		{screening.AsksImmediate, immediateFalse, other},
		{screening.AsksHigh, highFalse, func(r training.Report) bool { return r.Urgency.Rank() > heed.High.Rank() }},
		{screening.AsksNormal, 1 - normalLost, func(r training.Report) bool { return r.Urgency == heed.Normal }},
		{screening.AsksRefuse, refuseFalse, func(r training.Report) bool { return !r.Refuse }},
		{screening.AsksRelevant, 1 - relevantLost, func(r training.Report) bool { return r.Relevant() && teachesRelevance(r) }},
	} {
		out[at.question] = exceededBy(at.share, answers[at.question], texts, at.of)
	}
	if fit := asides(answers[screening.AsksRelevant], texts); fit.Evidence >= fit.Needed {
		out[screening.AsidesBelow] = fit.Below
	}
	weights, odds := joined(texts, answers)
	for i, name := range screening.JoinNames() {
		out[name] = weights[i]
	}
	out[screening.AsksJoined] = exceededBy(immediateFalse, odds, texts, other)
	return out
}

// answered are the answers to each question about each text, by weights that never saw it, the word lists' word in them.
func answered(texts []training.Report, t *learn.Trainees) map[string][]float64 {
	s := screening.New(screening.Config{})
	out := map[string][]float64{}
	for _, h := range t.Heads {
		out[h.Name] = make([]float64, len(texts))
	}
	for i, r := range texts {
		listed := s.Listed(r.Text)
		for _, h := range t.Heads {
			out[h.Name][i] = screening.Together(h.Name, h.OutOfFold[i], &listed)
		}
	}
	return out
}

// joined are the weights of the joint answer, and what it says of each text.
func joined(texts []training.Report, answers map[string][]float64) (weights, odds []float64) {
	of, yes, share, all := make([]screening.Joins, len(texts)), make([]bool, len(texts)), mixed(texts), 0.0
	for i, r := range texts {
		of[i] = screening.JoinsOf(func(question string) float64 { return answers[question][i] })
		yes[i] = r.Urgency == heed.Immediate
		all += share[i]
	}
	for i := range share {
		share[i] *= float64(len(texts)) / all
	}
	weights = join(of, yes, share)
	odds = make([]float64, len(texts))
	for i := range odds {
		terms := of[i].Terms()
		odds[i] = product(weights, terms[:])
	}
	return weights, odds
}

// exceededBy gives the log-odds above which no more than a share of the texts among those stands, as a line hears them (mixed).
func exceededBy(share float64, odds []float64, texts []training.Report, among func(training.Report) bool) float64 {
	var of []int
	weights, all := mixed(texts), 0.0
	for i, r := range texts {
		if among(r) {
			of = append(of, i)
			all += weights[i]
		}
	}
	slices.SortStableFunc(of, func(a, b int) int { return cmp.Compare(odds[b], odds[a]) })
	above := 0.0
	for _, i := range of {
		if above += weights[i]; above > share*all {
			return odds[i]
		}
	}
	return odds[of[len(of)-1]]
}

// mixed weighs the texts so that each sort's share is the one that a line hears of it, however many were written: that of the corpus on
// which the screening is measured, as its description counts them.
func mixed(texts []training.Report) []float64 {
	heard := map[string]float64{string(heed.Immediate): 49, string(heed.High): 68, string(heed.Normal): 22, string(heed.Low): 5, "irrelevant": 76}
	sort := func(r training.Report) string {
		if !r.Relevant() {
			return "irrelevant"
		}
		return string(r.Urgency)
	}
	written := map[string]float64{}
	for _, r := range texts {
		written[sort(r)]++
	}
	out := make([]float64, len(texts))
	for i, r := range texts {
		out[i] = heard[sort(r)] / written[sort(r)]
	}
	return out
}

// shippedBound is what `heed screen` keeps to over the texts that the shipped model learned from.
func shippedBound() calibrate.Bound { return calibrate.Bound{Share: 0.01, Confidence: 0.95} }

// asides fits the log-odds of relevance under which a text may be set aside: of each happening the telling counts that says least.
func asides(odds []float64, texts []training.Report) calibrate.Fit {
	var relevant []calibrate.Relevant
	for i, r := range texts {
		if !r.Relevant() || !teachesRelevance(r) {
			continue
		}
		happening := fnv.New64a()
		io.WriteString(happening, r.Happening) // a hash never fails
		relevant = append(relevant, calibrate.Relevant{
			Score: odds[i], Account: heed.ID(r.Happening), Campaign: happening.Sum64(),
		})
	}
	return calibrate.Threshold(relevant, shippedBound())
}
