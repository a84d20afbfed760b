package audit

import (
	"sync"
	"time"
)

// MaxJump is how far a host's clock may run ahead of what has passed since the process began before nobody believes it.
const MaxJump = time.Hour

// Clock is the line's time: the host's, but never behind the floor, which is the date of the last hung leaf, and never ahead by
// a jump. So a clock that is set back can't lengthen a life, and one that jumps forward ends none but those of Identities (Due).
// It is safe for concurrent use.
type Clock struct {
	host   func() time.Time
	steady func() time.Duration

	mu sync.Mutex
	// base and last are readings of the line's time, each with the steady clock's beside it. base stays, so that many small
	// jumps are noticed as a large one is; last moves with each reading.
	base, last     time.Time
	baseAt, lastAt time.Duration
	doubted        bool
	floor          time.Time // as it was last learned
}

// NewClock makes a Clock that begins at the host's time. steady counts on evenly whatever is done to the host's clock, from any
// beginning; it should count while the machine sleeps.
func NewClock(host func() time.Time, steady func() time.Duration) *Clock {
	c := &Clock{host: host, steady: steady}
	c.rebase(host(), steady())
	return c
}

func (c *Clock) rebase(at time.Time, steady time.Duration) {
	c.base, c.baseAt, c.last, c.lastAt, c.doubted = at, steady, at, steady, false
}

// Now is the line's time. While the host's clock is doubted it goes on by the steady one alone.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	host, steady := c.host(), c.steady()
	if host.Sub(c.base) > steady-c.baseAt+MaxJump {
		c.doubted = true
	}
	now := c.last.Add(max(steady-c.lastAt, 0))
	if !c.doubted && host.After(now) {
		now = host
	}
	c.last, c.lastAt = now, max(steady, c.lastAt)
	return now
}

// Due is the moment by which Identities die: the line's time, or the host's where that is later and doubted. If the host is
// right they die on time; if it is wrong they die early, and never late.
func (c *Clock) Due() time.Time {
	now := c.Now()
	if host := c.host(); host.After(now) {
		return host
	}
	return now
}

// Doubted reports whether the host's clock has jumped forward since it was last believed.
func (c *Clock) Doubted() bool {
	c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doubted
}

// Doubt has the Clock go on by the steady one, whatever the host's says; from the given time, where it ran ahead of that by a jump
// already, as one does that begins on a host whose clock is wrong.
func (c *Clock) Doubt(from time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.last.Sub(from) > MaxJump {
		c.rebase(from, c.steady())
	}
	c.doubted = true
}

// Learn raises the Clock to the floor on which the line agreed. A process that doubted the host's clock alone believes it again
// where it is near that floor. A floor before the last one is where two people reset it, at another process: the Clock begins
// anew at the host's time, where that is near the floor too.
func (c *Clock) Learn(floor time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	host, steady := c.host(), c.steady()
	near, reset := host.Sub(floor).Abs() <= MaxJump, floor.Before(c.floor)
	switch c.floor = floor; {
	case near && reset:
		c.rebase(host, steady)
	case near && c.doubted:
		c.rebase(c.last, steady)
	}
	if floor.After(c.base.Add(steady - c.baseAt)) {
		c.base, c.baseAt = floor, steady
	}
	if floor.After(c.last.Add(max(steady-c.lastAt, 0))) {
		c.last, c.lastAt = floor, max(steady, c.lastAt)
	}
}

// Believe begins anew at the host's time, although it lies behind the floor or jumped, and answers it. Two people decide so.
func (c *Clock) Believe() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	host := c.host()
	c.rebase(host, c.steady())
	return host
}

// OnHost is what the host's clock will say at a moment of the line's time, for what goes by that clock.
func (c *Clock) OnHost(at time.Time) time.Time { return at.Add(c.host().Sub(c.Now())) }

// Behind is how far the host's clock lies behind the line's time.
func (c *Clock) Behind() time.Duration { return max(c.Now().Sub(c.host()), 0) }
