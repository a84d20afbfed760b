package sip

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

func TestATrunkIsToldWhoCallsByTheDigestThatItAsksFor(t *testing.T) {
	t.Parallel()
	x, s := newExchange(t, Config{})
	for _, c := range []struct {
		code                     int
		asks, answers, algorithm string
		challenges               []string
	}{
		{401, "WWW-Authenticate", "authorization", "MD5", []string{`Digest realm="pbx, \"ours\"", nonce="n1", qop="auth"`}},
		{407, "Proxy-Authenticate", "proxy-authorization", "SHA-256", []string{`Basic realm="no"`, `Digest realm="r", nonce="n1", algorithm=SHA-512-256-sess`, `Digest algorithm=SHA-256, realm="r", nonce="n1", qop="auth-int, auth"`, `Digest realm="r", nonce="n1"`}},
	} {
		result := dial(context.Background(), s, nil)
		first := x.expect(sip.INVITE)
		if first.GetHeader(c.answers) != nil {
			t.Error("who calls is told before anybody asks")
		}
		var headers []string
		for _, challenge := range c.challenges {
			headers = append(headers, c.asks, challenge)
		}
		x.say(first, c.code, "a", "", headers...)
		if ack := x.expect(sip.ACK); ack.CSeq().SeqNo != first.CSeq().SeqNo {
			t.Errorf("the refusal of INVITE %d is acknowledged under %d", first.CSeq().SeqNo, ack.CSeq().SeqNo)
		}
		second := x.expect(sip.INVITE)
		realm := "r"
		if c.code == 401 {
			realm = `pbx, "ours"`
		}
		if !proved(second, c.answers, c.algorithm, realm, "n1", "open sesame") {
			t.Errorf("%s: %v proves nothing", c.algorithm, second.GetHeader(c.answers))
		}
		if callID(first) != callID(second) || second.CSeq().SeqNo != first.CSeq().SeqNo+1 || tagOf(first.From().Params) != tagOf(second.From().Params) {
			t.Error("the second INVITE begins another call")
		}
		x.say(second, 486, "a", "")
		if got := <-result; !errors.Is(got.err, sound.ErrBusy) {
			t.Errorf("busy is told as %v", got.err)
		}
	}
	t.Run("a wrong secret is tried once, a stale nonce anew", func(t *testing.T) {
		result := dial(context.Background(), s, nil)
		x.say(x.expect(sip.INVITE), 401, "a", "", "WWW-Authenticate", `Digest realm="r", nonce="n1", qop="auth"`)
		x.expect(sip.ACK)
		x.say(x.expect(sip.INVITE), 401, "a", "", "WWW-Authenticate", `Digest realm="r", nonce="n2", qop="auth", stale=true`)
		x.expect(sip.ACK)
		third := x.expect(sip.INVITE)
		if !proved(third, "authorization", "MD5", "r", "n2", "open sesame") {
			t.Errorf("%v proves nothing", third.GetHeader("authorization"))
		}
		x.say(third, 401, "a", "", "WWW-Authenticate", `Digest realm="r", nonce="n3", qop="auth"`)
		if got := <-result; !errors.Is(got.err, sound.ErrRefused) {
			t.Errorf("a wrong secret is told as %v", got.err)
		}
	})
}

func TestWhatATrunkAnswersIsToldByItsMeaning(t *testing.T) {
	t.Parallel()
	x, s := newExchange(t, Config{})
	for code, want := range map[int]error{302: sound.ErrRefused, 403: sound.ErrRefused, 404: sound.ErrRefused, 408: sound.ErrNoAnswer, 480: sound.ErrNoAnswer, 486: sound.ErrBusy,
		488: sound.ErrRefused, 503: sound.ErrNoWay, 600: sound.ErrBusy, 603: sound.ErrBusy, 604: sound.ErrRefused} {
		result := dial(context.Background(), s, nil)
		x.say(x.expect(sip.INVITE), code, "a", "", "Contact", "<sip:elsewhere@192.0.2.1>")
		if got := <-result; !errors.Is(got.err, want) {
			t.Errorf("%d is told as %v", code, got.err)
		}
	}
	for _, to := range []string{"", "sip:", "sip:201", "sips:201@pbx.example", "tel:+49123", "sip:201@pbx.example?Route=evil", "sip:a b@c", "sip:a@b\r\nc", "sip:a:b@c", "1", "+49 123", "sip:201@pbx.example:99999"} {
		if _, err := s.Dial(context.Background(), to, nil); !errors.Is(err, sound.ErrRefused) || ValidAddress(to) {
			t.Errorf("%q is called: %v", to, err)
		}
	}
	if eventually(t, "nothing is left of the calls", func() bool { return going(s) == 0 }); !ValidAddress("sip:201@[2001:db8::1]:5070") || !ValidAddress("+491234567") {
		t.Error("an address that can be called is refused")
	}
	none := answering(t, Config{Handler: func(context.Context, sound.Leg) {}})
	if _, err := none.Dial(context.Background(), "+491234567", nil); !errors.Is(err, sound.ErrNoWay) || none.CanDial() {
		t.Errorf("a line without a trunk calls: %v", err)
	}
}

func TestACallThatIsGivenUpIsCancelledAndWhoAnswersAllTheSameIsHungUp(t *testing.T) {
	t.Parallel()
	x, s := newExchange(t, Config{})
	ctx, cancel := context.WithCancel(context.Background())
	result := dial(ctx, s, nil)
	invite := x.expect(sip.INVITE)
	x.say(invite, 180, "a", "")
	time.Sleep(50 * time.Millisecond) // it rings
	cancel()
	if got := <-result; !errors.Is(got.err, context.Canceled) {
		t.Errorf("a call that was given up says %v", got.err)
	}
	cancelled := x.expect(sip.CANCEL)
	if branch(cancelled) != branch(invite) || cancelled.CSeq().SeqNo != invite.CSeq().SeqNo || cancelled.Recipient.String() != invite.Recipient.String() {
		t.Errorf("CANCEL is of another INVITE:\n%s", cancelled)
	}
	x.say(cancelled, 200, "a", "")
	x.say(invite, 487, "a", "")
	x.expect(sip.ACK)

	// The CANCEL waits for a first word, and crosses the answer.
	ctx, cancel = context.WithCancel(context.Background())
	result = dial(ctx, s, nil)
	invite = x.expect(sip.INVITE)
	cancel()
	<-result
	if m, ok := x.read(100 * time.Millisecond); ok {
		if req, is := m.(*sip.Request); !is || req.Method != sip.INVITE || branch(req) != branch(invite) { // which is repeated
			t.Errorf("before the trunk said anything it was sent\n%v", m)
		}
	}
	x.say(invite, 100, "", "")
	x.say(x.expect(sip.CANCEL), 200, "a", "")
	x.say(invite, 200, "a", x.sdp("sendrecv"))
	if ack := x.expect(sip.ACK); ack.CSeq().SeqNo != invite.CSeq().SeqNo || tagOf(ack.To().Params) != "a" {
		t.Errorf("the answer is acknowledged by\n%s", ack)
	}
	bye := x.expect(sip.BYE)
	x.say(bye, 200, "", "")
	if tagOf(bye.To().Params) != "a" || bye.CSeq().SeqNo <= invite.CSeq().SeqNo {
		t.Errorf("the answer is hung up by\n%s", bye)
	}
	eventually(t, "nothing is left of the calls", func() bool { return going(s) == 0 })
}

func branch(req *sip.Request) string { return req.Via().Params.GetOr("branch", "") }

func TestWhatComesBeforeTheAnswerIsHeardAndTheAnswerOfOneTelephoneCounts(t *testing.T) {
	t.Parallel()
	x, s := newExchange(t, Config{})
	early := make(chan sound.Frame, 1000)
	result := dial(context.Background(), s, func(f *sound.Frame) { early <- *f })
	invite := x.expect(sip.INVITE)
	offer, err := readOffer(invite.Body(), policy{clear: true})
	if err != nil {
		t.Fatal(err)
	}
	x.say(invite, 100, "", "")
	x.say(invite, 183, "a", x.sdp("sendrecv"))
	p := &phone{t: t, law: sound.ALaw, rtp: x.rtp, to: offer.terms.to, events: 101, ssrc: 5, stamp: 100}
	said := spoken(20)
	p.say(said)
	if n := len(p.hear(5, 10*time.Second)); n < 5 {
		t.Errorf("%d packets keep the way open", n)
	}
	// An UPDATE with an offer meanwhile crosses ours.
	x.within("UPDATE", invite, "a", x.sdp("sendonly"))
	if m, ok := x.read(10 * time.Second); !ok || m.(*sip.Response).StatusCode != 491 {
		t.Errorf("an offer that crosses ours is answered\n%v", m)
	}
	const route = `"who, knows" <sip:192.0.2.1;lr>, <sip:192.0.2.2;lr>`
	x.say(invite, 180, "b", "")
	x.say(invite, 200, "b", x.sdp("sendrecv"), "Record-Route", route, "Record-Route", "<sip:192.0.2.3;lr>", "Session-Expires", "1800;refresher=uas")
	ack := x.expect(sip.ACK)
	got := <-result
	if got.err != nil {
		t.Fatal(got.err)
	}
	defer got.call.HangUp()
	heard := 0
	for len(early) > 0 {
		if f := <-early; f != (sound.Frame{}) {
			heard++
		}
	}
	if heard < 5 {
		t.Errorf("%d of 20 frames were heard before the answer", heard)
	}
	var routes []string
	for _, h := range ack.GetHeaders("route") {
		routes = append(routes, h.Value())
	}
	if want := `<sip:192.0.2.3;lr> <sip:192.0.2.2;lr> <sip:192.0.2.1;lr>`; strings.Join(routes, " ") != want {
		t.Errorf("ACK goes by %v", routes)
	}
	if ack.Recipient.User != "b" {
		t.Errorf("ACK is for %s", ack.Recipient.User)
	}
	x.say(invite, 200, "b", x.sdp("sendrecv")) // the ACK was lost
	if again := x.expect(sip.ACK); again.String() != ack.String() {
		t.Errorf("the answer that came again is acknowledged by\n%s", again)
	}
	x.say(invite, 200, "a", x.sdp("sendrecv")) // two picked up
	if late := x.expect(sip.ACK); tagOf(late.To().Params) != "a" {
		t.Errorf("the second answer is acknowledged by\n%s", late)
	}
	bye := x.expect(sip.BYE)
	x.say(bye, 200, "", "")
	if tagOf(bye.To().Params) != "a" {
		t.Errorf("hung up is\n%s", bye)
	}
	if _, _, err := got.call.Step(nil); err != nil {
		t.Errorf("the call that counts: %v", err)
	}
	// The other end holds it, and hangs up.
	x.within("BYE", invite, "b", "")
	eventually(t, "the call is over", func() bool { _, _, err := got.call.Step(nil); return errors.Is(err, io.EOF) })
}

func TestASessionTimerIsMadeAsLongAsTheTrunkWantsIt(t *testing.T) {
	t.Parallel()
	x, s := newExchange(t, Config{})
	result := dial(context.Background(), s, nil)
	first := x.expect(sip.INVITE)
	if got := first.GetHeader("session-expires").Value(); got != "1800;refresher=uas" {
		t.Errorf("asked for is %s", got)
	}
	x.say(first, 422, "a", "", "Min-SE", "3600")
	x.expect(sip.ACK)
	second := x.expect(sip.INVITE)
	if got := second.GetHeader("session-expires").Value(); got != "3600;refresher=uas" {
		t.Errorf("asked for is %s", got)
	}
	x.say(second, 200, "a", x.sdp("sendrecv"), "Session-Expires", "4;refresher=uac", "Require", "timer")
	got := <-result
	if got.err != nil {
		t.Fatal(got.err)
	}
	update := x.expect(sip.UPDATE) // after half of it
	x.say(update, 200, "", "")
	if got := update.GetHeader("session-expires").Value(); got != "4;refresher=uac" {
		t.Errorf("renewed is %s", got)
	}
	got.call.HangUp()
	x.say(x.expect(sip.BYE), 200, "", "")
	eventually(t, "nothing is left of the call", func() bool { return going(s) == 0 })
}

func TestAnAnswerThatCannotBeSpokenByEndsTheCall(t *testing.T) {
	t.Parallel()
	x, s := newExchange(t, Config{})
	for name, body := range map[string]string{"none": "", "no law of ours": strings.Replace(x.sdp("sendrecv"), "AVP 8 101", "AVP 9 101", 1), "what is no description": "x"} {
		result := dial(context.Background(), s, nil)
		invite := x.expect(sip.INVITE)
		x.say(invite, 200, "a", body)
		x.expect(sip.ACK)
		x.say(x.expect(sip.BYE), 200, "", "")
		if got := <-result; !errors.Is(got.err, sound.ErrRefused) {
			t.Errorf("%s: %v", name, got.err)
		}
	}
}

func TestAConnectionIsMadeToTheTrunkAloneAndNotInClearAcrossNetworks(t *testing.T) {
	t.Parallel()
	_, s := newExchange(t, Config{})
	if _, err := s.trunk.ways(context.Background()); err != nil {
		t.Fatal(err)
	}
	if other := "127.0.0.1:" + fmt.Sprint(netip.MustParseAddrPort(s.trunk.Host).Port()+1); s.trunk.mayDial(other) || !s.trunk.mayDial(s.trunk.Host) {
		t.Error("somebody else is called")
	}
	if s.mayReach(netip.MustParseAddrPort("192.0.2.1:5060")) || !s.mayReach(netip.MustParseAddrPort("[::1]:5060")) {
		t.Error("what is said in clear leaves this machine")
	}
	if err := New(Config{Plain: "127.0.0.1:0", Trunk: &Trunk{Host: "127.0.0.1", Transport: "tls"}}).Listen(); !errors.Is(err, errTrunk) {
		t.Errorf("a trunk by TLS, for a line without: %v", err)
	}
	for place, want := range map[string]string{"pbx.example": "pbx.example 0", "pbx.example:5080": "pbx.example 5080", "::1": "::1 0", "[::1]:5080": "::1 5080", "[::1]": "::1 0", "192.0.2.1": "192.0.2.1 0"} {
		if host, port := splitPlace(place); fmt.Sprint(host, " ", port) != want {
			t.Errorf("%s is %s, %d", place, host, port)
		}
	}
}

func TestALineThatStopsGivesUpWhatRings(t *testing.T) {
	t.Parallel()
	x, s := newExchange(t, Config{})
	result := dial(context.Background(), s, nil)
	invite := x.expect(sip.INVITE)
	x.say(invite, 180, "a", "")
	time.Sleep(50 * time.Millisecond)
	over, cancel := context.WithCancel(context.Background())
	cancel()
	go s.Shutdown(over)
	if got := <-result; got.err == nil {
		t.Error("it was answered")
	}
	x.expect(sip.CANCEL)
	if _, err := s.Dial(context.Background(), "201", nil); !errors.Is(err, sound.ErrNoWay) {
		t.Errorf("a line that stops calls: %v", err)
	}
}
