package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/media/sandbox"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// RedactFor is how long a redacted copy is tried: then it can't be made, and the file isn't handed on.
const RedactFor = 6 * time.Hour

// RedactTimeout is how long review.JobRedact may run, as long as the longest of the copies that it redacts; review.JobRedactFilm may as long as a film's.
const RedactTimeout = CopyTimeout

// redacting is a file of which a redacted copy is to be made.
type redacting struct {
	redaction *heed.Redaction
	copied    *heed.SafeCopy
	data      seal.Key // the report's
	marks     []heed.Mark
	details   heed.CopyDetails // of the safe copy
}

// redactedDetails is in the leaf of a redacted copy.
type redactedDetails struct {
	Attachment heed.ID `json:"attachment"`
	Version    int64   `json:"version"`
	SHA256     []byte  `json:"sha256,omitempty"` // of the sealed copy
	Code       string  `json:"code,omitempty"`
}

// HandleRedact is the handler of review.JobRedact and review.JobRedactFilm. What is made already, marked otherwise by now, or gone, is left
// as it is, so that it may run again.
func (s *Service) HandleRedact(ctx context.Context, args []byte) error {
	w, err := s.redacting(ctx, args)
	if err != nil || w == nil {
		return err
	}
	made, err := s.redact(ctx, w)
	if code := failure(err); code != "" {
		s.cfg.Log.Warn("media: no redacted copy can be made of a file", "report", string(w.copied.Report), "code", code)
		made, err = w.failed(code), nil
	}
	if err != nil {
		return fmt.Errorf("make a redacted copy: %w", err)
	}
	return s.finishRedaction(ctx, w, made)
}

// GiveUpRedact is what follows when such a job failed for the last time.
func (s *Service) GiveUpRedact(ctx context.Context, args []byte, cause error) error {
	w, err := s.redacting(ctx, args)
	if err != nil || w == nil {
		return err
	}
	code := heed.CopyTooLong
	switch {
	case errors.Is(cause, sandbox.ErrNoProgram):
		code = heed.CopyNoTool
	case errors.Is(cause, sandbox.ErrNoRoom):
		code = heed.CopyNoRoom
	}
	return s.finishRedaction(ctx, w, w.failed(code))
}

func (w *redacting) failed(code string) *heed.SafeCopy {
	return &heed.SafeCopy{Attachment: w.copied.Attachment, Report: w.copied.Report, State: heed.CopyFailed, Code: code}
}

// redacting finds what a job is about; nil where there is nothing to do any more.
func (s *Service) redacting(ctx context.Context, args []byte) (w *redacting, err error) {
	var a review.RedactArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return nil, fmt.Errorf("read the args of %s: %w", review.JobRedact, err)
	}
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		w = nil
		r, err := tx.Redaction(ctx, a.Attachment)
		if err != nil {
			return err
		}
		if r.Version != a.Version || r.None() || r.Copy.State != heed.CopyWaiting {
			return nil
		}
		copied, err := tx.SafeCopy(ctx, a.Attachment)
		if err != nil {
			return err
		}
		wrapped, err := tx.WrappedKey(ctx, r.Report)
		if err != nil {
			return err
		}
		keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, r.Report, wrapped)
		if err != nil {
			return err
		}
		found := &redacting{redaction: r, copied: copied, data: keys.Data}
		if found.marks, err = review.OpenMarks(keys.Data, s.cfg.Line, r); err != nil {
			return err
		}
		found.details, err = review.OpenCopyDetails(keys.Data, s.cfg.Line, copied)
		w = found
		return err
	})
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) {
		return nil, nil // erased
	}
	if err != nil {
		return nil, fmt.Errorf("find what is to be redacted: %w", err)
	}
	return w, nil
}

// redact seals a redacted copy into the blob store, which no record names yet.
func (s *Service) redact(ctx context.Context, w *redacting) (made *heed.SafeCopy, err error) {
	r := w.redaction
	from, err := review.OpenCopyAt(ctx, s.cfg.Blobs, s.cfg.Line, w.data, w.copied)
	if err != nil {
		return nil, err
	}
	var pages []heed.Page
	key := seal.NewKey()
	blob, err := s.sealBlob(ctx, key, seal.RedactedPlace(s.cfg.Line, r.Report, r.Attachment, r.Version), func(to io.Writer) (err error) {
		pages, err = w.write(ctx, from, to)
		return err
	})
	if err != nil {
		return nil, err
	}
	made = &heed.SafeCopy{
		Attachment: r.Attachment, Report: r.Report, State: heed.CopyMade, Blob: blob.key, Type: w.copied.Type, Size: blob.size, SHA256: blob.sum,
		SealedKey: w.data.SealRedactedKey(s.cfg.Line, r.Report, r.Attachment, r.Version, key), MadeAt: s.cfg.Now(),
	}
	if pages != nil {
		b, err := json.Marshal(heed.CopyDetails{Pages: pages})
		if err != nil {
			return nil, fmt.Errorf("encode a redacted copy's details: %w", err)
		}
		made.Details = w.data.Seal(seal.RedactedDetailsPlace(s.cfg.Line, r.Report, r.Attachment, r.Version), b)
	}
	return made, nil
}

// write writes the copy without what is marked.
func (w *redacting) write(ctx context.Context, from *io.SectionReader, to io.Writer) ([]heed.Page, error) {
	switch w.copied.Type {
	case pictureType:
		return nil, redactPicture(ctx, from, w.marks, to)
	case paperType:
		return redactPages(ctx, from, w.details.Pages, w.marks, to)
	case soundType:
		return nil, redactSound(ctx, from, w.marks, to)
	case filmType:
		return nil, redactFilm(ctx, from, w.marks, to)
	}
	return nil, fmt.Errorf("redact a %s: %w", w.copied.Type, sandbox.ErrUnreadable)
}

// finishRedaction makes the copy that of its marks, unless there are others by now; what was staged is swept then.
func (s *Service) finishRedaction(ctx context.Context, w *redacting, made *heed.SafeCopy) error {
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.FinishRedaction(ctx, w.redaction.Version, made); err != nil {
			return err
		}
		if made.Blob != "" {
			if err := tx.DeleteStaged(ctx, made.Blob); err != nil {
				return err
			}
		}
		return s.say(ctx, tx, audit.FileRedacted, made.Report, redactedDetails{made.Attachment, w.redaction.Version, made.SHA256, made.Code})
	})
	if errors.Is(err, heed.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("store a redacted copy: %w", err)
	}
	return nil
}
