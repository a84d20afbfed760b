package sip

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// firstAnswer is how long the trunk may say nothing at all to an INVITE.
	firstAnswer = 5 * time.Second
	// longestRing is how long it may ring, whatever the caller's patience (timer C, RFC 3261 §16.6).
	longestRing = 3 * time.Minute
	// mostInvites is how often a call is begun anew: who we are for two proxies, and the session timer.
	mostInvites = 4
	// tooSmall is what a session timer is refused with (RFC 4028 §6).
	tooSmall = 422
	// mostForks is at how many telephones a call may ring at once.
	mostForks = 16
)

// outgoing is a call that was made from here, as a sound.Call.
type outgoing struct {
	*leg
	c     *call
	first *sip.Request // the INVITE that counts
	tx    *sip.ClientTx
	rang  bool // the trunk has said something to it

	hear      func(*sound.Frame) // what comes before the answer
	listening chan struct{}      // closed to stop that; nil: there is none
	listened  chan struct{}

	mu  sync.Mutex
	ack *sip.Request // repeated with the answer

	hung sync.Once
}

// HangUp implements sound.Call. It doesn't wait until the other end knows.
func (o *outgoing) HangUp() {
	o.hung.Do(func() {
		o.leg.bye(time.Now())
		o.c.timers.stop()
		o.c.pair.close()
		go func() {
			defer o.c.s.endDialling()
			defer o.c.s.leave(o.c)
			o.c.hangUp()
		}()
	})
}

// invite calls until there is an answer for good.
func (o *outgoing) invite(ctx context.Context) error {
	body, err := o.c.local.offer(o.c.policy)
	if err != nil {
		return sound.ErrNoWay
	}
	session, shortest, proofs := usual, leastSession, map[string]string{}
	for range mostInvites {
		// The other end renews the session: what it may think of UPDATE is no matter then.
		headers := []string{"Allow", allow, "Supported", supported, "Session-Expires", seconds(session) + ";refresher=uas", "Min-SE", seconds(shortest), "Content-Type", sdpType}
		for name, value := range proofs {
			headers = append(headers, name, value)
		}
		res, err := o.attempt(ctx, headers, body)
		switch {
		case err != nil:
			return err
		case res.IsSuccess():
			return o.confirm(res)
		case challenges(res):
			proof, err := o.c.s.trunk.prove(res, sip.INVITE, o.first.Recipient.String(), body)
			if errors.Is(err, ErrTrunkSecret) || errors.Is(err, ErrTrunkRealm) {
				o.c.s.c.Log.Warn("a call couldn't go out", "why", err)
				return sound.ErrUnproved
			}
			if _, given := proofs[proof.name]; err != nil || given && !proof.stale {
				return sound.ErrRefused
			}
			proofs[proof.name] = proof.value
		case res.StatusCode == tooSmall && shortest == leastSession:
			shortest = leastInterval(res)
			session = max(session, shortest)
		default:
			return failure(res.StatusCode)
		}
	}
	return sound.ErrRefused
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d.Seconds())) }

// leastInterval is the shortest session timer that a response says is taken.
func leastInterval(res *sip.Response) time.Duration {
	if h := res.GetHeader("min-se"); h != nil {
		number, _, _ := strings.Cut(h.Value(), ";")
		if n, err := strconv.ParseUint(strings.TrimSpace(number), 10, 31); err == nil {
			return max(leastSession, time.Duration(n)*time.Second)
		}
	}
	return 2 * usual
}

// failure is what a final answer means for who wanted to call.
func failure(code int) error {
	switch {
	case code == 486 || code == 600 || code == 603:
		return sound.ErrBusy
	case code == 408 || code == 480 || code == 487:
		return sound.ErrNoAnswer
	case code >= 500 && code < 600:
		return sound.ErrNoWay
	}
	return sound.ErrRefused // 3xx too: nobody sends a call of ours elsewhere
}

// attempt sends one INVITE and waits for its final answer.
func (o *outgoing) attempt(ctx context.Context, headers []string, body []byte) (*sip.Response, error) {
	o.c.mu.Lock()
	o.first, o.rang = o.c.next(sip.INVITE, headers, body), false
	o.c.mu.Unlock()
	reaching, cancel := context.WithTimeout(ctx, connecting)
	defer cancel()
	var err error
	if o.tx, err = o.c.s.tx.Request(reaching, o.first); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, sound.ErrNoWay // the library's error names addresses
	}
	o.tx.OnRetransmission(o.again)
	silent, long := time.NewTimer(firstAnswer), time.NewTimer(longestRing)
	defer silent.Stop()
	defer long.Stop()
	for {
		select {
		case res := <-o.tx.Responses():
			if !res.IsProvisional() {
				return res, nil
			}
			silent.Stop()
			o.rang = true
			o.ring(res)
		case <-o.tx.Done():
			return nil, sound.ErrNoWay
		case <-silent.C:
			go o.giveUp()
			return nil, sound.ErrNoWay
		case <-long.C:
			go o.giveUp()
			return nil, sound.ErrNoAnswer
		case <-o.c.ended:
			go o.giveUp()
			return nil, sound.ErrNoAnswer
		case <-ctx.Done():
			go o.giveUp()
			return nil, ctx.Err()
		case <-o.c.s.ctx.Done():
			go o.giveUp()
			return nil, sound.ErrNoWay
		}
	}
}

// ring takes a provisional answer.
func (o *outgoing) ring(res *sip.Response) {
	if responseTag(res) == "" {
		return
	}
	o.c.mu.Lock()
	early := o.c.answeredBy(res)
	o.c.mu.Unlock()
	if len(o.c.ids) < mostForks && !slices.Contains(o.c.ids, early.id()) {
		o.c.s.enter(o.c, early.id())
	}
	if agreed, err := o.c.local.readAnswer(res.Body(), o.c.policy); err == nil {
		o.listen(agreed)
	}
}

// listen hears what comes before the answer, and keeps the way open for it.
func (o *outgoing) listen(agreed *terms) {
	o.agreed.Store(agreed)
	if o.listening != nil {
		return
	}
	o.listening, o.listened = make(chan struct{}), make(chan struct{})
	go func() {
		defer close(o.listened)
		defer o.c.s.recoverFrom("listening to a call before its answer")
		for {
			select {
			case <-o.listening:
				return
			default:
			}
			in, _, err := o.Flow(nil)
			if err != nil {
				return
			}
			o.heardAt = time.Now() // what rings in silence isn't over
			if o.hear != nil {
				o.hear(in)
			}
		}
	}()
}

// stopListening has the leg to itself once it returns.
func (o *outgoing) stopListening() {
	if o.listening == nil {
		return
	}
	close(o.listening)
	<-o.listened
	o.heardAt = time.Now()
}

// confirm takes the answer: the call stands, and its sound is agreed on.
func (o *outgoing) confirm(res *sip.Response) error {
	c := o.c
	if responseTag(res) == "" {
		return sound.ErrRefused // it can't be acknowledged
	}
	c.mu.Lock()
	c.dialog = c.answeredBy(res)
	c.stands, c.leg = true, o.leg
	ack := c.write(sip.ACK, o.first.CSeq().SeqNo, nil, nil)
	c.mu.Unlock()
	c.s.enter(c, c.id())
	o.acknowledge(ack)
	agreed, err := c.local.readAnswer(res.Body(), c.policy)
	if early := o.agreed.Load(); err != nil && len(res.Body()) == 0 && early != nil {
		agreed, err = early, nil // it was said before
	}
	if err != nil {
		go c.hangUp()
		return sound.ErrRefused
	}
	o.agreed.Store(agreed)
	c.timers.confirm(res)
	c.timers.start(c)
	return nil
}

// acknowledge sends the ACK of the answer, which is ours to repeat (RFC 3261 §13.2.2.4).
func (o *outgoing) acknowledge(ack *sip.Request) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ack = ack
	_ = o.c.s.transport.WriteMsg(ack.Clone()) // the answer comes again where this was lost
}

// again takes an answer that comes once more, and one of another telephone, which came too late: it is hung up.
func (o *outgoing) again(res *sip.Response) {
	o.mu.Lock()
	ack := o.ack
	o.mu.Unlock()
	switch {
	case ack == nil: // the first one is still being read
	case responseTag(res) == tagOf(ack.To().Params):
		o.acknowledge(ack)
	default:
		o.dismiss(res)
	}
}

// giveUp cancels the INVITE, though not before the trunk has said anything to it: the CANCEL might come first (RFC 3261 §9.1). Who
// answers meanwhile is hung up.
func (o *outgoing) giveUp() {
	defer o.c.s.recoverFrom("giving a call up")
	cancelled := o.rang
	if cancelled {
		o.cancel()
	}
	enough := time.NewTimer(64 * sip.T1)
	defer enough.Stop()
	for {
		select {
		case res := <-o.tx.Responses():
			switch {
			case res.IsSuccess():
				o.dismiss(res)
				return
			case !res.IsProvisional():
				return
			case !cancelled:
				cancelled = true
				o.cancel()
			}
		case <-o.tx.Done():
			return
		case <-enough.C:
			o.tx.Terminate()
			return
		}
	}
}

func (o *outgoing) cancel() {
	o.c.mu.Lock()
	req := o.c.cancellation(o.first)
	o.c.mu.Unlock()
	o.inform(req)
}

// dismiss acknowledges an answer that nobody waits for and hangs up.
func (o *outgoing) dismiss(res *sip.Response) {
	if responseTag(res) == "" {
		return
	}
	o.c.mu.Lock()
	stray := o.c.answeredBy(res)
	o.c.mu.Unlock()
	_ = o.c.s.transport.WriteMsg(stray.write(sip.ACK, o.first.CSeq().SeqNo, nil, nil)) // the answer comes again where this was lost
	o.inform(stray.next(sip.BYE, nil, nil))
}

// inform sends a request whose answer is of no use.
func (o *outgoing) inform(req *sip.Request) {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 64*sip.T1)
		defer cancel()
		_, _ = o.c.s.ask(ctx, req) // it is repeated until it is answered
	}()
}
