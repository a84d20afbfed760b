package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/own"
	"github.com/heed-line/heed/internal/seal"
)

// Days seals to the days' public keys. identity.Sealer implements it.
type Days interface {
	// Day is the record of the day to which t belongs. heed.ErrGone: its keys are destroyed. heed.ErrNotFound: it has none.
	Day(ctx context.Context, t time.Time) (*heed.DayKeyRecord, error)
	SealIdentity(day *heed.DayKeyRecord, report heed.ID, who heed.Identity) ([]byte, error)
}

// masked is a report's content without the reporter's own details, and the full text on its way to the Identity.
type masked struct {
	content  heed.Content
	sealed   []byte // content, for the report's place
	day      string // whose key sealed identity
	identity []byte // nil: the report is too old for one
	places   int
}

// oldestIdentity is how old a report may be, when it is screened, for its reporter's details to be kept for the rest of
// their days.
const oldestIdentity = 7 * 24 * time.Hour

// mask looks for the reporter's own details in c; nil where there are none, or no Custodian who could ever open what would be
// cut out: then it stays, for a rule may mistake another's number for the reporter's.
func (s *Service) mask(ctx context.Context, r *heed.Report, keys *seal.ReportKeys, c heed.Content) (*masked, error) {
	if s.cfg.Days == nil {
		return nil, nil
	}
	text, places := withoutOwn(c.Text, r.Language)
	if places == 0 {
		return nil, nil
	}
	day, err := s.dayFor(ctx, r)
	if errors.Is(err, heed.ErrNotFound) || err == nil && day.Identity == nil {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find the day of a report's identity: %w", err)
	}
	m := &masked{content: c, day: day.Day, places: places}
	m.content.Text = text
	plain, err := json.Marshal(m.content)
	if err != nil {
		return nil, fmt.Errorf("encode a masked content: %w", err)
	}
	m.sealed = keys.Data.Seal(seal.ContentPlace(s.cfg.Line, r.ID), plain)
	if s.cfg.Now().Sub(r.ReceivedAt) < oldestIdentity {
		if m.identity, err = s.cfg.Days.SealIdentity(day, r.ID, heed.Identity{Text: c.Text}); err != nil {
			return nil, fmt.Errorf("seal a report's full text: %w", err)
		}
	}
	return m, nil
}

// dayFor is the report's day while its keys live, else today.
func (s *Service) dayFor(ctx context.Context, r *heed.Report) (*heed.DayKeyRecord, error) {
	if at, err := time.Parse(time.DateOnly, r.DayKey); err == nil {
		day, err := s.cfg.Days.Day(ctx, at)
		if err == nil || !errors.Is(err, heed.ErrGone) && !errors.Is(err, heed.ErrNotFound) {
			return day, err
		}
	}
	return s.cfg.Days.Day(ctx, s.cfg.Now())
}

// storeMasked puts the masked content in the full one's place and the full text to the report's Identities.
func (s *Service) storeMasked(ctx context.Context, tx heed.Tx, r *heed.Report, m *masked) error {
	if m == nil {
		return nil
	}
	r.Content = m.sealed
	if m.identity == nil {
		return nil
	}
	day, err := tx.DayKey(ctx, m.day)
	if err != nil {
		return fmt.Errorf("find the day of a report's identity: %w", err)
	}
	if !day.DestroyedAt.IsZero() {
		return nil // its week ended meanwhile
	}
	r.Named = true
	return tx.AddIdentity(ctx, r.ID, m.day, m.identity)
}

// markOf says what stood where the reporter's own detail was.
var markOf = map[string]string{
	"name": "[reporter's name]", "phone": "[reporter's phone]", "email": "[reporter's e-mail]", "address": "[reporter's address]",
	"account": "[reporter's account]", "crypto": "[reporter's account]", "plate": "[reporter's plate]", "id-number": "[reporter's number]", "number": "[reporter's number]",
}

// shortestRepeat is how long a detail must be, in bytes, for its repetitions elsewhere in the text to be masked too.
const shortestRepeat = 6

// withoutOwn masks what a text says of its writer and counts the places.
func withoutOwn(text, language string) (string, int) {
	type cut struct {
		start, end int
		mark       string
	}
	var cuts []cut
	for _, p := range own.Find(text, language) {
		mark := markOf[p.Kind]
		detail := text[p.Start:p.End]
		cuts = append(cuts, cut{p.Start, p.End, mark})
		if len(detail) < shortestRepeat || p.Kind == "address" {
			continue
		}
		for at := 0; ; {
			next := strings.Index(text[at:], detail)
			if next < 0 {
				break
			}
			cuts = append(cuts, cut{at + next, at + next + len(detail), mark})
			at += next + len(detail)
		}
	}
	slices.SortStableFunc(cuts, func(a, b cut) int { return a.start - b.start })
	var out strings.Builder
	end, places := 0, 0
	for _, c := range cuts {
		if c.start < end {
			continue
		}
		out.WriteString(text[end:c.start])
		out.WriteString(c.mark)
		end = c.end
		places++
	}
	out.WriteString(text[end:])
	return out.String(), places
}
