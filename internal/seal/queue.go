package seal

import (
	"container/list"
	"context"
	"sync"

	heed "github.com/heed-line/heed"
)

// queue lets so many in at once, and makes the others wait: first come, first served among those of one party, and the
// parties in turns, newcomers before the others (as RFC 8290, section 4.2, has new flows before old ones). So whoever sends
// much waits for itself, and a newcomer for whom is inside and one of each newcomer. What a party sent while it was new keeps
// its place before the others, beside what it sends later. It is safe for concurrent use.
type queue struct {
	places, length int // at once; waiting

	mu      sync.Mutex
	inside  int
	waiting int
	parties map[Party]*list.List // of *waiter; none is empty; a party that is new no more may have two
	fresh   *list.List           // of Party, the next in front: newcomers
	others  *list.List
	passed  int // newcomers that came in since one of the others did
}

// Party is who shares what is given out by turns, as one network does. The zero Party is nobody in particular.
type Party struct {
	ID    uint64
	New   bool // its derivations go before those of parties that aren't new
	Alike bool // it is all whom nothing tells apart, not one network; derivations take turns all the same
}

// newcomersInARow come in before one of the others does, whom newcomers without end would keep out for good.
const newcomersInARow = 30

// waiter is one who waits; its channel is closed when a place is given to it.
type waiter struct {
	party Party
	in    chan struct{}
}

func newQueue(places, length int) *queue {
	return &queue{places: places, length: length, parties: map[Party]*list.List{}, fresh: list.New(), others: list.New()}
}

// enter waits for a place. One party takes at most half of the places to wait; nobody in particular, all.
//
// ErrBusy: there is no place to wait. The context's error: it ended first. Who entered must leave.
func (q *queue) enter(ctx context.Context, party Party) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	party.Alike = false
	q.mu.Lock()
	if q.inside < q.places {
		q.inside++
		q.mu.Unlock()
		return nil
	}
	if q.waiting >= q.length || party.ID != 0 && q.waitingOf(party.ID) >= max(q.length/2, 1) {
		q.mu.Unlock()
		return heed.ErrBusy
	}
	line := q.parties[party]
	if line == nil {
		line = list.New()
		q.parties[party] = line
		q.turns(party).PushBack(party)
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

// waitingOf is how many of a party wait, those from while it was new too.
func (q *queue) waitingOf(id uint64) (n int) {
	for _, isNew := range [...]bool{false, true} {
		if line := q.parties[Party{ID: id, New: isNew}]; line != nil {
			n += line.Len()
		}
	}
	return n
}

// turns are those among which the party has its own.
func (q *queue) turns(party Party) *list.List {
	if party.New {
		return q.fresh
	}
	return q.others
}

// gone counts one out of a party's line.
func (q *queue) gone(party Party) {
	q.waiting--
	if q.parties[party].Len() > 0 {
		return
	}
	delete(q.parties, party)
	turns := q.turns(party)
	for turn := turns.Front(); turn != nil; turn = turn.Next() {
		if turn.Value.(Party) == party {
			turns.Remove(turn)
			return
		}
	}
}

// leave gives the place to the first of the party whose turn it is.
func (q *queue) leave() {
	q.mu.Lock()
	defer q.mu.Unlock()
	turns := q.fresh
	if q.passed++; turns.Len() == 0 || q.passed > newcomersInARow && q.others.Len() > 0 {
		turns, q.passed = q.others, 0
	}
	turn := turns.Front()
	if turn == nil {
		q.inside--
		return
	}
	turns.MoveToBack(turn)
	party := turn.Value.(Party)
	line := q.parties[party]
	w := line.Remove(line.Front()).(*waiter)
	q.gone(party)
	close(w.in)
}

// newcomers is of how many newcomers somebody waits.
func (q *queue) newcomers() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.fresh.Len()
}

// count is how many are inside and how many wait.
func (q *queue) count() (inside, waiting int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.inside, q.waiting
}

type partyKey struct{}

// WithParty has the derivations of ctx wait in the line of one party (a keyed hash of a network, say), which takes turns with
// those of others. It is asked when a derivation begins to wait: whoever lets a request lie is new no longer than others.
func WithParty(ctx context.Context, party func() Party) context.Context {
	return context.WithValue(ctx, partyKey{}, party)
}

// PartyOf is who waits, as WithParty noted; the zero Party where it noted nobody.
func PartyOf(ctx context.Context) Party {
	if party, ok := ctx.Value(partyKey{}).(func() Party); ok {
		return party()
	}
	return Party{}
}
