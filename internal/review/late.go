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

// JobLate escalates one Referral of imminent danger that nobody approved in time. It is enqueued with the decision, for
// the moment at which the approval must have come. Its args are LateArgs.
const JobLate = "late-approval"

// lateLevel is the level at which it is said: nobody but the first person has seen what left.
const lateLevel = 150

// LateArgs are the args of JobLate.
type LateArgs struct {
	Disposition heed.ID `json:"disposition"`
}

func enqueueLate(ctx context.Context, tx heed.JobTx, d *heed.Disposition) error {
	args, err := json.Marshal(LateArgs{d.ID})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return tx.Enqueue(ctx, heed.Job{Kind: JobLate, Args: args, At: d.ApproveBy})
}

// HandleLate is the handler of JobLate. It may run again: what was said is not said twice.
func (s *Service) HandleLate(ctx context.Context, args []byte) error {
	var a LateArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobLate, err)
	}
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		d, err := tx.Disposition(ctx, a.Disposition)
		if errors.Is(err, heed.ErrNotFound) || err == nil && d.State != heed.Pending {
			return nil
		}
		if err != nil {
			return err
		}
		already, err := escalated(ctx, tx, d)
		if err != nil || already {
			return err
		}
		r, err := tx.Report(ctx, d.Report)
		if err != nil {
			return err
		}
		now := s.cfg.Now()
		if err := s.alert(ctx, tx, r, lateLevel, approvalDetails{lateLevel, d.ID}, now); err != nil {
			return err
		}
		return toTell(ctx, tx, map[int]int{lateLevel: 1})
	})
	if err != nil {
		return fmt.Errorf("escalate an approval that did not come: %w", err)
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

// settle ends what of the report still waits for a second person, but for the given Disposition: what it was about is
// over.
func settle(ctx context.Context, tx heed.DispositionTx, report, but heed.ID, now time.Time) error {
	all, err := tx.Dispositions(ctx, report)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.State != heed.Pending || d.ID == but {
			continue
		}
		d.State, d.SecondAt = heed.Undone, now
		if err := tx.DecideDisposition(ctx, d, heed.Pending); err != nil {
			return err
		}
	}
	return nil
}
