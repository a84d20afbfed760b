package review

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// quarantineDetails is in the leaf of a report that went to quarantine after it was screened.
type quarantineDetails struct {
	Attachment heed.ID `json:"attachment"` // of which no copy can be made; why is in the leaf of that
}

// Quarantine is for the transaction that stores that no copy can be made of a file because of what it is (heed.Unsafe). Where its report waits in the
// queue it waits there in quarantine from then on, its clocks as they were; where somebody is at work on it, it goes there if they give it back. A
// report that stands elsewhere stays there.
//
// It returns heed.ErrConflict where somebody else changed the report in the same moment: the transaction is to be tried again.
func (s *Service) Quarantine(ctx context.Context, tx heed.Tx, report, attachment heed.ID) error {
	r, err := tx.Report(ctx, report)
	if err != nil {
		return fmt.Errorf("find the report of a file: %w", err)
	}
	now := s.cfg.Now()
	switch {
	case unscreened(r):
		// Who screens it in this moment may have looked at its copies already. They meet another version, and look again.
		return tx.UpdateReport(ctx, r)
	case r.State == heed.Queued:
		if err := move(r, heed.EventQuarantine, now); err != nil {
			return err
		}
		r.CopyOf = ""
	case r.State == heed.InReview && !slices.Contains(keptApart[:], r.ClaimFrom):
		r.ClaimFrom = heed.Quarantine
	default:
		return nil
	}
	return s.record(ctx, tx, r, act{name: audit.ReportQuarantined, details: quarantineDetails{attachment}}, now)
}

// keptApart are the states to which a Claim gives a report back whatever its files are, as giveBack does, but for one that was answered meanwhile; and
// quarantine itself.
var keptApart = [...]heed.State{heed.SetAside, heed.RefusalProposed, heed.NeedsInfo, heed.Held, heed.Quarantine}

// toQueue moves a report that nobody sees yet into the queue, in quarantine where no copy can be made of one of its files.
func toQueue(ctx context.Context, tx heed.SafeCopyTx, r *heed.Report, now time.Time) error {
	apart, err := unsafe(ctx, tx, r)
	if err != nil {
		return err
	}
	if !apart {
		return move(r, heed.EventQueue, now)
	}
	if r.State == heed.Received {
		if err := move(r, heed.EventScreen, now); err != nil {
			return err
		}
	}
	return move(r, heed.EventQuarantine, now)
}

// backToQueue moves a report by an event that leads into the queue, in quarantine as toQueue does.
func backToQueue(ctx context.Context, tx heed.SafeCopyTx, r *heed.Report, e heed.Event, now time.Time) error {
	if err := move(r, e, now); err != nil {
		return err
	}
	apart, err := unsafe(ctx, tx, r)
	if err != nil || !apart {
		return err
	}
	return move(r, heed.EventQuarantine, now)
}

// unsafe reports whether no copy can be made of one of the report's files because of what it is.
func unsafe(ctx context.Context, tx heed.SafeCopyTx, r *heed.Report) (bool, error) {
	if r.Files == 0 {
		return false, nil
	}
	copies, err := tx.SafeCopies(ctx, r.ID)
	if err != nil {
		return false, fmt.Errorf("find a report's copies: %w", err)
	}
	return slices.ContainsFunc(copies, func(c *heed.SafeCopy) bool { return c.State == heed.CopyFailed && heed.Unsafe(c.Code) }), nil
}
