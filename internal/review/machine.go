package review

import (
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// Account is one telling of a happening, as the machine reads it.
type Account struct {
	ID         heed.ID
	Text       string
	Language   string // as declared by the form, then as screened
	Channel    heed.Channel
	ReceivedAt time.Time
}

// Machine is the screening as review uses it. It keeps nothing of what it is shown and is safe for concurrent use.
type Machine interface {
	// Assess screens one account by itself; Similar and DuplicateOf stay empty.
	Assess(a Account) heed.Screening
	// Fingerprint is the keyed print by which copies are found.
	Fingerprint(text string) (bands []int64, signature []byte)
	// Compare estimates from two signatures how alike the texts are, 0..1.
	Compare(a, b []byte) float64
	// Relate judges two accounts in clear: a Match of the earlier one with the reasons, or false where they have nothing to
	// do with each other.
	Relate(later, earlier Account) (heed.Match, []heed.Reason, bool)
	// SearchTokens are the words by which a text is found.
	SearchTokens(text string) []string
}

// NewMachine makes a Machine of the screening; key is the line's matching key.
func NewMachine(s *screening.Screener, key screening.Hasher) Machine { return &machine{s, key} }

type machine struct {
	screener *screening.Screener
	key      screening.Hasher
}

func (m *machine) Assess(a Account) heed.Screening {
	return m.screener.Screen(screening.Input{ID: a.ID, Text: a.Text, Channel: a.Channel, Lang: a.Language, ReceivedAt: a.ReceivedAt})
}

func (m *machine) Fingerprint(text string) ([]int64, []byte) {
	return screening.Fingerprint(m.key, text)
}

func (m *machine) Compare(a, b []byte) float64 { return screening.Compare(a, b) }

func (m *machine) Relate(later, earlier Account) (heed.Match, []heed.Reason, bool) {
	kind, score, reasons := screening.Relate(m.screener.Features(earlier.Text), m.screener.Features(later.Text))
	return heed.Match{ID: earlier.ID, Score: score, Kind: kind}, reasons, kind != ""
}

func (m *machine) SearchTokens(text string) []string { return screening.SearchTokens(text) }
