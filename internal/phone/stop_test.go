package phone_test

import (
	"context"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/sound"
)

// hears stops the line once the caller has gone through all turns.
func (l *line) stopsAfter(turns ...turn) *caller {
	l.t.Helper()
	c := &caller{t: l.t, known: l.known("en"), turns: turns}
	c.each = func() {
		if c.spent {
			l.menu.Stop()
		}
	}
	l.answer(c)
	return c
}

func TestALineThatHasToStopSaysSoAndWhatWasSaidIsKept(t *testing.T) {
	for name, c := range map[string]struct {
		turns   []turn
		kept    bool
		reports int
	}{
		"while the caller chooses":    {[]turn{english, {hear: "start"}}, false, 0},
		"while they speak":            {[]turn{english, leave, speakNow(90)}, true, 1},
		"while they look it over":     {[]turn{english, leave, speakNow(91), {press: "#"}, {hear: "send"}}, true, 1},
		"while they type a number":    {[]turn{english, leave, speakNow(92), {press: "#"}, {hear: "send", press: "5"}, {hear: "number-how", press: "02"}}, true, 1},
		"once their report is sent":   {[]turn{english, leave, speakNow(93), {press: "#"}, dispatch, {hear: "receipt-repeat"}}, false, 1},
		"while their Receipt is said": {[]turn{english, leave, speakNow(94), {press: "#"}, dispatch, {hear: "receipt-is"}}, false, 1},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLine(t)
			heard := l.stopsAfter(c.turns...)
			heard.expectWords("start", "stop")
			if c.kept {
				heard.expectWords("stop", "stop-kept")
			} else {
				heard.expectNever("stop-kept")
			}
			if name == "while their Receipt is said" {
				heard.expectWords("receipt-is", "receipt-again", "stop")
				if digits := heard.digits("receipt-again"); len(digits) != 20 || digits != heard.digits("receipt-is") {
					t.Errorf("the Receipt was cut: %v", heard.heard)
				}
			}
			if n := len(l.reports()); n != c.reports {
				t.Errorf("%d reports", n)
			}
		})
	}
}

func TestALineThatHasToStopPartsWhoSpeaksAndEmptiesItsQueue(t *testing.T) {
	for name, acts := range map[string][]act{
		"waiting": {{state: heed.CallWaiting, once: heard("queue-next"), do: func(l *line, _ *heed.QueuedCall) error { l.menu.Stop(); return nil }}},
		"ringing": {takes("ann"), {state: heed.CallRinging, once: heard("queue-connect"), do: func(l *line, _ *heed.QueuedCall) error { l.menu.Stop(); return nil }}},
		"talking": {takes("ben"), {state: heed.CallTalking, do: func(l *line, _ *heed.QueuedCall) error { l.menu.Stop(); return nil }}},
	} {
		t.Run(name, func(t *testing.T) {
			ben := newHandset(95)
			l := manned(t, phones{bensPhone: ben.lifted, annsPhone: func(ctx context.Context) (sound.Call, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}})
			c := l.dialogue([]turn{english, {hear: "start", press: "9"}}, acts...)
			c.expectWords("queue-next", "stop")
			c.expectNever("stop-kept", "fault", "bye")
			if len(l.queued()) > 0 || name == "talking" && !ben.over() {
				t.Errorf("%d calls are left; ben's phone is over: %v", len(l.queued()), ben.over())
			}
		})
	}
}
