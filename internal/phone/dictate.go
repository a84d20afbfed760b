package phone

import (
	"context"
	"slices"
	"time"

	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/seal"
)

// dictation is something that a caller says to the line.
type dictation struct {
	recording Recording
	how       string // the text that says what to tell
	full      string // the text for a line that takes nothing
	number    bool   // the caller may leave a telephone number with it
}

// verdict is what a caller wants done with what they said.
type verdict byte

const (
	goBack verdict = iota // to leave it for now
	send
	giveUp // there is nothing to send, and nobody who says anything
	failed // the line can't take it; the caller knows
)

// dictate has the caller speak, and then look over what was said as often as they like.
func (c *call) dictate(d dictation) (verdict, error) {
	for {
		if d.recording.Takes() == 0 {
			if v, err := c.begin(d); v != send || err != nil {
				return v, err
			}
		}
		v, again, err := c.lookOver(d)
		if !again || err != nil {
			return v, err
		}
	}
}

// begin has the caller say something for the first time. Its verdict is send where they did.
func (c *call) begin(d dictation) (verdict, error) {
	pieces := append(texts(d.how), prompt.Text("limit", "Count", c.minutes()), prompt.Text("end"))
	for range askings {
		if err := c.play(c.say(pieces...)...); err != nil {
			return giveUp, err
		}
		how, err := c.take(d.recording)
		if err != nil {
			return giveUp, err
		}
		if v, told, err := c.tellHow(d, how); v != giveUp || told || err != nil {
			return v, err
		}
		pieces = append(texts("nothing", d.how), prompt.Text("end"))
	}
	return giveUp, nil
}

// tellHow tells how a take ended where it wasn't as the caller meant it. told is false where nothing was heard, which the next
// instruction says.
func (c *call) tellHow(d dictation, how taken) (v verdict, told bool, err error) {
	switch {
	case how == nothing:
		return giveUp, false, nil
	case how == refused && d.recording.Takes() == 0:
		return failed, true, c.tell(d.full)
	case how == refused:
		return send, true, c.tell("full")
	case how == broke && d.recording.Takes() == 0:
		return failed, true, c.tell("cannot-record")
	case how == broke:
		return send, true, c.tell("stopped")
	case how == tooLong:
		return send, true, c.tell("too-long")
	}
	return send, true, nil
}

// lookOver asks what to do with what was said. again is true where the caller did something with it and is to be asked again. Who
// presses nothing called to say it: it is sent.
func (c *call) lookOver(d dictation) (v verdict, again bool, err error) {
	named, err := during(c, func(ctx context.Context) (bool, error) { return c.cfg.IdentityAvailable(ctx), nil })
	if err != nil {
		return giveUp, false, err
	}
	d.number = d.number && named && !c.number
	key, err := c.ask(c.lookOverMenu(d))
	if err != nil {
		return giveUp, false, err
	}
	switch key {
	case "2":
		return send, true, c.listen(d.recording)
	case "3":
		return send, true, c.redo(d.recording)
	case "4":
		return send, true, c.add(d)
	case "5":
		return send, true, c.askNumber(d.recording)
	case "0":
		return goBack, false, nil
	default: // 1, or nothing
		return send, false, nil
	}
}

func (c *call) lookOverMenu(d dictation) menu {
	m := menu{keys: "1230"}
	keys := []string{"send", "listen", "redo"}
	if d.recording.Takes() < mostTakes {
		m.keys, keys = m.keys+"4", append(keys, "more")
	}
	if d.number {
		m.keys, keys = m.keys+"5", append(keys, "number")
	}
	m.choices = c.say(append(back(keys...), prompt.Text("if-silent"))...)
	return m
}

// redo deletes all that was said, for a caller who is sure.
func (c *call) redo(r Recording) error {
	yes, err := c.sure("redo-sure")
	if !yes || err != nil {
		return err
	}
	if err := c.drop(r); err != nil {
		c.fault("delete what was said", err)
		return c.tell("fault")
	}
	return c.tell("deleted")
}

// add has the caller say more.
func (c *call) add(d dictation) error {
	if err := c.play(c.say(texts("add", "end")...)...); err != nil {
		return err
	}
	how, err := c.take(d.recording)
	if err != nil {
		return err
	}
	if how == nothing {
		return c.tell("nothing")
	}
	_, _, err = c.tellHow(d, how)
	return err
}

// leaveReport takes a report and gives its Receipt. again is true where the call goes on at the first menu.
func (c *call) leaveReport() (again bool, err error) {
	if c.report == nil {
		r, err := during(c, func(ctx context.Context) (Recording, error) { return c.cfg.Recorder.Begin(ctx, c.language) })
		if err != nil {
			c.fault("begin a report", err)
			return false, c.tell("cannot-record")
		}
		c.report, c.open = r, append(c.open, r)
	}
	v, err := c.dictate(dictation{c.report, "report", "cannot-record", true})
	switch {
	case err != nil:
		return false, err
	case v == goBack:
		return true, nil
	case v == giveUp:
		return false, c.tell("nothing-bye")
	case v == failed:
		return false, nil
	}
	receipt, err := c.submit(c.report)
	if err != nil {
		return false, c.tell("not-sent")
	}
	c.report, c.number = nil, false
	if err := c.tell("sent"); err != nil {
		return false, err
	}
	return c.giveReceipt(receipt)
}

// pauses lie between the tries to send what was said, in seconds: two minutes in all.
var pauses = [...]int{1, 2, 4, 8, 15, 30, 60}

// submit sends what was said, and goes on trying where the line can't just now; a tone plays meanwhile. Where it was sent the call is
// finishing.
func (c *call) submit(r Recording) (seal.Receipt, error) {
	c.finishing = true
	for try := 0; ; try++ {
		receipt, err := during(c, func(ctx context.Context) (seal.Receipt, error) { return r.Submit(ctx) })
		if err == nil {
			c.open = slices.DeleteFunc(c.open, func(o Recording) bool { return o == r })
			return receipt, nil
		}
		c.fault("send what was said", err)
		if howRefused(err) == refused || try == len(pauses) || c.gone != nil || c.isStopping() {
			c.finishing = false
			return "", err
		}
		c.hold(time.Duration(pauses[try]) * time.Second)
	}
}

// close sends what the caller said and didn't send. What can't be sent now is the worker's.
func (c *call) close(ctx context.Context) {
	for _, r := range c.open {
		if err := c.guard(func() error { return r.Close(ctx) }); err != nil {
			c.fault("send what was said before the call ended", err)
		}
	}
}

// The time between the groups of a Receipt is prompt.Digits'; around it there is more, to take a pen or turn a page.
const (
	penPause   = 3 * time.Second
	groupSize  = 4
	twicePause = 2 * time.Second
)

// giveReceipt says the Receipt twice, and again whenever a key asks for it. No key cuts it short: nobody can say it later.
func (c *call) giveReceipt(receipt seal.Receipt) (again bool, err error) {
	if err := c.play(c.say(prompt.Text("receipt"), prompt.Pause(penPause))...); err != nil {
		return false, err
	}
	digits := prompt.Digits(string(receipt), groupSize)
	for {
		err := c.recite(prompt.Text("receipt-is"), prompt.Pause(time.Second), digits, prompt.Pause(twicePause),
			prompt.Text("receipt-again"), prompt.Pause(time.Second), digits, prompt.Pause(twicePause))
		if err != nil {
			return false, err
		}
		c.finishing = false
		key, err := c.ask(menu{choices: c.say(texts("receipt-repeat", "back")...), keys: "10"})
		if key != "1" || err != nil {
			return key == "0", err
		}
	}
}
