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
	// Scan gives the name of the signature that a file fits, or "". It returns clamd.ErrDown, clamd.ErrUnscanned, the file's error or ctx's.
	Scan(ctx context.Context, file io.Reader) (signature string, err error)
	// Ping returns clamd.ErrDown where it doesn't answer.
	Ping(ctx context.Context) error
}

// malwareError says that a file fits a signature.
type malwareError struct{ signature string }

func (*malwareError) Error() string { return "the file is malicious" }

// scanned shows the whole file to the line's clamd, before any program reads it. unscanned: that doesn't look at all of so large a one.
func (s *Service) scanned(ctx context.Context, original *io.SectionReader) (unscanned bool, err error) {
	if s.cfg.Scanner == nil {
		return false, nil
	}
	signature, err := s.cfg.Scanner.Scan(ctx, &patient{ctx, io.NewSectionReader(original, 0, original.Size())})
	switch {
	case errors.Is(err, clamd.ErrUnscanned):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("show a file to clamd: %w", err)
	case signature != "":
		return false, &malwareError{signature}
	}
	return false, nil
}

// scannerLacking is heed.CopyNoScanner where the line's clamd doesn't answer: files wait for it.
func (s *Service) scannerLacking(ctx context.Context) (string, error) {
	if s.cfg.Scanner == nil {
		return "", nil
	}
	err := s.cfg.Scanner.Ping(ctx)
	if errors.Is(err, clamd.ErrDown) {
		s.cfg.Log.Warn("media: clamd doesn't answer; files wait for it", "err", err)
		return heed.CopyNoScanner, nil
	}
	return "", err
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
