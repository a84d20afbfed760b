package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/web"
)

// roleHealth names the face that says how the process is. No process runs it by --role: it is there where --health is.
const roleHealth role = "health"

const (
	// readyTimeout is how long the store may take to say that it serves.
	readyTimeout = 2 * time.Second
	// readyAgain is how long its answer holds: however many ask, it is asked once a second.
	readyAgain = time.Second
)

// health answers /healthz, /readyz and /metrics, and nothing else: for a process whose faces don't, as a telephone's or a worker's.
type health struct {
	ready   func(context.Context) error // whether the store serves
	ending  func() bool                 // whether the process takes nothing new any more
	figures *monitor.Monitor
	log     *slog.Logger
	tls     bool

	mu    sync.Mutex
	asked time.Time // when the store answered last
	err   error     // what it said then
}

func (h *health) handler() http.Handler {
	all := http.NewServeMux()
	all.HandleFunc("GET /healthz", h.alive)
	all.HandleFunc("GET /readyz", h.serves)
	all.Handle("GET /metrics", h.figures.Handler())
	return web.Headers(web.Policy{TLS: h.tls}, all)
}

// alive says that the process runs.
func (h *health) alive(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := io.WriteString(w, "ok\n"); err != nil { // the asker has gone
		return
	}
}

// serves says whether the process takes what comes: its store serves, and it wasn't told to stop.
func (h *health) serves(w http.ResponseWriter, r *http.Request) {
	if h.ask(r.Context()) != nil || h.ending() {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	h.alive(w, r)
}

// ask asks the store whether it serves, or gives what it said a moment ago.
func (h *health) ask(ctx context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.asked.IsZero() && time.Since(h.asked) < readyAgain {
		return h.err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout) // the answer is others' too
	defer cancel()
	if h.err = h.ready(ctx); h.err != nil {
		h.log.Error("health: not ready", "error", h.err)
	}
	h.asked = time.Now()
	return h.err
}

// listenHealth opens the face that says how the process is, where it has an address.
func (fs *faces) listenHealth(ctx context.Context, address string, ready func(context.Context) error, figures *monitor.Monitor) error {
	if address == "" {
		return nil
	}
	h := &health{ready: ready, ending: fs.ending.Load, figures: figures, log: fs.logger, tls: fs.encrypted()}
	return fs.listen(ctx, roleHealth, address, h.handler())
}
