package calibrate

import (
	"cmp"
	"math"
	"slices"

	"github.com/heed-line/heed"
)

// Bound is what a line promises: with Confidence (0..1), at most Share (0..1) of its relevant reports are set aside. A Share of 0
// sets nothing aside.
type Bound struct{ Share, Confidence float64 }

// Relevant is a report that a person found relevant.
type Relevant struct {
	Score   float64 // by the model in use; what scores less than the threshold is set aside
	Account heed.ID // whose word it is
	// Campaign is the same for all copies of one text: they count once, with the lowest score among them.
	Campaign uint64
	// Sampled says that it came while others were set aside, of which people were shown only one in BlindShare.
	Sampled bool
}

// BlindShare is of how many set-aside reports one is read all the same.
const BlindShare = 20

// Fit is what the decisions allow.
type Fit struct {
	// Below is the score under which is set aside; 0: none is, as Evidence is less than Needed, or what may not be missed scores nothing.
	Below float64 `json:"below"`
	// Evidence is for how many relevant reports those count which would be left without any one account's, whichever that leaves
	// fewest: a report that came while others were set aside counts a twentieth. Nothing is set aside where it is less than Needed.
	Evidence int     `json:"evidence"`
	Needed   int     `json:"needed"`
	Reports  int     `json:"reports"`  // relevant reports, all copies of one text as one
	Accounts int     `json:"accounts"` // whose word they are
	Largest  float64 `json:"largest"`  // the share of the one whose most are, 0..1
}

// Needed is how many relevant reports a bound needs at least, so that it can hold where none of them is missed: the least n with
// (1-Share)^n ≤ 1-Confidence. 0 where the bound sets nothing aside.
func Needed(b Bound) int {
	if b.Share <= 0 {
		return 0
	}
	return int(math.Ceil(math.Log1p(-b.Confidence) / math.Log1p(-b.Share)))
}

// Threshold is the largest score such that, with the bound's confidence, at most its share of the relevant reports scores less.
//
// It is an order statistic, as the one-sided tolerance limits of Wilks (Annals of Mathematical Statistics 12 (1941), 91–96) and split
// conformal prediction (Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005) are, with the exact binomial tail of
// Clopper and Pearson (Biometrika 26 (1934), 404–413) in place of a bound on it; Bates et al., Distribution-Free, Risk-Controlling
// Prediction Sets (Journal of the ACM 68 (2021)), prove it for any monotone risk. It holds as long as the reports to come are like
// those decided. docs/screening.md says what that leaves open.
//
// The least is taken of the thresholds without each account's reports, and with all: so no account can raise it by what it decides.
func Threshold(all []Relevant, b Bound) Fit {
	fit := Fit{Needed: Needed(b)}
	n := number(all)
	fit.Accounts = n.accounts
	if len(all) == 0 || b.Share <= 0 {
		return fit
	}
	whole := n.without(nobody)
	fit.Reports, fit.Evidence = len(whole.scores), whole.evidence(b)
	below := whole.threshold(b)
	for account := range n.accounts {
		rest := n.without(account)
		fit.Evidence = min(fit.Evidence, rest.evidence(b))
		below = min(below, rest.threshold(b))
		fit.Largest = max(fit.Largest, 1-float64(len(rest.scores))/float64(len(whole.scores)))
	}
	if fit.Evidence >= fit.Needed && !math.IsInf(below, 0) {
		fit.Below = below
	}
	return fit
}

// numbered are the reports, the lowest score first, with a number for each account and campaign.
type numbered struct {
	reports   []numberedReport
	accounts  int
	campaigns int
}

type numberedReport struct {
	Relevant
	account, campaign int
}

func number(all []Relevant) *numbered {
	n := &numbered{}
	accounts, campaigns := map[heed.ID]int{}, map[uint64]int{}
	for _, r := range all {
		if _, ok := accounts[r.Account]; !ok {
			accounts[r.Account] = len(accounts)
		}
		if _, ok := campaigns[r.Campaign]; !ok {
			campaigns[r.Campaign] = len(campaigns)
		}
		n.reports = append(n.reports, numberedReport{r, accounts[r.Account], campaigns[r.Campaign]})
	}
	n.accounts, n.campaigns = len(accounts), len(campaigns)
	slices.SortStableFunc(n.reports, func(a, b numberedReport) int {
		return cmp.Or(cmp.Compare(a.Score, b.Score), sampledFirst(a, b))
	})
	return n
}

// sampledFirst lets a campaign count for what it shows least.
func sampledFirst(a, b numberedReport) int {
	switch {
	case a.Sampled == b.Sampled:
		return 0
	case a.Sampled:
		return -1
	}
	return 1
}

// nobody is no account's number.
const nobody = -1

// subset is a choice of the reports: the scores of their campaigns, the lowest first, and how many of them are sampled.
type subset struct {
	scores        []float64
	read, sampled int
}

// without leaves out what is one account's word.
func (n *numbered) without(account int) subset {
	seen := make([]bool, n.campaigns)
	var s subset
	for _, r := range n.reports {
		if r.account == account || seen[r.campaign] {
			continue
		}
		seen[r.campaign] = true
		s.scores = append(s.scores, r.Score)
		if r.Sampled {
			s.sampled++
		} else {
			s.read++
		}
	}
	return s
}

// evidence is how many reports that people were all shown say as much about a bound, where none scores low.
func (s subset) evidence(b Bound) int {
	worth := math.Log1p(-b.seen()) / math.Log1p(-b.Share)
	return int(math.Floor(float64(s.read) + float64(s.sampled)*worth))
}

// threshold is the score of the first report that may not be missed; -Inf where there are too few reports.
func (s subset) threshold(b Bound) float64 {
	missed := mostMissed(s.read, s.sampled, b)
	if missed < 0 || missed >= len(s.scores) {
		return math.Inf(-1)
	}
	return s.scores[missed]
}

// seen is the least share of low scores that there is among the relevant reports which people were shown, while Share of all score
// low and of those only one in BlindShare was shown.
func (b Bound) seen() float64 {
	low := b.Share / BlindShare
	return low / (low + 1 - b.Share)
}

// mostMissed is how many of the reports may at most score low: the largest k such that, if more than the bound's Share of all relevant
// reports scored low, k or fewer of these would with a probability of at most 1-Confidence. -1: not even none.
func mostMissed(read, sampled int, b Bound) int {
	most := int(float64(read)*b.Share+float64(sampled)*b.seen()) + 1 // the tail up to the mean is too likely for any confidence
	ofRead, ofSampled := binomial(read, b.Share, most), binomial(sampled, b.seen(), most)
	for k := 1; k <= most; k++ {
		ofRead[k] += ofRead[k-1] // up to k of them
	}
	missed := -1
	for k := 0; k <= most; k++ {
		tail := 0.0
		for j := 0; j <= k; j++ {
			tail += ofSampled[j] * ofRead[k-j]
		}
		if tail > 1-b.Confidence {
			break
		}
		missed = k
	}
	return missed
}

// binomial gives the probabilities of 0 to most successes in n trials of p.
func binomial(n int, p float64, most int) []float64 {
	out := make([]float64, most+1)
	all, _ := math.Lgamma(float64(n + 1))
	for k := 0; k <= min(n, most); k++ {
		yes, _ := math.Lgamma(float64(k + 1))
		no, _ := math.Lgamma(float64(n - k + 1))
		out[k] = math.Exp(all - yes - no + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
	}
	return out
}
