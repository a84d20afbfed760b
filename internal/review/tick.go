package review

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

const (
	tickBatch = 100
	// tickBatches bounds one Tick, so that a flood of alerts never keeps others from the store.
	tickBatches = 20
)

// Tick does what time demands: it forgets what was erased elsewhere, says which deadlines come near or have passed, gives lapsed
// Claims back, puts what the screening lost before people, and copies whose lead was decided about. It is meant to run every few
// seconds; two at once on different nodes do no harm.
func (s *Service) Tick(ctx context.Context) error {
	s.memory.expire(s.cfg.Now())
	return errors.Join(
		s.forgetErased(ctx),
		s.alerts(ctx),
		s.notice(ctx),
		s.lapse(ctx),
		s.sweep(ctx),
		s.unfold(ctx),
	)
}

// batches runs one batch after the other until one says that there is no more.
func batches(ctx context.Context, batch func() (more bool, err error)) error {
	for range tickBatches {
		more, err := batch()
		if err != nil || !more || ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// toRole is who is told of a level at the desk.
func toRole(level int) string {
	if level < 100 {
		return string(heed.Specialist)
	}
	return string(heed.RoleLead)
}

type alertDetails struct {
	Level int `json:"level"`
}

// alerts says each level that a clock has crossed, once. What passed is a leaf, and whom it concerns is told: all in one
// transaction, so that nothing is said at the desk alone.
func (s *Service) alerts(ctx context.Context) error {
	return batches(ctx, func() (bool, error) {
		seen := 0
		err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			said := map[int]int{}
			now := s.cfg.Now()
			due, err := tx.AlertsDue(ctx, now, tickBatch)
			if err != nil {
				return err
			}
			seen = len(due)
			for _, r := range due {
				level := Say(r, now)
				if err := tx.UpdateReport(ctx, r); err != nil {
					return err
				}
				if level == 0 {
					continue
				}
				said[level]++
				if err := s.alert(ctx, tx, r, level, alertDetails{level}, now); err != nil {
					return err
				}
			}
			return toTell(ctx, tx, said)
		})
		if err != nil {
			return false, fmt.Errorf("say which deadlines come near: %w", err)
		}
		return seen == tickBatch, nil
	})
}

// alert says one level of a report at the desk; what passed is a leaf.
func (s *Service) alert(ctx context.Context, tx heed.Tx, r *heed.Report, level int, details any, now time.Time) error {
	if level >= 100 {
		if err := s.leaf(ctx, tx, r.ID, act{name: audit.ReportEscalated, details: details}, now); err != nil {
			return err
		}
	}
	return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: EventReportAlert, Report: r.ID, List: r.List(), Level: level, To: toRole(level), Category: r.Category})
}

// lapse gives back what was claimed and left.
func (s *Service) lapse(ctx context.Context) error {
	return batches(ctx, func() (bool, error) {
		seen := 0
		err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			now := s.cfg.Now()
			lapsed, err := tx.ClaimsLapsed(ctx, now, tickBatch)
			if err != nil {
				return err
			}
			seen = len(lapsed)
			for _, r := range lapsed {
				if r.State != heed.InReview {
					unclaim(r)
				} else if err := s.giveBack(ctx, tx, r, now); err != nil {
					return err
				}
				if err := s.record(ctx, tx, r, act{name: audit.ReportReleased}, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return false, fmt.Errorf("give lapsed claims back: %w", err)
		}
		return seen == tickBatch, nil
	})
}

// sweep puts reports whose screening is overdue before people as unscreened, and has them screened once more.
func (s *Service) sweep(ctx context.Context) error {
	return batches(ctx, func() (bool, error) {
		var late []*heed.Report
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
			late, err = tx.Unscreened(ctx, s.cfg.Now().Add(-s.cfg.Profile.Deadlines.Screening), tickBatch)
			return err
		})
		if err != nil {
			return false, fmt.Errorf("list the unscreened: %w", err)
		}
		ids := make([]heed.ID, len(late))
		for i, r := range late {
			ids[i] = r.ID
		}
		if err := s.giveUp(ctx, ids, true); err != nil {
			return false, err
		}
		return len(late) == tickBatch, nil
	})
}
