package phone

import (
	"context"
	"errors"
	"net/netip"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone/prompt"
)

// mostRefused is how many Receipts that open nothing a call may try: the first and three more.
const mostRefused = 4

// useReceipt has the caller type a Receipt and tells what became of the report. again is true where the call goes on at the first
// menu.
func (c *call) useReceipt() (again bool, err error) {
	how := "type"
	for c.refused < mostRefused {
		typed, err := c.typeReceipt(how)
		if typed == "" || err != nil {
			return true, err
		}
		mailbox, err := c.look(typed)
		c.keys = "" // nor is one that came meanwhile
		switch {
		case c.gone != nil:
			return false, c.gone
		case err == nil:
			return c.standing(mailbox)
		case errors.Is(err, heed.ErrNotFound), errors.Is(err, heed.ErrInvalid):
			c.refused++
			how = "unknown"
		default:
			c.fault("open a mailbox", err)
			return true, c.tell("cannot-look")
		}
	}
	return true, c.tell("unknown-last")
}

// lookups is how often a look-up is tried, or asked for, that the line is too busy for.
const lookups = 8

// look derives the Receipt's keys, when its turn has come.
func (c *call) look(receipt string) (*intake.Mailbox, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	for try := 0; ; try++ {
		mailbox, err := during(c, func(ctx context.Context) (*intake.Mailbox, error) { return c.cfg.Intake.Open(ctx, receipt) })
		if !errors.Is(err, heed.ErrBusy) || try == lookups || c.gone != nil {
			return mailbox, err
		}
		c.hold(2 * time.Second)
	}
}

// enter waits where very many use Receipts, as the pages do without scripts. All callers are counted together: there is nothing to
// tell them apart by.
//
// It returns heed.ErrBusy where that took too long, and the error of Leg.Step.
func (c *call) enter() error {
	pass := ""
	for range lookups {
		demand, shed := flood.IsDemand(c.cfg.Flood.Enter(flood.Lookup, netip.Prefix{}, pass))
		if !shed {
			return nil
		}
		if err := c.play(c.say(prompt.Text("wait"))...); err != nil {
			return err
		}
		if c.hold(demand.Wait + demand.Pause); c.gone != nil {
			return c.gone
		}
		pass = demand.Ticket
	}
	return heed.ErrBusy
}

// hold lets some time pass.
func (c *call) hold(d time.Duration) {
	for n := range int(d.Seconds() * float64(frames)) {
		c.wait(n)
	}
}
