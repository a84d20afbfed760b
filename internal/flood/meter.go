package flood

import (
	"math"
	"net/netip"
	"time"
)

// measure is how much is free within a span, and how many of those who wait are let in beyond it.
type measure struct {
	free, waits float64
	span        time.Duration
}

var (
	// A network's measure: a class of a school that reports at once comes in, and then one every four seconds. Who comes after
	// that works or waits, and of those who wait one a second comes in.
	networkMeasure = measure{free: 30, waits: 120, span: 2 * time.Minute}
	// That of visitors whom nothing tells apart: as many at once, and then one a second.
	alikeMeasure = measure{free: 30, waits: 45, span: 30 * time.Second}
)

// limits is what holds for a network and for all together: for newcomers' networks, and for the others. Both together stay well
// under half of what the cores derive, 20 a second each at least.
func (g *Gate) limits(from netip.Prefix) (l struct{ mine, all measure }) {
	cores := float64(g.cfg.Cores)
	l.mine, l.all = networkMeasure, measure{free: 20 * cores, waits: 10 * cores, span: 5 * time.Second}
	if isAlike(from) {
		l.mine = alikeMeasure
	}
	return l
}

// meter counts what came in of late, how much of it by waiting, and how many were told to work or wait: each fades away over a
// measure's span.
type meter struct {
	count, waited, told float64
	at                  time.Time
}

// almost is how much of one may be left of the last that came for the next to be as free as it.
const almost = 0.5

// level says how hard it is to come in: under 0 it is free, 0 just not, and 1 more for each doubling.
func (m *meter) level(l measure, now time.Time) int {
	m.fade(l.span, now)
	return doublings(m.count, l.free-almost)
}

// few is how much may have come of a network of late for it to be a newcomer's: somebody who looks, adds something and looks again.
const few = 3

// isNew says that hardly anything came of late, but for so many of this moment.
func (m *meter) isNew(but float64, now time.Time) bool {
	m.fade(networkMeasure.span, now)
	return m.count <= few+but-almost
}

// wait takes a place of those for who waited.
func (m *meter) wait(l measure) bool {
	if m.waited > l.waits-almost {
		return false
	}
	m.waited++
	return true
}

func (m *meter) fade(span time.Duration, now time.Time) {
	past := now.Sub(m.at)
	m.at = now
	if past <= 0 {
		return
	}
	rest := math.Exp(-past.Seconds() / span.Seconds())
	m.count *= rest
	m.waited *= rest
	m.told *= rest
}

// doublings is how often limit must be doubled to reach n; negative where n is not over it.
func doublings(n, limit float64) int {
	if n <= limit {
		return -1
	}
	return int(math.Log2(n / limit))
}

// maxNetworks bounds the memory that made-up networks can take.
const maxNetworks = 20_000

// makeRoom forgets the networks of which the least came, where there are too many: who is forgotten begins anew, and what
// all of them send together counts on.
func (c *counts) makeRoom(now time.Time) {
	if len(c.networks) < maxNetworks {
		return
	}
	for least := 1.0; len(c.networks) > maxNetworks*9/10; least *= 2 {
		for p, m := range c.networks {
			if m.fade(networkMeasure.span, now); m.count < least {
				delete(c.networks, p)
			}
		}
	}
}

// Network is what is counted together: the /24 of an IPv4 address, the /48 of an IPv6 one, and this machine.
func Network(a netip.Addr) netip.Prefix {
	a = a.Unmap().WithZone("")
	bits := 24
	switch {
	case !a.IsValid():
		return netip.Prefix{}
	case a.IsLoopback():
		bits = 8
	case a.Is6():
		bits = 48
	}
	p, err := a.Prefix(bits)
	if err != nil { // only of bits that no address has
		return netip.Prefix{}
	}
	return p
}
