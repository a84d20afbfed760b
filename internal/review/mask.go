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
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/screening/own"
	"github.com/heed-line/heed/internal/seal"
)

// Days seals to the days' public keys. identity.Sealer implements it.
type Days interface {
	// Day is the record of the day to which t belongs. heed.ErrGone: its keys are destroyed. heed.ErrNotFound: it has none.
	Day(ctx context.Context, t time.Time) (*heed.DayKeyRecord, error)
	SealIdentity(day *heed.DayKeyRecord, report heed.ID, who heed.Identity) ([]byte, error)
}

// masked is a report's content without the reporter's own contacts, and the full text on its way to the Identity.
type masked struct {
	content  heed.Content
	sealed   []byte // content, for the report's place
	day      string // whose key sealed identity
	identity []byte
	places   int
}

// oldestMasked is how old a report may be, when it is screened, for anything to be cut out of it: an Identity lives as long.
const oldestMasked = 7 * 24 * time.Hour

// mask looks for the reporter's own contacts in c. It is nil where there are none, and wherever cutting them out could lose what
// the report is about: in a swindle, whose letter says "my number is" too, and where nobody could open the full text for as long
// as an Identity lives, because the report is old, its day is gone, or there is no Custodian.
func (s *Service) mask(ctx context.Context, r *heed.Report, keys *seal.ReportKeys, c heed.Content, full *heed.Screening) (*masked, error) {
	if s.cfg.Days == nil || full.Refuse || s.cfg.Now().Sub(r.ReceivedAt) >= oldestMasked {
		return nil, nil
	}
	for _, category := range [...]string{full.Category, r.Category, c.Category} {
		if swindle(category) {
			return nil, nil
		}
	}
	text, places := withoutContacts(c.Text, r.Language)
	if places == 0 {
		return nil, nil
	}
	at, err := time.Parse(time.DateOnly, r.DayKey)
	if err != nil || s.cfg.Now().Sub(at) >= oldestMasked {
		return nil, nil // it has no day, or one that is over: to a later day's key nothing of it is sealed
	}
	day, err := s.cfg.Days.Day(ctx, at)
	if errors.Is(err, heed.ErrNotFound) || errors.Is(err, heed.ErrGone) || err == nil && day.Identity == nil {
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
	if m.identity, err = s.cfg.Days.SealIdentity(day, r.ID, heed.Identity{Text: c.Text}); err != nil {
		return nil, fmt.Errorf("seal a report's full text: %w", err)
	}
	return m, nil
}

// storeMasked puts the masked content in the full one's place and the full text to the report's Identities. The report isn't
// Named by it: nobody vouches for a number that stands in a text. Where its reporter took back already who they are, nothing more
// of them is kept: the full text goes. heed.ErrGone: its day ended meanwhile; the screening must be done again, of the full text.
func (s *Service) storeMasked(ctx context.Context, tx heed.Tx, r *heed.Report, m *masked) error {
	if m == nil {
		return nil
	}
	day, err := tx.DayKey(ctx, m.day)
	if err != nil {
		return fmt.Errorf("find the day of a report's identity: %w", err)
	}
	if !day.DestroyedAt.IsZero() {
		return fmt.Errorf("keep a report's full text: %w", heed.ErrGone)
	}
	r.Content = m.sealed
	taken, err := TookBack(ctx, tx, r.ID)
	if err != nil || taken {
		return err
	}
	return tx.AddIdentity(ctx, r.ID, m.day, m.identity)
}

// TookBack says that the report's reporter destroyed what the line held of who they are.
func TookBack(ctx context.Context, tx heed.AuditTx, report heed.ID) (took bool, err error) {
	err = eachLeaf(ctx, tx, report, func(l *heed.AuditLeaf) error {
		took = took || l.Act == audit.IdentityTakenBack
		return nil
	})
	return took, err
}

// ofMasked is what is kept of a Screening where the text is masked: every decision is the full text's, places and details are the
// masked one's. Where the two decide otherwise, the full text's reasons are given without their words; so are reasons among whose
// words is a mark, which nobody wrote.
func ofMasked(full, part heed.Screening, text string) heed.Screening {
	aside := full.SetAside != part.SetAside || full.Category != part.Category
	differs := map[string]bool{
		"relevance": aside, "set_aside": aside, "category": full.Category != part.Category,
		"urgency": full.Urgency != part.Urgency, "language": !slices.Equal(spoken(full), spoken(part)), "refuse": full.Refuse != part.Refuse,
	}
	out := full
	out.Details, out.Reasons = part.Details, nil
	for _, r := range part.Reasons {
		_, unsure := r.Unsure()
		switch {
		case differs[r.For], unsure:
		case touchesMark(text, r.Start, r.End):
			out.Reasons = append(out.Reasons, heed.Reason{For: r.For, Rule: r.Rule, Weight: r.Weight})
		default:
			out.Reasons = append(out.Reasons, r)
		}
	}
	for _, r := range full.Reasons {
		if _, unsure := r.Unsure(); unsure || differs[r.For] {
			out.Reasons = append(out.Reasons, heed.Reason{For: r.For, Rule: r.Rule, Weight: r.Weight})
		}
	}
	return out
}

// spoken names the languages of a text, the main one first.
func spoken(sc heed.Screening) []string { return append([]string{sc.Language}, sc.Languages...) }

// markOf says what stood where the reporter's own contact was.
var markOf = map[string]string{"phone": "[reporter's phone]", "email": "[reporter's e-mail]"}

// touchesMark reports whether a mark stands among the bytes of a masked text.
func touchesMark(text string, start, end int) bool {
	for _, mark := range markOf {
		for from := 0; start < end; {
			i := strings.Index(text[from:], mark)
			if i < 0 || from+i >= end {
				break
			}
			if from += i + len(mark); from > start {
				return true
			}
		}
	}
	return false
}

// withoutContacts masks the phone numbers and e-mail addresses that a text gives as its writer's own, and counts the places.
func withoutContacts(text, language string) (string, int) {
	pieces := own.Contacts(text, language)
	return without(text, pieces), len(pieces)
}

// swindle reports whether reports of a category often hold a swindler's words.
func swindle(category string) bool { return category == "fraud-scam" || category == "cyber" }

// without puts marks where the pieces of a text stand.
func without(text string, pieces []own.Piece) string {
	var out strings.Builder
	end := 0
	for _, p := range pieces {
		out.WriteString(text[end:p.Start])
		out.WriteString(markOf[p.Kind])
		end = p.End
	}
	out.WriteString(text[end:])
	return out.String()
}
