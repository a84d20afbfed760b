package review

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
)

// Ended says what the end of spans did.
type Ended struct {
	Erased int // reports whose content is gone
	Asked  int // referred reports for which a lead was called; their content stays
}

// errNotOver ends an act on a report that somebody took up, or that another run dealt with, since it was listed.
var errNotOver = errors.New("its span is not over")

// EndSpans ends the spans that are over at asOf, those of about limit reports of each class: what was set aside and what
// was closed without a referral is erased, for what was referred a lead is called, once. Each report is a transaction of
// its own, so that a run that is cut short loses nothing and repeats nothing. Why somebody searched goes too (endPurposes). more says that others are over too.
//
// One report's failure doesn't keep the others: all are tried, and the errors are joined. The caller refuses an asOf
// before now.
func (s *Service) EndSpans(ctx context.Context, asOf time.Time, limit int) (ended Ended, more bool, err error) {
	keep := s.cfg.Profile.Retention
	var errs []error
	for _, class := range []span{
		{heed.KeptSetAside, keep.SetAside, asOf}, {heed.KeptClosed, keep.Closed, asOf}, {heed.KeptReferred, keep.Referred, asOf},
	} {
		var over []*heed.Report
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
			over, err = tx.Kept(ctx, class.kept, class.until(), limit)
			return err
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("list what is kept as %s no longer: %w", class.kept, err))
			continue
		}
		done := 0
		for _, r := range over {
			err := s.endSpan(ctx, r.ID, class)
			if err != nil && !errors.Is(err, errNotOver) {
				errs = append(errs, fmt.Errorf("end the span of a report kept as %s: %w", class.kept, err))
				continue
			}
			done++
			switch {
			case err != nil:
			case class.kept == heed.KeptReferred:
				ended.Asked++
			default:
				ended.Erased++
			}
		}
		more = more || len(over) == limit && done > 0
	}
	others, err := s.endPurposes(ctx, asOf.Add(-keep.Closed), limit)
	return ended, more || others, errors.Join(append(errs, err)...)
}

// endPurposes deletes why somebody searched before the moment: that text may name whom a report is about, as a closed report's may, and is
// kept no longer than that. That there was a search, by whom and when, stays in its leaf.
func (s *Service) endPurposes(ctx context.Context, before time.Time, limit int) (more bool, err error) {
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		n, err := tx.DeleteNotesOfAct(ctx, audit.ReportSearched, before, limit)
		if more = n == limit; n == 0 || err != nil {
			return err
		}
		return heed.WantScrub(ctx, tx, s.cfg.Now())
	})
	if err != nil {
		return false, fmt.Errorf("delete why somebody searched: %w", err)
	}
	return more, nil
}

// span is how long the reports of a class are kept, seen from asOf.
type span struct {
	kept heed.Kept
	life time.Duration
	asOf time.Time
}

// until is since when a report must have stood in its state for its span to be over.
func (sp span) until() time.Time { return sp.asOf.Add(-sp.life) }

// spanDetails are in the leaf of a span's end. AsOf is there where it was ordered before its time.
type spanDetails struct {
	Class heed.Kept `json:"class"`
	Hours int64     `json:"span_hours"`
	AsOf  string    `json:"as_of,omitempty"`
}

func (sp span) details(now time.Time) spanDetails {
	d := spanDetails{Class: sp.kept, Hours: int64(sp.life / time.Hour)}
	if sp.asOf.After(now) {
		d.AsOf = sp.asOf.UTC().Format(time.RFC3339)
	}
	return d
}

// endSpan ends the span of one report. errNotOver: it runs, or runs anew.
func (s *Service) endSpan(ctx context.Context, id heed.ID, sp span) error {
	return s.change(ctx, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if r.Kept() != sp.kept || r.StateSince.After(sp.until()) {
			return act{}, errNotOver
		}
		if sp.kept != heed.KeptReferred {
			return s.eraseWhole(ctx, tx, r, sp.details(now), now)
		}
		r.ReviewSince = now
		if now.Before(r.StateSince) { // ordered by a clock that was set back: asked is asked
			r.ReviewSince = r.StateSince
		}
		return act{name: audit.ReportReview, details: sp.details(now)}, Alarm(ctx, tx, r, leadLevel, now)
	})
}

// leadLevel is the level of which leads are told.
const leadLevel = 100

// eraseWhole takes the report off its lead and erases it, our copies of its packages included; what a Department fetched is its own.
// details say why, in codes.
func (s *Service) eraseWhole(ctx context.Context, tx heed.Tx, r *heed.Report, details any, now time.Time) (act, error) {
	if err := move(r, heed.EventErase, now); err != nil {
		return act{}, err
	}
	if r.Lead != "" {
		if err := s.part(ctx, tx, r, "", now); err != nil {
			return act{}, err
		}
	}
	if err := s.deletePackages(ctx, tx, r, now); err != nil {
		return act{}, err
	}
	if err := s.erase(ctx, tx, r, "", now); err != nil {
		return act{}, err
	}
	return act{name: audit.ReportErased, details: details, erased: true}, nil
}

// keptDetails are in the leaf of an erasure that two people decided, after the span.
type keptDetails struct {
	spanDetails
	Disposition heed.ID `json:"disposition"`
}

// ProposeErasure proposes to erase a report that a Department had and whose span is over. Nothing happens before Approve;
// the leads are told.
//
// It returns *heed.Problem for a missing reason, heed.ErrConflict where the report's span isn't over or the erasure is
// proposed already, heed.ErrForbidden, heed.ErrNotFound.
func (s *Service) ProposeErasure(ctx context.Context, actor *heed.Staff, id heed.ID, reason string) (*heed.Disposition, error) {
	if err := s.cfg.Allow(actor, auth.ReportErase, auth.Resource{}); err != nil {
		return nil, err
	}
	if err := CheckReason("reason", reason); err != nil {
		return nil, err
	}
	keys, err := s.keysFor(ctx, actor, id)
	if err != nil {
		return nil, fmt.Errorf("propose an erasure: %w", err)
	}
	made := &heed.Disposition{ID: heed.NewID(s.cfg.Now()), Report: id, Kind: heed.Erase, State: heed.Pending, By: actor.ID}
	if made.SealedReason, err = (Reason{Text: reason}).Seal(keys.Data, s.cfg.Line, id, made.ID); err != nil {
		return nil, err
	}
	err = s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if r.Kept() != heed.KeptReview {
			return act{}, fmt.Errorf("%w: %w", errNotOver, &heed.TransitionError{From: r.State, Event: heed.EventErase})
		}
		made.At = now
		if now.Before(r.ReviewSince) { // by a clock that was set back
			made.At = r.ReviewSince
		}
		waits, err := erasureWaits(ctx, tx, r)
		if err != nil {
			return act{}, err
		}
		if waits {
			return act{}, &heed.TransitionError{From: r.State, Event: heed.EventRequest}
		}
		if err := tx.AddDisposition(ctx, made); err != nil {
			return act{}, err
		}
		if err := Alarm(ctx, tx, r, leadLevel, now); err != nil {
			return act{}, err
		}
		details := &dispositionDetails{Disposition: made.ID, Kind: made.Kind, State: made.State}
		return act{name: audit.ReportDisposed, actor: actor.ID, details: details, reason: reason, keys: &keys}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("propose an erasure: %w", err)
	}
	return made, nil
}

// erasureWaits reports whether a proposal to erase the report waits for its second person.
func erasureWaits(ctx context.Context, tx heed.DispositionTx, r *heed.Report) (bool, error) {
	all, err := tx.Dispositions(ctx, r.ID)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(all, func(d *heed.Disposition) bool {
		return d.Kind == heed.Erase && d.State == heed.Pending && !lapsed(r, d)
	}), nil
}

// lapsed reports whether d proposes an erasure whose cause is over: the report was taken up since, and its span runs anew
// or ran anew.
func lapsed(r *heed.Report, d *heed.Disposition) bool {
	return d.Kind == heed.Erase && d.State == heed.Pending && (r.Kept() != heed.KeptReview || d.At.Before(r.ReviewSince))
}

// eraseKept is the second person's yes to an erasure.
func (s *Service) eraseKept(ctx context.Context, tx heed.Tx, r *heed.Report, d *heed.Disposition, actor *heed.Staff, now time.Time) (act, error) {
	d.State, d.SecondBy, d.SecondAt = heed.Approved, actor.ID, now
	if err := tx.DecideDisposition(ctx, d, heed.Pending); err != nil {
		return act{}, err
	}
	approval := &dispositionDetails{Disposition: d.ID, Kind: d.Kind, State: d.State}
	if err := s.leaf(ctx, tx, r.ID, act{name: audit.ReportApproved, actor: actor.ID, details: approval}, now); err != nil {
		return act{}, err
	}
	sp := span{heed.KeptReferred, s.cfg.Profile.Retention.Referred, now}
	a, err := s.eraseWhole(ctx, tx, r, keptDetails{sp.details(now), d.ID}, now)
	a.actor = actor.ID
	return a, err
}

// deletePackages deletes our copies of the report's packages, and cancels what no Department fetched in all that time.
func (s *Service) deletePackages(ctx context.Context, tx heed.Tx, r *heed.Report, now time.Time) error {
	all, err := tx.Referrals(ctx, "", r.ID, "", 200)
	if err != nil {
		return fmt.Errorf("find a report's packages: %w", err)
	}
	var blobs []string
	for _, f := range all {
		if f.State == heed.ReferralPreparing || f.State == heed.ReferralReady {
			if err := s.cancel(ctx, tx, r, f, now); err != nil {
				return fmt.Errorf("cancel a referral: %w", err)
			}
		}
		if f.Blob == "" {
			continue
		}
		blobs = append(blobs, f.Blob)
		f.Blob = ""
		if err := tx.UpdateReferral(ctx, f); err != nil {
			return fmt.Errorf("forget a package: %w", err)
		}
	}
	return DeleteBlobs(ctx, tx, blobs)
}

// Handed reports whether a Department has the report or had it, as far as the line knows: by a Referral that is not
// cancelled and is not the given one. Whoever cancels that one sets heed.Report.Handed so.
func Handed(ctx context.Context, tx heed.ReferralTx, report, but heed.ID) (bool, error) {
	all, err := tx.Referrals(ctx, "", report, "", 200)
	if err != nil {
		return false, fmt.Errorf("find a report's referrals: %w", err)
	}
	for _, f := range all {
		if f.State != heed.ReferralCancelled && f.ID != but {
			return true, nil
		}
	}
	return false, nil
}
