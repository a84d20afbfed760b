package media

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/media/known"
	"github.com/heed-line/heed/internal/media/look"
	"github.com/heed-line/heed/internal/media/sandbox"
	"github.com/heed-line/heed/internal/seal"
)

// Known are the operator's lists of known files; nil where there are none.
type Known struct {
	Hoax  *known.List // which staff are told of
	Abuse *known.List // what nobody is to see
}

// withheldError says that a file is on the list of what nobody is to see.
type withheldError struct{ note string }

func (*withheldError) Error() string { return "the file is withheld" }

// listed holds a file against the lists by its bytes, before anything else is made of it and anybody sees it. It gives the notes of the list that
// staff are told of, and withheldError where the file is on the other.
func (s *Service) listed(ctx context.Context, original *io.SectionReader) (notes []string, err error) {
	if s.cfg.Known.Hoax.Size()+s.cfg.Known.Abuse.Size() == 0 {
		return nil, nil
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, &patient{ctx, io.NewSectionReader(original, 0, original.Size())}); err != nil {
		return nil, fmt.Errorf("hash a file: %w", err)
	}
	if e, found := s.cfg.Known.Abuse.File(sum.Sum(nil)); found {
		return nil, &withheldError{e.Note}
	}
	if e, found := s.cfg.Known.Hoax.File(sum.Sum(nil)); found {
		notes = append(notes, e.Note)
	}
	return notes, nil
}

// listedPicture is listed by what a picture shows, which a program reads: once clamd saw it.
func (s *Service) listedPicture(ctx context.Context, file *heed.Attachment, original *io.SectionReader, notes []string) ([]string, error) {
	if !file.Picture() || !s.cfg.Known.Abuse.HasPictures() && !s.cfg.Known.Hoax.HasPictures() {
		return notes, nil
	}
	g, err := greyOf(ctx, file.Type, io.NewSectionReader(original, 0, original.Size()))
	if lacksIt(err) && !s.cfg.Known.Abuse.HasPictures() {
		return notes, nil // nor, as a rule, can a copy be made of it
	}
	if err != nil {
		return nil, err
	}
	return s.shown(g, notes)
}

// shown holds what a picture shows against the lists, and adds to the notes what one says that isn't among them.
func (s *Service) shown(g *look.Grey, notes []string) ([]string, error) {
	asked := s.eye.Ask(g, false)
	if e, found := s.cfg.Known.Abuse.Shown(asked); found {
		return nil, &withheldError{e.Note}
	}
	if e, found := s.cfg.Known.Hoax.Shown(asked); found && len(notes) == 0 {
		notes = append(notes, e.Note)
	}
	return notes, nil
}

// listedFrames is listed for the pictures from all over a film.
func (s *Service) listedFrames(details *heed.CopyDetails, notes []string) ([]string, error) {
	if details == nil || !s.cfg.Known.Abuse.HasPictures() && !s.cfg.Known.Hoax.HasPictures() {
		return notes, nil
	}
	greys, err := frameGreys(details.Frames)
	for _, g := range greys {
		if notes, err = s.shown(g, notes); err != nil {
			return nil, err
		}
	}
	return notes, err
}

// sealNotes seals what is to be known of a file of which there is no copy.
func (s *Service) sealNotes(w *work, notes *heed.CopyDetails) ([]byte, error) {
	b, err := json.Marshal(notes)
	if err != nil {
		return nil, fmt.Errorf("encode what a file is known as: %w", err)
	}
	return w.data.Seal(seal.CopyDetailsPlace(s.cfg.Line, w.file.Report, w.file.ID), b), nil
}

// withheld is what stands in place of the copy of a file that nobody is to see.
func (s *Service) withheld(w *work, why *withheldError) (*heed.SafeCopy, error) {
	details, err := s.sealNotes(w, &heed.CopyDetails{Known: []string{why.note}})
	return &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyFailed, Code: heed.CopyWithheld, Details: details}, err
}

// The codes of what is announced of a file that is withheld: to each lead who may know of its report, and where there is none such, without saying of
// which, to who gives accounts their rights and who watches over the line.
const (
	noticeWithheld = "withheld"
	noticeUnled    = "withheld-unled"
)

type knownDetails struct {
	Attachment heed.ID `json:"attachment"`
	Withheld   bool    `json:"withheld,omitempty"`
}

// noteKnown writes the leaf of a file that is on a list; of one that is withheld people are told.
func (s *Service) noteKnown(ctx context.Context, tx heed.Tx, c *heed.SafeCopy, listed bool) error {
	withheld := c.Code == heed.CopyWithheld
	if !withheld && !listed {
		return nil
	}
	if err := s.say(ctx, tx, audit.FileKnown, c.Report, knownDetails{c.Attachment, withheld}); err != nil || !withheld {
		return err
	}
	return s.tellWithheld(ctx, tx, c.Report)
}

// tellWithheld announces to each lead who may know of the report that a file of it is withheld; where there is none, to admins and overseers that
// there is one of which no lead may know.
func (s *Service) tellWithheld(ctx context.Context, tx heed.Tx, report heed.ID) error {
	r, err := tx.Report(ctx, report)
	if err != nil {
		return err
	}
	all, err := tx.AllStaff(ctx)
	if err != nil {
		return err
	}
	all = slices.DeleteFunc(all, func(a *heed.Staff) bool { return a.Disabled })
	told := slices.DeleteFunc(slices.Clone(all), func(a *heed.Staff) bool { return !a.Has(heed.RoleLead) || !s.cfg.Reports.KnownTo(a, r) })
	code, about := noticeWithheld, report
	if len(told) == 0 {
		told = slices.DeleteFunc(all, func(a *heed.Staff) bool { return !a.Has(heed.Admin, heed.Overseer) })
		code, about = noticeUnled, ""
	}
	now := s.cfg.Now()
	for _, a := range told {
		if err := tx.Announce(ctx, &heed.Announcement{ID: heed.NewID(now), Staff: a.ID, At: now, Code: code, About: about}); err != nil {
			return fmt.Errorf("tell of a withheld file: %w", err)
		}
	}
	return nil
}

// patient ends with its context.
type patient struct {
	ctx context.Context
	io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.Reader.Read(b)
}

// HashFile gives the lines of a list (docs/media.md#known-files) that a file of the operator's own is known by: of its bytes, and of a picture of
// what it shows, read in a room. note stands behind each.
//
// It returns sandbox.ErrNoProgram and sandbox.ErrNoRoom where a picture can't be looked at here.
func HashFile(ctx context.Context, file *os.File, note string) (lines []string, err error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, &patient{ctx, file}); err != nil {
		return nil, fmt.Errorf("hash a file: %w", err)
	}
	line := func(algorithm string, of []byte) {
		lines = append(lines, strings.TrimSpace(algorithm+" "+hex.EncodeToString(of)+" "+note))
	}
	line(known.SHA256, sum.Sum(nil))
	head := make([]byte, 3072) // what mimetype needs to tell every kind apart
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("read a file's kind: %w", err)
	}
	kind := mimetype.Detect(head[:n]).String()
	if !slices.Contains(pictureKinds, kind) {
		return lines, nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("begin a file anew: %w", err)
	}
	g, err := greyOf(ctx, kind, file)
	if errors.Is(err, sandbox.ErrUnreadable) || errors.Is(err, sandbox.ErrTooMuch) {
		return lines, nil
	}
	if err != nil {
		return nil, err
	}
	shows := look.NewEye().Keep(g)
	if *shows == (look.Picture{}) {
		return lines, nil
	}
	b, err := shows.MarshalBinary()
	line(known.Picture, b)
	return lines, err
}
