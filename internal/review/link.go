package review

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
)

// link makes the report a duplicate of the Disposition's lead, or of that one's own lead. An urgent report can't vanish
// behind one that nobody works on any more, and the lead is never less urgent than what hangs on it.
func (s *Service) link(ctx context.Context, tx heed.Tx, r *heed.Report, d *heed.Disposition, settleAt, now time.Time) error {
	lead, err := leadFor(ctx, tx, r, d.Lead)
	if err != nil {
		return err
	}
	if err := move(r, heed.EventLink, now); err != nil {
		return err
	}
	concluded(r)
	d.Lead, r.Lead = lead.ID, lead.ID
	lead.Copies++
	lead.CopyOf = "" // a copy itself, it can hang on nothing any more
	details := linkDetails{Member: r.ID, Copies: lead.Copies, Same: r.CopyOf == lead.ID}
	if lead.State.Open() && r.Urgency.Rank() < lead.Urgency.Rank() {
		details.From, details.To = lead.Urgency, r.Urgency
		lead.Urgency = r.Urgency
	}
	if lead.State == heed.Closed {
		if err := concludeCopies(ctx, tx, lead.ID, settleAt); err != nil {
			return err
		}
	}
	return s.record(ctx, tx, lead, act{name: audit.ReportLinked, actor: d.By, details: details}, now)
}

// leadFor finds the lead on which the report is to hang. *heed.Problem: it can't hang there.
func leadFor(ctx context.Context, tx heed.ReportTx, r *heed.Report, id heed.ID) (*heed.Report, error) {
	if r.Copies > 0 {
		return nil, problem("lead", "has-copies")
	}
	lead, err := tx.Report(ctx, id)
	if err == nil && lead.State == heed.Duplicate {
		lead, err = tx.Report(ctx, lead.Lead)
	}
	if errors.Is(err, heed.ErrNotFound) {
		return nil, problem("lead", "lead-unknown")
	}
	if err != nil {
		return nil, fmt.Errorf("find the lead report: %w", err)
	}
	over := slices.Contains([]heed.State{heed.Withdrawn, heed.Erased, heed.Duplicate, heed.RefusalProposed, heed.Received, heed.InScreening, heed.OutcomeGiven}, lead.State)
	switch {
	case lead.ID == r.ID:
		return nil, problem("lead", "lead-self")
	case over, lead.State == heed.Closed && r.Urgency.Rank() <= heed.High.Rank():
		return nil, problem("lead", "lead-closed")
	}
	return lead, nil
}

// JobConclude concludes the duplicates of a closed report: their reporters read what became of it. Its args are
// ConcludeArgs; referral handles it, for it knows the outcomes.
const JobConclude = "conclude-copies"

// ConcludeArgs are the args of JobConclude.
type ConcludeArgs struct {
	Lead heed.ID `json:"lead"`
}

func concludeCopies(ctx context.Context, tx heed.JobTx, lead heed.ID, at time.Time) error {
	args, err := json.Marshal(ConcludeArgs{lead})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return tx.Enqueue(ctx, heed.Job{Kind: JobConclude, Args: args, At: at})
}

type linkDetails struct {
	Member heed.ID      `json:"member"`
	Copies int          `json:"copies"`
	Same   bool         `json:"same,omitempty"` // it waited under its lead, for it has the same words
	From   heed.Urgency `json:"from,omitempty"` // where the lead's urgency was raised to its member's
	To     heed.Urgency `json:"to,omitempty"`
}

// part takes the report off its lead.
func (s *Service) part(ctx context.Context, tx heed.Tx, r *heed.Report, actor heed.ID, now time.Time) error {
	lead, err := tx.Report(ctx, r.Lead)
	if err != nil {
		return fmt.Errorf("find the lead report: %w", err)
	}
	r.Lead = ""
	lead.Copies = max(lead.Copies-1, 0)
	return s.record(ctx, tx, lead, act{name: audit.ReportUnlinked, actor: actor, details: linkDetails{Member: r.ID, Copies: lead.Copies}}, now)
}

// Unlink takes a duplicate off its lead: it returns to the queue with its own clocks.
//
// It returns heed.ErrConflict where the report is no duplicate.
func (s *Service) Unlink(ctx context.Context, actor *heed.Staff, id heed.ID) error {
	if err := s.cfg.Allow(actor, auth.ReportUnlink, auth.Resource{}); err != nil {
		return err
	}
	err := s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if err := backToQueue(ctx, tx, r, heed.EventUnlink, now); err != nil {
			return act{}, err
		}
		if err := s.part(ctx, tx, r, actor.ID, now); err != nil {
			return act{}, err
		}
		resume(r, s.cfg.Profile.Deadlines, true, now)
		return act{name: audit.ReportUnlinked, actor: actor.ID}, nil
	})
	if err != nil {
		return fmt.Errorf("unlink a duplicate: %w", err)
	}
	return nil
}
