package review

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// exposureDays is for how many days, today among them, it is kept what people uncovered.
const exposureDays = 7

// UncoveredFor is for how long what somebody uncovers counts once.
const UncoveredFor = 10 * time.Minute

// exposureFew is below how many people the sum of what they uncovered on a day isn't told: with four others one could take oneself away from it and
// still not tell them apart.
const exposureFew = 5

// Uncovered is how much was uncovered in some time, films in seconds too.
type Uncovered struct{ Pictures, Films, Seconds int64 }

// Add adds what was uncovered on a day.
func (u *Uncovered) add(e *heed.Exposure) {
	u.Pictures, u.Films, u.Seconds = u.Pictures+e.Pictures, u.Films+e.Films, u.Seconds+e.Seconds
}

// Uncover counts that the actor now looks at what of a report, or of one file of it, stays covered until somebody asks: pictures, documents, of each
// of which it is a page, and films. What they uncovered within the last ten minutes doesn't count again. Of what it was nothing is kept.
//
// It returns heed.ErrNotFound where the report has no such file, or none that is covered.
func (s *Service) Uncover(ctx context.Context, actor *heed.Staff, report, attachment heed.ID) error {
	if err := s.cfg.Allow(actor, auth.AttachmentOpen, auth.Resource{}); err != nil {
		return err
	}
	now := s.cfg.Now()
	e := &heed.Exposure{Staff: actor.ID, Day: s.day(now)}
	var seen []heed.ID
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		*e, seen = heed.Exposure{Staff: e.Staff, Day: e.Day}, nil
		if err := s.knowsOf(ctx, tx, actor, report); err != nil {
			return err
		}
		keys, err := s.keys(ctx, tx, report)
		if err != nil {
			return err
		}
		copies, err := tx.SafeCopies(ctx, report)
		if err != nil {
			return err
		}
		for _, c := range copies {
			if attachment != "" && c.Attachment != attachment || c.State != heed.CopyMade || strings.HasPrefix(c.Type, "audio/") {
				continue
			}
			seen = append(seen, c.Attachment)
			if s.uncovered.lately(actor.ID, c.Attachment, now) {
				continue
			}
			if !strings.HasPrefix(c.Type, "video/") {
				e.Pictures++
				continue
			}
			d, err := OpenCopyDetails(keys.Data, s.cfg.Line, c)
			if err != nil {
				return err
			}
			e.Films, e.Seconds = e.Films+1, e.Seconds+(d.Length+999)/1000
		}
		if len(seen) == 0 {
			return heed.ErrNotFound
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count what is uncovered: %w", err)
	}
	if e.Pictures+e.Films == 0 {
		return nil
	}
	if err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.AddExposure(ctx, e) }); err != nil {
		return fmt.Errorf("count what is uncovered: %w", err)
	}
	for _, id := range seen {
		s.uncovered.note(actor.ID, id, now)
	}
	return nil
}

// Exposure is how much the actor uncovered today and within seven days; they alone are told.
func (s *Service) Exposure(ctx context.Context, actor *heed.Staff) (today, week Uncovered, err error) {
	if err := s.cfg.Allow(actor, auth.AttachmentOpen, auth.Resource{}); err != nil {
		return today, week, err
	}
	day := s.day(s.cfg.Now())
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		today, week = Uncovered{}, Uncovered{}
		all, err := tx.Exposures(ctx, actor.ID, day-exposureDays+1)
		for _, e := range all {
			week.add(e)
			if e.Day == day {
				today.add(e)
			}
		}
		return err
	})
	if err != nil {
		return today, week, fmt.Errorf("say what was uncovered: %w", err)
	}
	return today, week, nil
}

// ExposureTotal is how much all together uncovered on the days before today of which something is kept, for who reads the audit: on those on which five
// people or more did, for a sum of few tells of one. What somebody uncovers now changes nothing in it until the day is over, so that two looks at it, one
// before and one after, tell nothing of who was there between. told is false where there was no such day.
func (s *Service) ExposureTotal(ctx context.Context, actor *heed.Staff) (all Uncovered, told bool, err error) {
	if err := s.cfg.Allow(actor, auth.AuditRead, auth.Resource{}); err != nil {
		return all, false, err
	}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		all, told = Uncovered{}, false
		today := s.day(s.cfg.Now())
		days := map[int64][]*heed.Exposure{}
		kept, err := tx.Exposures(ctx, "", today-exposureDays+1)
		for _, e := range kept {
			days[e.Day] = append(days[e.Day], e)
		}
		for day, of := range days { // one for each person
			if day >= today || len(of) < exposureFew {
				continue
			}
			told = true
			for _, e := range of {
				all.add(e)
			}
		}
		return err
	})
	if err != nil {
		return Uncovered{}, false, fmt.Errorf("add up what was uncovered: %w", err)
	}
	return all, told, nil
}

// ForgetExposures deletes what was uncovered more than seven days ago. It is meant to run every hour.
func (s *Service) ForgetExposures(ctx context.Context) error {
	before := s.day(s.cfg.Now()) - exposureDays + 1
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { _, err := tx.DeleteExposures(ctx, before); return err })
	if err != nil {
		return fmt.Errorf("forget what was uncovered: %w", err)
	}
	return nil
}

// day is the number of the day of a moment in the line's own zone, since 1970.
func (s *Service) day(t time.Time) int64 {
	y, m, d := t.In(s.cfg.Profile.Zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86_400
}
