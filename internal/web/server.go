package web

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"golang.org/x/net/netutil"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 60 * time.Second
	maxHeader     = 16 << 10
	// bodyGrace and bodyRate are how slow a sender may be: the grace, and then no slower than the rate. A phone on a bad
	// line keeps up; a client that holds a connection by dripping bytes does not.
	bodyGrace = 30 * time.Second
	bodyRate  = 512 // bytes a second
	// writeGrace is how long a client may take to read an answer after its request was read.
	writeGrace = 60 * time.Second
)

// MaxConnections is how many connections a Listener accepts at once; more wait in the kernel's queue. Connections that
// ask for nothing end after ten seconds, so that a flood of them passes.
const MaxConnections = 16384

// Server is an http.Server that slow, silent and numerous clients can't hold up. Its own errors (TLS handshakes of
// scanners, mostly) hold client addresses and are dropped.
func Server(h http.Handler) *http.Server {
	return &http.Server{
		Handler:           Patient(h),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
}

// Listener bounds the connections that l has open at once to MaxConnections.
func Listener(l net.Listener) net.Listener { return netutil.LimitListener(l, MaxConnections) }

// Patient gives a request's body as long as it needs while it keeps coming, and ends it when it stalls. Event streams
// and downloads lift the write deadline with Unhurried.
func Patient(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := http.NewResponseController(w)
		body := &patientBody{ReadCloser: r.Body, control: c, start: time.Now()}
		body.extend()
		if r.Body != nil && r.Body != http.NoBody {
			r.Body = body
		}
		next.ServeHTTP(w, r)
	})
}

type patientBody struct {
	io.ReadCloser
	control *http.ResponseController
	start   time.Time
	read    int64
	said    time.Time // the last deadline that was set
}

func (b *patientBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.read += int64(n)
	b.extend()
	return n, err
}

// extend moves the deadlines on by what was read, at most once a second: each move costs a timer.
func (b *patientBody) extend() {
	deadline := b.start.Add(bodyGrace + time.Duration(b.read/bodyRate)*time.Second)
	if idle := time.Now().Add(bodyGrace); deadline.After(idle) {
		deadline = idle // a fast start earns no long silence
	}
	if deadline.Sub(b.said) < time.Second {
		return
	}
	b.said = deadline
	// A ResponseWriter without deadlines (a test's recorder) has no connection to guard.
	if b.control.SetReadDeadline(deadline) == nil {
		if b.control.SetWriteDeadline(deadline.Add(writeGrace)) != nil {
			return
		}
	}
}

// Unhurried lifts the write deadline from an answer that rightly lasts: an event stream, a download.
func Unhurried(w http.ResponseWriter) error {
	if err := http.NewResponseController(w).SetWriteDeadline(time.Time{}); err != nil {
		return fmt.Errorf("lift the write deadline: %w", err)
	}
	return nil
}

// Drain reads and forgets up to max bytes of what is left of a refused body, so that the browser, which reads no answer
// while it still sends, gets to see why.
func Drain(r *http.Request, max int64) {
	if _, err := io.CopyN(io.Discard, r.Body, max); err != nil {
		return // its end, or a client that has gone
	}
}
