package phone

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// silence is how long nobody says anything where a take is over.
	silence = 8 * frames
	// warning is how long before the longest take's end a tone says so.
	warning = 60 * frames
	// mostTakes is how many there are of one report.
	mostTakes = 10
)

// taken says how a take ended.
type taken byte

const (
	spoke   taken = iota // something was said, and is kept
	nothing              // nothing was, and nothing is kept
	tooLong              // as spoke, and there was no more room in one take
	broke                // as spoke, or nothing is kept; the fault is ours
	refused              // the line takes no more
)

// unhurried is a Leg that spares itself work while a call is only recorded: what is said or pressed then is heard a tenth of a second later.
type unhurried interface {
	Recorded(on bool)
	// Remains gives the next frame that came and that Step didn't hand on yet; false where there is none.
	Remains() (*sound.Frame, bool)
}

// recorded tells the Leg whether the call is only recorded.
func (c *call) recorded(on bool) {
	if l, ok := c.leg.(unhurried); ok {
		l.Recorded(on)
	}
}

// take records until the caller presses the hash key, says nothing for a while, or has said all that goes into one.
//
// It returns the error of Leg.Step; what was said is kept then too.
func (c *call) take(r Recording) (taken, error) {
	if err := c.doing(r.NewTake); err != nil {
		c.fault("begin a take", err)
		return howRefused(err), c.gone
	}
	c.hash = true
	defer func() { c.hash = false }()
	ear, how, kept := newEar(), spoke, true
	err := c.sing(c.tones.begin)
	c.keys = "" // pressed before there was anything to end
	c.recorded(true)
	for n := 0; err == nil; n++ {
		var in *sound.Frame
		if in, err = c.step(c.hurry(n)); err != nil {
			break
		}
		if how = c.keep(r, in); how != spoke {
			kept = false
			break
		}
		ear.hear(in)
		if strings.Contains(c.keys, "#") || ear.since >= silence {
			break
		}
		if n >= c.longest() {
			how = tooLong
			break
		}
		c.keys = "" // no other key means anything here
	}
	if kept {
		how = c.keepRest(r, ear, how)
	}
	c.recorded(false)
	c.keys = ""
	if !ear.heard() {
		if dropped := c.doing(r.DropTake); dropped != nil {
			c.fault("drop an empty take", dropped)
		}
		if how != broke {
			how = nothing
		}
		return how, err
	}
	if ended := c.doing(r.EndTake); ended != nil {
		c.fault("end a take", ended)
		how = broke
	}
	return how, err
}

// keep records a frame, and says how the take ends where that fails.
func (c *call) keep(r Recording, in *sound.Frame) taken {
	err := r.Write(in)
	if err == nil {
		return spoke
	}
	c.fault("record", err)
	if howRefused(err) == refused {
		return tooLong
	}
	return broke
}

// keepRest records what came before the take ended and waits in the Leg, and says how the take ends, which would end so without it.
func (c *call) keepRest(r Recording, ear *ear, how taken) taken {
	l, ok := c.leg.(unhurried)
	if !ok {
		return how
	}
	for in, more := l.Remains(); more; in, more = l.Remains() {
		if failed := c.keep(r, in); failed != spoke {
			return failed
		}
		ear.hear(in)
	}
	return how
}

// howRefused tells a line that takes no more from one that can't just now.
func howRefused(err error) taken {
	if errors.Is(err, heed.ErrInvalid) || errors.Is(err, heed.ErrGone) {
		return refused
	}
	return broke
}

// longest is how many frames a take may have.
func (c *call) longest() int { return int(c.cfg.Profile.Phone.Take / sound.FrameTime) }

// hurry is what the caller hears at a frame of a take: nothing, or that a minute is left.
func (c *call) hurry(n int) *sound.Frame {
	if at := n - (c.longest() - warning); at >= 0 && at < len(c.tones.end) {
		return &c.tones.end[at]
	}
	return nil
}

// listen plays all takes until a key is pressed.
func (c *call) listen(r Recording) error {
	for i := range r.Takes() {
		err := c.playTake(r, i)
		if c.gone != nil {
			return c.gone
		}
		if err != nil {
			c.fault("play a take", err)
			return c.tell("fault")
		}
		if c.keys != "" {
			return nil
		}
	}
	return nil
}

const (
	// readAhead is how much of a take is read at a time, before it is played.
	readAhead = frames
	// readPatience is how long a caller waits for it, in silence.
	readPatience = 10 * time.Second
	mostSilent   = int(readPatience / sound.FrameTime) // frames
)

// errSlow says that a take couldn't be read in time.
var errSlow = errors.New("what was said can't be read in time")

// playTake plays one take. It is read beside the call, which waits for no store. It returns the error of reading it, and errSlow.
func (c *call) playTake(r Recording, take int) error {
	ctx, stop := context.WithCancel(c.ctx) // it reads on after Play
	defer stop()
	late := time.AfterFunc(readPatience, stop)
	player, err := during(c, func(context.Context) (Player, error) { return r.Play(ctx, take) })
	if !late.Stop() && err == nil {
		return errors.Join(errSlow, player.Close())
	}
	if err != nil {
		return err
	}
	pieces, failed := make(chan []sound.Frame, 1), make(chan error, 1)
	go func() {
		defer close(pieces)
		failed <- c.guard(func() error { return errors.Join(readTo(ctx, player, pieces), player.Close()) })
	}()
	piece, waited := []sound.Frame(nil), 0
	next := func(f *sound.Frame) error {
		*f = sound.Frame{}
		if len(piece) == 0 {
			select {
			case more, is := <-pieces:
				if !is {
					return io.EOF
				}
				piece, waited = more, 0
			case <-time.After(sound.FrameTime / 2):
				if waited++; waited > mostSilent {
					return errSlow
				}
				return nil
			}
		}
		*f, piece = piece[0], piece[1:]
		return nil
	}
	if err := c.play(c.say(prompt.Sound(next))...); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	default: // a key was pressed, or it takes too long
		if waited > mostSilent {
			return errSlow
		}
		return nil
	}
}

// readTo reads a take to its end, piece by piece.
func readTo(ctx context.Context, player Player, pieces chan<- []sound.Frame) error {
	for {
		piece := make([]sound.Frame, 0, readAhead)
		for len(piece) < readAhead {
			var f sound.Frame
			err := player.Read(&f)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			piece = append(piece, f)
		}
		if len(piece) == 0 {
			return nil
		}
		select {
		case pieces <- piece:
		case <-ctx.Done():
			return nil // nobody listens any more
		}
	}
}

// drop deletes all takes.
func (c *call) drop(r Recording) error {
	for r.Takes() > 0 {
		if err := c.doing(r.DropTake); err != nil {
			return err
		}
	}
	return nil
}

// fault tells the log of a fault of ours.
func (c *call) fault(doing string, err error) {
	c.cfg.Log.Error("phone: can't "+doing, "error", err)
}
