package phone

import "github.com/heed-line/heed/internal/phone/sound"

// Begin is the tone after which a caller speaks.
func Begin() []sound.Frame { return newTones().begin }

// End is the tone that says that a minute is left.
func End() []sound.Frame { return newTones().end }
