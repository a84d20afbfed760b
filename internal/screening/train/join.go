package train

import (
	"math"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
)

const (
	// joinRidge holds the joint answer's weights near nothing as far as so many texts would.
	joinRidge = 10
	// halvings are how often a step is made shorter before it is given up.
	halvings = 30
)

// join fits the weights of the joint answer (screening.Joins) to the log-odds out of fold, by logistic regression with Newton's method: few
// enough, over thousands of texts, that no text has a say in what is made of it. share is how much each text counts, 1 in the mean.
func join(of []screening.Joins, yes []bool, share []float64) []float64 {
	rows := make([][]float64, len(of))
	for i, j := range of {
		terms := j.Terms()
		rows[i] = terms[:]
	}
	n := len(screening.JoinNames())
	weights := make([]float64, n)
	for range 30 {
		slope, curve := make([]float64, n), square(n)
		for a := range n {
			slope[a], curve[a][a] = float64(joinRidge*weights[a]), joinRidge
		}
		for i, row := range rows {
			p := learn.Probability(product(weights, row))
			miss, bend := p, float64(share[i]*float64(p*(1-p)))
			if yes[i] {
				miss--
			}
			miss = float64(miss * share[i])
			for a, x := range row {
				slope[a] += float64(miss * x)
				part := float64(bend * x)
				for b := range a + 1 {
					curve[a][b] += float64(part * row[b])
				}
			}
		}
		moved, by := 0.0, solve(curve, slope)
		for range halvings {
			// A whole step can overshoot where few texts are in doubt; what rounding makes of the last ones is no overshooting.
			if next := step(weights, by); off(rows, yes, share, next) <= off(rows, yes, share, weights)*(1+1e-9) {
				for a := range next {
					moved += math.Abs(next[a] - weights[a])
				}
				weights = next
				break
			}
			for a := range by {
				by[a] /= 2
			}
		}
		if moved < 1e-9 {
			break
		}
	}
	return weights
}

// step goes from the weights by so much.
func step(weights, by []float64) []float64 {
	next := make([]float64, len(weights))
	for a := range next {
		next[a] = weights[a] - by[a]
	}
	return next
}

// off is how far the weights are from the answers: what the fit makes least.
func off(rows [][]float64, yes []bool, share, weights []float64) float64 {
	sum := float64(joinRidge / 2 * product(weights, weights))
	for i, row := range rows {
		z := product(weights, row)
		if yes[i] {
			z = -z
		}
		sum += float64(share[i] * float64(max(z, 0)+math.Log1p(math.Exp(-math.Abs(z)))))
	}
	return sum
}

// solve gives x of a·x = b for a positive definite a, of which the lower triangle is read (Cholesky).
func solve(a [][]float64, b []float64) []float64 {
	n := len(b)
	low, x := square(n), make([]float64, n)
	for i := range n {
		for k := range i + 1 {
			rest := a[i][k] - product(low[i][:k], low[k][:k])
			if i == k {
				low[i][i] = math.Sqrt(rest)
			} else {
				low[i][k] = rest / low[k][k]
			}
		}
		x[i] = (b[i] - product(low[i][:i], x[:i])) / low[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= float64(low[k][i] * x[k])
		}
		x[i] /= low[i][i]
	}
	return x
}

func square(n int) [][]float64 {
	out := make([][]float64, n)
	for i := range out {
		out[i] = make([]float64, n)
	}
	return out
}

// product is the sum of the products, each rounded: every processor rounds alike.
func product(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += float64(a[i] * b[i])
	}
	return sum
}
