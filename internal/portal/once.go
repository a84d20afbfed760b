package portal

import (
	"sync"
	"time"
)

const (
	onceLife = mailboxLife
	onceSize = 10_000 // forms remembered; at 40 bytes each a flood costs no memory to speak of
)

// once remembers which forms were sent in the last minutes, so that a double click says a thing once. It holds random
// form ids, nothing else. Reports don't need it: a draft brings its own id and Receipt, which the store keeps unique on
// every node. With several nodes a double click that reaches two of them within one moment can say a message twice.
type once struct {
	now func() time.Time

	mu    sync.Mutex
	seen  map[string]time.Time
	order []string
}

func newOnce(now func() time.Time) *once { return &once{now: now, seen: map[string]time.Time{}} }

// begin reports whether the form with this id is new, and remembers it.
func (o *once) begin(id string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	for len(o.order) > 0 && (len(o.order) >= onceSize || now.Sub(o.seen[o.order[0]]) > onceLife) {
		delete(o.seen, o.order[0])
		o.order = o.order[1:]
	}
	if _, again := o.seen[id]; again {
		return false
	}
	o.seen[id] = now
	o.order = append(o.order, id)
	return true
}

// failed forgets a form that could not be carried out, so that it can be sent again.
func (o *once) failed(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.seen, id)
}
