package phone_test

import (
	"io"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
)

// fourHours is a caller who stays on the line for four hours, silent but for a key now and then.
type fourHours struct {
	key   string
	steps int
}

// Step implements sound.Leg.
func (f *fourHours) Step(*sound.Frame) (*sound.Frame, string, error) {
	if f.steps++; f.steps > 4*3600*50 {
		return nil, "", io.EOF
	}
	if f.steps%(4*50) == 0 { // sooner than a menu is said again
		return &sound.Frame{}, f.key, nil
	}
	return &sound.Frame{}, "", nil
}

func TestACallThatNothingElseEndsEndsAfterThreeHours(t *testing.T) {
	l := manned(t, nil)
	l.menu.Hurry(time.Minute) // of the caller's own time
	for name, f := range map[string]*fourHours{"who presses star": {key: "*"}, "who waits": {key: "9"}} {
		l.must(l.store.Update(t.Context(), func(tx heed.Tx) error { // for longer than callers wait
			return tx.PutDuty(t.Context(), &heed.Duty{Staff: "ann", Since: l.clock(), Until: l.clock().Add(4 * time.Hour)})
		}))
		l.answer(f)
		if f.steps != phone.LongestCall {
			t.Errorf("%s: the call ends after %v", name, time.Duration(f.steps)*sound.FrameTime)
		}
	}
	if got := l.hour(); len(l.queued()) > 0 || got.Offered != 1 || got.Abandoned != 1 {
		t.Errorf("%d calls in the queue, %+v", len(l.queued()), got)
	}
	l.expectNothingLeft()
}

func TestWhoSaysNothingForFourHoursIsSentAwaySoon(t *testing.T) {
	l := newLine(t)
	f := &fourHours{}
	l.answer(f)
	if f.steps > 10*60*50 {
		t.Errorf("a silent call lasts %v", time.Duration(f.steps)*sound.FrameTime)
	}
	l.expectNothingLeft()
}
