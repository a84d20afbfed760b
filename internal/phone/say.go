package phone

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
)

// over says that a call ended as calls do: by a hang-up, or because the line stops.
func over(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// spoken is something to say: by a voice, which may be another than the call's.
type spoken struct {
	voice  *prompt.Voice
	pieces []prompt.Piece
}

// say is pieces in the call's own language.
func (c *call) say(pieces ...prompt.Piece) []spoken { return []spoken{{c.voice, pieces}} }

// texts are the texts of the keys.
func texts(keys ...string) (pieces []prompt.Piece) {
	for _, key := range keys {
		pieces = append(pieces, prompt.Text(key))
	}
	return pieces
}

// play says something until a key is pressed.
func (c *call) play(all ...spoken) error {
	for _, s := range all {
		for f := range s.voice.Say(c.ctx, s.pieces...) {
			if c.keys != "" {
				return nil
			}
			if _, err := c.step(f); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell says texts to the end: what the caller must not miss.
func (c *call) tell(keys ...string) error { return c.recite(texts(keys...)...) }

// recite says something to its end. Keys that are pressed meanwhile are forgotten: they were meant for something else.
func (c *call) recite(pieces ...prompt.Piece) error {
	for f := range c.voice.Say(c.ctx, pieces...) {
		if _, err := c.step(f); err != nil {
			return err
		}
	}
	c.keys = ""
	return nil
}

const (
	// keyPatience is how long a menu waits for a key after its last word.
	keyPatience = 6 * frames
	// askings is how often a menu is said to somebody who presses nothing.
	askings = 3
	// mostWrong is how many wrong keys a menu answers; a child, or a machine, presses more.
	mostWrong = 8
)

// menu is what a caller chooses from.
type menu struct {
	once    []spoken // said the first time, and again only by star
	choices []spoken
	keys    string // that mean something
}

// ask says a menu and waits for one of its keys: a key interrupts what is said, star repeats it, 9 asks for somebody to talk to, from where the call may go on elsewhere.
// "" is the answer of a caller who pressed nothing, however often they were asked.
func (c *call) ask(m menu) (string, error) {
	once, wrong := m.once, 0
	for asked := 0; asked < askings; {
		if err := c.play(slices.Concat(once, m.choices)...); err != nil {
			return "", err
		}
		once = nil
		if err := c.waitKey(keyPatience); err != nil {
			return "", err
		}
		switch key := c.press(); {
		case key == "":
			asked++
		case strings.Contains(m.keys, key):
			return key, nil
		case key == "*":
			once = m.once
		case key == "9": // which is no wrong key, however often
			c.keys = ""
			if err := c.person(); err != nil {
				return "", err
			}
		case wrong >= mostWrong:
			return "", nil
		default:
			wrong++
			c.keys = "" // what follows a wrong key was meant for something else
			if err := c.play(c.say(prompt.Text("wrong-key"), prompt.Pause(300*time.Millisecond))...); err != nil {
				return "", err
			}
		}
	}
	return "", nil
}

// waitKey waits for a key, so many frames at most.
func (c *call) waitKey(patience int) error {
	for range patience {
		if c.keys != "" {
			return nil
		}
		if _, err := c.step(nil); err != nil {
			return err
		}
	}
	return nil
}

// sure asks about what can't be undone: only 1, pressed now, is a yes.
func (c *call) sure(key string) (bool, error) {
	c.keys = ""
	answer, err := c.ask(menu{choices: c.say(texts(key, "repeat")...), keys: "120"})
	return answer == "1", err
}

// during does what may take a while and keeps the line alive meanwhile. A hang-up doesn't interrupt it; the next step tells of it.
func during[T any](c *call, do func(ctx context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), closing)
	defer cancel()
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		o.err = c.guard(func() (err error) {
			o.value, err = do(ctx)
			return err
		})
		done <- o
	}()
	for waited := 0; ; waited++ {
		select {
		case o := <-done:
			return o.value, o.err
		case <-time.After(sound.FrameTime / 2):
			c.wait(waited)
		}
	}
}

// doing is during for what gives nothing but an error.
func (c *call) doing(do func(ctx context.Context) error) error {
	_, err := during(c, func(ctx context.Context) (struct{}, error) { return struct{}{}, do(ctx) })
	return err
}

// wait lets 20 ms pass, with a soft tone every few seconds.
func (c *call) wait(waited int) {
	const every = 3 * frames
	var out *sound.Frame
	if at := waited % every; waited >= every && at < len(c.tones.wait) {
		out = &c.tones.wait[at]
	}
	if _, err := c.step(out); err != nil { // of a caller who is gone, which every later step says too
		return
	}
}
