package sip

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

var (
	errNotSent     = errors.New("the message couldn't be sent")
	errNotAnswered = errors.New("the message wasn't answered")
)

// call is a dialog with its sound.
type call struct {
	s       *Server
	invited *sip.Request // read only; nil where we called
	tag     string       // ours
	from    netip.Addr   // where the INVITE came from, or went to
	policy  policy
	offered *offer // nil: the other end wants ours, or gets it
	pair    *pair
	acks    chan *sip.Request
	timers  timers

	mu sync.Mutex
	dialog
	ids      []string // that it is found by
	stands   bool     // it was answered
	heard    uint32   // their latest CSeq
	awaited  uint32   // the CSeq whose ACK is awaited; 0: none
	changing bool     // a re-INVITE is being answered
	local    local
	leg      *leg

	once  sync.Once
	ended chan struct{}
}

// end ends the call, once.
func (c *call) end() { c.once.Do(func() { close(c.ended) }) }

// hangUp ends the call and tells the other end.
func (c *call) hangUp() {
	defer c.s.recoverFrom("hanging up")
	select {
	case <-c.ended:
		return
	default:
	}
	c.end()
	if !c.standing() {
		return // who called gives it up
	}
	ctx, cancel := context.WithTimeout(context.Background(), 64*sip.T1)
	defer cancel()
	if c.s.ctx.Err() != nil {
		ctx, cancel = context.WithTimeout(ctx, lastWord)
		defer cancel()
	}
	_, _ = c.request(ctx, sip.BYE) // whether it is heard or not, the call is over
}

// openSound opens the ports and says where others reach us.
func (c *call) openSound(s *Server) error {
	towards := c.from
	if c.offered != nil && c.offered.terms.to.IsValid() {
		towards = c.offered.terms.to.Addr()
	}
	end, err := s.end(c.transport, towards)
	if err != nil {
		return err
	}
	if c.pair, err = openPair(end.bound, s.c.First, s.c.Last); err != nil {
		return err
	}
	c.local = local{address: end.told, port: c.pair.port(), id: uint64(rand.Uint32())}
	c.contact = end.contact(c.transport, "")
	return nil
}

// end is where one end of a call, ours, is reached.
type end struct {
	bound netip.Addr // this machine's
	told  netip.Addr // as others know it
	port  uint16     // of SIP
}

// end is ours for who is there.
func (s *Server) end(transport string, towards netip.Addr) (e end, err error) {
	at := s.plain
	if transport == "TLS" {
		at = s.tls
	}
	e = end{bound: at.Addr().Unmap(), port: at.Port()}
	if e.bound.IsUnspecified() {
		if e.bound, err = localAddress(towards); err != nil {
			return e, err
		}
	}
	if e.told = e.bound; s.c.External.IsValid() {
		e.told = s.c.External
	}
	return e, nil
}

// contact is how others find us there.
func (e end) contact(transport, user string) sip.ContactHeader {
	c := sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: user, Host: e.told.String(), Port: int(e.port)}}
	c.Address.UriParams.Add("transport", strings.ToLower(transport))
	return c
}

// run hands the sound to the handler and hangs up when it returns.
func (c *call) run(agreed *terms) {
	leg := newLeg(c.s.ctx, c.ended, func() { go c.hangUp() }, c.pair, c.vouched)
	leg.agreed.Store(agreed)
	c.mu.Lock()
	c.leg = leg
	c.mu.Unlock()
	c.timers.start(c)
	func() {
		defer c.s.recoverFrom("a call") // others go on
		c.s.c.Handler(c.s.ctx, leg)
	}()
	leg.bye(time.Now())
	c.hangUp()
}

// vouched says whether sound may go to an address before any came from it. Where anybody may call, a call's description could name
// somebody who never called: then it is only where the call itself comes from.
func (c *call) vouched(to netip.Addr) bool {
	return c.invited == nil || len(c.s.c.Peers) > 0 || c.s.trunk.is(c.from) || c.from.IsLoopback() || to.Unmap() == c.from
}

// response is a response within the call.
func (c *call) response(req *sip.Request, code int, reason string, body []byte, headers ...string) *sip.Response {
	res := c.s.response(req, code, reason, body, headers...)
	if code > 100 {
		res.To().Params.Add("tag", c.tag)
		res.AppendHeader(c.contact.Clone())
	}
	return res
}

// follows takes a request's number and source over; false where it is older than another that came.
func (c *call) follows(req *sip.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if req.CSeq().SeqNo < c.heard || c.policy.secure && req.Transport() != "TLS" {
		return false
	}
	c.heard, c.source, c.transport = req.CSeq().SeqNo, req.Source(), req.Transport()
	return true
}

// expect says which INVITE's ACK is awaited.
func (c *call) expect(number uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.awaited = number
	select {
	case <-c.acks: // of an earlier one that nobody waited for any more
	default:
	}
}

// acknowledge takes an ACK.
func (c *call) acknowledge(req *sip.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if req.CSeq().SeqNo != c.awaited {
		return
	}
	c.awaited = 0
	c.acks <- req // there is room for the one that is awaited
}

// bye is the other end hanging up.
func (c *call) bye(req *sip.Request, tx *sip.ServerTx) {
	c.end()
	_ = tx.Respond(c.s.response(req, 200, "OK", nil)) // it comes again where the answer was lost
}

// request sends a request within the call to where its latest came from, and waits for the answer.
func (c *call) request(ctx context.Context, method sip.RequestMethod, headers ...string) (*sip.Response, error) {
	res, err := c.s.ask(ctx, c.newRequest(method, headers))
	if err != nil || !challenges(res) || c.invited != nil || !c.s.trunk.is(c.from) { // who called us has nothing to ask: a proxy carries their words too
		return res, err
	}
	proof, err := c.s.trunk.prove(res, method, c.currentTarget(), nil)
	if err != nil {
		return res, nil // it stays refused
	}
	return c.s.ask(ctx, c.newRequest(method, append(headers, proof.name, proof.value)))
}

// newRequest writes a request within the call.
func (c *call) newRequest(method sip.RequestMethod, headers []string) *sip.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next(method, headers, nil)
}

// currentTarget is whom requests are for now.
func (c *call) currentTarget() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.target.String()
}

// ask sends a request and waits for its final answer. Its errors say nothing of the other end.
func (s *Server) ask(ctx context.Context, req *sip.Request) (*sip.Response, error) {
	tx, err := s.tx.Request(ctx, req)
	if err != nil {
		return nil, errNotSent // the library's error names addresses
	}
	defer tx.Terminate()
	return await(ctx, tx)
}

// await is a request's final answer.
func await(ctx context.Context, tx *sip.ClientTx) (*sip.Response, error) {
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, errNotAnswered
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}
