package media

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/clamd"
)

// Scanner knows what is malicious: the line's clamd.
type Scanner interface {
	// Scan gives the name of the signature that a file fits, or "". It returns clamd.ErrDown, clamd.ErrUnscanned,
	// clamd.ErrFailed, the file's error or ctx's.
	Scan(ctx context.Context, file io.Reader) (signature string, err error)
	// Ping returns clamd.ErrDown where it doesn't answer, or can scan nothing.
	Ping(ctx context.Context) error
}

// malwareError says that a file fits a signature.
type malwareError struct{ signature string }

func (*malwareError) Error() string { return "the file is malicious" }

// scanned shows the whole file to the line's clamd, before any program reads it. unscanned: that doesn't look at all of so large a one, or failed
// at this one, and not at others, scanAttempts times.
func (s *Service) scanned(ctx context.Context, w *work, original *io.SectionReader) (unscanned bool, err error) {
	if s.cfg.Scanner == nil {
		return false, nil
	}
	signature, err := s.cfg.Scanner.Scan(ctx, &patient{ctx, io.NewSectionReader(original, 0, original.Size())})
	switch {
	case errors.Is(err, clamd.ErrUnscanned):
		return true, nil
	case errors.Is(err, clamd.ErrFailed), errors.Is(err, clamd.ErrDown):
		return s.unscannable(ctx, w, err)
	case err != nil:
		return false, fmt.Errorf("show a file to clamd: %w", err)
	case signature != "":
		return false, &malwareError{signature}
	}
	return false, nil
}

// unscannable judges that clamd failed at a file: where it is gone, or fails at all, the error is clamd.ErrDown; else clamd.ErrFailed, and
// after the last attempt none.
func (s *Service) unscannable(ctx context.Context, w *work, why error) (unscanned bool, err error) {
	err = s.cfg.Scanner.Ping(ctx)
	if err != nil && !errors.Is(err, clamd.ErrDown) {
		return false, fmt.Errorf("ask after clamd: %w", err)
	}
	n, noting := s.noteScan(ctx, w, err != nil)
	if noting != nil {
		return false, noting
	}
	if err != nil {
		return false, fmt.Errorf("show a file to clamd: %w", err)
	}
	s.cfg.Log.Warn("media: clamd answers, and fails at a file", "report", string(w.file.Report), "attempt", n, "of", scanAttempts, "err", why)
	if n < scanAttempts {
		// Not wrapped: it may be clamd.ErrDown, and clamd is there.
		return false, fmt.Errorf("show a file to clamd: %w (%s)", clamd.ErrFailed, why.Error())
	}
	return true, nil
}

// scannerLacking is heed.CopyNoScanner where the line's clamd doesn't answer: files wait for it.
func (s *Service) scannerLacking(ctx context.Context) (string, error) {
	if s.cfg.Scanner == nil {
		return "", nil
	}
	err := s.cfg.Scanner.Ping(ctx)
	down := errors.Is(err, clamd.ErrDown)
	if err != nil && !down {
		return "", err
	}
	switch was := s.down.Swap(down); {
	case down && !was:
		s.cfg.Log.Warn("media: clamd doesn't answer; files wait for it", "err", err)
	case !down && was:
		s.cfg.Log.Info("media: clamd answers again")
	}
	if down {
		return heed.CopyNoScanner, nil
	}
	return "", nil
}

// copyable reports whether copies are made of such files: then Find finds it again once what it waits for is there.
func (w *work) copyable() bool {
	_, err := makerOf(w.file)
	return err == nil
}

// malicious is what stands in place of the copy of a file that fits a signature.
func (s *Service) malicious(w *work, why *malwareError) (*heed.SafeCopy, error) {
	details, err := s.sealNotes(w, &heed.CopyDetails{Known: w.listed, Malware: why.signature})
	return &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyFailed, Code: heed.CopyMalware, Details: details}, err
}
