package desk

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

// Config is what the desk works with. Every field is needed but Clock, Metrics and TLS.
type Config struct {
	Auth     *auth.Service
	Review   *review.Service
	Referral *referral.Service
	Custody  *identity.Custody
	Models   *learning.Service
	Calls    *calltaker.Service
	// DraftKey seals what the form of a report carries.
	DraftKey seal.DraftKey
	// IdentityAvailable says whether a Custodian could open an Identity that is given now.
	IdentityAvailable func(context.Context) bool
	// Store is read for events, readiness and the audit; reports come from the services.
	Store   heed.Store
	Profile *profile.Profile
	Locales *web.Locales
	Files   fs.FS // the embedded web folder
	Now     func() time.Time
	// Clock is the line's time, to show how the host's stands to it; nil: it isn't shown.
	Clock *audit.Clock
	// Metrics answers /metrics; nil: there are none.
	Metrics http.Handler
	// Log is told of faults of ours, by kind; never of what a request carried.
	Log *slog.Logger
	// TLS says that the desk is reached by HTTPS only. Without it the address is the machine's own loopback.
	TLS bool
}

// Desk serves the staff's pages, the staff API and the live events of both.
type Desk struct {
	Config
	site    *web.Site
	events  *hub
	hashes  audit.Hashes // of the tree, for proofs
	handler http.Handler
}

// New makes the desk. Stop ends its live events.
//
// It returns an error where a template, static file or operation is broken.
func New(c Config) (*Desk, error) {
	site, err := web.NewSite(web.SiteConfig{
		Files: c.Files, Area: "desk", Locales: c.Locales, Now: c.Now, Zone: c.Profile.Zone(),
	})
	if err != nil {
		return nil, fmt.Errorf("desk pages: %w", err)
	}
	d := &Desk{Config: c, site: site, events: newHub(c.Store, c.Log), hashes: audit.StoredHashes(c.Store)}
	all := http.NewServeMux()
	d.serveAPI(all)
	all.Handle("GET /static/", site.Static)
	all.HandleFunc("GET /healthz", alive)
	all.HandleFunc("GET /readyz", d.ready)
	if c.Metrics != nil {
		all.Handle("GET /metrics", c.Metrics)
	}
	all.Handle("/", web.SameOrigin(d.pages(), http.HandlerFunc(d.foreign)))
	d.handler = web.Headers(web.Policy{Connect: true, Media: true, TLS: c.TLS}, all)
	return d, nil
}

// ServeHTTP answers one request.
func (d *Desk) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.handler.ServeHTTP(w, r) }

// Stop ends the live events, so that a server can shut down without waiting for them.
func (d *Desk) Stop() { d.events.stop() }

// alive says that the process runs.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := io.WriteString(w, "ok\n"); err != nil { // the asker has gone
		return
	}
}

// readyTimeout is how long the store may take to say that it serves.
const readyTimeout = 2 * time.Second

func (d *Desk) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := d.Store.Ready(ctx); err != nil {
		d.Log.Error("desk: not ready", "error", err)
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	alive(w, r)
}

func (d *Desk) foreign(w http.ResponseWriter, r *http.Request) {
	d.fail(w, r, nil, fmt.Errorf("a request from another site: %w", heed.ErrForbidden))
}
