package engine

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/heed-line/heed/internal/profile"
)

// client speaks to one engine, and to nothing else.
type client struct {
	cfg    profile.Engine
	secret func(file string) (string, error)
	http   *http.Client
	slots  chan struct{} // one for each question at once
}

func newClient(cfg profile.Engine, secret func(file string) (string, error), slots int) (*client, error) {
	roots, err := authorities(cfg.CAFile)
	if err != nil {
		return nil, err
	}
	return &client{
		cfg: cfg, secret: secret, slots: make(chan struct{}, slots),
		http: &http.Client{
			Transport: &http.Transport{
				// No proxy: it would be one more that reads along.
				DialContext: dialOwn, TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
				MaxIdleConns: slots, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true, MaxResponseHeaderBytes: 64 << 10,
			},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// authorities are the certificates that the engine's own is checked by; nil: the machine's.
func authorities(file string) (*x509.CertPool, error) {
	if file == "" {
		return nil, nil
	}
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the engine's authorities: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(b) {
		return nil, fmt.Errorf("%s holds no certificate in PEM", file)
	}
	return pool, nil
}

// turn waits until one more may be asked. The caller calls done.
func (c *client) turn(ctx context.Context) (done func(), err error) {
	select {
	case c.slots <- struct{}{}:
		return func() { <-c.slots }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: others wait for it", ErrUnavailable)
	}
}

// content is the body of a request: of so many bytes, which are read once.
type content struct {
	kind string
	size int64
	body io.Reader
}

func (c *client) send(ctx context.Context, method, path string, sent content) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, strings.TrimRight(c.cfg.URL, "/")+"/"+path, sent.body)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	req.ContentLength = sent.size
	req.Header.Set("Content-Type", sent.kind)
	req.Header.Set("User-Agent", "heed")
	if c.cfg.KeyFile != "" {
		key, err := c.secret(c.cfg.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrUnavailable, err)
		}
		req.Header.Set("Authorization", "Bearer "+key)
	}
	res, err := c.http.Do(req)
	if errors.Is(err, ErrForeign) {
		return nil, ErrForeign
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, plain(err))
	}
	return res, nil
}

// answered reads an answer of so many bytes at most; the status is 200 then.
func answered(res *http.Response, most int64) ([]byte, error) {
	b, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	if err = errors.Join(err, res.Body.Close()); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnavailable, plain(err))
	}
	switch {
	case res.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w: status %d", ErrUnavailable, res.StatusCode)
	case int64(len(b)) > most:
		return nil, fmt.Errorf("%w: its answer is longer than %d bytes", ErrUnavailable, most)
	}
	return b, nil
}

// plain takes the address off an error: it stands in the profile, and some servers want a key in it.
func plain(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
