package main

import (
	"context"
	"io"
	"log/slog"
	"os"

	"github.com/mattn/go-isatty"
)

// newLogger writes to stderr: readable lines on a terminal, JSON elsewhere, unless format ("text", "json") says so.
//
// What may be logged: acts, ids, codes, durations, counts. Never a report's or an identity's words, a receipt, a client
// address or a user agent; that there is none is what the canary test looks for.
func newLogger(w io.Writer, level slog.Level, format string) *slog.Logger {
	options := &slog.HandlerOptions{Level: level}
	if format == "text" || format == "auto" && isTerminal(w) {
		return slog.New(slog.NewTextHandler(w, options))
	}
	return slog.New(slog.NewJSONHandler(w, options))
}

// isTerminal reports whether what a command reads or writes is a terminal that a person sits at.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(file.Fd())
}

// quieter lets only warnings and errors of a talkative library through, unless everything was asked for.
func quieter(log *slog.Logger) *slog.Logger { return slog.New(&quietHandler{log.Handler()}) }

type quietHandler struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h *quietHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.Handler.Enabled(ctx, level) && (level >= slog.LevelWarn || h.Handler.Enabled(ctx, slog.LevelDebug))
}

// WithAttrs implements slog.Handler.
func (h *quietHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &quietHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h *quietHandler) WithGroup(name string) slog.Handler {
	return &quietHandler{h.Handler.WithGroup(name)}
}
