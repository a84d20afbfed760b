package review

import (
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// account is one telling of a happening, as the machine reads it.
type account struct {
	ID         heed.ID
	Text       string
	Language   string // as declared by the form, then as screened
	Channel    heed.Channel
	ReceivedAt time.Time
}

// newMachine makes a machine of the screening; key is the line's matching key.
func newMachine(s *screening.Screener, key screening.Hasher) *machine {
	return &machine{screener: s, key: key, features: map[heed.ID]screening.Features{}}
}

// machine is the screening as review uses it. It remembers the features of the texts that it related last, for the same
// ones meet again and again when many report the same. They stay in memory, and few. It is safe for concurrent use.
type machine struct {
	screener *screening.Screener
	key      screening.Hasher

	mu       sync.Mutex
	features map[heed.ID]screening.Features
	oldest   []heed.ID
}

// maxFeatures bounds what is remembered: about 10 KB for a text.
const maxFeatures = 500

// recall is what is remembered of the account's features.
func (m *machine) recall(id heed.ID) (screening.Features, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	f, ok := m.features[id]
	return f, ok
}

// remember keeps the account's features in place of the oldest ones.
func (m *machine) remember(id heed.ID, f screening.Features) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.features[id]; ok {
		return
	}
	if len(m.oldest) == maxFeatures {
		delete(m.features, m.oldest[0])
		m.oldest = m.oldest[1:]
	}
	m.features[id] = f
	m.oldest = append(m.oldest, id)
}

// read is the features of an account, remembered from now on.
func (m *machine) read(a account) screening.Features {
	f := m.screener.Features(a.Text)
	m.remember(a.ID, f)
	return f
}

// assess screens one account by itself; Similar and DuplicateOf stay empty.
func (m *machine) assess(a account) (heed.Screening, screening.Features) {
	return m.screener.Assess(screening.Input{ID: a.ID, Text: a.Text, Channel: a.Channel, Lang: a.Language, ReceivedAt: a.ReceivedAt})
}

// fingerprint is the keyed print by which copies are found.
func (m *machine) fingerprint(text string) ([]int64, []byte) {
	return screening.Fingerprint(m.key, text)
}

// relate judges two accounts: a Match of the earlier one with the reasons, or false where they have nothing to do with
// each other.
func relate(earlierID heed.ID, earlier, later screening.Features) (heed.Match, []heed.Reason, bool) {
	kind, score, reasons := screening.Relate(earlier, later)
	return heed.Match{ID: earlierID, Score: score, Kind: kind}, reasons, kind != ""
}
