package review

import (
	"context"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
)

// foldUnder is the report in the queue under which a new one of the same words waits, so that a flood of one text is one row
// with a count; "" where it waits by itself, as does whatever says more than its text. It waits there as long as that report
// stands in the queue, is no less urgent and of the same category, and then under the next of them (unfold); it keeps its
// Receipt and its clocks, stands in a list of its own, and nothing is decided by it.
func (s *Service) foldUnder(ctx context.Context, tx heed.Tx, r *heed.Report, it *item) (heed.ID, error) {
	it.heads = false // the transaction may be run again
	if r.State != heed.Queued || r.Named || r.Files > 0 || it.adds || len(it.twins) == 0 {
		return "", nil
	}
	if said, err := tx.Messages(ctx, r.ID); err != nil || len(said) > 0 { // before the machine came to it
		return "", err
	}
	for _, twin := range it.twins {
		lead, err := tx.Report(ctx, twin)
		if err == nil && lead.List() == heed.ListCopies { // of the same words too
			lead, err = tx.Report(ctx, lead.CopyOf)
		}
		if errors.Is(err, heed.ErrNotFound) {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("find what a report copies: %w", err)
		}
		if stillLeads(lead, r) {
			return lead.ID, nil
		}
	}
	it.heads = true
	return "", nil
}

// stillLeads says whether a copy may wait under the report.
func stillLeads(lead, r *heed.Report) bool {
	return lead.ID != r.ID && lead.List() == heed.ListReview && lead.Urgency.Rank() <= r.Urgency.Rank() && lead.Category == r.Category
}

// unfold puts copies back into the queue whose lead was decided about, or is no longer as urgent or of their category: the
// first of them as a row of its own, and the others under it, so that a flood stays one row however often it is decided about.
func (s *Service) unfold(ctx context.Context) error {
	heirs := map[heed.ID]heed.ID{}
	return batches(ctx, func() (bool, error) {
		seen := 0
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
			alone, err := tx.CopiesAlone(ctx, tickBatch)
			seen = len(alone)
			return err
		})
		if err == nil && seen > 0 {
			err = s.retry(func() error {
				return s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return s.unfoldIn(ctx, tx, heirs) })
			})
		}
		if err != nil {
			return false, fmt.Errorf("put copies back into the queue: %w", err)
		}
		return seen == tickBatch, nil
	})
}

// unfoldIn is one batch of unfold; it asks again, for what was seen outside the transaction may have changed. heirs are the
// copies that came back in their leads' places.
func (s *Service) unfoldIn(ctx context.Context, tx heed.Tx, heirs map[heed.ID]heed.ID) error {
	alone, err := tx.CopiesAlone(ctx, tickBatch)
	if err != nil {
		return err
	}
	now := s.cfg.Now()
	for _, r := range alone {
		former := r.CopyOf
		if r.CopyOf, err = heirFor(ctx, tx, r, heirs[former]); err != nil {
			return err
		}
		if r.CopyOf != "" {
			if err := tx.UpdateReport(ctx, r); err != nil {
				return err
			}
			continue
		}
		heirs[former] = r.ID
		if err := s.record(ctx, tx, r, act{name: audit.ReportUnfolded}, now); err != nil {
			return err
		}
	}
	return nil
}

// heirFor is the heir if the copy may wait under it, else "".
func heirFor(ctx context.Context, tx heed.ReportTx, r *heed.Report, heir heed.ID) (heed.ID, error) {
	if heir == "" {
		return "", nil
	}
	lead, err := tx.Report(ctx, heir)
	if err != nil {
		return "", fmt.Errorf("find what copies wait under: %w", err)
	}
	if !stillLeads(lead, r) {
		return "", nil
	}
	return heir, nil
}

// CountCopies is how many copies wait under each of the reports, up to MaxCount, as far as the actor is to know of them.
func (s *Service) CountCopies(ctx context.Context, actor *heed.Staff, of ...heed.ID) (counts map[heed.ID]int, err error) {
	if err := s.cfg.Allow(actor, auth.QueueRead, auth.Resource{}); err != nil {
		return nil, err
	}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		counts, err = tx.CountCopies(ctx, of, actor.Categories, MaxCount)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count copies: %w", err)
	}
	return counts, nil
}

// MostLinked is how many copies LinkCopies links at once.
const MostLinked = 100

// LinkCopies decides that up to MostLinked of the copies which wait under a report are duplicates of it: for each a
// Disposition with its leaf, as if it were decided by itself. left is how many still wait.
//
// It returns the errors of Dispose, and heed.ErrConflict where the lead itself no longer waits: what hangs on a closed report is
// concluded with it, unread. What was linked before stays so.
func (s *Service) LinkCopies(ctx context.Context, actor *heed.Staff, lead heed.ID, reason string) (linked, left int, err error) {
	if err := s.cfg.Allow(actor, auth.ReportDispose, auth.Resource{}); err != nil {
		return 0, 0, err
	}
	if err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		if err := s.knowsOf(ctx, tx, actor, lead); err != nil {
			return err
		}
		return stillWaits(ctx, tx, lead)
	}); err != nil {
		return 0, 0, fmt.Errorf("link copies: %w", err)
	}
	waiting, err := s.Queue(ctx, actor, heed.ReportQuery{CopyOf: lead, Limit: MostLinked})
	if err != nil {
		return 0, 0, err
	}
	for _, r := range waiting {
		_, err := s.Dispose(ctx, actor, r.ID, Decision{Kind: heed.LinkDuplicate, Lead: lead, Reason: reason, waits: true})
		if errors.Is(err, heed.ErrConflict) {
			continue // somebody took it, or decided about the lead, in the meantime
		}
		if err != nil {
			return linked, 0, fmt.Errorf("link copies: %w", err)
		}
		linked++
	}
	counts, err := s.CountCopies(ctx, actor, lead)
	return linked, counts[lead], err
}

// stillWaits refuses where a report stands in the queue no more.
func stillWaits(ctx context.Context, tx heed.ReportTx, id heed.ID) error {
	r, err := tx.Report(ctx, id)
	if err == nil && r.List() != heed.ListReview {
		return fmt.Errorf("a lead that no longer waits: %w", heed.ErrConflict)
	}
	return err
}
