package sip

import (
	"errors"

	"github.com/emiago/sipgo/sip"
)

// reinvite changes a call that goes on: hold, resume, another law, another address (RFC 3261 §14.2). What can't be changed stays as it was.
func (c *call) reinvite(req *sip.Request, tx *sip.ServerTx) {
	if code, reason, headers := c.s.screen(req); code != 0 {
		c.s.refuse(req, tx, code, reason, headers...)
		return
	}
	if !c.beginChange() {
		c.refuseChange(req, tx)
		return
	}
	defer c.endChange()
	body, agreed, code, reason := c.renegotiate(req)
	if code != 0 {
		c.s.refuse(req, tx, code, reason)
		return
	}
	ack, ok := c.accept(req, tx, body, c.timers.negotiate(req))
	if !ok {
		return
	}
	if agreed == nil {
		var err error
		if agreed, err = c.local.readAnswer(ack.Body(), c.policy); err != nil {
			c.hangUp()
			return
		}
	}
	c.change(req, agreed)
}

// update renews a session's timer, and changes the call where it has an offer (RFC 3311).
func (c *call) update(req *sip.Request, tx *sip.ServerTx) {
	if code, reason, headers := c.s.screen(req); code != 0 {
		c.s.refuse(req, tx, code, reason, headers...)
		return
	}
	if len(req.Body()) == 0 {
		_ = tx.Respond(c.response(req, 200, "OK", nil, append(c.timers.negotiate(req), "Allow", allow, "Supported", supported)...))
		c.timers.start(c)
		return
	}
	if !c.beginChange() {
		c.refuseChange(req, tx)
		return
	}
	defer c.endChange()
	body, agreed, code, reason := c.renegotiate(req)
	if code != 0 {
		c.s.refuse(req, tx, code, reason)
		return
	}
	headers := append(c.timers.negotiate(req), "Allow", allow, "Supported", supported, "Content-Type", sdpType)
	if err := tx.Respond(c.response(req, 200, "OK", body, headers...)); err == nil {
		c.change(req, agreed)
	}
}

// beginChange says whether the call can be changed now: it runs, and no other change is under way.
func (c *call) beginChange() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changing || c.leg == nil {
		return false
	}
	c.changing = true
	return true
}

// refuseChange asks to try again, once what is under way is over (RFC 3261 §14.2).
func (c *call) refuseChange(req *sip.Request, tx *sip.ServerTx) {
	if c.invited == nil && !c.standing() { // our own INVITE
		c.s.refuse(req, tx, statusPending, "Request Pending")
		return
	}
	c.s.refuse(req, tx, 500, "Server Internal Error", "Retry-After", "2")
}

// standing says whether the call was answered.
func (c *call) standing() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stands
}

func (c *call) endChange() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changing = false
}

// renegotiate answers the request's offer, or makes one where it has none; the terms are nil then. Who changes the call has c.local to
// themself.
func (c *call) renegotiate(req *sip.Request) (body []byte, agreed *terms, code int, reason string) {
	if len(req.Body()) == 0 {
		if c.local.key == nil {
			c.local.key = newMaterial()
		}
		body, err := c.local.offer(c.policy)
		if err != nil {
			return nil, nil, 500, "Server Internal Error"
		}
		return body, nil, 0, ""
	}
	o, err := readOffer(req.Body(), c.policy)
	switch {
	case errors.Is(err, errDescription):
		return nil, nil, 400, "Bad Request"
	case err != nil:
		return nil, nil, 488, "Not Acceptable Here"
	}
	body, agreed, err = o.answer(&c.local, c.leg.agreed.Load())
	if err != nil {
		return nil, nil, 500, "Server Internal Error"
	}
	return body, agreed, 0, ""
}

// change puts what was agreed on into force.
func (c *call) change(req *sip.Request, agreed *terms) {
	if contact := req.Contact(); contact != nil {
		c.mu.Lock()
		c.target = *contact.Address.Clone()
		c.mu.Unlock()
	}
	c.leg.agreed.Store(agreed)
	c.timers.start(c)
}
