package referral

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
)

// JobAnnounce tells a Department's liaison by mail that a Referral waits. Its args are AnnounceArgs.
const JobAnnounce = "announce-referral"

// AnnounceArgs are the args of JobAnnounce. They hold nothing about the report.
type AnnounceArgs struct {
	Department string `json:"department"`
}

// HandlePrepare is the handler of review.JobPrepare.
func (s *Service) HandlePrepare(ctx context.Context, args []byte) error {
	var a review.ReferralArgs
	if err := json.Unmarshal(args, &a); err != nil {
		return fmt.Errorf("read the args of %s: %w", review.JobPrepare, err)
	}
	return s.Prepare(ctx, a.Referral)
}

// Prepare makes a Referral's package. A Referral that was cancelled or has its package already is left as it is, so that
// it may run again. One that can't be sealed to anybody any more is given back to the line.
func (s *Service) Prepare(ctx context.Context, id heed.ID) error {
	var err error
	for range attempts {
		if err = s.prepare(ctx, id); !errors.Is(err, errOvertaken) {
			return err
		}
	}
	return err
}

func (s *Service) prepare(ctx context.Context, id heed.ID) error {
	m, err := s.gather(ctx, id)
	if errors.Is(err, errNobody) {
		s.cfg.Log.ErrorContext(ctx, "a referral can't be sealed to its department and is given back", "referral", string(id), "err", err)
		return s.giveBack(ctx, id)
	}
	if errors.Is(err, errMute) {
		s.cfg.Log.ErrorContext(ctx, "a spoken report's recording can't be redacted, and the referral is given back", "referral", string(id), "err", err)
		return s.giveBack(ctx, id)
	}
	if err != nil {
		return fmt.Errorf("gather a referral: %w", err)
	}
	if m == nil {
		return nil
	}
	for {
		made, err := s.pack(ctx, m)
		var damaged *fileError
		if errors.As(err, &damaged) {
			// A file that can't be opened must not keep the report from who can act: the package goes without it and says so.
			m.files[damaged.index].lose(damaged.original)
			s.cfg.Log.WarnContext(ctx, "a package goes without a file that can't be opened", "referral", string(id))
			continue
		}
		if err != nil {
			return fmt.Errorf("make a package: %w", err)
		}
		return s.ready(ctx, m, made)
	}
}

// material is what one package is made of, opened in memory but for the files.
type material struct {
	referral    *heed.Referral
	report      *heed.Report
	disposition *heed.Disposition
	reason      review.Reason
	content     heed.Content
	screening   *heed.Screening
	messages    []message
	files       []file
	data        seal.Key // opens the copies' keys
	recipients  []seal.Recipient
	made        time.Time
}

type message struct {
	kind heed.MessageKind
	at   time.Time
	text string
}

type file struct {
	heed.Attachment
	name    string
	length  int64 // bytes of the original
	missing bool
	copied  *heed.SafeCopy // nil where there is none
	// redaction is what of it isn't handed on; its copy goes in the safe copy's place. nil where all of it goes.
	redaction *heed.Redaction
	heard     *heed.Transcript
	// released is the Disclosure that puts the file, as it was sent, into this package beside its copy; nil where none does.
	released *heed.Disclosure
}

// lose leaves the file out of the package, or its original alone.
func (f *file) lose(original bool) {
	if original {
		f.released = nil
	} else {
		f.missing = true
	}
}

// copyPatience is how long a package waits for the copies of its files; that of a recording may take as long as it lasts. A report that was spoken
// waits for as long as its preparation may take: without its recording it says nothing.
const copyPatience = 5 * time.Minute

// redactionPatience is how long a package waits for a redacted copy; then the file stays behind. That of a film takes longer than a picture's, and
// what can't wait doesn't. A report that was spoken waits for as long as its preparation may take here too.
func (m *material) redactionPatience() time.Duration {
	if m.report.Urgency == heed.Immediate {
		return copyPatience
	}
	return 30 * time.Minute
}

// errCopyWaits says that a package would go without a file that is soon to be had.
var errCopyWaits = errors.New("a file waits for its copy")

// errMute says that a report which was spoken would go without its recording, for that can't be redacted: there is nothing to wait for, and the package
// would say nothing. Who decided can cover it otherwise, or not at all.
var errMute = errors.New("a spoken report can't go without its recording")

// whole is errCopyWaits where the package should wait for a copy, or for a file to be held against the line's list of what nobody is to see, errMute where it must not go.
func (m *material) whole(p *profile.Profile) error {
	patient := m.content.Spoken() || m.made.Sub(m.referral.StateSince) < copyPatience
	for _, f := range m.files {
		waits := f.copied == nil || f.copied.State == heed.CopyWaiting
		if waits && f.TransitKey != nil && patient {
			return errCopyWaits
		}
		if f.redaction == nil {
			continue
		}
		patient := m.content.Spoken() || m.made.Sub(m.referral.StateSince) < m.redactionPatience()
		switch state := f.redaction.Copy.State; {
		case state == heed.CopyWaiting && patient:
			return errCopyWaits
		case state == heed.CopyFailed && m.content.Spoken():
			return errMute
		}
	}
	return nil
}

// gather opens what goes into the package; nil where there is nothing to prepare.
func (s *Service) gather(ctx context.Context, id heed.ID) (*material, error) {
	var m *material
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		m = nil
		f, err := tx.Referral(ctx, id)
		if err != nil {
			return err
		}
		if f.State != heed.ReferralPreparing {
			return nil
		}
		found := &material{referral: f, made: s.cfg.Now()}
		if found.report, err = tx.Report(ctx, f.Report); err != nil {
			return err
		}
		keys, err := s.keys(ctx, tx, f.Report)
		if errors.Is(err, heed.ErrGone) {
			return fmt.Errorf("the report is erased: %w", errNobody)
		}
		if err != nil {
			return err
		}
		m = found
		return s.open(ctx, tx, m, &keys)
	})
	if err != nil || m == nil {
		return nil, err
	}
	if m.recipients, err = s.recipients(m.referral.Department); err != nil {
		return nil, err
	}
	return m, m.whole(s.cfg.Profile)
}

// errNobody says that a Referral can't be sealed to anybody, however often it is tried.
var errNobody = errors.New("the department can't receive")

// recipients are those to whom a Department's packages are sealed. errNobody: the profile no longer names any.
func (s *Service) recipients(id string) ([]seal.Recipient, error) {
	department, ok := s.cfg.Profile.Department(id)
	if !ok {
		return nil, fmt.Errorf("the department %q is no longer in the profile: %w", id, errNobody)
	}
	var all []seal.Recipient
	for _, text := range department.Recipients {
		r, err := seal.ParseRecipient(text)
		if err != nil {
			return nil, fmt.Errorf("the department %q: %w: %w", id, errNobody, err)
		}
		all = append(all, r)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the department %q has no recipient any more: %w", id, errNobody)
	}
	return all, nil
}

func (s *Service) open(ctx context.Context, tx heed.Tx, m *material, keys *seal.ReportKeys) (err error) {
	id := m.report.ID
	b, err := keys.Data.Open(seal.ContentPlace(s.cfg.Line, id), m.report.Content)
	if err != nil {
		return fmt.Errorf("open a report's content: %w", err)
	}
	if err := json.Unmarshal(b, &m.content); err != nil {
		return fmt.Errorf("decode a report's content: %w", err)
	}
	if m.disposition, err = tx.Disposition(ctx, m.referral.Disposition); err != nil {
		return err
	}
	if m.reason, err = review.OpenReason(keys.Data, s.cfg.Line, id, m.disposition.ID, m.disposition.SealedReason); err != nil {
		return err
	}
	if err := s.openScreening(ctx, tx, m, keys); err != nil {
		return err
	}
	messages, err := tx.Messages(ctx, id)
	if err != nil {
		return err
	}
	for _, x := range messages {
		text, err := keys.Mailbox.Open(seal.MessagePlace(s.cfg.Line, id, x.ID), x.Sealed)
		if err != nil {
			return fmt.Errorf("open a message: %w", err)
		}
		m.messages = append(m.messages, message{x.Kind, x.At, string(text)})
	}
	files, err := tx.Attachments(ctx, id)
	if err != nil {
		return err
	}
	copies, err := tx.SafeCopies(ctx, id)
	if err != nil {
		return err
	}
	redactions, err := tx.Redactions(ctx, id)
	if err != nil {
		return err
	}
	m.data = keys.Data
	for _, a := range files {
		name, length, err := keys.Mailbox.OpenFileName(s.cfg.Line, a)
		if err != nil {
			return fmt.Errorf("open a file's name: %w", err)
		}
		f := file{Attachment: *a, name: name, length: length}
		if i := slices.IndexFunc(copies, func(c *heed.SafeCopy) bool { return c.Attachment == a.ID }); i >= 0 {
			f.copied = copies[i]
		}
		if i := slices.IndexFunc(redactions, func(r *heed.Redaction) bool { return r.Attachment == a.ID && !r.None() }); i >= 0 {
			f.redaction = redactions[i]
		}
		if f.heard, err = review.OpenTranscript(keys.Data, s.cfg.Line, f.copied); err != nil {
			return err
		}
		m.files = append(m.files, f)
	}
	return s.release(ctx, tx, m)
}

func (s *Service) openScreening(ctx context.Context, tx heed.ScreeningTx, m *material, keys *seal.ReportKeys) error {
	rec, err := tx.Screening(ctx, m.report.ID)
	if errors.Is(err, heed.ErrNotFound) || err == nil && rec.Failed {
		return nil
	}
	if err != nil {
		return err
	}
	b, err := keys.Data.Open(seal.ScreeningPlace(s.cfg.Line, m.report.ID), rec.Sealed)
	if err != nil {
		return fmt.Errorf("open a screening: %w", err)
	}
	m.screening = &heed.Screening{}
	if err := json.Unmarshal(b, m.screening); err != nil {
		return fmt.Errorf("decode a screening: %w", err)
	}
	return nil
}

// made is a package in the blob store.
type made struct {
	blob   string
	size   int64
	sha256 []byte
	files  int
}

// pack seals one package into the blob store; nothing of it is ever in clear on a disk.
func (s *Service) pack(ctx context.Context, m *material) (*made, error) {
	w, err := s.cfg.Blobs.Create(ctx)
	if err != nil {
		return nil, fmt.Errorf("create a blob: %w", err)
	}
	key := w.Key()
	// Noted first: should the program end before the Referral names it, the blob is found and swept.
	if err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return tx.AddStaged(ctx, key, s.cfg.Now()) }); err != nil {
		return nil, fmt.Errorf("note a package's blob: %w", errors.Join(err, w.Abort()))
	}
	out, err := s.seal(ctx, w, m)
	if err != nil {
		return nil, errors.Join(err, w.Abort())
	}
	out.blob = key
	return out, nil
}

// seal writes the sealed package; the caller aborts where it fails.
func (s *Service) seal(ctx context.Context, w blob.Writer, m *material) (*made, error) {
	sum := sha256.New()
	count := &tally{w: io.MultiWriter(w, sum)}
	sealed, err := seal.EncryptTo(count, m.recipients...)
	if err != nil {
		return nil, fmt.Errorf("seal a package: %w", err)
	}
	if err := s.write(ctx, sealed, m); err != nil {
		return nil, err
	}
	if err := sealed.Close(); err != nil {
		return nil, fmt.Errorf("seal a package's end: %w", err)
	}
	if err := w.Commit(ctx); err != nil {
		return nil, fmt.Errorf("store a package: %w", err)
	}
	return &made{size: count.n, sha256: sum.Sum(nil), files: len(m.files)}, nil
}

// errCancelled ends a preparation whose Referral was undone meanwhile.
var errCancelled = errors.New("cancelled meanwhile")

// ready makes the package the Referral's own; one that was cancelled or prepared meanwhile is swept, and so is one with a file that isn't to be in it
// any more as it was sent (errOvertaken).
func (s *Service) ready(ctx context.Context, m *material, p *made) error {
	err := s.change(ctx, m.referral.ID, audit.ReferralPrepared, "", func(tx heed.Tx, f *heed.Referral, _ *heed.Report, now time.Time) (bool, error) {
		if f.State != heed.ReferralPreparing {
			return false, errCancelled
		}
		if err := s.handed(ctx, tx, m, now); err != nil {
			return false, err
		}
		f.State, f.StateSince, f.Blob, f.Size, f.SHA256 = heed.ReferralReady, now, p.blob, p.size, p.sha256
		if err := tx.DeleteStaged(ctx, p.blob); err != nil {
			return false, err
		}
		args, err := json.Marshal(AnnounceArgs{f.Department})
		if err != nil {
			return false, fmt.Errorf("encode a job: %w", err)
		}
		return false, tx.Enqueue(ctx, heed.Job{Kind: JobAnnounce, Args: args})
	})
	if errors.Is(err, errCancelled) || errors.Is(err, errOvertaken) {
		swept := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			if err := tx.DeleteStaged(ctx, p.blob); err != nil {
				return err
			}
			return review.DeleteBlobs(ctx, tx, []string{p.blob})
		})
		if swept != nil || errors.Is(err, errCancelled) {
			err = swept
		}
	}
	if err != nil {
		return fmt.Errorf("make a package ready: %w", err)
	}
	return nil
}
