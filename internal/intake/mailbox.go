package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/seal"
)

// Mailbox is what a Receipt opens: one report's stage and its messages.
type Mailbox struct {
	service *Service
	report  heed.ID
	key     seal.Key
}

// Open derives a Receipt's keys and finds its mailbox. A right and a wrong Receipt cost the same.
//
// It returns a *heed.Problem where it isn't 20 digits, heed.ErrNotFound where no report has it, heed.ErrBusy where too
// many are waiting.
func (s *Service) Open(ctx context.Context, receipt string) (*Mailbox, error) {
	r, err := seal.ParseReceipt(receipt)
	if err != nil {
		return nil, err
	}
	derived, err := s.cfg.Lookups.Derive(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("derive the receipt's keys: %w", err)
	}
	m := &Mailbox{service: s}
	var sealed []byte
	err = s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		m.report, sealed, err = tx.Receipt(ctx, derived.Lookup)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look a receipt up: %w", err)
	}
	key, err := derived.Key.Open(seal.ReceiptPlace(s.cfg.Line, m.report), sealed)
	if err != nil {
		return nil, fmt.Errorf("open a mailbox key: %w", err)
	}
	if copy(m.key[:], key) != len(m.key) {
		return nil, fmt.Errorf("mailbox key of %d bytes: %w", len(key), heed.ErrSealed)
	}
	return m, nil
}

// Entry is one message as the reporter reads it.
type Entry struct {
	ID   heed.ID
	Kind heed.MessageKind
	Text string
	At   time.Time
}

// Status is what a reporter sees with the Receipt.
type Status struct {
	Stage      heed.Stage
	Since      time.Time // in this stage
	ReceivedAt time.Time
	Messages   []Entry // oldest first
	Outcome    string  // the latest outcome's words; "" until there is one
	// CanReply, CanWithdraw and CanTakeBack say which acts are open.
	CanReply, CanWithdraw, CanTakeBack bool
	Disclosed                          []Disclosed // oldest first
}

// Disclosed is one time that somebody saw who the reporter is, or may have.
type Disclosed struct {
	At     time.Time
	Reason heed.DisclosureReason
	// Elsewhere says that a custodian took it to a machine of their own: what they saw there, the line can't tell.
	Elsewhere bool
}

// Status reads the report's stage and messages.
func (m *Mailbox) Status(ctx context.Context) (*Status, error) {
	var report *heed.Report
	var messages []*heed.Message
	var disclosures []*heed.Disclosure
	held := false
	err := m.service.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		if report, err = tx.Report(ctx, m.report); err != nil {
			return err
		}
		if disclosures, err = tx.Disclosures(ctx, m.report); err != nil {
			return err
		}
		if held, err = tx.HasIdentity(ctx, m.report); err != nil { // also one that the form didn't give, but the text
			return err
		}
		messages, err = tx.Messages(ctx, m.report)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read a report's status: %w", err)
	}
	st := &Status{
		Stage: report.State.Stage(), Since: report.StateSince, ReceivedAt: report.ReceivedAt, CanReply: canReply(report.State),
		CanTakeBack: held && report.State != heed.Erased && m.service.held(report.DayKey), Disclosed: disclosed(disclosures),
	}
	if _, err := report.State.Next(heed.EventWithdraw); err == nil {
		st.CanWithdraw = true
	}
	for _, msg := range messages {
		text, err := m.key.Open(seal.MessagePlace(m.service.cfg.Line, m.report, msg.ID), msg.Sealed)
		if err != nil {
			return nil, fmt.Errorf("open a message: %w", err)
		}
		st.Messages = append(st.Messages, Entry{ID: msg.ID, Kind: msg.Kind, Text: string(text), At: msg.At})
		if msg.Kind == heed.Outcome {
			st.Outcome = string(text)
		}
	}
	return st, nil
}

// disclosed is what a reporter is told of Disclosures.
func disclosed(all []*heed.Disclosure) (out []Disclosed) {
	for _, d := range all {
		if !d.ExportedAt.IsZero() {
			out = append(out, Disclosed{At: d.ExportedAt, Reason: d.Reason, Elsewhere: true})
		}
		if d.State == heed.DisclosureSeen {
			out = append(out, Disclosed{At: d.SeenAt, Reason: d.Reason})
		}
	}
	return out
}

// held reports whether what was sealed on the day may still be there: it dies at the start of the seventh day after.
func (s *Service) held(day string) bool {
	d, err := time.Parse(time.DateOnly, day)
	return err == nil && s.cfg.Now().Before(d.AddDate(0, 0, 7))
}

// canReply reports whether anybody would still read an addition.
func canReply(s heed.State) bool { return s != heed.Withdrawn && s != heed.Erased }

// Say adds the reporter's words and files: an answer where a question is open, else an addition.
//
// It returns heed.Problems where they are not acceptable, heed.ErrGone where the report is withdrawn or erased.
func (m *Mailbox) Say(ctx context.Context, text string, files []StagedFile, uploads ...Upload) error {
	all := sizes(files, uploads)
	if err := m.check(text, all); err != nil {
		return err
	}
	if len(uploads) > 0 { // putting files together for a report that has no room for them would be in vain
		err := m.service.cfg.Store.View(ctx, func(tx heed.Tx) error { return m.room(ctx, tx, all) })
		if err != nil {
			return fmt.Errorf("look for room in a report: %w", err)
		}
	}
	took, err := m.service.assemble(ctx, uploads)
	if err != nil {
		return err
	}
	if err := m.say(ctx, text, append(slices.Clip(files), took.files...), took); err != nil {
		return errors.Join(err, m.service.discardTaken(ctx, took))
	}
	m.service.dropTaken(ctx, took)
	return nil
}

// say stores what was said with all its files, those that it took among them.
func (m *Mailbox) say(ctx context.Context, text string, files []StagedFile, took *taken) error {
	s := m.service
	now := s.cfg.Now()
	day, err := s.day(ctx, now)
	if err != nil {
		return err
	}
	attachments := make([]*heed.Attachment, len(files))
	for i, f := range files {
		if attachments[i], err = s.attach(day, m.key, m.report, f, now); err != nil {
			return err
		}
	}
	msg := &heed.Message{ID: heed.NewID(now), Report: m.report, Kind: heed.Addition, At: now}
	msg.Sealed = m.key.Seal(seal.MessagePlace(s.cfg.Line, m.report, msg.ID), []byte(text))
	screenArgs, err := json.Marshal(struct {
		Report  heed.ID `json:"report"`
		Message heed.ID `json:"message"`
	}{m.report, msg.ID})
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	err = m.change(ctx, func(tx heed.Tx, r *heed.Report) (*heed.AuditLeaf, error) {
		if !canReply(r.State) {
			return nil, heed.ErrGone
		}
		if err := m.room(ctx, tx, files); err != nil {
			return nil, err
		}
		if r.State == heed.NeedsInfo {
			msg.Kind = heed.Answer
		}
		if to, err := r.State.Next(heed.EventAnswer); err == nil {
			r.State, r.StateSince = to, now
		}
		if err := took.deleteUploads(ctx, tx); err != nil {
			return nil, err
		}
		r.Files += len(attachments)
		for _, a := range attachments {
			if err := addAttachment(ctx, tx, a); err != nil {
				return nil, err
			}
		}
		if err := tx.AddMessage(ctx, msg); err != nil {
			return nil, err
		}
		if text != "" {
			if err := tx.Enqueue(ctx, heed.Job{Kind: JobScreenMessage, Args: screenArgs}); err != nil {
				return nil, err
			}
		}
		return audit.Leaf(audit.ReportAnswered, "", m.report, now, messageDetails{Message: msg.ID, Kind: msg.Kind, Files: len(files)})
	})
	if err != nil {
		return fmt.Errorf("store the reporter's message: %w", err)
	}
	return nil
}

type messageDetails struct {
	Message heed.ID          `json:"message"`
	Kind    heed.MessageKind `json:"kind"`
	Files   int              `json:"files"`
}

func (m *Mailbox) check(text string, files []StagedFile) error {
	ps := m.service.checkFiles(files)
	if text != "" || len(files) == 0 {
		if code, args := checkText(text, m.service.cfg.Limits.Message); code != "" {
			ps = append(ps, &heed.Problem{Field: "text", Code: code, Args: args})
		}
	}
	if len(ps) > 0 {
		return ps
	}
	return nil
}

// room says whether the report can take one more message with these files beside what it has. A quarter of its messages is
// left to the line, which must be able to answer.
func (m *Mailbox) room(ctx context.Context, tx heed.Tx, files []StagedFile) error {
	limits := m.service.cfg.Limits
	messages, err := tx.Messages(ctx, m.report)
	if err != nil {
		return err
	}
	theirs := 0
	for _, msg := range messages {
		if msg.Kind.FromReporter() {
			theirs++
		}
	}
	if theirs >= limits.Messages*3/4 {
		return heed.Problems{{Field: "text", Code: "messages-full"}}
	}
	if len(files) == 0 {
		return nil
	}
	stored, err := tx.Attachments(ctx, m.report)
	if err != nil {
		return err
	}
	for _, a := range stored {
		files = append(files, StagedFile{Size: a.Size})
	}
	if ps := m.service.checkFiles(files); len(ps) > 0 {
		return ps
	}
	return nil
}

// Withdraw takes the report back: it leaves every list at once, and the worker erases what was said and who said it.
//
// It returns heed.ErrConflict where the report is already with a Department, or withdrawn.
func (m *Mailbox) Withdraw(ctx context.Context) error {
	now := m.service.cfg.Now()
	err := m.change(ctx, func(tx heed.Tx, r *heed.Report) (*heed.AuditLeaf, error) {
		to, err := r.State.Next(heed.EventWithdraw)
		if err != nil {
			return nil, err
		}
		r.State, r.StateSince, r.ClosedAt = to, now, now
		r.ScreenBy, r.DecideBy, r.ConcludeBy = time.Time{}, time.Time{}, time.Time{}
		r.ClaimedBy, r.ClaimedUntil, r.ClaimFrom = "", time.Time{}, ""
		args, err := json.Marshal(struct {
			Report heed.ID `json:"report"`
		}{r.ID})
		if err != nil {
			return nil, fmt.Errorf("encode a job: %w", err)
		}
		if err := tx.Enqueue(ctx, heed.Job{Kind: JobErase, Args: args}); err != nil {
			return nil, err
		}
		return audit.Leaf(audit.ReportWithdrawn, "", r.ID, now, struct{}{})
	})
	if err != nil {
		return fmt.Errorf("withdraw a report: %w", err)
	}
	return nil
}

// TakeBack destroys at once what the line holds of who the reporter is: the sealed Identities and the keys that open the files'
// originals by the custodians. Whatever was asked of a custodian ends. The report stays.
//
// It returns heed.ErrGone where nothing is held any more.
func (m *Mailbox) TakeBack(ctx context.Context) error {
	now := m.service.cfg.Now()
	err := m.change(ctx, func(tx heed.Tx, r *heed.Report) (*heed.AuditLeaf, error) {
		n, err := tx.DeleteReportIdentities(ctx, r.ID, heed.DisclosureTakenBack)
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return nil, heed.ErrGone
		}
		r.Named = false
		if err := tx.Enqueue(ctx, heed.Job{Kind: JobTakenBack, Args: []byte("{}")}); err != nil {
			return nil, err
		}
		return audit.Leaf(audit.IdentityTakenBack, "", r.ID, now, takenBackDetails{n})
	})
	if err != nil {
		return fmt.Errorf("take an identity back: %w", err)
	}
	return nil
}

type takenBackDetails struct {
	Identities int `json:"identities"`
}

// changeAttempts is how often a change is tried again when staff changed the report in the same moment.
const changeAttempts = 5

// change applies fn to the report as it now stands, with its leaf and desk event, in one transaction.
func (m *Mailbox) change(ctx context.Context, fn func(heed.Tx, *heed.Report) (*heed.AuditLeaf, error)) error {
	attempt := func() error {
		return m.service.cfg.Store.Update(ctx, func(tx heed.Tx) error {
			r, err := tx.Report(ctx, m.report)
			if err != nil {
				return err
			}
			l, err := fn(tx, r)
			if err != nil {
				return err
			}
			r.CopyOf = "" // it says more than what it waited under now
			m.service.cfg.RunClocks(r)
			if err := tx.UpdateReport(ctx, r); err != nil {
				return err
			}
			if err := tx.AddLeaf(ctx, l); err != nil {
				return err
			}
			return tx.Publish(ctx, &heed.DeskEvent{At: l.At, Kind: "report.changed", Report: r.ID, List: r.List(), Category: r.Category})
		})
	}
	var err error
	for range changeAttempts {
		var closed *heed.TransitionError
		if err = attempt(); !errors.Is(err, heed.ErrConflict) || errors.As(err, &closed) {
			return err
		}
	}
	return err
}
