package review

import (
	"context"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
)

// Undo takes back the actor's own latest decision or question within ten seconds; the actor holds the report again. What
// a second person approved, what was erased and what was already prepared for a Department stays.
//
// It returns heed.ErrConflict where there is nothing that can be undone any more, heed.ErrForbidden where it is another's.
func (s *Service) Undo(ctx context.Context, actor *heed.Staff, id heed.ID) error {
	err := s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		all, err := tx.Dispositions(ctx, id)
		if err != nil {
			return act{}, err
		}
		if r.State == heed.NeedsInfo {
			return s.undoQuestion(ctx, tx, r, actor, all, now)
		}
		if len(all) == 0 {
			return act{}, tooLate()
		}
		d := all[len(all)-1]
		if err := s.cfg.Allow(actor, auth.ReportUndo, auth.Resource{By: d.By}); err != nil {
			return act{}, err
		}
		if now.Sub(d.At) > UndoLife || d.State != heed.Final && d.State != heed.Pending {
			return act{}, tooLate()
		}
		from := d.State
		if d.Kind == heed.Erase { // nothing has happened yet
			d.State = heed.Undone
			details := &dispositionDetails{Disposition: d.ID, Kind: d.Kind, State: d.State}
			return act{name: audit.ReportUndone, actor: actor.ID, details: details}, tx.DecideDisposition(ctx, d, from)
		}
		if err := s.revert(ctx, tx, r, d, now); err != nil {
			return act{}, err
		}
		d.State = heed.Undone
		if err := tx.DecideDisposition(ctx, d, from); err != nil {
			return act{}, err
		}
		return s.retake(ctx, tx, r, actor, all[:len(all)-1], d.At, now, &dispositionDetails{Disposition: d.ID, Kind: d.Kind, State: d.State})
	})
	if err != nil {
		return fmt.Errorf("undo a decision: %w", err)
	}
	return nil
}

func tooLate() error { return fmt.Errorf("nothing can be undone any more: %w", heed.ErrConflict) }

// revert takes back what apply did.
func (s *Service) revert(ctx context.Context, tx heed.Tx, r *heed.Report, d *heed.Disposition, now time.Time) error {
	was := r.State
	if d.Kind == heed.LinkDuplicate && was != heed.Duplicate {
		return tooLate() // concluded with its lead
	}
	if err := move(r, heed.EventUndo, now); err != nil {
		return err
	}
	r.ClosedAt = time.Time{}
	switch was {
	case heed.Duplicate:
		return s.part(ctx, tx, r, d.By, now)
	case heed.Referred:
		f, err := referralOf(ctx, tx, d)
		if err != nil {
			return err
		}
		if f.State != heed.ReferralPreparing {
			return tooLate()
		}
		return s.cancel(ctx, tx, r, f, now)
	}
	return nil
}

// undoQuestion takes the report back from waiting for its reporter. The question stays in the mailbox: it may have been read.
func (s *Service) undoQuestion(ctx context.Context, tx heed.Tx, r *heed.Report, actor *heed.Staff, before []*heed.Disposition, now time.Time) (act, error) {
	messages, err := tx.Messages(ctx, r.ID)
	if err != nil {
		return act{}, err
	}
	if len(messages) == 0 || messages[len(messages)-1].Kind != heed.Question {
		return act{}, tooLate()
	}
	question := messages[len(messages)-1]
	if err := s.cfg.Allow(actor, auth.ReportUndo, auth.Resource{By: question.Author}); err != nil {
		return act{}, err
	}
	if now.Sub(question.At) > UndoLife {
		return act{}, tooLate()
	}
	if err := move(r, heed.EventUndo, now); err != nil {
		return act{}, err
	}
	return s.retake(ctx, tx, r, actor, before, question.At, now, messageDetails{question.ID})
}

// retake gives the report back to who undid, with the clocks as the earlier decisions left them.
func (s *Service) retake(ctx context.Context, tx heed.Tx, r *heed.Report, actor *heed.Staff, before []*heed.Disposition, decision, now time.Time, details any) (act, error) {
	r.ClaimedBy, r.ClaimedUntil = actor.ID, now.Add(ClaimLife)
	if r.ClaimFrom == "" {
		r.ClaimFrom = heed.Queued
	}
	decidedBefore := false
	for _, d := range before {
		decidedBefore = decidedBefore || d.State != heed.Undone
	}
	messages, err := tx.Messages(ctx, r.ID)
	if err != nil {
		return act{}, err
	}
	for _, m := range messages {
		decidedBefore = decidedBefore || m.Kind == heed.Question
	}
	restore(r, s.cfg.Profile.Deadlines, decidedBefore, decision, now)
	return act{name: audit.ReportUndone, actor: actor.ID, details: details}, nil
}
