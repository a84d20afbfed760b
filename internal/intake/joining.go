package intake

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

const (
	// assemblies are how many files are put together at one time. Each reads and writes its disk as fast as that goes, in some
	// hundred KiB of memory.
	assemblies = 2
	// joinsOfOne are how many reports of one network may be having their files put together, or wait for that.
	joinsOfOne = 16
	// joinsOfAlike are how many of all whom nothing tells apart (seal.Party.Alike) may.
	joinsOfAlike = 8 * joinsOfOne
)

// joining gives places to put files together. Of one network (seal.WithParty) one file is put together at a time, and a place is given
// back after each, so that nobody waits for more than the file before theirs, however much another sends.
type joining struct {
	mu      sync.Mutex
	files   int // that are being put together
	parties map[uint64]*joiners
	waiting []*joiner // for a place, in the order in which they came
}

// joiners are the reports of one party.
type joiners struct {
	reports int
	busy    bool // a file of one is being put together
}

// joiner is one report whose files are put together, one after another.
type joiner struct {
	joining *joining
	party   uint64 // 0: nobody in particular, whom nothing but the number of places bounds
	ready   chan struct{}
}

func newJoining() *joining { return &joining{parties: map[uint64]*joiners{}} }

// enter announces a report, which must leave. heed.ErrBusy: its network has as many as one may have.
func (g *joining) enter(ctx context.Context) (*joiner, error) {
	party := seal.PartyOf(ctx)
	j, most := &joiner{joining: g, party: party.ID}, joinsOfOne
	if party.Alike {
		most = joinsOfAlike
	}
	if j.party == 0 {
		return j, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.parties[j.party]
	if p == nil {
		p = &joiners{}
		g.parties[j.party] = p
	}
	if p.reports >= most {
		return nil, fmt.Errorf("put files together beside %d reports of one network: %w", p.reports, heed.ErrBusy)
	}
	p.reports++
	return j, nil
}

// leave ends what enter began.
func (j *joiner) leave() {
	if j.party == 0 {
		return
	}
	j.joining.mu.Lock()
	defer j.joining.mu.Unlock()
	p := j.joining.parties[j.party]
	if p.reports--; p.reports == 0 {
		delete(j.joining.parties, j.party)
	}
}

// begin waits for a place for one file, which must be ended.
func (j *joiner) begin(ctx context.Context) error {
	g := j.joining
	j.ready = make(chan struct{})
	g.mu.Lock()
	g.waiting = append(g.waiting, j)
	g.give()
	g.mu.Unlock()
	select {
	case <-j.ready:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	at := slices.Index(g.waiting, j)
	if at >= 0 {
		g.waiting = slices.Delete(g.waiting, at, at+1)
	}
	g.mu.Unlock()
	if at < 0 { // it was given a place in this moment
		j.end()
	}
	return fmt.Errorf("wait for a place to put files together: %w", ctx.Err())
}

// end gives the place back.
func (j *joiner) end() {
	g := j.joining
	g.mu.Lock()
	defer g.mu.Unlock()
	g.files--
	if p := g.parties[j.party]; p != nil {
		p.busy = false
	}
	g.give()
}

// give gives the free places to those who wait longest and whose network has none.
func (g *joining) give() {
	for i := 0; i < len(g.waiting) && g.files < assemblies; {
		j := g.waiting[i]
		p := g.parties[j.party]
		if p != nil && p.busy {
			i++
			continue
		}
		if p != nil {
			p.busy = true
		}
		g.files++
		g.waiting = slices.Delete(g.waiting, i, i+1)
		close(j.ready)
	}
}
