package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// pcap is a caller's part of a call as sipp plays it: packets of RTP, each at its time.
type pcap struct {
	buf      bytes.Buffer
	sequence uint16
}

func newPcap() *pcap {
	p := &pcap{}
	for _, v := range []any{uint32(0xa1b2c3d4), uint16(2), uint16(4), uint32(0), uint32(0), uint32(65535), uint32(1)} { // Ethernet
		binary.Write(&p.buf, binary.LittleEndian, v)
	}
	return p
}

// packet adds a packet; its timestamp is when it is sent, or, for a key, when the key went down.
func (p *pcap) packet(at, stamp time.Duration, payload byte, body []byte) {
	p.sequence++
	rtp := binary.BigEndian.AppendUint16([]byte{0x80, payload}, p.sequence)
	rtp = binary.BigEndian.AppendUint32(rtp, uint32(stamp.Milliseconds()*sound.Rate/1000))
	rtp = append(binary.BigEndian.AppendUint32(rtp, 4711), body...)
	udp := binary.BigEndian.AppendUint16([]byte{0x27, 0x10, 0x27, 0x10}, uint16(8+len(rtp)))
	udp = append(append(udp, 0, 0), rtp...)
	ip := binary.BigEndian.AppendUint16([]byte{0x45, 0}, uint16(20+len(udp)))
	ip = append(ip, 0, 1, 0, 0, 64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1)
	frame := append(append(append(make([]byte, 12), 8, 0), ip...), udp...)
	for _, v := range []uint32{uint32(at / time.Second), uint32(at % time.Second / time.Microsecond), uint32(len(frame)), uint32(len(frame))} {
		binary.Write(&p.buf, binary.LittleEndian, v)
	}
	p.buf.Write(frame)
}

// press adds a key (RFC 4733).
func (p *pcap) press(at time.Duration, key byte) {
	for i := range 5 {
		end := byte(0x0a)
		if i > 1 {
			end |= 0x80
		}
		p.packet(at+time.Duration(i)*sound.FrameTime, at, 101, []byte{key, end, 0x01, byte(i * 0x40)})
	}
}

// insideNamespace is set where a test runs once more in a network of its own.
const insideNamespace = "HEED_IN_NAMESPACE"

// ownNetwork runs the test once more in a network of its own, where sipp may open the raw socket that it plays packets through; true where that is now.
func ownNetwork(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideNamespace) != "" {
		return true
	}
	again := exec.Command("unshare", "--user", "--map-root-user", "--net", "sh", "-ec", "ip link set lo up; exec \"$0\" \"$@\"", os.Args[0], "-test.run=^"+t.Name()+"$", "-test.v")
	again.Env = append(os.Environ(), insideNamespace+"=1")
	if out, err := again.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("--- PASS")) {
		t.Fatalf("in a network of its own (it needs iproute2, util-linux and leave to make user namespaces): %v\n%s", err, out)
	}
	return false
}

func TestAPhoneByItselfAnswersWithPublicKeysAlone(t *testing.T) {
	l := startLine(t, "--role", "desk,worker")
	keys := filepath.Join(t.TempDir(), "keys")
	audit := strings.TrimSpace(strings.TrimPrefix(l.command("operations", "portal-keys", keys), "audit-key: "))
	apart := serveLine(t, l.data, time.Now, "--role", "phone", "--keystore", keys, "--audit-key", audit, "--sip", "127.0.0.1:0")
	conn, err := net.Dial("udp", strings.TrimPrefix(apart.phone, "sip:"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprintf(conn, "OPTIONS sip:line@line.example SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK1;rport\r\nFrom: <sip:a@b.example>;tag=1\r\nTo: <sip:line@line.example>\r\nCall-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n", conn.LocalAddr())
	answer := make([]byte, 2000)
	n, err := conn.Read(answer)
	if err != nil || !strings.HasPrefix(string(answer[:n]), "SIP/2.0 200 OK\r\n") {
		t.Errorf("it answers %q, %v", answer[:n], err)
	}
}
