package sip

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"
)

// Why a trunk doesn't know the line.
var (
	ErrTrunkSilent  = errors.New("the trunk doesn't answer")
	ErrTrunkRefuses = errors.New("the trunk refuses the line's name or secret")
	ErrTrunkFault   = errors.New("the trunk can't do it now")
	// ErrTrunkSecret and ErrTrunkRealm are no refusals: the line didn't say who it is.
	ErrTrunkSecret = errors.New("the line's secret for the trunk can't be read (phone.trunk.secret_file)")
	ErrTrunkRealm  = errors.New("who asks for the line's secret is not the realm that the profile names (phone.trunk.realm)")
)

const (
	// registering is how long an answer to one REGISTER is waited for.
	registering = 8 * time.Second
	// soonest and latest are how long the line waits after a failure until it tries again, twice as long each time.
	soonest, latest = 5 * time.Second, 5 * time.Minute
	// shortestLife is the shortest time between two registrations, whatever the trunk grants.
	shortestLife = 2 * time.Second
	// longestLife is the longest, as a profile may have it: for that long at most a line is lost whose place has changed.
	longestLife = 24 * time.Hour
	// mostBindings is how many places are read of those that a trunk knows.
	mostBindings = 32
)

// registration tells the trunk where the line is, so that calls come (RFC 3261 §10).
type registration struct {
	s       *Server
	id, tag string // the same ones for the life of the process (§10.2)
	said    uint32
	way     netip.AddrPort // that answered last
	over    chan struct{}  // closed once the trunk was told that the line is gone
}

// Registered says whether the trunk knows where the line is.
func (s *Server) Registered() bool {
	until := s.known.Load()
	return until != nil && time.Now().Before(*until)
}

// keepRegistered tells the trunk where the line is, again before it forgets, until ctx ends; then it tells it that the line is gone.
func (r *registration) keepRegistered(ctx context.Context) {
	defer close(r.over)
	var why error
	for wait, pause := time.Duration(0), r.s.c.retry; ; {
		select {
		case <-ctx.Done():
			r.leave()
			return
		case <-time.After(wait):
		}
		granted, err := r.try(ctx)
		switch {
		case ctx.Err() != nil:
		case err == nil:
			until := time.Now().Add(granted)
			if r.s.known.Swap(&until) == nil || why != nil {
				r.s.c.Log.Info("the trunk knows the line")
			}
			why, pause, wait = nil, r.s.c.retry, max(granted*4/5, shortestLife)
		default:
			if !errors.Is(err, why) {
				r.s.c.Log.Warn("the trunk doesn't know the line", "why", err)
			}
			why, wait, pause = err, pause, min(2*pause, latest)
		}
	}
}

// try registers once; what breaks over an answer is a fault of the trunk's.
func (r *registration) try(ctx context.Context) (granted time.Duration, err error) {
	err = ErrTrunkFault
	defer r.s.recoverFrom("registering with the trunk")
	return r.register(ctx, r.s.trunk.Expires)
}

// leave tells the trunk that the line is gone, for as long as it has time to.
func (r *registration) leave() {
	if r.s.known.Swap(nil) == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastWord)
	defer cancel()
	_, _ = r.at(ctx, r.way, 0) // else the trunk forgets the line by itself
}

// register tells it by the first of the trunk's addresses that answers, and returns for how long the trunk will know.
func (r *registration) register(ctx context.Context, life time.Duration) (granted time.Duration, err error) {
	ways, err := r.s.trunk.ways(ctx)
	if err != nil {
		return 0, ErrTrunkSilent
	}
	for _, way := range ways {
		if granted, err = r.at(ctx, way, life); !errors.Is(err, ErrTrunkSilent) {
			break
		}
	}
	return granted, err
}

// at registers with one address; a life of nothing is the end of it.
func (r *registration) at(ctx context.Context, way netip.AddrPort, life time.Duration) (granted time.Duration, err error) {
	d, err := r.s.registrar(way)
	if err != nil {
		return 0, err
	}
	id := sip.CallIDHeader(r.id)
	d.callID, d.said = &id, r.said
	d.ours.Params.Add("tag", r.tag)
	defer func() { r.said = d.said }()
	longer := false
	for {
		res, err := r.s.tell(ctx, &d, []string{"Contact", "<" + d.contact.Address.String() + ">;expires=" + seconds(life), "Expires", seconds(life)})
		switch {
		case err != nil:
			return 0, err
		case res.IsSuccess():
			r.way = way
			return grant(res, &d, life), nil
		case res.StatusCode == tooBrief && !longer && life > 0:
			longer, life = true, max(life, min(headerSeconds(res, "min-expires"), longestLife))
		default:
			return 0, refusal(res.StatusCode)
		}
	}
}

// tooBrief is what a registration is refused with that is for too short a time (RFC 3261 §21.4.17).
const tooBrief = 423

func refusal(code int) error {
	if code >= 500 && code < 600 || code == 408 {
		return ErrTrunkFault
	}
	return ErrTrunkRefuses
}

// grant is for how long the trunk says that it knows our address: beside the address, or for all of them.
func grant(res *sip.Response, d *dialog, asked time.Duration) time.Duration {
	granted := asked
	if life := headerSeconds(res, "expires"); life > 0 {
		granted = life
	}
	for _, contact := range contacts(res) {
		if contact.Address.Host != d.contact.Address.Host || contact.Address.Port != d.contact.Address.Port {
			continue
		}
		if life, err := strconv.ParseUint(contact.Params.GetOr("expires", ""), 10, 31); err == nil {
			granted = time.Duration(life) * time.Second
		}
	}
	return min(max(granted, shortestLife), max(asked, shortestLife)) // nobody is believed who would have the line forget itself
}

func headerSeconds(res *sip.Response, name string) time.Duration {
	h := res.GetHeader(name)
	if h == nil {
		return 0
	}
	n, err := strconv.ParseUint(strings.TrimSpace(h.Value()), 10, 31)
	if err != nil {
		return 0
	}
	return time.Duration(n) * time.Second
}

// contacts are the places that a registrar says it knows.
func contacts(res *sip.Response) (all []*sip.ContactHeader) {
	for _, h := range res.GetHeaders("contact") {
		if contact, ok := h.(*sip.ContactHeader); ok && len(all) < mostBindings {
			all = append(all, contact)
		}
	}
	return all
}

// registrar begins to speak with the trunk's registrar, by one of its addresses.
func (s *Server) registrar(way netip.AddrPort) (d dialog, err error) {
	if !s.mayReach(way) {
		return d, ErrTrunkSilent
	}
	who := s.trunk.domain(s.trunk.User)
	d = s.newDialog(way, who, who, randomToken(8))
	d.target = s.trunk.domain("")
	end, err := s.end(d.transport, way.Addr())
	if err != nil {
		return d, ErrTrunkSilent
	}
	d.contact = end.contact(d.transport, s.trunk.User)
	return d, nil
}

// tell sends a REGISTER and proves who the line is where it is asked.
//
// It returns ErrTrunkSilent where there is no answer, ErrTrunkRefuses where what was proved isn't believed, and ErrTrunkSecret or ErrTrunkRealm
// where nothing was.
func (s *Server) tell(ctx context.Context, d *dialog, headers []string) (*sip.Response, error) {
	proofs := map[string]string{}
	for range mostInvites {
		all := headers
		for name, value := range proofs {
			all = append(all[:len(all):len(all)], name, value)
		}
		asking, cancel := context.WithTimeout(ctx, registering)
		res, err := s.ask(asking, d.next(sip.REGISTER, all, nil))
		cancel()
		if err != nil {
			return nil, ErrTrunkSilent
		}
		if !challenges(res) {
			return res, nil
		}
		proof, err := s.trunk.prove(res, sip.REGISTER, d.target.String(), nil)
		if err != nil {
			return nil, err
		}
		if _, given := proofs[proof.name]; given && !proof.stale {
			return nil, ErrTrunkRefuses
		}
		proofs[proof.name] = proof.value
	}
	return nil, ErrTrunkRefuses
}

// Standing is how a line stands with its trunk, as the trunk has it.
type Standing struct {
	Places int           // where calls for the line go
	Life   time.Duration // for how long the trunk knows the last of them, where it says
}

// Ask asks a trunk where calls for the line go, without changing it (RFC 3261 §10.2.3): a REGISTER that names no address. Where nobody registers with it,
// it is only asked whether it is there.
//
// It returns ErrTrunkSilent, ErrTrunkRefuses, ErrTrunkFault, ErrTrunkSecret or ErrTrunkRealm.
func Ask(ctx context.Context, t Trunk, c Config) (standing Standing, err error) {
	c.Trunk, c.Plain, c.TLS, c.Calls, c.Clear = &t, "", "", 0, true
	c.Peers = []netip.Prefix{{}} // nobody but the trunk
	s := New(c)
	defer func() {
		s.stop()
		s.tx.Close()
		err = errors.Join(err, s.closeListeners(), s.transport.Close())
	}()
	s.draining = true // it answers nobody
	ways, err := s.trunk.ways(ctx)
	if err != nil {
		return standing, ErrTrunkSilent
	}
	for _, way := range ways {
		if standing, err = s.askBy(ctx, way); !errors.Is(err, ErrTrunkSilent) {
			break
		}
	}
	return standing, err
}

// askBy asks by one of the trunk's addresses.
func (s *Server) askBy(ctx context.Context, way netip.AddrPort) (standing Standing, err error) {
	from, err := localAddress(way.Addr())
	if err != nil {
		return standing, ErrTrunkSilent
	}
	if s.plain = netip.AddrPortFrom(from, 0); s.trunk.Transport == "udp" {
		s.c.Plain = s.plain.String()
		if err := s.listenPlain(); err != nil {
			return standing, err
		}
	}
	s.tls = s.plain
	d, err := s.registrar(way)
	if err != nil {
		return standing, err
	}
	if !s.trunk.Register {
		asking, cancel := context.WithTimeout(ctx, registering)
		defer cancel()
		if _, err := s.ask(asking, d.next(sip.OPTIONS, nil, nil)); err != nil {
			return standing, ErrTrunkSilent
		}
		return standing, nil
	}
	res, err := s.tell(ctx, &d, nil)
	if err != nil {
		return standing, err
	}
	if !res.IsSuccess() {
		return standing, refusal(res.StatusCode)
	}
	for _, contact := range contacts(res) {
		standing.Places++
		if life, err := strconv.ParseUint(contact.Params.GetOr("expires", ""), 10, 31); err == nil {
			standing.Life = max(standing.Life, time.Duration(life)*time.Second)
		}
	}
	return standing, nil
}
