package media

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// scanAttempts is how often a file is shown to a clamd that answers, and fails at that file alone: over two minutes or more, by the pauses of jobs.
const scanAttempts = 8

// longestPause is at most between two attempts to show clamd a file that waited for it.
const longestPause = 5 * time.Minute

// noteScan counts, in what is known of a file that waits for its copy, an attempt of clamd's that failed; down: it was gone after it. It gives
// how many failed while it answered. errNothing: the file doesn't wait any more.
func (s *Service) noteScan(ctx context.Context, w *work, down bool) (failed int, err error) {
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		c, err := tx.SafeCopy(ctx, w.file.ID)
		if errors.Is(err, heed.ErrNotFound) || err == nil && c.State != heed.CopyWaiting {
			return errNothing
		}
		if err != nil {
			return err
		}
		f, err := s.scanFailures(w.data, c)
		if err != nil {
			return err
		}
		if f.Last = s.cfg.Now(); down {
			f.Down++
		} else {
			f.Failed++
		}
		failed = f.Failed
		if c.Details, err = s.sealNotes(w, &heed.CopyDetails{Scans: f}); err != nil {
			return err
		}
		return tx.PutSafeCopy(ctx, c)
	})
	if err != nil {
		return 0, fmt.Errorf("count an attempt to show a file to clamd: %w", err)
	}
	return failed, nil
}

// scanFailures is what noteScan counted of a file that waits.
func (s *Service) scanFailures(data seal.Key, c *heed.SafeCopy) (*heed.ScanFailures, error) {
	d, err := review.OpenCopyDetails(data, s.cfg.Line, c)
	if err != nil {
		return nil, err
	}
	if d.Scans == nil {
		return &heed.ScanFailures{}, nil
	}
	return d.Scans, nil
}

// nextScan is when a file that waits may be shown to clamd again: the more often that failed, the later. Zero: it never failed.
func (s *Service) nextScan(ctx context.Context, tx heed.Tx, c *heed.SafeCopy) (time.Time, error) {
	if c == nil || c.Details == nil {
		return time.Time{}, nil
	}
	wrapped, err := tx.WrappedKey(ctx, c.Report)
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) {
		return time.Time{}, nil // erased: its job finds nothing to do
	}
	if err != nil {
		return time.Time{}, err
	}
	keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, c.Report, wrapped)
	if err != nil {
		return time.Time{}, fmt.Errorf("open a file's report: %w", err)
	}
	f, err := s.scanFailures(keys.Data, c)
	if err != nil || f.Last.IsZero() {
		return time.Time{}, err
	}
	return f.Last.Add(min(time.Second<<min(f.Failed+f.Down, 10), longestPause)), nil
}
