package sip

import (
	"context"
	"crypto/x509"
	"maps"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	// mostWays is how many addresses of a trunk are tried.
	mostWays = 8
	// connecting is how long a connection to it may take, and finding how long it is looked for before calls are answered.
	connecting, finding = 5 * time.Second, 5 * time.Second
	// findAgain is after how long it is looked for again, whether anybody calls out or not: no resolver of Go's tells how long its answer holds.
	findAgain = 5 * time.Minute
	// remembered is how long an address is its own after it was found last, and mostKnown how many are.
	remembered, mostKnown = time.Hour, 64
	// usualPort and usualTLS are SIP's own (RFC 3261 §19.1.2).
	usualPort, usualTLS = 5060, 5061
)

// Trunk is the exchange or provider that calls go out by. It is the one place that is ever called: who is dialled beyond it is its affair.
type Trunk struct {
	Host      string                 // its domain or address, with a port where that isn't the usual one
	Proxy     string                 // where messages go, as Host is written, where that isn't Host
	Transport string                 // "udp", "tcp" or "tls"
	User      string                 // who we are to it
	Secret    func() (string, error) // of User; nil: none
	Realm     string                 // for which alone the secret is proved; "": for whatever the trunk names
	From      string                 // user@domain that those who are called see; User@Host unless given
	Register  bool                   // whether it has to be told where the line is, so that calls come
	Expires   time.Duration          // for how long each time
	Roots     *x509.CertPool         // who vouches for it where it is reached by TLS; nil: whom the system trusts
}

// String keeps whoever prints a trunk from printing whose it is.
func (t Trunk) String() string { return "a trunk" }

// trunk is the Trunk and at which addresses it was found. A nil one has none.
type trunk struct {
	Trunk

	mu    sync.Mutex
	known map[netip.AddrPort]time.Time // when each of its addresses was found last; calls that come from there are its own
}

// place is where messages go.
func (t *trunk) place() string {
	if t.Proxy != "" {
		return t.Proxy
	}
	return t.Host
}

// secure says whether messages to it are protected, and so may hold keys.
func (t *trunk) secure() bool { return t.Transport == "tls" }

// ways finds the trunk's addresses, the best first (RFC 3263, without NAPTR: the transport is given).
//
// It returns sound.ErrNoWay where there are none.
func (t *trunk) ways(ctx context.Context) ([]netip.AddrPort, error) {
	host, port := splitPlace(t.place())
	ways, err := t.resolve(ctx, host, port)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || len(ways) == 0 {
		return nil, sound.ErrNoWay // the resolver's error has the name
	}
	ways = ways[:min(len(ways), mostWays)]
	t.know(ways, time.Now())
	return ways, nil
}

// know remembers where the trunk was found, and for a while where it was before: a name with many addresses tells few of them at once.
func (t *trunk) know(ways []netip.AddrPort, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.known, func(_ netip.AddrPort, found time.Time) bool { return now.Sub(found) > remembered })
	if t.known == nil || len(t.known)+len(ways) > mostKnown {
		t.known = map[netip.AddrPort]time.Time{}
	}
	for _, way := range ways {
		t.known[way] = now
	}
}

// keepFound looks for the trunk now and then, until the line stops: nobody may call out by it for days.
func (s *Server) keepFound(found bool) {
	for pause := soonest; ; {
		wait := findAgain
		if found {
			pause = soonest
		} else {
			wait, pause = pause, min(2*pause, findAgain)
		}
		select {
		case <-s.ctx.Done():
			return
		case <-time.After(wait):
		}
		found = s.find()
	}
}

// find looks for the trunk once and says whether it is there; what breaks over an answer is told and no more.
func (s *Server) find() (found bool) {
	defer s.recoverFrom("looking for the trunk")
	ctx, cancel := context.WithTimeout(s.ctx, finding)
	defer cancel()
	_, err := s.trunk.ways(ctx)
	if found = err == nil; found != s.lost || s.ctx.Err() != nil {
		return found
	}
	if s.lost = !found; found {
		s.c.Log.Info("the trunk's addresses are found again")
	} else {
		s.c.Log.Warn("the trunk's addresses aren't found: until they are, calls from any other than it had are taken for a stranger's")
	}
	return found
}

func (t *trunk) resolve(ctx context.Context, host string, port uint16) (ways []netip.AddrPort, err error) {
	usual, service, network := uint16(usualPort), "sip", t.Transport
	if t.secure() {
		usual, service, network = usualTLS, "sips", "tcp"
	}
	if address, err := netip.ParseAddr(host); err == nil {
		if port == 0 {
			port = usual
		}
		return []netip.AddrPort{netip.AddrPortFrom(address.Unmap(), port)}, nil
	}
	if port == 0 {
		if _, servers, err := net.DefaultResolver.LookupSRV(ctx, service, network, host); err == nil {
			for _, server := range servers[:min(len(servers), mostWays)] {
				found, err := lookUp(ctx, server.Target, server.Port)
				if err != nil {
					continue // the others may be there
				}
				ways = append(ways, found...)
			}
			if len(ways) > 0 {
				return ways, nil
			}
		}
		port = usual
	}
	return lookUp(ctx, host, port)
}

func lookUp(ctx context.Context, name string, port uint16) (ways []netip.AddrPort, err error) {
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", name)
	for _, address := range addresses {
		ways = append(ways, netip.AddrPortFrom(address.Unmap(), port))
	}
	return ways, err
}

// is says whether an address is one of the trunk's.
func (t *trunk) is(address netip.Addr) bool {
	return t.any(func(way netip.AddrPort) bool { return way.Addr() == address.Unmap() })
}

// mayDial says whether a connection may be made to there.
func (t *trunk) mayDial(address string) bool {
	to, err := netip.ParseAddrPort(address)
	return err == nil && t.any(func(way netip.AddrPort) bool { return way == netip.AddrPortFrom(to.Addr().Unmap(), to.Port()) })
}

func (t *trunk) any(holds func(netip.AddrPort) bool) bool {
	if t == nil {
		return false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for way := range t.known {
		if holds(way) {
			return true
		}
	}
	return false
}

// splitPlace parts a name or address from its port; 0 where it has none.
func splitPlace(place string) (host string, port uint16) {
	if address, err := netip.ParseAddr(strings.Trim(place, "[]")); err == nil {
		return address.String(), 0
	}
	host, text, err := net.SplitHostPort(place)
	if err != nil {
		return place, 0
	}
	number, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return place, 0 // no such host will be found
	}
	return host, uint16(number)
}

var (
	// dialled is a telephone number as people dial it; named what may stand before and behind the @ of an address (RFC 3261 §25.1, without what means something elsewhere).
	dialled = regexp.MustCompile(`^\+?[0-9]{2,20}$`)
	named   = regexp.MustCompile(`^([A-Za-z0-9_.!~*'()+-]{1,64})@([A-Za-z0-9.-]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(:[0-9]{1,5})?$`)
)

// ValidAddress says whether something is an address that a call can go to: "sip:201@pbx.example", or a telephone number.
func ValidAddress(to string) bool {
	_, ok := (&trunk{}).target(to)
	return ok
}

// target is whom a call is for; false where that is no address. A number is the trunk's own to reach.
func (t *trunk) target(to string) (sip.Uri, bool) {
	if dialled.MatchString(to) {
		uri := t.domain(to)
		uri.UriParams.Add("user", "phone")
		return uri, true
	}
	name, ok := strings.CutPrefix(to, "sip:")
	if !ok {
		return sip.Uri{}, false
	}
	return parseName(name)
}

// domain is a name within the trunk's domain.
func (t *trunk) domain(user string) sip.Uri {
	host, port := splitPlace(t.Host)
	return sip.Uri{Scheme: "sip", User: user, Host: host, Port: int(port)}
}

// from is who calls, as those who are called see it.
func (t *trunk) from() sip.Uri {
	if uri, ok := parseName(t.From); ok {
		return uri
	}
	return t.domain(t.User)
}

// parseName reads user@host.
func parseName(name string) (sip.Uri, bool) {
	parts := named.FindStringSubmatch(name)
	if parts == nil {
		return sip.Uri{}, false
	}
	port := 0
	if parts[3] != "" {
		number, err := strconv.ParseUint(parts[3][1:], 10, 16)
		if err != nil || number == 0 {
			return sip.Uri{}, false
		}
		port = int(number)
	}
	return sip.Uri{Scheme: "sip", User: parts[1], Host: strings.Trim(parts[2], "[]"), Port: port}, true
}
