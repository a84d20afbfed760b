package keep

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
)

// deadAfter is how long a call may go unseen before its process is taken for dead.
const deadAfter = 6 * seenEvery

// Calls opens what calls left. identity implements it.
type Calls interface {
	OpenCall(ctx context.Context, c *heed.Call) ([]byte, error)
}

// Recovery hands in what was said in calls whose process died. It is the worker's: only that opens what a call left.
type Recovery struct {
	Store  heed.Store
	Intake *intake.Service
	Calls  Calls
	Now    func() time.Time
	Log    *slog.Logger

	mu      sync.Mutex
	noticed map[heed.ID]notice
}

// notice is since when, by this process's own clock, a call was last seen at the same time: the clocks of two machines may differ.
type notice struct{ seen, since time.Time }

// Run hands in what was said in calls that nobody has seen for a minute. It is meant to run every few seconds; two at once, on
// different nodes too, do no harm.
func (r *Recovery) Run(ctx context.Context) error {
	dead, err := r.dead(ctx)
	if err != nil {
		return err
	}
	return r.handIn(ctx, dead)
}

// longDead is how long ago a call was last seen that is dead by any clock.
const longDead = time.Hour

// RunOverdue hands in what was said in calls that were last seen over an hour ago, without watching them first: whoever is to delete
// old uploads does this before.
func (r *Recovery) RunOverdue(ctx context.Context) error {
	calls, err := r.calls(ctx)
	if err != nil {
		return err
	}
	maps.DeleteFunc(calls, func(_ heed.ID, seen time.Time) bool { return r.Now().Sub(seen) < longDead })
	return r.handIn(ctx, calls)
}

func (r *Recovery) handIn(ctx context.Context, dead map[heed.ID]time.Time) error {
	var errs []error
	for id, seen := range dead {
		if err := r.take(ctx, id, seen); err != nil {
			errs = append(errs, fmt.Errorf("hand in what was said in a call: %w", err))
		}
	}
	return errors.Join(errs...)
}

func (r *Recovery) calls(ctx context.Context) (seen map[heed.ID]time.Time, err error) {
	err = r.Store.View(ctx, func(tx heed.Tx) (err error) {
		seen, err = tx.CallsSeen(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list calls: %w", err)
	}
	return seen, nil
}

// dead are the calls whose processes are gone, with when they were last seen.
func (r *Recovery) dead(ctx context.Context) (map[heed.ID]time.Time, error) {
	calls, err := r.calls(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now, noticed, dead := r.Now(), map[heed.ID]notice{}, map[heed.ID]time.Time{}
	for id, seen := range calls {
		n, known := r.noticed[id]
		if !known || !n.seen.Equal(seen) || now.Before(n.since) {
			n = notice{seen, now}
		}
		noticed[id] = n
		if now.Sub(n.since) >= deadAfter {
			dead[id] = seen
		}
	}
	r.noticed = noticed
	return dead, nil
}

// take hands one call in, in the transaction that forgets it, unless it is seen again first.
func (r *Recovery) take(ctx context.Context, id heed.ID, seen time.Time) error {
	end := func(ctx context.Context, tx heed.Tx) error { return tx.EndCallSeen(ctx, id, seen) }
	s, err := r.open(ctx, id)
	switch {
	case errors.Is(err, heed.ErrNotFound):
		return nil
	case errors.Is(err, heed.ErrGone), errors.Is(err, heed.ErrSealed):
		r.Log.Error("phone: what was said in a call can't be opened any more", "call", string(id))
		return r.forget(ctx, end)
	case err != nil:
		return err
	}
	takes, err := r.takes(ctx, s)
	if err != nil {
		return err
	}
	if len(takes) == 0 {
		return r.forget(ctx, end)
	}
	receipt := seal.NewReceipt() // nobody's
	err = handIn(ctx, r.Intake, s, receipt, takes, end)
	if s.Mailbox != nil && (errors.Is(err, heed.ErrInvalid) || errors.Is(err, heed.ErrGone)) {
		s.Mailbox = nil // its report takes no more: what was said reaches people all the same
		err = handIn(ctx, r.Intake, s, receipt, takes, end)
	}
	if err != nil && r.alive(ctx, id, seen) {
		return nil
	}
	if err == nil {
		r.Log.Warn("phone: a call was handed in whose process is gone", "call", string(id))
	}
	return err
}

func (r *Recovery) open(ctx context.Context, id heed.ID) (s state, err error) {
	var c *heed.Call
	err = r.Store.View(ctx, func(tx heed.Tx) (err error) {
		c, err = tx.Call(ctx, id)
		return err
	})
	if err != nil {
		return s, err
	}
	b, err := r.Calls.OpenCall(ctx, c)
	if errors.Is(err, heed.ErrNotFound) { // of the day's keys, not of the call
		err = fmt.Errorf("%v: %w", err, heed.ErrGone)
	}
	if err != nil {
		return s, err
	}
	defer clear(b)
	return decode(b)
}

// takes are those in which something was said, as files.
func (r *Recovery) takes(ctx context.Context, s state) (files []intake.Upload, err error) {
	for _, u := range s.Takes {
		n, err := r.Intake.UploadOffset(ctx, u)
		if errors.Is(err, heed.ErrNotFound) || err == nil && n == 0 {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, whole(u, n))
	}
	return files, nil
}

// alive says that the call was seen again, or is over: then it is none of ours.
func (r *Recovery) alive(ctx context.Context, id heed.ID, seen time.Time) bool {
	var c *heed.Call
	err := r.Store.View(ctx, func(tx heed.Tx) (err error) {
		c, err = tx.Call(ctx, id)
		return err
	})
	return errors.Is(err, heed.ErrNotFound) || err == nil && !c.Seen.Equal(seen)
}

func (r *Recovery) forget(ctx context.Context, end func(context.Context, heed.Tx) error) error {
	err := r.Store.Update(ctx, func(tx heed.Tx) error { return end(ctx, tx) })
	if errors.Is(err, heed.ErrNotFound) {
		return nil
	}
	return err
}
