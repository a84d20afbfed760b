package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	heed "github.com/heed-line/heed"
)

// What a removal or a replacement of Custodians leaves to do stands in the keystore from before the approvals change until it is done.
// Each note is laid down in the transaction of its change, while nobody else changes the circle.

// prefixRemoved begins the names in the keystore that say whose seeds are still to be dropped. They lie there and not in the store,
// so that who writes to the store has nobody's dropped.
const prefixRemoved = "custodians/removed/"

// noteReplaced in the keystore holds the era from which on the days' keys are still to be made anew, all having been replaced.
const noteReplaced = "custodians/replaced"

// finishRemovals completes what was cut short of removals and of a replacement.
func (s *Service) finishRemovals(ctx context.Context, c *circle) error {
	if err := s.finishReplacement(ctx, c); err != nil {
		return err
	}
	names, err := s.keys.List(ctx, prefixRemoved)
	if err != nil {
		return err
	}
	for _, name := range names {
		staff := heed.ID(strings.TrimPrefix(name, prefixRemoved))
		if c.has(staff) {
			err = s.dropNote(ctx, name, func(now *circle) bool { return now.has(staff) })
		} else {
			err = s.finishRemoval(ctx, staff)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// finishRemoval makes the keys of today and of the days to come anew, for the others alone, and then drops what was wrapped to
// who was removed. What nobody else could open is left to die with its day.
func (s *Service) finishRemoval(ctx context.Context, staff heed.ID) error {
	others, err := s.custodians(ctx)
	if err != nil {
		return err
	}
	if len(others) == 0 {
		return nil
	}
	if err := s.rotate(ctx); err != nil {
		return fmt.Errorf("making the days' keys anew after a removal: %w", err)
	}
	names, err := s.keys.List(ctx, "day/")
	if err != nil {
		return err
	}
	for _, name := range names {
		_, _, custodian, ok := seedParts(name)
		if !ok || custodian != staff {
			continue
		}
		shared := func(o *heed.Staff) bool {
			return slices.Contains(names, strings.TrimSuffix(name, string(staff))+string(o.ID))
		}
		if !slices.ContainsFunc(others, shared) {
			continue
		}
		if err := s.keys.Delete(ctx, name); err != nil {
			return fmt.Errorf("dropping a removed custodian's seeds: %w", err)
		}
	}
	return s.keys.Delete(ctx, prefixRemoved+string(staff))
}

// finishReplacement makes the keys of today and of the days to come anew where a replacement left that to do.
func (s *Service) finishReplacement(ctx context.Context, c *circle) error {
	from, err := s.replacedFrom(ctx)
	if errors.Is(err, heed.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if c.era < from {
		return s.dropNote(ctx, noteReplaced, func(now *circle) bool { return now.era < from })
	}
	if err := s.rotate(ctx); err != nil {
		return fmt.Errorf("making the days' keys anew after a replacement: %w", err)
	}
	return s.keys.Delete(ctx, noteReplaced)
}

// replacedFrom is the era of a replacement that is noted. ErrNotFound: none is. A note that is half destroyed counts from the
// beginning: its work was done, by this process or another, and to do it once more costs nothing else.
func (s *Service) replacedFrom(ctx context.Context) (uint64, error) {
	noted, err := s.keys.Get(ctx, noteReplaced)
	if errors.Is(err, heed.ErrSealed) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	from, err := strconv.ParseUint(string(noted), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading the note of a replacement: %w", err)
	}
	return from, nil
}

// dropNote drops the note of a change that never happened. No change is under way meanwhile.
func (s *Service) dropNote(ctx context.Context, name string, idle func(now *circle) bool) error {
	err := s.change(ctx, func(_ heed.Tx, now *circle) error {
		if !idle(now) {
			return nil
		}
		return s.keys.Delete(ctx, name)
	})
	if err != nil {
		return fmt.Errorf("dropping the note of what never happened: %w", err)
	}
	return nil
}

// rotate is rotateDay for today and the days to come.
func (s *Service) rotate(ctx context.Context) error {
	return s.steadily(ctx, func(c *circle) error {
		for i := range daysAhead + 1 {
			old, err := s.record(ctx, dayOf(s.now().UTC().AddDate(0, 0, i)))
			if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) { // EnsureDays makes it
				continue
			}
			if err == nil {
				err = s.rotateDay(ctx, c, old)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// Unfinished is a removal or a replacement of Custodians that was cut short. The worker completes it when it starts, and within the
// hour; what never happened it forgets.
type Unfinished struct {
	Removed  string // whose removal it is; "" for a replacement
	Happened bool   // the circle changed, and the days' keys are still to follow
}

// Unfinished lists what is noted in the keystore.
func (s *Service) Unfinished(ctx context.Context) (all []Unfinished, err error) {
	c, err := s.circle(ctx)
	if err != nil {
		return nil, err
	}
	from, err := s.replacedFrom(ctx)
	if err == nil {
		all = append(all, Unfinished{Happened: c.era >= from})
	} else if !errors.Is(err, heed.ErrNotFound) {
		return nil, err
	}
	names, err := s.keys.List(ctx, prefixRemoved)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		staff := heed.ID(strings.TrimPrefix(name, prefixRemoved))
		u := Unfinished{Removed: string(staff), Happened: !c.has(staff)}
		if account := c.account(staff); account != nil {
			u.Removed = account.Name
		}
		all = append(all, u)
	}
	return all, nil
}
