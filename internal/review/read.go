package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
)

// View is one report opened for a person: what the reporter said, what the machine proposes, and what was done.
type View struct {
	Report *heed.Report
	// Gone reports that the report is erased: Content, messages, reasons and screening are empty then.
	Gone    bool
	Content heed.Content
	// Screening is nil where there is none yet; Unscreened says that it failed or was too slow.
	Screening  *heed.Screening
	Unscreened bool
	// Withheld says that Screening says nothing of relevance before somebody decided (Relevance is 0.5 then).
	Withheld bool
	// Suggested is the department that the routing rules propose; "" where none does.
	Suggested    string
	Messages     []Message
	Files        []File
	Dispositions []Disposition // oldest first
	History      []Entry       // oldest first, the latest maxHistory
	Lead         *heed.Report  // where this is a duplicate
	Duplicates   []*heed.Report
	Similar      map[heed.ID]*heed.Report // those of Screening.Similar that still stand
	// Campaign are the other reports with nearly the same text within a week, the newest first, where they are many (screening.CampaignLeast).
	Campaign  []*heed.Report
	Referrals []Referral
	Deadlines []Deadline
	// UndoUntil is until when the reader can undo the latest decision; zero where there is nothing to undo.
	UndoUntil time.Time
}

// Message is an opened message.
type Message struct {
	heed.Message
	Text string
}

// File is an attachment with its opened name and length.
type File struct {
	heed.Attachment
	Name   string
	Length int64 // bytes of the original
	// Copy is the safe copy; nil where there is none yet.
	Copy *heed.SafeCopy
	// CopyCode says why the copy can't be had: "waiting", or a code of heed.SafeCopy; "" where it can. The file itself nobody gets here.
	CopyCode string
	// Details is what is to be known of the copy; nothing where there is nothing.
	Details heed.CopyDetails
	// Redaction is what of the file isn't handed on; nil where nobody ever said. Marks is what it says, nothing where it was taken back.
	Redaction *heed.Redaction
	Marks     []heed.Mark
	// Transcript is what the line's engine heard in the copy; nil where there is none. Heard is where it begins in what the machine
	// screened, where nothing was written.
	Transcript *heed.Transcript
	Heard      int
	// Seen are other reports in which the file was seen.
	Seen []Seen
}

// Disposition is a decision with its opened reason.
type Disposition struct {
	heed.Disposition
	Reason Reason
}

// Referral is a referral with its opened reason, where the Department returned it.
type Referral struct {
	heed.Referral
	Reason Reason
}

// Entry is one leaf of the report's history with its opened note.
type Entry struct {
	heed.AuditLeaf
	Note string
}

const (
	maxHistory    = 200
	maxDuplicates = 100
)

// Spoken says that the report was said on the telephone: there is a recording and no text.
func (v *View) Spoken() bool { return !v.Gone && v.Content.Spoken() }

// readDetails is in the leaf of a read.
type readDetails struct {
	State heed.State `json:"state"`
}

// Read opens a report. The read is an audit leaf, durable before anything is shown; the purpose ("queue", or why it was
// looked up) is sealed beside it.
//
// It returns heed.ErrNotFound, heed.ErrForbidden; an erased report is a View that is Gone.
func (s *Service) Read(ctx context.Context, actor *heed.Staff, id heed.ID, purpose string) (*View, error) {
	if err := s.cfg.Allow(actor, auth.ReportRead, auth.Resource{}); err != nil {
		return nil, err
	}
	v := &View{}
	var keys seal.ReportKeys
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		*v = View{}
		if v.Report, err = tx.Report(ctx, id); err != nil {
			return err
		}
		if err := s.knows(actor, v.Report); err != nil {
			return err
		}
		keys, err = s.keys(ctx, tx, id)
		if v.Gone = errors.Is(err, heed.ErrGone); err != nil && !v.Gone {
			return err
		}
		if err := s.open(ctx, tx, v, &keys); err != nil {
			return err
		}
		if err := s.narrow(ctx, tx, v, actor); err != nil {
			return err
		}
		v.cutSeen()
		s.tellCampaign(v, actor)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read a report: %w", err)
	}
	now := s.cfg.Now()
	a := act{name: audit.ReportRead, actor: actor.ID, details: readDetails{v.Report.State}, reason: purpose, keys: &keys, erased: v.Gone}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return s.leaf(ctx, tx, id, a, now) })
	if err != nil {
		return nil, fmt.Errorf("note the reading of a report: %w", err)
	}
	v.withhold()
	v.Deadlines = Deadlines(v.Report)
	v.undoable(actor, now)
	if v.Report.State.Open() {
		v.Suggested = s.suggest(ctx, v)
	}
	return v, nil
}

// suggest gives the department that the routing rules propose. Where the category is a guess of which the machine is unsure, that is the one
// which they propose for the other too, or none: a person says first what it is.
func (s *Service) suggest(ctx context.Context, v *View) string {
	department := s.route(ctx, v.Report, v.Report.Category)
	if other := v.unsure(); other != "" && s.route(ctx, v.Report, other) != department {
		return ""
	}
	return department
}

func (s *Service) route(ctx context.Context, r *heed.Report, category string) string {
	department, err := s.cfg.Profile.Route(profile.Facts{
		Category: category, Urgency: r.Urgency, Language: r.Language, Channel: r.Channel, Named: r.Named, Files: r.Files, ReceivedAt: r.ReceivedAt,
	})
	if err != nil {
		s.cfg.Log.WarnContext(ctx, "a routing rule can't be evaluated", "error", err)
	}
	return department
}

// unsure is the category that the report may be of in place of the one it has; "" where the machine is sure enough, or a person said it.
func (v *View) unsure() string {
	if v.Screening == nil || v.Screening.Category != v.Report.Category || v.Content.Category == v.Report.Category {
		return ""
	}
	return v.Screening.Unsure("category")
}

func (v *View) undoable(actor *heed.Staff, now time.Time) {
	if len(v.Dispositions) == 0 {
		return
	}
	d := v.Dispositions[len(v.Dispositions)-1]
	_, err := v.Report.State.Next(heed.EventUndo)
	if until := d.At.Add(UndoLife); (err == nil || d.Kind == heed.Erase) && d.By == actor.ID && until.After(now) && (d.State == heed.Final || d.State == heed.Pending) {
		v.UndoUntil = until
	}
}

// open fills the view in the reading transaction.
func (s *Service) open(ctx context.Context, tx heed.Tx, v *View, keys *seal.ReportKeys) error {
	steps := []func(context.Context, heed.Tx, *View, *seal.ReportKeys) error{
		s.openContent, s.openMessages, s.openFiles, s.openDispositions, s.openReferrals, s.openHistory, s.openLinks, s.openSightings, s.openCampaign,
	}
	for _, step := range steps {
		if err := step(ctx, tx, v, keys); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) content(r *heed.Report, keys *seal.ReportKeys) (c heed.Content, err error) {
	b, err := keys.Data.Open(seal.ContentPlace(s.cfg.Line, r.ID), r.Content)
	if err != nil {
		return c, fmt.Errorf("open a report's content: %w", err)
	}
	if err := json.Unmarshal(b, &c); err != nil {
		return c, fmt.Errorf("decode a report's content: %w", err)
	}
	return c, nil
}

func (s *Service) openContent(ctx context.Context, tx heed.Tx, v *View, keys *seal.ReportKeys) (err error) {
	if v.Gone {
		return nil
	}
	if v.Content, err = s.content(v.Report, keys); err != nil {
		return err
	}
	v.Screening, v.Unscreened, err = s.screening(ctx, tx, v.Report.ID, keys)
	return err
}

func (s *Service) openMessages(ctx context.Context, tx heed.Tx, v *View, keys *seal.ReportKeys) error {
	messages, err := tx.Messages(ctx, v.Report.ID)
	if err != nil || v.Gone {
		return err
	}
	for _, m := range messages {
		text, err := keys.Mailbox.Open(seal.MessagePlace(s.cfg.Line, v.Report.ID, m.ID), m.Sealed)
		if err != nil {
			return fmt.Errorf("open a message: %w", err)
		}
		v.Messages = append(v.Messages, Message{*m, string(text)})
	}
	return nil
}

func (s *Service) openFiles(ctx context.Context, tx heed.Tx, v *View, keys *seal.ReportKeys) error {
	files, err := tx.Attachments(ctx, v.Report.ID)
	if err != nil || v.Gone {
		return err
	}
	copies, err := tx.SafeCopies(ctx, v.Report.ID)
	if err != nil {
		return err
	}
	redactions, err := tx.Redactions(ctx, v.Report.ID)
	if err != nil {
		return err
	}
	for _, a := range files {
		name, length, err := keys.Mailbox.OpenFileName(s.cfg.Line, a)
		if err != nil {
			return fmt.Errorf("open a file's name: %w", err)
		}
		day, err := tx.DayKey(ctx, a.Day)
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		alive := err == nil && day.DestroyedAt.IsZero() && a.TransitKey != nil
		f := File{Attachment: *a, Name: name, Length: length}
		if i := slices.IndexFunc(copies, func(c *heed.SafeCopy) bool { return c.Attachment == a.ID }); i >= 0 {
			f.Copy = copies[i]
		}
		f.CopyCode = copyCode(f.Copy, alive)
		if f.Details, err = OpenCopyDetails(keys.Data, s.cfg.Line, f.Copy); err != nil {
			return err
		}
		if i := slices.IndexFunc(redactions, func(r *heed.Redaction) bool { return r.Attachment == a.ID }); i >= 0 {
			f.Redaction = redactions[i]
		}
		if f.Marks, err = OpenMarks(keys.Data, s.cfg.Line, f.Redaction); err != nil {
			return err
		}
		if f.Transcript, err = OpenTranscript(keys.Data, s.cfg.Line, f.Copy); err != nil {
			return err
		}
		v.Files = append(v.Files, f)
	}
	v.placeTranscripts(copies)
	return nil
}

// placeTranscripts finds where each transcript begins in what the machine read of all of them, which is in the copies' order.
func (v *View) placeTranscripts(copies []*heed.SafeCopy) {
	at := 0
	for _, c := range copies {
		i := slices.IndexFunc(v.Files, func(f File) bool { return f.ID == c.Attachment })
		if i < 0 || v.Files[i].Transcript == nil || v.Files[i].Transcript.Text == "" {
			continue
		}
		v.Files[i].Heard = at
		at += len(v.Files[i].Transcript.Text) + len(betweenRecordings)
	}
}

func (s *Service) openDispositions(ctx context.Context, tx heed.Tx, v *View, keys *seal.ReportKeys) error {
	all, err := tx.Dispositions(ctx, v.Report.ID)
	if err != nil {
		return err
	}
	for _, d := range all {
		opened := Disposition{Disposition: *d}
		if lapsed(v.Report, d) {
			opened.State = heed.Undone
		}
		if !v.Gone {
			if opened.Reason, err = OpenReason(keys.Data, s.cfg.Line, v.Report.ID, d.ID, d.SealedReason); err != nil {
				return err
			}
		}
		v.Dispositions = append(v.Dispositions, opened)
	}
	return nil
}

func (s *Service) openReferrals(ctx context.Context, tx heed.Tx, v *View, keys *seal.ReportKeys) error {
	all, err := tx.Referrals(ctx, "", v.Report.ID, "", 100)
	if err != nil {
		return err
	}
	for _, f := range all {
		opened := Referral{Referral: *f}
		if !v.Gone && len(f.SealedReason) > 0 {
			if opened.Reason, err = OpenReason(keys.Data, s.cfg.Line, v.Report.ID, f.ID, f.SealedReason); err != nil {
				return err
			}
		}
		v.Referrals = append(v.Referrals, opened)
	}
	return nil
}

func (s *Service) openHistory(ctx context.Context, tx heed.Tx, v *View, keys *seal.ReportKeys) error {
	err := eachLeaf(ctx, tx, v.Report.ID, func(l *heed.AuditLeaf) error {
		e := Entry{AuditLeaf: *l}
		if !v.Gone && len(l.Note) > 0 {
			note, err := keys.Data.Open(seal.ReasonPlace(s.cfg.Line, v.Report.ID, notePlace), l.Note)
			if err != nil {
				return fmt.Errorf("open a note: %w", err)
			}
			if err := audit.Bound(l, note); err != nil {
				return fmt.Errorf("%w: %w", heed.ErrSealed, err)
			}
			e.Note = string(note)
		}
		v.History = append(v.History, e)
		return nil
	})
	if n := len(v.History); n > maxHistory {
		v.History = v.History[n-maxHistory:]
	}
	return err
}

func (s *Service) openLinks(ctx context.Context, tx heed.Tx, v *View, _ *seal.ReportKeys) (err error) {
	if v.Report.Lead != "" {
		if v.Lead, err = tx.Report(ctx, v.Report.Lead); err != nil {
			return err
		}
	}
	if v.Report.Copies > 0 {
		if v.Duplicates, err = tx.Duplicates(ctx, v.Report.ID, maxDuplicates); err != nil {
			return err
		}
	}
	if v.Screening == nil {
		return nil
	}
	v.Similar = map[heed.ID]*heed.Report{}
	for _, m := range v.Screening.Similar {
		r, err := tx.Report(ctx, m.ID)
		if errors.Is(err, heed.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		v.Similar[m.ID] = r
	}
	return nil
}
