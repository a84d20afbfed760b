package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/heed-line/heed"
)

// JobRebuild makes anew what reports are found by, after a restore: backups don't hold it. Its args are ScreenArgs.
const JobRebuild = "rebuild-traces"

// rebuildBatch is how many reports one JobRebuild is for.
const rebuildBatch = 200

// Rebuild enqueues JobRebuild for every report of which a trace would be stored: open ones are searched, and others found as similar
// for some time.
func (s *Service) Rebuild(ctx context.Context) error {
	var ids []heed.ID
	var last *heed.Report
	since := s.cfg.Now().Add(-similarWindow)
	for more := true; more; {
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
			page, err := tx.Reports(ctx, heed.ReportQuery{After: last, Limit: rebuildBatch})
			for _, r := range page {
				if r.State.Open() || r.State != heed.Erased && r.ReceivedAt.After(since) {
					ids = append(ids, r.ID)
				}
				last = r
			}
			more = len(page) == rebuildBatch
			return err
		})
		if err != nil {
			return fmt.Errorf("list reports to find again: %w", err)
		}
	}
	var jobs []heed.Job
	for batch := range slices.Chunk(ids, rebuildBatch) {
		args, err := json.Marshal(ScreenArgs{batch})
		if err != nil {
			return fmt.Errorf("encode a job: %w", err)
		}
		jobs = append(jobs, heed.Job{Kind: JobRebuild, Args: args, Queue: heed.QueueImport})
	}
	if len(jobs) == 0 {
		return nil
	}
	if err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.Enqueue(ctx, jobs...) }); err != nil {
		return fmt.Errorf("enqueue reports to find again: %w", err)
	}
	return nil
}

// HandleRebuild is the handler of JobRebuild. What was erased, never screened or proposed for refusal meanwhile stays as it is.
func (s *Service) HandleRebuild(ctx context.Context, args []byte) error {
	var a ScreenArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobRebuild, err)
	}
	for _, id := range a.Reports {
		if err := s.rebuild(ctx, id); err != nil {
			return fmt.Errorf("make anew what a report is found by: %w", err)
		}
	}
	return nil
}

func (s *Service) rebuild(ctx context.Context, id heed.ID) error {
	f := &heed.Fingerprint{Report: id}
	var tokens [][]byte
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		r, err := tx.Report(ctx, id)
		if err != nil {
			return err
		}
		keys, err := s.keys(ctx, tx, id)
		if err != nil {
			return err
		}
		sc, unscreened, err := s.screening(ctx, tx, id, &keys)
		if err != nil {
			return err
		}
		if unscreened || sc == nil || sc.Refuse {
			return errNoTraces
		}
		c, err := s.content(r, &keys)
		f.At = r.ReceivedAt
		f.Bands, f.Signature, tokens = s.foundBy(c)
		return err
	})
	if err == nil {
		err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			if _, err := tx.WrappedKey(ctx, id); err != nil {
				return err // erased meanwhile
			}
			if len(f.Bands) > 0 {
				if err := tx.PutFingerprint(ctx, f); err != nil {
					return err
				}
			}
			return tx.PutSearchTokens(ctx, id, tokens)
		})
	}
	if errors.Is(err, errNoTraces) || errors.Is(err, heed.ErrGone) || errors.Is(err, heed.ErrNotFound) {
		return nil
	}
	return err
}

// errNoTraces ends the rebuilding of a report that is found by nothing.
var errNoTraces = errors.New("it is found by nothing")
