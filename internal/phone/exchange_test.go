package phone_test

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/seal"
)

// exchange is where takers' phones are, and those of callers who are called back.
type exchange struct {
	mu     sync.Mutex
	phones map[string]func(ctx context.Context) (sound.Call, error)
	dialed []string
	caller *caller // who is told each time that they are connected, before anybody answers; nil: nobody is
	rung   int     // calls for that caller
}

// CanDial implements phone.Dialer.
func (e *exchange) CanDial() bool { return true }

// Dial implements phone.Dialer.
func (e *exchange) Dial(ctx context.Context, to string, _ func(*sound.Frame)) (sound.Call, error) {
	e.mu.Lock()
	answer, caller := e.phones[to], e.caller
	e.dialed = append(e.dialed, to)
	e.rung++
	rung := e.rung
	e.mu.Unlock()
	for caller != nil && int(caller.connects.Load()) < rung {
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Millisecond):
		}
	}
	if answer == nil {
		answer = unlifted(sound.ErrRefused)
	}
	return answer(ctx)
}

// attend has phones ring until the caller was told that they do.
func (e *exchange) attend(c *caller) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.caller, e.rung = c, 0
}

func (e *exchange) calls() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.dialed)
}

// handset is a taker's phone: somebody who speaks all the time and knows what they heard. It has a clock, a fast one.
type handset struct {
	speaks []sound.Frame
	leaves int // the step at which they hang up; 0: never

	mu     sync.Mutex
	steps  int
	heard  map[sound.Frame]bool
	hungUp bool
}

func newHandset(seed int) *handset {
	return &handset{speaks: babble(1, seed), heard: map[sound.Frame]bool{}}
}

// lifted is a phone that is answered.
func (h *handset) lifted(context.Context) (sound.Call, error) {
	return h, nil
}

// unlifted is one that isn't.
func unlifted(err error) func(context.Context) (sound.Call, error) {
	return func(context.Context) (sound.Call, error) { return nil, err }
}

// Step implements sound.Leg.
func (h *handset) Step(out *sound.Frame) (*sound.Frame, string, error) {
	time.Sleep(tick)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.steps++
	if out != nil {
		h.heard[*out] = true
	}
	if h.hungUp || h.leaves > 0 && h.steps >= h.leaves {
		return nil, "", io.EOF
	}
	f := h.speaks[h.steps%len(h.speaks)]
	return &f, "", nil
}

// HangUp implements sound.Call.
func (h *handset) HangUp() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hungUp = true
}

// over says that the line ended the call.
func (h *handset) over() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hungUp
}

// left says that who speaks there has hung up by themselves.
func (h *handset) left() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.leaves > 0 && h.steps >= h.leaves
}

// hears counts how many of the frames were heard.
func (h *handset) hears(frames []sound.Frame) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, f := range frames {
		if h.heard[f] {
			n++
		}
	}
	return n
}

// hears counts how many of the frames the caller heard.
func (c *caller) hears(frames []sound.Frame) (n int) {
	heard := map[sound.Frame]bool{}
	for _, f := range c.history {
		heard[f] = true
	}
	for _, f := range frames {
		if heard[f] {
			n++
		}
	}
	return n
}

// tick is what 20 ms take where two calls are to hear each other.
const tick = 200 * time.Microsecond

// act is what happens at the desk once a call is in a state, and once something else is true.
type act struct {
	state heed.CallState
	once  func(c *caller) bool // nil: at once
	do    func(l *line, c *heed.QueuedCall) error
	// leaves: it is the caller who does something: they hang up a second later.
	leaves bool
}

// heard is true once the caller has heard the text.
func heard(text string) func(*caller) bool {
	return func(c *caller) bool { return slices.Contains(c.heard, text) }
}

// desk has these things happen beside the call, one after the other.
func (l *line) desk(c *caller, acts ...act) {
	steps := 0
	c.each = func() {
		time.Sleep(tick)
		if steps++; steps%20 > 0 || len(acts) == 0 || acts[0].once != nil && !acts[0].once(c) {
			return
		}
		for _, q := range l.queued() {
			if q.State == acts[0].state {
				if acts[0].leaves {
					c.leaves = c.steps + 50
				} else {
					l.must(acts[0].do(l, q))
				}
				acts = acts[1:]
				return
			}
		}
	}
}

// dialogue has a caller go through the turns while these things happen at the desk.
func (l *line) dialogue(turns []turn, acts ...act) *caller {
	l.t.Helper()
	c := &caller{t: l.t, known: l.known("en"), turns: turns}
	l.desk(c, acts...)
	if e := l.exchange; e != nil {
		e.attend(c)
		defer e.attend(nil)
	}
	l.answer(c)
	if len(c.turns) > 0 {
		l.t.Fatalf("the call ended before %+v; heard %v", c.turns[0].hear, c.heard)
	}
	return c
}

func (l *line) queued() (all []*heed.QueuedCall) {
	l.t.Helper()
	l.must(l.store.View(context.Background(), func(tx heed.Tx) (err error) {
		all, err = tx.QueuedCalls(context.Background())
		return err
	}))
	return all
}

// hour is what was counted of the calls.
func (l *line) hour() heed.CallHour {
	l.t.Helper()
	var all []*heed.CallHour
	l.must(l.store.View(context.Background(), func(tx heed.Tx) (err error) {
		all, err = tx.CallHours(context.Background(), l.clock().Add(-time.Hour), l.clock().Add(time.Hour))
		return err
	}))
	if len(all) != 1 {
		l.t.Fatalf("%d hours", len(all))
	}
	h := *all[0]
	h.Hour, h.Waited, h.Longest = time.Time{}, 0, 0
	return h
}

// manned is a line with call-takers on duty, whose phones are on an exchange.
func manned(t testing.TB, phones map[string]func(context.Context) (sound.Call, error), options ...func(*line)) *line {
	t.Helper()
	l := newLine(t, append(options, func(l *line) { l.exchange = &exchange{phones: phones} })...)
	l.onDuty("ann")
	l.onDuty("ben")
	return l
}

func (l *line) onDuty(who heed.ID) {
	l.t.Helper()
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error {
		return tx.PutDuty(l.t.Context(), &heed.Duty{Staff: who, Since: l.clock(), Until: l.clock().Add(time.Hour)})
	}))
}

// off is why who went off duty; "" where they didn't.
func (l *line) off(who heed.ID) string {
	l.t.Helper()
	var d *heed.Duty
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) (err error) {
		d, err = tx.Duty(l.t.Context(), who)
		return err
	}))
	return d.Off
}

// What takers do at the desk.

func within(do func(ctx context.Context, tx heed.Tx, c *heed.QueuedCall) error) func(*line, *heed.QueuedCall) error {
	return func(l *line, c *heed.QueuedCall) error {
		ctx := context.Background()
		return l.store.Update(ctx, func(tx heed.Tx) error { return do(ctx, tx, c) })
	}
}

func takes(who heed.ID) act {
	return act{state: heed.CallWaiting, once: heard("queue-next"), do: within(func(ctx context.Context, tx heed.Tx, c *heed.QueuedCall) error {
		return tx.TakeQueuedCall(ctx, c.ID, who, "sip:"+string(who)+"@pbx.example")
	})}
}

func hands(from, to heed.ID, once func(*caller) bool) act {
	return act{state: heed.CallTalking, once: once, do: within(func(ctx context.Context, tx heed.Tx, c *heed.QueuedCall) error {
		return tx.HandQueuedCall(ctx, c.ID, from, to, "sip:"+string(to)+"@pbx.example")
	})}
}

func ends(who heed.ID) act {
	return act{state: heed.CallTalking, do: within(func(ctx context.Context, tx heed.Tx, c *heed.QueuedCall) error {
		return tx.FinishQueuedCall(ctx, c.ID, who, nil)
	})}
}

// handsIn is a taker who hands in what the caller said. receipt is what the caller is to hear.
func handsIn(who heed.ID, once func(*caller) bool, receipt *string) act {
	return act{state: heed.CallTalking, once: once, do: func(l *line, c *heed.QueuedCall) error {
		key, err := seal.ParsePublicKey(c.Key)
		if err != nil {
			return err
		}
		r := seal.NewReceipt()
		*receipt = string(r)
		sealed, err := seal.SealCallReceipt(key, "test", c.ID, r)
		if err != nil {
			return err
		}
		_, err = l.intake.Submit(context.Background(), intake.Submission{
			Channel: heed.ChannelStaff, Language: "en", Receipt: r, Content: heed.Content{Text: "The bolts of the red swing are loose."},
			Also: func(ctx context.Context, tx heed.Tx) error { return tx.FinishQueuedCall(ctx, c.ID, who, sealed) },
		})
		return err
	}}
}

var errAway = errors.New("away")
