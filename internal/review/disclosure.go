package review

import (
	"context"
	"errors"
	"fmt"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

// What the service of Identities needs of a report, which it never reads.

// SealReason seals under the report's data key why the actor, who may read the report, wants something, and about what (Reason.About).
//
// It returns heed.ErrForbidden, heed.ErrNotFound, heed.ErrGone, and a *heed.Problem for what is wrong with the text.
func (s *Service) SealReason(ctx context.Context, tx heed.Tx, actor *heed.Staff, report, act heed.ID, text string, about []byte) ([]byte, error) {
	r, err := tx.Report(ctx, report)
	if err != nil {
		return nil, err
	}
	if err := s.knows(actor, r); err != nil {
		return nil, err
	}
	if err := s.cfg.Allow(actor, auth.DisclosureAsk, on(r)); err != nil {
		return nil, err
	}
	if err := CheckReason("reason", text); err != nil {
		return nil, err
	}
	keys, err := s.keys(ctx, tx, report)
	if err != nil {
		return nil, err
	}
	return Reason{Text: text, About: about}.Seal(keys.Data, s.cfg.Line, report, act)
}

// OpenReason opens what SealReason sealed; "" where the report is erased.
func (s *Service) OpenReason(ctx context.Context, tx heed.Tx, report, act heed.ID, sealed []byte) (text string, about []byte, err error) {
	keys, err := s.keys(ctx, tx, report)
	if errors.Is(err, heed.ErrGone) {
		return "", nil, nil
	}
	if err != nil {
		return "", nil, err
	}
	r, err := OpenReason(keys.Data, s.cfg.Line, report, act, sealed)
	return r.Text, r.About, err
}

// Malware is the name of clamd's signature that a file of the report fits; "" for none, and where the report is erased.
func (s *Service) Malware(ctx context.Context, tx heed.Tx, report, file heed.ID) (signature string, err error) {
	copied, err := tx.SafeCopy(ctx, file)
	if errors.Is(err, heed.ErrNotFound) || err == nil && copied.Code != heed.CopyMalware {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	keys, err := s.keys(ctx, tx, report)
	if errors.Is(err, heed.ErrGone) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	details, err := OpenCopyDetails(keys.Data, s.cfg.Line, copied)
	return details.Malware, err
}

// Note writes the leaf of an act that concerns the report and leaves it as it is, and tells the desk. The text, which may be
// "", is sealed beside the leaf; it goes with the report.
func (s *Service) Note(ctx context.Context, tx heed.Tx, name string, actor, report heed.ID, details any, text string) error {
	r, err := tx.Report(ctx, report)
	if err != nil {
		return fmt.Errorf("note %s: %w", name, err)
	}
	a := act{name: name, actor: actor, details: details, reason: text}
	if text != "" {
		keys, err := s.keys(ctx, tx, report)
		if a.erased = errors.Is(err, heed.ErrGone); err != nil && !a.erased {
			return fmt.Errorf("note %s: %w", name, err)
		}
		a.keys = &keys
	}
	now := s.cfg.Now()
	if err := s.leaf(ctx, tx, report, a, now); err != nil {
		return fmt.Errorf("note %s: %w", name, err)
	}
	return tx.Publish(ctx, &heed.DeskEvent{At: now, Kind: EventReportChanged, Report: report, Category: r.Category, List: r.List()})
}
