package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
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
// its own, so that a run that is cut short loses nothing and repeats nothing. more says that others are over too.
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
	return ended, more, errors.Join(errs...)
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

// eraseWhole takes the report off its lead and erases it; details say why, in codes.
func (s *Service) eraseWhole(ctx context.Context, tx heed.Tx, r *heed.Report, details any, now time.Time) (act, error) {
	if err := move(r, heed.EventErase, now); err != nil {
		return act{}, err
	}
	if r.Lead != "" {
		if err := s.part(ctx, tx, r, "", now); err != nil {
			return act{}, err
		}
	}
	if err := s.erase(ctx, tx, r, "", now); err != nil {
		return act{}, err
	}
	return act{name: audit.ReportErased, details: details, erased: true}, nil
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
