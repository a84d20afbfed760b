package web

import (
	"context"
	"net/http"
	"net/netip"
)

type networkKey struct{}

// WithNetwork notes for the time of a request from which network it comes. Whoever accepts requests knows how to tell (a
// connection's other end, a proxy's word); the address itself goes no further.
func WithNetwork(r *http.Request, network netip.Prefix) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), networkKey{}, network))
}

// NetworkOf is the network of a request that came through WithNetwork; else the zero Prefix, which all others share.
func NetworkOf(r *http.Request) netip.Prefix {
	network, _ := r.Context().Value(networkKey{}).(netip.Prefix)
	return network
}
