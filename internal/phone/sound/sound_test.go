package sound_test

import (
	"math"
	"testing"

	"github.com/heed-line/heed/internal/phone/sound"
)

// tone is a sine of the frequency and amplitude at the rate, n samples long.
func tone(hz, amplitude float64, rate, n int) []int16 {
	samples := make([]int16, n)
	for i := range samples {
		samples[i] = int16(amplitude * math.Sin(2*math.Pi*hz*float64(i)/float64(rate)))
	}
	return samples
}

// level is the level of samples, in dBov.
func level(samples []int16) float64 {
	var sum float64
	for _, s := range samples {
		sum += float64(s) * float64(s)
	}
	return 10 * math.Log10(sum/float64(len(samples))/(1<<30))
}

func TestTheLevelOfAFrameIsMeasuredAgainstAFullSquareWave(t *testing.T) {
	var square, silence, sine sound.Frame
	for i := range square {
		square[i] = math.MinInt16
	}
	copy(sine[:], tone(1000, 32767, sound.Rate, len(sine)))
	for _, c := range []struct {
		name  string
		frame *sound.Frame
		want  float64
	}{{"a full square wave", &square, 0}, {"a full sine", &sine, -3.01}, {"silence", &silence, -96}} {
		if got := c.frame.Level(); math.Abs(got-c.want) > 0.02 {
			t.Errorf("%s lies at %.2f dBov, want %.2f", c.name, got, c.want)
		}
	}
}

func TestTheLastFrameIsFilledUpWithSilence(t *testing.T) {
	frames := sound.Frames(tone(500, 9000, sound.Rate, 2*sound.FrameSamples+1)[1:])
	if len(frames) != 2 {
		t.Fatalf("%d frames of two frames' samples", len(frames))
	}
	frames = sound.Frames([]int16{7, 8})
	if len(frames) != 1 || frames[0][0] != 7 || frames[0][1] != 8 || frames[0][2] != 0 {
		t.Fatalf("two samples made %v", frames)
	}
	if got := sound.Frames(nil); len(got) != 0 {
		t.Fatalf("nothing made %d frames", len(got))
	}
}

// Values of ITU-T G.711's tables 1a to 2b, as 16 bits.
func TestTheLawsAreThoseOfG711(t *testing.T) {
	for _, c := range []struct {
		law  sound.Law
		code byte
		want int16
	}{
		{sound.MuLaw, 0x00, -32124}, {sound.MuLaw, 0x80, 32124}, {sound.MuLaw, 0xff, 0}, {sound.MuLaw, 0x7f, 0}, {sound.MuLaw, 0xef, 132}, {sound.MuLaw, 0x6f, -132},
		{sound.ALaw, 0x2a, -32256}, {sound.ALaw, 0xaa, 32256}, {sound.ALaw, 0xd5, 8}, {sound.ALaw, 0x55, -8},
	} {
		if got := c.law.Decode(nil, []byte{c.code}); len(got) != 1 || got[0] != c.want {
			t.Errorf("law %d: %#02x is %d, want %d", c.law, c.code, got, c.want)
		}
	}
}

func TestWhatWasPressedOnceIsPressedAgainWithoutLoss(t *testing.T) {
	for _, law := range []sound.Law{sound.MuLaw, sound.ALaw} {
		for code := range 256 {
			samples := law.Decode(nil, []byte{byte(code)})
			again := law.Decode(nil, law.Encode(nil, samples))
			if again[0] != samples[0] {
				t.Errorf("law %d: %#02x became %d and then %d", law, code, samples[0], again[0])
			}
		}
	}
}

// A step of the laws is a sixteenth of its segment, so that the error lies at a thirty-second of the value, and at a few units near zero.
func TestPressingASampleChangesItByAThirtySecondAtMost(t *testing.T) {
	for _, law := range []sound.Law{sound.MuLaw, sound.ALaw} {
		for s := math.MinInt16; s <= math.MaxInt16; s++ {
			got := int(law.Decode(nil, law.Encode(nil, []int16{int16(s)}))[0])
			if off := math.Abs(float64(got - s)); off > max(16, math.Abs(float64(s))/31+4) {
				t.Fatalf("law %d: %d became %d", law, s, got)
			}
		}
	}
}
