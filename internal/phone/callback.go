package phone

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// callBackEvery is how often it is asked whether a taker took a call-back up.
	callBackEvery = 2 * time.Second
	// numberWait is how long the worker may take to give a number.
	numberWait = 30 * frames
	// callerRings is how long it rings at a caller who is called back.
	callerRings = 45 * time.Second
)

// askCallBack has a waiting caller leave a number. nil: they left none, and go on waiting.
func (c *call) askCallBack() error {
	if err := c.tell("own-voice"); err != nil { // it may be hours until they are called
		return err
	}
	number, err := c.typeSure("back-how")
	if err != nil {
		return err
	}
	if number == "" {
		return c.tell("number-none")
	}
	err = c.doing(func(ctx context.Context) error { return c.cfg.Queue.KeepNumber(ctx, c.language, number) })
	if err != nil {
		if !errors.Is(err, heed.ErrBusy) {
			c.fault("keep a number to call back", err)
		}
		return c.tell("back-full")
	}
	c.left, c.watch.interrupts = heed.CallElsewhere, false
	if err := c.tell("back-kept"); err != nil {
		return err
	}
	return errBye
}

// CallBack calls those back whose wish a taker took up. It returns when ctx has ended and the last of these calls is over: ctx ends
// when the line takes no more calls, and the calls end as all others do.
func (m *Menu) CallBack(ctx context.Context) {
	if m.cfg.Queue == nil || !m.cfg.Dialer.CanDial() {
		return
	}
	var calls sync.WaitGroup
	defer calls.Wait()
	tick := time.NewTicker(min(callBackEvery, 2*m.every))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var b CallBack
		err := m.guard(func() (err error) {
			b, err = m.cfg.Queue.Next(ctx)
			return err
		})
		if err == nil {
			calls.Go(func() {
				_ = m.guard(func() error { // others go on; the worker has the wish wait again
					m.callBack(context.WithoutCancel(ctx), b)
					return nil
				})
			})
		} else if !errors.Is(err, heed.ErrNotFound) && ctx.Err() == nil {
			m.cfg.Log.Warn("phone: can't ask for call-backs", "error", err)
		}
	}
}

// connected is who a call-back has together.
type connected struct {
	place         Place
	taker, caller sound.Call
}

func (b *connected) hangUp() {
	for _, end := range []sound.Call{b.caller, b.taker} {
		if end != nil {
			end.HangUp()
		}
	}
}

// callBack has the taker's phone ring, then the caller's, and then the two speak.
func (m *Menu) callBack(ctx context.Context, b CallBack) {
	c := &call{Menu: m, ctx: ctx, tune: tune{frames: m.cfg.Speaker.Music()}, notice: true}
	c.speak(b.Language())
	var both connected
	defer both.hangUp()
	err := c.survive(func() error { return c.connect(b, &both) })
	if err != nil { // else this process goes on saying that it lives
		c.missed(b, both.place, off(err))
		return
	}
	c.watch = m.watching(b, both.place)
	err = c.survive(func() error {
		if err := c.talk(both.place, both.taker); err != nil {
			return err
		}
		return c.queued()
	})
	err = c.survive(func() error { return c.out(b, err) })
	c.end(c.survive(func() error { return c.goOn(err) }))
}

// errUnreached says that a caller who wished to be called back wasn't reached.
var errUnreached = errors.New("nobody was reached")

// connect calls both. Its error is how the taker's phone was no way to them, or another, after which the wish waits again.
func (c *call) connect(b CallBack, both *connected) (err error) {
	looking, stop := context.WithTimeout(c.ctx, lookPatience)
	both.place, err = b.Look(looking)
	stop()
	if err != nil {
		c.fault("look at a call-back", err)
		return errUnreached
	}
	if both.taker, err = c.dialFor(c.ctx, both.place.Phone, ringFor); err != nil {
		return err
	}
	both.caller = c.reachCaller(c.ctx, b, &call{Menu: c.Menu, ctx: c.ctx, leg: both.taker, language: c.language, voice: c.voice})
	if both.caller == nil {
		return errUnreached
	}
	c.leg = both.caller
	return c.reached(b, both.place)
}

// reached notes that the caller has answered. Where that can't be done they hear that it is our fault, and the wish waits again.
func (c *call) reached(b CallBack, p Place) error {
	for range tries {
		err := c.briefly(func(ctx context.Context) error { return b.Reached(ctx, p.Taker) })
		if err == nil {
			return nil
		}
		c.fault("note that a caller was reached", err)
		if c.gone != nil || errors.Is(err, heed.ErrConflict) {
			break
		}
		c.hold(betweenTries)
	}
	if err := c.tell("fault", "back-again", "bye"); err != nil && !over(err) {
		c.fault("tell a caller that they are called again", err)
	}
	return errUnreached
}

func (m *Menu) dialFor(ctx context.Context, to string, patience time.Duration) (sound.Call, error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	return m.cfg.Dialer.Dial(ctx, to, nil)
}

// missed has the wish wait again.
func (c *call) missed(b CallBack, p Place, why string) {
	ctx, cancel := context.WithTimeout(c.ctx, closing)
	defer cancel()
	if err := b.Missed(ctx, p.Taker, why); err != nil {
		c.fault("give a call-back back", err) // the worker does it
	}
}

// reachCaller dials the number while the taker, who has answered, hears that it rings. nil: nobody was reached, which the taker has
// heard, or the taker has hung up.
func (m *Menu) reachCaller(ctx context.Context, b CallBack, taker *call) sound.Call {
	number := taker.awaitNumber(b)
	if number == "" {
		return nil
	}
	ctx, stop := context.WithTimeout(ctx, callerRings)
	defer stop()
	done := m.dial(ctx, number)
	for n := 0; ; n++ {
		select {
		case d := <-done:
			if d.err == nil {
				return d.call
			}
			taker.sayUnreached()
			return nil
		default:
		}
		if taker.wait(n); taker.gone == nil {
			continue
		}
		stop()
		if d := <-done; d.err == nil {
			d.call.HangUp()
		}
		return nil
	}
}

// awaitNumber waits until the worker has given the number; "" where it doesn't, or the taker has hung up.
func (c *call) awaitNumber(b CallBack) string {
	for n := 0; n < numberWait && c.gone == nil; n += frames / 2 {
		number, err := during(c, b.Number)
		if err == nil {
			return number
		}
		if !errors.Is(err, heed.ErrNotFound) {
			c.fault("learn a number to call back", err)
			break
		}
		c.hold(time.Second / 2)
	}
	if c.gone == nil {
		c.sayUnreached()
	}
	return ""
}

// sayUnreached tells a taker that nobody was reached.
func (c *call) sayUnreached() {
	if err := c.recite(prompt.Text("back-nobody")); err != nil {
		return // they have hung up
	}
}
