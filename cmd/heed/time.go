package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/postgres"
)

// sinceBoot counts on evenly, sleep included, whatever is done to the host's clock.
func sinceBoot() time.Duration {
	var t unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &t); err != nil {
		panic("the kernel counts no time since boot: " + err.Error()) // Linux has since 2.6.39
	}
	return time.Duration(t.Nano())
}

// keepTime has everything in this process go by the line's time, which docs/operations.md tells of, and the store's jobs
// by the host's, as their runner does.
func (l *place) keepTime(ctx context.Context, audits audit.KeyVerifier) error {
	steady := l.s.Steady
	if steady == nil {
		steady = sinceBoot
	}
	l.clock = audit.NewClock(l.s.Now, steady)
	err := l.store.View(ctx, func(tx heed.Tx) error { return audit.SetClock(ctx, tx, l.clock, l.id, audits) })
	switch {
	case errors.Is(err, heed.ErrInvalid):
		return usagef("this line's audit is signed by another audit key than --audit-key pins or the keystore holds: %w", err)
	case err != nil:
		return fmt.Errorf("reading the line's time: %w", err)
	}
	own := *l.s
	own.Now = l.clock.Now
	l.s, l.store = &own, &timedStore{l.store, l.clock}
	return nil
}

// followTime keeps the Clock of a process without a worker near what the line agrees on.
func (l *place) followTime(ctx context.Context, audits audit.KeyVerifier) {
	for ticker := time.NewTicker(followEvery); ; {
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
		}
		err := l.store.View(ctx, func(tx heed.Tx) error {
			head, err := audit.ReadHead(ctx, tx, l.id, audits)
			if err == nil {
				l.clock.Learn(head.Floor)
			}
			return err
		})
		if err != nil && ctx.Err() == nil {
			l.log.Error("reading the line's time", "error", err)
		}
	}
}

const followEvery = time.Minute

// timedStore enqueues jobs at the host's time for the line's.
type timedStore struct {
	heed.Store
	clock *audit.Clock
}

// Update implements heed.Store.
func (s *timedStore) Update(ctx context.Context, fn func(heed.Tx) error) error {
	return s.Store.Update(ctx, func(tx heed.Tx) error { return fn(&timedTx{tx, s.clock}) })
}

type timedTx struct {
	heed.Tx
	clock *audit.Clock
}

// Enqueue implements heed.JobTx.
func (t *timedTx) Enqueue(ctx context.Context, jobs ...heed.Job) error {
	moved := make([]heed.Job, len(jobs))
	for i, j := range jobs {
		if !j.At.IsZero() {
			j.At = t.clock.OnHost(j.At)
		}
		moved[i] = j
	}
	return t.Tx.Enqueue(ctx, moved...)
}

// underlying is the store itself, for what only one engine has.
func underlying(store heed.Store) heed.Store {
	if timed, ok := store.(*timedStore); ok {
		return timed.Store
	}
	return store
}

// newSequencer makes what hangs the line's leaves.
func (l *line) newSequencer() *audit.Sequencer {
	c := audit.SequencerConfig{
		Store: l.store, Line: l.id, Signer: l.ring.Audit, Verifier: l.ring.Audit.Verifier(), Clock: l.clock, Log: l.log,
	}
	if store, ok := underlying(l.store).(*postgres.Store); ok {
		c.Reference = store.Time
	}
	return audit.NewSequencer(c)
}

const sequenceEvery = time.Second

// sequence hangs leaves until ctx ends, and then those that the last acts left.
func sequence(ctx context.Context, s *audit.Sequencer, log *slog.Logger) {
	said := ""
	run := func(ctx context.Context) (more bool) {
		_, more, err := s.Run(ctx)
		switch {
		case err == nil:
			said = ""
		case errors.Is(err, context.Canceled):
		case err.Error() != said: // once, and not every second
			said = err.Error()
			log.Error("the audit's leaves can't be hung", "error", err)
		}
		return more
	}
	for ticker := time.NewTicker(sequenceEvery); ; {
		if run(ctx) {
			continue
		}
		select {
		case <-ctx.Done():
			ticker.Stop()
			run(context.WithoutCancel(ctx))
			return
		case <-ticker.C:
		}
	}
}
