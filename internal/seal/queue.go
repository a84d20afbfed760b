package seal

import (
	"container/list"
	"context"
	"sync"

	heed "github.com/heed-line/heed"
)

// queue lets so many in at once, and makes the others wait: first come, first served among those of one party, and the
// parties in turns. So whoever sends much waits for itself, and a newcomer waits for one of each. It is safe for concurrent use.
type queue struct {
	places, length int // at once; waiting

	mu      sync.Mutex
	inside  int
	waiting int
	parties map[uint64]*list.List // of *waiter; none is empty
	turns   *list.List            // of party ids, the next in front
}

// waiter is one who waits; its channel is closed when a place is given to it.
type waiter struct {
	party uint64
	in    chan struct{}
}

func newQueue(places, length int) *queue {
	return &queue{places: places, length: length, parties: map[uint64]*list.List{}, turns: list.New()}
}

// enter waits for a place. One party takes at most half of the places to wait; party 0, which is nobody in particular, all.
//
// ErrBusy: there is no place to wait. The context's error: it ended first. Who entered must leave.
func (q *queue) enter(ctx context.Context, party uint64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	q.mu.Lock()
	if q.inside < q.places {
		q.inside++
		q.mu.Unlock()
		return nil
	}
	line := q.parties[party]
	if q.waiting >= q.length || party != 0 && line != nil && line.Len() >= max(q.length/2, 1) {
		q.mu.Unlock()
		return heed.ErrBusy
	}
	if line == nil {
		line = list.New()
		q.parties[party] = line
		q.turns.PushBack(party)
	}
	w := &waiter{party, make(chan struct{})}
	place := line.PushBack(w)
	q.waiting++
	q.mu.Unlock()
	select {
	case <-w.in:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-w.in: // in the same moment
		return nil
	default:
	}
	line.Remove(place)
	q.gone(party)
	return ctx.Err()
}

// gone counts one out of a party's line.
func (q *queue) gone(party uint64) {
	q.waiting--
	if q.parties[party].Len() > 0 {
		return
	}
	delete(q.parties, party)
	for turn := q.turns.Front(); turn != nil; turn = turn.Next() {
		if turn.Value.(uint64) == party {
			q.turns.Remove(turn)
			return
		}
	}
}

// leave gives the place to the first of the party whose turn it is.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	turn := q.turns.Front()
	if turn == nil {
		q.inside--
		return
	}
	q.turns.MoveToBack(turn)
	party := turn.Value.(uint64)
	line := q.parties[party]
	w := line.Remove(line.Front()).(*waiter)
	q.gone(party)
	close(w.in)
}

// count is how many are inside and how many wait.
func (q *queue) count() (inside, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.inside, q.waiting
}

type partyKey struct{}

// WithParty has the derivations of ctx wait in the line of one party (a keyed hash of a network, say), which takes turns with
// those of others.
func WithParty(ctx context.Context, party uint64) context.Context {
	return context.WithValue(ctx, partyKey{}, party)
}

func partyOf(ctx context.Context) uint64 {
	party, _ := ctx.Value(partyKey{}).(uint64)
	return party
}
