package sip

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

// logged is a log that a test reads.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func TestALineRegistersProvesWhoItIsRenewsAndSaysWhenItGoes(t *testing.T) {
	t.Parallel()
	var log logged
	x, s := newExchange(t, Config{Trunk: &Trunk{Register: true, Expires: time.Minute}, retry: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
	first := x.expect(sip.REGISTER)
	if first.Recipient.String() != "sip:"+x.conn.LocalAddr().String() || first.From().Address.User != "line" || first.To().Address.User != "line" {
		t.Errorf("it registers by\n%s", first)
	}
	x.say(first, 503, "a", "") // a fault of the trunk's: it is tried again
	second := x.expect(sip.REGISTER)
	x.say(second, 401, "a", "", "WWW-Authenticate", `Digest realm="r", nonce="n1", algorithm=SHA-256, qop="auth"`)
	third := x.expect(sip.REGISTER)
	if !proved(third, "authorization", "SHA-256", "r", "n1", "open sesame") || callID(third) != callID(first) || third.CSeq().SeqNo != first.CSeq().SeqNo+2 {
		t.Errorf("it proves who it is by\n%s", third)
	}
	x.say(third, 423, "a", "", "Min-Expires", "90")
	fourth := x.expect(sip.REGISTER)
	if h := fourth.GetHeader("expires"); h == nil || h.Value() != "90" {
		t.Errorf("for a minute was too short; asked for is %v", h)
	}
	contact := fourth.Contact()
	if at := netip.MustParseAddrPort(x.line.String()); contact == nil || contact.Address.User != "line" || contact.Address.Host != at.Addr().String() || contact.Address.Port != int(at.Port()) {
		t.Fatalf("calls are to come to %v", contact)
	}
	x.say(fourth, 401, "a", "", "WWW-Authenticate", `Digest realm="r", nonce="n2", algorithm=SHA-256, qop="auth"`)
	x.say(x.expect(sip.REGISTER), 200, "a", "", "Contact", "<sip:other@192.0.2.1>;expires=3000, "+contact.Value()[:strings.Index(contact.Value(), ">")+1]+";expires=3")
	granted := time.Now()
	eventually(t, "the trunk knows the line", s.Registered)
	renewed := x.expect(sip.REGISTER) // before three seconds are over, where the machine isn't busy
	if !s.Registered() && time.Since(granted) < 2900*time.Millisecond {
		t.Error("it is renewed too late")
	}
	x.say(renewed, 200, "a", "", "Expires", "3000")
	over, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	stopped := make(chan error, 1)
	go func() { stopped <- s.Shutdown(over) }()
	gone := x.expect(sip.REGISTER)
	if h := gone.GetHeader("expires"); h == nil || h.Value() != "0" {
		t.Errorf("when it goes it says\n%s", gone)
	}
	x.say(gone, 200, "a", "")
	<-stopped
	if s.Registered() {
		t.Error("a line that is gone is registered")
	}
	if text := log.String(); strings.Count(text, "\n") != 2 || !strings.Contains(text, "the trunk can't do it now") || strings.Contains(text, "127.0.0.1") {
		t.Errorf("logged is\n%s", text)
	}
}

func TestALineWhoseSecretIsWrongSaysSoOnceAndAsksLessAndLess(t *testing.T) {
	t.Parallel()
	var log logged
	x, s := newExchange(t, Config{Trunk: &Trunk{Register: true, Expires: time.Minute}, retry: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
	var tries []time.Time
	for range 3 {
		x.say(x.expect(sip.REGISTER), 401, "a", "", "WWW-Authenticate", `Digest realm="r", nonce="n1", qop="auth"`)
		second := x.expect(sip.REGISTER)
		tries = append(tries, time.Now())
		x.say(second, 401, "a", "", "WWW-Authenticate", `Digest realm="r", nonce="n2", qop="auth"`)
	}
	if once, twice := tries[1].Sub(tries[0]), tries[2].Sub(tries[1]); once < 20*time.Millisecond || twice < 40*time.Millisecond || s.Registered() {
		t.Errorf("it tries again after %v, and after %v", once, twice)
	}
	if text := log.String(); strings.Count(text, "refuses the line's name or secret") != 1 {
		t.Errorf("logged is\n%s", text)
	}
}

func TestCallsComeFromTheTrunkBesideThePeersBeforeAnybodyCalledOut(t *testing.T) {
	t.Parallel()
	_, s := newExchange(t, Config{Peers: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	if !s.admits(netip.MustParseAddr("::ffff:127.0.0.1")) || s.admits(netip.MustParseAddr("127.0.0.2")) || !s.admits(netip.MustParseAddr("192.0.2.9")) {
		t.Error("who may call isn't the trunk and the peers")
	}
}

func TestATrunkThatAsksNobodyToRegisterHasAllLinesFromTheStart(t *testing.T) {
	t.Parallel()
	s := New(Config{Plain: "127.0.0.1:0", Calls: 8, Trunk: &Trunk{Host: "198.51.100.7", Transport: "udp"}})
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		free, ok := s.takeLine(netip.MustParseAddr("198.51.100.7"))
		if !ok {
			t.Fatalf("the trunk has %d lines", i)
		}
		defer free()
	}
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestAnAddressIsTheTrunksForAnHourAfterItWasFoundLast(t *testing.T) {
	t.Parallel()
	var tr trunk
	at := func(i byte) netip.AddrPort {
		return netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, i}), 5060)
	}
	now := time.Unix(1e9, 0)
	for i := range byte(3) { // a name that tells one of its addresses at a time
		tr.know([]netip.AddrPort{at(i)}, now)
		now = now.Add(findAgain)
	}
	if !tr.is(at(0).Addr()) || !tr.is(at(2).Addr()) {
		t.Error("what was found before isn't the trunk's any more")
	}
	if tr.know([]netip.AddrPort{at(9)}, now.Add(remembered)); tr.is(at(2).Addr()) || !tr.is(at(9).Addr()) {
		t.Error("what is long gone is the trunk's")
	}
	for i := range byte(2 * mostKnown) {
		tr.know([]netip.AddrPort{at(i)}, now)
	}
	if n := len(tr.known); n > mostKnown {
		t.Errorf("%d addresses are the trunk's", n)
	}
}

func TestATrunkIsAskedHowTheLineStands(t *testing.T) {
	t.Parallel()
	x, _ := newExchange(t, Config{})
	asked := *x.trunk()
	asked.Register = true
	quiet := Config{Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
	type told struct {
		Standing
		error
	}
	answers := func(t Trunk, say func()) told {
		result := make(chan told, 1)
		go func() {
			standing, err := Ask(context.Background(), t, quiet)
			result <- told{standing, err}
		}()
		say()
		return <-result
	}
	got := answers(asked, func() {
		x.answer(x.expect(sip.REGISTER), 401, "WWW-Authenticate", `Digest realm="r", nonce="n1", qop="auth"`)
		req := x.expect(sip.REGISTER)
		if req.Contact() != nil || req.GetHeader("expires") != nil || !proved(req, "authorization", "MD5", "r", "n1", "open sesame") {
			t.Errorf("asked is by\n%s", req)
		}
		x.answer(req, 200, "Contact", "<sip:line@192.0.2.1>;expires=30, <sip:line@192.0.2.2>;expires=40")
	})
	if got.error != nil || got.Places != 2 || got.Life != 40*time.Second {
		t.Errorf("two places are %+v", got)
	}
	if got = answers(asked, func() { x.answer(x.expect(sip.REGISTER), 403) }); !errors.Is(got.error, ErrTrunkRefuses) {
		t.Errorf("a trunk that refuses is %+v", got)
	}
	asked.Register = false
	if got = answers(asked, func() { x.answer(x.expect(sip.OPTIONS), 404) }); got.error != nil {
		t.Errorf("a trunk that is there is %+v", got)
	}
	asked.Host, asked.Transport = "127.0.0.1:1", "tcp" // nobody listens there
	if _, err := Ask(context.Background(), asked, quiet); !errors.Is(err, ErrTrunkSilent) {
		t.Errorf("a trunk that isn't there is %v", err)
	}
	if text := (Trunk{Secret: func() (string, error) { return "open sesame", nil }, User: "canary"}).String(); strings.Contains(text, "canary") {
		t.Errorf("it prints %s", text)
	}
	var _ sound.Call = (*outgoing)(nil)
}

// registers reads the next REGISTER that is none of those before, however often these come.
func (x *exchange) registers(before *sip.Request) *sip.Request {
	x.t.Helper()
	for {
		req := x.expect(sip.REGISTER)
		if before == nil || callID(req) != callID(before) || req.CSeq().SeqNo > before.CSeq().SeqNo {
			return req
		}
	}
}

// asked has the trunk ask a line for its secret that wants to know how it stands, and gives what came of it.
func (x *exchange) asked(before *sip.Request, challenge string) error {
	x.t.Helper()
	result := make(chan error, 1)
	go func() {
		_, err := Ask(context.Background(), *x.trunk(), Config{Log: slog.New(slog.DiscardHandler)})
		result <- err
	}()
	req := x.registers(before)
	if callID(req) == callID(before) {
		x.t.Errorf("the line registers anew:\n%s", req)
	}
	x.answer(req, 401, "WWW-Authenticate", challenge)
	return <-result
}

func TestASecretThatCantBeReadIsToldAsThatAndNotAsTheTrunksRefusal(t *testing.T) {
	t.Parallel()
	var log logged
	var readable atomic.Bool
	secret := func() (string, error) {
		if !readable.Load() {
			return "", errors.New("open /etc/heed/canary: permission denied")
		}
		return "open sesame", nil
	}
	const challenge = `Digest realm="r", nonce="n1", qop="auth"`
	x, s := newExchange(t, Config{
		Trunk: &Trunk{Register: true, Expires: time.Minute, Secret: secret}, retry: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	first := x.registers(nil)
	x.say(first, 401, "a", "", "WWW-Authenticate", challenge)
	again := x.registers(first)
	if again.GetHeader("authorization") != nil {
		t.Errorf("it proves who it is by\n%s", again)
	}
	if text := log.String(); !strings.Contains(text, ErrTrunkSecret.Error()) || strings.Contains(text, "refuses") || strings.Contains(text, "canary") {
		t.Errorf("logged is\n%s", text)
	}
	readable.Store(true)
	x.say(again, 401, "a", "", "WWW-Authenticate", challenge)
	proves := x.registers(again)
	if !proved(proves, "authorization", "MD5", "r", "n1", "open sesame") {
		t.Errorf("once it is there it proves who it is by\n%s", proves)
	}
	x.say(proves, 200, "a", "", "Expires", "3000")
	eventually(t, "the trunk knows the line", s.Registered)
	readable.Store(false)

	done := dial(context.Background(), s, nil)
	x.say(x.expect(sip.INVITE), 407, "a", "", "Proxy-Authenticate", challenge)
	if got := <-done; !errors.Is(got.err, sound.ErrUnproved) || !errors.Is(got.err, sound.ErrNoWay) || errors.Is(got.err, sound.ErrRefused) {
		t.Errorf("a call comes to %v", got.err)
	}
	if text := log.String(); !strings.Contains(text, "a call couldn't go out") {
		t.Errorf("logged is\n%s", text)
	}
	if err := x.asked(proves, challenge); !errors.Is(err, ErrTrunkSecret) {
		t.Errorf("asked how the line stands it says %v", err)
	}
}

func TestASecretIsProvedToTheRealmThatIsPinnedAlone(t *testing.T) {
	t.Parallel()
	var log logged
	x, s := newExchange(t, Config{
		Trunk: &Trunk{Register: true, Expires: time.Minute, Realm: `pbx, "ours"`}, retry: 20 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	var last *sip.Request
	const ours = `Digest realm="pbx, \"ours\"", nonce="n2", qop="auth"`
	for _, other := range []string{`Digest realm="elsewhere", nonce="n1", qop="auth"`, `Digest realm="PBX, \"ours\"", nonce="n1", qop="auth"`, `Digest nonce="n1", qop="auth"`} {
		asks := x.registers(last)
		x.say(asks, 401, "a", "", "WWW-Authenticate", other)
		if last = x.registers(asks); last.GetHeader("authorization") != nil {
			t.Errorf("%s is answered by\n%s", other, last)
		}
		x.say(last, 503, "a", "")
	}
	if text := log.String(); !strings.Contains(text, ErrTrunkRealm.Error()) || strings.Contains(text, "elsewhere") || strings.Contains(text, "refuses") {
		t.Errorf("logged is\n%s", text)
	}
	asks := x.registers(last)
	x.say(asks, 401, "a", "", "WWW-Authenticate", `Digest realm="elsewhere", nonce="n1", qop="auth"`, "WWW-Authenticate", ours)
	if last = x.registers(asks); !proved(last, "authorization", "MD5", `pbx, "ours"`, "n2", "open sesame") {
		t.Errorf("it proves who it is by\n%s", last)
	}
	x.say(last, 200, "a", "", "Expires", "3000")
	eventually(t, "the trunk knows the line", s.Registered)
	done := dial(context.Background(), s, nil)
	x.say(x.expect(sip.INVITE), 407, "a", "", "Proxy-Authenticate", `Digest realm="elsewhere", nonce="n1", qop="auth"`)
	if got := <-done; !errors.Is(got.err, sound.ErrUnproved) {
		t.Errorf("a call comes to %v", got.err)
	}
	if err := x.asked(last, `Digest realm="elsewhere", nonce="n1", qop="auth"`); !errors.Is(err, ErrTrunkRealm) {
		t.Errorf("asked how the line stands it says %v", err)
	}
}

func TestNoTrunkHasTheLineRegisterForLongerThanADay(t *testing.T) {
	t.Parallel()
	x, _ := newExchange(t, Config{Trunk: &Trunk{Register: true, Expires: time.Minute}, retry: 20 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
	first := x.registers(nil)
	x.say(first, 423, "a", "", "Min-Expires", "2147483647")
	if h := x.registers(first).GetHeader("expires"); h == nil || h.Value() != "86400" {
		t.Errorf("asked for is %v", h)
	}
}
