package sip

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"hash/maphash"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/survive"
)

const (
	// messagesASecond is what comes in at most: 500 calls that begin within a second need less, and a flood costs no more memory than this many
	// transactions.
	messagesASecond = 3000
	// ofOneASecond is what comes in at most from one address on a line that anybody may call: one that floods leaves room for others.
	ofOneASecond = 300
	// buckets is of how many addresses that is counted apart; those that share one share what it lets in.
	buckets = 4096
	// site is how many bits of an IPv6 address say whose it is (BCP 157: /48 for a large site, /56 for a small one).
	site = 48
	// mostAddresses is how many addresses of datagrams are known at once: the library keeps each that it has seen.
	mostAddresses = 1 << 16
	// mostConnections is how many connections are open at once.
	mostConnections = 2048
	// firstWord is how long a connection may be silent before its first byte, and idle how long between two.
	firstWord = 30 * time.Second
	idle      = 30 * time.Minute // a session timer of half an hour is renewed twice as often
	// writing is how long a connection may take nothing.
	writing = 5 * time.Second
)

var errNoCalling = errors.New("nobody is called back")

type syscallConn = syscall.RawConn

// errTrunk is returned where calls would go out by a way that none come in by.
var errTrunk = errors.New("the trunk's transport is none that calls are answered by")

// listen opens what the configuration names.
func (s *Server) listen() error {
	if t := s.trunk; t != nil && (t.secure() && s.c.TLS == "" || !t.secure() && s.c.Plain == "") {
		return errTrunk
	}
	if s.c.Plain != "" {
		if err := s.listenPlain(); err != nil {
			return err
		}
	}
	if s.c.TLS == "" {
		return nil
	}
	listener, err := net.Listen("tcp", s.c.TLS)
	if err != nil {
		return fmt.Errorf("listening for calls by TLS: %w", err)
	}
	s.tls = listener.Addr().(*net.TCPAddr).AddrPort()
	secured := tls.NewListener(s.doorman(listener), &tls.Config{Certificates: []tls.Certificate{*s.c.Cert}, MinVersion: tls.VersionTLS12})
	s.serve(listener.Close, func() error { return s.transport.ServeTLS(secured) })
	return nil
}

// listenPlain opens UDP and TCP on one port.
func (s *Server) listenPlain() error {
	listener, conn, err := openBoth(s.c.Plain)
	if err != nil {
		return err
	}
	s.plain = listener.Addr().(*net.TCPAddr).AddrPort()
	if !s.plain.Addr().Unmap().IsLoopback() && !s.c.Clear {
		return errors.Join(ErrInClear, listener.Close(), conn.Close())
	}
	s.serve(listener.Close, func() error { return s.transport.ServeTCP(s.doorman(listener)) })
	s.serve(conn.Close, func() error {
		return s.transport.ServeUDP(&datagrams{UDPConn: conn, rate: s.rate, admits: s.admits, spares: s.spares, seen: map[netip.AddrPort]struct{}{}})
	})
	return s.socketKnown()
}

// socketKnown waits until the library knows the socket of datagrams, which it learns beside: what goes out before would open another.
func (s *Server) socketKnown() error {
	socket := s.udpSocket()
	for range 1000 {
		if conn, err := s.transport.GetConnection("udp", socket.String()); err == nil {
			_, err = conn.TryClose() // it was counted as one more who uses it
			return err
		}
		time.Sleep(time.Millisecond)
	}
	return errNotSent
}

// freePorts is how many free ports are tried that are free for TCP and not for UDP.
const freePorts = 20

// openBoth opens TCP and UDP on one port, for port 0 on one that is free for both.
func openBoth(address string) (listener net.Listener, conn *net.UDPConn, err error) {
	for range freePorts {
		if listener, err = net.Listen("tcp", address); err != nil {
			return nil, nil, fmt.Errorf("listening for calls by TCP: %w", err)
		}
		at := listener.Addr().(*net.TCPAddr).AddrPort()
		if conn, err = net.ListenUDP("udp", net.UDPAddrFromAddrPort(at)); err == nil {
			return listener, conn, nil
		}
		err = errors.Join(fmt.Errorf("listening for calls by UDP: %w", err), listener.Close())
		if _, port, split := net.SplitHostPort(address); split != nil || port != "0" {
			break
		}
	}
	return nil, nil, err
}

// serve reads until close ends it. Where a message breaks the library's reader, or its memory of addresses is full, it begins anew.
func (s *Server) serve(close func() error, read func() error) {
	var closed atomic.Bool
	s.closers = append(s.closers, func() error {
		closed.Store(true)
		return close()
	})
	s.serving.Go(func() {
		for !closed.Load() {
			func() {
				defer s.recoverFrom("reading messages")
				_ = read() // it ends with its socket, or to begin anew
			}()
			if !closed.Load() {
				time.Sleep(10 * time.Millisecond)
			}
		}
	})
}

// recoverFrom logs where something broke, and none of what broke it.
func (s *Server) recoverFrom(doing string) {
	if recover() != nil {
		s.c.Log.Error("a fault was met", "doing", doing, "stack", survive.Where())
	}
}

// throttle holds connections back, whose messages wait where datagrams are dropped. It is called with each piece that was read.
func (s *Server) throttle(from sip.TransportReadProps, piece []byte) ([]byte, error) {
	if from.Transport == "UDP" {
		return piece, nil
	}
	for range 1 + bytes.Count(piece, []byte("\r\n\r\n")) {
		for !s.spares(address(from.RemoteAddr), time.Now()) || !s.rate.take(time.Now()) {
			select {
			case <-s.ctx.Done():
				return nil, context.Canceled
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	return piece, nil
}

// datagrams is a UDP socket that lets in whom it may, and no more than can be borne.
type datagrams struct {
	*net.UDPConn
	rate   *rate
	admits func(netip.Addr) bool
	spares func(netip.Addr, time.Time) bool // whether its own share lets another message of an address in
	seen   map[netip.AddrPort]struct{}
}

// ReadFrom gives the next datagram. It says that the socket is closed, which it isn't, once as many addresses came as the library may keep: it then
// forgets them all.
func (d *datagrams) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := d.UDPConn.ReadFromUDPAddrPort(b)
		switch {
		case errors.Is(err, net.ErrClosed):
			return 0, nil, err
		case err != nil || !d.admits(from.Addr()) || !d.spares(from.Addr(), time.Now()) || !d.rate.take(time.Now()):
			continue
		}
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		if _, known := d.seen[from]; !known {
			if len(d.seen) >= mostAddresses {
				time.Sleep(100 * time.Millisecond) // until what came before has its way back
				return 0, nil, net.ErrClosed
			}
			d.seen[from] = struct{}{}
		}
		return n, net.UDPAddrFromAddrPort(from), nil
	}
}

// doorman accepts connections of whom it may, and no more than can be borne.
type doorman struct {
	net.Listener
	admits func(netip.Addr) bool
	share  func(netip.Addr) (netip.Addr, bool)

	mu   sync.Mutex
	open room
}

func (s *Server) doorman(listener net.Listener) *doorman {
	return &doorman{Listener: listener, admits: s.admits, share: s.share, open: newRoom(mostConnections)}
}

// lets says whether another connection from an address is let in, until left is called.
func (d *doorman) lets(from netip.Addr) (left func(), ok bool) {
	if !d.admits(from) {
		return nil, false
	}
	whose, shares := d.share(from)
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.open.take(whose, shares) {
		return nil, false
	}
	return sync.OnceFunc(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.open.leave(whose, shares)
	}), true
}

func (d *doorman) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return nil, err
		}
		if err != nil { // no file left: some will be given back
			time.Sleep(50 * time.Millisecond)
			continue
		}
		left, ok := d.lets(conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr())
		if !ok {
			_ = conn.Close()
			continue
		}
		return &connection{Conn: conn, patience: firstWord, left: left}, nil
	}
}

// connection is one that doesn't stay open for nothing.
type connection struct {
	net.Conn
	patience time.Duration
	left     func()
}

func (c *connection) Read(b []byte) (int, error) {
	if err := c.SetReadDeadline(time.Now().Add(c.patience)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(b)
	if n > 0 {
		c.patience = idle
	}
	return n, err
}

func (c *connection) Write(b []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(writing)); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

func (c *connection) Close() error {
	c.left()
	return c.Conn.Close()
}

// admits says whether messages from an address are read: of the peers, and of the trunk, by whatever address it was found.
func (s *Server) admits(from netip.Addr) bool {
	for _, p := range s.c.Peers {
		if p.Contains(from.Unmap()) {
			return true
		}
	}
	return len(s.c.Peers) == 0 || s.trunk.is(from)
}

// dialer connects to the trunk and to nobody else: an answer whose connection is gone isn't carried to wherever its Via says.
func (s *Server) dialer(net.Addr) net.Dialer {
	return net.Dialer{Timeout: connecting, ControlContext: func(_ context.Context, _, address string, _ syscallConn) error {
		if !s.trunk.mayDial(address) {
			return errNoCalling
		}
		return nil
	}}
}

// share is whose share an address has; false where it has none. Peers, the trunk and this machine have none: many call through one of them.
func (s *Server) share(from netip.Addr) (netip.Addr, bool) {
	from = from.Unmap()
	if len(s.c.Peers) > 0 || s.trunk.is(from) || from.IsLoopback() {
		return from, false
	}
	if from.Is6() { // a whole site is one: who has one of its addresses may have all of them (BCP 157)
		from = netip.PrefixFrom(from.WithZone(""), site).Masked().Addr()
	}
	return from, true
}

// spares says whether an address's own share lets another message in.
func (s *Server) spares(from netip.Addr, now time.Time) bool {
	whose, shares := s.share(from)
	return !shares || s.shares[maphash.Comparable(s.seed, whose)%buckets].take(now)
}

// address is the address of a connection's other end.
func address(of net.Addr) netip.Addr {
	if at, ok := of.(*net.TCPAddr); ok {
		return at.AddrPort().Addr()
	}
	return netip.Addr{}
}

// rate lets so many messages a second through, as many at once as come in a second.
type rate struct {
	perSecond float64

	mu   sync.Mutex
	left float64
	at   time.Time
}

func newRate(perSecond float64) *rate { return &rate{perSecond: perSecond, left: perSecond} }

// newShares makes the shares of single addresses.
func newShares() *[buckets]rate {
	var all [buckets]rate
	for i := range all {
		all[i].perSecond, all[i].left = ofOneASecond, ofOneASecond
	}
	return &all
}

func (r *rate) take(now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.at.IsZero() {
		r.left = min(r.left+now.Sub(r.at).Seconds()*r.perSecond, r.perSecond)
	}
	r.at = now
	if r.left < 1 {
		return false
	}
	r.left--
	return true
}
