package referral

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/review"
)

// GiveUpPreparing is what follows when review.JobPrepare failed for the last time, whatever the cause: the report comes
// back to the queue.
func (s *Service) GiveUpPreparing(ctx context.Context, args []byte, _ error) error {
	var a review.ReferralArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", review.JobPrepare, err)
	}
	return s.giveBack(ctx, a.Referral)
}

// giveBack cancels a Referral of which no package could be made. Its report is returned with its clocks running, and a
// lead is told at once: nobody else knows that it never left. A Referral that was prepared or cancelled meanwhile is left
// as it is.
func (s *Service) giveBack(ctx context.Context, id heed.ID) error {
	var err error
	for range attempts {
		err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return s.giveBackOnce(ctx, tx, id, s.cfg.Now()) })
		if !errors.Is(err, heed.ErrConflict) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("give a referral back: %w", err)
	}
	return nil
}

func (s *Service) giveBackOnce(ctx context.Context, tx heed.Tx, id heed.ID, now time.Time) error {
	f, err := tx.Referral(ctx, id)
	if err != nil || f.State != heed.ReferralPreparing {
		return err
	}
	r, err := tx.Report(ctx, f.Report)
	if err != nil {
		return err
	}
	f.State, f.StateSince = heed.ReferralCancelled, now
	next, closed := r.State.Next(heed.EventReturn)
	if closed == nil {
		r.State, r.StateSince = next, now
		review.Resume(r, s.cfg.Profile.Deadlines, now)
		if r.Handed, err = review.Handed(ctx, tx, r.ID, f.ID); err != nil {
			return err
		}
	}
	if err := takeBack(ctx, tx, f, now); err != nil {
		return err
	}
	if err := s.record(ctx, tx, audit.ReferralCancelled, "", f, r, closed == nil, now); err != nil || closed != nil {
		return err
	}
	level := 100
	if r.Urgency == heed.Immediate {
		level = 150
	}
	return review.Alarm(ctx, tx, r, level, now)
}

// takeBack takes the decision back that waits for an approval afterwards: nothing has left.
func takeBack(ctx context.Context, tx heed.DispositionTx, f *heed.Referral, now time.Time) error {
	d, err := tx.Disposition(ctx, f.Disposition)
	if err != nil || d.State != heed.Pending {
		return err
	}
	d.State, d.SecondAt = heed.Undone, now
	return tx.DecideDisposition(ctx, d, heed.Pending)
}
