package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

// JobRedact makes the redacted copy of one file; JobRedactFilm that of a film, which may take long, in a queue of its own: no recording waits for one.
// Their args are RedactArgs.
const (
	JobRedact     = "redact"
	JobRedactFilm = "redact-film"
)

// RedactArgs are the args of JobRedact and JobRedactFilm.
type RedactArgs struct {
	Attachment heed.ID `json:"attachment"`
	Version    int64   `json:"version"` // of the marks
}

// MaxMarks is how many marks one file can have.
const MaxMarks = 200

// markedDetails is in the leaf of who said what isn't handed on.
type markedDetails struct {
	Attachment heed.ID `json:"attachment"`
	Version    int64   `json:"version"`
	Marks      int     `json:"marks"`
}

// Redact says what of a file isn't handed on, in place of what was said before, and has the copy made without it; no marks take it back.
// version is that of what the actor saw, 0 where there was none. What was handed on already stays as it is.
//
// It returns *heed.Problem for faulty marks and where somebody else said something meanwhile ("redaction-changed"), *ClaimedError,
// heed.ErrConflict where the report waits for approval, is handed on or over, heed.ErrNotFound where it has no such file with a copy.
func (s *Service) Redact(ctx context.Context, actor *heed.Staff, report, attachment heed.ID, version int64, marks []heed.Mark) error {
	if err := s.cfg.Allow(actor, auth.AttachmentRedact, auth.Resource{}); err != nil {
		return err
	}
	keys, err := s.keysFor(ctx, actor, report)
	if err != nil {
		return fmt.Errorf("redact a file: %w", err)
	}
	err = s.changeBy(ctx, actor, report, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		if r.State == heed.PendingApproval {
			return act{}, fmt.Errorf("redact what waits for approval: %w", heed.ErrConflict)
		}
		if err := correctable(r, actor, now); err != nil {
			return act{}, err
		}
		c, err := tx.SafeCopy(ctx, attachment)
		if err != nil {
			return act{}, err
		}
		if c.Report != report || c.State != heed.CopyMade {
			return act{}, heed.ErrNotFound
		}
		details, err := OpenCopyDetails(keys.Data, s.cfg.Line, c)
		if err != nil {
			return act{}, err
		}
		if err := CheckMarks(c.Type, &details, marks); err != nil {
			return act{}, err
		}
		next, err := s.putMarks(ctx, tx, c, keys.Data, &heed.Redaction{Attachment: attachment, Report: report, Version: version, By: actor.ID, At: now}, marks)
		return act{name: audit.FileMarked, actor: actor.ID, details: markedDetails{attachment, next, len(marks)}}, err
	})
	if err != nil {
		return fmt.Errorf("redact a file: %w", err)
	}
	return nil
}

// putMarks writes marks in place of those of r.Version, has their copy made and the earlier one deleted. It says their version.
func (s *Service) putMarks(ctx context.Context, tx heed.Tx, c *heed.SafeCopy, data seal.Key, r *heed.Redaction, marks []heed.Mark) (int64, error) {
	if len(marks) > 0 {
		b, err := json.Marshal(marks)
		if err != nil {
			return 0, fmt.Errorf("encode marks: %w", err)
		}
		r.Marks = data.Seal(seal.RedactionPlace(s.cfg.Line, r.Report, r.Attachment, r.Version+1), b)
	}
	before, err := replaceRedaction(ctx, tx, r)
	if err != nil {
		return 0, err
	}
	if before != "" {
		if err := DeleteBlobs(ctx, tx, []string{before}); err != nil {
			return 0, err
		}
	}
	if r.None() {
		return r.Version, nil
	}
	args, err := json.Marshal(RedactArgs{r.Attachment, r.Version})
	if err != nil {
		return 0, fmt.Errorf("encode a job: %w", err)
	}
	job := heed.Job{Kind: JobRedact, Args: args, Queue: heed.QueueMedia}
	if strings.HasPrefix(c.Type, "video/") {
		job.Kind, job.Queue = JobRedactFilm, heed.QueueFilm
	}
	return r.Version, tx.Enqueue(ctx, job)
}

// replaceRedaction puts r in place of the one of its version, and says which blob that one's copy had. The copy may be finished while this runs:
// then it is that copy's blob.
func replaceRedaction(ctx context.Context, tx heed.Tx, r *heed.Redaction) (blob string, err error) {
	for range attempts {
		before, err := tx.Redaction(ctx, r.Attachment)
		switch {
		case errors.Is(err, heed.ErrNotFound):
			r.Copy.Blob = ""
		case err != nil:
			return "", err
		case before.Version != r.Version:
			return "", problem("", "redaction-changed")
		default:
			r.Copy.Blob = before.Copy.Blob
		}
		blob = r.Copy.Blob
		if err = tx.PutRedaction(ctx, r); !errors.Is(err, heed.ErrConflict) {
			return blob, err
		}
	}
	return "", problem("", "redaction-changed")
}

func played(kind string) bool {
	return strings.HasPrefix(kind, "video/") || strings.HasPrefix(kind, "audio/")
}

// CheckMarks returns a *heed.Problem where a copy of that media type, of which details say more, has no such marks.
func CheckMarks(kind string, details *heed.CopyDetails, marks []heed.Mark) error {
	if len(marks) > MaxMarks {
		return problem("marks", "redaction-many")
	}
	for _, m := range marks {
		if m.Left != 0 || m.Top != 0 || m.Width != 0 || m.Height != 0 {
			if m.Left < 0 || m.Top < 0 || m.Width <= 0 || m.Height <= 0 || m.Left+m.Width > heed.Whole || m.Top+m.Height > heed.Whole {
				return problem("marks", "redaction-box")
			}
		} else if !played(kind) {
			return problem("marks", "redaction-box")
		}
		if m.Box() && strings.HasPrefix(kind, "audio/") {
			return problem("marks", "redaction-span")
		}
		if played(kind) != (m.To > 0) || m.From < 0 || played(kind) && m.From >= m.To || m.To > maxSpan {
			return problem("marks", "redaction-span")
		}
		if m.Blur && !(m.Box() && strings.HasPrefix(kind, "video/")) {
			return problem("marks", "redaction-box")
		}
		if of := len(details.Pages); m.Page < 0 || m.Page > of || of > 0 && m.Page == 0 {
			return problem("marks", "redaction-box")
		}
	}
	return nil
}

// maxSpan is where a span ends at the latest: no copy is longer.
const maxSpan = int64(5 * time.Hour / time.Millisecond)

// OpenMarks opens what a Redaction says, with its report's data key; nothing where there is none, or it was taken back.
func OpenMarks(data seal.Key, line string, r *heed.Redaction) (marks []heed.Mark, err error) {
	if r.None() {
		return nil, nil
	}
	b, err := data.Open(seal.RedactionPlace(line, r.Report, r.Attachment, r.Version), r.Marks)
	if err != nil {
		return nil, fmt.Errorf("open a redaction: %w", err)
	}
	if err := json.Unmarshal(b, &marks); err != nil {
		return nil, fmt.Errorf("decode a redaction: %w", err)
	}
	return marks, nil
}

// OpenRedactedFile opens a redacted copy that was made, with its report's data key. It decrypts what is read of it, from wherever that is.
func OpenRedactedFile(ctx context.Context, blobs Blobs, line string, data seal.Key, r *heed.Redaction) (*Section, error) {
	key, err := data.OpenRedactedKey(line, r.Report, r.Attachment, r.Version, r.Copy.SealedKey)
	if err != nil {
		return nil, fmt.Errorf("open a redacted copy's key: %w", err)
	}
	file, err := seal.NewFrameSection(r.Copy.Size, ranges(ctx, blobs, r.Copy.Blob), key, seal.RedactedPlace(line, r.Report, r.Attachment, r.Version))
	if err != nil {
		return nil, fmt.Errorf("open a redacted copy: %w", err)
	}
	return &Section{file}, nil
}

// OpenRedacted opens the redacted copy of a file, or of a document its page's JPEG, counted from 1; 0 is all of it. It is OpenCopy in all else,
// the leaf too, which says so. The caller closes the reader.
//
// It returns heed.ErrNotFound where the report has no such file, page or redacted copy (yet).
func (s *Service) OpenRedacted(ctx context.Context, actor *heed.Staff, report, attachment heed.ID, page int) (*heed.SafeCopy, io.ReadSeekCloser, error) {
	if err := s.cfg.Allow(actor, auth.AttachmentOpen, auth.Resource{}); err != nil {
		return nil, nil, err
	}
	var redaction *heed.Redaction
	var keys seal.ReportKeys
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		if err := s.knowsOf(ctx, tx, actor, report); err != nil {
			return err
		}
		if redaction, err = tx.Redaction(ctx, attachment); err != nil {
			return err
		}
		if redaction.Report != report || redaction.None() || redaction.Copy.State != heed.CopyMade {
			return heed.ErrNotFound
		}
		keys, err = s.keys(ctx, tx, report)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("find a redacted copy: %w", err)
	}
	pages, err := redactedPages(keys.Data, s.cfg.Line, redaction)
	if err != nil {
		return nil, nil, err
	}
	if page != 0 && (page < 0 || page > len(pages)) {
		return nil, nil, fmt.Errorf("page %d of a redacted copy: %w", page, heed.ErrNotFound)
	}
	file, err := OpenRedactedFile(ctx, s.cfg.Blobs, s.cfg.Line, keys.Data, redaction)
	if err != nil {
		return nil, nil, err
	}
	if err := s.noteOpening(ctx, &s.openedRedacted, actor, report, fileDetails{attachment, true}); err != nil {
		return nil, nil, closing(file, err)
	}
	if page != 0 {
		return &redaction.Copy, NewPart(file, pages[page-1].At, pages[page-1].Size), nil
	}
	return &redaction.Copy, file, nil
}

// redactedPages are the pages of a document's redacted copy.
func redactedPages(data seal.Key, line string, r *heed.Redaction) ([]heed.Page, error) {
	if r.Copy.Details == nil {
		return nil, nil
	}
	b, err := data.Open(seal.RedactedDetailsPlace(line, r.Report, r.Attachment, r.Version), r.Copy.Details)
	if err != nil {
		return nil, fmt.Errorf("open a redacted copy's details: %w", err)
	}
	var d heed.CopyDetails
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("decode a redacted copy's details: %w", err)
	}
	return slices.Clip(d.Pages), nil
}
