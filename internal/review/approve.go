package review

import (
	"context"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
)

// pending finds the report's Disposition that waits for a second person. heed.ErrConflict: none does.
func pending(ctx context.Context, tx heed.DispositionTx, r *heed.Report) (*heed.Disposition, error) {
	all, err := tx.Dispositions(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].State == heed.Pending && !lapsed(r, all[i]) {
			return all[i], nil
		}
	}
	return nil, fmt.Errorf("nothing waits for a second person: %w", heed.ErrConflict)
}

// second is the Disposition that waits, if the actor may be its second person: never who decided.
func (s *Service) second(ctx context.Context, tx heed.Tx, actor *heed.Staff, r *heed.Report, action auth.Action) (*heed.Disposition, error) {
	d, err := pending(ctx, tx, r)
	if err != nil {
		return nil, err
	}
	if err := s.cfg.Allow(actor, action, auth.Resource{By: d.By}); err != nil {
		return nil, err
	}
	if d.By == actor.ID {
		return nil, fmt.Errorf("one's own decision: %w", heed.ErrForbidden)
	}
	who := on(r)
	who.By = d.By
	return d, auth.AsSecond(ctx, tx, actor, action, who, nil, s.cfg.Now())
}

// stands refuses where the report no longer waits for the decision: it was withdrawn meanwhile. A Referral that has
// already left is approved or declined wherever its report is, and so is an erasure, which waits in no list.
func stands(r *heed.Report, d *heed.Disposition, e heed.Event) error {
	if d.Kind != heed.Erase && d.ApproveBy.IsZero() && r.State != heed.PendingApproval {
		return &heed.TransitionError{From: r.State, Event: e}
	}
	return nil
}

// Approve is the second person's yes; the decision takes effect, or, for a Referral that has already left, stands.
//
// It returns heed.ErrForbidden to whoever decided, heed.ErrConflict where nothing waits, *heed.Problem where the
// Department can't receive any more.
func (s *Service) Approve(ctx context.Context, actor *heed.Staff, id heed.ID) error {
	keys, err := s.keysFor(ctx, actor, id)
	if err != nil {
		return fmt.Errorf("approve a decision: %w", err)
	}
	err = s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		d, err := s.second(ctx, tx, actor, r, auth.ReportApprove)
		if err != nil {
			return act{}, err
		}
		if d.Kind == heed.Erase {
			return s.eraseKept(ctx, tx, r, d, actor, now)
		}
		details := &dispositionDetails{Disposition: d.ID, Kind: d.Kind, State: heed.Approved, Department: d.Department, Lead: d.Lead}
		if err := stands(r, d, heed.EventRefer); err != nil {
			return act{}, err
		}
		if d.ApproveBy.IsZero() {
			if err := s.receives(d); err != nil {
				return act{}, err
			}
			if err := s.apply(ctx, tx, r, d, &keys, details, now, now); err != nil {
				return act{}, err
			}
		}
		d.State, d.SecondBy, d.SecondAt = heed.Approved, actor.ID, now
		if err := tx.DecideDisposition(ctx, d, heed.Pending); err != nil {
			return act{}, err
		}
		return act{name: audit.ReportApproved, actor: actor.ID, details: details}, nil
	})
	if err != nil {
		return fmt.Errorf("approve a decision: %w", err)
	}
	return nil
}

// Decline is the second person's no, with a reason; the report returns to the queue. A Referral that has left but that
// the Department has not fetched is called back; a fetched one stays where it is, and the no stands in the audit.
//
// It returns *heed.Problem for a missing reason, heed.ErrForbidden to whoever decided, heed.ErrConflict where nothing waits.
func (s *Service) Decline(ctx context.Context, actor *heed.Staff, id heed.ID, reason string) error {
	if err := CheckReason("reason", reason); err != nil {
		return err
	}
	keys, err := s.keysFor(ctx, actor, id)
	if err != nil {
		return fmt.Errorf("decline a decision: %w", err)
	}
	err = s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		d, err := s.second(ctx, tx, actor, r, auth.ReportDecline)
		if err != nil {
			return act{}, err
		}
		if err := stands(r, d, heed.EventDecline); err != nil {
			return act{}, err
		}
		switch {
		case d.Kind == heed.Erase: // the report stays where it is, and kept
		case d.ApproveBy.IsZero():
			err = backToQueue(ctx, tx, r, heed.EventDecline, now)
		default:
			err = s.callBack(ctx, tx, r, d, now)
		}
		if err != nil {
			return act{}, err
		}
		d.State, d.SecondBy, d.SecondAt = heed.Declined, actor.ID, now
		if err := tx.DecideDisposition(ctx, d, heed.Pending); err != nil {
			return act{}, err
		}
		details := &dispositionDetails{Disposition: d.ID, Kind: d.Kind, State: heed.Declined, Department: d.Department}
		return act{name: audit.ReportDeclined, actor: actor.ID, details: details, reason: reason, keys: &keys}, nil
	})
	if err != nil {
		return fmt.Errorf("decline a decision: %w", err)
	}
	return nil
}

// callBack cancels the Disposition's Referral where the Department has not fetched it, and returns the report.
func (s *Service) callBack(ctx context.Context, tx heed.Tx, r *heed.Report, d *heed.Disposition, now time.Time) error {
	f, err := referralOf(ctx, tx, d)
	if err != nil {
		return err
	}
	if f.State != heed.ReferralPreparing && f.State != heed.ReferralReady {
		return nil
	}
	if err := s.cancel(ctx, tx, r, f, now); err != nil {
		return err
	}
	if err := move(r, heed.EventReturn, now); err != nil {
		return err
	}
	resume(r, s.cfg.Profile.Deadlines, true, now)
	return nil
}

// referralOf finds the Referral that a Disposition made.
func referralOf(ctx context.Context, tx heed.ReferralTx, d *heed.Disposition) (*heed.Referral, error) {
	all, err := tx.Referrals(ctx, "", d.Report, "", 200)
	if err != nil {
		return nil, err
	}
	for _, f := range all {
		if f.Disposition == d.ID {
			return f, nil
		}
	}
	return nil, fmt.Errorf("the disposition's referral: %w", heed.ErrNotFound)
}

// cancel ends a Referral before its Department has it; a package that lies ready is deleted.
func (s *Service) cancel(ctx context.Context, tx heed.Tx, r *heed.Report, f *heed.Referral, now time.Time) (err error) {
	blob := f.Blob
	f.State, f.StateSince, f.Blob = heed.ReferralCancelled, now, ""
	if err := tx.UpdateReferral(ctx, f); err != nil {
		return err
	}
	if r.Handed, err = Handed(ctx, tx, r.ID, f.ID); err != nil {
		return err
	}
	if err := tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: "referral.changed", Report: f.Report, List: heed.ListReferred, To: f.Department, Category: r.Category}); err != nil {
		return err
	}
	if blob == "" {
		return nil
	}
	return DeleteBlobs(ctx, tx, []string{blob})
}
