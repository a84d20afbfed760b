package sip

import "net/netip"

// persistence is how many packets in a row from elsewhere than announced make a source believed: a phone behind a NAT doesn't know
// its own address.
const persistence = 5

// source is where a call's sound comes from. The first that is believed is locked: packets of strangers, who would only have to guess a
// port, are neither heard nor followed.
type source struct {
	told      netip.AddrPort // as the session's description says
	locked    netip.AddrPort
	candidate netip.AddrPort
	seen      int
	heardAt   netip.AddrPort // where the other end hears us
}

// unlock begins anew, with another description.
func (s *source) unlock(told netip.AddrPort) {
	to := told
	if told == s.told && s.heardAt.IsValid() {
		to = s.heardAt // most often nothing has changed
	}
	*s = source{told: told, heardAt: to}
}

// lock believes a source. From then on we speak to where the other end speaks from (symmetric RTP, RFC 4961).
func (s *source) lock(from netip.AddrPort) { s.locked, s.heardAt = from, from }

// admits says whether a well-formed (and, in a protected call, authentic) packet from there belongs to the call.
func (s *source) admits(from netip.AddrPort) bool {
	if s.locked.IsValid() {
		return from == s.locked
	}
	if from.Addr() == s.told.Addr() {
		s.lock(from)
		return true
	}
	if from != s.candidate {
		s.candidate, s.seen = from, 0
	}
	if s.seen++; s.seen < persistence {
		return false
	}
	s.lock(from)
	return true
}

// stranger says whether a packet from there needn't even be looked at.
func (s *source) stranger(from netip.AddrPort) bool { return s.locked.IsValid() && from != s.locked }
