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
	"github.com/heed-line/heed/internal/screening"
)

// SettingRollBack holds the first person's word for a return: JSON of Return.
const SettingRollBack = "learning.rollback"

// returnLasts is for how long that word waits for another one.
const returnLasts = 24 * time.Hour

// Return is one person's word for leaving the model in use. It says nothing of another model, and nothing after a day.
type Return struct {
	Model heed.ID   `json:"model"`
	By    heed.ID   `json:"by"`
	At    time.Time `json:"at"`
}

// Asked is who asked to leave the model in use, and waits for another person's word; nil where nobody does.
func (s *Service) Asked(ctx context.Context) (r *Return, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		m, err := adopted(ctx, tx)
		if err != nil || m == nil {
			return err
		}
		r, err = s.asked(ctx, tx, m)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find who asked to roll back a model: %w", err)
	}
	return r, nil
}

func (s *Service) asked(ctx context.Context, tx heed.SettingTx, m *heed.LineModel) (*Return, error) {
	stored, err := tx.Setting(ctx, SettingRollBack)
	if errors.Is(err, heed.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &Return{}
	if err := json.Unmarshal(stored, r); err != nil {
		return nil, fmt.Errorf("read who asked to roll back a model: %w", err)
	}
	if now := s.cfg.Now(); r.Model != m.ID || r.At.After(now) || now.Sub(r.At) >= returnLasts {
		return nil, nil
	}
	return r, nil
}

// RollBack is a person's word for a return to the model that the line had before its own one now, or to the shipped one where there is
// none or it can't be used. The first person's waits for another one's, a lead's, for a day; then to is "". With the second it happens, and
// to is the version by which the line screens from then on. model is the one that the person wants to leave; "": whichever is in use.
//
// heed.ErrForbidden: the actor may not, or is the one who asked. heed.ErrConflict: the line has no model of its own, or another one.
func (s *Service) RollBack(ctx context.Context, actor *heed.Staff, model heed.ID) (to string, err error) {
	if err := s.cfg.Allow(actor, auth.ModelRollBack, auth.Resource{}); err != nil {
		return "", err
	}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		now := s.cfg.Now()
		m, err := adopted(ctx, tx)
		if err != nil {
			return err
		}
		if m == nil || model != "" && m.ID != model {
			return fmt.Errorf("the line has no such model of its own in use: %w", heed.ErrConflict)
		}
		first, err := s.asked(ctx, tx, m)
		if err != nil {
			return err
		}
		if first == nil {
			return ask(ctx, tx, m, actor, now)
		}
		if err := s.other(ctx, tx, actor, first.By); err != nil {
			return err
		}
		to, err = s.goBack(ctx, tx, m, first, actor, now)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("roll back a model: %w", err)
	}
	return to, s.Refresh(ctx)
}

// ask notes the first person's word.
func ask(ctx context.Context, tx heed.Tx, m *heed.LineModel, actor *heed.Staff, now time.Time) error {
	value, err := json.Marshal(Return{m.ID, actor.ID, now})
	if err != nil {
		return fmt.Errorf("encode who asked to roll back a model: %w", err)
	}
	if err := tx.PutSetting(ctx, SettingRollBack, value); err != nil {
		return err
	}
	return leaf(ctx, tx, audit.ModelRollBackAsked, actor.ID, now, detailsOf(m))
}

// goBack ends the model, after two people's word, and takes up the one of before.
func (s *Service) goBack(ctx context.Context, tx heed.Tx, m *heed.LineModel, first *Return, second *heed.Staff, now time.Time) (to string, err error) {
	if err := s.end(ctx, tx, m, heed.EndRolledBack, now); err != nil {
		return "", err
	}
	if to, err = s.takeUp(ctx, tx, now); err != nil {
		return "", err
	}
	if err := refit(ctx, tx); err != nil {
		return "", err
	}
	details := detailsOf(m)
	details.First, details.To = first.By, to
	return to, leaf(ctx, tx, audit.ModelRolledBack, second.ID, now, details)
}

// takeUp adopts the former model again, whose two people's word still holds. One that can't be used ends.
func (s *Service) takeUp(ctx context.Context, tx heed.Tx, now time.Time) (version string, err error) {
	m, err := find(ctx, tx, heed.ModelFormer)
	if err != nil || m == nil {
		return screening.Shipped().Version, err
	}
	fault, err := s.fault(ctx, tx, m)
	if err != nil {
		return "", err
	}
	if fault == "" {
		m.State = heed.ModelAdopted
		return m.Version, tx.MoveModel(ctx, m, heed.ModelFormer)
	}
	return screening.Shipped().Version, s.replace(ctx, tx, m, now)
}
