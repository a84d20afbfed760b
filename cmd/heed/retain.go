package main

import (
	"context"
	"fmt"
	"time"

	"github.com/heed-line/heed/internal/review"
)

// spanBatch is of how many reports of each class the contents go before the line gives way to others. Each is a
// transaction of its own.
const spanBatch = 20

// endSpans erases the contents that at asOf were kept long enough, and calls a lead for the referred ones. It rests as
// forgetting does: a line that was off for months has many and reports to screen meanwhile.
func (l *line) endSpans(ctx context.Context, reports *review.Service, asOf time.Time) (review.Ended, error) {
	return l.endSpansResting(ctx, reports, asOf, forgetPause)
}

// endSpansAtOnce is endSpans while nobody waits for the store: before the line serves.
func (l *line) endSpansAtOnce(ctx context.Context, reports *review.Service, asOf time.Time) (review.Ended, error) {
	return l.endSpansResting(ctx, reports, asOf, 0)
}

// endSpansResting rests so many times as long as its work.
func (l *line) endSpansResting(ctx context.Context, reports *review.Service, asOf time.Time, pause int) (all review.Ended, err error) {
	defer func() {
		if all != (review.Ended{}) {
			l.log.Info("contents were kept long enough", "erased", all.Erased, "await_a_lead", all.Asked)
		}
	}()
	for {
		begun := time.Now()
		ended, more, err := reports.EndSpans(ctx, asOf, spanBatch)
		all.Erased, all.Asked = all.Erased+ended.Erased, all.Asked+ended.Asked
		if err != nil {
			return all, fmt.Errorf("erasing what was kept long enough: %w", err)
		}
		if !more {
			return all, nil
		}
		select {
		case <-time.After(time.Duration(pause) * time.Since(begun)):
		case <-ctx.Done():
			return all, ctx.Err()
		}
	}
}
