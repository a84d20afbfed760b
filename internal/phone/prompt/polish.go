package prompt

import (
	"math"

	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// loudness is how loud speech is made, in dBov: what a telephone network takes for ordinary (ITU-T P.56 measures speech, G.169
	// aims at -20 dBm0 or so), and a little more, for a noisy street.
	loudness = -21
	// quiet is below what is speech: what lies before and after it is cut off.
	quiet = -50
	// loudestPeak keeps the highest sample from being clipped.
	loudestPeak = 30000
	// mostGain bounds what a nearly silent recording is raised by.
	mostGain = 30
)

// polish cuts the silence off both ends of a clip and makes its speech as loud as that of all others.
func polish(frames []sound.Frame) []sound.Frame {
	first, last, active := len(frames), -1, 0
	var power float64
	peak := 1
	for i := range frames {
		level := frames[i].Level()
		if level < quiet {
			continue
		}
		first, last = min(first, i), i
		active++
		power += math.Pow(10, level/10)
		for _, s := range frames[i] {
			peak = max(peak, int(s), -int(s))
		}
	}
	if active == 0 {
		return frames
	}
	decibels := min(loudness-10*math.Log10(power/float64(active)), mostGain)
	gain := min(math.Pow(10, decibels/20), loudestPeak/float64(peak))
	frames = frames[max(first-1, 0):min(last+2, len(frames))]
	for i := range frames {
		for j, s := range frames[i] {
			frames[i][j] = int16(min(max(math.Round(gain*float64(s)), math.MinInt16), math.MaxInt16))
		}
	}
	return frames
}
