package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// JobTakenBack deletes the originals of a report whose reporter took back who they are. Its args are TakenBackArgs.
const JobTakenBack = "originals-taken-back"

// TakenBackArgs are the args of JobTakenBack.
type TakenBackArgs struct {
	Report heed.ID `json:"report"`
}

// HandleTakenBack is the handler of JobTakenBack. A file whose copy is still to be made stays until that is done, or can't be. Running it
// again does no harm, nor for a report of which the log doesn't say that anything was taken back.
func (s *Service) HandleTakenBack(ctx context.Context, args []byte) error {
	var a TakenBackArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobTakenBack, err)
	}
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		taken, err := review.TookBack(ctx, tx, a.Report)
		if err != nil || !taken { // a portal, which may leave jobs, is believed no more than the log
			return err
		}
		files, err := tx.Attachments(ctx, a.Report)
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := s.forget(ctx, tx, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete the originals of a report: %w", err)
	}
	return nil
}

// forget deletes an original that its reporter took back, once no copy can be made of it any more.
func (s *Service) forget(ctx context.Context, tx heed.Tx, f *heed.Attachment) error {
	if f.DayKey != nil { // it came after the taking back
		return nil
	}
	c, err := tx.SafeCopy(ctx, f.ID)
	if errors.Is(err, heed.ErrNotFound) || err == nil && c.State == heed.CopyWaiting {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = s.dropOriginal(ctx, tx, f.ID)
	return err
}

// forgetFailed is what follows where no copy of a file can be made: one that was taken back meanwhile goes.
func (s *Service) forgetFailed(ctx context.Context, file *heed.Attachment) error {
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		taken, err := review.TookBack(ctx, tx, file.Report)
		if err != nil || !taken {
			return err
		}
		f, err := tx.Attachment(ctx, file.ID)
		if err != nil {
			return err
		}
		return s.forget(ctx, tx, f)
	})
	if errors.Is(err, heed.ErrNotFound) { // erased
		return nil
	}
	if err != nil {
		return fmt.Errorf("delete an original without a copy: %w", err)
	}
	return nil
}
