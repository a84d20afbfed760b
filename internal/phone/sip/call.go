package sip

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// call is a dialog (RFC 3261 §12) with its sound.
type call struct {
	s       *Server
	id      string
	invited *sip.Request // read only
	tag     string       // ours
	from    netip.Addr   // where the INVITE came from
	policy  policy
	offered *offer // nil: the other end wants ours
	contact sip.ContactHeader
	pair    *pair
	acks    chan *sip.Request
	timers  timers

	mu        sync.Mutex
	source    string // where the latest request came from: the only place that is sent to
	transport string
	target    sip.Uri
	heard     uint32 // their latest CSeq
	said      uint32 // ours
	awaited   uint32 // the CSeq whose ACK is awaited; 0: none
	changing  bool   // a re-INVITE is being answered
	local     local
	leg       *leg

	once  sync.Once
	ended chan struct{}
}

// end ends the call, once.
func (c *call) end() { c.once.Do(func() { close(c.ended) }) }

// hangUp ends the call and tells the other end.
func (c *call) hangUp() {
	select {
	case <-c.ended:
		return
	default:
	}
	c.end()
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
	bound := s.plain.Addr()
	if c.transport == "TLS" {
		bound = s.tls.Addr()
	}
	bound = bound.Unmap()
	if bound.IsUnspecified() {
		towards := c.from
		if c.offered != nil && c.offered.terms.to.IsValid() {
			towards = c.offered.terms.to.Addr()
		}
		var err error
		if bound, err = localAddress(towards); err != nil {
			return err
		}
	}
	var err error
	if c.pair, err = openPair(bound, s.c.First, s.c.Last); err != nil {
		return err
	}
	told := bound
	if s.c.External.IsValid() {
		told = s.c.External
	}
	c.local = local{address: told, port: c.pair.port(), id: uint64(rand.Uint32())}
	port := s.plain.Port()
	if c.transport == "TLS" {
		port = s.tls.Port()
	}
	c.contact = sip.ContactHeader{Address: sip.Uri{Scheme: "sip", Host: told.String(), Port: int(port)}}
	c.contact.Address.UriParams.Add("transport", strings.ToLower(c.transport))
	return nil
}

// run hands the sound to the handler and hangs up when it returns.
func (c *call) run(agreed *terms) {
	leg := newLeg(c.s.ctx, c.ended, func() { go c.hangUp() }, c.pair, c.callerNumber)
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

// callerNumber is who the network says is calling: its own word before the phone's (RFC 3325), and nobody who asked to stay unknown.
func (c *call) callerNumber() string {
	for _, wish := range tokens(c.invited, "privacy") {
		if strings.Contains(wish, "id") || strings.Contains(wish, "user") {
			return ""
		}
	}
	user := c.invited.From().Address.User
	if h := c.invited.GetHeader("p-asserted-identity"); h != nil {
		var uri sip.Uri
		if _, err := sip.ParseAddressValue(h.Value(), &uri, nil); err == nil {
			user = uri.User
			if uri.Scheme == "tel" {
				user = uri.Raw()
			}
		}
	}
	if user == "anonymous" {
		return ""
	}
	return user
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
	tx, err := c.s.tx.Request(ctx, c.newRequest(method, headers))
	if err != nil {
		return nil, fmt.Errorf("sending %s: %w", method, err)
	}
	defer tx.Terminate()
	for {
		select {
		case res := <-tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
		case <-tx.Done():
			return nil, errors.Join(tx.Err(), context.DeadlineExceeded)
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// newRequest writes a request within the call (RFC 3261 §12.2.1.1).
func (c *call) newRequest(method sip.RequestMethod, headers []string) *sip.Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.said++
	req := sip.NewRequest(method, *c.target.Clone())
	via := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: c.transport, Host: c.contact.Address.Host, Port: c.contact.Address.Port}
	via.Params.Add("branch", sip.GenerateBranchN(16))
	via.Params.Add("rport", "")
	from, to := c.invited.To().AsFrom(), c.invited.From().AsTo()
	from.Params.Add("tag", c.tag)
	forwards := sip.MaxForwardsHeader(70)
	for _, h := range []sip.Header{via, &from, &to, sip.HeaderClone(c.invited.CallID()), &sip.CSeqHeader{SeqNo: c.said, MethodName: method}, &forwards} {
		req.AppendHeader(h)
	}
	for _, route := range c.invited.GetHeaders("record-route") {
		req.AppendHeader(sip.NewHeader("Route", route.Value()))
	}
	if method == sip.UPDATE {
		req.AppendHeader(c.contact.Clone())
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.AppendHeader(sip.NewHeader(headers[i], headers[i+1]))
	}
	req.SetBody(nil)
	req.SetTransport(c.transport)
	req.SetDestination(c.source)
	if c.transport == "UDP" { // by the socket that it came on, which a NAT on the way knows
		at := c.s.plain
		req.Laddr = sip.Addr{IP: net.IP(at.Addr().AsSlice()), Port: int(at.Port())}
	}
	return req
}
