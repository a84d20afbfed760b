package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/seal"
)

// Say adds the reporter's words and files: an answer where a question is open, else an addition.
//
// It returns heed.Problems where they are not acceptable, heed.ErrGone where the report is withdrawn or erased.
func (m *Mailbox) Say(ctx context.Context, text string, files []StagedFile, uploads ...Upload) error {
	return m.Add(ctx, Addition{Text: text, Files: files, Uploads: uploads})
}

// Addition is what a reporter says later.
type Addition struct {
	// ID may be chosen before sending, so that sending the same Addition twice yields one message. Zero: chosen here.
	ID      heed.ID
	Text    string // may be empty beside a file
	Files   []StagedFile
	Uploads []Upload
	// Also is as a Submission's.
	Also func(context.Context, heed.Tx) error
}

// Add is Say, with what else an Addition may have.
func (m *Mailbox) Add(ctx context.Context, a Addition) error {
	err := m.add(ctx, a)
	if err == nil || a.ID == "" {
		return err
	}
	there, failed := m.has(ctx, a.ID)
	if there {
		return nil // sent before
	}
	return errors.Join(err, failed)
}

func (m *Mailbox) add(ctx context.Context, a Addition) error {
	all := sizes(a.Files, a.Uploads)
	if err := m.check(a.Text, all); err != nil {
		return err
	}
	if len(a.Uploads) > 0 { // putting files together for a report that has no room for them would be in vain
		err := m.service.cfg.Store.View(ctx, func(tx heed.Tx) error { return m.room(ctx, tx, all) })
		if err != nil {
			return fmt.Errorf("look for room in a report: %w", err)
		}
	}
	took, err := m.service.assemble(ctx, a.Uploads)
	if err != nil {
		return err
	}
	a.Files = append(slices.Clip(a.Files), took.files...)
	if err := m.say(ctx, a, took); err != nil {
		return errors.Join(err, m.service.discardTaken(ctx, took))
	}
	m.service.dropTaken(ctx, took)
	return nil
}

// has says whether the report has the message.
func (m *Mailbox) has(ctx context.Context, id heed.ID) (there bool, err error) {
	err = m.service.cfg.Store.View(ctx, func(tx heed.Tx) error {
		messages, err := tx.Messages(ctx, m.report)
		there = slices.ContainsFunc(messages, func(msg *heed.Message) bool { return msg.ID == id })
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for a message: %w", err)
	}
	return there, nil
}

// say stores what was said with all its files, those that it took among them.
func (m *Mailbox) say(ctx context.Context, a Addition, took *taken) error {
	s := m.service
	text, files, now := a.Text, a.Files, s.cfg.Now()
	if a.ID == "" {
		a.ID = heed.NewID(now)
	}
	day, err := s.day(ctx, now)
	if err != nil {
		return err
	}
	attachments := make([]*heed.Attachment, len(files))
	for i, f := range files {
		if attachments[i], err = s.attach(day, m.key, m.report, f, inOrder(now, i)); err != nil {
			return err
		}
	}
	msg := &heed.Message{ID: a.ID, Report: m.report, Kind: heed.Addition, At: now}
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
		if err := also(ctx, tx, a.Also); err != nil {
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
		_, size, err := m.key.OpenFileName(m.service.cfg.Line, a)
		if err != nil {
			return fmt.Errorf("open a file's name: %w", err)
		}
		files = append(files, StagedFile{Size: size})
	}
	if ps := m.service.checkFiles(files); len(ps) > 0 {
		return ps
	}
	return nil
}
