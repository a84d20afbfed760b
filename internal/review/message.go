package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
)

// JobScreenMessage screens what a reporter said later, or what was heard in a recording. Its args are MessageArgs.
const JobScreenMessage = "screen-message"

// MessageArgs are the args of JobScreenMessage.
type MessageArgs struct {
	Report  heed.ID `json:"report"`
	Message heed.ID `json:"message,omitempty"`
	// Attachment is the recording, where there is no message.
	Attachment heed.ID `json:"attachment,omitempty"`
}

// raise is a more pressing urgency that the machine found in a later message.
type raise struct {
	keys    seal.ReportKeys
	to      heed.Urgency
	phrases []string
	details raiseDetails
}

// raiseDetails is in the leaf of such a raise: which message and which rules, never a word of it.
type raiseDetails struct {
	From    heed.Urgency `json:"from"`
	To      heed.Urgency `json:"to"`
	Message heed.ID      `json:"message,omitempty"`
	File    heed.ID      `json:"attachment,omitempty"`
	Model   string       `json:"model"`
	Rules   []string     `json:"rules"`
}

// HandleScreenMessage is the handler of JobScreenMessage: a later message may raise the report's urgency, whatever its
// state, and does nothing else. It lowers nothing, moves nothing, and nothing is extracted from it. The phrases that
// raised it are sealed beside the leaf, where the desk shows them. Running it again does nothing.
func (s *Service) HandleScreenMessage(ctx context.Context, args []byte) error {
	a, err := messageArgs(args)
	if err != nil {
		return err
	}
	found, err := s.assessMessage(ctx, a)
	if err != nil {
		return fmt.Errorf("screen a message: %w", err)
	}
	if found == nil {
		return nil
	}
	err = s.retry(func() error {
		return s.cfg.Store.Update(ctx, func(tx heed.Tx) error { return s.raise(ctx, tx, a.Report, found) })
	})
	if err != nil {
		return fmt.Errorf("raise a report's urgency: %w", err)
	}
	return nil
}

// GiveUpMessage is what follows when JobScreenMessage failed for the last time: a lead is to read the message.
func (s *Service) GiveUpMessage(ctx context.Context, args []byte, _ error) error {
	a, err := messageArgs(args)
	if err != nil {
		return err
	}
	err = s.cfg.Store.Update(ctx, func(tx heed.Tx) error {
		r, err := tx.Report(ctx, a.Report)
		if errors.Is(err, heed.ErrNotFound) || err == nil && over(r) {
			return nil
		}
		if err != nil {
			return err
		}
		return Alarm(ctx, tx, r, 100, s.cfg.Now())
	})
	if err != nil {
		return fmt.Errorf("put an unscreened message before people: %w", err)
	}
	return nil
}

func messageArgs(args []byte) (a MessageArgs, err error) {
	if err := json.Unmarshal(args, &a); err != nil {
		return a, fmt.Errorf("read the args of %s: %w", JobScreenMessage, err)
	}
	return a, nil
}

// over reports whether nobody may look at the report any more.
func over(r *heed.Report) bool { return r.State == heed.Withdrawn || r.State == heed.Erased }

// assessMessage lets the machine read the message: nil where it is gone or nothing in it presses.
func (s *Service) assessMessage(ctx context.Context, a MessageArgs) (*raise, error) {
	found := &raise{}
	said := screening.Input{ID: a.Message}
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) error {
		said.Text = ""
		r, err := tx.Report(ctx, a.Report)
		if err != nil || over(r) {
			return err
		}
		if found.keys, err = s.keys(ctx, tx, r.ID); err != nil {
			return err
		}
		said.Lang, said.Channel = r.Language, r.Channel
		if a.Attachment != "" {
			return s.saidIn(ctx, tx, a.Attachment, found, &said)
		}
		messages, err := tx.Messages(ctx, r.ID)
		if err != nil {
			return err
		}
		for _, m := range messages {
			if m.ID != a.Message || !m.Kind.FromReporter() {
				continue
			}
			text, err := found.keys.Mailbox.Open(seal.MessagePlace(s.cfg.Line, r.ID, m.ID), m.Sealed)
			if err != nil {
				return fmt.Errorf("open a message: %w", err)
			}
			said.Text, said.ReceivedAt = string(text), m.At
		}
		return nil
	})
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) || err == nil && said.Text == "" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	result := s.cfg.Screener.Screen(said)
	for _, reason := range result.Reasons {
		if _, unsure := reason.Unsure(); reason.For == "urgency" && !unsure {
			found.details.Rules = append(found.details.Rules, reason.Rule)
			if reason.Phrase != "" {
				found.phrases = append(found.phrases, reason.Phrase)
			}
		}
	}
	if len(found.details.Rules) == 0 {
		return nil, nil // what is neither here nor there ("thank you") raises nothing
	}
	found.to = result.Urgency
	found.details.To, found.details.Message, found.details.File, found.details.Model = result.Urgency, a.Message, a.Attachment, result.Model
	return found, nil
}

// saidIn is what was heard in a recording, to be screened.
func (s *Service) saidIn(ctx context.Context, tx heed.SafeCopyTx, attachment heed.ID, found *raise, said *screening.Input) error {
	c, err := tx.SafeCopy(ctx, attachment)
	if err != nil {
		return err
	}
	t, err := OpenTranscript(found.keys.Data, s.cfg.Line, c)
	if err == nil && t != nil {
		said.ID, said.Text, said.ReceivedAt = attachment, t.Text, c.MadeAt
	}
	return err
}

// raise raises the report's urgency, and that of the lead on which it hangs. Where nobody has the report before them any
// more, somebody is told.
func (s *Service) raise(ctx context.Context, tx heed.Tx, id heed.ID, found *raise) error {
	r, err := tx.Report(ctx, id)
	if err != nil {
		return err
	}
	if over(r) || found.to.Rank() >= r.Urgency.Rank() {
		return nil
	}
	now := s.cfg.Now()
	if err := s.raiseOne(ctx, tx, r, found, true, now); err != nil {
		return err
	}
	before := r
	if r.State == heed.Duplicate {
		if before, err = tx.Report(ctx, r.Lead); err != nil {
			return err
		}
		if before.State.Open() && found.to.Rank() < before.Urgency.Rank() {
			if err := s.raiseOne(ctx, tx, before, found, false, now); err != nil {
				return err
			}
		}
	}
	if before.State.Open() {
		return nil
	}
	return Alarm(ctx, tx, r, alarmLevel(r.Urgency), now)
}

// raiseOne raises one report; the phrases go beside the leaf of the report that holds the message.
func (s *Service) raiseOne(ctx context.Context, tx heed.Tx, r *heed.Report, found *raise, own bool, now time.Time) error {
	a := act{name: audit.ReportUrgency}
	if own {
		a.reason, a.keys = strings.Join(found.phrases, " … "), &found.keys
	}
	details := found.details
	details.From = r.Urgency
	a.details = details
	r.Urgency, r.UrgencyBy = found.to, ""
	return s.record(ctx, tx, r, a, now)
}

// alarmLevel is the level at which something about a report of that urgency is said at once.
func alarmLevel(u heed.Urgency) int {
	if u == heed.Immediate {
		return 150
	}
	return 100
}
