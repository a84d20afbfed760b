package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/evaluate"
)

// told is a probability that was stated, and whether what it was stated of is so.
type told struct {
	of    float64
	right bool
}

// answered is what was said of a text, beside what is true of it.
type answered struct {
	said     *heed.Screening
	relevant bool
	category string
	urgency  heed.Urgency
}

// calibration prints how often what is said with a probability is so, and how often a category and an urgency are right where the machine
// is sure of them and where it isn't.
func (r *run) calibration(of []answered) {
	var relevance, category []told
	sure := map[string][2]evaluate.Score{} // by decision: unsure, sure
	count := func(decision string, right bool, said *heed.Screening) {
		k := 1
		if said.Unsure(decision) != "" {
			k = 0
		}
		s := sure[decision]
		if s[k].All++; right {
			s[k].Hit++
		}
		sure[decision] = s
	}
	for _, a := range of {
		relevance = append(relevance, told{a.said.Relevance, a.relevant})
		if !a.relevant || a.said.Category == "none" {
			continue
		}
		category = append(category, told{a.said.CategoryProbability, a.said.Category == a.category})
		count("category", a.said.Category == a.category, a.said)
		count("urgency", a.said.Urgency == a.urgency, a.said)
	}
	r.table("stated", "relevance: texts", "stated in the mean", "relevant", "category, of relevant: texts", "stated in the mean", "right")
	bins := [2][]told{relevance, category}
	for low := 0; low < 10; low++ {
		row := []string{fmt.Sprintf("%.1f to %.1f", float64(low)/10, float64(low+1)/10)}
		for _, all := range bins {
			some := within(all, low)
			if len(some) == 0 {
				row = append(row, "0", "–", "–")
				continue
			}
			stated, right := means(some)
			row = append(row, fmt.Sprint(len(some)), fmt.Sprintf("%.3f", stated), fmt.Sprintf("%.3f", right))
		}
		r.row(row...)
	}
	r.out.WriteString("\n")
	for i, what := range []string{"Relevance", "Category"} {
		fmt.Fprintf(&r.out, "%s: off by %.3f in the mean over those ten (expected calibration error), Brier score %.3f.\n", what, off(bins[i]), brier(bins[i]))
	}
	r.out.WriteString("\n")
	r.table("of relevant", "sure of", "right where sure", "right where unsure", "right, of all")
	for _, decision := range []string{"category", "urgency"} {
		unsure, sure := sure[decision][0], sure[decision][1]
		of := evaluate.Score{Hit: sure.All, All: sure.All + unsure.All}
		r.row(decision, of.String(), sure.String(), unsure.String(), evaluate.Score{Hit: sure.Hit + unsure.Hit, All: of.All}.String())
	}
	r.out.WriteString("\n")
	r.table("category: the surest", "stated at least", "right")
	slices.SortStableFunc(category, func(a, b told) int { return cmp.Compare(b.of, a.of) })
	for _, percent := range []int{30, 50, 70, 80, 90, 100} {
		if some := category[:len(category)*percent/100]; len(some) > 0 {
			_, right := means(some)
			r.row(fmt.Sprintf("%d%%", percent), fmt.Sprintf("%.2f", some[len(some)-1].of), fmt.Sprintf("%.3f", right))
		}
	}
}

// within are those stated with a probability from low tenths to one more; 1 is in the last ones.
func within(all []told, low int) (some []told) {
	for _, t := range all {
		if min(int(t.of*10), 9) == low {
			some = append(some, t)
		}
	}
	return some
}

// means are the mean probability stated, and the share of those that are so.
func means(of []told) (stated, right float64) {
	for _, t := range of {
		stated += t.of
		if t.right {
			right++
		}
	}
	return stated / float64(len(of)), right / float64(len(of))
}

// off is the expected calibration error over ten bins (Naeini, Cooper, Hauskrecht, "Obtaining well calibrated probabilities using Bayesian
// binning", 2015).
func off(all []told) (sum float64) {
	for low := range 10 {
		if some := within(all, low); len(some) > 0 {
			stated, right := means(some)
			sum += math.Abs(stated-right) * float64(len(some)) / float64(len(all))
		}
	}
	return sum
}

// brier is the mean square of how far the probabilities are from what is so.
func brier(all []told) (sum float64) {
	for _, t := range all {
		is := 0.0
		if t.right {
			is = 1
		}
		sum += (t.of - is) * (t.of - is) / float64(len(all))
	}
	return sum
}
