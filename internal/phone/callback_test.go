package phone_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/queue"
	"github.com/heed-line/heed/internal/phone/sound"
)

const number = "0201234567"

// leaves is a caller who waits, and leaves a number.
func leavesNumber() []turn {
	return []turn{english, {hear: "start", press: "9"}, {hear: "queue-back", press: "2"}, {hear: "back-how", press: number + "#"},
		{hear: "number-sure", press: "1"}, {hear: "back-kept"}}
}

func (l *line) wishes() (all []*heed.CallBack) {
	l.t.Helper()
	l.must(l.store.View(context.Background(), func(tx heed.Tx) (err error) {
		all, err = tx.CallBacks(context.Background(), l.clock())
		return err
	}))
	return all
}

// home is the phone of a caller who is called back.
type home struct {
	*caller
	hungUp atomic.Bool
}

// HangUp implements sound.Call.
func (h *home) HangUp() { h.hungUp.Store(true) }

// callsBack has a taker take the only wish up, and the line's processes do their part until stop.
func (l *line) callsBack(who heed.ID) (stop func()) {
	l.t.Helper()
	ctx := context.Background()
	l.must(l.store.Update(ctx, func(tx heed.Tx) error {
		return tx.ClaimCallBack(ctx, l.wishes()[0].ID, who, "sip:"+string(who)+"@pbx.example", l.clock())
	}))
	running, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.menu.CallBack(running)
	}()
	sweep := l.sweep()
	swept := make(chan struct{})
	go func() {
		defer close(swept)
		for running.Err() == nil {
			if err := sweep.Run(ctx); err != nil {
				l.t.Error(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	return func() {
		end()
		<-swept
		<-done
	}
}

// eventually waits for something, for a minute at most.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

func (l *line) sweep() *queue.Sweep {
	return &queue.Sweep{Store: l.store, Numbers: l.days, Now: l.clock, Log: l.logger()}
}

func TestACallerIsCalledBackAtANumberThatIsShownNowhereAndForgottenOnceTheyAnswer(t *testing.T) {
	ann := newHandset(60)
	l := manned(t, phones{annsPhone: ann.lifted})
	c := l.dialogue(leavesNumber())
	c.expectWords("own-voice", "queue-next", "own-voice", "back-how", "number-read", "number-sure", "back-kept", "bye")
	l.expectNowhere(number)
	if all := l.wishes(); len(all) != 1 || len(l.queued()) != 0 {
		t.Fatalf("%d wishes, %d in the queue", len(all), len(l.queued()))
	}
	said := babble(20, 61)
	var receipt string
	back := &home{caller: &caller{t: t, known: l.known("en"), turns: []turn{{speak: said}, {hear: "receipt-repeat", hangUp: true}}}}
	l.desk(back.caller, handsIn("ann", func(*caller) bool { return ann.hears(said) > 50 }, &receipt))
	reached := make(chan struct{})
	l.exchange.phones[number] = func(context.Context) (sound.Call, error) {
		if q := l.queued(); len(q) != 1 || !q[0].Back || q[0].State != heed.CallRinging || q[0].Taker != "ann" {
			t.Errorf("while it rings: %+v", q)
		}
		close(reached)
		return back, nil
	}
	stop := l.callsBack("ann")
	<-reached
	eventually(t, "the call is over", back.hungUp.Load)
	stop()
	if got := back.digits("receipt-again"); got != receipt || receipt == "" {
		t.Errorf("the caller heard %q, not %q", got, receipt)
	}
	if got := l.exchange.calls(); !slices.Equal(got, []string{annsPhone, number}) {
		t.Errorf("called: %v", got)
	}
	if len(l.wishes()) > 0 || len(l.queued()) > 0 || !ann.over() {
		t.Errorf("%d wishes and %d calls are left; ann's phone is over: %v", len(l.wishes()), len(l.queued()), ann.over())
	}
	l.expectNowhere(number, receipt)
	if got := l.hour(); got.CalledBack != 1 || got.Offered != 1 || got.Elsewhere != 1 {
		t.Errorf("%+v", got)
	}
}

func TestACallBackThatReachesNobodyWaitsAgain(t *testing.T) {
	for name, c := range map[string]struct {
		ann    func(context.Context) (sound.Call, error)
		dialed []string
		off    string
	}{
		"the caller": {nil, []string{annsPhone, number}, ""},
		"the taker":  {unlifted(sound.ErrNoAnswer), []string{annsPhone}, heed.DutyUnanswered},
	} {
		t.Run(name, func(t *testing.T) {
			ann := newHandset(62)
			if c.ann == nil {
				c.ann = ann.lifted
			}
			l := manned(t, phones{annsPhone: c.ann, number: unlifted(sound.ErrNoAnswer)})
			l.dialogue(leavesNumber())
			stop := l.callsBack("ann")
			eventually(t, "the wish waits again", func() bool { return l.wishes()[0].Tries > 0 })
			stop()
			all := l.wishes()
			if len(all) != 1 || all[0].Taker != "" || all[0].Tries != 1 || len(l.queued()) > 0 {
				t.Errorf("%+v, and %d calls", all[0], len(l.queued()))
			}
			if got := l.exchange.calls(); !slices.Equal(got, c.dialed) {
				t.Errorf("called: %v", got)
			}
			if got := l.off("ann"); got != c.off {
				t.Errorf("ann's duty ended for %q", got)
			}
			if name == "the caller" && (ann.hears(l.frames("en", "back-nobody")) == 0 || !ann.over()) {
				t.Errorf("ann wasn't told, or is still in the call: %v", ann.over())
			}
			if got := l.hour(); got.CalledBack != 0 || got.Abandoned != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestATakerGetsTheCallOfACallerWhoIsTypingANumber(t *testing.T) {
	ann := newHandset(63)
	l := manned(t, phones{annsPhone: ann.lifted})
	while := takes("ann")
	while.once = heard("back-how")
	c := l.dialogue([]turn{english, {hear: "start", press: "9"}, {hear: "queue-back", press: "2"}, {hear: "back-how", press: number[:4], wait: 100000}}, while, ends("ann"))
	c.expectWords("back-how", "queue-connect", "bye")
	c.expectNever("number-read", "back-kept", "number-none")
	if len(l.wishes()) > 0 {
		t.Error("a number is kept that nobody confirmed")
	}
}
