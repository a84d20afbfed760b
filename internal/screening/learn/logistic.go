package learn

import "math"

// Probability is that of log-odds.
func Probability(x float64) float64 { return 1 / (1 + exp(-x)) }

// exp is e^x in steps that every processor rounds alike: math.Exp is written anew for some, and a model must come out the same
// bit for bit. It is exact to a few parts in 10^16 (Cody and Waite's reduction, then a Taylor polynomial).
func exp(x float64) float64 {
	const (
		ln2High = 6.93147180369123816490e-01
		ln2Low  = 1.90821492927058770002e-10
	)
	x = max(min(x, 700), -700)
	k := math.Floor(float64(x*(1/math.Ln2)) + 0.5)
	r := x - float64(k*ln2High)
	r -= float64(k * ln2Low)
	sum := 1.0
	for n := 16.0; n > 0; n-- {
		sum = 1 + float64(float64(r*sum)/n)
	}
	return math.Ldexp(sum, int(k))
}

// ln is the natural logarithm of a positive number, in steps that every processor rounds alike, to a few parts in 10^16 (the series of
// the inverse hyperbolic tangent).
func ln(x float64) float64 {
	fraction, exponent := math.Frexp(x) // 0.5 ≤ fraction < 1
	if fraction < math.Sqrt2/2 {
		fraction, exponent = 2*fraction, exponent-1
	}
	z := (fraction - 1) / (fraction + 1)
	square, sum := float64(z*z), 0.0
	for n := 25.0; n > 0; n -= 2 {
		sum = 1/n + float64(square*sum)
	}
	return float64(2*z*sum) + float64(float64(exponent)*math.Ln2)
}
