package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/heed-line/heed/internal/web"
)

// face is one of a process's addresses, listening.
type face struct {
	role     role
	listener net.Listener
	server   *http.Server
	url      string
}

// faces are the addresses that this process answers on.
type faces struct {
	transport  *transport
	logger     *slog.Logger
	open       []*face
	stopEvents func()     // ends the desk's live events; nil without a desk
	telephone  *telephone // nil where no calls are answered
	ending     atomic.Bool
}

// encrypted says that everything reaches the faces by HTTPS, ended here or at the proxy.
func (fs *faces) encrypted() bool {
	return fs.transport.certificate != nil || fs.transport.behindProxy
}

// listen opens one face; where it can't, it closes those that are open.
func (fs *faces) listen(ctx context.Context, r role, address string, h http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return errors.Join(fmt.Errorf("opening the %s: %w", r, err), fs.shutdown())
	}
	limit := connectionLimit()
	f := &face{role: r, listener: listener, server: web.Server(fs.transport.trustProxy(h), limit, fs.logger)}
	f.server.ConnState = newRoster(limit).track
	f.url = fs.transport.scheme() + "://" + reachable(listener.Addr()) + "/"
	fs.open = append(fs.open, f)
	return nil
}

// reachable is an address that can be typed where the listener is on all interfaces.
func reachable(addr fmt.Stringer) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

// announce prints where the faces are reached.
func (fs *faces) announce(out *printer) {
	for _, f := range fs.open {
		out.printf("%-7s %s\n", f.role, f.url)
	}
	if fs.telephone != nil {
		for _, address := range fs.telephone.addresses() {
			out.printf("%-7s %s\n", rolePhone, address)
		}
	}
}

// answer opens the phone; where it can't, the faces that are open are closed.
func (fs *faces) answer(t *telephone) error {
	fs.telephone = t
	if err := t.listen(); err != nil {
		return errors.Join(err, fs.shutdown())
	}
	return nil
}

// serve answers on every face. The context that it returns ends with ctx, or when a face fails.
func (fs *faces) serve(ctx context.Context) (*errgroup.Group, context.Context) {
	group, running := errgroup.WithContext(ctx)
	for _, f := range fs.open {
		group.Go(func() error { return fs.transport.serve(f.server, f.listener) })
	}
	if fs.telephone != nil {
		fs.telephone.start(ctx)
	}
	return group, running
}

// shutdown stops accepting, lets what is under way finish, and closes what takes too long; then it ends what else runs. Who asks how the process is hears it to
// the end: calls may go on for minutes, and a worker finishes what it has begun.
func (fs *faces) shutdown(then ...func() error) error {
	fs.ending.Store(true)
	if fs.stopEvents != nil {
		fs.stopEvents() // they would last as long as somebody looks at them
	}
	var group errgroup.Group
	if fs.telephone != nil {
		group.Go(fs.telephone.shutdown)
	}
	var last []*face
	for _, f := range fs.open {
		if f.role == roleHealth {
			last = append(last, f)
			continue
		}
		group.Go(func() error { return fs.close(f) })
	}
	err := group.Wait()
	for _, end := range then {
		err = errors.Join(err, end())
	}
	for _, f := range last {
		err = errors.Join(err, fs.close(f))
	}
	return err
}

// close ends one face.
func (fs *faces) close(f *face) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainPatience)
	defer cancel()
	err := f.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		fs.logger.Warn("requests were cut off", "face", f.role)
		err = f.server.Close()
	}
	// A listener that never came to serve is not known to its server.
	if closed := f.listener.Close(); err == nil && closed != nil && !errors.Is(closed, net.ErrClosed) {
		err = closed
	}
	return err
}
