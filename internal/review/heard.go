package review

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/own"
	"github.com/heed-line/heed/internal/seal"
)

// ofHeard is what of a text that was heard its report is found by, and its Screening as it is kept: without the contacts that its speaker
// gives as their own, but in a swindle (as in mask). Nothing is cut out of a recording, nor out of what was heard in it: spaces stand for
// them, so that all else stays at its place.
func ofHeard(text, language string, sc heed.Screening) (string, heed.Screening) {
	if swindle(sc.Category) {
		return text, sc
	}
	if language == "" {
		language = sc.Language
	}
	contacts := own.Contacts(text, language)
	blank := []byte(text)
	for _, p := range contacts {
		copy(blank[p.Start:p.End], strings.Repeat(" ", p.End-p.Start))
	}
	sc.Details = besideContacts(sc.Details, contacts)
	sc.Reasons = wordless(sc.Reasons, contacts)
	return string(blank), sc
}

// wordless are the reasons, those that reach into somebody's own contacts without their words.
func wordless(reasons []heed.Reason, contacts []own.Piece) []heed.Reason {
	out := slices.Clone(reasons)
	for i, r := range out {
		if inContacts(r.Start, r.End, contacts) {
			out[i] = heed.Reason{For: r.For, Rule: r.Rule, Weight: r.Weight}
		}
	}
	return out
}

// inContacts says whether any of a place is somebody's own contact.
func inContacts(start, end int, contacts []own.Piece) bool {
	return slices.ContainsFunc(contacts, func(p own.Piece) bool { return start < p.End && p.Start < end })
}

// correction is a Screening that was stored before contacts were left out of it, as it is to be kept.
type correction struct {
	record *heed.ScreeningRecord
	was    []byte // sealed
}

// correct gives the correction of a report's Screening to sc.
func (s *Service) correct(ctx context.Context, tx heed.ScreeningTx, report heed.ID, data seal.Key, sc *heed.Screening) (c correction, err error) {
	if c.record, err = tx.Screening(ctx, report); err != nil {
		return c, err
	}
	b, err := json.Marshal(sc)
	if err != nil {
		return c, fmt.Errorf("encode a screening: %w", err)
	}
	c.was, c.record.Sealed = c.record.Sealed, data.Seal(seal.ScreeningPlace(s.cfg.Line, report), b)
	return c, nil
}

// put stores the correction, but where the report was screened anew meanwhile.
func (c correction) put(ctx context.Context, tx heed.ScreeningTx) error {
	now, err := tx.Screening(ctx, c.record.Report)
	if errors.Is(err, heed.ErrNotFound) {
		return nil
	}
	if err != nil || !bytes.Equal(now.Sealed, c.was) {
		return err
	}
	return tx.PutScreening(ctx, c.record)
}

// besideContacts are the details but those that stand in somebody's own contacts.
func besideContacts(details []heed.Detail, contacts []own.Piece) []heed.Detail {
	return slices.DeleteFunc(slices.Clone(details), func(d heed.Detail) bool {
		return inContacts(d.Start, d.End, contacts)
	})
}
