package notify

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/heed-line/heed"
)

// HandleDeadline is the handler of review.JobNotify: it enqueues one job for each receiver, in one transaction.
func (s *Service) HandleDeadline(ctx context.Context, args []byte) error {
	n, err := Deadline(args)
	if err != nil {
		return err
	}
	return s.enqueue(ctx, n, "")
}

// HandleReferral is the handler of referral.JobAnnounce.
func (s *Service) HandleReferral(ctx context.Context, args []byte) error {
	n, department, err := Referral(args)
	if err != nil {
		return err
	}
	return s.enqueue(ctx, n, department)
}

// HandleClock is the handler of audit.JobDoubted, whose args are none.
func (s *Service) HandleClock(ctx context.Context, _ []byte) error {
	return s.enqueue(ctx, Notice{Kind: KindClock, Count: 1}, "")
}

func (s *Service) enqueue(ctx context.Context, n Notice, department string) error {
	var jobs []heed.Job
	for _, d := range s.Deliveries(n, department) {
		b, err := json.Marshal(d.Notice)
		if err != nil {
			return fmt.Errorf("encode a job: %w", err)
		}
		jobs = append(jobs, heed.Job{Kind: d.Job, Args: b, Queue: heed.QueueMail})
	}
	if len(jobs) == 0 {
		s.cfg.Log.WarnContext(ctx, "nobody is named in the profile to be told", "kind", n.Kind, "level", n.Level)
		return nil
	}
	if err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.Enqueue(ctx, jobs...) }); err != nil {
		return fmt.Errorf("enqueue notices: %w", err)
	}
	return nil
}
