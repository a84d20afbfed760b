package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
)

// SetUrgency raises or lowers the urgency; lowering needs a reason. What a person set, the machine never lowers.
//
// It returns *heed.Problem for an unknown urgency or a missing reason, *ClaimedError where somebody else is at work on it,
// heed.ErrConflict where the report is not open.
func (s *Service) SetUrgency(ctx context.Context, actor *heed.Staff, id heed.ID, to heed.Urgency, reason string) error {
	if err := s.cfg.Allow(actor, auth.ReportUrgency, auth.Resource{}); err != nil {
		return err
	}
	if !slices.Contains(heed.Urgencies[:], to) {
		return problem("urgency", "urgency-unknown")
	}
	if reason != "" {
		if err := CheckReason("reason", reason); err != nil {
			return err
		}
	}
	keys, err := s.keysFor(ctx, actor, id)
	if err != nil {
		return fmt.Errorf("set a report's urgency: %w", err)
	}
	err = s.changeBy(ctx, actor, id, func(_ heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if err := correctable(r, actor, now); err != nil {
			return act{}, err
		}
		if to.Rank() > r.Urgency.Rank() && reason == "" {
			return act{}, problem("reason", "reason-missing")
		}
		details := urgencyDetails{From: r.Urgency, To: to}
		r.Urgency, r.UrgencyBy = to, actor.ID
		return act{name: audit.ReportUrgency, actor: actor.ID, details: details, reason: reason, keys: &keys}, nil
	})
	if err != nil {
		return fmt.Errorf("set a report's urgency: %w", err)
	}
	return nil
}

type categoryDetails struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// SetCategory corrects the category. Who is not to know of the new one gives the report away with it, and the Claim back.
// Errors as SetUrgency.
func (s *Service) SetCategory(ctx context.Context, actor *heed.Staff, id heed.ID, to string) error {
	if err := s.cfg.Allow(actor, auth.ReportCategory, auth.Resource{}); err != nil {
		return err
	}
	if _, ok := s.cfg.Profile.Category(to); !ok {
		return problem("category", "category-unknown")
	}
	err := s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if err := correctable(r, actor, now); err != nil {
			return act{}, err
		}
		details := categoryDetails{From: r.Category, To: to}
		// Who is limited to what it was is told that it left their lists.
		if err := tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: EventReportChanged, Report: id, List: r.List(), Category: r.Category}); err != nil {
			return act{}, err
		}
		r.Category = to
		if r.State == heed.InReview && s.knows(actor, r) != nil { // they gave it away
			if err := s.giveBack(ctx, tx, r, now); err != nil {
				return act{}, err
			}
		}
		return act{name: audit.ReportCategory, actor: actor.ID, details: details}, nil
	})
	if err != nil {
		return fmt.Errorf("set a report's category: %w", err)
	}
	return nil
}

// correctable refuses where the report is over, or in somebody else's hands.
func correctable(r *heed.Report, actor *heed.Staff, now time.Time) error {
	if !r.State.Open() {
		return fmt.Errorf("a report that is %s: %w", r.State, heed.ErrConflict)
	}
	return free(r, actor, now)
}

// Reopen takes a closed report up again, with a reason. Its clocks still count from its receipt.
//
// It returns *heed.Problem for a missing reason, heed.ErrConflict where the report is not closed, heed.ErrGone where it
// is erased.
func (s *Service) Reopen(ctx context.Context, actor *heed.Staff, id heed.ID, reason string) error {
	if err := s.cfg.Allow(actor, auth.ReportReopen, auth.Resource{}); err != nil {
		return err
	}
	if err := CheckReason("reason", reason); err != nil {
		return err
	}
	keys, err := s.keysFor(ctx, actor, id)
	if err != nil {
		return fmt.Errorf("reopen a report: %w", err)
	}
	err = s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if err := move(r, heed.EventReopen, now); err != nil {
			return act{}, err
		}
		if r.Lead != "" { // it was concluded as a duplicate and is now looked at by itself
			if err := s.part(ctx, tx, r, actor.ID, now); err != nil {
				return act{}, err
			}
		}
		r.ClosedAt = time.Time{}
		resume(r, s.cfg.Profile.Deadlines, true, now)
		return act{name: audit.ReportReopened, actor: actor.ID, reason: reason, keys: &keys}, nil
	})
	if err != nil {
		return fmt.Errorf("reopen a report: %w", err)
	}
	return nil
}
