package review

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// OpenCopyDetails opens what is to be known of a copy, with its report's data key; nothing where there is nothing.
func OpenCopyDetails(data seal.Key, line string, c *heed.SafeCopy) (d heed.CopyDetails, err error) {
	if c == nil || c.Details == nil {
		return d, nil
	}
	b, err := data.Open(seal.CopyDetailsPlace(line, c.Report, c.Attachment), c.Details)
	if err != nil {
		return d, fmt.Errorf("open a copy's details: %w", err)
	}
	if err := json.Unmarshal(b, &d); err != nil {
		return d, fmt.Errorf("decode a copy's details: %w", err)
	}
	return d, nil
}

// OpenPage opens the JPEG of one page, counted from 1, of a document's copy. It is OpenCopy in all else, the leaf too. The caller closes the
// reader.
//
// It returns heed.ErrNotFound where the report has no such file, or that no such page.
func (s *Service) OpenPage(ctx context.Context, actor *heed.Staff, report, attachment heed.ID, number int) (*heed.SafeCopy, io.ReadSeekCloser, error) {
	c, r, data, err := s.openCopy(ctx, actor, report, attachment)
	if err != nil {
		return nil, nil, err
	}
	d, err := OpenCopyDetails(data, s.cfg.Line, c)
	if err == nil && (number < 1 || number > len(d.Pages)) {
		err = fmt.Errorf("page %d of a copy: %w", number, heed.ErrNotFound)
	}
	if err != nil {
		return nil, nil, closing(r, err)
	}
	page := d.Pages[number-1]
	return c, NewPart(r, page.At, page.Size), nil
}

// part is a part of a stream as a stream of its own.
type part struct {
	whole    io.ReadSeekCloser
	at, size int64
	read     int64
}

// NewPart is whole from byte at on, as far as size. It closes whole.
func NewPart(whole io.ReadSeekCloser, at, size int64) io.ReadSeekCloser {
	return &part{whole: whole, at: at, size: size}
}

// Seek implements io.Seeker.
func (p *part) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += p.read
	case io.SeekEnd:
		offset += p.size
	}
	if offset < 0 {
		return 0, fmt.Errorf("seek to %d in a page", offset)
	}
	p.read = offset
	return offset, nil
}

// Read implements io.Reader.
func (p *part) Read(b []byte) (int, error) {
	if p.read >= p.size {
		return 0, io.EOF
	}
	if _, err := p.whole.Seek(p.at+p.read, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := p.whole.Read(b[:min(int64(len(b)), p.size-p.read)])
	p.read += int64(n)
	return n, err
}

// Close implements io.Closer.
func (p *part) Close() error { return p.whole.Close() }
