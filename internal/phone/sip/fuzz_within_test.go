package sip

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

// FuzzWithin sends whatever it likes within a call that goes on, which nobody can who doesn't know its tags: another description, an
// acknowledgement with one, a session timer, somewhere else to go back to. Then it hangs up, and the line must have let go of the call.
func FuzzWithin(f *testing.F) {
	s := answering(f, Config{Calls: 50, Handler: func(_ context.Context, leg sound.Leg) {
		for {
			if _, _, err := leg.Step(nil); err != nil {
				return
			}
		}
	}})
	methods := []string{"INVITE", "UPDATE", "ACK", "BYE", "CANCEL", "OPTIONS", "PRACK"}
	described := "Content-Type: application/sdp\r\n\r\n" + newPhone(f, s, "udp").sdp()
	f.Add(byte(0), "Contact: <sip:a@192.0.2.1>\r\n"+described+"a=sendonly\r\n", described)
	f.Add(byte(0), "Contact: <sip:a@192.0.2.1;transport=tls>\r\nRecord-Route: <sip:b;lr>\r\nContent-Length: 0\r\n\r\n", described)
	f.Add(byte(0), "Contact: *\r\nContent-Length: 0\r\n\r\n", "Content-Length: 0\r\n\r\n")
	f.Add(byte(1), "Session-Expires: 90;refresher=uas\r\nSupported: timer\r\nContent-Length: 0\r\n\r\n", "")
	f.Add(byte(1), "Session-Expires: 4294967296\r\nRequire: timer, x\r\n"+described, "")
	f.Add(byte(3), "Content-Length: 0\r\n\r\n", "")
	f.Fuzz(func(t *testing.T, method byte, said, acknowledged string) {
		p := newPhone(t, s, "udp")
		p.call(p.sdp())
		p.cseq++
		p.within(methods[int(method)%len(methods)], p.cseq, said)
		p.within("ACK", p.cseq, acknowledged)
		p.leaves(s)
	})
}

// within sends a request of the call with whatever rest.
func (p *phone) within(method string, number int, rest string) {
	local := p.conn.LocalAddr().String()
	text := strings.Join([]string{
		method + " " + p.target + " SIP/2.0", "Via: SIP/2.0/UDP " + local + ";branch=z9hG4bK" + randomToken(6) + ";rport", "From: <sip:a@" + local + ">;tag=their-" + p.id,
		"To: <sip:line@line.example>;tag=" + p.tag, "Call-ID: " + p.id, fmt.Sprintf("CSeq: %d %s", number, method), rest,
	}, "\r\n")
	_, _ = p.conn.Write([]byte(text)) // longer than a datagram: then it isn't sent
}

// leaves hangs up, again where that is not heard, and waits until the line has let go of its calls.
func (p *phone) leaves(s *Server) {
	p.t.Helper()
	p.cseq++
	over := false
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		if over {
			if s.Calls() == 0 {
				return
			}
			time.Sleep(5 * time.Millisecond)
			continue
		}
		p.within("BYE", p.cseq, "Content-Length: 0\r\n\r\n")
		m, err := p.next(100 * time.Millisecond)
		res, ok := m.(*sip.Response)
		over = err == nil && ok && res.CSeq() != nil && int(res.CSeq().SeqNo) == p.cseq && (res.StatusCode == 200 || res.StatusCode == 481)
	}
	p.t.Fatalf("hung up: %v; the line has %d calls", over, s.Calls())
}

// FuzzResponse reads whatever it likes as what a trunk says to a registration or a call: nobody has the line forgotten at once, or rung for ever.
func FuzzResponse(f *testing.F) {
	f.Add([]byte("SIP/2.0 200 OK\r\nContact: <sip:line@192.0.2.1:5060>;expires=99999999999, *, <sip:line@192.0.2.1:5060>;expires=0\r\nExpires: -1\r\n\r\n"))
	f.Add([]byte("SIP/2.0 423 Interval Too Brief\r\nMin-Expires: 4294967295\r\nTo: ;tag\r\n\r\n"))
	f.Add([]byte("SIP/2.0 422 Too Small\r\nMin-SE: 2147483647;x\r\nSession-Expires: 2147483647;refresher=uac\r\nRecord-Route: <sip:a;lr>, b\r\n\r\n"))
	f.Fuzz(func(t *testing.T, message []byte) {
		m, err := sip.ParseMessage(message)
		res, ok := m.(*sip.Response)
		if err != nil || !ok {
			return
		}
		id := sip.CallIDHeader("id")
		d := dialog{callID: &id, contact: sip.ContactHeader{Address: sip.Uri{Scheme: "sip", User: "line", Host: "192.0.2.1", Port: 5060}}}
		if granted := grant(res, &d, time.Minute); granted < shortestLife || granted > time.Minute {
			t.Errorf("granted is %v", granted)
		}
		if longer := headerSeconds(res, "min-expires"); longer < 0 {
			t.Errorf("asked for is %v", longer)
		}
		if least := leastInterval(res); least < leastSession {
			t.Errorf("a session is to last %v", least)
		}
		if timer, ok := sessionTimer(res, "uac"); ok && timer.interval < 0 {
			t.Errorf("a session lasts %v", timer.interval)
		}
		made := d.answeredBy(res)
		if len(contacts(res)) > mostBindings || made.id() == "" {
			t.Error("it knows too many places")
		}
		_ = made.next(sip.BYE, nil, nil).String()
	})
}
