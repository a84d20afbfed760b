package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// JobNotify tells people away from the desk that deadlines come near. Its args are Notice.
const JobNotify = "notify"

// Notice says how many reports crossed a level since the last one. It holds nothing about any of them.
type Notice struct {
	Level int `json:"level"` // 50, 80, 100, 150
	Count int `json:"count"`
}

const (
	tickBatch = 100
	// tickBatches bounds one Tick, so that a flood of alerts never keeps others from the store.
	tickBatches = 20
	// noticeEvery is the least time between two notices of one level: a storm is one message with a count.
	noticeEvery = time.Minute
)

// Tick does what time demands: it says which deadlines come near or have passed, gives lapsed Claims back, puts what the
// screening lost before people, and escalates approvals that did not come. It is meant to run every few seconds; two at
// once on different nodes do no harm.
func (s *Service) Tick(ctx context.Context) error {
	crossed := map[int]int{}
	return errors.Join(
		s.alerts(ctx, crossed),
		s.approvals(ctx, crossed),
		s.notice(ctx, crossed),
		s.lapse(ctx),
		s.sweep(ctx),
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

// alerts says each level that a clock has crossed, once. What passed is a leaf.
func (s *Service) alerts(ctx context.Context, crossed map[int]int) error {
	return batches(ctx, func() (bool, error) {
		var said map[int]int
		seen := 0
		err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			said = map[int]int{}
			now := s.cfg.Now()
			due, err := tx.AlertsDue(ctx, now, tickBatch)
			if err != nil {
				return err
			}
			seen = len(due)
			for _, r := range due {
				before := r.AlertLevel
				r.AlertLevel = Level(r, now)
				RunClocks(r, now)
				if err := tx.UpdateReport(ctx, r); err != nil {
					return err
				}
				if r.AlertLevel <= before {
					continue
				}
				said[r.AlertLevel]++
				if err := s.alert(ctx, tx, r, r.AlertLevel, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return false, fmt.Errorf("say which deadlines come near: %w", err)
		}
		for level, n := range said {
			crossed[level] += n
		}
		return seen == tickBatch, nil
	})
}

func (s *Service) alert(ctx context.Context, tx heed.Tx, r *heed.Report, level int, now time.Time) error {
	if level >= 100 {
		if err := s.leaf(ctx, tx, r.ID, act{name: audit.ReportEscalated, details: alertDetails{level}}, now); err != nil {
			return err
		}
	}
	return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: EventReportAlert, Report: r.ID, List: r.List(), Level: level, To: toRole(level)})
}

// approvals escalates Referrals of imminent danger that nobody approved in time. ApproveBy can't be changed, so what was
// said already is what has its leaf.
func (s *Service) approvals(ctx context.Context, crossed map[int]int) error {
	var late []*heed.Disposition
	now := s.cfg.Now()
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		late, err = tx.ApprovalsDue(ctx, now, tickBatch)
		return err
	})
	if err != nil {
		return fmt.Errorf("list approvals that did not come: %w", err)
	}
	for _, d := range late {
		said := false
		err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			said = false
			already, err := escalated(ctx, tx, d)
			if err != nil || already {
				return err
			}
			r, err := tx.Report(ctx, d.Report)
			if err != nil {
				return err
			}
			said = true
			details := approvalDetails{Level: 150, Disposition: d.ID}
			if err := s.leaf(ctx, tx, d.Report, act{name: audit.ReportEscalated, details: details}, now); err != nil {
				return err
			}
			return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: EventReportAlert, Report: d.Report, List: r.List(), Level: 150, To: toRole(150)})
		})
		if err != nil {
			return fmt.Errorf("escalate an approval that did not come: %w", err)
		}
		if said {
			crossed[150]++
		}
	}
	return nil
}

type approvalDetails struct {
	Level       int     `json:"level"`
	Disposition heed.ID `json:"disposition"`
}

// escalated reports whether the Disposition's late approval was said before.
func escalated(ctx context.Context, tx heed.AuditTx, d *heed.Disposition) (bool, error) {
	found := false
	err := eachLeaf(ctx, tx, d.Report, func(l *heed.AuditLeaf) error {
		if l.Act != audit.ReportEscalated {
			return nil
		}
		var details struct {
			Act approvalDetails `json:"act"`
		}
		if err := json.Unmarshal(l.Details, &details); err != nil {
			return fmt.Errorf("read a leaf of %s: %w", l.Act, err)
		}
		found = found || details.Act.Disposition == d.ID
		return nil
	})
	return found, err
}

// settingNotices keeps what is to be told and when each level was last told, over all nodes.
const settingNotices = "review.notices"

type notices struct {
	Pending map[int]int       `json:"pending"` // level → reports not told of yet
	Sent    map[int]time.Time `json:"sent"`
}

// notice enqueues at most one Notice of each level a minute.
func (s *Service) notice(ctx context.Context, crossed map[int]int) error {
	state := notices{}
	now := s.cfg.Now()
	read := func(tx heed.SettingTx) error {
		state = notices{Pending: map[int]int{}, Sent: map[int]time.Time{}}
		b, err := tx.Setting(ctx, settingNotices)
		if errors.Is(err, heed.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		return json.Unmarshal(b, &state)
	}
	if err := s.cfg.Store.View(ctx, func(tx heed.Tx) error { return read(tx) }); err != nil {
		return fmt.Errorf("read what is to be told: %w", err)
	}
	if len(crossed) == 0 && len(state.Pending) == 0 {
		return nil // the usual case writes nothing
	}
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if err := read(tx); err != nil {
			return err
		}
		for level, n := range crossed {
			state.Pending[level] += n
		}
		for level, n := range state.Pending {
			if now.Sub(state.Sent[level]) < noticeEvery {
				continue
			}
			args, err := json.Marshal(Notice{Level: level, Count: n})
			if err != nil {
				return fmt.Errorf("encode a job: %w", err)
			}
			if err := tx.Enqueue(ctx, heed.Job{Kind: JobNotify, Args: args}); err != nil {
				return err
			}
			state.Sent[level] = now
			delete(state.Pending, level)
		}
		b, err := json.Marshal(state)
		if err != nil {
			return fmt.Errorf("encode what is to be told: %w", err)
		}
		return tx.PutSetting(ctx, settingNotices, b)
	})
	if err != nil {
		return fmt.Errorf("tell people of deadlines: %w", err)
	}
	return nil
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
