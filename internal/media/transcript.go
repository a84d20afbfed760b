package media

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/engine"
	"github.com/heed-line/heed/internal/media/sandbox"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// JobTranscribe has the line's engine write down what is said in the copy of one recording or film. Its args are CopyArgs.
const JobTranscribe = "transcribe"

const (
	// TranscribeTimeout is how long JobTranscribe may run: the profile bounds the engine's own time by an hour.
	TranscribeTimeout = 70*time.Minute + trackPatience
	// TranscribeFor is how long an engine that gives nothing is asked again.
	TranscribeFor = 24 * time.Hour
)

// Listener writes down what is said. engine.Listener implements it.
type Listener interface {
	Transcribe(ctx context.Context, sound engine.Sound, spoken string) (*heed.Transcript, error)
}

// Reports is what is needed of the service of reports, which reads what was heard; review.Service implements it.
type Reports interface {
	ForListener(ctx context.Context, tx heed.Tx, r *heed.Report, keys *seal.ReportKeys) (bool, error)
	Transcribed(ctx context.Context, tx heed.Tx, id heed.ID, d review.TranscribedDetails) error
	DetailsIn(t *heed.Transcript) []heed.Detail
	Quarantine(ctx context.Context, tx heed.Tx, report, attachment heed.ID) error
	KnownTo(actor *heed.Staff, r *heed.Report) bool
}

// wantTranscript enqueues the hearing of a copy that is made, where the line has an engine for it.
func (s *Service) wantTranscript(ctx context.Context, tx heed.Tx, attachment heed.ID) error {
	if s.cfg.Listener == nil {
		return nil
	}
	args, err := json.Marshal(CopyArgs{attachment})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return tx.Enqueue(ctx, heed.Job{Kind: JobTranscribe, Args: args, Queue: heed.QueueSpeech})
}

// HandleTranscribe is the handler of JobTranscribe. What was heard already, or isn't for the engine, is left as it is, so that it may run
// again. It hears the copy, never the voice as it was (docs/adr/0014).
func (s *Service) HandleTranscribe(ctx context.Context, args []byte) error {
	var a CopyArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobTranscribe, err)
	}
	if s.cfg.Listener == nil {
		return nil // the profile named one when there was a copy
	}
	h, err := s.hearing(ctx, a.Attachment)
	if err != nil || h == nil {
		return err
	}
	sound, track, err := s.soundOf(ctx, h)
	if err != nil {
		return fmt.Errorf("hear a copy: %w", err)
	}
	if sound == nil {
		return nil // a silent film
	}
	t, err := s.cfg.Listener.Transcribe(ctx, track, h.language)
	if closed := sound.Close(); err == nil && closed != nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("hear a copy: %w", err)
	}
	t.Details = s.cfg.Reports.DetailsIn(t)
	b, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("encode a transcript: %w", err)
	}
	sealed := h.keys.Data.Seal(seal.TranscriptPlace(s.cfg.Line, h.copied.Report, h.copied.Attachment), b)
	return s.putTranscript(ctx, h.copied, sealed, review.TranscribedDetails{Attachment: h.copied.Attachment, Model: t.Model, SHA256: seal.Digest(sealed)})
}

// trackPatience is how long it may take to get at a film's sound.
const trackPatience = 10 * time.Minute

// soundOf opens what is heard of a copy; nil where it is silent. The engine gets a film's sound without its pictures: it needs no more, and few take it otherwise.
func (s *Service) soundOf(ctx context.Context, h *hearing) (io.Closer, engine.Sound, error) {
	if h.copied.Type != filmType {
		r, err := review.OpenCopyFile(ctx, s.cfg.Blobs, s.cfg.Line, h.keys.Data, h.copied)
		if err != nil {
			return nil, engine.Sound{}, err
		}
		return r, engine.Sound{Type: h.copied.Type, Size: r.Size(), Reader: r}, nil
	}
	details, err := review.OpenCopyDetails(h.keys.Data, s.cfg.Line, h.copied)
	if err != nil || len(details.Waveform) == 0 {
		return nil, engine.Sound{}, err
	}
	film, err := review.OpenCopyAt(ctx, s.cfg.Blobs, s.cfg.Line, h.keys.Data, h.copied)
	if err != nil {
		return nil, engine.Sound{}, err
	}
	file, err := filled(func(mp3 *os.File) error { return soundTrack(ctx, film, mp3) })
	if err != nil {
		return nil, engine.Sound{}, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, engine.Sound{}, errors.Join(err, file.Close())
	}
	return file, engine.Sound{Type: soundType, Size: info.Size(), Reader: file}, nil
}

// soundTrack writes the sound of a film's copy, each moment where it is in the film.
func soundTrack(ctx context.Context, copied *io.SectionReader, to io.Writer) error {
	f := &film{reader: "mov", original: copied}
	args := append([]string{"-nostdin", "-loglevel", "quiet"}, f.open()...)
	args = append(args, "-map", "0:a:0", "-map_metadata", "-1", "-vn", "-sn", "-dn", "-t", seconds(filmLongest), "-af", "aresample=async=1:first_pts=0",
		"-ac", "1", "-ar", strconv.Itoa(maskRate), "-threads", "1", "-c:a", "libmp3lame", "-b:a", strconv.Itoa(soundBits),
		"-write_xing", "0", "-id3v2_version", "0", "-flags", "+bitexact", "-fflags", "+bitexact", "-f", "mp3", "pipe:1")
	p := &sandbox.Program{Name: filmProgram, Args: args, Served: copied, Limits: sandbox.Limits{
		Memory: 2 << 30, Processor: trackPatience, Patience: trackPatience, Answer: int64(filmLongest/time.Second) * soundBits / 8 * 11 / 10,
	}}
	return p.Run(ctx, strings.NewReader(""), to)
}

// GiveUpTranscribe is what follows when JobTranscribe failed for the last time: nobody waits for it any more.
func (s *Service) GiveUpTranscribe(ctx context.Context, args []byte, _ error) error {
	var a CopyArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobTranscribe, err)
	}
	h, err := s.hearing(ctx, a.Attachment)
	if h == nil && (err == nil || errors.Is(err, review.ErrNotYet)) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.putTranscript(ctx, h.copied, nil, review.TranscribedDetails{Attachment: h.copied.Attachment, Code: heed.TranscriptFailed})
}

// hearing is a copy that is to be heard.
type hearing struct {
	copied   *heed.SafeCopy
	keys     seal.ReportKeys
	language string
}

// hearing finds what the engine needs; nil where there is nothing to hear.
//
// It returns review.ErrNotYet.
func (s *Service) hearing(ctx context.Context, attachment heed.ID) (h *hearing, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		h = nil
		c, err := tx.SafeCopy(ctx, attachment)
		if err != nil || c.State != heed.CopyMade || c.Transcript != nil {
			return err
		}
		r, err := tx.Report(ctx, c.Report)
		if err != nil {
			return err
		}
		wrapped, err := tx.WrappedKey(ctx, r.ID)
		if err != nil {
			return err
		}
		keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, r.ID, wrapped)
		if err != nil {
			return err
		}
		may, err := s.cfg.Reports.ForListener(ctx, tx, r, &keys)
		if err == nil && may {
			h = &hearing{c, keys, r.Language}
		}
		return err
	})
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) {
		return nil, nil // erased
	}
	if err != nil {
		return nil, fmt.Errorf("find what is to be heard: %w", err)
	}
	return h, nil
}

// putTranscript stores what was heard, or the code of why nothing was, and has it read, in one transaction.
func (s *Service) putTranscript(ctx context.Context, c *heed.SafeCopy, sealed []byte, d review.TranscribedDetails) error {
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if err := tx.PutTranscript(ctx, c.Attachment, sealed, d.Code); err != nil {
			return err
		}
		return s.cfg.Reports.Transcribed(ctx, tx, c.Report, d)
	})
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) { // heard by another, or erased
		return nil
	}
	if err != nil {
		return fmt.Errorf("store a transcript: %w", err)
	}
	return nil
}
