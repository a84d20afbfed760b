package portal

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

// Intake is the service behind every page; intake.Service implements it.
type Intake interface {
	Stage(ctx context.Context, name string, r io.Reader) (intake.StagedFile, error)
	Discard(ctx context.Context, f intake.StagedFile) error
	BeginUpload(ctx context.Context, name string, size int64) (intake.Upload, error)
	UploadOffset(ctx context.Context, u intake.Upload) (int64, error)
	AppendUpload(ctx context.Context, u intake.Upload, from int64, body io.Reader, sum intake.Checksum) (int64, error)
	EndUpload(ctx context.Context, u intake.Upload) error
	Check(intake.Submission) error
	Submit(ctx context.Context, sub intake.Submission) (*intake.Acceptance, error)
	Open(ctx context.Context, receipt string) (*intake.Mailbox, error)
}

// Figures are what a line publishes about the identities that it holds. Numbers are already rounded.
type Figures struct {
	IdentitiesHeld int64
	Oldest         time.Duration // age of the oldest; zero where none is held
	Overdue        int64
	Erased         int64
	Checkpoint     string // the last signed Checkpoint; "" before the first
}

// Transparency gives the published Figures.
type Transparency interface {
	Figures(ctx context.Context) (*Figures, error)
}

// Config is what the portal works with. Every field is needed but Flood, TLS and Memory.
type Config struct {
	Intake   Intake
	Profile  *profile.Profile
	DraftKey seal.DraftKey
	Locales  *web.Locales
	Files    fs.FS // the embedded web folder
	Now      func() time.Time
	// IdentityAvailable reports whether a Custodian could open an Identity that is given now.
	IdentityAvailable func(ctx context.Context) bool
	Transparency      Transparency
	// OwnDetails gives the words of a text in which its writer seems to name themself or a number, an address or an account
	// of their own; nil for none. language is the page's. It keeps nothing and decides nothing.
	OwnDetails func(text, language string) []string
	// Flood asks for work or waiting where too much comes in; nil lets everything in.
	Flood *flood.Gate
	// Ready reports whether the store answers.
	Ready func(ctx context.Context) error
	// Log is told of faults of ours, by kind; never of what a request carried.
	Log *slog.Logger
	// TLS says that the portal is reached by HTTPS only.
	TLS bool
	// Memory is how many bytes of what is being sent all requests together may hold; 0 is 128 MiB. Sealed files pass
	// through and count as none, nor does an ordinary report of some thousand letters.
	Memory int64
}

const defaultMemory = 128 << 20

// portal serves the pages; api.go adds the public API.
type portal struct {
	Config
	site *web.Site
	once *once
}

// New makes the portal's handler.
//
// It returns an error where a template or static file is broken.
func New(c Config) (http.Handler, error) {
	site, err := web.NewSite(web.SiteConfig{
		Files: c.Files, Area: "portal", Locales: c.Locales, Now: c.Now, Zone: c.Profile.Zone(),
	})
	if err != nil {
		return nil, fmt.Errorf("portal pages: %w", err)
	}
	p := &portal{Config: c, site: site, once: newOnce(c.Now)}
	pages := p.onion(web.SameOrigin(p.pages(), p.faultPage(http.StatusForbidden)))
	all := http.NewServeMux()
	all.Handle("/api/v1/", p.api())
	all.Handle("GET /static/", site.Static)
	all.HandleFunc("GET /healthz", alive)
	all.HandleFunc("GET /readyz", p.ready)
	all.Handle("/", pages)
	memory := c.Memory
	if memory == 0 {
		memory = defaultMemory
	}
	return web.Headers(web.Policy{Connect: true, Microphone: true, TLS: c.TLS}, web.NewRoom(memory).Holding(padded(p.inTurns(all)))), nil
}

// padded hides the length of every answer but those that are the same for everybody at every time.
func padded(all http.Handler) http.Handler {
	hidden := web.Padded(all)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/healthz" || r.URL.Path == "/readyz" || strings.HasPrefix(r.URL.Path, "/static/") {
			all.ServeHTTP(w, r)
			return
		}
		hidden.ServeHTTP(w, r)
	})
}

func (p *portal) pages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", p.start)
	mux.HandleFunc("GET /report", p.reportStart)
	mux.HandleFunc("POST /report", p.report)
	mux.HandleFunc("GET /status", p.lookup)
	mux.HandleFunc("POST /status", p.status)
	mux.HandleFunc("GET /privacy", p.privacy)
	mux.HandleFunc("GET /transparency", p.transparency)
	wrong := p.faultPage(http.StatusMethodNotAllowed)
	for _, path := range []string{"/{$}", "/report", "/status", "/privacy", "/transparency"} {
		mux.Handle(path, wrong)
	}
	mux.Handle("/", p.faultPage(http.StatusNotFound))
	return mux
}

// onion tells Tor Browser of the line's onion service, with the same page there. Browsers believe it over HTTPS only, and a
// page of the onion service itself mustn't say it. Nor does the answer to a form: a browser that goes to the onion service
// by itself would lose what was typed.
func (p *portal) onion(next http.Handler) http.Handler {
	service := p.Profile.Line.Onion
	if service == "" || !p.TLS {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := strings.Cut(r.Host, ":")
		if (r.Method == http.MethodGet || r.Method == http.MethodHead) && !strings.HasSuffix(strings.ToLower(host), ".onion") {
			address := service + r.URL.EscapedPath()
			if tag := p.Locales.Requested(r); tag != "" {
				address += "?lang=" + tag
			}
			w.Header().Set("Onion-Location", address)
		}
		next.ServeHTTP(w, r)
	})
}

// alive says that the process runs.
func alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := io.WriteString(w, "ok\n"); err != nil { // the asker has gone
		return
	}
}

// ready says whether the line can take a report.
func (p *portal) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := p.Ready(ctx); err != nil {
		p.Log.Error("portal: not ready", "error", err)
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	alive(w, r)
}
