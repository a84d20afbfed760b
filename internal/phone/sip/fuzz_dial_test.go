package sip

import (
	"bytes"
	"context"
	"strings"
	"testing"
	"time"

	"github.com/emiago/sipgo/sip"
)

// FuzzAnswer answers our INVITE with whatever it likes, and asks whether the line is still there and has let go of the call.
func FuzzAnswer(f *testing.F) {
	x, s := newExchange(f, Config{Calls: 50})
	sdp := x.sdp("sendrecv")
	f.Add([]byte("180 Ringing\r\nTo: <sip:a@b>;tag=a\r\nContact: <sip:a@b>\r\nContent-Type: application/sdp\r\n\r\n" + sdp))
	f.Add([]byte("200 OK\r\nTo: <sip:a@b>;tag=a\r\nContact: <sip:a@b>\r\nRecord-Route: <sip:c;lr>, <sip:d>\r\nSession-Expires: 90;refresher=uac\r\n\r\n" + sdp))
	f.Add([]byte("200 OK\r\nTo: ;tag=\r\nContact: *\r\nSession-Expires: 0\r\n\r\n"))
	f.Add([]byte("401 Unauthorized\r\nTo: <sip:a@b>;tag=a\r\nWWW-Authenticate: Digest realm=\"\\\"\", nonce=\"\\n\", qop=\"auth, auth-int\", opaque=\"\r\n\r\n"))
	f.Add([]byte("422 Too Small\r\nTo: <sip:a@b>;tag=a\r\nMin-SE: 99999999999\r\n\r\n"))
	f.Add([]byte("302 Moved\r\nTo: <sip:a@b>;tag=a\r\nContact: <sip:evil@192.0.2.1>\r\n\r\n"))
	f.Fuzz(func(t *testing.T, answer []byte) {
		x.t = t
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		result := dial(ctx, s, nil)
		for got := (*dialling)(nil); got == nil; {
			if m, ok := x.read(20 * time.Millisecond); ok {
				if req, is := m.(*sip.Request); is && req.Method == sip.INVITE {
					x.send(answerTo(req, answer))
				} else if is && req.Method != sip.ACK {
					x.say(req, 200, "", "")
				}
			}
			select {
			case r := <-result:
				got = &r
				if r.err == nil {
					r.call.HangUp()
				}
			default:
			}
		}
		newPhone(t, s, "udp").finds()
	})
}

// answerTo puts what makes an answer one to the request before the rest of it.
func answerTo(req *sip.Request, answer []byte) string {
	status, rest, _ := bytes.Cut(answer, []byte("\r\n"))
	head := []string{"SIP/2.0 " + string(status), "Via: " + req.Via().Value(), "From: " + req.From().Value(), "Call-ID: " + callID(req), "CSeq: " + req.CSeq().Value()}
	return strings.Join(head, "\r\n") + "\r\n" + string(rest)
}

// FuzzChallenge answers whatever challenge it likes: what comes out is one line, and whoever reads it finds the name that was meant.
func FuzzChallenge(f *testing.F) {
	trunk := &trunk{Trunk: Trunk{User: "line", Secret: func() (string, error) { return "open sesame", nil }}}
	f.Add(`Digest realm="r", nonce="n", qop="auth"`)
	f.Add(`Digest realm="r\"", nonce="n", algorithm=SHA-256, opaque="o", userhash=true, stale=TRUE`)
	f.Add(`digest nonce=n,qop=auth-int,`)
	f.Add(`Basic realm="r"`)
	f.Fuzz(func(t *testing.T, challenge string) {
		res := sip.NewResponse(401, "Unauthorized")
		res.AppendHeader(sip.NewHeader("WWW-Authenticate", challenge))
		p, err := trunk.prove(res, sip.INVITE, "sip:201@pbx.example", []byte("body"))
		if err != nil {
			return
		}
		if strings.ContainsAny(p.value, "\r\n\x00") || !strings.HasPrefix(p.value, "Digest ") || strings.Contains(p.value, "sesame") {
			t.Errorf("%q is answered by %q", challenge, p.value)
		}
		if !strings.Contains(challenge, "userhash") && !strings.Contains(p.value, `username="line"`) {
			t.Errorf("%q is answered by %q", challenge, p.value)
		}
	})
}
