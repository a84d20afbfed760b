package prompt

import (
	"context"
	"strconv"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// digitTime is from the beginning of a digit to that of the next: long enough to write it down. In some languages digits are short.
	digitTime = 900 * time.Millisecond
	// digitPause lies between them at least.
	digitPause = 240 * time.Millisecond
	// groupPause lies between groups of them.
	groupPause = 1600 * time.Millisecond
)

// Digits says digits one by one, slowly, in groups of so many; other characters are left out. Each is one of ten clips: no process
// and no file ever has them in their order.
func Digits(number string, group int) Piece { return digits{number, group} }

type digits struct {
	number string
	group  int
}

// String and GoString keep the digits, which may be a Receipt's, out of whatever prints a Piece.
func (digits) String() string   { return "[digits]" }
func (digits) GoString() string { return "[digits]" }

func (d digits) say(ctx context.Context, v *Voice, yield func(*sound.Frame) bool) bool {
	said, last := 0, time.Duration(0)
	for _, r := range d.number {
		if r < '0' || r > '9' {
			continue
		}
		clip, open, err := await(v, yield, func() ([]sound.Frame, error) { return v.Digit(ctx, int(r-'0')) })
		if !open {
			return false
		}
		if err != nil {
			return true // a number without one of its digits is worse than none
		}
		if said > 0 {
			gap := max(digitPause, digitTime-last)
			if said%d.group == 0 {
				gap = groupPause
			}
			if !Pause(gap).say(ctx, v, yield) {
				return false
			}
		}
		if !play(clip, yield) {
			return false
		}
		said, last = said+1, time.Duration(len(clip))*sound.FrameTime
	}
	return true
}

// Digit is the clip of a digit, 0 to 9, which mustn't be changed.
//
// It returns ErrMute where there is none, and the error of speaking it.
func (v *Voice) Digit(ctx context.Context, d int) ([]sound.Frame, error) {
	s := v.speaker
	s.mu.Lock()
	clips := s.digits[v.language]
	if clips == nil {
		clips = new([10][]sound.Frame)
		s.digits[v.language] = clips
	}
	clip := clips[d]
	s.mu.Unlock()
	if clip != nil {
		return clip, nil
	}
	// All ten at once: which of them were wanted, and when, is nobody's business.
	var made [10][]sound.Frame
	for i := range made {
		var err error
		if made[i], err = v.clip(ctx, text{key: "digit." + strconv.Itoa(i)}); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	*clips = made
	return made[d], nil
}
