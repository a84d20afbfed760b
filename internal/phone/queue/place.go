package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/seal"
)

// place is one caller's.
type place struct {
	q   *Queue
	id  heed.ID
	key *seal.PrivateKey

	mu   sync.Mutex
	call heed.QueuedCall // as it was last seen

	// coming is held while the call takes its place again, and where it leaves: a look that is under way brings nobody back.
	coming sync.Mutex
	left   bool
}

// Look implements phone.Waiting. A call that was taken for dead, since the store was away for a while, takes its place again; one that
// has left doesn't, and is heed.ErrNotFound.
func (p *place) Look(ctx context.Context) (phone.Place, error) {
	var c *heed.QueuedCall
	var ahead, takers int
	look := func(tx heed.Tx) (err error) {
		if c, err = tx.QueuedCall(ctx, p.id); err != nil {
			return err
		}
		if ahead, err = tx.CallsAhead(ctx, c.ID); err != nil {
			return err
		}
		takers, err = tx.CountOnDuty(ctx, c.Language, p.q.cfg.Now())
		return err
	}
	err := p.q.cfg.Store.View(ctx, look)
	if errors.Is(err, heed.ErrNotFound) {
		err = p.comeBack(ctx, look)
	}
	if err != nil {
		return phone.Place{}, fmt.Errorf("look at a place in the queue: %w", err)
	}
	p.mu.Lock()
	p.call = *c
	p.mu.Unlock()
	return p.seen(c, ahead, takers)
}

// comeBack takes the call's place again and looks at it, in one transaction. heed.ErrNotFound: it has left.
func (p *place) comeBack(ctx context.Context, look func(heed.Tx) error) error {
	p.coming.Lock()
	defer p.coming.Unlock()
	if p.left {
		return heed.ErrNotFound
	}
	return p.q.change(ctx, func(tx heed.Tx) error {
		again := p.last()
		again.Seen = p.q.cfg.Now()
		if err := tx.JoinQueue(ctx, &again); err != nil && !errors.Is(err, heed.ErrConflict) {
			return err
		}
		return look(tx)
	})
}

// goAway is done before the call leaves, however it does.
func (p *place) goAway() {
	p.q.unwatch(p.id)
	p.coming.Lock()
	defer p.coming.Unlock()
	p.left = true
}

// last is the call as it was last seen.
func (p *place) last() heed.QueuedCall {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.call
}

func (p *place) seen(c *heed.QueuedCall, ahead, takers int) (phone.Place, error) {
	seen := phone.Place{State: c.State, Taker: c.Taker, Phone: c.Phone, Ahead: ahead, Takers: takers}
	if c.State != heed.CallReading || c.Sealed == nil {
		return seen, nil
	}
	receipt, err := seal.OpenCallReceipt(p.key, p.q.cfg.Line, c.ID, c.Sealed)
	if err != nil {
		return phone.Place{}, fmt.Errorf("open a call's Receipt: %w", err)
	}
	seen.Receipt = receipt
	return seen, nil
}

// Answered implements phone.Waiting.
func (p *place) Answered(ctx context.Context, taker heed.ID) error {
	err := p.q.change(ctx, func(tx heed.Tx) error { return tx.AnswerQueuedCall(ctx, p.id, taker, p.q.cfg.Now()) })
	return p.moved(err, "answer a call")
}

// moved names what isn't there any more as a conflict: the next look tells more.
func (p *place) moved(err error, doing string) error {
	if errors.Is(err, heed.ErrNotFound) {
		err = heed.ErrConflict
	}
	if err != nil {
		return fmt.Errorf(doing+": %w", err)
	}
	return nil
}

// Return implements phone.Waiting.
func (p *place) Return(ctx context.Context, taker heed.ID, off string) error {
	err := p.q.change(ctx, func(tx heed.Tx) error {
		if err := tx.ReturnQueuedCall(ctx, p.id, taker); err != nil {
			return err
		}
		return endDuty(ctx, tx, taker, off)
	})
	return p.moved(err, "put a call back into the queue")
}

// endDuty ends the duty of a taker whose phone is the reason.
func endDuty(ctx context.Context, tx heed.Tx, taker heed.ID, off string) error {
	if off == "" {
		return nil
	}
	if err := tx.EndDutyFor(ctx, taker, off); err != nil && !errors.Is(err, heed.ErrNotFound) {
		return err
	}
	return nil
}

// Leave implements phone.Waiting. A call that can't leave now is the worker's: nobody says any more that it lives.
func (p *place) Leave(ctx context.Context, how heed.CallEnd) error {
	p.goAway()
	err := p.q.change(ctx, func(tx heed.Tx) error { return tx.LeaveQueue(ctx, p.id, how, p.q.cfg.Now()) })
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("leave the queue: %w", err)
	}
	return nil
}

// back is a caller who is called back: a place that begins with its taker's phone ringing.
type back struct{ *place }

var _ phone.CallBack = (*back)(nil)

// Language implements phone.CallBack.
func (b *back) Language() string { return b.last().Language }

// Number implements phone.CallBack.
func (b *back) Number(ctx context.Context) (string, error) {
	var wish *heed.CallBack
	err := b.q.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		wish, err = tx.CallBack(ctx, b.id, b.q.cfg.Now())
		return err
	})
	if errors.Is(err, heed.ErrNotFound) {
		err = fmt.Errorf("its time is over: %w", heed.ErrGone)
	}
	if err == nil && wish.Resealed == nil {
		err = fmt.Errorf("the worker hasn't given it: %w", heed.ErrNotFound)
	}
	if err != nil {
		return "", fmt.Errorf("a number to call back: %w", err)
	}
	return seal.OpenCallBack(b.key, b.q.cfg.Line, wish.ID, wish.Resealed)
}

// Reached implements phone.CallBack.
func (b *back) Reached(ctx context.Context, taker heed.ID) error {
	now := b.q.cfg.Now()
	err := b.q.change(ctx, func(tx heed.Tx) error {
		if err := tx.AnswerQueuedCall(ctx, b.id, taker, now); err != nil {
			return err
		}
		if err := tx.EndCallBack(ctx, b.id, now); err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		return nil
	})
	return b.moved(err, "note that a caller was reached")
}

// Missed implements phone.CallBack.
func (b *back) Missed(ctx context.Context, taker heed.ID, off string) error {
	b.goAway()
	err := b.q.change(ctx, func(tx heed.Tx) error {
		for _, err := range []error{tx.LeaveQueue(ctx, b.id, heed.CallAbandoned, b.q.cfg.Now()), tx.ReleaseCallBack(ctx, b.id), endDuty(ctx, tx, taker, off)} {
			if err != nil && !errors.Is(err, heed.ErrNotFound) {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("give a call-back back: %w", err)
	}
	return nil
}
