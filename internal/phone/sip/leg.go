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
	// burst is how many packets one Step takes in: a flood waits in the socket, and is lost there.
	burst = 64
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
	drained  bool // the call is over, and all that had come was taken in

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
	for {
		if err := l.turn(out); err != nil {
			return l.remains(err)
		}
		if held, err := l.held(); err != nil {
			return nil, "", err
		} else if !held {
			break
		}
		out = nil
	}
	l.jitter.next(&l.in)
	return &l.in, l.keys.hand(), nil
}

// remains gives, of a call that is recorded and that the other end has ended, what came and wasn't handed on yet: who hangs up loses nothing.
func (l *leg) remains(err error) (*sound.Frame, string, error) {
	if !l.recorded || !errors.Is(err, io.EOF) {
		return nil, "", err
	}
	if !l.drained {
		l.drained = true
		for range 4 { // the most that waits where the machine was busy
			l.listen(time.Now())
		}
	}
	if !l.jitter.holds() {
		return nil, "", err
	}
	l.jitter.next(&l.in)
	return &l.in, l.keys.hand(), nil
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
		l.jitter.skip(missed * sound.FrameSamples)
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
			l.jitter.begun = false // nothing was played meanwhile
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
	for range burst {
		raw, from := l.pair.rtp.next()
		if raw == nil {
			return
		}
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
		l.jitter.begun, l.fresh = false, false // another source counts its time anew
	}
	l.samples = law.Decode(l.samples[:0], l.packet.Payload)
	l.jitter.put(l.samples, l.packet.Timestamp, l.packet.SequenceNumber)
}
