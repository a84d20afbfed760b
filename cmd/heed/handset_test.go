package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// handset is a telephone that says of itself whatever it is told to: a client of its own, since no real one puts marks wherever a message
// has room for one.
type handset struct {
	t         *testing.T
	sip       net.Conn
	rtp       net.Conn
	head      string // of every request: From, Contact, User-Agent, Call-ID
	to        string // with the line's tag, once it answered
	sequence  uint16
	timestamp uint32
	mu        sync.Mutex
	heard     [][]byte // what the line said, a frame of µ-law each
	at        int      // how much of it was waited for
}

var (
	toHeader  = regexp.MustCompile(`(?m)^To: (.*?)\r?$`)
	mediaLine = regexp.MustCompile(`m=audio (\d+) `)
)

// callLine calls a line; mark gives what each place of the messages says.
func callLine(t *testing.T, phone string, mark func(door string) string) *handset {
	t.Helper()
	conn, err := net.Dial("udp", strings.TrimPrefix(phone, "sip:"))
	if err != nil {
		t.Fatal(err)
	}
	media, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	own := media.LocalAddr().(*net.UDPAddr)
	h := &handset{t: t, sip: conn, to: "<sip:line@line.example>"}
	h.head = fmt.Sprintf("From: %q <sip:%s@%s>;tag=%s\r\nContact: <sip:%s@%s>\r\nUser-Agent: %s\r\nCall-ID: %s\r\nP-Asserted-Identity: <sip:%s@example.org>\r\nMax-Forwards: 70\r\n",
		mark("a caller's name"), mark("a caller's number"), conn.LocalAddr(), mark("a caller's tag"), mark("a caller's contact"), conn.LocalAddr(),
		mark("a telephone's name"), mark("a call's id"), mark("the number that a network vouches for"))
	body := fmt.Sprintf("v=0\r\no=%s 1 1 IN IP4 127.0.0.1\r\ns=%s\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio %d RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=%s\r\n",
		mark("who a session is of"), mark("a session's name"), own.Port, mark("a session's attribute"))
	answer := h.ask("INVITE", "Content-Type: application/sdp\r\n", body)
	to, port := toHeader.FindStringSubmatch(answer), mediaLine.FindStringSubmatch(answer)
	if to == nil || port == nil {
		t.Fatalf("the line answers %s", answer)
	}
	h.to = to[1]
	h.send("ACK", "", "")
	if err := media.Close(); err != nil { // to have it connected, which takes what comes and throws it away
		t.Fatal(err)
	}
	there, err := net.ResolveUDPAddr("udp", "127.0.0.1:"+port[1])
	if err != nil {
		t.Fatal(err)
	}
	if h.rtp, err = net.DialUDP("udp", own, there); err != nil {
		t.Fatal(err)
	}
	go h.listen()
	return h
}

// listen keeps what the line says until the call is over.
func (h *handset) listen() {
	const rtp = 12
	for b := make([]byte, 2048); ; {
		n, err := h.rtp.Read(b)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil && n == rtp+sound.FrameSamples && b[1]&0x7f == 0 {
			h.mu.Lock()
			h.heard = append(h.heard, bytes.Clone(b[rtp:n]))
			h.mu.Unlock()
		}
	}
}

// awaits waits until so many frames in a row are such, from what was waited for last.
func (h *handset) awaits(what string, n int, such func(frame []byte) bool) {
	h.t.Helper()
	row := 0
	eventually(h.t, time.Minute, what, func() bool {
		h.mu.Lock()
		defer h.mu.Unlock()
		for ; h.at < len(h.heard) && row < n; h.at++ {
			if row++; !such(h.heard[h.at]) {
				row = 0
			}
		}
		return row >= n
	})
}

// passes waits until the line has gone on for so long by its own time, which stands still where its machine does.
func (h *handset) passes(time time.Duration) {
	h.t.Helper()
	h.mu.Lock()
	h.at = len(h.heard)
	h.mu.Unlock()
	h.awaits("the line goes on", int(time/sound.FrameTime), func([]byte) bool { return true })
}

// isSilence and isTone tell frames of µ-law: one that is all alike, or very low; and one of 1,000 Hz, which is the same every 8 samples.
func isSilence(frame []byte) bool {
	for _, b := range frame {
		if b&0x70 != 0x70 { // beyond the lowest segment
			return false
		}
	}
	return true
}

func isTone(frame []byte) bool {
	other := 0
	for i := 8; i < len(frame); i++ {
		if frame[i] != frame[i-8] {
			other++
		}
	}
	return other < len(frame)/8 && !isSilence(frame)
}

// send sends a request of the call.
func (h *handset) send(method, more, body string) {
	h.t.Helper()
	number := map[string]int{"INVITE": 1, "ACK": 1, "BYE": 2}[method]
	_, err := fmt.Fprintf(h.sip, "%s sip:line@line.example SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\n%sTo: %s\r\nCSeq: %d %s\r\n%sContent-Length: %d\r\n\r\n%s",
		method, h.sip.LocalAddr(), method, h.head, h.to, number, method, more, len(body), body)
	if err != nil {
		h.t.Fatal(err)
	}
}

// ask is send, and the final answer.
func (h *handset) ask(method, more, body string) string {
	h.t.Helper()
	h.send(method, more, body)
	if err := h.sip.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		h.t.Fatal(err)
	}
	for b := make([]byte, 4096); ; {
		n, err := h.sip.Read(b)
		if err != nil {
			h.t.Fatal(err)
		}
		answer := string(b[:n])
		if strings.HasPrefix(answer, "SIP/2.0 1") || !strings.Contains(answer, method) {
			continue
		}
		if !strings.HasPrefix(answer, "SIP/2.0 200") {
			h.t.Fatalf("%s is answered by %.200s", method, answer)
		}
		return answer
	}
}

// packet sends RTP; what is lost is no matter.
func (h *handset) packet(kind byte, payload []byte) {
	h.sequence++
	b := binary.BigEndian.AppendUint16([]byte{0x80, kind}, h.sequence)
	b = binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, h.timestamp), 4711)
	_, _ = h.rtp.Write(append(b, payload...))
}

// say says what the bytes are in µ-law.
func (h *handset) say(samples []byte) {
	for ; len(samples) >= sound.FrameSamples; samples = samples[sound.FrameSamples:] {
		h.packet(0, samples[:sound.FrameSamples])
		h.timestamp += sound.FrameSamples
		time.Sleep(sound.FrameTime)
	}
}

// press presses keys (RFC 4733), one after the other.
func (h *handset) press(keys string) {
	for _, key := range []byte(keys) {
		event := key - '0'
		if key == '#' {
			event = hashKey
		}
		for i := range 5 {
			end := byte(0x0a)
			if i > 1 {
				end |= 0x80
			}
			h.packet(101, []byte{event, end, 0, byte(160 * min(i, 1))})
			time.Sleep(sound.FrameTime)
		}
		h.timestamp += 10 * sound.FrameSamples
		time.Sleep(5 * sound.FrameTime)
	}
}

// hangUp ends the call.
func (h *handset) hangUp() {
	h.t.Helper()
	h.ask("BYE", "", "")
	h.sip.Close()
	h.rtp.Close()
}
