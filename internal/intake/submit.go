package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/seal"
)

// Submit seals and stores a Submission; when it returns, the report is durable and its screening is due.
//
// It returns heed.Problems where the Submission is not acceptable, heed.ErrBusy where too many are waiting, and the context's error where
// that ended before.
func (s *Service) Submit(ctx context.Context, sub Submission) (*Acceptance, error) {
	if err := s.Check(sub); err != nil {
		return nil, err
	}
	now := s.cfg.Now()
	if sub.ReceivedAt.IsZero() {
		sub.ReceivedAt = now
	}
	if sub.ID == "" {
		sub.ID = heed.NewID(sub.ReceivedAt)
	}
	if sub.Receipt == "" {
		sub.Receipt = seal.NewReceipt()
	}
	derived, err := s.cfg.Submissions.Derive(ctx, sub.Receipt)
	if err != nil {
		return nil, fmt.Errorf("derive the receipt's keys: %w", err)
	}
	if sub.Lasting {
		ctx = context.WithoutCancel(ctx)
	}
	took, err := s.assemble(ctx, sub.Uploads)
	if errors.Is(err, heed.ErrInvalid) {
		return s.repeated(ctx, sub, derived.Lookup, err) // sent before, the report has its files already
	}
	if err != nil {
		return nil, err
	}
	if err := s.store(ctx, sub, took, derived, now); err != nil {
		err = errors.Join(err, s.discardTaken(ctx, took))
		if errors.Is(err, heed.ErrConflict) {
			return s.repeated(ctx, sub, derived.Lookup, err)
		}
		return nil, fmt.Errorf("store a report: %w", err)
	}
	s.dropTaken(ctx, took)
	return &Acceptance{Receipt: sub.Receipt, ReceivedAt: sub.ReceivedAt, Report: sub.ID}, nil
}

// store seals a Submission with the files that it took and stores it, in one transaction.
func (s *Service) store(ctx context.Context, sub Submission, took *taken, derived seal.ReceiptKeys, now time.Time) error {
	sub.Files = append(slices.Clip(sub.Files), took.files...)
	day, err := s.day(ctx, now)
	if err != nil {
		return err
	}
	p, err := s.prepare(sub, day, now)
	if err != nil {
		return err
	}
	mailbox := derived.Key.Seal(seal.ReceiptPlace(s.cfg.Line, sub.ID), p.keys.Mailbox[:])
	return s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		if err := p.write(ctx, tx); err != nil {
			return err
		}
		if err := took.deleteUploads(ctx, tx); err != nil {
			return err
		}
		if err := tx.AddReceipt(ctx, derived.Lookup, sub.ID, mailbox); err != nil {
			return err
		}
		if err := also(ctx, tx, sub.Also); err != nil {
			return err
		}
		return tx.Enqueue(ctx, screenJob(sub.ID))
	})
}

// also does what is to happen in the same transaction; nil is nothing.
func also(ctx context.Context, tx heed.Tx, fn func(context.Context, heed.Tx) error) error {
	if fn == nil {
		return nil
	}
	return fn(ctx, tx)
}

// repeated answers a Submission that was stored before: the same id with the same Receipt is the same sending.
func (s *Service) repeated(ctx context.Context, sub Submission, lookup []byte, cause error) (*Acceptance, error) {
	var stored *heed.Report
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		id, _, err := tx.Receipt(ctx, lookup)
		if err != nil {
			return err
		}
		if id != sub.ID {
			return heed.ErrConflict
		}
		stored, err = tx.Report(ctx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("store a report: %w", errors.Join(cause, err))
	}
	return &Acceptance{Receipt: sub.Receipt, ReceivedAt: stored.ReceivedAt, Report: stored.ID}, nil
}

// Batch is reports from elsewhere, sealed and ready to be stored.
type Batch struct{ prepared []*prepared }

// PrepareImport seals reports from elsewhere, without Receipts: nobody could be given them. An identity lives as long as if it had been
// sent here when it was received: it is sealed to the key of that day, and dropped where that is over. Sealing is most of an import's
// work, and can be done while the Batch before is stored.
//
// A Submission that fails Check fails the whole: check before. ErrNoCustodian: one has an identity of a day that has no key for it, and
// is not to lose that by drop.
func (s *Service) PrepareImport(ctx context.Context, subs []Submission, drop bool) (*Batch, error) {
	now := s.cfg.Now()
	all, err := s.dated(ctx, subs, now)
	if err == nil && !drop {
		err = openable(all)
	}
	if err != nil {
		return nil, err
	}
	sealed, err := s.prepareAll(all, now)
	if err != nil {
		return nil, err
	}
	return &Batch{sealed}, nil
}

// dated is an import with the day to whose keys it is sealed.
type dated struct {
	Submission
	day *heed.DayKeyRecord
}

// dated finds the days of imports: each one's own while that lives; else today, and nothing of who reported.
func (s *Service) dated(ctx context.Context, subs []Submission, now time.Time) ([]dated, error) {
	today, err := s.day(ctx, now)
	if err != nil {
		return nil, err
	}
	known := map[string]*heed.DayKeyRecord{}
	out := make([]dated, len(subs))
	for i, sub := range subs {
		if sub.ReceivedAt.IsZero() || sub.ReceivedAt.After(now) {
			sub.ReceivedAt = now
		}
		day, err := s.living(ctx, sub.ReceivedAt, known)
		if err != nil {
			return nil, err
		}
		if day == nil {
			sub.Identity, day = heed.Identity{}, today
		}
		out[i] = dated{sub, day}
	}
	return out, nil
}

// ErrNoCustodian says that the line had no Custodian on a day of which reports say who gave them, so that nobody could ever open that.
var ErrNoCustodian = errors.New("the line had no custodian")

// openable is ErrNoCustodian, with the days, where identities would be lost that aren't over.
func openable(all []dated) error {
	var days []string
	for _, one := range all {
		if !one.Identity.IsZero() && one.day.Identity == nil {
			days = append(days, one.day.Day)
		}
	}
	if len(days) == 0 {
		return nil
	}
	slices.Sort(days)
	return fmt.Errorf("on %s %w", strings.Join(slices.Compact(days), ", "), ErrNoCustodian)
}

// living is the day to which a time belongs, nil where that is over. known holds those that were found before.
func (s *Service) living(ctx context.Context, at time.Time, known map[string]*heed.DayKeyRecord) (*heed.DayKeyRecord, error) {
	name := at.UTC().Format(time.DateOnly)
	if day, found := known[name]; found || !s.held(name) {
		return day, nil
	}
	day, err := s.cfg.Days.Day(ctx, at)
	if err != nil && !errors.Is(err, heed.ErrGone) {
		return nil, fmt.Errorf("find the day's keys: %v", err) // %v: as in day
	}
	known[name] = day
	return day, nil
}

// Import stores a Batch in one transaction with extra, which may note how far the import came. It returns the ids in order.
func (s *Service) Import(ctx context.Context, b *Batch, extra func(heed.Tx) error) ([]heed.ID, error) {
	ids := make([]heed.ID, len(b.prepared))
	for i, p := range b.prepared {
		ids[i] = p.report.ID
	}
	err := s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		for _, p := range b.prepared {
			if err := p.write(ctx, tx); err != nil {
				return err
			}
		}
		if len(ids) > 0 {
			if err := tx.Enqueue(ctx, importJob(ids)); err != nil {
				return err
			}
		}
		return extra(tx)
	})
	if err != nil {
		return nil, fmt.Errorf("store %d imported reports: %w", len(ids), err)
	}
	return ids, nil
}

// prepareAll seals imports on every core: sealing is most of an import's work.
func (s *Service) prepareAll(all []dated, now time.Time) ([]*prepared, error) {
	out := make([]*prepared, len(all))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, one := range all {
		group.Go(func() (err error) {
			if err := s.Check(one.Submission); err != nil {
				return err
			}
			one.ID = heed.NewID(now)
			out[i], err = s.prepare(one.Submission, one.day, now)
			return err
		})
	}
	return out, group.Wait()
}

// prepared is a sealed Submission, ready for one transaction: all slow work is done.
type prepared struct {
	keys        seal.ReportKeys
	report      *heed.Report
	wrapped     []byte
	day         string
	identity    []byte // nil where anonymous
	attachments []*heed.Attachment
	leaf        *heed.AuditLeaf
}

func (s *Service) prepare(sub Submission, day *heed.DayKeyRecord, now time.Time) (*prepared, error) {
	keys := seal.NewReportKeys()
	wrapped, err := keys.Wrap(s.cfg.ContentKey, s.cfg.Line, sub.ID)
	if err != nil {
		return nil, fmt.Errorf("wrap a report's keys: %w", err)
	}
	content, err := json.Marshal(sub.Content)
	if err != nil {
		return nil, fmt.Errorf("encode a report's content: %w", err)
	}
	p := &prepared{keys: keys, wrapped: wrapped, day: day.Day}
	p.report = &heed.Report{
		ID: sub.ID, Channel: sub.Channel, State: heed.Received, ReceivedAt: sub.ReceivedAt, StateSince: now,
		Language: s.language(sub.Language), Urgency: heed.Normal, DayKey: day.Day, Files: len(sub.Files),
		Content: keys.Data.Seal(seal.ContentPlace(s.cfg.Line, sub.ID), content),
	}
	if sub.Urgency != "" {
		p.report.Urgency, p.report.UrgencyBy = sub.Urgency, sub.By
	}
	sub.Identity.Text = "" // screening alone sets it
	// Without a Custodian nobody could ever open an Identity: the channel says so beforehand, and it is dropped here.
	if !sub.Identity.IsZero() && day.Identity != nil {
		if p.identity, err = s.cfg.Days.SealIdentity(day, sub.ID, sub.Identity); err != nil {
			return nil, fmt.Errorf("seal an identity: %w", err)
		}
		p.report.Named = true
	}
	s.cfg.StartClocks(p.report)
	for i, f := range sub.Files {
		a, err := s.attach(day, keys.Mailbox, sub.ID, f, inOrder(now, i))
		if err != nil {
			return nil, err
		}
		p.attachments = append(p.attachments, a)
	}
	p.leaf, err = receivedLeaf(p.report, sub.By, now)
	return p, err
}

// receivedLeaf commits to the sealed bytes, so that a later change of them shows. by is who typed them in, "" for the reporter.
func receivedLeaf(r *heed.Report, by heed.ID, now time.Time) (*heed.AuditLeaf, error) {
	urgency := heed.Urgency("") // the machine's first one is none that anybody set
	if r.UrgencyBy != "" {
		urgency = r.Urgency
	}
	return audit.Leaf(audit.ReportReceived, by, r.ID, now, struct {
		Channel heed.Channel `json:"channel"`
		Content string       `json:"content_sha256"`
		Day     string       `json:"day"`
		Files   int          `json:"files"`
		Named   bool         `json:"named"`
		Urgency heed.Urgency `json:"urgency,omitempty"`
	}{r.Channel, seal.Digest(r.Content), r.DayKey, r.Files, r.Named, urgency})
}

func (p *prepared) write(ctx context.Context, tx heed.Tx) error {
	if err := tx.AddReport(ctx, p.report, p.wrapped); err != nil {
		return err
	}
	if p.identity != nil {
		if err := tx.AddIdentity(ctx, p.report.ID, p.day, p.identity); err != nil {
			return err
		}
	}
	for _, a := range p.attachments {
		if err := addAttachment(ctx, tx, a); err != nil {
			return err
		}
	}
	return tx.AddLeaf(ctx, p.leaf)
}

// importJob waits for no reporter, so nothing that comes in may wait for it.
func importJob(ids []heed.ID) heed.Job {
	job := screenJob(ids...)
	job.Queue = heed.QueueImport
	return job
}

func screenJob(ids ...heed.ID) heed.Job {
	args, err := json.Marshal(struct {
		Reports []heed.ID `json:"reports"`
	}{ids})
	if err != nil {
		panic(fmt.Sprintf("strings must encode as JSON: %v", err))
	}
	return heed.Job{Kind: JobScreen, Args: args}
}
