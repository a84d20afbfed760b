package sip

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

// exchange is a trunk that does what a test says, written on a socket and texts.
type exchange struct {
	t    testing.TB
	conn *net.UDPConn
	line netip.AddrPort // where the line's messages come from
	rtp  *net.UDPConn
	s    *Server
}

// trunk is how the line has it.
func (x *exchange) trunk() *Trunk { return &x.s.trunk.Trunk }

// newExchange opens one, and a line whose trunk it is.
func newExchange(t testing.TB, c Config) (*exchange, *Server) {
	t.Helper()
	x := &exchange{t: t}
	for _, conn := range []**net.UDPConn{&x.conn, &x.rtp} {
		var err error
		if *conn, err = net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { (*conn).Close() })
	}
	if c.Trunk == nil {
		c.Trunk = &Trunk{}
	}
	c.Trunk.Host, c.Trunk.Transport, c.Trunk.User = x.conn.LocalAddr().String(), "udp", "line"
	if c.Trunk.Secret == nil {
		c.Trunk.Secret = func() (string, error) { return "open sesame", nil }
	}
	if c.Handler == nil {
		c.Handler = func(context.Context, sound.Leg) {}
	}
	x.s = answering(t, c)
	x.line = x.s.plain
	return x, x.s
}

// read reads the next message; false after patience.
func (x *exchange) read(patience time.Duration) (sip.Message, bool) {
	b := make([]byte, 65536)
	x.conn.SetReadDeadline(time.Now().Add(patience))
	n, _, err := x.conn.ReadFromUDPAddrPort(b)
	if err != nil {
		return nil, false
	}
	m, err := sip.ParseMessage(b[:n])
	if err != nil {
		x.t.Errorf("the line says %q: %v", b[:n], err)
	}
	return m, err == nil
}

// expect reads until a request of the method comes.
func (x *exchange) expect(method sip.RequestMethod) *sip.Request {
	x.t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		m, _ := x.read(time.Until(deadline))
		if req, ok := m.(*sip.Request); ok && req.Method == method {
			return req
		}
	}
	x.t.Fatalf("no %s came", method)
	return nil
}

// say answers a request; headers come as names and values.
func (x *exchange) say(req *sip.Request, code int, tag, body string, headers ...string) {
	x.t.Helper()
	res := sip.NewResponseFromRequest(req, code, "Because", []byte(body))
	if tag != "" {
		res.To().Params.Add("tag", tag)
	}
	for i := 0; i < len(headers); i += 2 {
		res.AppendHeader(sip.NewHeader(headers[i], headers[i+1]))
	}
	if code >= 180 && code < 300 && req.IsInvite() {
		res.AppendHeader(sip.NewHeader("Contact", "<sip:"+tag+"@"+x.conn.LocalAddr().String()+">"))
	}
	x.send(res.String())
}

// answer answers a request that comes from elsewhere than the line.
func (x *exchange) answer(req *sip.Request, code int, headers ...string) {
	x.t.Helper()
	line := x.line
	x.line = netip.AddrPortFrom(netip.MustParseAddr(req.Via().Host), uint16(req.Via().Port))
	x.say(req, code, "a", "", headers...)
	x.line = line
}

func (x *exchange) send(text string) {
	x.t.Helper()
	if _, err := x.conn.WriteToUDPAddrPort([]byte(text), x.line); err != nil {
		x.t.Fatal(err)
	}
}

// within sends a request within the call that a telephone with the tag has answered.
func (x *exchange) within(method string, invite *sip.Request, tag, body string) {
	to, from := invite.From(), invite.To().AsFrom()
	from.Params.Add("tag", tag)
	text := fmt.Sprintf("%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: %s\r\nCSeq: 1 %s\r\nContact: <sip:%s@%s>\r\n",
		method, invite.Contact().Address.String(), x.conn.LocalAddr(), randomToken(6), from.Value(), to.Value(), callID(invite), method, tag, x.conn.LocalAddr())
	if body != "" {
		text += "Content-Type: application/sdp\r\n"
	}
	x.send(text + fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body))
}

// sdp is what its telephones answer.
func (x *exchange) sdp(way string) string {
	return fmt.Sprintf("v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=%s\r\n",
		x.rtp.LocalAddr().(*net.UDPAddr).Port, way)
}

// dialling is what a Dial in the background came to.
type dialling struct {
	call sound.Call
	err  error
}

// dial calls in the background.
func dial(ctx context.Context, s *Server, early func(*sound.Frame)) <-chan dialling {
	done := make(chan dialling, 1)
	go func() {
		call, err := s.Dial(ctx, "sip:201@pbx.example", early)
		done <- dialling{call, err}
	}()
	return done
}

// proved says whether a request's credentials answer a challenge by the secret, as RFC 7616 §3.4 computes it, with another program than the line's.
func proved(req *sip.Request, header, algorithm, realm, nonce, secret string) bool {
	h := req.GetHeader(header)
	if h == nil {
		return false
	}
	part := func(name string) string {
		m := regexp.MustCompile(`[ ,]` + name + `="?([^",]*)"?`).FindStringSubmatch(h.Value())
		if m == nil {
			return ""
		}
		return m[1]
	}
	hash := func(text string) string {
		if algorithm == "SHA-256" {
			sum := sha256.Sum256([]byte(text))
			return hex.EncodeToString(sum[:])
		}
		sum := md5.Sum([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	who := hash(part("username") + ":" + realm + ":" + secret)
	what := hash(req.Method.String() + ":" + req.Recipient.String())
	return part("nonce") == nonce && part("uri") == req.Recipient.String() &&
		part("response") == hash(strings.Join([]string{who, nonce, part("nc"), part("cnonce"), part("qop"), what}, ":"))
}
