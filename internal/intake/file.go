package intake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gabriel-vasile/mimetype"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/survive"
)

const (
	sniffBytes   = 3072 // what mimetype needs to tell every type apart
	maxNameBytes = 200
	// stagedLife is how long an abandoned draft's files stay.
	stagedLife = 24 * time.Hour
)

// acceptedTypes are what people photograph, film, record and write; a trailing slash is a whole family.
var acceptedTypes = []string{
	"image/", "audio/", "video/", "text/plain", "text/csv", "text/rtf", "message/rfc822", "application/pdf", "application/ogg",
	"application/msword", "application/vnd.ms-excel", "application/vnd.ms-powerpoint", "application/vnd.ms-outlook",
	"application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.",
}

// Stage seals a file into the blob store while it streams in; it is never whole in memory and never in clear on disk.
//
// It returns a *heed.Problem (file-empty, file-too-large, file-type, file-cut-off, files-no-room, files-share) where the file is not
// acceptable; nothing of it stays then.
func (s *Service) Stage(ctx context.Context, name string, r io.Reader) (StagedFile, error) {
	a, err := s.room.arrive(ctx, r)
	if err != nil {
		return StagedFile{}, s.unreachable(err)
	}
	staged, err := s.stage(ctx, cleanName(name), a)
	a.end(err == nil, staged.Blob)
	switch problem := noRoom(a.err); {
	case problem != nil:
		return StagedFile{}, fmt.Errorf("%w: %w", problem, err)
	case a.err != nil: // our disk's fault, not the sender's
		return StagedFile{}, a.err
	}
	return staged, s.unreachable(err)
}

// unreachable has a sender hear that there is no room where the bucket of sealed files doesn't answer, so that the words come without
// them. The operator hears what it is, and where the program broke if it did.
func (s *Service) unreachable(err error) error {
	survive.Log(s.cfg.Log, "taking a file", err)
	if !errors.Is(err, blob.ErrUnreachable) {
		return err
	}
	s.cfg.Log.Error("intake: no file can be taken", "error", err)
	return fmt.Errorf("%w: %w", &heed.Problem{Field: "files", Code: "files-no-room"}, err)
}

func (s *Service) stage(ctx context.Context, name string, r io.Reader) (StagedFile, error) {
	problem := func(code string) error { return s.fileProblem(name, code) }
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(r, head)
	if n == 0 && errors.Is(err, io.EOF) {
		return StagedFile{}, problem("file-empty")
	}
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return StagedFile{}, fmt.Errorf("%w: %w", problem("file-cut-off"), err)
	}
	kind := mimetype.Detect(head[:n]).String()
	if !accepted(kind) {
		return StagedFile{}, problem("file-type")
	}
	staged := StagedFile{Key: seal.NewKey(), Name: name, Type: kind}
	limited := &io.LimitedReader{R: io.MultiReader(bytes.NewReader(head[:n]), r), N: s.cfg.Limits.FileBytes + 1}
	staged.Blob, staged.Size, err = s.seal(ctx, limited, staged.Key, seal.FilePlace(s.cfg.Line))
	staged.Sealed = seal.PaddedSize(staged.Size)
	var cut *heed.Problem
	switch {
	case errors.As(err, &cut) && cut.Code == "file-cut-off":
		return StagedFile{}, fmt.Errorf("%w: %w", problem(cut.Code), err) // by its name
	case err != nil:
		return StagedFile{}, err
	case staged.Size > s.cfg.Limits.FileBytes:
		return StagedFile{}, errors.Join(problem("file-too-large"), s.Discard(ctx, staged))
	}
	return staged, nil
}

// seal writes one blob and notes it as staged.
func (s *Service) seal(ctx context.Context, r io.Reader, key seal.Key, place seal.Binding) (stored string, size int64, err error) {
	w, err := s.cfg.Blobs.Create(ctx)
	if err != nil {
		return "", 0, fmt.Errorf("create a blob: %w", err)
	}
	if size, err = sealInto(w, r, key, place); err != nil {
		return "", 0, errors.Join(err, w.Abort())
	}
	if err := s.commit(ctx, w, s.note(ctx, w)); err != nil {
		return "", 0, err
	}
	return w.Key(), size, nil
}

// sealInto seals all that r has into a blob, and says how much that was.
func sealInto(w blob.Writer, r io.Reader, key seal.Key, place seal.Binding) (size int64, err error) {
	frames, err := seal.NewPaddedWriter(w, key, place)
	if err != nil {
		return 0, fmt.Errorf("seal a file: %w", err)
	}
	src := &source{Reader: r}
	if size, err = io.Copy(frames, src); src.err != nil {
		return 0, fmt.Errorf("%w: %w", &heed.Problem{Field: "files", Code: "file-cut-off"}, src.err)
	} else if err != nil {
		return 0, fmt.Errorf("seal a file: %w", err)
	}
	if err = frames.Close(); err != nil {
		return 0, fmt.Errorf("seal a file's end: %w", err)
	}
	return size, nil
}

// note notes a blob as staged, before it is there: one that nobody names can thus always be found and swept, and what was written of one that
// isn't there yet goes as abandoned (blob.Place).
func (s *Service) note(ctx context.Context, w blob.Writer) error {
	if err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.AddStaged(ctx, w.Key(), s.cfg.Now()) }); err != nil {
		return fmt.Errorf("note a staged blob: %w", err)
	}
	return nil
}

// commit makes a sealed blob durable that is noted, or aborts it where noting it failed.
func (s *Service) commit(ctx context.Context, w blob.Writer, noted error) error {
	if noted != nil {
		return errors.Join(noted, w.Abort(), s.drop(context.WithoutCancel(ctx), w.Key()))
	}
	if err := w.Commit(ctx); err != nil {
		err = errors.Join(fmt.Errorf("store a sealed file: %w", err), w.Abort())
		// A server that took it and whose answer was lost may show it only later, so that its note stays, and the sweep deletes it. Nobody
		// has its key.
		if errors.Is(err, blob.ErrUnreachable) || ctx.Err() != nil {
			return err
		}
		// Also where the sender has gone and ctx with them: nothing of a refused file stays.
		return errors.Join(err, s.drop(context.WithoutCancel(ctx), w.Key()))
	}
	return nil
}

// source remembers whether it was the reporter's side that broke off, and not our disk.
type source struct {
	io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// Discard forgets a staged file that the reporter removed again. One that a sent report has stays with it.
func (s *Service) Discard(ctx context.Context, f StagedFile) error {
	return s.drop(ctx, f.Blob)
}

// drop deletes a staged blob unless a report has taken it. The note goes last: cut short, the sweep completes it.
func (s *Service) drop(ctx context.Context, blob string) error {
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.DiscardStaged(ctx, blob) })
	if err == nil || errors.Is(err, heed.ErrNotFound) {
		s.room.gone(blob)
	}
	if errors.Is(err, heed.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("discard a staged blob: %w", err)
	}
	if err := s.cfg.Blobs.Delete(ctx, blob); err != nil && !errors.Is(err, heed.ErrNotFound) {
		return fmt.Errorf("delete a staged blob: %w", err)
	}
	if err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.DeleteStaged(ctx, blob) }); err != nil {
		return fmt.Errorf("forget a staged blob: %w", err)
	}
	return nil
}

// Sweep deletes the files of drafts and the uploads that were abandoned a day ago, and says how many blobs that were. The
// pieces of an upload are never older than it, so that none goes before it.
func (s *Service) Sweep(ctx context.Context) (int, error) {
	now := s.cfg.Now()
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		return tx.DeleteUploads(ctx, now.Add(-stagedLife), now.Add(-emptyLife))
	})
	if err != nil {
		return 0, fmt.Errorf("forget abandoned uploads: %w", err)
	}
	const batch = 100
	swept := 0
	for {
		var blobs []string
		err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
			blobs, err = tx.StagedBefore(ctx, s.cfg.Now().Add(-stagedLife), batch)
			return err
		})
		if err != nil {
			return swept, fmt.Errorf("list abandoned files: %w", err)
		}
		for _, b := range blobs {
			if err := s.drop(ctx, b); err != nil {
				return swept, err
			}
			swept++
		}
		if len(blobs) < batch {
			return swept, nil
		}
	}
}

// inOrder is when the i-th file of one sending came, so that they keep their order: attachments are listed by their time.
func inOrder(now time.Time, i int) time.Time { return now.Add(time.Duration(i) * time.Millisecond) }

// attach turns a staged file into an Attachment of the report.
func (s *Service) attach(day *heed.DayKeyRecord, mailbox seal.Key, report heed.ID, f StagedFile, now time.Time) (*heed.Attachment, error) {
	a := &heed.Attachment{
		ID: heed.NewID(now), Report: report, Blob: f.Blob, Type: f.Type, Size: cmp.Or(f.Sealed, f.Size), Day: day.Day, At: now,
	}
	a.SealedName = mailbox.SealFileName(s.cfg.Line, a, f.Name, f.Size)
	var err error
	a.TransitKey, a.DayKey, err = s.cfg.Days.WrapFileKey(day, a, f.Key)
	if err != nil {
		return nil, fmt.Errorf("wrap a file's key: %w", err)
	}
	return a, nil
}

// addAttachment takes the staged file for its report. One that is gone (the draft was open for a day, or another report
// that was sent from the same draft has it) is the reporter's to add again.
func addAttachment(ctx context.Context, tx heed.Tx, a *heed.Attachment) error {
	err := tx.AddAttachment(ctx, a)
	if errors.Is(err, heed.ErrNotFound) {
		return heed.Problems{{Field: "files", Code: "file-gone"}}
	}
	return err
}

func accepted(kind string) bool {
	for _, t := range acceptedTypes {
		if strings.HasPrefix(kind, t) {
			return true
		}
	}
	return false
}

// cleanName keeps of a file's name what helps a person: no folders, no control or direction characters, no great length.
func cleanName(name string) string {
	name = path.Base(strings.ReplaceAll(strings.ToValidUTF8(name, ""), `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, name)
	name = strings.Trim(name, " .")
	for len(name) > maxNameBytes {
		ext := path.Ext(name)
		if len(ext) > 20 {
			ext = ""
		}
		stem := name[:maxNameBytes-len(ext)]
		for !utf8.ValidString(stem) {
			stem = stem[:len(stem)-1]
		}
		name = stem + ext
	}
	if name == "" || name == "/" {
		return "file"
	}
	return name
}
