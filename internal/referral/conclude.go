package referral

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
)

// HandleConclude is the handler of review.JobConclude: the duplicates of a closed report are concluded with it. Where a
// Department gave it an outcome, their reporters read that too. It may run again.
func (s *Service) HandleConclude(ctx context.Context, args []byte) error {
	var a review.ConcludeArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", review.JobConclude, err)
	}
	var latest *heed.Referral
	closed := false
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		latest = nil
		lead, err := tx.Report(ctx, a.Lead)
		if err != nil {
			return err
		}
		if closed = lead.State == heed.Closed; !closed {
			return nil // undone or reopened meanwhile
		}
		all, err := tx.Referrals(ctx, "", a.Lead, "", 200)
		for _, f := range all { // newest first
			if f.State == heed.ReferralConcluded {
				latest = f
				break
			}
		}
		return err
	})
	if errors.Is(err, heed.ErrNotFound) || err == nil && !closed {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find what became of a report: %w", err)
	}
	return s.concludeMembers(ctx, a.Lead, latest)
}

// maxMembers bounds how many duplicates are concluded with one report.
const maxMembers = 10_000

// concludeMembers tells the lead's outcome to the reporters of its duplicates, and concludes those. f is the Referral
// that gave the outcome; nil where none did.
func (s *Service) concludeMembers(ctx context.Context, lead heed.ID, f *heed.Referral) error {
	var members []*heed.Report
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		members, err = tx.Duplicates(ctx, lead, maxMembers)
		return err
	})
	if err != nil {
		return fmt.Errorf("list a report's duplicates: %w", err)
	}
	var wording map[string]string
	if f != nil {
		if answer, ok := s.cfg.Profile.Outcome(f.Outcome); ok {
			wording = answer.Wording
		}
	}
	for _, m := range members {
		if err := s.concludeMember(ctx, m.ID, lead, f, wording); err != nil {
			return fmt.Errorf("conclude a duplicate: %w", err)
		}
	}
	return nil
}

// concludeMember concludes one duplicate. One that was concluded with its lead before is told of a later outcome; one
// that left its lead is left alone.
func (s *Service) concludeMember(ctx context.Context, id, lead heed.ID, f *heed.Referral, wording map[string]string) error {
	var err error
	for range attempts {
		err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			r, err := tx.Report(ctx, id)
			if err != nil {
				return err
			}
			if r.Lead != lead || r.State != heed.Duplicate && r.State != heed.Closed {
				return nil
			}
			now := s.cfg.Now()
			if wording != nil {
				if err := s.tellMember(ctx, tx, r, f, wording, now); err != nil {
					return err
				}
			}
			if r.State == heed.Closed {
				return nil
			}
			return s.concludeReport(ctx, tx, r, now)
		})
		if !errors.Is(err, heed.ErrConflict) {
			return err
		}
	}
	return err
}

// tellMember tells one duplicate's reporter of the outcome, unless that happened before.
func (s *Service) tellMember(ctx context.Context, tx heed.Tx, r *heed.Report, f *heed.Referral, wording map[string]string, now time.Time) error {
	messages, err := tx.Messages(ctx, r.ID)
	if err != nil {
		return err
	}
	for _, m := range messages {
		if m.Kind == heed.Outcome && !m.At.Before(f.StateSince) {
			return nil
		}
	}
	if err := s.tell(ctx, tx, r, profile.In(wording, r.Language), now); err != nil {
		return err
	}
	l, err := audit.Leaf(audit.ReferralOutcome, "", r.ID, now, details{Referral: f.ID, Department: f.Department, State: f.State, Outcome: f.Outcome})
	if err != nil {
		return err
	}
	return tx.AddLeaf(ctx, l)
}

// concludeReport closes a report of which there is nothing more to tell.
func (s *Service) concludeReport(ctx context.Context, tx heed.Tx, r *heed.Report, now time.Time) error {
	next, err := r.State.Next(heed.EventConclude)
	if err != nil {
		return err
	}
	r.State, r.StateSince, r.ClosedAt = next, now, now
	review.RunClocks(r, now)
	if err := tx.UpdateReport(ctx, r); err != nil {
		return err
	}
	l, err := audit.Leaf(audit.ReportConcluded, "", r.ID, now, struct{}{})
	if err != nil {
		return err
	}
	if err := tx.AddLeaf(ctx, l); err != nil {
		return err
	}
	return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: review.EventReportChanged, Report: r.ID, List: r.List(), Category: r.Category})
}
