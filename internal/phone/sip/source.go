package sip

import (
	"net/netip"
	"time"
)

// persistence is how many packets in a row from elsewhere than announced make a source believed: a phone behind a NAT doesn't know
// its own address.
const persistence = 5

// moved is how long a source that is believed says nothing before another may take its place, where a description came anew.
const moved = time.Second

// unmoved is after how many packets since then it hasn't moved: a few may have been on their way.
const unmoved = 25

// source is where a call's sound comes from. The first that is believed is locked: packets of strangers, who would only have to guess a
// port, are neither heard nor followed.
type source struct {
	// vouched says that nothing is sent to a stranger's address because some message named it: whose address this is told, the call's
	// signalling came from there, or from who may be believed. Until it is so nothing goes out before something came in.
	vouched func(netip.Addr) bool

	told      netip.AddrPort // as the session's description says
	locked    netip.AddrPort
	heard     time.Time // when something came from there last
	renewed   bool      // the same was described again since
	still     int       // packets from there since then
	candidate netip.AddrPort
	seen      int
	heardAt   netip.AddrPort // where the other end hears us
}

// unlock begins anew, with another description. One that says what the last one said changes nothing, but that a phone which is heard no
// more may have moved.
func (s *source) unlock(told netip.AddrPort) {
	if told == s.told {
		s.renewed, s.still = true, 0
		return
	}
	*s = source{vouched: s.vouched, told: told}
	if s.vouched == nil || s.vouched(told.Addr()) {
		s.heardAt = told
	}
}

// lock believes a source. From then on we speak to where the other end speaks from (symmetric RTP, RFC 4961).
func (s *source) lock(from netip.AddrPort, now time.Time) {
	s.locked, s.heardAt, s.heard, s.renewed = from, from, now, false
}

// admits says whether a well-formed (and, in a protected call, authentic) packet from there belongs to the call.
func (s *source) admits(from netip.AddrPort, now time.Time) bool {
	switch {
	case s.stranger(from, now):
		return false
	case from == s.locked:
		s.heard = now
		if s.still++; s.still >= unmoved {
			s.renewed = false
		}
		return true
	case !s.locked.IsValid() && from.Addr() == s.told.Addr():
		s.lock(from, now)
		return true
	}
	if from != s.candidate {
		s.candidate, s.seen = from, 0
	}
	if s.seen++; s.seen < persistence {
		return false
	}
	s.lock(from, now)
	return true
}

// stranger says whether a packet from there needn't even be looked at.
func (s *source) stranger(from netip.AddrPort, now time.Time) bool {
	return s.locked.IsValid() && from != s.locked && !(s.renewed && now.Sub(s.heard) >= moved)
}
