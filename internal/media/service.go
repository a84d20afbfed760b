package media

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/media/clamd"
	"github.com/heed-line/heed/internal/media/look"
	"github.com/heed-line/heed/internal/media/sandbox"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// JobCopy makes the safe copy of one file. Its args are CopyArgs.
const JobCopy = "make-copy"

// JobFilm makes that of a film, which may take hours: in a queue of its own. Its args are CopyArgs.
const JobFilm = "make-film-copy"

// CopyArgs are the args of JobCopy and JobFilm.
type CopyArgs struct {
	Attachment heed.ID `json:"attachment"`
}

// findBatch is how many files of a kind are looked at in one Find.
const findBatch = 100

// CopyTimeout is how long JobCopy may run.
const CopyTimeout = clamd.Patience + soundPatience + wavePatience + listenPatience + time.Minute

// Config is what a Service works with. Every field but Scanner and Listener is needed.
type Config struct {
	Store   heed.Store
	Blobs   blob.Store
	Files   review.FileKeys
	Line    string
	Content *seal.PrivateKey
	// Matching keys what files are found by.
	Matching *seal.MatchingKey
	Reports  Reports
	Known    Known
	// Scanner knows what is malicious; nil where the line has none.
	Scanner Scanner
	// Listener is the line's engine that hears; nil where it has none.
	Listener Listener
	Now      func() time.Time
	Log      *slog.Logger
}

// Service makes safe copies. It is safe for concurrent use, by several processes too.
type Service struct {
	cfg Config
	eye *look.Eye
	// down says that clamd didn't answer when it was last asked.
	down atomic.Bool
}

// New makes a Service.
func New(cfg Config) *Service { return &Service{cfg: cfg, eye: look.NewEye()} }

// Find has copies made of what came since it last ran. Where the program for it is missing, or a room for the program, it notes that,
// and finds them again once it is there. It is meant to run every few seconds.
func (s *Service) Find(ctx context.Context) error {
	scannerLacks := sync.OnceValues(func() (string, error) { return s.scannerLacking(ctx) }) // half a minute where nothing answers at all
	for _, m := range makers() {
		for _, kind := range m.kinds {
			if err := s.findKind(ctx, m, kind, scannerLacks); err != nil && !errors.Is(err, errNothing) {
				return fmt.Errorf("find files without a copy: %w", err)
			}
		}
	}
	return nil
}

// findKind is Find of the files whose type begins with kind; scannerLacks says what of the line's clamd is lacking, as its code. errNothing: there are none.
func (s *Service) findKind(ctx context.Context, m maker, kind string, scannerLacks func() (string, error)) error {
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		found, err := tx.FilesWithoutCopy(ctx, kind, 1)
		if err == nil && len(found) == 0 {
			return errNothing
		}
		return err
	})
	if err != nil {
		return err
	}
	code, err := m.lacking(ctx)
	if err == nil && code == "" {
		code, err = scannerLacks()
	}
	if err != nil {
		return err
	}
	return s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return s.find(ctx, tx, m, kind, code) })
}

var errNothing = errors.New("nothing waits")

func (s *Service) find(ctx context.Context, tx heed.Tx, m maker, kind, code string) error {
	found, err := tx.FilesWithoutCopy(ctx, kind, findBatch)
	if err != nil {
		return err
	}
	for _, a := range found {
		before, err := tx.SafeCopy(ctx, a.ID)
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		if before != nil && before.Code == code {
			continue // it waits for the program already
		}
		waits := &heed.SafeCopy{Attachment: a.ID, Report: a.Report, State: heed.CopyWaiting, Code: code}
		if before != nil {
			waits.Details = before.Details
		}
		if err := tx.PutSafeCopy(ctx, waits); err != nil {
			return err
		}
		if code != "" {
			continue
		}
		next, err := s.nextScan(ctx, tx, before)
		if err != nil {
			return err
		}
		if err := s.enqueue(ctx, tx, m, a, kind, next); err != nil {
			return err
		}
	}
	return nil
}

// A film of which so many others of its report wait goes as if it had come so many turns later, filmsAhead at most, so that nobody holds
// the queue by sending many. What is older goes before what comes after that, however much comes.
const (
	filmTurn   = 15 * time.Minute
	filmsAhead = 24 * time.Hour
)

// enqueue has a job make a copy that was noted as waiting, not before next.
func (s *Service) enqueue(ctx context.Context, tx heed.Tx, m maker, of *heed.Attachment, kind string, next time.Time) error {
	args, err := json.Marshal(CopyArgs{of.ID})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	job := heed.Job{Kind: m.job, Args: args, Queue: m.queue, Yields: true} // to who covers a part of one, and waits
	if m.queue == heed.QueueFilm {
		waiting, err := tx.WaitingCopies(ctx, of.Report, kind) // and this one
		if err != nil {
			return err
		}
		// All of the past, so that none waits while there is nothing else to do.
		job.At = s.cfg.Now().Add(min(time.Duration(waiting-1)*filmTurn, filmsAhead) - filmsAhead)
	}
	if next.After(s.cfg.Now()) { // clamd went while it looked: perhaps by this file, which isn't to take it from all others
		job.At = next
	}
	return tx.Enqueue(ctx, job)
}

// HandleCopy is the handler of JobCopy and JobFilm. What is made already, or gone, is left as it is, so that it may run again.
func (s *Service) HandleCopy(ctx context.Context, args []byte) error {
	var a CopyArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobCopy, err)
	}
	w, err := s.open(ctx, a.Attachment)
	if err != nil || w == nil {
		return err
	}
	made, known, err := s.make(ctx, w)
	var why *withheldError
	var bad *malwareError
	switch code := failure(err); {
	case errors.As(err, &bad):
		if made, err = s.malicious(w, bad); err != nil {
			return err
		}
	case errors.Is(err, clamd.ErrDown) && w.copyable():
		made = &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyWaiting, Code: heed.CopyNoScanner}
	case errors.As(err, &why):
		made, err = s.withheld(w, why)
		if err != nil {
			return err
		}
	case code != "":
		s.cfg.Log.Warn("media: no safe copy can be made of a file", "report", string(w.file.Report), "code", code)
		made = &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyFailed, Code: code}
	case errors.Is(err, sandbox.ErrNoProgram):
		made = &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyWaiting, Code: heed.CopyNoTool}
	case errors.Is(err, sandbox.ErrNoRoom):
		made = &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyWaiting, Code: heed.CopyNoRoom}
	case err != nil:
		return fmt.Errorf("make a safe copy: %w", err)
	}
	return s.store(ctx, w, made, known)
}

// failure is the code of what no further attempt would mend; "" where one may.
func failure(err error) string {
	switch {
	case errors.Is(err, sandbox.ErrUnreadable):
		return heed.CopyUnreadable
	case errors.Is(err, sandbox.ErrTooMuch):
		return heed.CopyTooLong
	case errors.Is(err, heed.ErrGone), errors.Is(err, heed.ErrSealed), errors.Is(err, heed.ErrNotFound):
		return heed.CopyLost
	}
	return ""
}

// GiveUpCopy is what follows when such a job failed for the last time: the day's keys have gone by then.
func (s *Service) GiveUpCopy(ctx context.Context, args []byte, _ error) error {
	var a CopyArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", JobCopy, err)
	}
	w, err := s.open(ctx, a.Attachment)
	if err != nil || w == nil {
		return err
	}
	return s.store(ctx, w, &heed.SafeCopy{Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyFailed, Code: heed.CopyLost}, nil)
}

// work is a file of which a copy is to be made.
type work struct {
	file *heed.Attachment
	data seal.Key // the report's
	// listed are the notes of the operator's list of known files that staff are told of.
	listed []string
	// unscanned says that the line's clamd didn't look at all of it.
	unscanned bool
}

// open finds what the copy needs; nil where there is nothing to do.
func (s *Service) open(ctx context.Context, attachment heed.ID) (w *work, err error) {
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		w = nil
		before, err := tx.SafeCopy(ctx, attachment)
		if errors.Is(err, heed.ErrNotFound) || err == nil && before.State != heed.CopyWaiting {
			return nil
		}
		if err != nil {
			return err
		}
		file, err := tx.Attachment(ctx, attachment)
		if err != nil {
			return err
		}
		wrapped, err := tx.WrappedKey(ctx, file.Report)
		if err != nil {
			return err
		}
		keys, err := seal.UnwrapReportKeys(s.cfg.Content, s.cfg.Line, file.Report, wrapped)
		w = &work{file: file, data: keys.Data}
		return err
	})
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) {
		return nil, nil // erased
	}
	if err != nil {
		return nil, fmt.Errorf("open a file's report: %w", err)
	}
	return w, nil
}

// make seals a copy into the blob store, which no record names yet, and finds what the file is known again by.
func (s *Service) make(ctx context.Context, w *work) (made *heed.SafeCopy, known *heed.Look, err error) {
	original, err := review.OpenFileAt(ctx, s.cfg.Blobs, s.cfg.Files, s.cfg.Line, w.file)
	if err != nil {
		return nil, nil, err
	}
	if w.listed, err = s.listed(ctx, original); err != nil {
		return nil, nil, err
	}
	if w.unscanned, err = s.scanned(ctx, w, original); err != nil {
		return nil, nil, err
	}
	if w.listed, err = s.listedPicture(ctx, w.file, original, w.listed); err != nil {
		return nil, nil, err
	}
	m, err := makerOf(w.file)
	if err != nil {
		return nil, nil, err
	}
	var details *heed.CopyDetails
	shows, key := sha256.New(), seal.NewKey()
	blob, err := s.sealBlob(ctx, key, seal.SafeCopyPlace(s.cfg.Line, w.file.Report, w.file.ID), func(to io.Writer) (err error) {
		if details, err = m.make(ctx, w.file.Type, original, io.MultiWriter(to, shows)); err != nil {
			return err
		}
		if w.listed, err = s.listedFrames(details, w.listed); err != nil {
			return err
		}
		kept, err := s.lookOf(ctx, w.file, original, details, shows.Sum(nil))
		if err != nil {
			return err
		}
		known, err = s.sealLook(w.file, w.data, kept)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	if len(w.listed) > 0 || w.unscanned {
		if details == nil {
			details = &heed.CopyDetails{}
		}
		details.Known, details.Unscanned = w.listed, w.unscanned
	}
	made = &heed.SafeCopy{
		Attachment: w.file.ID, Report: w.file.Report, State: heed.CopyMade, Blob: blob.key, Type: m.makes, Size: blob.size, SHA256: blob.sum,
		SealedKey: w.data.SealSafeCopyKey(s.cfg.Line, w.file.Report, w.file.ID, key), MadeAt: s.cfg.Now(),
	}
	if details != nil {
		if details.Type != "" {
			made.Type = details.Type
		}
		b, err := json.Marshal(details)
		if err != nil {
			return nil, nil, fmt.Errorf("encode a copy's details: %w", err)
		}
		made.Details = w.data.Seal(seal.CopyDetailsPlace(s.cfg.Line, w.file.Report, w.file.ID), b)
	}
	return made, known, nil
}

type copiedDetails struct {
	Attachment heed.ID `json:"attachment"`
	Code       string  `json:"code,omitempty"`
	SHA256     []byte  `json:"sha256,omitempty"` // of the sealed copy
	// Dropped says that nobody can open the original any more, for want of a Custodian or because its reporter took it back, and that
	// it is deleted.
	Dropped bool `json:"dropped,omitempty"`
}

// store makes the copy the file's own, and takes the original from everybody but the Custodians, in one transaction. A copy that
// another job made first stays.
func (s *Service) store(ctx context.Context, w *work, c *heed.SafeCopy, known *heed.Look) (err error) {
	for range storeAttempts {
		if err = s.storeOnce(ctx, w, c, known); !errors.Is(err, heed.ErrConflict) {
			break
		}
	}
	if errors.Is(err, errNothing) || errors.Is(err, heed.ErrNotFound) { // made by another, or erased; what was staged is swept
		return nil
	}
	if err != nil {
		return fmt.Errorf("store a safe copy: %w", err)
	}
	if c.State == heed.CopyFailed {
		return s.forgetFailed(ctx, w.file)
	}
	return nil
}

// storeAttempts is how often that is tried where somebody changes the report in the same moment.
const storeAttempts = 5

// storeOnce is store's transaction.
func (s *Service) storeOnce(ctx context.Context, w *work, c *heed.SafeCopy, known *heed.Look) error {
	return s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		before, err := tx.SafeCopy(ctx, w.file.ID)
		if err != nil {
			return err
		}
		if before.State != heed.CopyWaiting || before.Code == c.Code && c.State == heed.CopyWaiting {
			return errNothing
		}
		if c.State == heed.CopyWaiting {
			c.Details = before.Details
		}
		if err := tx.PutSafeCopy(ctx, c); err != nil || c.State == heed.CopyWaiting {
			return err
		}
		details := copiedDetails{Attachment: c.Attachment, Code: c.Code, SHA256: c.SHA256}
		if c.State == heed.CopyMade {
			if details.Dropped, err = s.replace(ctx, tx, w.file.ID, c.Blob); err != nil {
				return err
			}
			if err := s.wantWords(ctx, tx, w.file, c.Type); err != nil {
				return err
			}
			if err := s.wantSeen(ctx, tx, known); err != nil {
				return err
			}
		}
		if err := s.noteKnown(ctx, tx, c, len(w.listed) > 0); err != nil {
			return err
		}
		if err := s.note(ctx, tx, c.Report, details); err != nil {
			return err
		}
		if heed.Unsafe(c.Code) {
			return s.cfg.Reports.Quarantine(ctx, tx, c.Report, c.Attachment)
		}
		return nil
	})
}

// replace puts the copy in the original's place.
func (s *Service) replace(ctx context.Context, tx heed.Tx, attachment heed.ID, copied string) (dropped bool, err error) {
	if err := tx.DeleteStaged(ctx, copied); err != nil {
		return false, err
	}
	return s.dropOriginal(ctx, tx, attachment)
}

// dropOriginal destroys the transit key of a file, and the file where nothing else opens it.
func (s *Service) dropOriginal(ctx context.Context, tx heed.Tx, attachment heed.ID) (dropped bool, err error) {
	if err := tx.DropTransitKey(ctx, attachment); err != nil && !errors.Is(err, heed.ErrNotFound) { // gone with its day meanwhile
		return false, err
	}
	if err := heed.WantScrub(ctx, tx, s.cfg.Now()); err != nil {
		return false, err
	}
	file, err := tx.Attachment(ctx, attachment)
	if err != nil || file.DayKey != nil {
		return false, err
	}
	return true, review.DeleteBlobs(ctx, tx, []string{file.Blob})
}

// note writes the leaf of a copy and tells the desk.
func (s *Service) note(ctx context.Context, tx heed.Tx, report heed.ID, details copiedDetails) error {
	return s.say(ctx, tx, audit.FileCopied, report, details)
}

// say writes the leaf of an act of the machine's and tells the desk.
func (s *Service) say(ctx context.Context, tx heed.Tx, act string, report heed.ID, details any) error {
	now := s.cfg.Now()
	leaf, err := audit.Leaf(act, "", report, now, details)
	if err != nil {
		return err
	}
	if err := tx.AddLeaf(ctx, leaf); err != nil {
		return err
	}
	r, err := tx.Report(ctx, report)
	if err != nil {
		return err
	}
	return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: "report.changed", Report: report, List: r.List(), Category: r.Category})
}
