package flood

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/heed-line/heed/internal/seal"
)

// Kind is what somebody wants to do. Each has its own limits, so that a flood of one keeps nobody from another.
type Kind byte

// The kinds. Their numbers stand in tickets.
const (
	Submission Kind = 1 + iota // a report sent
	Lookup                     // a Receipt typed, or something done with one
	Upload                     // a file's sending begun
	kinds
)

// String names the kind in figures.
func (k Kind) String() string {
	return [...]string{Submission: "submission", Lookup: "lookup", Upload: "upload"}[k]
}

const (
	// ticketLife is how long a ticket is good: long enough for somebody who went to make tea while the page waited.
	ticketLife = 10 * time.Minute
	// keyLife is how long the key lives under which networks are counted.
	keyLife = time.Hour

	// The work is 2^leastWork hashes where a limit is just passed (a fifth of a second on a slow phone) and doubles with
	// what comes in, up to 2^mostWork (ten seconds there).
	leastWork = 16
	mostWork  = 21
	// The wait for those who can't work, from just past the limit on.
	leastWait = 8 * time.Second
	mostWait  = 30 * time.Second
	// nextDraw is the wait of one who waited and found all places taken.
	nextDraw = 5 * time.Second

	// Of networks that were told more often of late than is free, so many are told in a second, for each core; the others hear it
	// later, by longestPause at most. Nothing is free to them.
	toldASecond  = 250
	longestPause = 2 * time.Second
	// mostTold is how often what is free counts at most of those who were told, so that a crowd that has gone is soon forgotten.
	mostTold = 2
)

// Config is what a Gate works with. Every field but Waiting is needed.
type Config struct {
	Tickets seal.TicketKey
	Now     func() time.Time
	Cores   int
	// Waiting is how many of a kind wait for a core right now, and how many of them go before the others, being the first of their
	// networks; nil where none ever waits.
	Waiting func(Kind) (all, newcomers int)
}

// Gate lets in, or says what to do first. A nil Gate lets everybody in. It is safe for concurrent use.
type Gate struct {
	cfg Config

	mu    sync.Mutex
	key   []byte // of the networks' hashes
	since time.Time
	kinds [kinds]*counts
	spent spent
	tell  time.Time // when the next of those is told whose network was told too often

	figures [kinds]figures
}

// figures count what came of those who asked.
type figures struct{ free, worked, waited, shed atomic.Uint64 }

// counts is what came in of one kind.
type counts struct {
	all       meter
	newcomers meter // from networks of which hardly anything came of late, who are free though the others flood
	alike     meter // from visitors whom nothing tells apart
	networks  map[party]*meter
}

// party is a network's hash.
type party [16]byte

// New makes a Gate.
func New(cfg Config) *Gate {
	g := &Gate{cfg: cfg}
	for k := Submission; k < kinds; k++ {
		g.kinds[k] = &counts{}
	}
	g.turn(cfg.Now())
	return g
}

// Demand is what has to be done before coming in: so many bits of work on the ticket, or so much waiting.
type Demand struct {
	Ticket string
	Work   int
	Wait   time.Duration // from now on, whole seconds
	// Pause is how long to keep this answer back. What a crowd costs that comes at once is then spread, and whoever comes beside it
	// doesn't wait behind all of it.
	Pause time.Duration
}

// Error implements error.
func (d *Demand) Error() string { return "work or wait first" }

// Enter lets somebody in who comes from the network. pass is what they bring: nothing, a ticket that they waited with, or
// one with its solution.
//
// It returns a *Demand where there is something to do first.
func (g *Gate) Enter(kind Kind, from netip.Prefix, pass string) error {
	if g == nil {
		return nil
	}
	now := g.cfg.Now()
	ticket, solved, err := g.cfg.Tickets.Read(pass)
	good := err == nil && ticket.Purpose == byte(kind)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.turn(now)
	mine, all := g.meter(kind, from, now), &g.kinds[kind].all
	newcomer := !isAlike(from) && mine.isNew(0, now)
	if newcomer {
		all = &g.kinds[kind].newcomers
	}
	limits := g.limits(from)
	level := max(mine.level(limits.mine, now), all.level(limits.all, now), g.pressure(kind, newcomer))
	if mine.told > limits.mine.free {
		level = max(level, 0) // whoever can't be told from a crowd that is sent away gets no more of what is free
	}
	f := &g.figures[kind]
	good = good && g.spent.open(ticket, now)
	ripe := good && !now.Before(ticket.Issued.Add(ticket.Wait))
	switch {
	case level < 0:
		f.free.Add(1)
	case good && solved:
		g.spent.spend(ticket, now)
		f.worked.Add(1)
	case good && !ripe:
		f.shed.Add(1)
		wait := wholeSeconds(ticket.Issued.Add(ticket.Wait).Sub(now))
		return &Demand{pass[:ticketLength(pass)], ticket.Work, wait, g.pause(mine, limits.mine, now)}
	case ripe && mine.wait(limits.mine) && all.wait(limits.all):
		g.spent.spend(ticket, now)
		f.waited.Add(1)
	default:
		f.shed.Add(1)
		wait := min(leastWait+time.Duration(level)*2*time.Second, mostWait)
		if ripe {
			wait = nextDraw
		}
		d := g.demand(kind, level, wait, now)
		d.Pause = g.pause(mine, limits.mine, now)
		return d
	}
	mine.count++
	all.count++
	return nil
}

// demand makes a ticket.
func (g *Gate) demand(kind Kind, level int, wait time.Duration, now time.Time) *Demand {
	issued := now.Truncate(time.Second)
	t := seal.Ticket{Purpose: byte(kind), Work: min(leastWork+level, mostWork), Wait: wait + time.Second, Issued: issued}
	return &Demand{Ticket: g.cfg.Tickets.Sign(t), Work: t.Work, Wait: wholeSeconds(issued.Add(t.Wait).Sub(now))}
}

// pause is how long to keep back what one of a network is told: not at all where hardly anybody of it was told anything of late.
func (g *Gate) pause(mine *meter, limit measure, now time.Time) time.Duration {
	if mine.told = min(mine.told+1, mostTold*limit.free); mine.told <= limit.free {
		return 0
	}
	pause := min(max(g.tell.Sub(now), 0), longestPause)
	g.tell = now.Add(pause + time.Second/time.Duration(toldASecond*g.cfg.Cores))
	return pause
}

// Party is the network among those that take turns, for one of it who was let in: a number that means nothing after an hour, never
// 0, whether hardly anything else came of it lately, and whether it is all visitors whom nothing tells apart.
func (g *Gate) Party(from netip.Prefix) seal.Party {
	if g == nil {
		return seal.Party{}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	now := g.cfg.Now()
	g.turn(now)
	p := g.party(from)
	isNew := !isAlike(from)
	for k := Submission; k < kinds; k++ {
		if m := g.kinds[k].networks[p]; m != nil {
			isNew = isNew && m.isNew(1, now)
		}
	}
	return seal.Party{ID: binary.BigEndian.Uint64(p[:]) | 1, New: isNew, Alike: isAlike(from)}
}

// party hashes a network.
func (g *Gate) party(from netip.Prefix) (p party) {
	raw, err := from.MarshalBinary()
	if err != nil { // of what no prefix can be
		return p
	}
	mac := hmac.New(sha256.New, g.key)
	mac.Write(raw)
	copy(p[:], mac.Sum(nil))
	return p
}

// turn throws the key away with all that was counted under it when its hour is over.
func (g *Gate) turn(now time.Time) {
	if age := now.Sub(g.since); g.key != nil && age >= 0 && age < keyLife {
		return
	}
	g.key, g.since = make([]byte, 32), now
	rand.Read(g.key) // never fails: it ends the program instead
	for k := Submission; k < kinds; k++ {
		g.kinds[k].networks = map[party]*meter{}
	}
}

// meter counts the network's, or that of all visitors whom nothing tells apart.
func (g *Gate) meter(kind Kind, from netip.Prefix, now time.Time) *meter {
	c := g.kinds[kind]
	if isAlike(from) {
		return &c.alike
	}
	p := g.party(from)
	m := c.networks[p]
	if m == nil {
		c.makeRoom(now)
		m = &meter{at: now}
		c.networks[p] = m
	}
	return m
}

// isAlike says that nothing tells the visitor from many others: those of an onion service come from this machine itself, and
// a proxy may keep to itself whom it serves.
func isAlike(from netip.Prefix) bool { return !from.IsValid() || from.Addr().IsLoopback() }

// pressure asks for the least work as soon as somebody waits behind every core, so that who comes in finds a short line: of
// newcomers, who go before the others, as soon as so many of them wait. It asks for no more: a line is short again in a moment,
// when a hard task would only be half done.
func (g *Gate) pressure(kind Kind, newcomer bool) int {
	if g.cfg.Waiting == nil {
		return -1
	}
	before, newcomers := g.cfg.Waiting(kind)
	if newcomer {
		before = newcomers
	}
	if before <= g.cfg.Cores {
		return -1
	}
	return 0
}

// ticketLength is where a pass's ticket ends.
func ticketLength(pass string) int {
	for i := range pass {
		if pass[i] == '.' {
			return i
		}
	}
	return len(pass)
}

func wholeSeconds(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

// Figure is one count of a Gate.
type Figure struct {
	Kind Kind
	Way  string // "free", "work", "wait"; "" of what was shed
	Read func() uint64
}

// Figures are the counts since the Gate was made: of each kind how many came in by which way, and how many were told to
// work or wait.
func (g *Gate) Figures() (all []Figure) {
	if g == nil {
		return nil
	}
	for k := Submission; k < kinds; k++ {
		f := &g.figures[k]
		all = append(all, Figure{k, "free", f.free.Load}, Figure{k, "work", f.worked.Load}, Figure{k, "wait", f.waited.Load}, Figure{k, "", f.shed.Load})
	}
	return all
}

// IsDemand finds the Demand in an error.
func IsDemand(err error) (*Demand, bool) {
	var d *Demand
	return d, errors.As(err, &d)
}
