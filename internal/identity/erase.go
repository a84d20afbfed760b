package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	heed "github.com/heed-line/heed"
)

// lifeDays is how many days after its own a day's keys die, at that day's start: what was sealed at the day's first moment
// lived seven days, at its last six.
const lifeDays = 7

// Erased says what an EraseDue destroyed.
type Erased struct {
	Days       []string // whose keys, oldest first
	Identities int      // rows
}

// dead reports whether a day's keys must be destroyed by the moment.
func dead(day string, at time.Time) bool {
	d, err := time.Parse(dayForm, day)
	return err == nil && !d.AddDate(0, 0, lifeDays).After(at)
}

// EraseDue destroys, for each day whose seventh day after has begun at asOf, first every key in the keystore, then in one
// transaction the rows they opened, and writes the leaf identity.erased. Cut short between any two steps, another run
// completes it; a run with nothing due does nothing. The caller refuses an asOf before now.
//
// One day's failure doesn't keep the others alive: every due day is tried, and the errors are joined.
func (s *Service) EraseDue(ctx context.Context, asOf time.Time) (Erased, error) {
	var out Erased
	due, err := s.due(ctx, asOf)
	if err != nil {
		return out, fmt.Errorf("looking for identities to erase: %w", err)
	}
	var errs []error
	for _, d := range due {
		n, err := s.eraseDay(ctx, d, asOf)
		if err != nil {
			errs = append(errs, fmt.Errorf("erasing the identities of %s: %w", d.day, err))
			continue
		}
		if d.rows {
			out.Days = append(out.Days, d.day)
			out.Identities += n
		}
	}
	return out, errors.Join(errs...)
}

// dueDay is one day to destroy. rows says that the store still has it alive.
type dueDay struct {
	day  string
	rows bool
}

// due finds what must go by the traces in all three places: keys in the keystore, a record that says its keys live, and
// rows, which a restored copy may have brought back.
func (s *Service) due(ctx context.Context, asOf time.Time) ([]dueDay, error) {
	found := map[string]*dueDay{}
	at := func(day string) *dueDay { // the day, which is due then
		if found[day] == nil {
			found[day] = &dueDay{day: day}
		}
		return found[day]
	}
	names, err := s.keys.List(ctx, "day/")
	if err != nil {
		return nil, err
	}
	for _, n := range names {
		if day, _, _ := strings.Cut(strings.TrimPrefix(n, "day/"), "/"); dead(day, asOf) {
			at(day)
		}
	}
	err = s.store.View(ctx, func(tx heed.Tx) error {
		records, err := tx.DayKeys(ctx)
		if err != nil {
			return err
		}
		counts, err := tx.CountIdentities(ctx)
		if err != nil {
			return err
		}
		for _, r := range records {
			if dead(r.Day, asOf) && r.DestroyedAt.IsZero() {
				at(r.Day).rows = true
			}
		}
		for day, n := range counts {
			if n > 0 && dead(day, asOf) {
				at(day).rows = true
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	days := make([]dueDay, 0, len(found))
	for _, d := range found {
		days = append(days, *d)
	}
	slices.SortFunc(days, func(a, b dueDay) int { return strings.Compare(a.day, b.day) })
	return days, nil
}

// eraseDay destroys keys before rows: once the keys are gone the rows are noise, so that a crash in between leaves nothing
// readable.
func (s *Service) eraseDay(ctx context.Context, d dueDay, asOf time.Time) (identities int, err error) {
	if err := s.destroyKeys(ctx, d.day); err != nil {
		return 0, err
	}
	if !d.rows {
		return 0, nil
	}
	err = s.store.Update(ctx, func(tx heed.Tx) error {
		now := s.now()
		if err := s.lapseOfDay(ctx, tx, d.day); err != nil {
			return err
		}
		if identities, err = tx.DeleteIdentities(ctx, d.day); err != nil {
			return err
		}
		if err := tx.DiscardFilesOfDay(ctx, d.day); err != nil {
			return err
		}
		// Rows without a record can only come from a restored copy; they go all the same.
		if err := tx.MarkDayKeyDestroyed(ctx, d.day, now); err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		if err := countErased(ctx, tx, identities); err != nil {
			return err
		}
		// With the rows, so that a crash leaves neither old figures nor old page images for longer than a minute.
		if err := s.publish(ctx, tx); err != nil {
			return err
		}
		if err := heed.WantScrub(ctx, tx, now); err != nil {
			return err
		}
		details := erasedDetails{Day: d.day, Identities: identities}
		if asOf.After(now) {
			details.AsOf = asOf.UTC().Format(time.RFC3339)
		}
		return s.leaf(ctx, tx, ActErased, details)
	})
	return identities, err
}

// destroyKeys destroys what the keystore has of a day until nothing of it is left: while a seed is whole, a further one can be
// laid beside it (share), and none can once it isn't.
func (s *Service) destroyKeys(ctx context.Context, day string) error {
	for {
		names, err := s.keys.List(ctx, dayPrefix(day))
		if err != nil || len(names) == 0 {
			return err
		}
		for _, name := range names {
			if err := s.keys.Delete(ctx, name); err != nil {
				return err
			}
		}
	}
}

// erasedDetails are the details of ActErased. AsOf is there where the Erasure was ordered before its time, Restored where the
// day was given up because its store came from a backup.
type erasedDetails struct {
	Day        string `json:"day"`
	Identities int    `json:"identities"`
	AsOf       string `json:"as_of,omitempty"`
	Restored   bool   `json:"restored,omitempty"`
}

// GiveUpDays ends, in a store that was restored from a backup, every day that the backup says lives: no backup holds an Identity
// or what a day's key opens, and the private halves may be lost with the keystore. Open Disclosures lapse. EnsureDays then makes
// new keys. Private halves that the keystore still has are left to die with their day: another line may be using them, of
// which this one is the trial.
func (s *Service) GiveUpDays(ctx context.Context) error {
	var living []string
	err := s.store.View(ctx, func(tx heed.Tx) error {
		records, err := tx.DayKeys(ctx)
		for _, r := range records {
			if r.DestroyedAt.IsZero() {
				living = append(living, r.Day)
			}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("looking for days of before the backup: %w", err)
	}
	for _, day := range living {
		err := s.store.Update(ctx, func(tx heed.Tx) error {
			if err := s.lapseOfDay(ctx, tx, day); err != nil {
				return err
			}
			n, err := tx.DeleteIdentities(ctx, day)
			if err != nil {
				return err
			}
			if err := tx.MarkDayKeyDestroyed(ctx, day, s.now()); err != nil {
				return err
			}
			return s.leaf(ctx, tx, ActErased, erasedDetails{Day: day, Identities: n, Restored: true})
		})
		if err != nil {
			return fmt.Errorf("giving up the day %s of before the backup: %w", day, err)
		}
	}
	return s.PublishFigures(ctx)
}
