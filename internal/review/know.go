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
	"github.com/heed-line/heed/internal/screening"
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

// KnownTo reports whether the actor is to know of the report.
func (s *Service) KnownTo(actor *heed.Staff, r *heed.Report) bool { return s.knows(actor, r) == nil }

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
		a, err := fn(tx, r, now)
		r.CopyOf = "" // whoever does something about a copy looks at it by itself
		return a, err
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

// knowsLead refuses to hang the report on a lead that the actor is not to know of, in the words for one that isn't there:
// asked before anything is said of that lead.
func (s *Service) knowsLead(ctx context.Context, tx heed.ReportTx, actor *heed.Staff, r *heed.Report, d Decision) error {
	if d.Kind != heed.LinkDuplicate {
		return nil
	}
	err := s.knowsOf(ctx, tx, actor, d.Lead)
	if err == nil && d.waits {
		err = stillWaits(ctx, tx, d.Lead)
	}
	if err == nil {
		var lead *heed.Report
		if lead, err = leadFor(ctx, tx, r, d.Lead); err != nil {
			return err
		}
		err = s.knows(actor, lead)
	}
	if errors.Is(err, heed.ErrNotFound) {
		return problem("lead", "lead-unknown")
	}
	return err
}

// cut takes out of reports what else their reader is not to know of: the report on which or under which one hangs, and how
// many hang on one.
func (s *Service) cut(ctx context.Context, tx heed.ReportTx, reader *heed.Staff, reports ...*heed.Report) error {
	if len(reader.Categories) == 0 {
		return nil
	}
	for _, r := range reports {
		lead, err := s.cutID(ctx, tx, reader, r.Lead)
		if err != nil {
			return err
		}
		r.Lead = lead
		if r.CopyOf, err = s.cutID(ctx, tx, reader, r.CopyOf); err != nil {
			return err
		}
		if r.Copies > 0 {
			all, err := tx.Duplicates(ctx, r.ID, maxDuplicates)
			if err != nil {
				return err
			}
			r.Copies = len(s.known(reader, all))
		}
	}
	return nil
}

// cutID is the id of a report that the reader is to know of, and "" for every other.
func (s *Service) cutID(ctx context.Context, tx heed.ReportTx, reader *heed.Staff, id heed.ID) (heed.ID, error) {
	if id == "" {
		return "", nil
	}
	err := s.knowsOf(ctx, tx, reader, id)
	if errors.Is(err, heed.ErrNotFound) {
		return "", nil
	}
	return id, err
}

// narrow takes out of the view what else its reader is not to know of: other reports that this one is, was or may be
// linked to, in whatever part of it they are named or counted.
func (s *Service) narrow(ctx context.Context, tx heed.ReportTx, v *View, reader *heed.Staff) error {
	if len(reader.Categories) == 0 {
		return nil
	}
	if err := s.cut(ctx, tx, reader, v.Report); err != nil {
		return err
	}
	if v.Report.Lead == "" {
		v.Lead = nil
	}
	v.Duplicates = s.known(reader, v.Duplicates)
	s.narrowSimilar(v, reader)
	if sc := v.Screening; sc != nil && sc.DuplicateOf != nil {
		if original, err := s.cutID(ctx, tx, reader, *sc.DuplicateOf); err != nil {
			return err
		} else if original == "" { // it needn't be among the similar ones: a copy of a copy is another's
			sc.DuplicateOf = nil
		}
	}
	s.narrowSeen(v, reader)
	for i := range v.Dispositions {
		d := &v.Dispositions[i]
		lead, err := s.cutID(ctx, tx, reader, d.Lead)
		if err != nil {
			return err
		}
		d.Lead = lead
	}
	return s.narrowHistory(ctx, tx, v, reader)
}

func (s *Service) narrowSimilar(v *View, reader *heed.Staff) {
	if v.Screening == nil {
		return
	}
	sc := v.Screening
	if len(sc.Similar) > 0 { // the reasons are for the nearest, and tell its words
		if r := v.Similar[sc.Similar[0].ID]; r != nil && s.knows(reader, r) != nil {
			sc.Reasons = slices.DeleteFunc(sc.Reasons, func(r heed.Reason) bool { return r.For == "duplicate" && r.Rule != screening.CampaignRule })
		}
	}
	similar := []heed.Match{}
	for _, m := range sc.Similar {
		r := v.Similar[m.ID]
		if r != nil && s.knows(reader, r) != nil {
			delete(v.Similar, m.ID)
			continue
		}
		similar = append(similar, m)
	}
	sc.Similar = similar
}

// narrowHistory drops the leaves that a report left which the reader is not to know of when it was hung on this one or
// taken off, or when a file was found in others, and takes leads and counts out of the others' details.
func (s *Service) narrowHistory(ctx context.Context, tx heed.ReportTx, v *View, reader *heed.Staff) error {
	var kept []Entry
	for _, e := range v.History {
		if e.Act == audit.FileSeen {
			continue // in what the reader is to know of, it is seen at the file
		}
		var details map[string]map[string]any
		switch e.Act {
		case audit.ReportLinked, audit.ReportUnlinked, audit.ReportDisposed, audit.ReportApproved, audit.ReportDeclined:
			if err := json.Unmarshal(e.Details, &details); err != nil {
				return fmt.Errorf("read a leaf of %s: %w", e.Act, err)
			}
		}
		member, _ := details["act"]["member"].(string)
		known, err := s.cutID(ctx, tx, reader, heed.ID(member))
		if err != nil {
			return err
		}
		if known != heed.ID(member) {
			continue
		}
		lead, _ := details["act"]["lead"].(string)
		if known, err = s.cutID(ctx, tx, reader, heed.ID(lead)); err != nil {
			return err
		}
		if member != "" || known != heed.ID(lead) {
			delete(details["act"], "lead")
			delete(details["act"], "copies")
			if e.Details, err = json.Marshal(details); err != nil {
				return fmt.Errorf("cut a leaf of %s: %w", e.Act, err)
			}
		}
		kept = append(kept, e)
	}
	v.History = kept
	return nil
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
