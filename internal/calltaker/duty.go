package calltaker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// keepEvery is how seldom a Duty that goes on is written anew.
const keepEvery = time.Minute

// GoOn has the actor take calls until the end of their session, or the longest Duty.
//
// It returns a *heed.Problem where their account has no telephone, and heed.ErrForbidden.
func (s *Service) GoOn(ctx context.Context, actor *heed.Staff, end time.Time) error {
	if err := s.may(actor, auth.CallTake); err != nil {
		return err
	}
	if actor.Phone == "" {
		return problem("phone", "phone-missing")
	}
	now := s.cfg.Now()
	return s.duty(ctx, "going on duty", func(tx heed.Tx) error {
		return tx.PutDuty(ctx, &heed.Duty{Staff: actor.ID, Languages: actor.Speaks, Since: now, Until: earlier(end, now.Add(heed.LongestDuty))})
	})
}

// GoOff has the actor take no more calls. One that they have goes on.
func (s *Service) GoOff(ctx context.Context, actor *heed.Staff) error {
	if err := s.may(actor, auth.CallTake); err != nil {
		return err
	}
	return s.duty(ctx, "going off duty", func(tx heed.Tx) error { return tx.EndDuty(ctx, actor.ID) })
}

// Keep has a Duty that goes on last as long as the session does, which just showed that somebody is there.
func (s *Service) Keep(ctx context.Context, actor *heed.Staff, end time.Time) error {
	d, err := s.dutyOf(ctx, actor)
	if err != nil || d == nil || !d.On(s.cfg.Now()) || earlier(end, d.Since.Add(heed.LongestDuty)).Sub(d.Until) < keepEvery {
		return err
	}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		d, err := tx.Duty(ctx, actor.ID)
		if errors.Is(err, heed.ErrNotFound) || err == nil && !d.On(s.cfg.Now()) {
			return nil // it ended in this moment
		}
		if err != nil {
			return err
		}
		d.Until = earlier(end, d.Since.Add(heed.LongestDuty))
		return tx.PutDuty(ctx, d)
	})
	if err != nil {
		return fmt.Errorf("keeping a duty: %w", err)
	}
	return nil
}

// dutyOf is the actor's Duty, nil where they have none.
func (s *Service) dutyOf(ctx context.Context, actor *heed.Staff) (d *heed.Duty, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		d, err = dutyIn(ctx, tx, actor)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("finding a duty: %w", err)
	}
	return d, nil
}

func dutyIn(ctx context.Context, tx heed.DutyTx, actor *heed.Staff) (*heed.Duty, error) {
	d, err := tx.Duty(ctx, actor.ID)
	if errors.Is(err, heed.ErrNotFound) {
		return nil, nil
	}
	return d, err
}

func (s *Service) duty(ctx context.Context, doing string, change func(heed.Tx) error) error {
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if err := change(tx); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
