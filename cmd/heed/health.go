package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/heed-line/heed/internal/monitor"
	"github.com/heed-line/heed/internal/web"
)

// roleHealth names the face that says how the process is. No process runs it by --role: it is there where --health is.
const roleHealth role = "health"

// readyTimeout is how long the store may take to say that it serves.
const readyTimeout = 2 * time.Second

// health answers /healthz, /readyz and /metrics, and nothing else: for a process whose faces don't, as a telephone's or a worker's.
type health struct {
	ready   func(context.Context) error // whether the store serves
	ending  func() bool                 // whether the process takes nothing new any more
	figures *monitor.Monitor
	log     *slog.Logger
	tls     bool
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
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	err := h.ready(ctx)
	if err != nil {
		h.log.Error("health: not ready", "error", err)
	}
	if err != nil || h.ending() {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	h.alive(w, r)
}

// listenHealth opens the face that says how the process is, where it has an address.
func (fs *faces) listenHealth(ctx context.Context, address string, ready func(context.Context) error, figures *monitor.Monitor) error {
	if address == "" {
		return nil
	}
	h := &health{ready: ready, ending: fs.ending.Load, figures: figures, log: fs.logger, tls: fs.encrypted()}
	return fs.listen(ctx, roleHealth, address, h.handler())
}
