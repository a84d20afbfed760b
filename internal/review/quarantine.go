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

// keptApart are the states to which a Claim gives a report back whatever its files are, as giveBack does; and quarantine itself.
var keptApart = [...]heed.State{heed.SetAside, heed.RefusalProposed, heed.NeedsInfo, heed.Held, heed.Quarantine}

// toQueue moves a report that nobody sees yet into the queue, in quarantine where no copy can be made of one of its files.
func toQueue(ctx context.Context, tx heed.SafeCopyTx, r *heed.Report, now time.Time) error {
	event := heed.EventQueue
	if r.Files > 0 {
		copies, err := tx.SafeCopies(ctx, r.ID)
		if err != nil {
			return fmt.Errorf("find a report's copies: %w", err)
		}
		if slices.ContainsFunc(copies, func(c *heed.SafeCopy) bool { return c.State == heed.CopyFailed && heed.Unsafe(c.Code) }) {
			event = heed.EventQuarantine
		}
	}
	if event == heed.EventQuarantine && r.State == heed.Received {
		if err := move(r, heed.EventScreen, now); err != nil {
			return err
		}
	}
	return move(r, event, now)
}
