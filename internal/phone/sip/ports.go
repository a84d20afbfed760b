package sip

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
)

// portTries is how many pairs of ports are tried before a call is told that there is none.
const portTries = 64

var errNoPorts = errors.New("no free pair of ports for RTP")

// pair is the two sockets of a call's sound: RTP on an even port, RTCP on the one above (RFC 3550 §11).
type pair struct{ rtp, rtcp *socket }

// openPair opens a pair somewhere between the ports first and last.
func openPair(address netip.Addr, first, last uint16) (*pair, error) {
	first += first % 2
	pairs := (int(last) - int(first) + 1) / 2
	if pairs < 1 {
		return nil, errNoPorts
	}
	for range portTries {
		port := first + 2*uint16(rand.IntN(pairs)) // an attacker who guesses it gains nothing that the source's lock doesn't keep
		rtp, err := openSocket(netip.AddrPortFrom(address, port))
		if err != nil {
			continue
		}
		rtcp, err := openSocket(netip.AddrPortFrom(address, port+1))
		if err != nil {
			rtp.close()
			continue
		}
		return &pair{rtp, rtcp}, nil
	}
	return nil, errNoPorts
}

func (p *pair) close() {
	p.rtp.close()
	p.rtcp.close()
}

// port is where RTP is expected.
func (p *pair) port() uint16 { return p.rtp.port }

// localAddress finds by which of this machine's addresses others at remote are reached. Nothing is sent.
func localAddress(remote netip.Addr) (netip.Addr, error) {
	conn, err := net.DialUDP("udp", nil, net.UDPAddrFromAddrPort(netip.AddrPortFrom(remote, 9)))
	if err != nil {
		return netip.Addr{}, fmt.Errorf("finding a way to the other end: %w", errors.Unwrap(err)) // the outer error names the address
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap(), nil
}
