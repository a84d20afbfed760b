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

// ear tells speech from a line's noise, by what is louder than the quietest moment of late. What came before there was a whole window
// is judged once there is.
type ear struct {
	recent [window]float64
	at     int
	since  int // frames since the last speech
	speech int // frames of speech, all in all
}

func newEar() *ear { return &ear{} }

// hear listens to 20 ms.
func (e *ear) hear(f *sound.Frame) {
	e.recent[e.at%window] = f.Level()
	e.at++
	switch {
	case e.at < window:
		e.since++
	case e.at == window:
		e.speech, e.since = e.judge()
	case e.isSpeech(e.recent[(e.at-1)%window]):
		e.speech++
		e.since = 0
	default:
		e.since++
	}
}

// isSpeech says whether a level is speech, against what is remembered.
func (e *ear) isSpeech(level float64) bool {
	return level > max(slices.Min(e.recent[:min(e.at, window)])+above, faintest)
}

// judge is how many of the first frames, a window's at most, are speech, and how many have come since.
func (e *ear) judge() (speech, since int) {
	for _, level := range e.recent[:min(e.at, window)] {
		if since++; e.isSpeech(level) {
			speech++
			since = 0
		}
	}
	return speech, since
}

// heard reports whether something was said.
func (e *ear) heard() bool {
	speech := e.speech
	if e.at < window { // the take was over before
		speech, _ = e.judge()
	}
	return speech >= syllable
}
