package review

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/seal"
)

type messageDetails struct {
	Message heed.ID `json:"message"`
}

// Ask puts a question to the reporter, who sees it with the Receipt; the report waits for the answer.
//
// It returns *heed.Problem for an empty or too long question or a full mailbox, *ClaimedError, heed.ErrConflict.
func (s *Service) Ask(ctx context.Context, actor *heed.Staff, id heed.ID, text string) error {
	if err := s.cfg.Allow(actor, auth.ReportAsk, auth.Resource{}); err != nil {
		return err
	}
	text = strings.TrimSpace(text)
	if err := s.checkMessage(text); err != nil {
		return err
	}
	keys, err := s.keysFor(ctx, actor, id)
	if err != nil {
		return fmt.Errorf("ask a reporter: %w", err)
	}
	m := &heed.Message{ID: heed.NewID(s.cfg.Now()), Report: id, Kind: heed.Question, Author: actor.ID}
	m.Sealed = keys.Mailbox.Seal(seal.MessagePlace(s.cfg.Line, id, m.ID), []byte(text))
	err = s.changeBy(ctx, actor, id, func(tx heed.Tx, r *heed.Report, now time.Time) (act, error) {
		m.At = now
		if err := s.hold(r, actor, now); err != nil {
			return act{}, err
		}
		before, err := tx.Messages(ctx, id)
		if err != nil {
			return act{}, err
		}
		if len(before) >= s.cfg.Profile.Limits.Messages {
			return act{}, problem("text", "mailbox-full")
		}
		if err := move(r, heed.EventAsk, now); err != nil {
			return act{}, err
		}
		unclaim(r)
		decided(r)
		if err := tx.AddMessage(ctx, m); err != nil {
			return act{}, err
		}
		return act{name: audit.ReportAsked, actor: actor.ID, details: messageDetails{m.ID}}, nil
	})
	if err != nil {
		return fmt.Errorf("ask a reporter: %w", err)
	}
	return nil
}

func (s *Service) checkMessage(text string) error {
	limit := s.cfg.Profile.Limits.Message
	switch {
	case !utf8.ValidString(text) || strings.ContainsRune(text, 0):
		return problem("text", "not-utf8")
	case text == "":
		return problem("text", "text-empty")
	case utf8.RuneCountInString(text) > limit:
		return &heed.Problem{Field: "text", Code: "text-too-long", Args: map[string]any{"Limit": limit}}
	}
	return nil
}
