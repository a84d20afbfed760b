package referral

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/review"
)

// errOvertaken says that a file isn't to be in the package any more as it was sent: its reporter took it back, its day ended, or a part of it was covered
// while the package was made.
var errOvertaken = errors.New("a released file was taken back or covered meanwhile")

// release finds which of the files a lead released to the Referral's Department as they were sent (docs/adr/0029). What goes covered in part, isn't to
// be had, or was taken back, so that the Custodians have no key to it either, never does.
func (s *Service) release(ctx context.Context, tx heed.Tx, m *material) error {
	all, err := tx.Disclosures(ctx, m.report.ID)
	if err != nil {
		return err
	}
	for i := range m.files {
		f := &m.files[i]
		if f.redaction != nil || len(f.DayKey) == 0 || f.copied == nil || f.copied.State != heed.CopyMade {
			continue
		}
		at := slices.IndexFunc(all, func(d *heed.Disclosure) bool {
			return d.State == heed.DisclosureReleased && d.File == f.ID && d.Department == m.referral.Department && m.made.Before(d.Until)
		})
		if at >= 0 {
			f.released = all[at]
		}
	}
	return nil
}

// addOriginal streams a released file into the package as it was sent, beside the copy of that name; nil where there is none.
func (s *Service) addOriginal(ctx context.Context, a *archive, m *material, index int, f *file, copied string) (*original, error) {
	if f.released == nil {
		return nil, nil
	}
	name := fmt.Sprintf("originals/%02d%s", index+1, originalExtension(f))
	r, err := review.OpenReleased(ctx, s.cfg.Blobs, s.cfg.Files, s.cfg.Line, &f.Attachment, f.released)
	if err == nil {
		err = a.stream(name, f.length, r)
	}
	if lost(err) {
		return nil, &fileError{index: index, original: true, err: err}
	}
	if err != nil {
		return nil, err
	}
	last := &a.entries[len(a.entries)-1]
	last.OriginalOf = copied
	return &original{File: name, Type: f.Type, Size: f.length, SHA256: last.SHA256}, nil
}

// kindExtensions end the names of originals that a file's own name doesn't lend an ending, by their media types: what the line itself recorded, and mails.
var kindExtensions = map[string]string{"audio/basic": ".au", "message/rfc822": ".eml", "application/vnd.ms-outlook": ".msg"}

// originalExtension ends the name of a file as it was sent.
func originalExtension(f *file) string {
	ext := tame(path.Ext(f.name))
	if by, known := kindExtensions[f.Type]; known && ext == ".bin" {
		return by
	}
	return ext
}

// handed notes of each file that the package has as it was sent that it does, and deletes the key by which it got there. errOvertaken: one isn't to be
// in it any more.
func (s *Service) handed(ctx context.Context, tx heed.Tx, m *material, now time.Time) error {
	for _, f := range m.files {
		if f.released == nil || f.missing {
			continue
		}
		d, err := tx.Disclosure(ctx, f.released.ID)
		if err != nil {
			return err
		}
		redaction, err := tx.Redaction(ctx, f.ID)
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		a, err := tx.Attachment(ctx, f.ID)
		if err != nil {
			return err
		}
		if d.State != heed.DisclosureReleased || !bytes.Equal(d.Sealed, f.released.Sealed) || len(a.DayKey) == 0 || !redaction.None() {
			return errOvertaken
		}
		d.State, d.SeenAt, d.Until, d.Sealed = heed.DisclosureHanded, now, time.Time{}, nil
		if err := tx.MoveDisclosure(ctx, d, heed.DisclosureReleased); err != nil {
			return err
		}
		if err := heed.WantScrub(ctx, tx, now); err != nil {
			return err
		}
		details := audit.DisclosureDetails{Disclosure: d.ID, Reason: d.Reason, File: d.File, Department: d.Department}
		l, err := audit.Leaf(audit.DisclosureHanded, "", d.Report, now, details)
		if err != nil {
			return err
		}
		if err := tx.AddLeaf(ctx, l); err != nil {
			return err
		}
	}
	return nil
}
