package review

import (
	"context"
	"fmt"
	"io"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

type fileDetails struct {
	Attachment heed.ID `json:"attachment"`
	Redacted   bool    `json:"redacted,omitempty"` // its redacted copy
}

// OpenReleased opens a file as the reporter sent it for the Department to whose package a Disclosure releases it. It returns the errors of OpenFile,
// and heed.ErrSealed where it was released to another.
func OpenReleased(ctx context.Context, blobs Blobs, files FileKeys, line string, a *heed.Attachment, d *heed.Disclosure) (io.ReadCloser, error) {
	key, err := files.OpenFileKey(ctx, a, seal.ReleasedTo(d.Department), d.Sealed)
	if err != nil {
		return nil, fmt.Errorf("open a released file's key: %w", err)
	}
	return openFrames(ctx, blobs, line, a, key)
}

func openFrames(ctx context.Context, blobs Blobs, line string, a *heed.Attachment, key seal.Key) (io.ReadCloser, error) {
	sealed, err := blobs.Open(ctx, a.Blob)
	if err != nil {
		return nil, fmt.Errorf("open a sealed file: %w", err)
	}
	clear, err := seal.NewFrameReader(sealed, key, seal.FilePlace(line))
	if err != nil {
		return nil, fmt.Errorf("open a sealed file: %w", closing(sealed, err))
	}
	return struct {
		io.Reader
		io.Closer
	}{clear, sealed}, nil
}

// OpenOriginal opens a file as the reporter sent it with the key that a Disclosure gave to who asked for it, which is what permits it
// and is noted there. The caller closes the reader. ErrNotFound: the report has no such file any more.
func (s *Service) OpenOriginal(ctx context.Context, a *heed.Attachment, key seal.Key) (name string, content io.ReadCloser, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		keys, err := s.keys(ctx, tx, a.Report)
		if err != nil {
			return err
		}
		name, _, err = keys.Mailbox.OpenFileName(s.cfg.Line, a)
		return err
	})
	if err == nil {
		content, err = openFrames(ctx, s.cfg.Blobs, s.cfg.Line, a, key)
	}
	if err != nil {
		return "", nil, fmt.Errorf("open a file as it was sent: %w", err)
	}
	return name, content, nil
}

// OpenFileAt opens an attachment's bytes for what must leap in them, decrypting what is read. It returns the errors of OpenFile, and
// heed.ErrSealed at once where the file's end is missing.
func OpenFileAt(ctx context.Context, blobs Blobs, files FileKeys, line string, a *heed.Attachment) (*io.SectionReader, error) {
	key, err := fileKey(ctx, files, a)
	if err != nil {
		return nil, err
	}
	r, err := seal.NewFrameSection(a.Size, ranges(ctx, blobs, a.Blob), key, seal.FilePlace(line))
	if err != nil {
		return nil, fmt.Errorf("open a sealed file: %w", err)
	}
	return r, nil
}

func fileKey(ctx context.Context, files FileKeys, a *heed.Attachment) (seal.Key, error) {
	if a.TransitKey == nil {
		return seal.Key{}, fmt.Errorf("open a file: %w", heed.ErrGone)
	}
	key, err := files.OpenFileKey(ctx, a, seal.ByTransit, a.TransitKey)
	if err != nil {
		return seal.Key{}, fmt.Errorf("open a file's key: %w", err)
	}
	return key, nil
}

// closing closes c and returns err with the closing's own error, where there is one.
func closing(c io.Closer, err error) error {
	if failed := c.Close(); failed != nil {
		return fmt.Errorf("%w (and closing: %w)", err, failed)
	}
	return err
}
