package review

import (
	"context"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
)

// ClaimLife is how long a Claim lasts unless renewed.
const ClaimLife = 10 * time.Minute

// Claim takes the report for the actor, or renews the actor's own Claim.
//
// It returns *ClaimedError where somebody else holds it, heed.ErrConflict where it can't be claimed from its state.
func (s *Service) Claim(ctx context.Context, actor *heed.Staff, id heed.ID) error {
	if err := s.cfg.Allow(actor, auth.ReportClaim, auth.Resource{}); err != nil {
		return err
	}
	err := s.changeBy(ctx, actor, id, func(_ heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if err := s.hold(r, actor, now); err != nil {
			return act{}, err
		}
		return act{name: audit.ReportClaimed, actor: actor.ID}, nil
	})
	if err != nil {
		return fmt.Errorf("claim a report: %w", err)
	}
	return nil
}

// hold makes sure that the actor holds the report: it takes a free one, renews the actor's own Claim and takes over one
// that lapsed.
func (s *Service) hold(r *heed.Report, actor *heed.Staff, now time.Time) error {
	if r.State == heed.InReview {
		if r.ClaimedBy != actor.ID && r.ClaimedUntil.After(now) {
			return &ClaimedError{By: r.ClaimedBy, Until: r.ClaimedUntil}
		}
	} else {
		from := r.State
		if err := move(r, heed.EventClaim, now); err != nil {
			return err
		}
		r.ClaimFrom = from
	}
	r.ClaimedBy, r.ClaimedUntil = actor.ID, now.Add(ClaimLife)
	return nil
}

// free refuses an act on a report that somebody else is at work on.
func free(r *heed.Report, actor *heed.Staff, now time.Time) error {
	if r.State == heed.InReview && r.ClaimedBy != actor.ID && r.ClaimedUntil.After(now) {
		return &ClaimedError{By: r.ClaimedBy, Until: r.ClaimedUntil}
	}
	return nil
}

// move takes the report to where the event leads. *heed.TransitionError: nowhere.
func move(r *heed.Report, e heed.Event, now time.Time) error {
	to, err := r.State.Next(e)
	if err != nil {
		return err
	}
	r.State, r.StateSince = to, now
	return nil
}

// unclaim ends the Claim. ClaimFrom stays: an undone decision gives the report back to where it was claimed from.
func unclaim(r *heed.Report) { r.ClaimedBy, r.ClaimedUntil = "", time.Time{} }

// Release gives the actor's own Claim back.
//
// It returns *ClaimedError where somebody else holds it, heed.ErrConflict where nobody does.
func (s *Service) Release(ctx context.Context, actor *heed.Staff, id heed.ID) error {
	if err := s.cfg.Allow(actor, auth.ReportClaim, auth.Resource{}); err != nil {
		return err
	}
	err := s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if r.State == heed.InReview && r.ClaimedBy != actor.ID {
			return act{}, &ClaimedError{By: r.ClaimedBy, Until: r.ClaimedUntil}
		}
		if err := s.giveBack(ctx, tx, r, now); err != nil {
			return act{}, err
		}
		return act{name: audit.ReportReleased, actor: actor.ID}, nil
	})
	if err != nil {
		return fmt.Errorf("release a report: %w", err)
	}
	return nil
}

// giveBack returns a claimed report to the list from which it was taken; one that waited for its reporter and was
// answered meanwhile goes to the queue. In the queue's place is quarantine where no copy can be made of one of its files.
func (s *Service) giveBack(ctx context.Context, tx heed.Tx, r *heed.Report, now time.Time) error {
	event := heed.EventRelease
	switch r.ClaimFrom {
	case heed.SetAside:
		event = heed.EventSetAside
	case heed.RefusalProposed:
		event = heed.EventPropose
	case heed.Quarantine:
		event = heed.EventQuarantine
	case heed.NeedsInfo, heed.Held:
		answered, err := answeredSince(ctx, tx, r.ID, r.StateSince)
		if err != nil {
			return err
		}
		if !answered && r.ClaimFrom == heed.NeedsInfo {
			event = heed.EventAsk
		} else if !answered {
			event = heed.EventHold
		}
	}
	if r.State != heed.InReview {
		return &heed.TransitionError{From: r.State, Event: heed.EventRelease}
	}
	var err error
	if event == heed.EventRelease {
		err = backToQueue(ctx, tx, r, event, now)
	} else {
		err = move(r, event, now)
	}
	if err != nil {
		return err
	}
	unclaim(r)
	r.ClaimFrom = ""
	return nil
}

func answeredSince(ctx context.Context, tx heed.MessageTx, id heed.ID, since time.Time) (bool, error) {
	messages, err := tx.Messages(ctx, id)
	if err != nil {
		return false, err
	}
	for _, m := range messages {
		if m.Kind.FromReporter() && !m.At.Before(since) {
			return true, nil
		}
	}
	return false, nil
}
