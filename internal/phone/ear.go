package phone

import (
	"slices"

	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// window is how far back the ear looks for the quietest moment: longer than the gaps in speech are apart, short enough for a
	// street that becomes louder.
	window = 3 * frames / 2
	// above is how much louder than that speech is, in decibels.
	above = 8
	// faintest is below any speech that a telephone carries, a whisper's too, in dBov.
	faintest = -60
	// syllable is how many frames of speech there must be for something to be said: a cough is none, "help" is.
	syllable = 8
)

// ear tells speech from a line's noise, by what is louder than the quietest moment of late.
type ear struct {
	recent [window]float64
	at     int
	since  int // frames since the last speech
	speech int // frames of speech, all in all
}

func newEar() *ear {
	e := &ear{}
	for i := range e.recent {
		e.recent[i] = faintest
	}
	return e
}

// hear listens to 20 ms.
func (e *ear) hear(f *sound.Frame) {
	level := f.Level()
	e.recent[e.at%window] = level
	e.at++
	if level > max(slices.Min(e.recent[:])+above, faintest) {
		e.speech++
		e.since = 0
		return
	}
	e.since++
}

// heard reports whether something was said.
func (e *ear) heard() bool { return e.speech >= syllable }
