package sip

import (
	"context"
	"errors"
	"net/netip"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

// CanDial says whether there is a trunk to call by.
func (s *Server) CanDial() bool { return s.trunk != nil }

// Dial calls a SIP address ("sip:201@pbx.example") or a telephone number by the trunk, and returns once the call is answered. Where ctx ends before
// that, the call is given up; afterwards it has no meaning for it. The call is its caller's, who must hang it up.
//
// early, unless nil, hears what the other end sends before it answers. It is called in another goroutine, and no more once Dial has returned.
//
// It returns sound.ErrBusy, ErrNoAnswer, ErrRefused or ErrNoWay (ErrFull, ErrUnproved), or the context's error.
func (s *Server) Dial(ctx context.Context, to string, early func(*sound.Frame)) (sound.Call, error) {
	if s.trunk == nil {
		return nil, sound.ErrNoWay
	}
	target, ok := s.trunk.target(to)
	if !ok {
		return nil, sound.ErrRefused
	}
	ways, err := s.trunk.ways(ctx)
	if err != nil {
		return nil, err
	}
	if !s.beginDialling() {
		return nil, sound.ErrFull
	}
	for _, way := range ways {
		var o *outgoing
		if o, err = s.dialBy(ctx, way, target, early); err == nil {
			return o, nil
		}
		if !errors.Is(err, sound.ErrNoWay) {
			break
		}
	}
	s.endDialling()
	return nil, err
}

// beginDialling takes one of the calls that may go out at once, as many as may come in; false where that is too many or the line stops.
func (s *Server) beginDialling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining || s.dialling >= s.c.Calls {
		return false
	}
	s.dialling++
	return true
}

func (s *Server) endDialling() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialling--
	s.ended.Broadcast()
}

// dialBy calls by one of the trunk's addresses.
func (s *Server) dialBy(ctx context.Context, way netip.AddrPort, target sip.Uri, early func(*sound.Frame)) (*outgoing, error) {
	if !s.mayReach(way) {
		return nil, sound.ErrNoWay
	}
	c := &call{
		s: s, tag: randomToken(8), from: way.Addr(), policy: policy{secure: s.trunk.secure(), clear: !s.trunk.secure() || s.c.Clear},
		acks: make(chan *sip.Request, 1), ended: make(chan struct{}),
	}
	c.dialog = s.newDialog(way, s.trunk.from(), target, c.tag)
	if err := c.openSound(s); err != nil {
		s.c.Log.Error("a call found no way for its sound", "error", err)
		return nil, sound.ErrNoWay
	}
	c.contact.Address.User = s.trunk.User
	if c.policy.secure {
		c.local.key = newMaterial()
	}
	o := &outgoing{c: c, hear: early, leg: newLeg(s.ctx, c.ended, c.lost, c.pair, c.vouched)}
	err := o.invite(ctx)
	o.stopListening()
	if err != nil {
		s.leave(c)
		c.pair.close()
		return nil, err
	}
	return o, nil
}

// mayReach says whether what goes to the trunk crosses no network in clear that isn't the operator's own.
func (s *Server) mayReach(way netip.AddrPort) bool {
	return s.trunk.secure() || s.c.Clear || way.Addr().IsLoopback()
}

// newDialog begins a dialog with the trunk.
func (s *Server) newDialog(way netip.AddrPort, from, to sip.Uri, tag string) dialog {
	id := sip.CallIDHeader(randomToken(16))
	d := dialog{
		callID: &id, ours: sip.FromHeader{Address: from}, theirs: sip.ToHeader{Address: *to.Clone()}, target: to,
		source: way.String(), transport: map[string]string{"udp": "UDP", "tcp": "TCP", "tls": "TLS"}[s.trunk.Transport], socket: s.udpSocket(),
	}
	d.ours.Params.Add("tag", tag)
	if s.trunk.Proxy != "" {
		host, port := splitPlace(s.trunk.Proxy)
		proxy := sip.Uri{Scheme: "sip", Host: host, Port: int(port)}
		proxy.UriParams.Add("lr", "")
		d.routes = []string{"<" + proxy.String() + ">"}
	}
	return d
}

// lost ends a call that nobody is in any more.
func (c *call) lost() { go c.hangUp() }
