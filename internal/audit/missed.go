package audit

import (
	"math"
	"sort"
)

// Missed is how many relevant reports were among those set aside in a span, as the blind sample of them tells: what the bound on setting
// aside is about, where BlindRelevant of BlindDecided is only how much of what is set aside is relevant. Low and High are the ends of an
// interval that holds the truth with at least 95% confidence.
type Missed struct {
	Of                         int     // reports set aside, of which the blind ones were drawn
	Reports                    float64 // of these are relevant
	ReportsLow, ReportsHigh    int
	Found                      int     // of these people have found already, blind or in the list of what was set aside
	Share, ShareLow, ShareHigh float64 // of all relevant reports, 0..1
}

// missedTail is what each side of the interval of Missed leaves out.
const missedTail = 0.025

// Missed estimates from the blind sample. told is false where nothing was set aside, or nobody decided about a blind one yet.
//
// The blind reports are a simple random sample of those set aside: of N, of which K are relevant, n were decided and x of them found
// relevant. K is estimated by N·x/n, and x is hypergeometric: the interval holds each K under which neither so few nor so many have a
// probability of 2.5% or less. That is the exact interval of Clopper and Pearson (Biometrika 26 (1934), 404–413) for a finite number of
// reports; Wang (Journal of the American Statistical Association 110 (2015), 1491–1499) has it and shows what approximations miss. What people
// found themselves is certain, so K is no less. What they closed in the list is not: they had been told what the machine thinks.
//
// The share K/(K+R) rises with K and R, the other relevant reports, is counted and not drawn: so the ends of K give the share's. R is
// between what was found relevant and that with all that nobody decided about yet; the share itself takes the former, which says rather
// too much than too little.
//
// It supposes that blind reports are decided as soon where they are relevant as where they aren't.
func (o *Rates) Missed() (m Missed, told bool) {
	if o.BlindDecided == 0 {
		return Missed{}, false
	}
	m.Of, m.Found = o.Drawn, o.AsideRelevant+o.BlindRelevant
	m.Reports = max(float64(o.Drawn)*float64(o.BlindRelevant)/float64(o.BlindDecided), float64(m.Found))
	low, high := among(o.Drawn, o.BlindDecided, o.BlindRelevant)
	m.ReportsLow, m.ReportsHigh = max(low, m.Found), max(high, m.Found)
	m.Share = shareOf(m.Reports, o.OtherRelevant)
	m.ShareLow = shareOf(float64(m.ReportsLow), o.OtherRelevant+o.OtherOpen)
	m.ShareHigh = shareOf(float64(m.ReportsHigh), o.OtherRelevant)
	return m, true
}

// shareOf is the share of some in them and others together; 0 where there are none.
func shareOf(some float64, others int) float64 {
	if some == 0 {
		return 0
	}
	return some / (some + float64(others))
}

// among is the interval of how many of all have what x of n have that were drawn of them.
func among(all, n, x int) (low, high int) {
	least, most := x, all-(n-x)
	low = least + sort.Search(most-least, func(i int) bool { return 1-drawnUpTo(all, least+i, n, x-1) > missedTail })
	high = least + sort.Search(most-least, func(i int) bool { return drawnUpTo(all, least+i+1, n, x) <= missedTail })
	return low, high
}

// drawnUpTo is the probability that of n drawn of all, of which some are so, x are so at most.
func drawnUpTo(all, some, n, x int) float64 {
	p := 0.0
	for k := max(0, n-(all-some)); k <= min(x, some); k++ {
		p += math.Exp(lnChoose(some, k) + lnChoose(all-some, n-k) - lnChoose(all, n))
	}
	return min(1, p)
}

// lnChoose is the logarithm of how many ways there are to choose k of n.
func lnChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}
