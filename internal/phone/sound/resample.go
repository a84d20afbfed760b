package sound

import "math"

const (
	// passband is where the low-pass has fallen to half, in Hz; a telephone carries 3,400.
	passband = 3700
	// lobes is how many of the filter's waves are kept on either side. With a Blackman window what lies over 4,000 Hz falls by over 60 dB.
	lobes = 32
)

// resample brings samples of the rate from to Rate by a windowed sinc (J. O. Smith, Digital Audio Resampling, 2002): one set of taps
// for each place that an output sample can have between two of the input's.
func resample(samples []int16, from int) []int16 {
	if from == Rate || len(samples) == 0 {
		return samples
	}
	// Output n lies at n·from/Rate of the input: with both divided by what they share, at n·step/phases.
	shared := gcd(from, Rate)
	step, phases := from/shared, Rate/shared
	half := lobes * from / (2 * passband)
	taps := make([][]float64, phases)
	for phase := range taps {
		taps[phase] = lowPass(from, half, float64(phase)/float64(phases))
	}
	// Silence stands before the first sample and behind the last, as far as the filter reaches.
	within := make([]float64, half+len(samples)+half+1)
	for i, sample := range samples {
		within[half+i] = float64(sample)
	}
	out := make([]int16, len(samples)*phases/step)
	for n := range out {
		at, phase := n*step/phases, n*step%phases
		sum := product(taps[phase], within[at:])
		out[n] = int16(math.Round(min(max(sum, math.MinInt16), math.MaxInt16)))
	}
	return out
}

// product is that of a filter, whose taps are even in number, and as many samples. It adds up every second one by itself: an addition waits
// for the one before it, and to bring a prompt to Rate is most of what speaking it costs.
func product(taps, samples []float64) float64 {
	samples = samples[:len(taps)]
	var even, odd float64
	for i := 0; i+1 < len(taps); i += 2 {
		even += taps[i] * samples[i]
		odd += taps[i+1] * samples[i+1]
	}
	return even + odd
}

// lowPass is the filter for a place that lies fraction behind a sample; its taps add up to one, so that loudness stays.
func lowPass(rate, half int, fraction float64) []float64 {
	taps := make([]float64, 2*half+2)
	var sum float64
	for i := range taps {
		x := float64(i-half) - fraction
		w := x / float64(half+1)
		if math.Abs(w) >= 1 {
			continue
		}
		window := 0.42 + 0.5*math.Cos(math.Pi*w) + 0.08*math.Cos(2*math.Pi*w)
		taps[i] = window * sinc(2*passband*x/float64(rate))
		sum += taps[i]
	}
	for i := range taps {
		taps[i] /= sum
	}
	return taps
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
