package media

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/clamd"
	"github.com/heed-line/heed/internal/media/sandbox"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// JobCopy makes the safe copy of one file. Its args are CopyArgs.
const JobCopy = "make-copy"

// JobFilm makes that of a film, which may take hours: in a queue of its own. Its args are CopyArgs.
const JobFilm = "make-film-copy"

// CopyArgs are the args of JobCopy and JobFilm.
type CopyArgs struct {
	Attachment heed.ID `json:"attachment"`
}

// CopyTimeout is how long JobCopy may run.
const CopyTimeout = clamd.Patience + soundPatience + wavePatience + listenPatience + time.Minute

// HandleCopy is the handler of JobCopy and JobFilm. What is made already, or gone, is left as it is, so that it may run again.
func (s *Service) HandleCopy(ctx context.Context, args []byte) error {
	var a CopyArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobCopy, err)
	}
	w, err := s.open(ctx, a.Attachment)
	if err != nil || w == nil {
		return err
	}
	made, known, err := s.make(ctx, w)
	var why *withheldError
	var bad *malwareError
	switch code := failure(err); {
	case errors.As(err, &bad):
		if made, err = s.malicious(w, bad); err != nil {
			return err
		}
	case errors.Is(err, clamd.ErrDown) && w.copyable():
		made = &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyWaiting, Code: heed.CopyNoScanner}
	case errors.As(err, &why):
		made, err = s.withheld(w, why)
		if err != nil {
			return err
		}
	case code != "":
		s.cfg.Log.Warn("media: no safe copy can be made of a file", "report", string(w.file.Report), "code", code)
		made = &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyFailed, Code: code}
	case errors.Is(err, sandbox.ErrNoProgram):
		made = &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyWaiting, Code: heed.CopyNoTool}
	case errors.Is(err, sandbox.ErrNoRoom):
		made = &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyWaiting, Code: heed.CopyNoRoom}
	case err != nil:
		return fmt.Errorf("make a safe copy: %w", err)
	}
	return s.store(ctx, w, made, known)
}

// failure is the code of what no further attempt would mend; "" where one may.
func failure(err error) string {
	switch {
	case errors.Is(err, sandbox.ErrUnreadable):
		return heed.CopyUnreadable
	case errors.Is(err, sandbox.ErrTooMuch):
		return heed.CopyTooLong
	case errors.Is(err, heed.ErrGone), errors.Is(err, heed.ErrSealed), errors.Is(err, heed.ErrNotFound):
		return heed.CopyLost
	}
	return ""
}

// GiveUpCopy is what follows when such a job failed for the last time: the day's keys have gone by then.
func (s *Service) GiveUpCopy(ctx context.Context, args []byte, _ error) error {
	var a CopyArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobCopy, err)
	}
	w, err := s.open(ctx, a.Attachment)
	if err != nil || w == nil {
		return err
	}
	return s.store(ctx, w, &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyFailed, Code: heed.CopyLost}, nil)
}

// work is a file of which a copy is to be made.
type work struct {
	file *heed.Attachment
	data seal.Key // the report's
	// listed are the notes of the operator's list of known files that staff are told of.
	listed []string
	// unscanned says that the line's clamd didn't look at all of it.
	unscanned bool
}

// open finds what the copy needs; nil where there is nothing to do.
func (s *Service) open(ctx context.Context, attachment heed.ID) (w *work, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		w = nil
		before, err := tx.SafeCopy(ctx, attachment)
		if errors.Is(err, heed.ErrNotFound) || err == nil && before.State != heed.CopyWaiting {
			return nil
		}
		if err != nil {
			return err
		}
		file, err := tx.Attachment(ctx, attachment)
		if err != nil {
			return err
		}
		wrapped, err := tx.WrappedKey(ctx, file.Report)
		if err != nil {
			return err
		}
		keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, file.Report, wrapped)
		w = &work{file: file, data: keys.Data}
		return err
	})
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) {
		return nil, nil // erased
	}
	if err != nil {
		return nil, fmt.Errorf("open a file's report: %w", err)
	}
	return w, nil
}

// make seals a copy into the blob store, which no record names yet, and finds what the file is known again by.
func (s *Service) make(ctx context.Context, w *work) (made *heed.SafeCopy, known *heed.Look, err error) {
	original, err := review.OpenFileAt(ctx, s.cfg.Blobs, s.cfg.Files, s.cfg.Line, w.file)
	if err != nil {
		return nil, nil, err
	}
	if w.listed, err = s.listed(ctx, original); err != nil {
		return nil, nil, err
	}
	if w.unscanned, err = s.scanned(ctx, w, original); err != nil {
		return nil, nil, err
	}
	if w.listed, err = s.listedPicture(ctx, w.file, original, w.listed); err != nil {
		return nil, nil, err
	}
	m, err := makerOf(w.file)
	if err != nil {
		return nil, nil, err
	}
	var details *heed.CopyDetails
	shows, key := sha256.New(), seal.NewKey()
	blob, err := s.sealBlob(ctx, key, seal.SafeCopyPlace(s.cfg.Line, w.file.Report, w.file.ID), func(to io.Writer) (err error) {
		if details, err = m.make(ctx, w.file.Type, original, io.MultiWriter(to, shows)); err != nil {
			return err
		}
		if w.listed, err = s.listedFrames(details, w.listed); err != nil {
			return err
		}
		kept, err := s.lookOf(ctx, w.file, original, details, shows.Sum(nil))
		if err != nil {
			return err
		}
		known, err = s.sealLook(w.file, w.data, kept)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if len(w.listed) > 0 || w.unscanned {
		if details == nil {
			details = &heed.CopyDetails{}
		}
		details.Known, details.Unscanned = w.listed, w.unscanned
	}
	made = &heed.SafeCopy{
		Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyMade, Blob: blob.key, Type: m.makes, Size: blob.size, SHA256: blob.sum,
		SealedKey: w.data.SealSafeCopyKey(s.cfg.Line, w.file.Report, w.file.ID, key), MadeAt: s.cfg.Now(),
	}
	if details != nil {
		if details.Type != "" {
			made.Type = details.Type
		}
		b, err := json.Marshal(details)
		if err != nil {
			return nil, nil, fmt.Errorf("encode a copy's details: %w", err)
		}
		made.Details = w.data.Seal(seal.CopyDetailsPlace(s.cfg.Line, w.file.Report, w.file.ID), b)
	}
	return made, known, nil
}
