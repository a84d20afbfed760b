// Package queue keeps callers who wait for call-takers where the desk sees them: in the store, where the telephone and the desk meet,
// which may be processes on different machines.
//
// It may import the domain, intake, seal, survive and the package above it. Queue holds public keys, and the private halves of the calls it has;
// Sweep is the worker's. Neither may ever see who calls: a number to call back comes from the caller's own keys, and is opened only to
// be dialled.
package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/survive"
)

const (
	// seenEvery is how often a process says that its calls live.
	seenEvery = 5 * time.Second
	// mostWaiting is how many callers wait at once: whoever would be behind so many is better served by leaving a report.
	mostWaiting = 50
	// mostNumbers is how many numbers to call back are kept at once.
	mostNumbers = 200
)

// Config is what a Queue works with. Every field is needed.
type Config struct {
	Store heed.Store
	Days  intake.Days
	Line  string
	Now   func() time.Time
	Log   *slog.Logger
}

// Queue is a phone.Queue. It is safe for concurrent use.
type Queue struct {
	cfg Config

	mu    sync.Mutex
	calls map[heed.ID]struct{} // that this process has
}

var _ phone.Queue = (*Queue)(nil)

// New makes a Queue. Run must run for as long as it is used.
func New(cfg Config) *Queue { return &Queue{cfg: cfg, calls: map[heed.ID]struct{}{}} }

// Open implements phone.Queue.
func (q *Queue) Open(ctx context.Context, language string) (open bool, err error) {
	err = q.cfg.Store.View(ctx, func(tx heed.Tx) error {
		n, err := tx.CountOnDuty(ctx, language, q.cfg.Now())
		open = n > 0
		return err
	})
	if err != nil {
		return false, fmt.Errorf("ask who is on duty: %w", err)
	}
	return open, nil
}

// Join implements phone.Queue.
func (q *Queue) Join(ctx context.Context, language string) (phone.Waiting, error) {
	now := q.cfg.Now()
	key := seal.GeneratePrivateKey()
	p := q.place(key, heed.QueuedCall{
		ID: heed.NewID(now), Language: language, Since: now, Seen: now, State: heed.CallWaiting, Key: key.Public().Bytes(),
	})
	err := q.change(ctx, func(tx heed.Tx) error {
		if err := tx.JoinQueue(ctx, &p.call); err != nil {
			return err
		}
		ahead, err := tx.CallsAhead(ctx, p.call.ID)
		if err == nil && ahead >= mostWaiting {
			err = fmt.Errorf("%d callers are waiting: %w", ahead, heed.ErrBusy)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("join the queue: %w", err)
	}
	q.watch(p.call.ID)
	return p, nil
}

func (q *Queue) place(key *seal.PrivateKey, c heed.QueuedCall) *place {
	return &place{q: q, id: c.ID, key: key, call: c}
}

// KeepNumber implements phone.Queue.
func (q *Queue) KeepNumber(ctx context.Context, language, number string) error {
	now := q.cfg.Now()
	day, err := q.cfg.Days.Day(ctx, now)
	if err != nil {
		return fmt.Errorf("find the day's keys for a number: %w", err)
	}
	transit, err := seal.ParsePublicKey(day.Transit)
	if err != nil {
		return fmt.Errorf("transit key of %s: %w", day.Day, err)
	}
	b := &heed.CallBack{ID: heed.NewID(now), Day: day.Day, Language: language, Since: now, Expires: now.Add(heed.CallBackLife)}
	if b.Sealed, err = seal.SealCallBack(transit, q.cfg.Line, b.Day, b.ID, number); err != nil {
		return err
	}
	err = q.change(ctx, func(tx heed.Tx) error {
		kept, err := tx.CountCallBacks(ctx, now)
		if err != nil {
			return err
		}
		if kept >= mostNumbers {
			return fmt.Errorf("%d numbers are kept: %w", kept, heed.ErrBusy)
		}
		return tx.AddCallBack(ctx, b)
	})
	if err != nil {
		return fmt.Errorf("keep a number to call back: %w", err)
	}
	return nil
}

// Next implements phone.Queue.
func (q *Queue) Next(ctx context.Context) (phone.CallBack, error) {
	now := q.cfg.Now()
	var b *heed.CallBack
	err := q.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		b, err = tx.NextCallBack(ctx, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look for a call-back: %w", err)
	}
	key := seal.GeneratePrivateKey()
	back := &back{q.place(key, heed.QueuedCall{
		ID: b.ID, Language: b.Language, Since: now, Seen: now, State: heed.CallRinging, Taker: b.Taker, Phone: b.Phone,
		Key: key.Public().Bytes(), Back: true,
	})}
	err = q.change(ctx, func(tx heed.Tx) error {
		if err := tx.DialCallBack(ctx, b.ID, back.call.Key, now); err != nil {
			return err
		}
		return tx.JoinQueue(ctx, &back.call)
	})
	if errors.Is(err, heed.ErrConflict) {
		err = fmt.Errorf("another process was first: %w", heed.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("take a call-back: %w", err)
	}
	q.watch(b.ID)
	return back, nil
}

// change does something to the queue, and tells the desk.
func (q *Queue) change(ctx context.Context, do func(heed.Tx) error) error {
	return change(ctx, q.cfg.Store, q.cfg.Now(), do)
}

func change(ctx context.Context, store heed.Store, now time.Time, do func(heed.Tx) error) error {
	return store.Update(ctx, func(tx heed.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: heed.EventCalls})
	})
}

// Run says every five seconds that this process's calls live, until ctx ends.
func (q *Queue) Run(ctx context.Context) {
	tick := time.NewTicker(seenEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			err := survive.Do(func() error { return q.see(ctx) })
			survive.Log(q.cfg.Log, "saying that waiting calls live", err)
			if err != nil && ctx.Err() == nil {
				q.cfg.Log.Warn("phone: say that waiting calls live", "error", err)
			}
		}
	}
}

// see renews when this process's calls were last seen. One that was taken for dead comes back when it next looks.
func (q *Queue) see(ctx context.Context) error {
	q.mu.Lock()
	ids := make([]heed.ID, 0, len(q.calls))
	for id := range q.calls {
		ids = append(ids, id)
	}
	q.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	now := q.cfg.Now()
	return q.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		for _, id := range ids {
			if err := tx.SeeQueuedCall(ctx, id, now); err != nil && !errors.Is(err, heed.ErrNotFound) {
				return err
			}
		}
		return nil
	})
}

func (q *Queue) watch(id heed.ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.calls[id] = struct{}{}
}

func (q *Queue) unwatch(id heed.ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.calls, id)
}
