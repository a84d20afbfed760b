package web

import (
	"context"
	"io"
	stdlog "log"
	"log/slog"
	"net/http"
	"time"

	"github.com/heed-line/heed/internal/survive"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 60 * time.Second
	maxHeader     = 16 << 10
	// maxStreams is how many requests one HTTP/2 connection may have under way: a page, its files and its live events.
	maxStreams = 32
	// answerGrace is how long a request may take from its last byte to the last byte of its answer. A download moves the
	// deadline on as long as it is being taken.
	answerGrace = 90 * time.Second
)

// Server is an http.Server that slow, silent and numerous clients can't hold up. connections is how many its listener has
// open at most; of those, half may be sending a body at one time. Its own errors (TLS handshakes of scanners, mostly) hold
// client addresses and are dropped; log is told where a handler broke.
func Server(h http.Handler, connections int, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           patient(telling(h, log), connections),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog:          stdlog.New(io.Discard, "", 0),
	}
}

// patient gives a request's body as long as it needs while it keeps coming, ends it when it stalls or when too many others
// came after it, and refuses requests beyond the limit: more than one for every connection is a flood through HTTP/2.
func patient(next http.Handler, connections int) http.Handler {
	c := newCrowd(connections, max(connections/2, 1))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !c.enter() {
			RetryLater(w, http.StatusServiceUnavailable)
			http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
			return
		}
		defer c.leave()
		control := http.NewResponseController(w)
		r = r.WithContext(context.WithValue(r.Context(), answerKey{}, control))
		if r.Body == nil || r.Body == http.NoBody {
			grantAnswer(control)
		} else {
			body := &patientBody{ReadCloser: r.Body, control: control, crowd: c}
			c.join(body)
			defer c.part(body)
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

// telling has the log know where a handler broke, and nothing of the request or of what broke it: either may be what somebody wrote. The answer is
// cut off then, as after any panic.
func telling(next http.Handler, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			broke := recover()
			if broke == nil {
				return
			}
			if broke != http.ErrAbortHandler { // which cuts off on purpose
				log.Error("a fault was met", "doing", "answer a request", "stack", survive.Where())
			}
			panic(http.ErrAbortHandler)
		}()
		next.ServeHTTP(w, r)
	})
}

type answerKey struct{}

// ExtendAnswer gives the request of ctx, read to its end, so much more time for its answer than others have.
func ExtendAnswer(ctx context.Context, by time.Duration) {
	control, ok := ctx.Value(answerKey{}).(*http.ResponseController)
	if !ok || control.SetWriteDeadline(time.Now().Add(answerGrace+by)) != nil {
		return // not behind Server: a test's recorder has no connection to guard
	}
}

// grantAnswer starts the time that an answer may take.
func grantAnswer(control *http.ResponseController) {
	if control.SetWriteDeadline(time.Now().Add(answerGrace)) != nil {
		return // a ResponseWriter without deadlines (a test's recorder) has no connection to guard
	}
}

// Drain reads and forgets up to max bytes of what is left of a refused body, so that the browser, which reads no answer
// while it still sends, gets to see why.
func Drain(r *http.Request, max int64) {
	if _, err := io.CopyN(io.Discard, r.Body, max); err != nil {
		return // its end, or a client that has gone
	}
}
