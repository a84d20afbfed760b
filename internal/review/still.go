package review

import (
	"context"
	"fmt"

	"github.com/heed-line/heed"
)

// OpenStill opens the JPEG of one picture, counted from 0, that stands below a film's copy. It is OpenCopy in all else, the leaf too.
//
// It returns heed.ErrNotFound where the report has no such file, or that no such picture.
func (s *Service) OpenStill(ctx context.Context, actor *heed.Staff, report, attachment heed.ID, number int) (*heed.SafeCopy, []byte, error) {
	c, r, data, err := s.openCopy(ctx, actor, report, attachment)
	if err != nil {
		return nil, nil, err
	}
	if err := r.Close(); err != nil {
		return nil, nil, fmt.Errorf("close a copy: %w", err)
	}
	d, err := OpenCopyDetails(data, s.cfg.Line, c)
	if err != nil {
		return nil, nil, err
	}
	if number < 0 || number >= len(d.Frames) {
		return nil, nil, fmt.Errorf("picture %d of a film: %w", number, heed.ErrNotFound)
	}
	return c, d.Frames[number].JPEG, nil
}
