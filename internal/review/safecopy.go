package review

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// CopyIsWaiting is the CopyCode of a copy that waits for its turn.
const CopyIsWaiting = "waiting"

// copyCode says why a copy can't be had. alive: its original can still be opened.
func copyCode(c *heed.SafeCopy, alive bool) string {
	switch {
	case c != nil && c.State == heed.CopyMade:
		return ""
	case c != nil && c.State == heed.CopyFailed && c.Code != "none" && c.Code != "unscanned": // as an earlier version said it makes none of its kind
		return c.Code
	case !alive:
		return heed.CopyLost
	case c == nil || c.Code == "" || c.State == heed.CopyFailed:
		return CopyIsWaiting
	}
	return c.Code
}

// OpenCopy opens the safe copy of a file, to be looked at or heard. Opening it is an audit leaf; who opens it again within ten minutes,
// as a player does at every leap, leaves no further one. The caller closes the reader; a damaged copy ends in heed.ErrSealed.
//
// It returns heed.ErrNotFound where the report has no such file or that has no copy (yet).
func (s *Service) OpenCopy(ctx context.Context, actor *heed.Staff, report, attachment heed.ID) (*heed.SafeCopy, io.ReadSeekCloser, error) {
	c, r, _, err := s.openCopy(ctx, actor, report, attachment)
	return c, r, err
}

// openCopy is OpenCopy, with the report's data key.
func (s *Service) openCopy(ctx context.Context, actor *heed.Staff, report, attachment heed.ID) (c *heed.SafeCopy, r io.ReadSeekCloser, data seal.Key, err error) {
	if err := s.cfg.Allow(actor, auth.AttachmentOpen, auth.Resource{}); err != nil {
		return nil, nil, data, err
	}
	var keys seal.ReportKeys
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		if err := s.knowsOf(ctx, tx, actor, report); err != nil {
			return err
		}
		if c, err = tx.SafeCopy(ctx, attachment); err != nil {
			return err
		}
		if c.Report != report || c.State != heed.CopyMade {
			return heed.ErrNotFound
		}
		keys, err = s.keys(ctx, tx, report)
		return err
	})
	if err != nil {
		return nil, nil, data, fmt.Errorf("find a copy: %w", err)
	}
	r, err = OpenCopyFile(ctx, s.cfg.Blobs, s.cfg.Line, keys.Data, c)
	if err != nil {
		return nil, nil, data, err
	}
	if err := s.noteOpening(ctx, &s.opened, actor, report, fileDetails{Attachment: attachment}); err != nil {
		return nil, nil, data, closing(r, err)
	}
	return c, r, keys.Data, nil
}

// noteOpening writes the leaf of the opening of a copy, where there was none of late among those of its sort.
func (s *Service) noteOpening(ctx context.Context, of *openings, actor *heed.Staff, report heed.ID, details fileDetails) error {
	now := s.cfg.Now()
	if of.lately(actor.ID, details.Attachment, now) {
		return nil
	}
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		return s.leaf(ctx, tx, report, act{name: audit.CopyOpened, actor: actor.ID, details: details}, now)
	})
	if err != nil {
		return fmt.Errorf("note the opening of a copy: %w", err)
	}
	of.note(actor.ID, details.Attachment, now)
	return nil
}

// openings remembers who opened which copy of late.
type openings struct {
	mu sync.Mutex
	at map[[2]heed.ID]time.Time
}

const (
	openedFor   = UncoveredFor
	openedAtAll = 10_000 // entries; then it forgets all, and leaves are written again
)

func (o *openings) lately(actor, attachment heed.ID, now time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	at, known := o.at[[2]heed.ID{actor, attachment}]
	return known && now.Sub(at) < openedFor
}

func (o *openings) note(actor, attachment heed.ID, now time.Time) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.at == nil || len(o.at) >= openedAtAll {
		o.at = map[[2]heed.ID]time.Time{}
	}
	o.at[[2]heed.ID{actor, attachment}] = now
}

// OpenCopyFile opens a safe copy that was made, with its report's data key. It decrypts what is read of it, from wherever that is.
func OpenCopyFile(ctx context.Context, blobs Blobs, line string, data seal.Key, c *heed.SafeCopy) (*Section, error) {
	r, err := OpenCopyAt(ctx, blobs, line, data, c)
	if err != nil {
		return nil, err
	}
	return &Section{r}, nil
}

// OpenCopyAt is OpenCopyFile for what leaps in the copy, several readers at once too.
func OpenCopyAt(ctx context.Context, blobs Blobs, line string, data seal.Key, c *heed.SafeCopy) (*io.SectionReader, error) {
	key, err := data.OpenSafeCopyKey(line, c.Report, c.Attachment, c.SealedKey)
	if err != nil {
		return nil, fmt.Errorf("open a copy's key: %w", err)
	}
	r, err := seal.NewFrameSection(c.Size, ranges(ctx, blobs, c.Blob), key, seal.SafeCopyPlace(line, c.Report, c.Attachment))
	if err != nil {
		return nil, fmt.Errorf("open a sealed copy: %w", err)
	}
	return r, nil
}

// Section is an opened copy. It holds nothing open between two reads; Size is the copy's own length.
type Section struct{ *io.SectionReader }

// Close implements io.Closer.
func (*Section) Close() error { return nil }

// ranges fetches parts of a blob.
func ranges(ctx context.Context, blobs Blobs, key string) func(from, length int64) (io.ReadCloser, error) {
	return func(from, length int64) (io.ReadCloser, error) { return blobs.OpenRange(ctx, key, from, length) }
}
