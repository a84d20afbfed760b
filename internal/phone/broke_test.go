package phone_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/sound"
)

// breaks breaks the program, as a fault in what is called would.
func breaks() error { panic("a canary that no log shows") }

// once does something the first time only.
func once(do func() error) func() error {
	var done atomic.Bool
	return func() error {
		if done.Swap(true) {
			return nil
		}
		return do()
	}
}

// expectFaults wants the log to tell of faults, and of nothing that broke.
func (l *line) expectFaults() {
	l.t.Helper()
	if log := l.log.String(); !strings.Contains(log, "a fault was met") || !strings.Contains(log, ".breaks:") || strings.Contains(log, "canary") {
		l.t.Errorf("logged is\n%s", log)
	}
}

func TestWhereTheProgramBreaksBesideACallTheCallGoesOn(t *testing.T) {
	for _, c := range []struct {
		name    string
		faults  faulty
		turns   []turn
		heard   []string
		reports int
	}{
		{"when a report begins", faulty{begin: breaks}, nil, []string{"start", "cannot-record", "bye"}, 0},
		{"when it is sent, once", faulty{submit: once(breaks)}, []turn{speakNow(80), {press: "#"}, dispatch}, []string{"send", "sent", "receipt-is", "receipt-again"}, 1},
		{"whenever it is sent", faulty{submit: breaks}, []turn{speakNow(81), {press: "#"}, dispatch}, []string{"send", "not-sent", "bye"}, 1},
		{"when a recording is closed", faulty{close: once(breaks)}, []turn{speakNow(82), {hangUp: true}}, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLine(t, func(l *line) {
				l.between = func(r phone.Recorder) phone.Recorder { c.faults.Recorder = r; return &c.faults }
			})
			heard := l.call("en", append([]turn{english, leave}, c.turns...)...)
			heard.expectWords(c.heard...)
			if n := len(l.reports()); n != c.reports {
				t.Errorf("%d reports, want %d", n, c.reports)
			}
			l.expectFaults()
		})
	}
}

func TestWhereTheProgramBreaksInALookAtTheQueueTheCallGoesOn(t *testing.T) {
	l := manned(t, nil, func(l *line) { l.standing = func(q phone.Queue) phone.Queue { return &absent{Queue: q, how: breaks} } })
	c := l.dialogue([]turn{english, {hear: "start", press: "9"}, {hear: "start", hangUp: true}})
	c.expectWords("own-voice", "fault", "nobody", "start")
	l.expectFaults()
	if len(l.queued()) > 0 {
		t.Error("the call is still there")
	}
}

func TestWhereTheProgramBreaksInACallToATakerTheCallerWaitsForTheNextOne(t *testing.T) {
	for name, phone := range map[string]func(context.Context) (sound.Call, error){
		"when it is dialled":  func(context.Context) (sound.Call, error) { return nil, breaks() },
		"while the two speak": func(context.Context) (sound.Call, error) { return &cursed{handset: newHandset(83)}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			ben := newHandset(84)
			l := manned(t, phones{annsPhone: phone, bensPhone: ben.lifted})
			next := takes("ben")
			next.once = func(c *caller) bool { return heard("queue-again")(c) || heard("queue-cut")(c) }
			c := l.dialogue(talking(), takes("ann"), next, ends("ben"))
			c.expectWords("queue-connect", "queue-connect", "bye")
			if got := l.off("ann"); got != "" {
				t.Errorf("ann's duty ended for %q", got)
			}
			l.expectFaults()
		})
	}
}

// cursed is a phone in whose call the program breaks.
type cursed struct{ *handset }

func (c *cursed) Step(out *sound.Frame) (*sound.Frame, string, error) {
	in, keys, err := c.handset.Step(out)
	if c.handset.steps > 50 {
		err = breaks()
	}
	return in, keys, err
}

func TestWhereTheProgramBreaksInACallBackTheLineLives(t *testing.T) {
	ann := newHandset(85)
	l := manned(t, phones{annsPhone: ann.lifted, number: func(context.Context) (sound.Call, error) { return nil, breaks() }})
	l.dialogue(leavesNumber())
	stop := l.callsBack("ann")
	eventually(t, "the wish waits again", func() bool { return l.wishes()[0].Tries > 0 })
	stop()
	if all := l.wishes(); len(all) != 1 || all[0].Taker != "" || len(l.queued()) > 0 || !ann.over() {
		t.Errorf("%+v, %d calls; ann's phone is over: %v", all, len(l.queued()), ann.over())
	}
	l.expectFaults()
}

// refusing is a queue that can't note that a caller who is called back has answered.
type refusing struct{ phone.Queue }

func (r refusing) Next(ctx context.Context) (phone.CallBack, error) {
	b, err := r.Queue.Next(ctx)
	if err != nil {
		return nil, err
	}
	return refusingPlace{b}, nil
}

type refusingPlace struct{ phone.CallBack }

func (refusingPlace) Reached(context.Context, heed.ID) error {
	return errors.Join(errAway, heed.ErrBusy)
}

func TestWhoIsCalledBackAndCantBePutThroughHearsWhyAndIsCalledAgain(t *testing.T) {
	ann := newHandset(86)
	l := manned(t, phones{annsPhone: ann.lifted}, func(l *line) {
		l.standing = func(q phone.Queue) phone.Queue { return refusing{q} }
	})
	l.dialogue(leavesNumber())
	back := &home{caller: &caller{t: t, known: l.known("en")}}
	l.exchange.phones[number] = func(context.Context) (sound.Call, error) { return back, nil }
	stop := l.callsBack("ann")
	eventually(t, "the wish waits again", func() bool { return l.wishes()[0].Tries > 0 })
	stop()
	back.expectWords("fault", "back-again", "bye")
	if all := l.wishes(); len(all) != 1 || all[0].Taker != "" || !back.hungUp.Load() {
		t.Errorf("%+v; the caller's phone is over: %v", all, back.hungUp.Load())
	}
}
