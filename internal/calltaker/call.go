package calltaker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// Panel is what a call-taker sees of the calls: nothing in it says who calls.
type Panel struct {
	Duty    *heed.Duty         // nil: they have none
	Waiting []*heed.QueuedCall // in the order in which they are to be taken
	Mine    []*heed.QueuedCall // those that the reader has: they ring at their phone, or talk, or hear the Receipt
	Back    []*heed.CallBack   // wishes to be called back that nobody took up
	Free    []Colleague        // on duty and without a call
}

// Colleague is somebody to whom a call can be handed.
type Colleague struct {
	ID   heed.ID
	Name string
}

// Panel shows the calls as they stand.
func (s *Service) Panel(ctx context.Context, actor *heed.Staff) (*Panel, error) {
	if err := s.may(actor, auth.CallTake); err != nil {
		return nil, err
	}
	p := &Panel{}
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		*p = Panel{}
		if p.Duty, err = dutyIn(ctx, tx, actor); err != nil {
			return err
		}
		calls, err := tx.QueuedCalls(ctx)
		if err != nil {
			return err
		}
		for _, c := range calls {
			switch {
			case c.Taker == actor.ID:
				p.Mine = append(p.Mine, c)
			case c.State == heed.CallWaiting:
				p.Waiting = append(p.Waiting, c)
			}
		}
		back, err := tx.CallBacks(ctx, s.cfg.Now())
		if err != nil {
			return err
		}
		p.Free, err = s.free(ctx, tx, actor, calls, back)
		p.Back = slices.DeleteFunc(back, func(b *heed.CallBack) bool { return b.Taker != "" })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("looking at the calls: %w", err)
	}
	return p, nil
}

// free are the actor's colleagues who could have a call at once.
func (s *Service) free(ctx context.Context, tx heed.Tx, actor *heed.Staff, calls []*heed.QueuedCall, back []*heed.CallBack) (free []Colleague, err error) {
	duties, err := tx.Duties(ctx)
	if err != nil {
		return nil, err
	}
	for _, d := range duties {
		if d.Staff == actor.ID || !d.On(s.cfg.Now()) || busy(calls, back, d.Staff) {
			continue
		}
		account, err := tx.Staff(ctx, d.Staff)
		if errors.Is(err, heed.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if account.Phone != "" && s.may(account, auth.CallTake) == nil {
			free = append(free, Colleague{account.ID, account.Name})
		}
	}
	return free, nil
}

// busy says whether the account has a call, or took up a wish to be called back that nobody dials yet.
func busy(calls []*heed.QueuedCall, back []*heed.CallBack, staff heed.ID) bool {
	return slices.ContainsFunc(calls, func(c *heed.QueuedCall) bool { return c.Taker == staff && c.State != heed.CallReading }) ||
		slices.ContainsFunc(back, func(b *heed.CallBack) bool { return b.Taker == staff })
}

// oneCall returns a *heed.Problem where the actor has a call.
func (s *Service) oneCall(ctx context.Context, tx heed.Tx, actor *heed.Staff, calls []*heed.QueuedCall) error {
	back, err := tx.CallBacks(ctx, s.cfg.Now())
	if err == nil && busy(calls, back, actor.ID) {
		err = problem("", "call-already")
	}
	return err
}

// Answer takes a waiting call: the actor's phone rings. It gives the id of the draft for what the caller tells, the one of before where
// the call had another taker. A call that the actor has already keeps them.
//
// It returns a *heed.Problem where the actor is off duty, has no telephone, or has a call; heed.ErrConflict where somebody else was
// first; heed.ErrNotFound where the caller is gone.
func (s *Service) Answer(ctx context.Context, actor *heed.Staff, call heed.ID) (draft heed.ID, err error) {
	if err := s.may(actor, auth.CallTake); err != nil {
		return "", err
	}
	now := s.cfg.Now()
	fresh, err := s.newDraft(actor, call, Typed{})
	if err != nil {
		return "", err
	}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.LockStaff(ctx, actor.ID); err != nil { // one call at a time
			return err
		}
		calls, err := tx.QueuedCalls(ctx)
		if err != nil {
			return err
		}
		mine := slices.ContainsFunc(calls, func(c *heed.QueuedCall) bool { return c.ID == call && c.Taker == actor.ID })
		if !mine {
			d, err := dutyIn(ctx, tx, actor)
			switch {
			case err != nil:
				return err
			case actor.Phone == "":
				return problem("phone", "phone-missing")
			case d == nil || !d.On(now):
				return problem("", "duty-off")
			}
			if err := s.oneCall(ctx, tx, actor, calls); err != nil {
				return err
			}
			if err := tx.TakeQueuedCall(ctx, call, actor.ID, actor.Phone); err != nil {
				return err
			}
		}
		before, err := tx.DraftOfCall(ctx, call)
		switch {
		case errors.Is(err, heed.ErrNotFound):
			draft, err = fresh.ID, tx.AddDraft(ctx, fresh)
		case err == nil:
			draft = before.ID // Open makes it the actor's
		}
		if err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return "", fmt.Errorf("answering a call: %w", err)
	}
	return draft, nil
}

// CallBack takes up a wish to be called back: the actor's phone rings once the line has the number, on duty or not.
//
// It returns a *heed.Problem where the actor has no telephone or has a call, heed.ErrConflict where somebody else was first, and
// heed.ErrNotFound where the wish is gone.
func (s *Service) CallBack(ctx context.Context, actor *heed.Staff, wish heed.ID) error {
	if err := s.may(actor, auth.CallTake); err != nil {
		return err
	}
	if actor.Phone == "" {
		return problem("phone", "phone-missing")
	}
	now := s.cfg.Now()
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.LockStaff(ctx, actor.ID); err != nil { // one call at a time
			return err
		}
		calls, err := tx.QueuedCalls(ctx)
		if err != nil {
			return err
		}
		if err := s.oneCall(ctx, tx, actor, calls); err != nil {
			return err
		}
		if err := tx.ClaimCallBack(ctx, wish, actor.ID, actor.Phone, now); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("calling back: %w", err)
	}
	return nil
}

// Hand gives the actor's call to a colleague who is free, or with "" back to wait before the others. What was typed goes along.
//
// It returns a *heed.Problem where the colleague isn't free, heed.ErrConflict where the actor doesn't speak with the caller, and
// heed.ErrNotFound where the caller is gone.
func (s *Service) Hand(ctx context.Context, actor *heed.Staff, call, to heed.ID) error {
	if err := s.may(actor, auth.CallTake); err != nil {
		return err
	}
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		phone := ""
		if to != "" {
			switch err := tx.LockStaff(ctx, to); { // one call at a time
			case errors.Is(err, heed.ErrNotFound):
				return problem("to", "colleague-busy")
			case err != nil:
				return err
			}
			calls, err := tx.QueuedCalls(ctx)
			if err != nil {
				return err
			}
			back, err := tx.CallBacks(ctx, s.cfg.Now())
			if err != nil {
				return err
			}
			free, err := s.free(ctx, tx, actor, calls, back)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(free, func(c Colleague) bool { return c.ID == to }) {
				return problem("to", "colleague-busy")
			}
			colleague, err := tx.Staff(ctx, to)
			if err != nil {
				return err
			}
			phone = colleague.Phone
		}
		if err := tx.HandQueuedCall(ctx, call, actor.ID, to, phone); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("handing a call over: %w", err)
	}
	return nil
}

// End ends the actor's call without a report; what was typed stays a draft. Errors as Hand.
func (s *Service) End(ctx context.Context, actor *heed.Staff, call heed.ID) error {
	if err := s.may(actor, auth.CallTake); err != nil {
		return err
	}
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		c, err := tx.QueuedCall(ctx, call)
		if err != nil {
			return err
		}
		if c.Taker != actor.ID { // they wait for the next one by now
			return heed.ErrConflict
		}
		if err := tx.FinishQueuedCall(ctx, call, actor.ID, nil); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("ending a call: %w", err)
	}
	return nil
}
