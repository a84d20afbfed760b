package referral

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// JobTell tells an outcome to the reporters of a report's duplicates and then concludes the report. Its args are
// review.ReferralArgs.
const JobTell = "tell-outcome"

// step checks that the actor may act and moves the Referral and its Report.
func (s *Service) step(actor *heed.Staff, action auth.Action, f *heed.Referral, r *heed.Report, from []heed.ReferralState, to heed.ReferralState, e heed.Event, now time.Time) error {
	if err := s.cfg.Allow(actor, action, auth.Resource{Department: f.Department}); err != nil {
		return err
	}
	if !slices.Contains(from, f.State) {
		return &StateError{f.State}
	}
	next, err := r.State.Next(e)
	if err != nil {
		return err
	}
	f.State, f.StateSince = to, now
	r.State, r.StateSince = next, now
	return nil
}

// Accept says that the Department takes the report on.
//
// It returns heed.ErrForbidden where it is another Department's, *StateError or *heed.TransitionError where it is not open.
func (s *Service) Accept(ctx context.Context, actor *heed.Staff, id heed.ID) error {
	err := s.change(ctx, id, audit.ReferralAccepted, staffID(actor), func(_ heed.Tx, f *heed.Referral, r *heed.Report, now time.Time) (bool, error) {
		from := []heed.ReferralState{heed.ReferralReady, heed.ReferralDownloaded}
		return true, s.step(actor, auth.ReferralAccept, f, r, from, heed.ReferralAccepted, heed.EventAccept, now)
	})
	if err != nil {
		return fmt.Errorf("accept a referral: %w", err)
	}
	return nil
}

// Return gives the report back to the line with a reason; it returns to the queue, and our copy of the package goes.
//
// It returns *heed.Problem for a missing reason; else as Accept.
func (s *Service) Return(ctx context.Context, actor *heed.Staff, id heed.ID, reason string) error {
	if err := review.CheckReason("reason", reason); err != nil {
		return err
	}
	err := s.change(ctx, id, audit.ReferralReturned, staffID(actor), func(tx heed.Tx, f *heed.Referral, r *heed.Report, now time.Time) (bool, error) {
		from := []heed.ReferralState{heed.ReferralReady, heed.ReferralDownloaded, heed.ReferralAccepted}
		if err := s.step(actor, auth.ReferralReturn, f, r, from, heed.ReferralReturned, heed.EventReturn, now); err != nil {
			return false, err
		}
		keys, err := s.keys(ctx, tx, f.Report)
		if err != nil {
			return false, err
		}
		if f.SealedReason, err = (review.Reason{Text: reason}).Seal(keys.Data, s.cfg.Line, f.Report, f.ID); err != nil {
			return false, err
		}
		review.Resume(r, s.cfg.Profile.Deadlines, now)
		if f.Blob == "" {
			return true, nil
		}
		packed := f.Blob
		f.Blob = ""
		return true, review.DeleteBlobs(ctx, tx, []string{packed})
	})
	if err != nil {
		return fmt.Errorf("return a referral: %w", err)
	}
	return nil
}

// Outcome tells what became of an accepted report: the reporter reads the profile's approved wording in the report's
// language, and so do the reporters of its duplicates soon after.
//
// It returns *heed.Problem for an unknown outcome; else as Accept.
func (s *Service) Outcome(ctx context.Context, actor *heed.Staff, id heed.ID, outcome string) error {
	answer, ok := s.cfg.Profile.Outcome(outcome)
	if !ok {
		return &heed.Problem{Field: "outcome", Code: "outcome-unknown"}
	}
	err := s.change(ctx, id, audit.ReferralOutcome, staffID(actor), func(tx heed.Tx, f *heed.Referral, r *heed.Report, now time.Time) (bool, error) {
		from := []heed.ReferralState{heed.ReferralAccepted}
		if err := s.step(actor, auth.ReferralOutcome, f, r, from, heed.ReferralConcluded, heed.EventOutcome, now); err != nil {
			return false, err
		}
		f.Outcome = outcome
		if err := s.tell(ctx, tx, r, answer.Wording.In(r.Language), now); err != nil {
			return false, err
		}
		args, err := json.Marshal(review.ReferralArgs{Referral: f.ID})
		if err != nil {
			return false, fmt.Errorf("encode a job: %w", err)
		}
		return true, tx.Enqueue(ctx, heed.Job{Kind: JobTell, Args: args})
	})
	if err != nil {
		return fmt.Errorf("give an outcome: %w", err)
	}
	return nil
}

// tell puts an outcome's words into a report's mailbox.
func (s *Service) tell(ctx context.Context, tx heed.Tx, r *heed.Report, words string, now time.Time) error {
	keys, err := s.keys(ctx, tx, r.ID)
	if err != nil {
		return err
	}
	m := &heed.Message{ID: heed.NewID(now), Report: r.ID, Kind: heed.Outcome, At: now}
	m.Sealed = keys.Mailbox.Seal(seal.MessagePlace(s.cfg.Line, r.ID, m.ID), []byte(words))
	return tx.AddMessage(ctx, m)
}

// HandleTell is the handler of JobTell. It may run again: who was told is not told twice.
func (s *Service) HandleTell(ctx context.Context, args []byte) error {
	var a review.ReferralArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobTell, err)
	}
	var f *heed.Referral
	var members []*heed.Report
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		if f, err = tx.Referral(ctx, a.Referral); err != nil {
			return err
		}
		members, err = tx.Duplicates(ctx, f.Report, maxMembers)
		return err
	})
	if err != nil {
		return fmt.Errorf("find whom to tell: %w", err)
	}
	answer, ok := s.cfg.Profile.Outcome(f.Outcome)
	if ok {
		for _, m := range members {
			if err := s.tellMember(ctx, m.ID, f, answer.Wording); err != nil {
				return fmt.Errorf("tell a duplicate's reporter: %w", err)
			}
		}
	}
	return s.conclude(ctx, f.Report)
}

// maxMembers bounds how many duplicates' reporters are told of one outcome.
const maxMembers = 10_000

// tellMember tells the reporter of one duplicate, unless that happened before or the report is gone.
func (s *Service) tellMember(ctx context.Context, id heed.ID, f *heed.Referral, wording map[string]string) error {
	return s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		r, err := tx.Report(ctx, id)
		if err != nil {
			return err
		}
		if r.State != heed.Duplicate {
			return nil
		}
		messages, err := tx.Messages(ctx, id)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if m.Kind == heed.Outcome && !m.At.Before(f.StateSince) {
				return nil
			}
		}
		now := s.cfg.Now()
		if err := s.tell(ctx, tx, r, profile.In(wording, r.Language), now); err != nil {
			return err
		}
		l, err := audit.Leaf(audit.ReferralOutcome, "", id, now, details{Referral: f.ID, Department: f.Department, State: f.State, Outcome: f.Outcome})
		if err != nil {
			return err
		}
		return tx.AddLeaf(ctx, l)
	})
}

// conclude closes a report whose outcome was told.
func (s *Service) conclude(ctx context.Context, report heed.ID) error {
	var err error
	for range attempts {
		err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			now := s.cfg.Now()
			r, err := tx.Report(ctx, report)
			if err != nil {
				return err
			}
			next, err := r.State.Next(heed.EventConclude)
			if err != nil {
				return nil // concluded before, or erased meanwhile
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
			return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: review.EventReportChanged, Report: r.ID, List: r.List()})
		})
		if !errors.Is(err, heed.ErrConflict) {
			break
		}
	}
	if err != nil {
		return fmt.Errorf("conclude a report: %w", err)
	}
	return nil
}
