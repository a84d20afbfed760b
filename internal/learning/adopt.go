package learning

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
)

// modelDetails is in the leaf of what becomes of a model.
type modelDetails struct {
	Model   heed.ID `json:"model"`
	Version string  `json:"version"`
	SHA256  string  `json:"sha256"`
	// First is who proposed it, in the leaf of the second person; To by what the line screens from then on, where that changes.
	First heed.ID `json:"first,omitempty"`
	To    string  `json:"to,omitempty"`
}

func detailsOf(m *heed.LineModel) modelDetails {
	return modelDetails{Model: m.ID, Version: m.Version, SHA256: fmt.Sprintf("%x", m.SHA256)}
}

// Models lists the line's own models, newest first.
func (s *Service) Models(ctx context.Context, actor *heed.Staff) (all []*heed.LineModel, err error) {
	if err := s.cfg.Allow(actor, auth.ModelSee, auth.Resource{}); err != nil {
		return nil, err
	}
	return s.List(ctx)
}

// List is Models for the operator on the machine itself.
func (s *Service) List(ctx context.Context) (all []*heed.LineModel, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		all, err = tx.Models(ctx, 0)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the line's models: %w", err)
	}
	return all, nil
}

// Figures are those of a model that is offered, proposed, adopted or of before, without the ids of what it learned from, for who may see
// them: of its replay the changes that the actor may know of, by category, and none to who reads neither reports nor the audit. Who may
// decide about a report isn't told what a machine says of it before somebody did: it may be one that is read blind.
//
// heed.ErrGone: it ended. heed.ErrSealed: it is damaged.
func (s *Service) Figures(ctx context.Context, actor *heed.Staff, id heed.ID) (*Figures, error) {
	if err := s.cfg.Allow(actor, auth.ModelSee, auth.Resource{}); err != nil {
		return nil, err
	}
	var f *Figures
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		f, err = s.figures(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	f.Learned = nil
	shown := f.Replay.Changes[:0]
	for _, c := range f.Replay.Changes {
		reads := s.cfg.Allow(actor, auth.ReportRead, auth.Resource{Report: c.Report, Category: c.Of}) == nil
		if reads && !c.Undecided || !reads && s.cfg.Allow(actor, auth.AuditRead, auth.Resource{}) == nil {
			shown = append(shown, c)
		}
	}
	f.Replay.Changes = shown
	return f, nil
}

func (s *Service) figures(ctx context.Context, tx heed.ModelTx, id heed.ID) (*Figures, error) {
	held, err := tx.ModelFile(ctx, id)
	if err != nil {
		return nil, err
	}
	_, sealed, err := seal.OpenModel(s.cfg.Content, s.cfg.Line, id, held)
	if err != nil {
		return nil, fmt.Errorf("open a model's figures: %w", err)
	}
	f := &Figures{}
	if err := json.Unmarshal(sealed, f); err != nil {
		return nil, fmt.Errorf("read a model's figures: %w", heed.ErrSealed)
	}
	return f, nil
}

// Propose is one person's word for a model that was offered.
//
// It returns heed.ErrForbidden, heed.ErrNotFound, heed.ErrConflict where it isn't offered any more, and a *heed.Problem where it
// was compared with another model than the one in use.
func (s *Service) Propose(ctx context.Context, actor *heed.Staff, id heed.ID) error {
	if err := s.cfg.Allow(actor, auth.ModelPropose, auth.Resource{}); err != nil {
		return err
	}
	err := s.move(ctx, id, heed.ModelOffered, func(tx heed.Tx, m *heed.LineModel, now time.Time) error {
		if err := s.fits(ctx, tx, m); err != nil {
			return err
		}
		m.State, m.ProposedBy, m.ProposedAt = heed.ModelProposed, actor.ID, now
		if err := tx.MoveModel(ctx, m, heed.ModelOffered); err != nil {
			return err
		}
		return leaf(ctx, tx, audit.ModelProposed, actor.ID, now, detailsOf(m))
	})
	if err != nil {
		return fmt.Errorf("propose a model: %w", err)
	}
	return nil
}

// Approve is the second person's word: the line screens by the model from then on, every process of it within seconds. The one that it
// takes the place of stays for a rollback; what is older ends.
//
// Errors as Propose; heed.ErrForbidden also to who proposed it, heed.ErrSealed where it can't be opened.
func (s *Service) Approve(ctx context.Context, actor *heed.Staff, id heed.ID) error {
	err := s.move(ctx, id, heed.ModelProposed, func(tx heed.Tx, m *heed.LineModel, now time.Time) error {
		if err := s.second(ctx, tx, actor, m); err != nil {
			return err
		}
		if err := s.fits(ctx, tx, m); err != nil {
			return err
		}
		if err := s.whole(ctx, tx, m); err != nil {
			return err
		}
		if err := s.makeRoom(ctx, tx, m, now); err != nil {
			return err
		}
		m.State, m.SecondBy, m.SecondAt = heed.ModelAdopted, actor.ID, now.UTC().Truncate(time.Millisecond)
		seal.SignModel(s.cfg.Audit, s.cfg.Line, m)
		if err := tx.MoveModel(ctx, m, heed.ModelProposed); err != nil {
			return err
		}
		if err := refit(ctx, tx); err != nil {
			return err
		}
		details := detailsOf(m)
		details.First, details.To = m.ProposedBy, m.Version
		return leaf(ctx, tx, audit.ModelAdopted, actor.ID, now, details)
	})
	if err != nil {
		return fmt.Errorf("approve a model: %w", err)
	}
	return s.Refresh(ctx)
}

// Decline is the second person's no. The model ends.
//
// Errors as Approve's.
func (s *Service) Decline(ctx context.Context, actor *heed.Staff, id heed.ID) error {
	err := s.move(ctx, id, heed.ModelProposed, func(tx heed.Tx, m *heed.LineModel, now time.Time) error {
		if err := s.second(ctx, tx, actor, m); err != nil {
			return err
		}
		m.SecondBy, m.SecondAt = actor.ID, now
		if err := s.end(ctx, tx, m, heed.EndDeclined, now); err != nil {
			return err
		}
		details := detailsOf(m)
		details.First = m.ProposedBy
		return leaf(ctx, tx, audit.ModelDeclined, actor.ID, now, details)
	})
	if err != nil {
		return fmt.Errorf("decline a model: %w", err)
	}
	return nil
}

// second refuses whoever may not be the model's second person: above all who proposed it.
func (s *Service) second(ctx context.Context, tx heed.Tx, actor *heed.Staff, m *heed.LineModel) error {
	return s.other(ctx, tx, actor, m.ProposedBy)
}

// other refuses whoever may not be the second person after first.
func (s *Service) other(ctx context.Context, tx heed.Tx, actor *heed.Staff, first heed.ID) error {
	on := auth.Resource{By: first}
	if err := s.cfg.Allow(actor, auth.ModelDecide, on); err != nil {
		return err
	}
	if first == actor.ID {
		return fmt.Errorf("one's own proposal: %w", heed.ErrForbidden)
	}
	return auth.AsSecond(ctx, tx, actor, auth.ModelDecide, on, nil, s.cfg.Now())
}

// refit has the threshold of what is set aside fitted to the scores of the model from now on: till then nothing is.
func refit(ctx context.Context, tx heed.JobTx) error {
	return tx.Enqueue(ctx, heed.Job{Kind: review.JobCalibrate, Queue: heed.QueueTimer})
}

// makeRoom makes the adopted model the former one, and ends all others but m.
func (s *Service) makeRoom(ctx context.Context, tx heed.Tx, m *heed.LineModel, now time.Time) error {
	all, err := tx.Models(ctx, 0)
	if err != nil {
		return err
	}
	for _, other := range all {
		switch {
		case other.ID == m.ID || other.State == heed.ModelEnded:
		case other.State == heed.ModelAdopted:
			other.State = heed.ModelFormer
			err = tx.MoveModel(ctx, other, heed.ModelAdopted)
		default:
			err = s.replace(ctx, tx, other, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fits refuses a model that was trained beside other rules, or compared with another model than the one in use: what was said of it is
// true no longer.
func (s *Service) fits(ctx context.Context, tx heed.ModelTx, m *heed.LineModel) error {
	against := screening.Shipped().Version
	now, err := adopted(ctx, tx)
	if err != nil {
		return err
	}
	if now != nil {
		fault, err := s.fault(ctx, tx, now)
		if err != nil {
			return err
		}
		if fault == "" {
			against = now.Version
		}
	}
	if m.Base != screening.ShippedVersion() || m.Against != against {
		return &heed.Problem{Code: "model-outdated"}
	}
	return nil
}

// fault is why an adopted or former model couldn't be used; "" where it could.
func (s *Service) fault(ctx context.Context, tx heed.ModelTx, m *heed.LineModel) (Fault, error) {
	f, err := tx.ModelFile(ctx, m.ID)
	if errors.Is(err, heed.ErrGone) {
		return FaultGone, nil
	}
	if err != nil {
		return "", err
	}
	_, fault := s.open(m, f)
	return fault, nil
}

// whole refuses a model that couldn't be used.
func (s *Service) whole(ctx context.Context, tx heed.ModelTx, m *heed.LineModel) error {
	f, err := tx.ModelFile(ctx, m.ID)
	if err != nil {
		return err
	}
	file, _, err := seal.OpenModel(s.cfg.Content, s.cfg.Line, m.ID, f)
	if err == nil {
		_, err = opened(m, file)
	}
	if err != nil {
		return fmt.Errorf("model %s can't be used: %w", m.Version, errors.Join(heed.ErrSealed, err))
	}
	return nil
}

// move applies fn to the model, which must be in the state. heed.ErrConflict: it isn't.
func (s *Service) move(ctx context.Context, id heed.ID, state heed.LineModelState, fn func(tx heed.Tx, m *heed.LineModel, now time.Time) error) error {
	return s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		m, err := tx.Model(ctx, id)
		if err != nil {
			return err
		}
		if m.State != state {
			return fmt.Errorf("a model that is %s: %w", m.State, heed.ErrConflict)
		}
		return fn(tx, m, s.cfg.Now())
	})
}

// replace ends a model for which another one is there, in a leaf of its own.
func (s *Service) replace(ctx context.Context, tx heed.Tx, m *heed.LineModel, now time.Time) error {
	if err := s.end(ctx, tx, m, heed.EndReplaced, now); err != nil {
		return err
	}
	return leaf(ctx, tx, audit.ModelReplaced, "", now, detailsOf(m))
}

// end destroys what a model holds.
func (s *Service) end(ctx context.Context, tx heed.Tx, m *heed.LineModel, why heed.ModelEnd, now time.Time) error {
	was := m.State
	m.State, m.End, m.EndedAt = heed.ModelEnded, why, now
	if err := tx.MoveModel(ctx, m, was); err != nil {
		return err
	}
	if err := tx.DestroyModel(ctx, m.ID); err != nil {
		return err
	}
	return heed.WantScrub(ctx, tx, now)
}
