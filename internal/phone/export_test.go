package phone

import (
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// Begin is the tone after which a caller speaks.
func Begin() []sound.Frame { return newTones().begin }

// End is the tone that says that a minute is left.
func End() []sound.Frame { return newTones().end }

// Hurry has calls look at their place in the queue as often.
func (m *Menu) Hurry(every time.Duration) { m.every = every }

// LongestCall is where a call ends that nothing else ends, in frames.
const LongestCall = longestCall
