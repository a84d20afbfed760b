package engine

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"syscall"
	"time"

	"github.com/heed-line/heed/internal/profile"
)

// dialOwn connects to the operator's own addresses alone. The address is judged after names are resolved, on the very
// connection, so that no name that resolves anew leads elsewhere.
func dialOwn(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{Timeout: 5 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !profile.OwnNetwork(at.Addr()) {
			return fmt.Errorf("connect to the engine: %w", ErrForeign)
		}
		return nil
	}}
	return d.DialContext(ctx, network, address)
}
