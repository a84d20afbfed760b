package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/phone"
	"github.com/heed-line/heed/internal/phone/keep"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/queue"
	"github.com/heed-line/heed/internal/phone/sip"
	"github.com/heed-line/heed/internal/phone/sound"
)

const (
	defaultPorts = "20000-29999"
	// callPatience is how long calls in progress may still take once the line is told to stop, unless --sip-drain says otherwise.
	callPatience = 5 * time.Minute
	// lastWords is how long before the end of that time callers are told that the line has to stop.
	lastWords = 30 * time.Second
	// ringing is how long a caller hears that it rings: a call that is taken at once startles, and some networks lose what is said in its
	// first moments.
	ringing = time.Second
)

// phoneFlags say where calls are answered.
type phoneFlags struct {
	SIP         string        `name:"sip" help:"Address where calls are answered, by SIP over UDP and TCP. In clear, and so for loopback unless --sip-plain." placeholder:"HOST:PORT"`
	SIPTLS      string        `name:"sip-tls" help:"Address where calls are answered by SIP over TLS, their sound by SRTP." placeholder:"HOST:PORT"`
	SIPCert     string        `name:"sip-cert" help:"Certificate chain for --sip-tls (PEM); --tls-cert's unless it is given." type:"path" placeholder:"FILE"`
	SIPKey      string        `name:"sip-key" help:"Its private key (PEM)." type:"path" placeholder:"FILE"`
	SIPPlain    bool          `name:"sip-plain" help:"Calls may cross the network in clear, signalling and sound: where that network is the operator's own."`
	SIPExternal string        `name:"sip-external" help:"The address that others are told, where a NAT is between." placeholder:"IP"`
	SIPPorts    string        `name:"sip-ports" help:"UDP ports of the calls' sound, two for each." default:"${ports}" placeholder:"FIRST-LAST"`
	SIPPeers    []string      `name:"sip-peers" help:"Who may call: the trunk's or the exchange's addresses or networks, with commas. Everybody unless it is given." sep:"," placeholder:"LIST"`
	SIPDrain    time.Duration `name:"sip-drain" help:"How long calls in progress may still take once the line is told to stop. Half a minute before, callers hear that it has to." default:"${drain}" placeholder:"TIME"`
	SIPCalls    int           `name:"sip-calls" help:"Most calls at once; the next caller hears that all lines are busy." default:"200" placeholder:"N"`
}

// given says whether calls are to be answered at all.
func (f *phoneFlags) given() bool { return f.SIP != "" || f.SIPTLS != "" }

// config is what the flags say; all that is wrong with them is a usageError.
func (f *phoneFlags) config(ctx context.Context, web *tls.Certificate) (c sip.Config, err error) {
	c = sip.Config{Plain: f.SIP, TLS: f.SIPTLS, Cert: web, Clear: f.SIPPlain, Calls: f.SIPCalls, Ring: ringing}
	if f.SIPCalls < 1 {
		return c, usagef("--sip-calls %d: at least one call must fit", f.SIPCalls)
	}
	if f.SIPDrain < 0 {
		return c, usagef("--sip-drain %v: no call ends before it began", f.SIPDrain)
	}
	if (f.SIPCert == "") != (f.SIPKey == "") {
		return c, usagef("--sip-cert and --sip-key come together")
	}
	if f.SIPCert != "" {
		certificate, err := tls.LoadX509KeyPair(f.SIPCert, f.SIPKey)
		if err != nil {
			return c, usagef("reading the certificate for calls: %w", err)
		}
		c.Cert = &certificate
	}
	if f.SIPTLS != "" && c.Cert == nil {
		return c, usagef("--sip-tls needs --sip-cert and --sip-key, or --tls-cert and --tls-key")
	}
	if f.SIP != "" && !f.SIPPlain {
		if err := inClearOnLoopback(ctx, "--sip", f.SIP, "give --sip-tls, or --sip-plain where the network between is your own"); err != nil {
			return c, err
		}
	}
	if f.SIPExternal != "" {
		if c.External, err = netip.ParseAddr(f.SIPExternal); err != nil {
			return c, usagef("--sip-external %q is no address", f.SIPExternal)
		}
	}
	if c.First, c.Last, err = parsePorts(f.SIPPorts); err != nil {
		return c, err
	}
	for _, text := range f.SIPPeers {
		peer, err := parsePeer(text)
		if err != nil {
			return c, usagef("--sip-peers: %q is neither an address nor a network", text)
		}
		c.Peers = append(c.Peers, peer)
	}
	return c, nil
}

// parsePorts reads FIRST-LAST.
func parsePorts(text string) (first, last uint16, err error) {
	a, b, found := strings.Cut(text, "-")
	from, errFrom := strconv.ParseUint(a, 10, 16)
	to, errTo := strconv.ParseUint(b, 10, 16)
	if !found || errFrom != nil || errTo != nil || from < 1024 || to < from+1 || to > 65534 {
		return 0, 0, usagef("--sip-ports %q is no range of ports (for example %s)", text, defaultPorts)
	}
	return uint16(from), uint16(to), nil
}

// parsePeer reads an address or a network.
func parsePeer(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return address.Prefix(address.BitLen())
	}
	return netip.ParsePrefix(text)
}

// anybodyMayCall says whether calls are answered of everybody on an address that other machines may reach.
func anybodyMayCall(c sip.Config) bool {
	reached := func(address string) bool {
		host, _, err := net.SplitHostPort(address)
		at, errHost := netip.ParseAddr(host)
		return err == nil && host != "localhost" && (errHost != nil || !at.IsLoopback())
	}
	return len(c.Peers) == 0 && (reached(c.Plain) || reached(c.TLS))
}

// telephone is the channel of those who call.
type telephone struct {
	server *sip.Server
	menu   *phone.Menu
	keeper *keep.Keeper
	queue  *queue.Queue
	drain  time.Duration // how long calls in progress may still take once the line is told to stop
	log    *slog.Logger

	background sync.WaitGroup
	stopped    context.CancelFunc // once no call is in progress
	stopping   context.CancelFunc // once the line takes no more calls
}

// newTelephone makes the channel: public keys alone, as the portal has them. It doesn't answer yet.
func (l *place) newTelephone(ring keystore.PublicRing, c sip.Config, drain time.Duration, figures *monitor.Monitor, limits bool) (*telephone, error) {
	locales, err := l.locales()
	if err != nil {
		return nil, err
	}
	front := l.reception(ring)
	var gate *flood.Gate
	if limits {
		gate = l.newGate(ring, front.pools)
	}
	t := &telephone{drain: drain, log: l.log}
	t.keeper = keep.New(keep.Config{Store: l.store, Intake: front.intake, Days: front.sealer, Line: l.id, Now: l.s.Now, Log: l.log})
	t.queue = queue.New(queue.Config{Store: l.store, Days: front.sealer, Line: l.id, Now: l.s.Now, Log: l.log})
	c.Handler, c.Log = func(ctx context.Context, leg sound.Leg) { t.menu.Serve(ctx, leg) }, l.log
	if err := addTrunk(&c, l.profile.Phone.Trunk); err != nil {
		return nil, err
	}
	if anybodyMayCall(c) {
		l.log.Warn("anybody may call: --sip-peers names who may")
	}
	t.server = sip.New(c)
	t.menu = phone.New(phone.Config{
		Profile: l.profile, Recorder: t.keeper, Intake: front.intake, Flood: gate, Queue: t.queue, Dialer: t.server, Log: l.log,
		Speaker: prompt.New(prompt.Config{
			Locales: locales, Cache: filepath.Join(l.flags.Data, spokenFolder), Recorded: filepath.Join(l.flags.Data, promptsFolder),
			Now: l.s.Now, Zone: l.profile.Zone(), Log: l.log,
		}),
		IdentityAvailable: l.identityAvailable(front),
	})
	trunkFigures(figures, l.profile.Phone.Trunk, t.server)
	figures.Gauge("heed_calls", "Calls in progress.", func() float64 { return float64(t.server.Calls()) })
	figures.Watch("heed_calls_over_share_total", "Calls that were refused while lines were free, because their address had its share of them.", nil, t.server.RefusedByShare)
	return t, nil
}

// listen begins to answer calls.
func (t *telephone) listen() error {
	if err := t.server.Listen(); err != nil {
		return fmt.Errorf("opening the phone: %w", err)
	}
	return nil
}

// start does what has to go on while calls are taken.
func (t *telephone) start(ctx context.Context) {
	ctx, t.stopped = context.WithCancel(context.WithoutCancel(ctx)) // calls in progress outlive the line's wish to stop
	taking, stopping := context.WithCancel(ctx)
	t.stopping = stopping
	t.background.Go(func() { t.keeper.Run(ctx) })
	t.background.Go(func() { t.queue.Run(ctx) })
	t.background.Go(func() { t.menu.CallBack(taking) })
	t.background.Go(func() {
		if err := t.menu.Warm(ctx); err != nil && ctx.Err() == nil {
			t.log.Warn("not every prompt could be spoken beforehand", "error", err)
		}
	})
}

// addresses are where calls are answered, as a phone may dial them.
func (t *telephone) addresses() (urls []string) {
	plain, secured := t.server.Addresses()
	if plain.IsValid() {
		urls = append(urls, "sip:"+reachable(plain))
	}
	if secured.IsValid() {
		urls = append(urls, "sip:"+reachable(secured)+";transport=tls")
	}
	return urls
}

// shutdown takes no new calls, and lets those in progress finish; who isn't done then is told so before the end.
func (t *telephone) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), t.drain)
	defer cancel()
	last := time.AfterFunc(t.drain-min(lastWords, t.drain/2), t.menu.Stop)
	defer last.Stop()
	if t.stopping != nil {
		t.stopping()
	}
	err := t.server.Shutdown(ctx)
	if t.stopped != nil {
		t.stopped()
		t.background.Wait()
	}
	return err
}
