package sip

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// FuzzMessage sends whatever it likes to a line, by a datagram and by a connection, and asks whether the line is still there.
func FuzzMessage(f *testing.F) {
	s := answering(f, Config{Handler: func(context.Context, sound.Leg) {}, Calls: 50})
	p := newPhone(f, s, "udp")
	for _, method := range []string{"INVITE", "ACK", "BYE", "CANCEL", "OPTIONS", "UPDATE", "REFER"} {
		p.branch = "z9hG4bK" + method
		f.Add([]byte(p.request(method, p.sdp(), "Session-Expires: 90;refresher=uas", "Supported: timer", "Record-Route: <sip:a;lr>", "Privacy: id")))
	}
	f.Add([]byte("INVITE sip:a SIP/2.0\r\nVia: SIP/2.0/UDP ;branch=\r\nFrom: ;tag=\r\nTo: \r\nCall-ID: \r\nCSeq: 1 INVITE\r\nContact: *\r\n\r\n"))
	f.Add([]byte("SIP/2.0 200 OK\r\n\r\n"))
	f.Fuzz(func(t *testing.T, message []byte) {
		if udp, err := net.Dial("udp", s.plain.String()); err == nil && len(message) > 0 {
			udp.Write(message) // longer than a datagram: then it isn't sent
			udp.Close()
		}
		if tcp, err := net.Dial("tcp", s.plain.String()); err == nil {
			tcp.Write(message)
			tcp.Close()
		}
		newPhone(t, s, "udp").finds()
	})
}

// finds asks whether the line is there, again where that isn't heard: a fuzzer sends more than a line takes.
func (p *phone) finds() {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); {
		p.send("OPTIONS", "")
		for {
			m, err := p.next(200 * time.Millisecond)
			if err != nil {
				break
			}
			if strings.Contains(m.String(), " OPTIONS\r\n") && strings.Contains(m.String(), p.id) {
				return
			}
		}
	}
	p.t.Fatal("the line is silent")
}

// FuzzSound takes whatever it likes as packets of a call, in clear and protected, from its phone and from elsewhere.
func FuzzSound(f *testing.F) {
	f.Add([]byte{0x80, 8, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 1, 2, 3}, byte(0))
	f.Add([]byte{0x80, 0xe5, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 5, 0x80, 0, 9}, byte(1))
	f.Add([]byte{0xb0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, 0xbe, 0xde, 0, 1, 0, 0, 0, 0, 5}, byte(2))
	f.Add([]byte{0x81, 200, 0, 12, 0, 0, 0, 9}, byte(3))
	told := netip.MustParseAddrPort("127.0.0.1:4000")
	f.Fuzz(func(t *testing.T, raw []byte, how byte) {
		if len(raw) == 0 {
			return
		}
		agreed := &terms{law: sound.ALaw, events: 101, to: told, speaks: true, hears: true}
		if how&1 != 0 {
			agreed.crypto = &crypto{profile: suites[how>>1&1].profile}
		}
		l := newLeg(context.Background(), make(chan struct{}), func() {}, nil, func(netip.Addr) bool { return true })
		if err := l.adopt(agreed); err != nil {
			t.Fatal(err)
		}
		from, now := told, time.Unix(1e9, 0)
		if how&4 != 0 {
			from = netip.MustParseAddrPort("192.0.2.1:9")
		}
		for i := range 2 * persistence {
			if len(raw) > 3 {
				raw[3] = byte(i) // another number, so that a protected stream doesn't call it a repetition
			}
			l.take(raw, from, now)
			l.takeReport(raw, now)
			l.jitter.next(&l.in)
			if len(l.keys.hand()) > mostKeys {
				t.Fatal("a flood of keys")
			}
			l.counts.reception(1, now)
			now = now.Add(sound.FrameTime)
		}
	})
}
