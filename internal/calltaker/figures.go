package calltaker

import (
	"context"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// figuresBack is how far back the figures by the hour go.
const figuresBack = 24 * time.Hour

// Figures say how callers are served. They tell of no call by itself, and of no taker more than that they are on duty.
type Figures struct {
	Waiting int
	Oldest  time.Time // since when the first of them waits; zero where nobody does
	Talking int
	Back    int      // wishes to be called back
	OnDuty  []string // names of who takes calls
	Hours   []*heed.CallHour
	Sum     heed.CallHour // of all Hours
}

// Figures are those of now and of the last day.
func (s *Service) Figures(ctx context.Context, actor *heed.Staff) (*Figures, error) {
	if err := s.may(actor, auth.CallFigures); err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	f := &Figures{}
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		*f = Figures{}
		calls, err := tx.QueuedCalls(ctx)
		if err != nil {
			return err
		}
		f.count(calls)
		if f.Back, err = tx.CountCallBacks(ctx, now); err != nil {
			return err
		}
		if f.Hours, err = tx.CallHours(ctx, now.Add(-figuresBack).Truncate(time.Hour), now.Add(time.Hour)); err != nil {
			return err
		}
		f.OnDuty, err = onDuty(ctx, tx, now)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("counting calls: %w", err)
	}
	for _, h := range f.Hours {
		f.Sum.Offered += h.Offered
		f.Sum.Answered += h.Answered
		f.Sum.AnsweredSoon += h.AnsweredSoon
		f.Sum.Abandoned += h.Abandoned
		f.Sum.Elsewhere += h.Elsewhere
		f.Sum.CalledBack += h.CalledBack
		f.Sum.Waited += h.Waited
		f.Sum.Longest = max(f.Sum.Longest, h.Longest)
	}
	return f, nil
}

func (f *Figures) count(calls []*heed.QueuedCall) {
	for _, c := range calls {
		switch c.State {
		case heed.CallTalking:
			f.Talking++
		case heed.CallWaiting, heed.CallRinging:
			if c.Back { // we call them
				continue
			}
			f.Waiting++
			if f.Oldest.IsZero() || c.Since.Before(f.Oldest) {
				f.Oldest = c.Since
			}
		}
	}
}

func onDuty(ctx context.Context, tx heed.Tx, now time.Time) (names []string, err error) {
	duties, err := tx.Duties(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range duties {
		if !d.On(now) {
			continue
		}
		account, err := tx.Staff(ctx, d.Staff)
		if err != nil {
			return nil, err
		}
		names = append(names, account.Name)
	}
	return names, nil
}
