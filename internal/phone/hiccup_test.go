package phone_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone"
)

// hiccup is a queue whose store fails two looks once the taker has hung up.
type hiccup struct {
	phone.Queue
	taker  *handset
	first  func() // runs before the first of them; nil: nothing does
	failed atomic.Int32
}

func (h *hiccup) Join(ctx context.Context, language string) (phone.Waiting, error) {
	w, err := h.Queue.Join(ctx, language)
	return &hiccupPlace{w, h}, err
}

type hiccupPlace struct {
	phone.Waiting
	h *hiccup
}

func (p *hiccupPlace) Look(ctx context.Context) (phone.Place, error) {
	if p.h.taker.left() {
		switch n := p.h.failed.Add(1); {
		case n == 1 && p.h.first != nil:
			p.h.first()
			return phone.Place{}, errAway
		case n <= 2:
			return phone.Place{}, errAway
		}
	}
	return p.Waiting.Look(ctx)
}

func TestALookThatFailsWhenTheTakerHangsUpThrowsNobodyOut(t *testing.T) {
	ann, ben := newHandset(70), newHandset(71)
	ann.leaves = 100
	l := manned(t, phones{annsPhone: ann.lifted, bensPhone: ben.lifted}, func(l *line) {
		l.standing = func(q phone.Queue) phone.Queue { return &hiccup{Queue: q, taker: ann} }
	})
	l.menu.Hurry(time.Second / 2) // no look of the call's own makes good in between
	next := takes("ben")
	next.once = heard("queue-cut")
	c := l.dialogue(talking(), takes("ann"), next, ends("ben"))
	c.expectWords("queue-connect", "queue-cut", "queue-connect", "bye")
	c.expectNever("fault", "nobody")
}

func TestALookThatFailsCostsNobodyTheReceiptOfWhatTheirTakerHandedIn(t *testing.T) {
	ann := newHandset(72)
	ann.leaves = 100
	var l *line
	var receipt string
	h := &hiccup{taker: ann}
	h.first = func() { l.must(handsIn("ann", nil, &receipt).do(l, l.queued()[0])) }
	l = manned(t, phones{annsPhone: ann.lifted}, func(l *line) {
		l.standing = func(q phone.Queue) phone.Queue { h.Queue = q; return h }
	})
	l.menu.Hurry(time.Second / 2)
	c := l.dialogue(talking(turn{hear: "receipt-repeat", hangUp: true}), takes("ann"))
	c.expectWords("queue-connect", "sent", "receipt-is", "receipt-again")
	c.expectNever("fault", "nobody", "queue-cut")
	if got := c.digits("receipt-again"); got != receipt || receipt == "" {
		t.Errorf("the caller heard %q, not %q", got, receipt)
	}
}
