package flood

import (
	"time"

	"github.com/heed-line/heed/internal/seal"
)

// maxSpent is how many tickets one generation remembers; two of them take some 10 MB.
const maxSpent = 50_000

// clockSlack is how far the clocks of a line's portals may differ: a ticket of one is good at another.
const clockSlack = 10 * time.Second

// spent remembers which tickets were used, in two generations. Where a generation is full or old the one before it is
// forgotten, and with it every ticket that might be in it: tickets from before that time, and a little after, are good no longer. So the memory is
// bounded and yet none is ever good twice.
type spent struct {
	young, old map[[16]byte]struct{}
	since      time.Time // when young began
	horizon    time.Time // when old began: what was issued before is good no longer
}

// open says that the ticket may still be used.
func (s *spent) open(t seal.Ticket, now time.Time) bool {
	_, young := s.young[t.ID]
	_, old := s.old[t.ID]
	age := now.Sub(t.Issued)
	return !young && !old && t.Issued.After(s.horizon.Add(clockSlack)) && age >= -clockSlack && age <= ticketLife
}

// spend uses the ticket up.
func (s *spent) spend(t seal.Ticket, now time.Time) {
	if s.young == nil || len(s.young) >= maxSpent || now.Sub(s.since) > ticketLife {
		s.old, s.young = s.young, map[[16]byte]struct{}{}
		s.horizon, s.since = s.since, now
	}
	s.young[t.ID] = struct{}{}
}
