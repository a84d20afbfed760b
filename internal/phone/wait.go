package phone

import (
	"context"
	"errors"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
)

// How a menu ends from which the call goes on elsewhere.
var (
	errBegin = errors.New("the call goes on at the first menu")
	errBye   = errors.New("the call is over")
)

// music is how long a waiting caller hears it before they hear their position again.
const music = 30 * frames

// person gives a caller who asks for one a call-taker. It returns nil where there is none and the caller is to choose something else.
func (c *call) person() error {
	if c.watch != nil {
		return c.play(c.say(prompt.Text("wrong-key"))...)
	}
	w, err := c.join()
	if w == nil || err != nil {
		return err
	}
	c.left = heed.CallAbandoned
	return c.out(w, c.survive(func() error { return c.inQueue(w) }))
}

// out leaves the queue; err is how the caller's time there ended.
func (c *call) out(w Waiting, err error) error {
	c.watch = nil
	if failed := c.briefly(func(ctx context.Context) error { return w.Leave(ctx, c.left) }); failed != nil {
		c.fault("leave the queue", failed) // the worker does it
	}
	if c.gone != nil {
		return c.gone
	}
	if errors.Is(err, errReport) {
		return c.instead()
	}
	return err
}

// briefly is doing for what a waiting caller's call must not wait long for.
func (c *call) briefly(do func(ctx context.Context) error) error {
	return c.doing(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, lookPatience)
		defer cancel()
		return do(ctx)
	})
}

// errReport says that a waiting caller would rather leave a report.
var errReport = errors.New("the caller leaves a report")

// instead takes a report of a caller who waited.
func (c *call) instead() error {
	again, err := c.leaveReport()
	switch {
	case err != nil:
		return err
	case again:
		return errBegin
	}
	return errBye
}

// join has the caller wait, where a taker is on duty; else it tells them that nobody is free.
func (c *call) join() (w Waiting, err error) {
	if c.cfg.Queue == nil || !c.cfg.Dialer.CanDial() {
		return nil, c.nobody()
	}
	open := false
	err = c.briefly(func(ctx context.Context) (err error) {
		if open, err = c.cfg.Queue.Open(ctx, c.language); err == nil && open {
			w, err = c.cfg.Queue.Join(ctx, c.language)
		}
		return err
	})
	if err != nil && !errors.Is(err, heed.ErrBusy) {
		c.fault("join the queue", err)
	}
	if err != nil || !open {
		return nil, c.nobody()
	}
	return w, nil
}

func (c *call) nobody() error {
	return c.play(c.say(prompt.Text("nobody"), prompt.Pause(300*time.Millisecond))...)
}

// inQueue is the caller's time in the queue, from where they join it to where a taker has handed in what they said, or they choose
// something else.
func (c *call) inQueue(w Waiting) error {
	c.watch = c.watching(w, Place{})
	if err := c.lookAgain(); err != nil {
		return err
	}
	if !c.watch.lost() {
		if err := c.tell("own-voice"); err != nil { // the notice promises another: that of a recording
			return err
		}
	}
	return c.queued()
}

// queued goes on from whatever state the caller's call is in.
func (c *call) queued() error {
	for {
		var err error
		switch p := c.watch.place; {
		case p.State == heed.CallReading: // whatever became of the store: the Receipt is here
			return c.finish(p)
		case c.watch.lost():
			return c.storeAway()
		case p.State == heed.CallRinging:
			err = c.ring(p)
		case p.State == heed.CallTalking: // and the taker's phone isn't there any more
			err = c.comeBack(p, "")
		default:
			err = c.inLine()
		}
		if err != nil {
			return err
		}
	}
}

// storeAway tells a caller that the queue is gone, and has them leave a report.
func (c *call) storeAway() error {
	c.left = heed.CallElsewhere
	if err := c.tell("fault", "nobody"); err != nil {
		return err
	}
	return errBegin
}

// inLine has the caller hear where they stand, and music, until a taker has their call: then it returns nil.
func (c *call) inLine() error {
	c.watch.interrupts = true
	err := c.standInLine()
	if c.watch.interrupts = false; errors.Is(err, errMoved) {
		c.keys = ""
		return nil
	}
	return err
}

func (c *call) standInLine() error {
	for {
		if err := c.play(c.say(c.position()...)...); err != nil {
			return err
		}
		if err := c.listenToMusic(); err != nil {
			return err
		}
		switch {
		case c.watch.lost():
			return nil
		case c.watch.empty >= deserted:
			return c.deserted()
		}
		if err := c.choice(c.press()); err != nil {
			return err
		}
	}
}

// choice is what a waiting caller's key means. nil: they go on waiting.
func (c *call) choice(key string) error {
	switch key {
	case "1":
		c.left = heed.CallElsewhere
		return errReport
	case "2":
		return c.askCallBack()
	case "0":
		return errBegin
	case "", "*":
		return nil
	}
	c.keys = ""
	return c.play(c.say(prompt.Text("wrong-key"))...)
}

// deserted tells a caller that everybody went off duty.
func (c *call) deserted() error {
	c.left = heed.CallElsewhere // they gave nothing up
	if err := c.tell("nobody"); err != nil {
		return err
	}
	return errBegin
}

// position is how many are before the caller, and what they can do instead of waiting.
func (c *call) position() []prompt.Piece {
	where := prompt.Text("queue-next")
	if n := c.watch.place.Ahead; n > 0 {
		where = prompt.Counted("queue-ahead", n)
	}
	return append([]prompt.Piece{where}, back("queue-stay", "queue-report", "queue-back")...)
}

// listenToMusic plays until a key is pressed, it is time to say the position again, or there is something to tell.
func (c *call) listenToMusic() error {
	for n := 0; n < music && c.keys == "" && !c.watch.lost() && c.watch.empty < deserted; n++ {
		if _, err := c.step(c.tune.frame(c.tones.wait)); err != nil {
			return err
		}
	}
	return nil
}

// softEvery is how often a caller hears that somebody is still there, on a line without music.
const softEvery = 10 * frames

// tune is the music of one call, which goes on where it was interrupted.
type tune struct {
	frames []sound.Frame
	at     int
}

// frame is the next 20 ms: of the music, or else silence with a soft tone now and then.
func (t *tune) frame(soft []sound.Frame) *sound.Frame {
	at := t.at
	t.at++
	if len(t.frames) > 0 {
		return &t.frames[at%len(t.frames)]
	}
	if at %= softEvery; at < len(soft) {
		return &soft[at]
	}
	return nil
}
