package sip

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// restingCall is a call that is recorded and whose other end is a phone without signalling: what it says lies in the leg's socket until the leg reads it.
type restingCall struct {
	t     *testing.T
	leg   *leg
	p     *phone
	agree terms
	end   context.CancelFunc
	heard []sound.Frame
}

func newRestingCall(t *testing.T) *restingCall {
	t.Helper()
	agree := terms{to: netip.MustParseAddrPort("127.0.0.1:9"), law: sound.ALaw, events: 101, speaks: true, hears: true}
	r := &restingCall{t: t, agree: agree}
	r.leg, _ = lonely(t, agree)
	r.leg.ctx, r.end = context.WithCancel(t.Context())
	r.p = &phone{t: t, rtp: r.socket(), to: netip.AddrPortFrom(agree.to.Addr(), r.leg.pair.rtp.port), law: sound.ALaw, events: 101, ssrc: 77, stamp: 1<<32 - 1000, sequence: 65530}
	r.leg.Recorded(true)
	r.say(spokenBy(99, 1)) // whose phone it is
	r.steps(1)
	return r
}

func (r *restingCall) socket() *net.UDPConn {
	r.t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { conn.Close() })
	return conn
}

// say sends frames at once.
func (r *restingCall) say(frames []sound.Frame) {
	for i := range frames {
		r.p.packet(r.p.rtp, payloadType(r.p.law), r.p.law.Encode(nil, frames[i][:]))
	}
}

func (r *restingCall) steps(n int) {
	r.t.Helper()
	for range n {
		in, _, err := r.leg.Step(nil)
		if err != nil {
			r.t.Fatal(err)
		}
		r.heard = append(r.heard, *in)
	}
}

// expect takes what remains, and wants all of what was said in what was recorded.
func (r *restingCall) expect(said ...[]sound.Frame) {
	r.t.Helper()
	for in, more := r.leg.Remains(); more; in, more = r.leg.Remains() {
		r.heard = append(r.heard, *in)
	}
	var all []sound.Frame
	for _, s := range said {
		all = append(all, s...)
	}
	if n, ordered := found(pressed(sound.ALaw, all), r.heard); n != len(all) || !ordered {
		r.t.Errorf("%d of %d frames are recorded, in order: %v", n, len(all), ordered)
	}
}

func TestWhateverBefallsACallThatIsRecordedNothingThatWasSaidIsLost(t *testing.T) {
	one, two := spokenBy(1, 60), spokenBy(2, 60)
	for name, befall := range map[string]func(r *restingCall){
		"their network stalls": func(r *restingCall) {
			r.say(one)
			r.steps(160)
			r.say(two)
			r.steps(7)
		},
		"the machine stalls twice": func(r *restingCall) {
			for _, said := range [][]sound.Frame{one, two} {
				r.say(said)
				r.steps(1)
				r.leg.due = r.leg.due.Add(-3 * time.Second)
			}
			r.steps(7)
		},
		"another source speaks": func(r *restingCall) {
			r.say(one)
			r.p.ssrc, r.p.stamp, r.p.sequence = 78, 123456, 9
			r.say(two)
			r.steps(7)
		},
		"their clock jumps": func(r *restingCall) {
			r.say(one)
			r.p.stamp += 1 << 30
			r.say(spokenBy(3, 1)) // which isn't believed yet
			r.say(two)
			r.steps(7)
		},
		"they hold the call": func(r *restingCall) {
			r.say(one)
			r.steps(7)
			held := r.agree
			held.hears = false
			r.leg.agreed.Store(&held)
			for r.leg.jitter.depth() > 0 {
				r.steps(1)
			}
			again := r.agree
			r.leg.agreed.Store(&again)
			r.p.stamp += 1 << 20
			r.say(two)
			r.steps(7)
		},
		"they resume while it is deep": func(r *restingCall) {
			r.say(one)
			r.steps(7)
			held, again := r.agree, r.agree
			held.hears = false
			r.leg.agreed.Store(&held)
			for r.leg.heldAt.IsZero() {
				r.steps(1)
			}
			r.leg.agreed.Store(&again)
			r.p.stamp += 1 << 20
			r.say(two)
			r.steps(30)
		},
		"it is cut off": func(r *restingCall) {
			r.say(one)
			r.steps(7)
			r.say(two)
			r.end()
			for {
				in, _, err := r.leg.Step(nil)
				if err != nil {
					if !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
						r.t.Error(err)
					}
					return
				}
				r.heard = append(r.heard, *in)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRestingCall(t)
			befall(r)
			r.expect(one, two)
		})
	}
}

func TestABurstOfFiveSecondsIsRecordedAndTheDepthFallsBack(t *testing.T) {
	t.Parallel()
	r := newRestingCall(t)
	said := spoken(250) // what a socket holds
	r.say(said)
	r.steps(320)
	if depth := r.leg.jitter.depth(); depth > backlog {
		t.Errorf("%d samples wait behind what was handed on", depth)
	}
	r.expect(said)
}

func TestAFloodOfStrangersKeepsNothingOfARecordedCallAway(t *testing.T) {
	t.Parallel()
	r := newRestingCall(t)
	stranger := r.socket()
	for range burst {
		r.p.packet(stranger, payloadType(r.p.law), make([]byte, 20))
		if _, err := stranger.WriteToUDPAddrPort(nil, r.p.to); err != nil {
			t.Fatal(err)
		}
	}
	said := spoken(30)
	r.say(said)
	r.leg.recorded = false // where fewer are read at once
	r.leg.listen(time.Now())
	r.leg.recorded = true
	r.expect(said)
}

func TestPacketsUnderTheOldKeyAreHeardUntilOneComesUnderTheNew(t *testing.T) {
	ports, err := openPair(netip.MustParseAddr("127.0.0.1"), 20000, 29999)
	if err != nil {
		t.Fatal(err)
	}
	defer ports.close()
	s, from := newStream(ports), netip.MustParseAddrPort("127.0.0.1:5000")
	var seals [2]*phone
	comes := func(which int) bool {
		p := seals[which]
		listening, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		if err != nil {
			t.Fatal(err)
		}
		defer listening.Close()
		p.to = listening.LocalAddr().(*net.UDPAddr).AddrPort()
		p.packet(listening, payloadType(sound.ALaw), make([]byte, sound.FrameSamples))
		raw := make([]byte, 1600)
		n, err := listening.Read(raw)
		if err != nil {
			t.Fatal(err)
		}
		return s.accept(raw[:n], from, time.Now())
	}
	for i := range seals {
		c := &crypto{profile: suites[0].profile, ours: *newMaterial(), theirs: *newMaterial()}
		seals[i] = &phone{t: t, ssrc: 7}
		if seals[i].seal, err = c.theirs.context(c.profile); err != nil {
			t.Fatal(err)
		}
		if err := s.adopt(&terms{to: from, events: noEvents, speaks: true, hears: true, crypto: c}); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []struct {
		key   int
		heard bool
	}{{0, true}, {0, true}, {1, true}, {0, false}, {1, true}} {
		if got := comes(want.key); got != want.heard {
			t.Errorf("packet %d, under key %d, is heard: %v", i, want.key, got)
		}
	}
}
