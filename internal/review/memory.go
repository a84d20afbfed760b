package review

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// memory holds the features of the texts that were read last, for the same ones meet again and again when many report the
// same. They are telling like the texts themselves: so they stay in memory, few, not for long, and go with their report. It is
// safe for concurrent use.
type memory struct {
	mu       sync.Mutex
	features map[heed.ID]remembered
	oldest   []heed.ID
}

func newMemory() *memory { return &memory{features: map[heed.ID]remembered{}} }

type remembered struct {
	found screening.Found
	at    time.Time
}

const (
	// maxFeatures bounds what is remembered: about 10 KB for a text.
	maxFeatures = 500
	// featuresLast is how long a text is remembered at most.
	featuresLast = 15 * time.Minute
)

// recall is what is remembered of the account.
func (m *memory) recall(id heed.ID) (screening.Found, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.features[id]
	return r.found, ok
}

// remember keeps the account's features in place of the oldest ones.
func (m *memory) remember(f screening.Found, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.features[f.ID]; ok {
		return
	}
	if len(m.oldest) == maxFeatures {
		delete(m.features, m.oldest[0])
		m.oldest = m.oldest[1:]
	}
	m.features[f.ID] = remembered{f, now}
	m.oldest = append(m.oldest, f.ID)
}

// forget drops what is remembered of the account.
func (m *memory) forget(id heed.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(func(other heed.ID, _ remembered) bool { return other == id })
}

// expire drops what has been remembered for too long, or since a time that hasn't come yet.
func (m *memory) expire(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.drop(func(_ heed.ID, r remembered) bool {
		age := now.Sub(r.at)
		return age < 0 || age > featuresLast
	})
}

// known lists of what something is remembered.
func (m *memory) known() []heed.ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.oldest)
}

// forgetErased drops what is remembered of reports whose keys are destroyed: by another process, or while they were read here.
func (s *Service) forgetErased(ctx context.Context) error {
	known := s.memory.known()
	if len(known) == 0 {
		return nil
	}
	var keys map[heed.ID][]byte
	err := s.cfg.Store.View(ctx, func(tx heed.Tx) (err error) {
		keys, err = tx.WrappedKeys(ctx, known)
		return err
	})
	if err != nil {
		return fmt.Errorf("look which reports are erased: %w", err)
	}
	for _, id := range known {
		if keys[id] == nil {
			s.memory.forget(id)
		}
	}
	return nil
}

func (m *memory) drop(which func(heed.ID, remembered) bool) {
	m.oldest = slices.DeleteFunc(m.oldest, func(id heed.ID) bool {
		if !which(id, m.features[id]) {
			return false
		}
		delete(m.features, id)
		return true
	})
}
