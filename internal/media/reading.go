package media

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// JobRead has a machine read what stands in the copy of a picture or document. Its args are CopyArgs.
const JobRead = "read-copy"

const (
	// readProgram reads what stands in pictures (tesseract-ocr, and a package for each language).
	readProgram = "tesseract"
	// readPages is how many pages of a document it reads at most: those on which the document itself says nothing.
	readPages = 50
	// readPatience is how long one page may take.
	readPatience = time.Minute
	// ReadTimeout is how long JobRead may run.
	ReadTimeout = readPages*readPatience + time.Minute
	// readBytes is how much is kept of what is read in one file.
	readBytes = 256 << 10
)

// readModel and sayModel stand as the model of a Transcript: what a machine read in pictures, what the document itself says, or both.
const (
	readModel = readProgram
	sayModel  = sayProgram
)

// scripts are the languages that readProgram can have, by the tags of the line's.
var scripts = map[string]string{"en": "eng", "ar": "ara", "zh": "chi_sim", "es": "spa", "fr": "fra", "pt": "por", "ru": "rus"}

// wantWords enqueues what finds the words in a copy of the type copied that is made: who hears it, or who reads it.
func (s *Service) wantWords(ctx context.Context, tx heed.Tx, file *heed.Attachment, copied string) error {
	if copied == soundType || copied == filmType {
		return s.wantTranscript(ctx, tx, file.ID)
	}
	if !file.Picture() && !file.Document() {
		return nil
	}
	args, err := json.Marshal(CopyArgs{file.ID})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return tx.Enqueue(ctx, heed.Job{Kind: JobRead, Args: args, Queue: heed.QueueSpeech})
}

// HandleRead is the handler of JobRead. What was read already, or isn't for a machine, is left as it is, so that it may run again. Of a
// document it takes what the document itself says, and reads the pages on which that is nothing.
//
// It returns review.ErrNotYet.
func (s *Service) HandleRead(ctx context.Context, args []byte) error {
	var a CopyArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobRead, err)
	}
	h, err := s.hearing(ctx, a.Attachment)
	if err != nil || h == nil {
		return err
	}
	details, err := review.OpenCopyDetails(h.keys.Data, s.cfg.Line, h.copied)
	if err != nil {
		return err
	}
	t, err := s.read(ctx, h, &details)
	if err != nil {
		return fmt.Errorf("read a copy: %w", err)
	}
	t.Details = s.cfg.Reports.DetailsIn(t)
	b, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode what was read: %w", err)
	}
	sealed := h.keys.Data.Seal(seal.TranscriptPlace(s.cfg.Line, h.copied.Report, h.copied.Attachment), b)
	return s.putTranscript(ctx, h.copied, sealed, review.TranscribedDetails{Attachment: h.copied.Attachment, Model: t.Model, SHA256: seal.Digest(sealed)})
}

// read puts together what stands in a copy, page by page.
func (s *Service) read(ctx context.Context, h *hearing, details *heed.CopyDetails) (*heed.Transcript, error) {
	copied, err := review.OpenCopyFile(ctx, s.cfg.Blobs, s.cfg.Line, h.keys.Data, h.copied)
	if err != nil {
		return nil, err
	}
	defer copied.Close()
	pages := details.Pages
	if len(pages) == 0 { // a picture
		pages = []heed.Page{{Size: copied.Size()}}
	}
	t, left := &heed.Transcript{Language: h.language, Cut: details.Cut}, readPages
	var models []string
	for i, p := range pages {
		said, model := strings.TrimSpace(p.Text), sayModel
		if said == "" && left > 0 {
			left--
			model = readModel
			said, err = readPicture(ctx, io.NewSectionReader(at{copied}, p.At, p.Size), h.language)
			if errors.Is(err, sandbox.ErrNoProgram) {
				left, err = 0, nil
			}
			if err != nil {
				return nil, err
			}
		}
		if said == "" {
			continue
		}
		if len(t.Text)+len(said) > readBytes {
			t.Cut = true
			break
		}
		if !slices.Contains(models, model) {
			models = append(models, model)
		}
		if t.Text != "" {
			t.Text += "\n\n"
		}
		t.Passages = append(t.Passages, heed.Passage{Start: len(t.Text), End: len(t.Text) + len(said), At: int64(i + 1)})
		t.Text += said
	}
	if len(models) == 0 {
		models = []string{readModel}
	}
	t.Model = strings.Join(models, ", ")
	return t, nil
}

// at reads anywhere in a copy.
type at struct{ io.ReadSeeker }

// ReadAt implements io.ReaderAt.
func (a at) ReadAt(p []byte, from int64) (int, error) {
	if _, err := a.Seek(from, io.SeekStart); err != nil {
		return 0, err
	}
	return io.ReadFull(a, p)
}

// readPicture gives what stands in a picture; "" where nothing can be read, or it takes too long.
func readPicture(ctx context.Context, picture io.Reader, language string) (string, error) {
	file, err := inMemory(picture, pictureLimits.Answer)
	if err != nil {
		return "", err
	}
	defer file.Close()
	known, err := readable(ctx)
	if err != nil {
		return "", err
	}
	var reads []string
	main, _, _ := strings.Cut(language, "-")
	for _, tag := range []string{main, "en"} {
		if name := scripts[tag]; slices.Contains(known, name) && !slices.Contains(reads, name) {
			reads = append(reads, name)
		}
	}
	if len(reads) == 0 {
		return "", nil
	}
	var out bytes.Buffer
	p := sandbox.Program{Name: readProgram, Args: []string{"stdin", "stdout", "-l", strings.Join(reads, "+")}, Env: []string{"OMP_THREAD_LIMIT=1"}, Limits: readLimits}
	err = p.Run(ctx, file, &out)
	if errors.Is(err, sandbox.ErrUnreadable) || errors.Is(err, sandbox.ErrTooMuch) {
		return "", nil
	}
	return strings.TrimSpace(plain(out.String())), err
}

// readLimits bound readProgram, for one page.
var readLimits = sandbox.Limits{Memory: 1 << 30, Processor: readPatience, Patience: readPatience, Answer: 64 << 10}

// readable lists the languages that readProgram has on this machine.
func readable(ctx context.Context) ([]string, error) {
	var out bytes.Buffer
	p := sandbox.Program{Name: readProgram, Args: []string{"--list-langs"}, Limits: readLimits}
	if err := p.Run(ctx, strings.NewReader(""), &out); err != nil {
		return nil, err
	}
	return strings.Fields(out.String()), nil
}
