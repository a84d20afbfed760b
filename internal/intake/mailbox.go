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
	// File says that it was a file as the reporter sent it.
	File bool
	// Department says that the file goes to a Department, and Waits that it isn't handed on yet: the reporter can still take it back.
	Department, Waits bool
}

// Seen reports whether somebody saw who the reporter is, or may have, but for what Taken is about, and for what waits to be handed on.
func (s *Status) Seen() bool {
	return slices.ContainsFunc(s.Disclosed, func(d Disclosed) bool { return !d.Waits && !d.taken() })
}

// Taken reports whether a custodian took what opens a file of the reporter's to a machine of their own; the sealed file isn't there.
func (s *Status) Taken() bool { return slices.ContainsFunc(s.Disclosed, Disclosed.taken) }

// Released reports whether a file of the reporter's is to go to a Department as it was sent.
func (s *Status) Released() bool {
	return slices.ContainsFunc(s.Disclosed, func(d Disclosed) bool { return d.Waits })
}

// Handed reports whether one went.
func (s *Status) Handed() bool {
	return slices.ContainsFunc(s.Disclosed, func(d Disclosed) bool { return d.Department && !d.Waits })
}

func (d Disclosed) taken() bool { return d.Elsewhere && d.File }

// Status reads the report's stage and messages.
func (m *Mailbox) Status(ctx context.Context) (*Status, error) {
	var report *heed.Report
	var messages []*heed.Message
	var disclosures []*heed.Disclosure
	named, originals := false, 0
	err := m.service.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		if report, err = tx.Report(ctx, m.report); err != nil {
			return err
		}
		if disclosures, err = tx.Disclosures(ctx, m.report); err != nil {
			return err
		}
		if named, err = tx.HasIdentity(ctx, m.report); err != nil { // also one that the form didn't give, but the text
			return err
		}
		if originals, err = m.originals(ctx, tx); err != nil {
			return err
		}
		messages, err = tx.Messages(ctx, m.report)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read a report's status: %w", err)
	}
	named = named && m.service.held(report.DayKey)
	st := &Status{
		Stage: report.State.Stage(), Since: report.StateSince, ReceivedAt: report.ReceivedAt, CanReply: canReply(report.State),
		CanTakeBack: (named || originals > 0) && report.State != heed.Erased, Disclosed: disclosed(disclosures),
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
			for _, at := range append([]time.Time{d.ExportedAt}, d.ExportedAgain...) {
				out = append(out, Disclosed{At: at, Reason: d.Reason, Elsewhere: true, File: d.File != ""})
			}
		}
		switch d.State {
		case heed.DisclosureSeen:
			out = append(out, Disclosed{At: d.SeenAt, Reason: d.Reason, File: d.File != ""})
		case heed.DisclosureReleased, heed.DisclosureHanded:
			out = append(out, Disclosed{At: d.SeenAt, Reason: d.Reason, File: true, Department: true, Waits: d.State == heed.DisclosureReleased})
		}
	}
	slices.SortStableFunc(out, func(a, b Disclosed) int { return a.At.Compare(b.At) })
	return out
}

// originals counts the files that can still be opened as they were sent, by the Custodians.
func (m *Mailbox) originals(ctx context.Context, tx heed.Tx) (int, error) {
	held, err := tx.HeldOriginals(ctx, m.report)
	if err != nil || len(held) == 0 {
		return 0, err
	}
	files, err := tx.Attachments(ctx, m.report)
	n := 0
	for _, a := range files {
		if m.service.held(a.Day) && slices.Contains(held, a.ID) {
			n++
		}
	}
	return n, err
}

// held reports whether what was sealed on the day may still be there: it dies at the start of the seventh day after.
func (s *Service) held(day string) bool {
	d, err := time.Parse(time.DateOnly, day)
	return err == nil && s.cfg.Now().Before(d.AddDate(0, 0, 7))
}

// canReply reports whether anybody would still read an addition.
func canReply(s heed.State) bool { return s != heed.Withdrawn && s != heed.Erased }

// Opened is an open mailbox in a form that may be sealed: whoever has it reads and writes there as with the Receipt.
type Opened struct {
	Report heed.ID  `json:"report"`
	Key    seal.Key `json:"key"`
}

// Opened gives the mailbox away, to be sealed for whoever goes on with it.
func (m *Mailbox) Opened() Opened { return Opened{m.report, m.key} }

// Mark is what a page keeps with a message that isn't sent yet, so that it comes back to this mailbox alone. It says to nobody whose it is who
// hasn't the mailbox's key.
func (m *Mailbox) Mark() []byte {
	return m.key.Seal(seal.UnsentPlace(m.service.cfg.Line, m.report), nil)
}

// Marked reports whether Mark made it for this report.
func (m *Mailbox) Marked(mark []byte) bool {
	_, err := m.key.Open(seal.UnsentPlace(m.service.cfg.Line, m.report), mark)
	return err == nil
}

// Reopen goes on with a mailbox that was open.
func (s *Service) Reopen(o Opened) *Mailbox {
	return &Mailbox{service: s, report: o.Report, key: o.Key}
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
		args, err := json.Marshal(reportArgs{r.ID})
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

// TakeBack destroys at once what the line holds of who the reporter is: the sealed Identities, and the keys by which the Custodians open
// the files as they were sent. Whatever was asked of a Custodian ends. The report stays, with its files' safe copies; the worker then
// deletes the originals, one whose copy isn't made yet as soon as it is.
//
// It returns heed.ErrGone where nothing is held any more.
func (m *Mailbox) TakeBack(ctx context.Context) error {
	now := m.service.cfg.Now()
	err := m.change(ctx, func(tx heed.Tx, r *heed.Report) (*heed.AuditLeaf, error) {
		originals, err := m.originals(ctx, tx)
		if err != nil {
			return nil, err
		}
		n, err := tx.DeleteReportIdentities(ctx, r.ID, heed.DisclosureTakenBack)
		if err != nil {
			return nil, err
		}
		if n == 0 && originals == 0 {
			return nil, heed.ErrGone
		}
		r.Named = false
		args, err := json.Marshal(reportArgs{r.ID})
		if err != nil {
			return nil, fmt.Errorf("encode a job: %w", err)
		}
		jobs := []heed.Job{{Kind: JobTakenBack, Args: []byte("{}")}, {Kind: JobOriginals, Args: args}}
		if err := tx.Enqueue(ctx, jobs...); err != nil {
			return nil, err
		}
		return audit.Leaf(audit.IdentityTakenBack, "", r.ID, now, takenBackDetails{n, originals})
	})
	if err != nil {
		return fmt.Errorf("take an identity back: %w", err)
	}
	return nil
}

// reportArgs are the args of JobErase and JobOriginals.
type reportArgs struct {
	Report heed.ID `json:"report"`
}

type takenBackDetails struct {
	Identities int `json:"identities"`
	Originals  int `json:"originals,omitempty"` // files that the Custodians could open as they were sent
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
