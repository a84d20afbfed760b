// Package keep keeps what callers say: sealed in pieces of two seconds while they speak, handed in as a report when they are done or
// hang up, and handed in by the worker when the process that had the call is gone.
//
// It may import the domain, intake, seal, the package above it, sound and survive. Keeper holds public keys only, so that a process which takes
// calls alone can have one; Recovery is the worker's. Neither may ever see who calls.
package keep

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

// seenEvery is how often a process says that its calls live.
const seenEvery = 10 * time.Second

// Config is what a Keeper works with. Every field is needed.
type Config struct {
	Store  heed.Store
	Intake *intake.Service
	Days   intake.Days
	Line   string
	Now    func() time.Time
	Log    *slog.Logger
}

// Keeper is a phone.Recorder. It is safe for concurrent use.
type Keeper struct {
	cfg Config

	mu    sync.Mutex
	calls map[*recording]struct{} // that stand in the store
}

var _ phone.Recorder = (*Keeper)(nil)

// New makes a Keeper. Run must run for as long as it is used.
func New(cfg Config) *Keeper {
	return &Keeper{cfg: cfg, calls: map[*recording]struct{}{}}
}

// Begin implements phone.Recorder.
func (k *Keeper) Begin(ctx context.Context, language string) (phone.Recording, error) {
	return k.begin(ctx, state{Language: language})
}

// Answer implements phone.Recorder.
func (k *Keeper) Answer(ctx context.Context, mailbox *intake.Mailbox, language string) (phone.Recording, error) {
	opened := mailbox.Opened()
	return k.begin(ctx, state{Language: language, Mailbox: &opened})
}

func (k *Keeper) begin(ctx context.Context, s state) (*recording, error) {
	now := k.cfg.Now()
	day, err := k.cfg.Days.Day(ctx, now)
	if err != nil {
		return nil, fmt.Errorf("find the day's keys for a call: %w", err)
	}
	transit, err := seal.ParsePublicKey(day.Transit)
	if err != nil {
		return nil, fmt.Errorf("transit key of %s: %w", day.Day, err)
	}
	s.Report = heed.NewID(now)
	return &recording{keeper: k, id: heed.NewID(now), day: day.Day, transit: transit, receipt: seal.NewReceipt(), state: s}, nil
}

// Run says every ten seconds that this process's calls live, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(seenEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			err := survive.Do(func() error { return k.see(ctx) })
			survive.Log(k.cfg.Log, "saying that calls live", err)
			if err != nil && ctx.Err() == nil {
				k.cfg.Log.Warn("phone: say that calls live", "error", err)
			}
		}
	}
}

// see renews when this process's calls were last seen. One that is over meanwhile is passed by.
func (k *Keeper) see(ctx context.Context) error {
	k.mu.Lock()
	ids := make([]heed.ID, 0, len(k.calls))
	for r := range k.calls {
		ids = append(ids, r.id)
	}
	k.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	now := k.cfg.Now()
	return k.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		for _, id := range ids {
			if err := tx.SeeCall(ctx, id, now); err != nil && !errors.Is(err, heed.ErrNotFound) {
				return err
			}
		}
		return nil
	})
}

func (k *Keeper) watch(r *recording) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls[r] = struct{}{}
}

func (k *Keeper) unwatch(r *recording) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.calls, r)
}
