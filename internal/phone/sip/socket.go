package sip

import (
	"net"
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"
)

// socket is a UDP socket that is read without waiting: what came is there when the call's clock asks for it, so that a call needs no
// goroutine of its own for reading.
type socket struct {
	conn *net.UDPConn
	raw  syscall.RawConn
	port uint16

	// One read's result, kept here so that it costs no memory.
	buffer [1600]byte
	n      int
	from   netip.AddrPort
	read   func(fd uintptr) bool
}

func openSocket(at netip.AddrPort) (*socket, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, err
	}
	raw, err := conn.SyscallConn()
	if err != nil {
		conn.Close()
		return nil, err
	}
	s := &socket{conn: conn, raw: raw, port: conn.LocalAddr().(*net.UDPAddr).AddrPort().Port()}
	s.read = s.receive
	return s, nil
}

// next gives the next packet that has come, an empty one too, until the following call; nil where none is waiting.
func (s *socket) next() ([]byte, netip.AddrPort) {
	s.n = -1
	if err := s.raw.Read(s.read); err != nil || s.n < 0 { // an error: the socket is closed, since the call has ended
		return nil, netip.AddrPort{}
	}
	return s.buffer[:s.n], s.from
}

// receive reads one packet; it always answers true, which is not to wait for one.
func (s *socket) receive(fd uintptr) bool {
	n, from, err := unix.Recvfrom(int(fd), s.buffer[:], unix.MSG_DONTWAIT)
	if err != nil {
		return true // EAGAIN: nothing there
	}
	switch a := from.(type) {
	case *unix.SockaddrInet4:
		s.from = netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *unix.SockaddrInet6:
		s.from = netip.AddrPortFrom(netip.AddrFrom16(a.Addr).Unmap(), uint16(a.Port))
	default:
		return true
	}
	s.n = n
	return true
}

// send sends a packet. Sound that can't be sent is lost like sound that doesn't arrive.
func (s *socket) send(packet []byte, to netip.AddrPort) {
	if to.IsValid() {
		_, _ = s.conn.WriteToUDPAddrPort(packet, to)
	}
}

func (s *socket) close() { _ = s.conn.Close() } // nothing of a closed socket is of use
