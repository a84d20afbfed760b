package phone

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/survive"
)

// ringFor is how long a taker's phone rings.
const ringFor = 25 * time.Second

// dialled is what became of a call to somebody.
type dialled struct {
	call sound.Call
	err  error
}

// dial calls somebody beside the call.
func (m *Menu) dial(ctx context.Context, to string) <-chan dialled {
	done := make(chan dialled, 1)
	go func() {
		var d dialled
		d.err = m.guard(func() (err error) {
			d.call, err = m.cfg.Dialer.Dial(ctx, to, nil)
			return err
		})
		done <- d
	}()
	return done
}

// ring has a taker's phone ring while the caller hears music, and then the two speak. It returns nil where the call goes on in the
// queue, whatever its state is then.
func (c *call) ring(p Place) error {
	taker, err := c.reach(p)
	if c.gone != nil {
		return c.gone
	}
	if err != nil {
		return c.unreached(p, off(err))
	}
	defer taker.HangUp()
	c.keys = "" // nothing had a key's meaning meanwhile
	switch err := c.briefly(func(ctx context.Context) error { return c.watch.waiting.Answered(ctx, p.Taker) }); {
	case c.gone != nil:
		return c.gone
	case errors.Is(err, heed.ErrConflict):
		return c.lookAgain()
	case err != nil:
		c.fault("note that a taker answered", err)
		return c.unreached(p, "")
	}
	return c.talk(p, taker)
}

// reach dials the taker's phone, for as long as the call is that taker's. A caller who hangs up ends it.
func (c *call) reach(p Place) (sound.Call, error) {
	ctx, stop := context.WithTimeout(c.ctx, ringFor)
	defer stop()
	done := c.dial(ctx, p.Phone)
	connect := prompt.Text("queue-connect")
	for f := range c.voice.Say(c.ctx, connect, musicOf(&c.tune, c.tones.wait)) {
		select {
		case d := <-done:
			return d.call, d.err
		default:
		}
		_, err := c.step(f)
		now := c.watch.place
		if err == nil && now.State == heed.CallRinging && now.Taker == p.Taker {
			continue
		}
		stop()
		if d := <-done; d.err == nil {
			d.call.HangUp()
		}
		return nil, context.Canceled
	}
	return nil, context.Canceled // music doesn't end
}

// musicOf is the tune as a piece, which has no end.
func musicOf(t *tune, soft []sound.Frame) prompt.Piece {
	return prompt.Sound(func(f *sound.Frame) error {
		*f = sound.Frame{}
		if next := t.frame(soft); next != nil {
			*f = *next
		}
		return nil
	})
}

// off is why a taker's duty ends whose phone wasn't answered.
func off(err error) string {
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, sound.ErrFull), errors.Is(err, sound.ErrUnproved), errors.Is(err, errUnreached), errors.Is(err, survive.ErrBroke):
		return "" // no fault of the taker's telephone
	case errors.Is(err, sound.ErrBusy):
		return heed.DutyRefused
	case errors.Is(err, sound.ErrNoAnswer), errors.Is(err, context.DeadlineExceeded):
		return heed.DutyUnanswered
	}
	return heed.DutyUnreachable
}

// unreached has the caller wait before all others, since the taker's phone wasn't answered.
func (c *call) unreached(p Place, why string) error {
	if why == "" && (c.watch.place.State != heed.CallRinging || c.watch.place.Taker != p.Taker) {
		return nil // it was taken from that taker meanwhile
	}
	if err := c.comeBack(p, why); err != nil || c.watch.place.State != heed.CallWaiting {
		return err
	}
	return c.play(c.say(prompt.Text("queue-again"))...)
}

const (
	// tries are how often it is tried to learn or to change what the call is in the queue.
	tries = 3
	// betweenTries lies between them.
	betweenTries = 2 * time.Second
)

// comeBack puts the call back into the queue.
func (c *call) comeBack(p Place, why string) error {
	for range tries {
		err := c.briefly(func(ctx context.Context) error { return c.watch.waiting.Return(ctx, p.Taker, why) })
		switch {
		case c.gone != nil:
			return c.gone
		case errors.Is(err, heed.ErrConflict):
			return c.lookAgain()
		case err == nil:
			c.watch.set(Place{State: heed.CallWaiting, Takers: c.watch.place.Takers})
			return nil
		}
		c.fault("put a call back into the queue", err)
		c.hold(betweenTries)
	}
	c.watch.failed = blind
	return nil
}

// lookAgain is for a call whose state somebody else changed.
func (c *call) lookAgain() error {
	for range tries {
		var now Place
		err := c.briefly(func(ctx context.Context) (err error) {
			now, err = c.watch.look(ctx)
			return err
		})
		switch {
		case c.gone != nil:
			return c.gone
		case err == nil:
			c.watch.set(now)
			return nil
		}
		c.fault("look at the queue", err)
		c.hold(betweenTries)
	}
	c.watch.failed = blind
	return nil
}

// talk has the caller and the taker speak, until one of them hangs up or the taker does something at the desk.
func (c *call) talk(p Place, taker sound.Call) error {
	p.State = heed.CallTalking
	c.watch.set(p)
	now, ended, err := c.bridge(p, taker)
	taker.HangUp()
	switch {
	case ended == sound.First:
		if c.gone = err; err == nil {
			c.gone = io.EOF
		}
	case c.ctx.Err() != nil:
		c.gone = c.ctx.Err()
	case c.isStopping():
		c.gone = errStop
	case ended == sound.Neither && now == p: // it is as long as a call can be
		c.gone = io.EOF
	}
	if c.gone != nil {
		return c.gone
	}
	c.keys = "" // pressed by somebody who spoke
	if ended == sound.Second {
		return c.cutOff(p)
	}
	c.watch.set(now)
	if now.State == heed.CallReading {
		return nil
	}
	return c.tell("queue-hand")
}

// bridge has them hear each other, and looks meanwhile whether the call is still that taker's.
func (c *call) bridge(p Place, taker sound.Call) (now Place, ended sound.Side, err error) {
	left := time.Duration(longestCall-c.steps) * sound.FrameTime
	ctx, stop := context.WithTimeout(c.ctx, left)
	begun := time.Now()
	now = p
	var looks sync.WaitGroup
	looks.Go(func() {
		defer stop()
		now = c.untilMoved(ctx, p)
	})
	ended, err = sound.Bridge(ctx, c.leg, taker, nil)
	stop()
	looks.Wait()
	c.steps += int(time.Since(begun) / sound.FrameTime)
	survive.Log(c.cfg.Log, "a conversation", err)
	return now, ended, err
}

// untilMoved looks until the call is something else than this taker's who talks, the line stops, or ctx ends. A store that is away cuts nobody off.
func (c *call) untilMoved(ctx context.Context, p Place) Place {
	tick := time.NewTicker(c.every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return p
		case <-c.stopping:
			return p
		case <-tick.C:
		}
		now, err := c.watch.look(ctx)
		if err == nil && (now.State != p.State || now.Taker != p.Taker) {
			return now
		}
	}
}

// cutOff is for a caller whose taker has hung up: either everything is handed in, or they wait before all others.
func (c *call) cutOff(p Place) error {
	if err := c.lookAgain(); err != nil {
		return err
	}
	if now := c.watch.place; c.watch.lost() || now.State != heed.CallTalking || now.Taker != p.Taker {
		return nil
	}
	if err := c.comeBack(p, ""); err != nil || c.watch.place.State != heed.CallWaiting {
		return err
	}
	return c.play(c.say(prompt.Text("queue-cut"))...)
}

// finish reads the Receipt of what the taker handed in; where there is none, the taker has ended the call.
func (c *call) finish(p Place) error {
	if p.Receipt == "" {
		return errBye
	}
	c.finishing = true
	if err := c.tell("sent"); err != nil {
		return err
	}
	again, err := c.giveReceipt(p.Receipt)
	switch {
	case err != nil:
		return err
	case again:
		return errBegin
	}
	return errBye
}
