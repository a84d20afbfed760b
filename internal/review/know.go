package review

import (
	"context"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// on is a report as the policies see it.
func on(r *heed.Report) auth.Resource { return auth.Resource{Report: r.ID, Category: r.Category} }

// knows refuses what the actor is not to know of: heed.ErrNotFound, as if there were no such report. heed.ErrForbidden:
// they have nothing to do with reports at all.
func (s *Service) knows(actor *heed.Staff, r *heed.Report) error {
	if err := s.cfg.Allow(actor, auth.QueueRead, auth.Resource{}); err != nil {
		return err
	}
	if s.cfg.Allow(actor, auth.QueueRead, on(r)) != nil {
		return heed.ErrNotFound
	}
	return nil
}

// scope cuts a list down to what the actor is to know of: the policy of need to know, as an index can follow it.
func scope(actor *heed.Staff, q heed.ReportQuery) heed.ReportQuery {
	q.Categories = actor.Categories
	return q
}

// changeBy is change by a person, of a report that they are to know of. It returns heed.ErrNotFound for every other.
func (s *Service) changeBy(ctx context.Context, actor *heed.Staff, id heed.ID, fn func(tx heed.Tx, r *heed.Report, now time.Time) (act, error)) error {
	return s.change(ctx, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if err := s.knows(actor, r); err != nil {
			return act{}, err
		}
		return fn(tx, r, now)
	})
}

// keysFor opens the keys of a report that the actor is to know of, in a transaction of their own. It returns
// heed.ErrNotFound for every other, and heed.ErrGone where it is erased.
func (s *Service) keysFor(ctx context.Context, actor *heed.Staff, id heed.ID) (keys seal.ReportKeys, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		r, err := tx.Report(ctx, id)
		if err != nil {
			return err
		}
		if err := s.knows(actor, r); err != nil {
			return err
		}
		keys, err = s.keys(ctx, tx, id)
		return err
	})
	return keys, err
}

// knowsLead refuses to hang the report on a lead that the actor is not to know of, in the words for one that isn't there.
func (s *Service) knowsLead(ctx context.Context, tx heed.ReportTx, actor *heed.Staff, r *heed.Report, d Decision) error {
	if d.Kind != heed.LinkDuplicate {
		return nil
	}
	lead, err := leadFor(ctx, tx, r, d.Lead)
	if err != nil {
		return err
	}
	if s.knows(actor, lead) != nil {
		return problem("lead", "lead-unknown")
	}
	return nil
}

// narrow takes out of the view what else its reader is not to know of: other reports that this one is linked or similar to.
func (s *Service) narrow(v *View, reader *heed.Staff) {
	if v.Lead != nil && s.knows(reader, v.Lead) != nil {
		v.Lead, v.Report.Lead = nil, ""
	}
	v.Duplicates = s.known(reader, v.Duplicates)
	if v.Screening == nil {
		return
	}
	similar := []heed.Match{}
	for _, m := range v.Screening.Similar {
		r := v.Similar[m.ID]
		if r != nil && s.knows(reader, r) != nil {
			delete(v.Similar, m.ID)
			if of := v.Screening.DuplicateOf; of != nil && *of == m.ID {
				v.Screening.DuplicateOf = nil
			}
			continue
		}
		similar = append(similar, m)
	}
	v.Screening.Similar = similar
}

// known are those of the reports that the actor is to know of.
func (s *Service) known(actor *heed.Staff, all []*heed.Report) (known []*heed.Report) {
	for _, r := range all {
		if s.knows(actor, r) == nil {
			known = append(known, r)
		}
	}
	return known
}

// knowsOf finds the report and refuses, with heed.ErrNotFound, one that the actor is not to know of.
func (s *Service) knowsOf(ctx context.Context, tx heed.ReportTx, actor *heed.Staff, id heed.ID) error {
	r, err := tx.Report(ctx, id)
	if err != nil {
		return fmt.Errorf("find a report: %w", err)
	}
	return s.knows(actor, r)
}
