package portal

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	onceLife = mailboxLife
	onceSize = 10_000 // forms remembered; at some hundred bytes each a flood costs no memory to speak of
)

// once sees to it that a form that is sent twice within minutes, by a double click, says a thing once. It holds digests of
// forms under their random ids, and ids of reports, nothing else. Reports need it only where files are put together, which is a long
// work: a draft brings its own id and Receipt, which the store keeps unique on every node. With several nodes a double click that reaches
// two of them within one moment can say a message twice.
type once struct {
	now func() time.Time

	mu    sync.Mutex
	seen  map[string]*sending
	order []*sending
}

// sending is a form on its way, or arrived.
type sending struct {
	id   string
	at   time.Time
	done chan struct{} // closed when err is there
	err  error
	left bool // its sender went, and it came to nothing
}

func newOnce(now func() time.Time) *once { return &once{now: now, seen: map[string]*sending{}} }

// do carries out act for the form with this id. Where another request does so already, or did, it waits for what came of
// that and answers the same: ours is false then. A form that failed may be sent again. Where the other's sender has left and
// nothing came of it, this one carries it out.
func (o *once) do(ctx context.Context, id string, act func() error) (ours bool, err error) {
	s, ours := o.begin(id)
	for !ours {
		select {
		case <-s.done:
		case <-ctx.Done():
			return false, ctx.Err()
		}
		if !s.left {
			return false, s.err
		}
		s, ours = o.begin(id)
	}
	s.err = errors.New("the form was not carried out to its end") // for those who wait, where act panics
	defer func() {
		if s.err != nil {
			s.left = ctx.Err() != nil && errors.Is(s.err, ctx.Err())
			o.forget(s)
		}
		close(s.done)
	}()
	s.err = act()
	return true, s.err
}

func (o *once) begin(id string) (_ *sending, isNew bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	for len(o.order) > 0 && (len(o.order) >= onceSize || now.Sub(o.order[0].at) > onceLife) {
		o.remove(o.order[0])
		o.order = o.order[1:]
	}
	if s := o.seen[id]; s != nil {
		return s, false
	}
	s := &sending{id: id, at: now, done: make(chan struct{})}
	o.seen[id] = s
	o.order = append(o.order, s)
	return s, true
}

func (o *once) forget(s *sending) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.remove(s)
}

// remove leaves a later sending of the same form alone.
func (o *once) remove(s *sending) {
	if o.seen[s.id] == s {
		delete(o.seen, s.id)
	}
}
