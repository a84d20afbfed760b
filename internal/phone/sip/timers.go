package sip

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
)

// statusPending refuses what would change a call that is being changed (RFC 3261 §14.1).
const statusPending = 491

// usual is the session timer that we ask for where the other end knows of them and names none.
const usual = 30 * time.Minute

// sessionInterval is a session timer (RFC 4028): a call of which nobody heard for so long is over.
type sessionInterval struct {
	interval time.Duration
	ours     bool // we renew it
}

// timers keep a call's session timer.
type timers struct {
	mu     sync.Mutex
	agreed sessionInterval // none where its interval is 0
	next   *time.Timer
	over   bool
}

// sessionTimer is what a message says; false where it says nothing. us is what it calls our end.
func sessionTimer(m interface{ GetHeader(string) sip.Header }, us string) (sessionInterval, bool) {
	for _, name := range []string{"session-expires", "x"} {
		h := m.GetHeader(name)
		if h == nil {
			continue
		}
		number, params, _ := strings.Cut(h.Value(), ";")
		seconds, err := strconv.ParseUint(strings.TrimSpace(number), 10, 31)
		if err != nil {
			return sessionInterval{}, false
		}
		ours := strings.Contains(strings.ToLower(strings.ReplaceAll(params, " ", "")), "refresher="+us)
		return sessionInterval{time.Duration(seconds) * time.Second, ours}, true
	}
	return sessionInterval{}, false
}

// negotiate is the headers of a 200 that say who renews the session, and when. The caller does, unless they ask us to; who knows nothing of timers has
// none.
func (t *timers) negotiate(req *sip.Request) []string {
	asked, ok := sessionTimer(req, "uas")
	knows := slices.Contains(append(tokens(req, "supported", "k"), tokens(req, "require")...), supported)
	switch {
	case !knows:
		asked = sessionInterval{}
	case !ok:
		asked = sessionInterval{interval: usual}
	}
	t.mu.Lock()
	t.agreed = asked
	t.mu.Unlock()
	if asked.interval == 0 {
		return nil
	}
	value := strconv.Itoa(int(asked.interval.Seconds()))
	if asked.ours {
		return []string{"Session-Expires", value + ";refresher=uas"}
	}
	return []string{"Session-Expires", value + ";refresher=uac", "Require", supported}
}

// confirm takes over what the answer to our INVITE says.
func (t *timers) confirm(res *sip.Response) {
	said, _ := sessionTimer(res, "uac")
	t.mu.Lock()
	defer t.mu.Unlock()
	t.agreed = said
}

// start lets the time run anew.
func (t *timers) start(c *call) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next != nil {
		t.next.Stop()
	}
	if t.over || t.agreed.interval == 0 {
		return
	}
	if t.agreed.ours {
		t.next = time.AfterFunc(t.agreed.interval/2, c.renew)
		return
	}
	// A little before the end, so that the BYE still finds the session (§10).
	t.next = time.AfterFunc(t.agreed.interval-min(32*time.Second, t.agreed.interval/3), c.hangUp)
}

func (t *timers) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.over = true
	if t.next != nil {
		t.next.Stop()
	}
}

// renew shows the other end that we are there, and finds out whether it is.
func (c *call) renew() {
	defer c.s.recoverFrom("renewing a session")
	c.timers.mu.Lock()
	value := strconv.Itoa(int(c.timers.agreed.interval.Seconds()))
	c.timers.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), 64*sip.T1)
	defer cancel()
	res, err := c.request(ctx, sip.UPDATE, "Session-Expires", value+";refresher=uac", "Supported", supported)
	if err == nil && (res.StatusCode == sip.StatusMethodNotAllowed || res.StatusCode == sip.StatusNotImplemented) {
		res, err = c.renewByInvite(ctx, value)
	}
	if err != nil || res.StatusCode == sip.StatusRequestTimeout || res.StatusCode == sip.StatusCallTransactionDoesNotExists {
		c.hangUp()
		return
	}
	c.timers.start(c) // whatever else it thinks of it, it is there
}

// renewByInvite is renew for who knows no UPDATE: an INVITE that offers what is (RFC 4028 §7.4). A change of the other end's that is under
// way renews the session as well, and is 491 here.
func (c *call) renewByInvite(ctx context.Context, value string) (*sip.Response, error) {
	if !c.beginChange() {
		return &sip.Response{StatusCode: statusPending}, nil
	}
	defer c.endChange()
	p := c.policy
	p.secure = p.secure && c.leg.agreed.Load().crypto != nil
	if c.local.key == nil {
		c.local.key = newMaterial()
	}
	body, err := c.local.offer(p)
	if err != nil {
		return nil, err
	}
	headers := []string{"Allow", allow, "Supported", supported, "Session-Expires", value + ";refresher=uac", "Content-Type", sdpType}
	req, res, err := c.inviteAnew(ctx, headers, body)
	if err == nil && challenges(res) && c.invited == nil && c.s.trunk.is(c.from) {
		proof, failed := c.s.trunk.prove(res, sip.INVITE, c.currentTarget(), body)
		if failed != nil {
			return res, nil // it stays refused
		}
		req, res, err = c.inviteAnew(ctx, append(headers, proof.name, proof.value), body)
	}
	if err != nil || !res.IsSuccess() {
		return res, err
	}
	c.mu.Lock()
	if contact := res.Contact(); contact != nil {
		c.target = *contact.Address.Clone()
	}
	ack := c.write(sip.ACK, req.CSeq().SeqNo, nil, nil)
	c.mu.Unlock()
	_ = c.s.transport.WriteMsg(ack) // the answer comes again where this was lost
	if agreed, err := c.local.readAnswer(res.Body(), p); err == nil {
		c.leg.agreed.Store(agreed)
	}
	return res, nil
}

// inviteAnew sends an INVITE within the call and waits for its final answer. One that comes again is acknowledged again.
func (c *call) inviteAnew(ctx context.Context, headers []string, body []byte) (*sip.Request, *sip.Response, error) {
	c.mu.Lock()
	req := c.next(sip.INVITE, headers, body)
	c.mu.Unlock()
	tx, err := c.s.tx.Request(ctx, req)
	if err != nil {
		return nil, nil, errNotSent // the library's error names addresses
	}
	tx.OnRetransmission(func(*sip.Response) {
		c.mu.Lock()
		ack := c.write(sip.ACK, req.CSeq().SeqNo, nil, nil)
		c.mu.Unlock()
		_ = c.s.transport.WriteMsg(ack) // and again where it is lost again
	})
	res, err := await(ctx, tx)
	if err != nil || !res.IsSuccess() {
		tx.Terminate()
	}
	return req, res, err
}
