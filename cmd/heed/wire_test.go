package main

import (
	"encoding/binary"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed/internal/phone/sound"
)

// wire reads along on the loopback of a network of the test's own: what phones there receive, before they do anything with it.
type wire struct {
	mu    sync.Mutex
	heard map[uint16][]string // sound by the port it went to, a frame each
}

// tapWire begins to read; it needs a network of its own (ownNetwork).
func tapWire(t *testing.T) *wire {
	t.Helper()
	const ip, hear = 0x0800, 16 << 20 // EtherType; bytes that wait for us
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM, int(uint16(ip>>8|ip<<8&0xff00)))
	if err != nil {
		t.Fatal(err)
	}
	// A forced size needs more rights than a user namespace has; without it, the machine's own bound holds.
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF, hear); err != nil {
		t.Fatal(err)
	}
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Usec: 100_000}); err != nil {
		t.Fatal(err)
	}
	w := &wire{heard: map[uint16][]string{}}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		packet := make([]byte, 2048)
		for {
			select {
			case <-stop:
				return
			default:
			}
			n, from, err := unix.Recvfrom(fd, packet, 0)
			if link, ok := from.(*unix.SockaddrLinklayer); err == nil && ok && link.Pkttype != unix.PACKET_OUTGOING { // each crosses loopback twice
				w.take(packet[:n])
			}
		}
	}()
	t.Cleanup(func() {
		close(stop)
		<-stopped
		unix.Close(fd)
	})
	return w
}

// take keeps a packet of UDP that holds 20 ms of A-law (RFC 3550 §5.1, RFC 3551).
func (w *wire) take(ip []byte) {
	const udp, rtp = 8, 12
	if len(ip) < 20 || ip[9] != unix.IPPROTO_UDP {
		return
	}
	head := int(ip[0]&0x0f) * 4
	if len(ip) < head+udp+rtp+sound.FrameSamples || ip[head+udp]>>6 != 2 || ip[head+udp+1]&0x7f != 8 {
		return
	}
	port := binary.BigEndian.Uint16(ip[head+2:])
	w.mu.Lock()
	defer w.mu.Unlock()
	w.heard[port] = append(w.heard[port], string(ip[head+udp+rtp:head+udp+rtp+sound.FrameSamples]))
}

// heardAt is all that was heard at a port until now.
func (w *wire) heardAt(port uint16) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.heard[port])
}
