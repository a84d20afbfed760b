package phone

import (
	"math"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// tones are what a caller hears beside words.
type tones struct {
	begin []sound.Frame // speak now
	end   []sound.Frame // a minute is left
	wait  []sound.Frame // somebody is still there
}

func newTones() tones {
	return tones{begin: tone(1000, 400*time.Millisecond), end: tone(1400, 200*time.Millisecond), wait: tone(425, 300*time.Millisecond)}
}

// tone is a sine with soft ends, a little quieter than speech.
func tone(hertz float64, length time.Duration) []sound.Frame {
	const loudest, edge = 2500.0, sound.Rate / 100
	samples := make([]int16, int(length.Seconds()*sound.Rate))
	for i := range samples {
		soft := min(1, float64(min(i, len(samples)-1-i))/edge)
		samples[i] = int16(loudest * soft * math.Sin(2*math.Pi*hertz*float64(i)/sound.Rate))
	}
	return sound.Frames(samples)
}

// sing plays a tone to its end.
func (c *call) sing(t []sound.Frame) error {
	for i := range t {
		if _, err := c.step(&t[i]); err != nil {
			return err
		}
	}
	return nil
}
