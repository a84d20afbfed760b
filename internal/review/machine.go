package review

import (
	"slices"
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
	return &machine{screener: s, key: key, features: map[heed.ID]remembered{}}
}

// machine is the screening as review uses it. It remembers the features of the texts that it read last, for the same ones
// meet again and again when many report the same. They are telling like the texts themselves: so they stay in memory, few,
// not for long, and go with their report. It is safe for concurrent use.
type machine struct {
	screener *screening.Screener
	key      screening.Hasher

	mu       sync.Mutex
	features map[heed.ID]remembered
	oldest   []heed.ID
}

type remembered struct {
	features screening.Features
	at       time.Time
}

const (
	// maxFeatures bounds what is remembered: about 10 KB for a text.
	maxFeatures = 500
	// featuresLast is how long a text is remembered at most.
	featuresLast = 15 * time.Minute
)

// recall is what is remembered of the account's features.
func (m *machine) recall(id heed.ID) (screening.Features, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.features[id]
	return r.features, ok
}

// remember keeps the account's features in place of the oldest ones.
func (m *machine) remember(id heed.ID, f screening.Features, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.features[id]; ok {
		return
	}
	if len(m.oldest) == maxFeatures {
		delete(m.features, m.oldest[0])
		m.oldest = m.oldest[1:]
	}
	m.features[id] = remembered{f, now}
	m.oldest = append(m.oldest, id)
}

// forget drops what is remembered of the account.
func (m *machine) forget(id heed.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(func(other heed.ID, _ remembered) bool { return other == id })
}

// expire drops what has been remembered for too long, or since a time that hasn't come yet.
func (m *machine) expire(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(func(_ heed.ID, r remembered) bool {
		age := now.Sub(r.at)
		return age < 0 || age > featuresLast
	})
}

func (m *machine) drop(which func(heed.ID, remembered) bool) {
	m.oldest = slices.DeleteFunc(m.oldest, func(id heed.ID) bool {
		if !which(id, m.features[id]) {
			return false
		}
		delete(m.features, id)
		return true
	})
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
