package review

import (
	"context"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/engine"
)

// Engine writes a summary or a translation of a report's text. engine.Engine implements it.
type Engine interface {
	Ask(ctx context.Context, task engine.Task, text, to string) (engine.Answer, error)
}

// HasEngine says whether the line has one.
func (s *Service) HasEngine() bool { return s.cfg.Engine != nil }

// ForEngine says whether a report may be shown to an engine: one that the machine has looked at and doesn't propose to
// refuse, and that nobody refused or erased.
func (v *View) ForEngine() bool {
	return !v.Gone && v.Screening != nil && !v.Screening.Refuse && forEngine(v.Report.State)
}

func forEngine(s heed.State) bool {
	switch s {
	case heed.Received, heed.InScreening, heed.RefusalProposed, heed.Erased, heed.Withdrawn:
		return false
	}
	return true
}

// Helped is what an engine wrote, and the text that it was shown.
type Helped struct {
	Answer engine.Answer
	Text   string
}

type engineDetails struct {
	Task engine.Task `json:"task"`
	To   string      `json:"to"`
}

// AskEngine has the line's engine summarise or translate a report's text into a language (BCP 47), for the actor to read
// now: the answer is kept nowhere. That the words went there is an audit leaf, durable before they go.
//
// It returns heed.ErrNotFound where the line has no engine or the actor is not to know of the report, heed.ErrConflict
// where the report is not for an engine, and engine.ErrUnavailable or engine.ErrForeign where no answer came.
func (s *Service) AskEngine(ctx context.Context, actor *heed.Staff, id heed.ID, task engine.Task, to string) (*Helped, error) {
	if err := s.cfg.Allow(actor, auth.ReportRead, auth.Resource{}); err != nil {
		return nil, err
	}
	if s.cfg.Engine == nil {
		return nil, fmt.Errorf("ask the engine: %w", heed.ErrNotFound)
	}
	var text string
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		r, err := tx.Report(ctx, id)
		if err != nil {
			return err
		}
		if err := s.knows(actor, r); err != nil {
			return err
		}
		keys, err := s.keys(ctx, tx, id)
		if err != nil {
			return err
		}
		v := View{Report: r}
		if v.Screening, _, err = s.screening(ctx, tx, id, &keys); err != nil {
			return err
		}
		if !v.ForEngine() {
			return fmt.Errorf("a report that is not for an engine: %w", heed.ErrConflict)
		}
		content, err := s.content(r, &keys)
		if err != nil {
			return err
		}
		text = content.Text
		return s.leaf(ctx, tx, id, act{name: audit.EngineAsked, actor: actor.ID, details: engineDetails{task, to}, keys: &keys}, s.cfg.Now())
	})
	if err != nil {
		return nil, fmt.Errorf("ask the engine: %w", err)
	}
	answer, err := s.cfg.Engine.Ask(ctx, task, text, to)
	if err != nil {
		return nil, fmt.Errorf("ask the engine: %w", err)
	}
	return &Helped{answer, text}, nil
}
