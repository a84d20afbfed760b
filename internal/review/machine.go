package review

import (
	"sync"
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
func NewMachine(s *screening.Screener, key screening.Hasher) Machine {
	return &machine{screener: s, key: key, features: map[heed.ID]screening.Features{}}
}

// machine remembers the features of the texts that it related last, for the same ones meet again and again when many
// report the same. They stay in memory, and few.
type machine struct {
	screener *screening.Screener
	key      screening.Hasher

	mu       sync.Mutex
	features map[heed.ID]screening.Features
	oldest   []heed.ID
}

// maxFeatures bounds what is remembered: about 10 KB for a text.
const maxFeatures = 500

func (m *machine) featuresOf(a Account) screening.Features {
	m.mu.Lock()
	f, ok := m.features[a.ID]
	m.mu.Unlock()
	if ok {
		return f
	}
	f = m.screener.Features(a.Text)
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.features[a.ID]; ok {
		return f
	}
	if len(m.oldest) == maxFeatures {
		delete(m.features, m.oldest[0])
		m.oldest = m.oldest[1:]
	}
	m.features[a.ID] = f
	m.oldest = append(m.oldest, a.ID)
	return f
}

func (m *machine) Assess(a Account) heed.Screening {
	return m.screener.Screen(screening.Input{ID: a.ID, Text: a.Text, Channel: a.Channel, Lang: a.Language, ReceivedAt: a.ReceivedAt})
}

func (m *machine) Fingerprint(text string) ([]int64, []byte) {
	return screening.Fingerprint(m.key, text)
}

func (m *machine) Compare(a, b []byte) float64 { return screening.Compare(a, b) }

func (m *machine) Relate(later, earlier Account) (heed.Match, []heed.Reason, bool) {
	kind, score, reasons := screening.Relate(m.featuresOf(earlier), m.featuresOf(later))
	return heed.Match{ID: earlier.ID, Score: score, Kind: kind}, reasons, kind != ""
}

func (m *machine) SearchTokens(text string) []string { return screening.SearchTokens(text) }
