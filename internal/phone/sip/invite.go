package sip

import (
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// invite answers a call: it rings, is taken, and has the handler until one end hangs up.
func (s *Server) invite(req *sip.Request, tx *sip.ServerTx) {
	if code, reason, headers := s.screen(req); code != 0 {
		s.refuse(req, tx, code, reason, headers...)
		return
	}
	if req.Contact() == nil || tagOf(req.From().Params) == "" {
		s.refuse(req, tx, 400, "Bad Request")
		return
	}
	if s.isDraining() {
		s.refuse(req, tx, 503, "Service Unavailable", "Retry-After", retryStopping)
		return
	}
	first := callID(req) + "\x00" + tagOf(req.From().Params) + "\x00" + req.CSeq().String()
	if !s.begin(first) {
		s.refuse(req, tx, 482, "Loop Detected") // it came here by two ways (RFC 3261 §8.2.2.2)
		return
	}
	defer s.forget(first)
	c, code, reason := s.newCall(req)
	if code != 0 {
		s.refuse(req, tx, code, reason)
		return
	}
	defer c.timers.stop()
	free, ok := s.takeLine(c.from)
	if !ok {
		s.refuse(req, tx, 486, "Busy Here", "Retry-After", retryBusy)
		return
	}
	defer free()
	if err := c.openSound(s); err != nil {
		s.c.Log.Error("a call found no way for its sound", "error", err)
		s.refuse(req, tx, 503, "Service Unavailable", "Retry-After", retryBusy)
		return
	}
	defer c.pair.close()
	c.take(req, tx)
}

// begin notes that an INVITE is being answered; false where it is already.
func (s *Server) begin(first string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.invites[first] {
		return false
	}
	s.invites[first] = true
	return true
}

func (s *Server) forget(first string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.invites, first)
}

// newCall makes a call of an INVITE, with the terms of its offer; with a code where it must be refused.
func (s *Server) newCall(req *sip.Request) (c *call, code int, reason string) {
	from, err := netip.ParseAddrPort(req.Source())
	if err != nil {
		return nil, 400, "Bad Request"
	}
	c = &call{
		s: s, invited: req, tag: randomToken(8), from: from.Addr().Unmap(), heard: req.CSeq().SeqNo, stands: true,
		policy: policy{secure: req.Transport() == "TLS", clear: req.Transport() != "TLS" || s.c.Clear},
		acks:   make(chan *sip.Request, 1), ended: make(chan struct{}),
		dialog: dialog{
			callID: req.CallID(), ours: req.To().AsFrom(), theirs: req.From().AsTo(), target: *req.Contact().Address.Clone(), said: 1,
			source: req.Source(), transport: req.Transport(), socket: s.udpSocket(),
		},
	}
	c.ours.Params.Add("tag", c.tag)
	for _, h := range req.GetHeaders("record-route") {
		c.routes = append(c.routes, h.Value())
	}
	if len(req.Body()) > 0 {
		c.offered, err = readOffer(req.Body(), c.policy)
		switch {
		case errors.Is(err, errDescription):
			return nil, 400, "Bad Request"
		case err != nil:
			return nil, 488, "Not Acceptable Here"
		}
	}
	return c, 0, ""
}

// take rings, answers, and runs the call to its end.
func (c *call) take(req *sip.Request, tx *sip.ServerTx) {
	hungUp := make(chan struct{})
	cancel := sync.OnceFunc(func() { close(hungUp) })
	if !tx.OnCancel(func(*sip.Request) { cancel() }) {
		return
	}
	for _, r := range []struct {
		code   int
		reason string
	}{{100, "Trying"}, {180, "Ringing"}} {
		if err := tx.Respond(c.response(req, r.code, r.reason, nil)); err != nil {
			return // the transaction is gone, or its connection
		}
	}
	ring := time.NewTimer(c.s.c.Ring)
	defer ring.Stop()
	select {
	case <-ring.C:
	case <-hungUp: // the transaction has said 487
		return
	case <-tx.Done():
		return
	case <-c.s.ctx.Done():
		c.s.refuse(req, tx, 503, "Service Unavailable", "Retry-After", retryStopping)
		return
	}
	body, agreed, err := c.describe()
	if err != nil {
		c.s.c.Log.Error("a call couldn't be described", "error", err)
		c.s.refuse(req, tx, 500, "Server Internal Error")
		return
	}
	c.s.enter(c, c.id())
	defer c.s.leave(c)
	ack, ok := c.accept(req, tx, body, c.timers.negotiate(req))
	if !ok {
		return
	}
	if agreed == nil { // we made the offer
		if agreed, err = c.local.readAnswer(ack.Body(), c.policy); err != nil {
			c.hangUp()
			return
		}
	}
	tx.TerminateGracefully()
	c.run(agreed)
}

// describe is our description in the 200, and, where the other end made the offer, what was agreed on.
func (c *call) describe() ([]byte, *terms, error) {
	if c.offered == nil {
		c.local.key = newMaterial()
		body, err := c.local.offer(c.policy)
		return body, nil, err
	}
	return c.offered.answer(&c.local, nil)
}

// accept says 200 until it is acknowledged (RFC 3261 §13.3.1.4); false where the call ended before. Nobody who doesn't acknowledge is waited for
// longer than 32 s.
func (c *call) accept(req *sip.Request, tx *sip.ServerTx, body []byte, headers []string) (*sip.Request, bool) {
	c.expect(req.CSeq().SeqNo)
	headers = append(headers, "Allow", allow, "Supported", supported, "Content-Type", sdpType)
	ok := c.response(req, 200, "OK", body, headers...)
	again, enough := sip.T1, time.NewTimer(64*sip.T1)
	defer enough.Stop()
	for {
		if err := tx.Respond(ok); err != nil {
			return nil, false
		}
		wait := time.NewTimer(again)
		select {
		case ack := <-c.acks:
			wait.Stop()
			return ack, true
		case ack := <-tx.Acks(): // under the INVITE's own branch, as some send it, or of a call that was cancelled meanwhile
			wait.Stop()
			return ack, !errors.Is(tx.Err(), sip.ErrTransactionCanceled)
		case <-c.ended:
			wait.Stop()
			return nil, false
		case <-enough.C:
			wait.Stop()
			c.hangUp()
			return nil, false
		case <-c.s.ctx.Done():
			wait.Stop()
			c.hangUp()
			return nil, false
		case <-wait.C:
			again = min(2*again, sip.T2)
		}
	}
}

// enter has requests within a dialog find their call.
func (s *Server) enter(c *call, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialogs[id] = c
	c.ids = append(c.ids, id)
}

func (s *Server) leave(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range c.ids {
		delete(s.dialogs, id)
	}
}
