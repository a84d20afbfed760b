package sip

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"

	"github.com/heed-line/heed/internal/phone/sound"
)

// answering starts a server on loopback that takes what c says, and ends it with the test.
func answering(t testing.TB, c Config) *Server {
	t.Helper()
	if c.Plain == "" && c.TLS == "" {
		c.Plain = "127.0.0.1:0"
	}
	if c.Calls == 0 {
		c.Calls = 4
	}
	c.First, c.Last = 20000, 29999
	if c.Log == nil {
		c.Log = slog.New(slog.NewTextHandler(failing{t}, nil))
	}
	s := New(c)
	if err := s.Listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // calls still in progress are cut off
		if err := s.Shutdown(ctx); err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

// failing makes every line of a log a failure.
type failing struct{ t testing.TB }

func (f failing) Write(line []byte) (int, error) {
	f.t.Errorf("logged: %s", line)
	return len(line), nil
}

// phone is a caller's telephone, written on sockets and texts alone.
type phone struct {
	t       testing.TB
	conn    net.Conn
	in      *bufio.Reader // of a stream
	network string
	id      string
	tag     string // theirs
	cseq    int
	branch  string
	target  string

	rtp      *net.UDPConn
	to       netip.AddrPort // where the other end wants sound
	law      sound.Law
	events   uint8
	ssrc     uint32
	sequence uint16
	stamp    uint32
	seal     *srtp.Context
	open     *srtp.Context
	before   *srtp.Context // open, under the key that was another's before
}

// newPhone connects a phone by "udp", "tcp" or "tls".
func newPhone(t testing.TB, s *Server, network string) *phone {
	t.Helper()
	p := &phone{t: t, network: network, id: randomToken(8), law: sound.ALaw, events: 101, ssrc: 77, stamp: 1<<32 - 1000, sequence: 65530}
	var err error
	switch network {
	case "tls":
		p.conn, err = tls.Dial("tcp", s.tls.String(), &tls.Config{InsecureSkipVerify: true})
	default:
		p.conn, err = net.Dial(network, s.plain.String())
	}
	if err != nil {
		t.Fatal(err)
	}
	p.in = bufio.NewReader(p.conn)
	local := p.conn.LocalAddr().String()
	host, _, _ := net.SplitHostPort(local)
	if p.rtp, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(host)}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.conn.Close(); p.rtp.Close() })
	return p
}

// sdp is the phone's description, with further lines.
func (p *phone) sdp(lines ...string) string {
	local := p.rtp.LocalAddr().(*net.UDPAddr)
	family := "IP4"
	if local.IP.To4() == nil {
		family = "IP6"
	}
	proto := "RTP/AVP"
	if p.network == "tls" {
		proto = "RTP/SAVP"
	}
	all := append([]string{"v=0", "o=- 1 1 IN " + family + " " + local.IP.String(), "s=-", "c=IN " + family + " " + local.IP.String(), "t=0 0",
		fmt.Sprintf("m=audio %d %s %d %d", local.Port, proto, payloadType(p.law), p.events), fmt.Sprintf("a=rtpmap:%d telephone-event/8000", p.events)}, lines...)
	return strings.Join(all, "\r\n") + "\r\n"
}

// send sends a request; headers come as whole lines.
func (p *phone) send(method, body string, headers ...string) {
	p.t.Helper()
	if method != "ACK" && method != "CANCEL" {
		p.cseq++
	}
	if method != "CANCEL" {
		p.branch = "z9hG4bK" + randomToken(6)
	}
	p.raw(p.request(method, body, headers...))
}

// request writes a request.
func (p *phone) request(method, body string, headers ...string) string {
	local := p.conn.LocalAddr().String()
	target := p.target
	if target == "" {
		target = "sip:line@" + p.conn.RemoteAddr().String()
	}
	to := ""
	if p.tag != "" {
		to = ";tag=" + p.tag
	}
	lines := []string{method + " " + target + " SIP/2.0", "Via: SIP/2.0/" + strings.ToUpper(p.network) + " " + local + ";branch=" + p.branch + ";rport",
		"From: \"canary-name\" <sip:canary-number@" + local + ">;tag=their-" + p.id, "To: <sip:line@line.example>" + to, "Call-ID: " + p.id, fmt.Sprintf("CSeq: %d %s", p.cseq, method),
		"Contact: <sip:canary-number@" + local + ">", "Max-Forwards: 70", "User-Agent: canary-agent"}
	lines = append(lines, headers...)
	if body != "" {
		lines = append(lines, "Content-Type: application/sdp")
	}
	return strings.Join(append(lines, "Content-Length: "+strconv.Itoa(len(body)), "", body), "\r\n")
}

func (p *phone) raw(text string) {
	p.t.Helper()
	if _, err := p.conn.Write([]byte(text)); err != nil {
		p.t.Fatal(err)
	}
}

// next reads the next message; io.EOF after patience.
func (p *phone) next(patience time.Duration) (sip.Message, error) {
	p.conn.SetReadDeadline(time.Now().Add(patience))
	if p.network == "udp" {
		b := make([]byte, 65536)
		n, err := p.conn.Read(b)
		if err != nil {
			return nil, io.EOF
		}
		return sip.ParseMessage(b[:n])
	}
	var head strings.Builder
	length := 0
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			return nil, io.EOF
		}
		head.WriteString(line)
		if n, ok := strings.CutPrefix(line, "Content-Length: "); ok {
			length, _ = strconv.Atoi(strings.TrimSpace(n))
		}
		if line == "\r\n" {
			break
		}
	}
	body := make([]byte, length)
	if _, err := io.ReadFull(p.in, body); err != nil {
		return nil, io.EOF
	}
	return sip.ParseMessage(append([]byte(head.String()), body...))
}

// expect reads until the final answer to the request that was sent last, and demands its code.
func (p *phone) expect(code int) *sip.Response {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		m, err := p.next(time.Until(deadline))
		if err != nil {
			break
		}
		res, ok := m.(*sip.Response)
		if !ok || int(res.CSeq().SeqNo) != p.cseq || res.StatusCode < 200 && res.StatusCode != code {
			continue
		}
		if res.StatusCode != code {
			p.t.Fatalf("answered %d %s, want %d", res.StatusCode, res.Reason, code)
		}
		return res
	}
	p.t.Fatalf("no answer %d came", code)
	return nil
}

// expectRequest reads until a request comes, and says 200.
func (p *phone) expectRequest(method string) *sip.Request {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		m, err := p.next(time.Until(deadline))
		if err != nil {
			break
		}
		if req, ok := m.(*sip.Request); ok && req.Method.String() == method {
			p.raw(sip.NewResponseFromRequest(req, 200, "OK", nil).String())
			return req
		}
	}
	p.t.Fatalf("no %s came", method)
	return nil
}

// await reads until a request comes, and answers nothing.
func (p *phone) await(method string) *sip.Request {
	p.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		m, err := p.next(time.Until(deadline))
		if err != nil {
			break
		}
		if req, ok := m.(*sip.Request); ok && req.Method.String() == method {
			return req
		}
	}
	p.t.Fatalf("no %s came", method)
	return nil
}

// call invites with an offer and acknowledges.
func (p *phone) call(body string, headers ...string) *sip.Response {
	p.t.Helper()
	p.send("INVITE", body, headers...)
	res := p.expect(200)
	p.tag, _ = res.To().Params.Get("tag")
	p.target = res.Contact().Address.String()
	p.take(res)
	p.send("ACK", "")
	return res
}

// take reads where the other end wants sound.
func (p *phone) take(res *sip.Response) {
	p.t.Helper()
	o, err := readOffer(res.Body(), policy{secure: p.network == "tls", clear: true})
	if err != nil {
		p.t.Fatalf("the answer can't be read: %v\n%s", err, res.Body())
	}
	p.to = o.terms.to
}

// hangUp ends the call.
func (p *phone) hangUp() {
	p.t.Helper()
	p.send("BYE", "")
	p.expect(200)
}

// say sends frames, one every 20 ms.
func (p *phone) say(frames []sound.Frame) {
	tick := time.NewTicker(sound.FrameTime)
	defer tick.Stop()
	for i := range frames {
		p.packet(p.rtp, payloadType(p.law), p.law.Encode(nil, frames[i][:]))
		<-tick.C
	}
}

// packet sends one packet from a socket.
func (p *phone) packet(from *net.UDPConn, payload uint8, body []byte) {
	header := rtp.Header{Version: 2, PayloadType: payload, SequenceNumber: p.sequence, Timestamp: p.stamp, SSRC: p.ssrc}
	p.sequence++
	p.stamp += sound.FrameSamples
	raw, err := (&rtp.Packet{Header: header, Payload: body}).Marshal()
	if err == nil && p.seal != nil {
		raw, err = p.seal.EncryptRTP(nil, raw, nil)
	}
	if err != nil {
		p.t.Error(err)
		return
	}
	from.WriteToUDPAddrPort(raw, p.to)
}

// press sends keys, each in three packets whose end comes three times.
func (p *phone) press(keys string) {
	for _, key := range keys {
		at, code := p.stamp, byte(strings.IndexRune(keypad, key))
		for _, event := range [][]byte{press(code, false, 160), press(code, false, 320), press(code, true, 480), press(code, true, 480), press(code, true, 480)} {
			p.stamp = at
			p.packet(p.rtp, p.events, event)
		}
		p.stamp = at + 800
	}
}

// hear receives sound until patience is over or enough packets came, as samples in the order of their numbers.
func (p *phone) hear(packets int, patience time.Duration) (frames []sound.Frame) {
	b := make([]byte, 1600)
	p.rtp.SetReadDeadline(time.Now().Add(patience))
	for len(frames) < packets {
		n, from, err := p.rtp.ReadFromUDPAddrPort(b)
		if err != nil {
			return frames
		}
		raw := b[:n]
		if from != p.to {
			p.t.Errorf("sound from elsewhere than announced")
		}
		if p.open != nil {
			opened, err := p.open.DecryptRTP(nil, raw, nil)
			if err != nil && p.before != nil {
				if _, old := p.before.DecryptRTP(nil, raw, nil); old == nil {
					continue // it was on its way
				}
			}
			if raw = opened; err != nil {
				p.t.Error(err)
				continue
			}
		}
		var packet rtp.Packet
		if err := packet.Unmarshal(raw); err != nil {
			p.t.Error(err)
			continue
		}
		var f sound.Frame
		p.law.Decode(f[:0], packet.Payload)
		frames = append(frames, f)
	}
	return frames
}

// comesBack says frames, and hears until so many of them came back, or half a minute is over.
func (p *phone) comesBack(said []sound.Frame, want int) (n int, ordered bool) {
	stop := make(chan struct{})
	var saying sync.WaitGroup
	saying.Go(func() {
		for i := range said {
			select {
			case <-stop:
				return
			default:
				p.say(said[i : i+1])
			}
		}
	})
	defer saying.Wait()
	defer close(stop)
	var heard []sound.Frame
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		heard = append(heard, p.hear(10, time.Second)...)
		if n, ordered = found(pressed(p.law, said), heard); n >= want || !ordered {
			break
		}
	}
	return n, ordered
}

// record is what handlers heard, call by call.
type record struct {
	mu    sync.Mutex
	calls []*heard
}

// heard is what one handler heard.
type heard struct {
	mu     sync.Mutex
	frames []sound.Frame
	keys   string
	err    error
}

func (h *heard) get() ([]sound.Frame, string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.frames, h.keys, h.err
}

// echo is a handler that says what it hears, and records it until the call ends.
func (r *record) echo(ctx context.Context, leg sound.Leg) {
	h := &heard{}
	r.mu.Lock()
	r.calls = append(r.calls, h)
	r.mu.Unlock()
	var out *sound.Frame
	for {
		in, keys, err := leg.Step(out)
		h.mu.Lock()
		if h.err = err; err != nil {
			h.mu.Unlock()
			return
		}
		copied := *in
		out = &copied
		h.frames = append(h.frames, copied)
		h.keys += keys
		h.mu.Unlock()
	}
}

// only is the one call that was answered.
func (r *record) only(t testing.TB) *heard {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.calls) != 1 {
		t.Fatalf("%d calls were answered", len(r.calls))
	}
	return r.calls[0]
}

// eventually waits until a condition holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	within(t, time.Minute, what, holds)
}

// within waits so long until a condition holds.
func within(t testing.TB, patience time.Duration, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
