package engine

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// dialOwn connects to the operator's own addresses alone. The address is judged after names are resolved, on the very
// connection, so that no name that resolves anew leads elsewhere.
func dialOwn(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !own(at.Addr()) {
			return fmt.Errorf("connect to the engine: %w", ErrForeign)
		}
		return nil
	}}
	return d.DialContext(ctx, network, address)
}

// own says whether an address can't be reached from, nor lie on, the open internet.
func own(a netip.Addr) bool {
	a = a.Unmap()
	return a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast()
}
