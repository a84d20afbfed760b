package media

import (
	"context"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

type copiedDetails struct {
	Attachment heed.ID `json:"attachment"`
	Code       string  `json:"code,omitempty"`
	SHA256     []byte  `json:"sha256,omitempty"` // of the sealed copy
	// Dropped says that nobody can open the original any more, for want of a Custodian or because its reporter took it back, and that
	// it is deleted.
	Dropped bool `json:"dropped,omitempty"`
}

// store makes the copy the file's own, and takes the original from everybody but the Custodians, in one transaction. A copy that
// another job made first stays.
func (s *Service) store(ctx context.Context, w *work, c *heed.SafeCopy, known *heed.Look) (err error) {
	for range storeAttempts {
		if err = s.storeOnce(ctx, w, c, known); !errors.Is(err, heed.ErrConflict) {
			break
		}
	}
	if errors.Is(err, errNothing) || errors.Is(err, heed.ErrNotFound) { // made by another, or erased; what was staged is swept
		return nil
	}
	if err != nil {
		return fmt.Errorf("store a safe copy: %w", err)
	}
	if c.State == heed.CopyFailed {
		return s.forgetFailed(ctx, w.file)
	}
	return nil
}

// storeAttempts is how often that is tried where somebody changes the report in the same moment.
const storeAttempts = 5

// storeOnce is store's transaction.
func (s *Service) storeOnce(ctx context.Context, w *work, c *heed.SafeCopy, known *heed.Look) error {
	return s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		before, err := tx.SafeCopy(ctx, w.file.ID)
		if err != nil {
			return err
		}
		if before.State != heed.CopyWaiting || before.Code == c.Code && c.State == heed.CopyWaiting {
			return errNothing
		}
		if c.State == heed.CopyWaiting {
			c.Details = before.Details
		}
		if err := tx.PutSafeCopy(ctx, c); err != nil || c.State == heed.CopyWaiting {
			return err
		}
		details := copiedDetails{Attachment: c.Attachment, Code: c.Code, SHA256: c.SHA256}
		if c.State == heed.CopyMade {
			if details.Dropped, err = s.replace(ctx, tx, w.file.ID, c.Blob); err != nil {
				return err
			}
			if err := s.wantWords(ctx, tx, w.file, c.Type); err != nil {
				return err
			}
			if err := s.wantSeen(ctx, tx, known); err != nil {
				return err
			}
		}
		if err := s.noteKnown(ctx, tx, c, len(w.listed) > 0); err != nil {
			return err
		}
		if err := s.note(ctx, tx, c.Report, details); err != nil {
			return err
		}
		if heed.Unsafe(c.Code) {
			return s.cfg.Reports.Quarantine(ctx, tx, c.Report, c.Attachment)
		}
		return nil
	})
}

// replace puts the copy in the original's place.
func (s *Service) replace(ctx context.Context, tx heed.Tx, attachment heed.ID, copied string) (dropped bool, err error) {
	if err := tx.DeleteStaged(ctx, copied); err != nil {
		return false, err
	}
	return s.dropOriginal(ctx, tx, attachment)
}

// dropOriginal destroys the transit key of a file, and the file where nothing else opens it.
func (s *Service) dropOriginal(ctx context.Context, tx heed.Tx, attachment heed.ID) (dropped bool, err error) {
	if err := tx.DropTransitKey(ctx, attachment); err != nil && !errors.Is(err, heed.ErrNotFound) { // gone with its day meanwhile
		return false, err
	}
	if err := heed.WantScrub(ctx, tx, s.cfg.Now()); err != nil {
		return false, err
	}
	file, err := tx.Attachment(ctx, attachment)
	if err != nil || file.DayKey != nil {
		return false, err
	}
	return true, review.DeleteBlobs(ctx, tx, []string{file.Blob})
}
