// Package sound is what a telephone call consists of: 20 ms frames of 8 kHz sound, the laws that networks carry them in,
// the files that hold them, and the Leg through which one call is heard and spoken to.
//
// It may import the domain, survive and zaf/g711; it does no input or output of its own, keeps no time and logs nothing.
// It must never see who calls.
package sound

import (
	"math"
	"time"
)

const (
	// Rate is samples a second.
	Rate = 8000
	// FrameSamples is the length of a Frame.
	FrameSamples = 160
	// FrameTime is how long a Frame lasts.
	FrameTime = FrameSamples * time.Second / Rate
)

// Frame is 20 ms of 16-bit linear sound, mono, at Rate.
type Frame [FrameSamples]int16

// Leg is the sound of one answered call, both ways. It is for one goroutine.
type Leg interface {
	// Step sends 20 ms of sound (nil: silence) and returns, once it is time for the next, the 20 ms that were heard (late and lost
	// packets concealed) and the keys that were pressed meanwhile ("0"…"9", "*", "#", in their order). What it returns is the
	// caller's until the next Step.
	//
	// It returns io.EOF where the other end has hung up or is gone, and the context's error where the line is stopping.
	Step(out *Frame) (in *Frame, keys string, err error)
}

// Frames cuts samples into frames; the last one is filled up with silence.
func Frames(samples []int16) []Frame {
	frames := make([]Frame, (len(samples)+FrameSamples-1)/FrameSamples)
	for i := range frames {
		copy(frames[i][:], samples[i*FrameSamples:])
	}
	return frames
}

// quietest is the level of a frame of nothing but zeros: what 16 bits can tell from silence lies above it.
const quietest = -96

// Level is how loud a frame is: its root mean square in decibels against a full square wave (dBov, RFC 6464 §3): 0 is the loudest,
// digital silence is -96.
func (f *Frame) Level() float64 {
	var sum float64
	for _, s := range f {
		sum += float64(s) * float64(s)
	}
	if sum == 0 {
		return quietest
	}
	return max(quietest, 10*math.Log10(sum/FrameSamples/(1<<30)))
}
