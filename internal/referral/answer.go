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
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// JobTell tells an outcome to the reporters of a report's duplicates and then concludes them and the report. Its args are
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
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		f, err = tx.Referral(ctx, a.Referral)
		return err
	})
	if err != nil {
		return fmt.Errorf("find whom to tell: %w", err)
	}
	if err := s.concludeMembers(ctx, f.Report, f); err != nil {
		return err
	}
	return s.conclude(ctx, f.Report)
}

// conclude closes a report whose outcome was told.
func (s *Service) conclude(ctx context.Context, report heed.ID) error {
	var err error
	for range attempts {
		err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			r, err := tx.Report(ctx, report)
			if err != nil || r.State != heed.OutcomeGiven {
				return err // concluded before, or erased meanwhile
			}
			return s.concludeReport(ctx, tx, r, s.cfg.Now())
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
