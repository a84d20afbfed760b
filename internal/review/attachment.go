package review

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
)

type fileDetails struct {
	Attachment heed.ID `json:"attachment"`
	Redacted   bool    `json:"redacted,omitempty"` // its redacted copy
}

// OpenAttachment opens one file of the report for download, as the reporter sent it. Opening it is an audit leaf. The
// caller closes the reader; it decrypts as it is read, and a damaged file ends in heed.ErrSealed.
//
// It returns heed.ErrNotFound where the report has no such file, heed.ErrForbidden where people get it by its safe copy alone, as
// recordings, pictures and documents, or nobody is to see it, heed.ErrConflict where it is yet to be held against the line's list of such
// (docs/adr/0026), heed.ErrGone once the file's day keys are destroyed.
func (s *Service) OpenAttachment(ctx context.Context, actor *heed.Staff, report, attachment heed.ID) (*File, io.ReadCloser, error) {
	if err := s.cfg.Allow(actor, auth.AttachmentOpen, auth.Resource{}); err != nil {
		return nil, nil, err
	}
	f := &File{}
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		if err := s.knowsOf(ctx, tx, actor, report); err != nil {
			return err
		}
		a, err := tx.Attachment(ctx, attachment)
		if err != nil {
			return err
		}
		if a.Report != report {
			return heed.ErrNotFound
		}
		if a.ByCopy() {
			return fmt.Errorf("a voice, picture or document as it was: %w", heed.ErrForbidden)
		}
		copied, err := tx.SafeCopy(ctx, a.ID)
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		switch Withholds(s.cfg.Profile, copied) {
		case heed.CopyWithheld, heed.CopyMalware, heed.CopyUnscanned:
			return fmt.Errorf("what nobody is to see or run: %w", heed.ErrForbidden)
		case CopyIsWaiting:
			return fmt.Errorf("a file that wasn't held against the line's list yet: %w", heed.ErrConflict)
		}
		keys, err := s.keys(ctx, tx, report)
		if err != nil {
			return err
		}
		f.Attachment, f.Available = *a, true
		f.Name, f.Length, err = keys.Mailbox.OpenFileName(s.cfg.Line, a)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("find a file: %w", err)
	}
	r, err := OpenFile(ctx, s.cfg.Blobs, s.cfg.Files, s.cfg.Line, &f.Attachment)
	if err != nil {
		return nil, nil, err
	}
	now := s.cfg.Now()
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		return s.leaf(ctx, tx, report, act{name: audit.FileOpened, actor: actor.ID, details: fileDetails{Attachment: attachment}}, now)
	})
	if err != nil {
		return nil, nil, fmt.Errorf("note the opening of a file: %w", closing(r, err))
	}
	return f, r, nil
}

// Withholds says why a file can't be had that people get as it was sent: heed.CopyWithheld, heed.CopyMalware, heed.CopyUnscanned, or CopyIsWaiting where the line
// has a list of what nobody is to see, or a clamd, and the file wasn't held against it or shown to that; "" where it can. copied is nil where nothing was said of a copy.
func Withholds(p *profile.Profile, copied *heed.SafeCopy) string {
	switch {
	case refused(copied):
		return copied.Code
	case (p.KnownFiles.Abuse != "" || p.Clamd.Address != "") && !copied.Cleared():
		return CopyIsWaiting
	}
	return ""
}

// refused reports whether nobody gets the file as it was sent, whatever the profile says today.
func refused(copied *heed.SafeCopy) bool {
	return copied != nil && (copied.Code == heed.CopyWithheld || copied.Code == heed.CopyMalware || copied.Code == heed.CopyUnscanned)
}

// OpenFile opens an attachment's bytes, decrypting as they are read. heed.ErrGone: the keys of its day are destroyed.
func OpenFile(ctx context.Context, blobs Blobs, files FileKeys, line string, a *heed.Attachment) (io.ReadCloser, error) {
	key, err := fileKey(ctx, files, a)
	if err != nil {
		return nil, err
	}
	return openFrames(ctx, blobs, line, a, key)
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
