package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/notify"
	"github.com/heed-line/heed/internal/phone/sip"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
)

const (
	defaultPublic = "127.0.0.1:8080"
	defaultDesk   = "127.0.0.1:8081"

	// drainPatience is how long requests under way may still take once the line is told to stop.
	drainPatience = 20 * time.Second
)

// role is one part of a line that a process can run.
type role string

const (
	rolePortal role = "portal"
	roleDesk   role = "desk"
	roleWorker role = "worker"
	rolePhone  role = "phone"
)

// serveCommand runs a line.
type serveCommand struct {
	lineFlags
	Public      string   `help:"Address of the portal and the public API." default:"${public}" placeholder:"HOST:PORT"`
	Desk        string   `help:"Address of the desk and the staff API." default:"${desk}" placeholder:"HOST:PORT"`
	Health      string   `help:"Address of /healthz, /readyz and /metrics alone, for a process without a desk: a telephone or a worker by itself. Never to be reached from outside: it asks nobody who they are." placeholder:"HOST:PORT"`
	Role        []string `help:"What this process runs: portal, desk, worker, phone; several with commas. All of them unless it is given, the phone where --sip or --sip-tls is." enum:"portal,desk,worker,phone" sep:"," placeholder:"LIST"`
	AuditKey    string   `help:"The line's audit key: day keys that another signed are refused. A portal by itself needs it; heed operations portal-keys prints it." placeholder:"KEY"`
	TLSCert     string   `help:"Certificate chain (PEM)." type:"path" placeholder:"FILE"`
	TLSKey      string   `help:"Its private key (PEM)." type:"path" placeholder:"FILE"`
	BehindProxy bool     `help:"A proxy in front ends TLS. Its X-Forwarded-Proto is believed, and the last address in its X-Forwarded-For for the length of a request; nothing else that it says."`
	phoneFlags
	Flood string `hidden:"" help:"off lifts the flood limits, for benchmarks." enum:"on,off" default:"on"`
}

// Help is shown by --help below the flags.
func (c *serveCommand) Help() string {
	return `A first start creates everything: the data folder, profile.yaml to edit, the keys and the database. It prints both addresses and a one-time link to
the page that makes the first account. Plain HTTP is for loopback only. SIGTERM ends it in order: what is under way is finished first.
A process with the roles portal or phone alone has a keystore of its own (heed operations portal-keys) and nothing that opens what it stores.

Examples:
  heed serve
  heed serve --data /var/lib/heed --public :443 --desk 10.0.0.5:8443 --tls-cert chain.pem --tls-key key.pem
  heed serve --store postgres://heed_desk@db/heed --role desk --behind-proxy --desk 10.0.0.5:8081
  heed serve --store postgres://heed_portal@db/heed --role portal --keystore /etc/heed/portal --behind-proxy --public 10.0.0.6:8080
  heed serve --store postgres://heed@db/heed --blobs 's3://s3.example.org/heed?region=eu-1&credentials=/etc/heed/s3' --behind-proxy …
  heed serve --sip 127.0.0.1:5060     answers calls of an exchange on this machine
  heed serve --store postgres://heed_phone@db/heed --role phone --keystore /etc/heed/portal --sip-tls :5061 --sip-cert chain.pem --sip-key key.pem`
}

// server is one running process of a line.
type server struct {
	*line
	*faces
	roles []role
	flood bool          // flood limits hold
	calls sip.Config    // where the phone answers
	drain time.Duration // of its calls, once the line is told to stop

	models   *learning.Service
	review   *review.Service
	referral *referral.Service
	media    *media.Service
	custody  *identity.Custody
	notify   *notify.Service
	monitor  *monitor.Monitor
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	transport, err := loadTransport(c.TLSCert, c.TLSKey, c.BehindProxy)
	if err != nil {
		return err
	}
	sv := &server{faces: &faces{transport: transport, logger: log}, flood: c.Flood == "on"}
	if sv.roles, err = c.roles(); err != nil {
		return err
	}
	if sv.has(rolePhone) {
		if sv.calls, err = c.config(ctx, transport.certificate); err != nil {
			return err
		}
		sv.drain = c.SIPDrain
	}
	for _, a := range []struct {
		there         bool
		flag, address string
	}{{sv.has(rolePortal), "--public", c.Public}, {sv.has(roleDesk), "--desk", c.Desk}, {c.Health != "", "--health", c.Health}} {
		if a.there {
			if err := transport.check(ctx, a.flag, a.address); err != nil {
				return err
			}
		}
	}
	if err := hardenProcess(); err != nil {
		log.Warn("the process could not be closed to core dumps", "error", err)
	}
	limitMemory(log)
	if !sv.has(roleDesk) && !sv.has(roleWorker) {
		return c.servePublic(ctx, s, log, sv)
	}
	if err := auth.ReadPolicies(); err != nil {
		return err
	}
	if sv.line, err = openLine(ctx, s, log, c.lineFlags); err != nil {
		return err
	}
	defer sv.line.close()
	if err := checkPin(c.AuditKey, sv.ring.Audit.Verifier()); err != nil {
		return err
	}
	if err := sv.reachBlobs(ctx); err != nil {
		return err
	}
	if sv.has(roleWorker) {
		unlock, err := lockWork(c.lineFlags)
		if err != nil {
			return err
		}
		defer unlock()
	}
	return sv.run(ctx, c)
}

// roles are what the process is to run.
func (c *serveCommand) roles() (roles []role, err error) {
	for _, name := range c.Role {
		roles = append(roles, role(name))
	}
	if len(roles) == 0 {
		roles = []role{rolePortal, roleDesk, roleWorker}
		if c.given() {
			roles = append(roles, rolePhone)
		}
	}
	switch answers := slices.Contains(roles, rolePhone); {
	case answers && !c.given():
		return nil, usagef("the role phone answers calls at --sip or --sip-tls: give one of them")
	case !answers && c.given():
		return nil, usagef("--sip and --sip-tls are the phone's: add it to --role")
	}
	return roles, nil
}

func (sv *server) has(r role) bool { return slices.Contains(sv.roles, r) }

// run opens the faces, starts the worker, says that the line is ready, and waits for the end.
func (sv *server) run(ctx context.Context, c *serveCommand) error {
	if err := sv.openServices(ctx); err != nil {
		return err
	}
	worker := sv.newWorker()
	if sv.has(roleWorker) { // first of all, also after years of rest
		if err := sv.eraseOverdue(ctx, worker.sequencer); err != nil {
			return fmt.Errorf("erasing what is due: %w", err)
		}
		if err := sv.review.Renew(ctx); err != nil {
			return fmt.Errorf("finding how reports are found: %w", err)
		}
		if err := sv.unlessDoubted(sv.models.Retain)(ctx); err != nil {
			return err
		}
	}
	if err := sv.identity.EnsureDays(ctx, sv.s.Now()); err != nil {
		return fmt.Errorf("making the day's keys: %w", err)
	}
	if err := sv.openFaces(ctx, c); err != nil {
		return err
	}
	// Faces answer as long as the group lives; the worker's own context ends last, so that it finishes what it has begun.
	group, running := sv.serve(ctx)
	if !sv.has(roleWorker) {
		go sv.followTime(running, sv.ring.Audit.Verifier())
	}
	go sv.models.Follow(running)
	if err := worker.start(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(err, sv.shutdown())
	}
	if err := sv.announce(ctx); err != nil {
		return errors.Join(err, sv.shutdown(worker.stop))
	}
	debug.FreeOSMemory() // what it took to see that every text and template is whole
	sv.log.Info("serving", "version", buildVersion(), "roles", sv.roles)
	<-running.Done()
	sv.log.Info("stopping")
	err := errors.Join(sv.shutdown(worker.stop), group.Wait())
	sv.log.Info("stopped")
	return err
}

// openFaces listens on the addresses of the roles that have one.
func (sv *server) openFaces(ctx context.Context, c *serveCommand) error {
	if err := sv.listenHealth(ctx, c.Health, sv.store.Ready, sv.monitor); err != nil {
		return err
	}
	for _, r := range []role{rolePortal, roleDesk} {
		if !sv.has(r) {
			continue
		}
		address, handler := c.Public, sv.portalHandler
		if r == roleDesk {
			address, handler = c.Desk, sv.deskHandler
		}
		h, err := handler()
		if err != nil {
			return errors.Join(err, sv.shutdown())
		}
		if err := sv.listen(ctx, r, address, h); err != nil {
			return err
		}
	}
	if !sv.has(rolePhone) {
		return nil
	}
	t, err := sv.newTelephone(sv.ring.Public(), sv.calls, sv.drain, sv.monitor, sv.flood)
	if err != nil {
		return errors.Join(err, sv.shutdown())
	}
	return sv.answer(t)
}

// announce prints the addresses and, until there is an account, the setup link.
func (sv *server) announce(ctx context.Context) error {
	out := &printer{w: sv.s.Stdout}
	deskURL := ""
	sv.faces.announce(out)
	for _, f := range sv.open {
		if f.role == roleDesk {
			deskURL = f.url
		}
	}
	if deskURL != "" {
		base := sv.deskBase(deskURL)
		err := sv.store.Update(ctx, func(tx heed.Tx) error { return tx.PutSetting(ctx, settingDesk, []byte(base)) })
		if err != nil {
			return fmt.Errorf("noting where the desk is: %w", err)
		}
		secret, err := sv.auth.SetupLink(ctx)
		switch {
		case err == nil:
			out.printf("%-7s %s   (once; it makes the first account)\n", "setup", setupURL(base, secret))
		case !errors.Is(err, heed.ErrConflict): // ErrConflict: there is an account
			return fmt.Errorf("making the setup link: %w", err)
		}
	}
	out.printf("%-7s %s, version %s\n", "ready", sv.flags.storeName(), buildVersion())
	return out.err
}

// deskBase is where people reach the desk that listens at listening: behind a proxy, where the profile says, or at the least
// by HTTPS.
func (sv *server) deskBase(listening string) string {
	base := strings.TrimRight(listening, "/")
	if !sv.transport.behindProxy {
		return base
	}
	if url := sv.profile.Notify.DeskURL; url != "" {
		return strings.TrimRight(url, "/")
	}
	return "https" + strings.TrimPrefix(base, "http")
}
