package sip

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// patience is how long a call lives without a packet of sound where sound was promised.
	patience = 60 * time.Second
	// holdPatience is how long the other end may hold a call.
	holdPatience = 10 * time.Minute
	// behind is how late a Step may be and still catch up, so that nothing that was said is lost to a busy machine. A handler that was busy
	// for longer goes on from now. What the jitter buffer holds is more.
	behind = 40 * sound.FrameTime
	// restingBehind is the same for a call that is recorded.
	restingBehind = 60 * sound.FrameTime
	// burst is how many packets of a call one Step of 20 ms takes in: a flood waits in the socket, and is lost there.
	burst = 64
	// strangers is how many packets are looked at for one that may be the call's: a stranger's keep none of those away.
	strangers = 8
)

// leg is a sound.Leg over RTP. One goroutine has all of it but the terms, which the signalling puts there, and the end.
type leg struct {
	ctx     context.Context
	agreed  atomic.Pointer[terms] // the latest
	ended   <-chan struct{}       // closed once the call is over
	lose    func()                // ends the call since nobody is there
	started bool
	due     time.Time // when the next Step returns
	heardAt time.Time // when sound came last, or wasn't to be expected
	heldAt  time.Time // since when it is held; zero: it isn't

	recorded bool // nothing that is said or pressed is answered at once
	unread   int  // turns since what had come was taken in
	drained  int  // how often what had come was taken in since the call is over

	stream
	keys   keys
	jitter jitter
	in     sound.Frame
}

// newLeg is the sound of a call; vouched is source's.
func newLeg(ctx context.Context, ended <-chan struct{}, lose func(), p *pair, vouched func(netip.Addr) bool) *leg {
	l := &leg{ctx: ctx, ended: ended, lose: lose, stream: newStream(p)}
	l.source.vouched = vouched
	return l
}

// String keeps whoever prints a leg from printing what it holds.
func (l *leg) String() string { return "a call" }

// Step implements sound.Leg. While the other end holds the call, time stands still for whoever steps.
func (l *leg) Step(out *sound.Frame) (*sound.Frame, string, error) {
	for !l.hurries(out) {
		if err := l.turn(out); err != nil {
			return l.last(err)
		}
		if held, err := l.held(); err != nil {
			return l.last(err)
		} else if !held || l.recorded && l.jitter.depth() > 0 {
			break
		}
		out = nil
	}
	l.jitter.next(&l.in)
	return &l.in, l.keys.hand(), nil
}

// hurries says whether a frame is handed on without its time passing: more of what is recorded came than is held, and whoever steps isn't behind.
func (l *leg) hurries(out *sound.Frame) bool {
	return l.recorded && out == nil && l.jitter.depth() > backlog && time.Since(l.due) <= together*sound.FrameTime
}

// mostDrained is how often what came is taken in once a call is over: several times what a socket holds.
const mostDrained = 8

// last gives, of a call that is recorded and that is over, what came and wasn't handed on yet: who hangs up, or is cut off, loses nothing.
func (l *leg) last(err error) (*sound.Frame, string, error) {
	if !errors.Is(err, io.EOF) && l.ctx.Err() == nil {
		return nil, "", err
	}
	if l.recorded && l.terms != nil && l.drained < mostDrained && l.jitter.depth() < sound.FrameSamples {
		l.drained++
		l.listen(time.Now())
	}
	in, is := l.Remains()
	if !is {
		return nil, "", err
	}
	return in, l.keys.hand(), nil
}

// Remains gives, of a call that is recorded, the next frame of what came and wasn't handed on yet, without waiting; false where there is none. It is valid
// until the next one. Whoever ends a recording asks for it before they say so by Recorded.
func (l *leg) Remains() (*sound.Frame, bool) {
	if !l.recorded || l.jitter.depth() <= 0 {
		return nil, false
	}
	l.jitter.next(&l.in)
	return &l.in, true
}

// Flow is Step for whoever can't wait while the other end holds the call: time goes on, in silence.
func (l *leg) Flow(out *sound.Frame) (*sound.Frame, string, error) {
	if err := l.turn(out); err != nil {
		return nil, "", err
	}
	held, err := l.held()
	if err != nil {
		return nil, "", err
	}
	l.jitter.next(&l.in)
	if held {
		l.in = sound.Frame{}
	}
	return &l.in, l.keys.hand(), nil
}

// held says whether the other end holds the call; who holds it for too long has ended it.
func (l *leg) held() (bool, error) {
	if l.terms.hears || l.heldAt.IsZero() {
		return false, nil
	}
	if time.Since(l.heldAt) > holdPatience {
		l.lose()
		return true, io.EOF
	}
	return true, nil
}

// turn is 20 ms: what is to be said goes out, and what has come is taken in.
func (l *leg) turn(out *sound.Frame) error {
	now := time.Now()
	if err := l.begin(now); err != nil {
		return err
	}
	l.speak(out)
	if !l.wait(out == nil) {
		return nil
	}
	if err := l.over(); err != nil {
		return err
	}
	now = time.Now()
	l.listen(now)
	l.exchange(now)
	if now.Sub(l.heardAt) > patience {
		l.lose()
		return io.EOF
	}
	return nil
}

// together is how many frames of a call that is recorded are taken in at one time: a tenth of a second.
const together = 5

// Recorded says whether the call is only recorded from now on: whoever steps the leg needs neither sound nor keys at once. Then it rests for several frames
// at a time, and sends little of the silence that is said meanwhile (ADR 0019).
func (l *leg) Recorded(on bool) {
	if l.recorded == on {
		return
	}
	l.recorded, l.unread = on, 0
	l.stream.rest(on)
	l.jitter.rest(on)
}

// wait lets the time pass until this turn's end, or, where silence is said in a call that is recorded, until several turns' end: the next ones come late then,
// and wait for nothing. It says whether it is time to take in what has come.
func (l *leg) wait(silent bool) bool {
	left := time.Until(l.due)
	l.unread++
	if l.recorded && silent {
		if left <= 0 && l.unread < together {
			return false
		}
		left += (together - 1) * sound.FrameTime
	}
	// One ticker for all calls would cost a third (BenchmarkClocks), and have the packets of all go out in the same moment.
	time.Sleep(left)
	l.unread = 0
	return true
}

// begin sets when this turn ends, and takes over terms that changed.
func (l *leg) begin(now time.Time) error {
	if err := l.over(); err != nil {
		return err
	}
	switch late := now.Sub(l.due); {
	case !l.started:
		l.started, l.due, l.heardAt = true, now, now
		l.timestamp = rand.Uint32()
	case late > behind && !(l.recorded && late <= restingBehind):
		// Nobody stepped: neither sound was made, nor was any listened to.
		missed := int(late / sound.FrameTime)
		l.due = l.due.Add(time.Duration(missed) * sound.FrameTime)
		l.timestamp += uint32(missed * sound.FrameSamples)
		if !l.recorded { // what was said waits in the buffer and the socket
			l.jitter.skip(missed * sound.FrameSamples)
		}
		l.marker = true
		l.heardAt = l.heardAt.Add(late)
	}
	l.due = l.due.Add(sound.FrameTime)
	if t := l.agreed.Load(); t != l.terms {
		if err := l.adopt(t); err != nil {
			return err
		}
		switch {
		case t.hears && !l.heldAt.IsZero():
			l.heldAt = time.Time{}
			l.jitter.renew() // nothing was played meanwhile
		case t.hears:
		case l.heldAt.IsZero():
			l.heldAt = now
		}
	}
	if !l.terms.speaks || !l.terms.hears {
		l.heardAt = now // nothing is promised
	}
	return nil
}

// over says whether and why the call is over.
func (l *leg) over() error {
	if err := l.ctx.Err(); err != nil {
		return err
	}
	select {
	case <-l.ended:
		return io.EOF
	default:
		return nil
	}
}

// listen takes in what has come.
func (l *leg) listen(now time.Time) {
	most := burst
	if l.recorded {
		most *= together
	}
	taken := 0
	for range strangers * most {
		if taken >= most || l.recorded && l.jitter.depth() > restingDepth {
			return // the rest waits in the socket
		}
		raw, from := l.pair.rtp.next()
		if raw == nil {
			return
		}
		if len(raw) == 0 || l.source.stranger(from, now) {
			continue
		}
		taken++
		l.take(raw, from, now)
	}
}

// take takes one packet in.
func (l *leg) take(raw []byte, from netip.AddrPort, now time.Time) {
	if !l.accept(raw, from, now) {
		return
	}
	l.heardAt = now
	p := &l.packet
	switch {
	case int(p.PayloadType) == l.terms.events:
		l.keys.take(p.Payload, p.Timestamp)
	case p.PayloadType == payloadType(sound.MuLaw):
		l.decode(sound.MuLaw)
	case p.PayloadType == payloadType(sound.ALaw):
		l.decode(sound.ALaw)
	}
	l.counts.take(p.SequenceNumber, p.Timestamp, now, !l.recorded)
}

// decode puts the packet's sound into the jitter buffer.
func (l *leg) decode(law sound.Law) {
	if l.fresh {
		l.jitter.renew() // another source counts its time anew
		l.fresh = false
	}
	l.samples = law.Decode(l.samples[:0], l.packet.Payload)
	l.jitter.put(l.samples, l.packet.Timestamp, l.packet.SequenceNumber)
}
