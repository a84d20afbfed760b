package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/heed-line/heed"
)

const (
	// deadAfter is how long a call may go unseen before its process is taken for dead.
	deadAfter = 4 * seenEvery
	// undialled is how long a call-back may be a taker's without a process that dials it.
	undialled = 2 * time.Minute
)

// Numbers opens numbers to call back for the process that dials. identity implements it.
type Numbers interface {
	ResealCallBack(ctx context.Context, b *heed.CallBack) ([]byte, error)
}

// Sweep ends what nobody is there for any more: calls whose process died, numbers whose time is over. And it gives numbers to the
// process that dials. It is the worker's: only that opens them.
type Sweep struct {
	Store   heed.Store
	Numbers Numbers
	Now     func() time.Time
	Log     *slog.Logger

	mu      sync.Mutex
	calls   notices // by when they were last seen
	claimed notices // call-backs, by when they were
}

// notices are since when, by this process's own clock, things bear the time that they bear: the clocks of two machines may differ.
type notices map[heed.ID]notice

type notice struct{ bears, since time.Time }

// again is the notice of what is looked at now.
func (n notices) again(id heed.ID, bears, now time.Time) notice {
	was, known := n[id]
	if !known || !was.bears.Equal(bears) || now.Before(was.since) {
		return notice{bears, now}
	}
	return was
}

// Run is meant to run every few seconds; two at once, on different nodes too, do no harm.
func (s *Sweep) Run(ctx context.Context) error {
	var calls []*heed.QueuedCall
	var wishes, undealt []*heed.CallBack
	now := s.Now()
	err := s.Store.View(ctx, func(tx heed.Tx) (err error) {
		if calls, err = tx.QueuedCalls(ctx); err != nil {
			return err
		}
		if wishes, err = tx.CallBacks(ctx, time.Time{}); err != nil { // those whose time is over too
			return err
		}
		undealt, err = tx.CallBacksToReseal(ctx, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("look at the queue: %w", err)
	}
	errs := []error{s.endDead(ctx, calls), s.endUndialled(ctx, wishes), s.endWishes(ctx, wishes, now)}
	for _, b := range undealt {
		errs = append(errs, s.deal(ctx, b))
	}
	return errors.Join(errs...)
}

// endDead ends the calls that nobody has seen for twenty seconds.
func (s *Sweep) endDead(ctx context.Context, calls []*heed.QueuedCall) error {
	var errs []error
	for _, c := range s.dead(calls) {
		err := change(ctx, s.Store, s.Now(), func(tx heed.Tx) error { return tx.LeaveQueueSeen(ctx, c.ID, c.Seen, s.Now()) })
		switch {
		case err == nil:
			s.Log.Warn("phone: a caller's process is gone", "call", string(c.ID))
		case !errors.Is(err, heed.ErrNotFound): // seen again, or over
			errs = append(errs, fmt.Errorf("end a call whose process is gone: %w", err))
		}
	}
	return errors.Join(errs...)
}

func (s *Sweep) dead(calls []*heed.QueuedCall) (dead []*heed.QueuedCall) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, noticed := s.Now(), notices{}
	for _, c := range calls {
		n := s.calls.again(c.ID, c.Seen, now)
		noticed[c.ID] = n
		if now.Sub(n.since) >= deadAfter {
			dead = append(dead, c)
		}
	}
	s.calls = noticed
	return dead
}

// endUndialled has those call-backs wait for a taker again that nobody dials.
func (s *Sweep) endUndialled(ctx context.Context, wishes []*heed.CallBack) error {
	var errs []error
	for _, b := range s.undialled(wishes) {
		err := change(ctx, s.Store, s.Now(), func(tx heed.Tx) error { return tx.ReleaseUndialled(ctx, b.ID, b.Claimed) })
		if err != nil && !errors.Is(err, heed.ErrNotFound) { // it is dialled, or somebody else's by now
			errs = append(errs, fmt.Errorf("release a call-back that nobody dials: %w", err))
		}
	}
	return errors.Join(errs...)
}

// undialled are those that have been a taker's for two minutes. Most of them are dialled.
func (s *Sweep) undialled(wishes []*heed.CallBack) (lasting []*heed.CallBack) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, noticed := s.Now(), notices{}
	for _, b := range wishes {
		if b.Taker == "" {
			continue
		}
		n := s.claimed.again(b.ID, b.Claimed, now)
		noticed[b.ID] = n
		if now.Sub(n.since) >= undialled {
			lasting = append(lasting, b)
		}
	}
	s.claimed = noticed
	return lasting
}

// endWishes deletes numbers whose time is over, and scrubs the store's journal of them.
func (s *Sweep) endWishes(ctx context.Context, wishes []*heed.CallBack, now time.Time) error {
	if !slices.ContainsFunc(wishes, func(b *heed.CallBack) bool { return !now.Before(b.Expires) }) {
		return nil
	}
	err := change(ctx, s.Store, now, func(tx heed.Tx) error {
		if n, err := tx.DeleteCallBacks(ctx, now); n == 0 || err != nil {
			return err
		}
		return heed.WantScrub(ctx, tx, now)
	})
	if err != nil {
		return fmt.Errorf("delete numbers to call back: %w", err)
	}
	return nil
}

// deal gives a number to the process that dials it. One that can't be opened any more, because its day is over, stays until it is
// deleted.
func (s *Sweep) deal(ctx context.Context, b *heed.CallBack) error {
	resealed, err := s.Numbers.ResealCallBack(ctx, b)
	if errors.Is(err, heed.ErrGone) || errors.Is(err, heed.ErrSealed) {
		s.Log.Error("phone: a number to call back can't be opened", "call", string(b.ID))
		return nil
	}
	if err == nil {
		b.Resealed = resealed
		err = s.Store.Update(ctx, func(tx heed.Tx) error { return tx.ResealCallBack(ctx, b) })
	}
	if errors.Is(err, heed.ErrConflict) { // nobody dials it any more
		return nil
	}
	if err != nil {
		return fmt.Errorf("give a number to who dials: %w", err)
	}
	return nil
}
