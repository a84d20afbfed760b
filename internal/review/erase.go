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

// JobSeen looks whether a file was sent before. Its args name the "attachment".
const JobSeen = "find-seen"

// JobErase erases a withdrawn report. Its args are EraseArgs.
const JobErase = "erase-report"

// EraseArgs are the args of JobErase.
type EraseArgs struct {
	Report heed.ID `json:"report"`
}

// HandleErase is the handler of JobErase: it erases a report that its reporter withdrew. Running it again does nothing.
func (s *Service) HandleErase(ctx context.Context, args []byte) error {
	var a EraseArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobErase, err)
	}
	if _, err := s.eraseOnce(ctx, a.Report, nil); err != nil {
		return fmt.Errorf("erase a withdrawn report: %w", err)
	}
	return nil
}

// eraseOnce erases a report whatever its state. It is false where the report is erased already, or there is none.
func (s *Service) eraseOnce(ctx context.Context, id heed.ID, details any) (bool, error) {
	err := s.change(ctx, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		return s.eraseWhole(ctx, tx, r, details, now)
	})
	var done *heed.TransitionError
	if errors.As(err, &done) && done.From == heed.Erased || errors.Is(err, heed.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// againDetails are in the leaf of a report that was erased before and came back with a backup.
type againDetails struct {
	Restored bool `json:"restored"`
}

// EraseKnown erases a report that is known to have been erased after the backup from which the store was restored. It is false where
// there was nothing to erase.
func (s *Service) EraseKnown(ctx context.Context, id heed.ID) (bool, error) {
	erased, err := s.eraseOnce(ctx, id, againDetails{true})
	if err != nil {
		return false, fmt.Errorf("erase a report once more: %w", err)
	}
	return erased, nil
}

// Keyless lists the reports that aren't erased and yet have no key: what a backup's younger archive of keys didn't hold any more.
func (s *Service) Keyless(ctx context.Context) (ids []heed.ID, err error) {
	var last *heed.Report
	for more := true; more; {
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
			page, err := tx.Reports(ctx, heed.ReportQuery{After: last, Limit: rebuildBatch})
			more = len(page) == rebuildBatch
			for _, r := range page {
				last = r
				if r.State == heed.Erased {
					continue
				}
				if _, err := tx.WrappedKey(ctx, r.ID); errors.Is(err, heed.ErrGone) {
					ids = append(ids, r.ID)
				} else if err != nil {
					return err
				}
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list reports without keys: %w", err)
		}
	}
	return ids, nil
}

// erase destroys what opens the report and deletes what hangs on it. The report's row stays with its codes and dates, and
// so does the Receipt: who reported sees that it is concluded. What still waits for a second person is settled, but for the
// Disposition that erases.
func (s *Service) erase(ctx context.Context, tx heed.Tx, r *heed.Report, by heed.ID, now time.Time) error {
	s.memory.forget(r.ID)
	if err := settle(ctx, tx, r.ID, by, now); err != nil {
		return fmt.Errorf("settle what waits for a second person: %w", err)
	}
	concluded(r)
	unclaim(r)
	r.ClaimFrom, r.Content = "", nil
	if r.ClosedAt.IsZero() {
		r.ClosedAt = now
	}
	if err := tx.DestroyKey(ctx, r.ID); err != nil {
		return fmt.Errorf("destroy the report's keys: %w", err)
	}
	if err := heed.WantScrub(ctx, tx, now); err != nil {
		return fmt.Errorf("have the store's journal emptied: %w", err)
	}
	blobs, err := tx.DeleteAttachments(ctx, r.ID)
	if err != nil {
		return fmt.Errorf("delete the report's files: %w", err)
	}
	r.Files = 0
	for _, step := range []func(context.Context, heed.ID) error{tx.DeleteMessages, tx.DeleteTraces, tx.DeleteNotes} {
		if err := step(ctx, r.ID); err != nil {
			return fmt.Errorf("delete what hangs on the report: %w", err)
		}
	}
	if err := lapse(ctx, tx, r.ID, now); err != nil {
		return fmt.Errorf("end the report's disclosures: %w", err)
	}
	if _, err := tx.DeleteReportIdentities(ctx, r.ID, heed.DisclosureLapsed); err != nil {
		return fmt.Errorf("delete the report's identities: %w", err)
	}
	if r.Copies > 0 {
		args, err := json.Marshal(EraseArgs{r.ID})
		if err != nil {
			return fmt.Errorf("encode a job: %w", err)
		}
		if err := tx.Enqueue(ctx, heed.Job{Kind: JobFreeCopies, Args: args}); err != nil {
			return err
		}
	}
	return DeleteBlobs(ctx, tx, blobs)
}

// lapse writes the leaf of each open Disclosure of a report, which ends with the report's Identities.
func lapse(ctx context.Context, tx heed.Tx, report heed.ID, now time.Time) error {
	all, err := tx.Disclosures(ctx, report)
	if err != nil {
		return err
	}
	for _, d := range all {
		if !d.State.Open() {
			continue
		}
		l, err := audit.Leaf(audit.DisclosureLapsed, "", report, now, audit.DisclosureDetails{Disclosure: d.ID, Reason: d.Reason})
		if err != nil {
			return err
		}
		if err := tx.AddLeaf(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// JobBlobs deletes sealed files that no record names any more. Its args are blobArgs.
const JobBlobs = "delete-blobs"

type blobArgs struct {
	Blobs []string `json:"blobs"`
}

// DeleteBlobs enqueues the deletion of sealed files, after the transaction that forgets them.
func DeleteBlobs(ctx context.Context, tx heed.JobTx, blobs []string) error {
	if len(blobs) == 0 {
		return nil
	}
	args, err := json.Marshal(blobArgs{blobs})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return tx.Enqueue(ctx, heed.Job{Kind: JobBlobs, Args: args})
}

// HandleBlobs is the handler of JobBlobs. A file that is already gone is no failure.
func (s *Service) HandleBlobs(ctx context.Context, args []byte) error {
	var a blobArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobBlobs, err)
	}
	for _, key := range a.Blobs {
		if err := s.cfg.Blobs.Delete(ctx, key); err != nil && !errors.Is(err, heed.ErrNotFound) {
			return fmt.Errorf("delete a sealed file: %w", err)
		}
	}
	return nil
}

// JobFreeCopies returns the duplicates of an erased lead to the queue. Its args are EraseArgs.
const JobFreeCopies = "free-copies"

// HandleFreeCopies is the handler of JobFreeCopies: what hung on a report that is gone must be looked at by itself.
func (s *Service) HandleFreeCopies(ctx context.Context, args []byte) error {
	var a EraseArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobFreeCopies, err)
	}
	for {
		var members []*heed.Report
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
			members, err = tx.Duplicates(ctx, a.Report, 100)
			return err
		})
		if err != nil {
			return fmt.Errorf("list the duplicates of an erased report: %w", err)
		}
		for _, m := range members {
			if err := s.change(ctx, m.ID, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) { return s.free(ctx, tx, r, now) }); err != nil {
				return fmt.Errorf("free a duplicate: %w", err)
			}
		}
		if len(members) == 0 {
			return nil
		}
	}
}

// free takes a duplicate off a lead that is gone. One that is over itself loses its lead only.
func (s *Service) free(ctx context.Context, tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
	if r.Lead != "" {
		if err := s.part(ctx, tx, r, "", now); err != nil {
			return act{}, err
		}
	}
	if r.State == heed.Duplicate {
		if err := backToQueue(ctx, tx, r, heed.EventUnlink, now); err != nil {
			return act{}, err
		}
		resume(r, s.cfg.Profile.Deadlines, true, now)
	}
	return act{name: audit.ReportUnlinked}, nil
}
