package learning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// outlives is how long a model may be kept after the first of the reports that it learned from was erased: time to train another.
const outlives = 30 * 24 * time.Hour

// lookUp is how many reports are looked up in one go.
const lookUp = 500

// Retain finds whether reports were erased that a model learned from, notes by when the model must be gone, and ends those whose time has
// come; the line then screens by the shipped one. What can't be opened counts as if its reports were erased today.
func (s *Service) Retain(ctx context.Context) error {
	all, err := s.List(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, m := range all {
		if m.State != heed.ModelEnded {
			errs = append(errs, s.retain(ctx, m))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("keep models no longer than they may be: %w", err)
	}
	return s.Refresh(ctx)
}

func (s *Service) retain(ctx context.Context, m *heed.LineModel) error {
	by := m.DropBy
	if by.IsZero() {
		erased, err := s.firstErased(ctx, m.ID)
		if err != nil || erased.IsZero() {
			return err
		}
		by = erased.Add(outlives)
	}
	err := s.move(ctx, m.ID, m.State, func(tx heed.Tx, m *heed.LineModel, now time.Time) error {
		m.DropBy = by
		if now.Before(by) {
			return tx.MoveModel(ctx, m, m.State)
		}
		inUse := m.State == heed.ModelAdopted
		if err := s.end(ctx, tx, m, heed.EndRetention, now); err != nil {
			return err
		}
		if inUse {
			if err := refit(ctx, tx); err != nil {
				return err
			}
		}
		return leaf(ctx, tx, audit.ModelDropped, "", now, detailsOf(m))
	})
	if errors.Is(err, heed.ErrConflict) { // it moved meanwhile: the next run sees it
		return nil
	}
	return err
}

// firstErased is when the first of the reports was erased that the model learned from; zero where all are there.
func (s *Service) firstErased(ctx context.Context, id heed.ID) (first time.Time, err error) {
	var f *Figures
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		f, err = s.figures(ctx, tx, id)
		return err
	})
	if errors.Is(err, heed.ErrGone) || errors.Is(err, heed.ErrSealed) {
		return s.cfg.Now(), nil
	}
	if err != nil {
		return first, err
	}
	for ids := range slices.Chunk(f.Learned, lookUp) {
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
			for _, id := range ids {
				r, err := tx.Report(ctx, id)
				if err != nil {
					return err
				}
				if r.State == heed.Erased && (first.IsZero() || r.StateSince.Before(first)) {
					first = r.StateSince
				}
			}
			return nil
		})
		if err != nil {
			return first, err
		}
	}
	return first, nil
}
