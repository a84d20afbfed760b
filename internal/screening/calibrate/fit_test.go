package calibrate_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/calibrate"
)

var onePercent = calibrate.Bound{Share: 0.01, Confidence: 0.95}

// spread gives relevant reports of so many accounts with scores from 0 to 1, drawn evenly, each a campaign of its own.
func spread(random *rand.Rand, n, accounts int) []calibrate.Relevant {
	all := make([]calibrate.Relevant, n)
	for i := range all {
		all[i] = calibrate.Relevant{Score: random.Float64(), Account: heed.ID(fmt.Sprint(i % accounts)), Campaign: uint64(i)}
	}
	return all
}

func TestABoundNeedsAsManyReportsAsTheBinomialTailSays(t *testing.T) {
	for _, c := range []struct {
		share, confidence float64
		want              int
	}{
		{0.01, 0.95, 299}, {0.01, 0.99, 459}, {0.05, 0.95, 59}, {0.001, 0.95, 2995}, {0.1, 0.9, 22}, {0, 0.95, 0},
	} {
		if got := calibrate.Needed(calibrate.Bound{Share: c.share, Confidence: c.confidence}); got != c.want {
			t.Errorf("%v of the relevant, %v sure: %d, want %d", c.share, c.confidence, got, c.want)
		}
	}
}

func TestWithTooFewReportsNothingIsSetAside(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	// Without one of three accounts two thirds are left: 299 of 448 or 449.
	for n, want := range map[int]bool{0: false, 1: false, 299: false, 447: false, 450: true} {
		fit := calibrate.Threshold(spread(random, n, 3), onePercent)
		if got := fit.Below > 0; got != want {
			t.Errorf("%d reports: under %v is set aside; evidence %d of %d", n, fit.Below, fit.Evidence, fit.Needed)
		}
	}
	if fit := calibrate.Threshold(spread(random, 100_000, 1), onePercent); fit.Below != 0 || fit.Evidence != 0 || fit.Largest != 1 {
		t.Errorf("what one person says alone: %+v", fit)
	}
	if fit := calibrate.Threshold(spread(random, 1000, 3), calibrate.Bound{Confidence: 0.95}); fit.Below != 0 {
		t.Errorf("a bound of none: %+v", fit)
	}
}

func TestTheShareThatIsMissedKeepsToTheBoundAsOftenAsStated(t *testing.T) {
	const runs = 500
	for _, c := range []struct {
		n     int
		bound calibrate.Bound
	}{{450, onePercent}, {1500, onePercent}, {200, calibrate.Bound{Share: 0.05, Confidence: 0.9}}} {
		random := rand.New(rand.NewPCG(2, uint64(c.n)))
		broken := 0
		for range runs {
			if calibrate.Threshold(spread(random, c.n, 3), c.bound).Below > c.bound.Share { // scores are even: so many score less
				broken++
			}
		}
		// Three standard deviations above what is allowed.
		allowed := 1 - c.bound.Confidence
		if got := float64(broken) / runs; got > allowed+3*math.Sqrt(allowed*(1-allowed)/runs) {
			t.Errorf("%d reports, %+v: broken in %v of the runs", c.n, c.bound, got)
		}
	}
}

func TestReportsThatPeopleWereNotShownCountAgainstTheBound(t *testing.T) {
	const runs, old = 200, 0.05 // what scored less than old was set aside, and one in twenty of it was read
	random := rand.New(rand.NewPCG(3, 3))
	broken, fitted := 0, 0
	for range runs {
		var shown []calibrate.Relevant
		for _, r := range spread(random, 12_000, 3) {
			if r.Score >= old || random.IntN(calibrate.BlindShare) == 0 {
				r.Sampled = true
				shown = append(shown, r)
			}
		}
		fit := calibrate.Threshold(shown, onePercent)
		if fit.Below > 0 {
			fitted++
		}
		if fit.Below > onePercent.Share {
			broken++
		}
	}
	if got := float64(broken) / runs; fitted < runs || got > 0.05+3*math.Sqrt(0.05*0.95/runs) {
		t.Errorf("broken in %v of the runs, fitted in %d", got, fitted)
	}
	// The same reports, taken for all that there were, would break it nearly always.
	blind := spread(random, 12_000, 3)
	var naive []calibrate.Relevant
	for _, r := range blind {
		if r.Score >= old || random.IntN(calibrate.BlindShare) == 0 {
			naive = append(naive, r)
		}
	}
	if fit := calibrate.Threshold(naive, onePercent); fit.Below <= onePercent.Share {
		t.Errorf("without counting them: under %v", fit.Below)
	}
}

func TestNoAccountRaisesTheThresholdAboveWhatTheOthersAllow(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	for range 20 {
		honest := spread(random, 500+random.IntN(1000), 2+random.IntN(6))
		poisoned := honest
		for i := range random.IntN(3000) {
			score := random.Float64()
			if random.IntN(2) == 0 {
				score = 1
			}
			poisoned = append(poisoned, calibrate.Relevant{Score: score, Account: "mallory", Campaign: uint64(1_000_000 + i), Sampled: random.IntN(2) == 0})
		}
		limit := agreed(honest)
		if got := calibrate.Threshold(poisoned, onePercent).Below; got > limit {
			t.Fatalf("the others alone allow %v, with Mallory it is %v", limit, got)
		}
	}
}

// Mallory closes as irrelevant, wherever she gets at it first, what is relevant and scores low: half of it.
func TestWhoHidesHalfOfWhatScoresLowDoublesAtMostWhatIsMissed(t *testing.T) {
	const runs, low = 200, 0.1
	random := rand.New(rand.NewPCG(6, 6))
	broken := 0
	for range runs {
		var found []calibrate.Relevant
		for _, r := range spread(random, 2000, 3) {
			if r.Score >= low || random.IntN(2) == 0 {
				found = append(found, r)
			}
		}
		if calibrate.Threshold(found, onePercent).Below > 2*onePercent.Share {
			broken++
		}
	}
	if got := float64(broken) / runs; got > 0.05+3*math.Sqrt(0.05*0.95/runs) {
		t.Errorf("more than doubled in %v of the runs", got)
	}
}

func TestOneCampaignMovesTheThresholdByOneReportAtMost(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	for range 10 {
		honest := spread(random, 500+random.IntN(1000), 3)
		flooded := honest
		for i := range 3000 { // decided by many, so that no account stands out
			flooded = append(flooded, calibrate.Relevant{Score: random.Float64(), Account: heed.ID(fmt.Sprint(i % 3)), Campaign: 1_000_000})
		}
		for _, score := range []float64{0, 1} {
			one := append(spread(random, 0, 1), honest...)
			for i := range 3 { // what one report does whose score is the lowest, or the highest
				one = append(one, calibrate.Relevant{Score: score, Account: heed.ID(fmt.Sprint(i)), Campaign: 1_000_000})
			}
			got, bound := calibrate.Threshold(flooded, onePercent), calibrate.Threshold(one, onePercent)
			if got.Reports != len(honest)+1 || score == 0 && got.Below < bound.Below || score == 1 && got.Below > bound.Below {
				t.Fatalf("a campaign of 3,000: %+v; one report of score %v: %+v", got, score, bound)
			}
		}
	}
}

// agreed is the threshold that the reports allow whosever word they are: each is two people's.
func agreed(all []calibrate.Relevant) float64 {
	var twice []calibrate.Relevant
	for _, r := range all {
		for _, account := range []heed.ID{"x", "y"} {
			r.Account = account
			twice = append(twice, r)
		}
	}
	return calibrate.Threshold(twice, onePercent).Below
}
