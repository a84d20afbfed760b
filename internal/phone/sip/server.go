package sip

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"hash/maphash"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

// ErrInClear is returned for an address that others could reach in clear.
var ErrInClear = errors.New("calls would come in clear from other machines")

const (
	// leastSession is the shortest session timer that is taken: RFC 4028 §5's own.
	leastSession = 90 * time.Second
	// goodbye is how long handlers may take, once the time to drain is over, to keep what was said.
	goodbye = 20 * time.Second
	// lastWord is how long the other end is told of it.
	lastWord = time.Second
)

// Config says where calls are answered and by whom. Addresses are HOST:PORT; port 0 takes a free one.
type Config struct {
	Plain string           // UDP and TCP; "": not
	TLS   string           // SIP over TLS with SRTP; "": not
	Cert  *tls.Certificate // for TLS
	Clear bool             // sound and signalling may cross networks in clear

	External    netip.Addr     // what others are told in place of the machine's own address, where a NAT is between
	First, Last uint16         // ports of RTP and RTCP
	Peers       []netip.Prefix // who may call; none: everybody
	Calls       int            // most calls at once
	Ring        time.Duration  // how long it rings before a call is answered
	Trunk       *Trunk         // where calls go out; nil: nowhere

	session time.Duration // the shortest session timer that is taken; 0: leastSession
	retry   time.Duration // after how long a registration is tried again at first; 0: soonest

	// Handler has a call from when it is answered until it returns; its context ends when the process must stop.
	Handler func(ctx context.Context, leg sound.Leg)
	Log     *slog.Logger
}

// Server answers calls.
type Server struct {
	c          Config
	transport  *sip.TransportLayer
	tx         *sip.TransactionLayer
	trunk      *trunk                    // nil: there is none
	lost       bool                      // it wasn't found when it was looked for last; find's
	known      atomic.Pointer[time.Time] // until when the trunk knows us; nil: it doesn't
	unregister func()                    // tells the trunk that we are gone; nil: it wasn't told otherwise
	rate       *rate
	shares     *[buckets]rate
	seed       maphash.Seed

	plain, tls netip.AddrPort // bound
	closers    []func() error
	serving    sync.WaitGroup

	ctx      context.Context // of the calls
	stop     context.CancelFunc
	mu       sync.Mutex
	ended    sync.Cond // a call has ended
	draining bool
	lines    room
	overfull uint64           // calls that were refused because their address had its share
	warned   time.Time        // when the log was told of one
	dialling int              // calls that go out
	dialogs  map[string]*call // by id
	invites  map[string]bool  // being answered, by what a request that came twice has in common
}

// The libraries' packages keep settings in variables; they are set here before anything can run.
func init() {
	sip.SetDefaultLogger(slog.New(slog.DiscardHandler)) // it prints messages whole
	sip.UDPMTUSize = 16 << 10                           // an answer goes back the way that its request came (RFC 3261 §18.2.2), however long
}

// New makes a server that doesn't listen yet.
func New(c Config) *Server {
	s := &Server{c: c, rate: newRate(messagesASecond), shares: newShares(), seed: maphash.MakeSeed(), lines: newRoom(c.Calls), dialogs: map[string]*call{}, invites: map[string]bool{}}
	s.ended.L = &s.mu
	if c.session == 0 {
		s.c.session = leastSession
	}
	if c.retry == 0 {
		s.c.retry = soonest
	}
	silent := slog.New(slog.DiscardHandler)
	roots, name := (*x509.CertPool)(nil), ""
	if c.Trunk != nil {
		s.trunk = &trunk{Trunk: *c.Trunk}
		roots = c.Trunk.Roots
		name, _ = splitPlace(s.trunk.place()) // whose certificate it must show (RFC 5922 §7.2)
	}
	s.transport = sip.NewTransportLayer(
		&net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errNoCalling }},
		sip.NewParser(), &tls.Config{MinVersion: tls.VersionTLS12, ServerName: name, RootCAs: roots},
		sip.WithTransportLayerLogger(silent),
		sip.WithTransportLayerReadFilter(s.throttle),
		sip.WithTransportLayerTransports(sip.TransportsConfig{
			TCP: &sip.TransportTCP{DialerCreate: s.dialer},
			TLS: &sip.TransportTLS{TransportTCP: &sip.TransportTCP{DialerCreate: s.dialer}},
		}),
	)
	s.tx = sip.NewTransactionLayer(s.transport, sip.WithTransactionLayerLogger(silent), sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {}))
	s.tx.OnRequest(s.handle)
	s.ctx, s.stop = context.WithCancel(context.Background())
	return s
}

// Listen begins to answer.
//
// It returns ErrInClear where Plain can be reached from other machines and Clear isn't set.
func (s *Server) Listen() error {
	found := s.trunk != nil && s.find() // before anybody calls from there
	if err := s.listen(); err != nil {
		s.closeListeners()
		return err
	}
	if s.trunk != nil {
		s.serving.Go(func() { s.keepFound(found) })
	}
	if s.trunk != nil && s.trunk.Register {
		ctx, end := context.WithCancel(context.Background())
		r := &registration{s: s, id: randomToken(16), tag: randomToken(8), over: make(chan struct{})}
		s.unregister = func() {
			end()
			<-r.over
		}
		go r.keepRegistered(ctx)
	}
	return nil
}

// Addresses are where the server listens: in clear, and by TLS. One that isn't there is not valid.
func (s *Server) Addresses() (plain, tls netip.AddrPort) { return s.plain, s.tls }

// Calls is how many lines are taken.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lines.taken
}

// Shutdown refuses new calls, waits for those in progress as long as ctx lives, ends what is left, and closes.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	over := make(chan struct{})
	if s.unregister != nil {
		s.unregister() // no more calls come
	}
	go func() {
		s.mu.Lock()
		for s.lines.taken > 0 || s.dialling > 0 {
			s.ended.Wait()
		}
		s.mu.Unlock()
		close(over)
	}()
	select {
	case <-over:
	case <-ctx.Done():
	}
	s.stop()
	s.hangUpAll()
	select {
	case <-over:
	case <-time.After(goodbye):
		s.c.Log.Warn("calls were cut off", "calls", s.Calls())
	}
	err := s.closeListeners()
	s.tx.Close()
	return errors.Join(err, s.transport.Close())
}

// hangUpAll hangs up what is still in progress; handlers go on by themselves.
func (s *Server) hangUpAll() {
	s.mu.Lock()
	calls := slices.Collect(maps.Values(s.dialogs))
	s.mu.Unlock()
	var told sync.WaitGroup
	for _, c := range calls {
		told.Go(c.hangUp)
	}
	told.Wait()
}

func (s *Server) closeListeners() error {
	var errs []error
	for _, close := range s.closers {
		errs = append(errs, close())
	}
	s.serving.Wait()
	return errors.Join(errs...)
}

// takeLine takes one of the lines for a call that comes from an address, until free is called; false where all that it may take are busy.
func (s *Server) takeLine(from netip.Addr) (free func(), ok bool) {
	whose, shares := s.share(from)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining {
		return nil, false
	}
	if !s.lines.take(whose, shares) {
		if !s.lines.full() {
			s.refusedShare(time.Now())
		}
		return nil, false
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lines.leave(whose, shares)
		s.ended.Broadcast()
	}, true
}

// warnAgain is how long the log isn't told again of calls that a share refused.
const warnAgain = time.Hour

// refusedShare counts a call that was refused while lines were free, and tells the log now and then: it may be an exchange that nobody named,
// whose callers hear that the line is busy. s.mu is held.
func (s *Server) refusedShare(now time.Time) {
	s.overfull++
	if now.Sub(s.warned) < warnAgain {
		return
	}
	s.warned = now
	s.c.Log.Warn("calls are refused because their address has its share of the lines: name an exchange that many call through (--sip-peers)")
}

// RefusedByShare is how many calls were refused since the start while lines were free, because their address had its share of them.
func (s *Server) RefusedByShare() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.overfull
}

func (s *Server) isDraining() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.draining
}

// dialog finds the call that a request belongs to; nil where there is none.
func (s *Server) dialog(req *sip.Request) *call {
	id, ok := dialogID(req)
	if !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dialogs[id]
}

// randomToken is n random bytes in hexadecimal.
func randomToken(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return hex.EncodeToString(b)
}
