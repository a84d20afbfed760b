package sip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

// pressed is frames as they are after a law.
func pressed(law sound.Law, frames []sound.Frame) []sound.Frame {
	out := make([]sound.Frame, len(frames))
	for i := range frames {
		law.Decode(out[i][:0], law.Encode(nil, frames[i][:]))
	}
	return out
}

// found is how many of the frames are among those that were heard, and whether they came in order.
func found(frames, heard []sound.Frame) (n int, ordered bool) {
	at := map[sound.Frame]int{}
	for i, f := range heard {
		at[f] = i
	}
	last := -1
	for _, f := range frames {
		if i, ok := at[f]; ok {
			if i < last {
				return n, false
			}
			n, last = n+1, i
		}
	}
	return n, true
}

func TestACallIsHeardAndSpokenToAndEndsWithWhoeverHangsUp(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		for _, law := range []sound.Law{sound.MuLaw, sound.ALaw} {
			t.Run(fmt.Sprint(network, law), func(t *testing.T) {
				t.Parallel()
				var r record
				s := answering(t, Config{Handler: r.echo})
				p := newPhone(t, s, network)
				p.law = law
				p.call(p.sdp())
				p.press("1*") // before any sound
				said := spoken(40)
				go p.say(said)
				back := p.hear(60, 30*time.Second)
				p.press("44#0")
				eventually(t, "the keys are heard", func() bool { _, keys, _ := r.only(t).get(); return len(keys) == 6 })
				p.hangUp()
				eventually(t, "the line is free", func() bool { return s.Calls() == 0 })
				frames, keys, err := r.only(t).get()
				if keys != "1*44#0" {
					t.Errorf("the keys %q were heard", keys)
				}
				if n, ordered := found(pressed(law, said), frames); n < 20 || !ordered {
					t.Errorf("%d of 40 frames were heard, in order: %v", n, ordered)
				}
				if n, ordered := found(pressed(law, said), back); n < 20 || !ordered {
					t.Errorf("%d of 40 frames came back, in order: %v", n, ordered)
				}
				if !errors.Is(err, io.EOF) {
					t.Errorf("the handler was told %v", err)
				}
			})
		}
	}
}

func TestTheLineHangsUpWhenTheHandlerReturns(t *testing.T) {
	t.Parallel()
	s := answering(t, Config{Handler: func(context.Context, sound.Leg) {}})
	for _, network := range []string{"udp", "tcp"} {
		p := newPhone(t, s, network)
		p.call(p.sdp(), "Record-Route: <sip:192.0.2.1;lr>, <sip:192.0.2.2;lr>")
		bye := p.expectRequest("BYE")
		if from, to := tagOf(bye.From().Params), tagOf(bye.To().Params); from != p.tag || to != "their-"+p.id || callID(bye) != p.id {
			t.Errorf("BYE of %q to %q in %q", from, to, callID(bye))
		}
		if route := bye.GetHeader("route"); route == nil || !strings.Contains(route.Value(), "192.0.2.1") {
			t.Errorf("BYE goes by %v", route)
		}
		eventually(t, "the line is free", func() bool { return s.Calls() == 0 })
		p.send("BYE", "") // too late
		p.expect(481)
	}
}

func TestAHangUpAtAnyMomentEndsTheHandler(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo, Calls: 20})
	for i := range 10 {
		p := newPhone(t, s, "udp")
		p.call(p.sdp())
		time.Sleep(time.Duration(i) * 7 * time.Millisecond)
		p.hangUp()
	}
	eventually(t, "all lines are free", func() bool { return s.Calls() == 0 })
	for _, h := range r.calls {
		if _, _, err := h.get(); !errors.Is(err, io.EOF) {
			t.Errorf("a handler was told %v", err)
		}
	}
}

func TestACallThatIsCancelledWhileItRingsIsNeverAnswered(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo, Ring: time.Minute})
	p := newPhone(t, s, "udp")
	p.send("INVITE", p.sdp())
	p.expect(180)
	p.send("CANCEL", "")
	p.expect(200)
	res := p.expect(487)
	p.tag, _ = res.To().Params.Get("tag")
	p.raw(p.request("ACK", ""))
	eventually(t, "the line is free", func() bool { return s.Calls() == 0 })
	if len(r.calls) != 0 {
		t.Error("the call was answered")
	}
}

func TestWithEveryLineBusyACallerIsToldAndAskedToComeBack(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo, Calls: 1})
	first, second := newPhone(t, s, "udp"), newPhone(t, s, "tcp")
	first.call(first.sdp())
	second.send("INVITE", second.sdp())
	if res := second.expect(486); res.GetHeader("retry-after") == nil {
		t.Error("nobody says when to come back")
	}
	first.hangUp()
	eventually(t, "the line is free", func() bool { return s.Calls() == 0 })
	second.tag = ""
	second.call(second.sdp())
	second.hangUp()
}

func TestAStoppingLineRefusesCallsAndLetsThoseInProgressFinish(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo})
	p, late := newPhone(t, s, "udp"), newPhone(t, s, "udp")
	p.call(p.sdp())
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- s.Shutdown(ctx) }()
	eventually(t, "it drains", s.isDraining)
	late.send("INVITE", late.sdp())
	late.expect(503)
	late.send("OPTIONS", "")
	late.expect(503)
	go p.say(spoken(10))
	if n := len(p.hear(5, 10*time.Second)); n < 5 {
		t.Errorf("the call in progress heard %d frames", n)
	}
	cancel() // the time to drain is over
	p.expectRequest("BYE")
	if err := <-done; err != nil {
		t.Error(err)
	}
	if _, _, err := r.only(t).get(); !errors.Is(err, context.Canceled) {
		t.Errorf("the handler was told %v", err)
	}
}

func TestWhatIsNoCallIsAnsweredAsTheStandardSays(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo})
	for _, network := range []string{"udp", "tcp"} {
		p := newPhone(t, s, network)
		for _, c := range []struct {
			method, body, header string
			code                 int
			says                 string
		}{
			{"OPTIONS", "", "X-Nothing: 0", 200, "Allow"},
			{"OPTIONS", "", "Max-Forwards: 0", 200, "Accept"},
			{"REFER", "", "Refer-To: <sip:elsewhere@192.0.2.1>", 405, "Allow"},
			{"REGISTER", "", "X-Nothing: 0", 405, "Allow"},
			{"MESSAGE", "", "X-Nothing: 0", 405, "Allow"},
			{"FLY", "", "X-Nothing: 0", 501, "Allow"},
			{"BYE", "", "X-Nothing: 0", 481, ""},
			{"UPDATE", "", "X-Nothing: 0", 481, ""},
			{"CANCEL", "", "X-Nothing: 0", 481, ""},
			{"INVITE", p.sdp(), "Require: 100rel, timer, precondition", 420, "Unsupported"},
			{"INVITE", "no description", "X-Nothing: 0", 400, ""},
			{"INVITE", strings.Replace(p.sdp(), "AVP 8", "AVP 18", 1), "X-Nothing: 0", 488, ""},
			{"INVITE", strings.Replace(p.sdp("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"+aKey), "RTP/AVP", "RTP/SAVP", 1), "X-Nothing: 0", 488, ""},
			{"INVITE", p.sdp(), "Content-Encoding: gzip", 415, "Accept"},
			{"INVITE", p.sdp(), "Session-Expires: 60", 422, "Min-SE"},
		} {
			p.send(c.method, c.body, c.header)
			res := p.expect(c.code)
			if c.says != "" && res.GetHeader(c.says) == nil {
				t.Errorf("%s by %s: %d says nothing of %s", c.method, network, c.code, c.says)
			}
			if c.code != 200 && tagOf(res.To().Params) == "" {
				t.Errorf("%s by %s: %d has no tag", c.method, network, c.code)
			}
		}
	}
	if s.Calls() != 0 || len(r.calls) != 0 {
		t.Error("something was answered")
	}
}

func TestARepeatedInviteIsTheSameCallAndTwoWaysToOneCallAreALoop(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo, Ring: 100 * time.Millisecond})
	p := newPhone(t, s, "udp")
	p.send("INVITE", p.sdp())
	p.expect(180)
	p.raw(p.request("INVITE", p.sdp())) // the same branch
	branch := p.branch
	p.branch = "z9hG4bKother"
	p.raw(p.request("INVITE", p.sdp()))
	p.expect(482)
	p.branch = branch
	res := p.expect(200)
	again := p.expect(200) // nobody acknowledged
	if tagOf(res.To().Params) != tagOf(again.To().Params) {
		t.Error("two calls were begun")
	}
	p.tag = tagOf(res.To().Params)
	p.send("ACK", "")
	eventually(t, "the call is answered once", func() bool { r.mu.Lock(); defer r.mu.Unlock(); return len(r.calls) == 1 })
	p.hangUp()
}

func TestACallIsHeldResumedMovedAndChangedToAnotherLaw(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo})
	p := newPhone(t, s, "udp")
	p.call(p.sdp())
	go p.say(spoken(10))
	p.hear(10, 30*time.Second)

	p.send("INVITE", p.sdp("a=sendonly"))
	held := p.expect(200)
	p.send("ACK", "")
	if !strings.Contains(string(held.Body()), "a=recvonly") || !strings.Contains(string(held.Body()), " 2 IN IP4") {
		t.Errorf("hold is answered\n%s", held.Body())
	}
	within(t, patience/2, "who holds is spoken to no more", func() bool { return len(p.hear(1, 300*time.Millisecond)) == 0 })
	before, _, _ := r.only(t).get()
	if n := len(p.hear(1, 200*time.Millisecond)); n != 0 {
		t.Error("who holds is spoken to")
	}
	if after, _, _ := r.only(t).get(); len(after) > len(before)+1 {
		t.Errorf("time went on for the handler while the call was held: %d steps", len(after)-len(before))
	}

	moved, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer moved.Close()
	p.rtp.Close()
	p.rtp, p.law, p.ssrc = moved, sound.MuLaw, 9876
	p.send("INVITE", p.sdp())
	p.take(p.expect(200))
	p.send("ACK", "")
	said := spoken(30)
	go p.say(said)
	if n, _ := found(pressed(sound.MuLaw, said), p.hear(45, 30*time.Second)); n < 10 {
		t.Errorf("%d of 30 frames came back after the call moved", n)
	}

	p.send("INVITE", strings.Replace(p.sdp(), "AVP 0", "AVP 18", 1))
	p.expect(488)
	p.send("UPDATE", "")
	p.expect(200)
	p.send("INVITE", "") // asks for our offer
	offered := p.expect(200)
	p.take(offered)
	p.send("ACK", p.sdp())
	p.hear(1000, 20*time.Millisecond)
	go p.say(said[:10])
	if n := len(p.hear(10, 10*time.Second)); n < 10 {
		t.Error("the call fell silent after what couldn't be changed")
	}
	p.hangUp()
}

func TestACallWithoutAnOfferGetsOurs(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo})
	p := newPhone(t, s, "tcp")
	p.events = 97 // ours is 101
	p.send("INVITE", "")
	res := p.expect(200)
	p.tag, _ = res.To().Params.Get("tag")
	p.target = res.Contact().Address.String()
	p.take(res)
	p.send("ACK", p.sdp())
	p.events = ourEvents
	p.press("7")
	go p.say(spoken(10))
	if n := len(p.hear(10, 10*time.Second)); n < 10 {
		t.Errorf("%d frames came back", n)
	}
	eventually(t, "the key is heard", func() bool { _, keys, _ := r.only(t).get(); return keys == "7" })
	p.hangUp()
}

func TestAStrangersSoundIsNotHeardAndNobodySpeaksToThem(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo})
	p := newPhone(t, s, "udp")
	p.call(p.sdp())
	stranger, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer stranger.Close()
	said := spoken(60)
	p.say(said[:5])
	for i := range 30 {
		p.packet(stranger, payloadType(p.law), p.law.Encode(nil, said[30+i][:]))
	}
	p.packet(stranger, p.events, press(9, true, 400))
	p.say(said[5:20])
	p.hangUp()
	eventually(t, "the line is free", func() bool { return s.Calls() == 0 })
	frames, keys, _ := r.only(t).get()
	if n, _ := found(pressed(p.law, said[30:]), frames); n != 0 || keys != "" {
		t.Errorf("%d frames of a stranger's were heard, and the keys %q", n, keys)
	}
	stranger.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, err := stranger.Read(make([]byte, 1)); err == nil {
		t.Error("the stranger was spoken to")
	}
}

func TestASessionThatNobodyRenewsEnds(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Handler: r.echo, session: time.Second})
	p := newPhone(t, s, "udp")
	res := p.call(p.sdp(), "Session-Expires: 6", "Supported: timer")
	if h := res.GetHeader("session-expires"); h == nil || h.Value() != "6;refresher=uac" || res.GetHeader("require").Value() != "timer" {
		t.Errorf("the session is answered with %v", h)
	}
	began := time.Now()
	time.Sleep(time.Second)
	p.send("UPDATE", "", "Session-Expires: 6;refresher=uac", "Supported: timer")
	p.expect(200)
	p.expectRequest("BYE")
	if took := time.Since(began); took < 4800*time.Millisecond {
		t.Errorf("it ended after %v, in spite of the renewal", took)
	}

	p = newPhone(t, s, "udp")
	res = p.call(p.sdp(), "Session-Expires: 2;refresher=uas", "Supported: timer")
	if h := res.GetHeader("session-expires"); h == nil || h.Value() != "2;refresher=uas" {
		t.Errorf("the session is answered with %v", h)
	}
	p.expectRequest("UPDATE")
	p.expectRequest("UPDATE")
	p.hangUp()
}

func TestASessionIsRenewedByAnINVITEWhereTheOtherEndKnowsNoUPDATE(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"udp", "tls"} {
		var r record
		c := Config{Handler: r.echo, session: time.Second}
		if network == "tls" {
			c.TLS, c.Cert = "127.0.0.1:0", certificate(t)
		}
		s := answering(t, c)
		p := newPhone(t, s, network)
		var lines []string
		if network == "tls" {
			lines = append(lines, p.protect(0))
		}
		res := p.call(p.sdp(lines...), "Session-Expires: 2;refresher=uas", "Supported: timer")
		if network == "tls" {
			p.unprotect(res)
		}
		for range 2 {
			p.raw(sip.NewResponseFromRequest(p.await("UPDATE"), 405, "Method Not Allowed", nil).String())
			invite := p.await("INVITE")
			if h := invite.GetHeader("session-expires"); h == nil || h.Value() != "2;refresher=uac" || tagOf(invite.To().Params) == "" {
				t.Errorf("the session is renewed with %v", h)
			}
			if o, err := readOffer(invite.Body(), policy{secure: network == "tls", clear: network != "tls"}); err != nil || o.terms.to != p.to {
				t.Errorf("an offer that moves the call: %v\n%s", err, invite.Body())
			}
			ok := sip.NewResponseFromRequest(invite, 200, "OK", []byte(p.sdp(lines...)))
			ok.AppendHeader(sip.NewHeader("Content-Type", sdpType))
			p.raw(ok.String())
			if ack := p.await("ACK"); ack.CSeq().SeqNo != invite.CSeq().SeqNo {
				t.Errorf("acknowledged is %d, not %d", ack.CSeq().SeqNo, invite.CSeq().SeqNo)
			}
		}
		if n, ordered := p.comesBack(spoken(400), 3); n < 3 || !ordered {
			t.Errorf("after it %d of 400 frames came back, in order: %v", n, ordered)
		}
		p.hangUp()
	}
}

func TestAFloodOfINVITEsLeavesTheLineAliveAndItsMemoryBounded(t *testing.T) {
	var r record
	s := answering(t, Config{Handler: r.echo, Calls: 20})
	before := heap()
	flooding := newPhone(t, s, "udp")
	last := time.Now().Add(2 * time.Second)
	for time.Now().Before(last) {
		for range 50 {
			flooding.id = randomToken(8)
			flooding.send("INVITE", flooding.sdp())
		}
		time.Sleep(5 * time.Millisecond) // ten thousand a second, of which three come in
	}
	if n := s.Calls(); n > 20 {
		t.Errorf("%d calls are taken", n)
	}
	if more := heap() - before; more > 64<<20 {
		t.Errorf("%d MiB are kept of a flood", more>>20)
	}
	p := newPhone(t, s, "tcp")
	p.send("OPTIONS", "")
	p.expect(200)
	if os.Getenv("HEED_SOAK") == "" {
		return
	}
	within(t, time.Minute, "those that nobody acknowledged are over", func() bool { return s.Calls() == 0 })
	p = newPhone(t, s, "udp")
	p.call(p.sdp())
	p.hangUp()
}

// heap is how much memory is in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

func TestOneAddressThatFloodsLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	now := time.Unix(1e9, 0)
	let := func(from string) (n int) {
		for range 10 * ofOneASecond {
			if s.spares(netip.MustParseAddr(from), now) {
				n++
			}
		}
		return n
	}
	if n := let("198.51.100.7"); n != ofOneASecond {
		t.Errorf("of one address %d messages come in at once", n)
	}
	if n := let("::ffff:198.51.100.7"); n != 0 {
		t.Errorf("written otherwise it has %d more", n)
	}
	if now = now.Add(time.Second / 2); let("198.51.100.7") != ofOneASecond/2 {
		t.Error("half a second later it hasn't half as many")
	}
	if let("2001:db8::1") < ofOneASecond {
		t.Error("another address has no share")
	}
	if n := let("2001:db8:0:ff02::2"); n != 0 {
		t.Errorf("a neighbour of the same /48 has %d more", n)
	}
	for _, all := range []string{"127.0.0.1", "::1"} {
		if n := let(all); n != 10*ofOneASecond {
			t.Errorf("of this machine %d come in", n)
		}
	}
	s.c.Peers = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	if n := let("198.51.100.7"); n != 10*ofOneASecond {
		t.Errorf("of a peer %d come in", n)
	}
}

func TestOneAddressThatCallsAgainAndAgainLeavesLinesForOthers(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := New(Config{Calls: 40, Log: slog.New(slog.NewTextHandler(&log, nil))})
	take := func(from string) (freed []func()) {
		for {
			free, ok := s.takeLine(netip.MustParseAddr(from))
			if !ok {
				return freed
			}
			freed = append(freed, free)
		}
	}
	lines := take("198.51.100.7")
	if len(lines) != 10 {
		t.Errorf("one address has %d of 40 lines", len(lines))
	}
	if n := len(take("2001:db8::1")); n != 10 {
		t.Errorf("another has %d", n)
	}
	if n := len(take("2001:db8:0:ff02::2")); n != 0 {
		t.Errorf("a neighbour of the same /48 has %d more", n)
	}
	if told := strings.Count(log.String(), "--sip-peers"); told != 1 || strings.Contains(log.String(), "198.51.100") || s.RefusedByShare() != 3 {
		t.Errorf("of %d calls the log was told %d times: %s", s.RefusedByShare(), told, log.String())
	}
	lines[0]()
	if n := len(take("::ffff:198.51.100.7")); n != 1 {
		t.Errorf("who hung up once has room for %d", n)
	}
	if n := len(take("127.0.0.1")); n != 20 {
		t.Errorf("this machine has %d of the 20 that are left", n)
	}
	if n := s.RefusedByShare(); n != 4 {
		t.Errorf("%d calls were refused by a share, that of a full line among them", n)
	}
	for _, free := range lines[1:] {
		free()
	}
	s.c.Peers = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	if n := len(take("203.0.113.1")); n != 9 {
		t.Errorf("a peer has %d of the 9 that are left", n)
	}
}

func TestOneAddressThatConnectsAgainAndAgainLeavesRoomForOthers(t *testing.T) {
	t.Parallel()
	s := New(Config{})
	d := s.doorman(nil)
	let := func(from string) (n int, last func()) {
		for {
			left, ok := d.lets(netip.MustParseAddr(from))
			if !ok {
				return n, last
			}
			n, last = n+1, left
		}
	}
	n, left := let("198.51.100.7")
	if n != mostConnections/partOfOne {
		t.Errorf("one address has %d connections", n)
	}
	if n, _ := let("2001:db8::1"); n != mostConnections/partOfOne {
		t.Errorf("another has %d", n)
	}
	left()
	left()
	if n, _ := let("198.51.100.7"); n != 1 {
		t.Errorf("who closed one has room for %d", n)
	}
	if n, _ := let("127.0.0.1"); n != mostConnections/2 {
		t.Errorf("this machine has %d of what is left", n)
	}
	s.c.Peers = []netip.Prefix{netip.MustParsePrefix("203.0.113.0/24")}
	if n, _ := let("198.51.100.7"); n != 0 {
		t.Errorf("who isn't a peer has %d", n)
	}
}

func TestIPv6AndWhatOthersAreTold(t *testing.T) {
	t.Parallel()
	var r record
	s := answering(t, Config{Plain: "[::1]:0", Handler: r.echo})
	p := newPhone(t, s, "udp")
	p.call(p.sdp())
	go p.say(spoken(10))
	if n := len(p.hear(10, 10*time.Second)); n < 10 {
		t.Errorf("%d frames came back", n)
	}
	p.hangUp()

	s = answering(t, Config{External: netip.MustParseAddr("198.51.100.7"), Handler: r.echo})
	p = newPhone(t, s, "udp")
	res := p.call(p.sdp())
	if !strings.Contains(string(res.Body()), "c=IN IP4 198.51.100.7") || res.Contact().Address.Host != "198.51.100.7" {
		t.Errorf("others are told\n%s%s", res.Contact(), res.Body())
	}
	p.hangUp()
}

func TestPlainSIPIsForLoopbackAndOnlyPeersMayCall(t *testing.T) {
	t.Parallel()
	s := New(Config{Plain: "0.0.0.0:0"})
	if err := s.Listen(); !errors.Is(err, ErrInClear) {
		t.Errorf("an address that others reach: %v", err)
	}
	r := record{}
	s = answering(t, Config{Handler: r.echo, Peers: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	p := newPhone(t, s, "udp")
	p.send("OPTIONS", "")
	if m, err := p.next(100 * time.Millisecond); err == nil {
		t.Errorf("a stranger was answered %v", m.(*sip.Response).StatusCode)
	}
	if tcp := newPhone(t, s, "tcp"); tcp != nil {
		if _, err := tcp.next(3 * time.Second); !errors.Is(err, io.EOF) {
			t.Error("a stranger's connection stays open")
		}
	}
}
