package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	heed "github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// lapseAtOnce is how many Disclosures are ended in one go. What nobody answered in time waits for the next run beyond that.
const lapseAtOnce = 200

// LapseDisclosures ends those that nobody answered, or nobody looked at, in time.
func (s *Service) LapseDisclosures(ctx context.Context) error {
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		due, err := tx.DisclosuresDue(ctx, s.now(), lapseAtOnce)
		if err != nil {
			return err
		}
		for _, d := range due {
			if err := s.lapse(ctx, tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("ending disclosures: %w", err)
	}
	return nil
}

func (s *Service) lapse(ctx context.Context, tx heed.Tx, d *heed.Disclosure) error {
	from := d.State
	d.State, d.Until, d.Sealed = heed.DisclosureLapsed, time.Time{}, nil
	if err := tx.MoveDisclosure(ctx, d, from); err != nil {
		return err
	}
	if from == heed.DisclosureApproved || from == heed.DisclosureReleased {
		if err := heed.WantScrub(ctx, tx, s.now()); err != nil {
			return err
		}
	}
	return s.ended(ctx, tx, d)
}

// lapseOfDay ends the open Disclosures of a day whose Identities die: every one of them has its leaf.
func (s *Service) lapseOfDay(ctx context.Context, tx heed.Tx, day string) error {
	return s.lapseAll(ctx, tx, func() ([]*heed.Disclosure, error) { return tx.OpenDisclosuresOfDay(ctx, day, lapseAtOnce) })
}

// lapseAll ends what list lists, until it lists nothing more.
func (s *Service) lapseAll(ctx context.Context, tx heed.Tx, list func() ([]*heed.Disclosure, error)) error {
	for {
		open, err := list()
		if err != nil || len(open) == 0 {
			return err
		}
		for _, d := range open {
			if err := s.lapse(ctx, tx, d); err != nil {
				return err
			}
		}
	}
}

// ended writes the leaf of a Disclosure that ended by itself, and tells the desk.
func (s *Service) ended(ctx context.Context, tx heed.Tx, d *heed.Disclosure) error {
	l, err := audit.Leaf(ActLapsed, "", d.Report, s.now(), audit.DisclosureDetails{Disclosure: d.ID, Reason: d.Reason})
	if err != nil {
		return err
	}
	if err := tx.AddLeaf(ctx, l); err != nil {
		return err
	}
	r, err := tx.Report(ctx, d.Report)
	if errors.Is(err, heed.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return tx.Publish(ctx, &heed.DeskEvent{At: l.At, Kind: "report.changed", Report: d.Report, Category: r.Category, List: r.List()})
}

// JobTakenBack does after a reporter took their Identity back what a portal may not: the figures are renewed, and what the
// store's journal still holds of it is emptied. Its args are none.
const JobTakenBack = "identity-taken-back"

// HandleTakenBack is the handler of JobTakenBack. Running it again does no harm.
func (s *Service) HandleTakenBack(ctx context.Context, _ []byte) error {
	err := s.store.Update(ctx, func(tx heed.Tx) error {
		if err := s.publish(ctx, tx); err != nil {
			return err
		}
		return heed.WantScrub(ctx, tx, s.now())
	})
	if err != nil {
		return fmt.Errorf("after an identity was taken back: %w", err)
	}
	return nil
}
