package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/heed-line/heed/internal/flood"
	heedweb "github.com/heed-line/heed/internal/web"
)

// transport says how the two addresses are reached: with TLS of our own, behind a proxy that ends it, or, on loopback
// only, in clear.
type transport struct {
	certificate *tls.Certificate // nil: plain HTTP
	behindProxy bool
}

// loadTransport reads the certificate, if one is named.
//
// It returns a usageError where the two files don't come together or don't fit.
func loadTransport(certFile, keyFile string, behindProxy bool) (*transport, error) {
	if (certFile == "") != (keyFile == "") {
		return nil, usagef("--tls-cert and --tls-key come together")
	}
	t := &transport{behindProxy: behindProxy}
	if certFile == "" {
		return t, nil
	}
	if behindProxy {
		return nil, usagef("--behind-proxy leaves TLS to the proxy: give it or --tls-cert and --tls-key, not both")
	}
	certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, usagef("reading the TLS certificate: %w", err)
	}
	t.certificate = &certificate
	return t, nil
}

// scheme is what people type before the address.
func (t *transport) scheme() string {
	if t.certificate != nil {
		return "https"
	}
	return "http"
}

// check refuses to answer in clear where others could listen in.
func (t *transport) check(ctx context.Context, flag, address string) error {
	if t.certificate != nil || t.behindProxy {
		if _, _, err := net.SplitHostPort(address); err != nil {
			return notHostPort(flag, address)
		}
		return nil
	}
	return inClearOnLoopback(ctx, flag, address, "give --tls-cert and --tls-key, or --behind-proxy where a proxy in front ends TLS; "+
		"plain HTTP is for loopback (127.0.0.1) only")
}

// inClearOnLoopback refuses an address that others reach; advice says what to do instead.
func inClearOnLoopback(ctx context.Context, flag, address, advice string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return notHostPort(flag, address)
	}
	loopback, err := isLoopback(ctx, host)
	if err != nil {
		return usagef("%s: looking up %q: %w", flag, host, err)
	}
	if !loopback {
		return usagef("%s %s would answer others in clear: %s", flag, address, advice)
	}
	return nil
}

func notHostPort(flag, address string) error {
	return usagef("%s %q is not HOST:PORT (for example 127.0.0.1:8080)", flag, address)
}

// isLoopback reports whether every address of host is this machine's own. The empty host means all interfaces.
func isLoopback(ctx context.Context, host string) (bool, error) {
	if host == "" {
		return false, nil
	}
	addresses, err := net.DefaultResolver.LookupIPAddr(ctx, host)
	if err != nil {
		return false, err
	}
	for _, a := range addresses {
		if !a.IP.IsLoopback() {
			return false, nil
		}
	}
	return len(addresses) > 0, nil
}

// serve answers on the listener until the server is shut down, which is no error.
func (t *transport) serve(server *http.Server, listener net.Listener) error {
	var err error
	if t.certificate != nil {
		server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{*t.certificate}, MinVersion: tls.VersionTLS12}
		err = server.ServeTLS(listener, "", "")
	} else {
		err = server.Serve(listener)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serving %s: %w", listener.Addr(), err)
}

// forwardingHeaders are the words of whoever is in front. No handler sees them: a client could have written them, and
// those of a proxy hold client addresses.
var forwardingHeaders = []string{"X-Forwarded-Proto", "X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-Ip"}

// trustProxy takes two things from the proxy in front: from which network a request comes, and whether the client came to it
// in clear, who is then sent to HTTPS. No handler sees an address, nor may one be logged: RemoteAddr is gone behind it.
// From other machines it takes nothing that doesn't say so: whoever reaches the address without the proxy would be answered
// in clear. Only the probes of an orchestrator come past it.
func (t *transport) trustProxy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proto, local := r.Header.Get("X-Forwarded-Proto"), isLocal(r.RemoteAddr)
		r = heedweb.WithNetwork(r, flood.Network(t.client(r)))
		r.RemoteAddr = ""
		for _, name := range forwardingHeaders {
			r.Header.Del(name)
		}
		switch {
		case !t.behindProxy || proto == "https" || isProbe(r):
			next.ServeHTTP(w, r)
		case proto == "" && local:
			next.ServeHTTP(w, r) // a proxy on this machine, or its operator
		case proto == "http" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
			target := *r.URL
			target.Scheme, target.Host = "https", r.Host
			http.Redirect(w, r, target.String(), http.StatusPermanentRedirect)
		case proto == "http":
			http.Error(w, "use https", http.StatusForbidden) // its body came in clear already; a redirect would repeat it
		default:
			http.Error(w, "this address is for the proxy in front, which must send X-Forwarded-Proto: https", http.StatusForbidden)
		}
	})
}

// client is the address from which the request came as far as it can be believed: the other end of the connection, or, where
// that is a proxy, the last one that the proxy named, which is the one that it saw itself. Whatever stands before that a client may
// have made up. The zero Addr stands for none that could be read.
func (t *transport) client(r *http.Request) netip.Addr {
	said := r.Header.Values("X-Forwarded-For")
	switch {
	case t.behindProxy && len(said) == 0 && !isLocal(r.RemoteAddr):
		return netip.Addr{} // a proxy that keeps it to itself
	case !t.behindProxy || len(said) == 0:
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil {
			return netip.Addr{}
		}
		return peer.Addr()
	}
	last := said[len(said)-1]
	last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
	if peer, err := netip.ParseAddrPort(last); err == nil {
		return peer.Addr() // some proxies name the port too
	}
	address, err := netip.ParseAddr(strings.Trim(last, "[]"))
	if err != nil {
		return netip.Addr{}
	}
	return address
}

// isProbe reports whether the request only asks how the process is.
func isProbe(r *http.Request) bool { return r.URL.Path == "/healthz" || r.URL.Path == "/readyz" }

// isLocal reports whether a connection comes from this machine's loopback.
func isLocal(remote string) bool {
	address, err := netip.ParseAddrPort(remote)
	return err == nil && address.Addr().Unmap().IsLoopback()
}
