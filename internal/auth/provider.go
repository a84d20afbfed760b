package auth

import (
	"context"
	"crypto/hmac"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/heed-line/heed"
)

// Limits of what is asked of an organisation's provider, and how long what it said of itself counts.
const (
	providerTimeout = 10 * time.Second
	maxProviderBody = 1 << 20 // bytes
	providerSlots   = 8       // questions at once
	providerWaiting = 64      // and waiting
	discoveryLife   = time.Hour
	discoveryRetry  = 5 * time.Second
	maxClockSkew    = time.Minute
	maxSubject      = 255 // characters (OpenID Connect Core §2)
)

// provider is an organisation's OpenID provider: its word on who somebody is, and nothing else, is asked for. It is asked
// for the first time when the first person needs it, so the desk starts without it.
type provider struct {
	SignOnConfig
	now    func() time.Time
	client *http.Client
	slots  *slots

	mu     sync.Mutex
	known  *discovered
	until  time.Time // known counts until then
	failed time.Time // when it last couldn't be asked
}

// discovered is what the provider says of itself (OpenID Connect Discovery §3).
type discovered struct {
	oauth    oauth2.Config
	verifier *oidc.IDTokenVerifier
	names    bool // it names itself in its answers (RFC 9207 §3)
}

// signatures are the ones taken from a provider: none that is made with a secret that both sides know, and not "none".
func signatures() []string {
	return []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA}
}

func newProvider(c *SignOnConfig, now func() time.Time) *provider {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DialContext: (&net.Dialer{Timeout: providerTimeout}).DialContext, ForceAttemptHTTP2: true,
		TLSHandshakeTimeout: providerTimeout, ResponseHeaderTimeout: providerTimeout, MaxResponseHeaderBytes: 64 << 10,
		IdleConnTimeout: time.Minute, MaxIdleConns: providerSlots,
	}
	return &provider{
		SignOnConfig: *c, now: now, slots: newSlots(providerSlots, providerWaiting),
		client: &http.Client{
			Timeout: providerTimeout, Transport: bounded{transport},
			// No provider needs one, and a secret or a code must not follow it anywhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// bounded cuts answers that are too long: the library reads them whole.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxProviderBody), res.Body}
	}
	return res, err
}

// away is the error of a provider that can't be asked now. why is ours, or a code of the protocol's: never what an answer
// held.
func away(why string) error {
	return fmt.Errorf("the organisation's sign-on: %s: %w", why, &heed.Problem{Code: "sign-on-away"})
}

// refused is the error of an answer that proves nothing.
func refused(why string) error {
	return fmt.Errorf("the organisation's sign-on: %s: %w", why, &heed.Problem{Code: "sign-on-refused"})
}

// ask is what the provider says of itself, asked again after a while.
func (p *provider) ask(ctx context.Context) (*discovered, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now() // the line's time may stand still while the host's is doubted
	if p.known != nil && now.Before(p.until) {
		return p.known, nil
	}
	if now.Sub(p.failed) < discoveryRetry {
		return nil, away("it couldn't be asked a moment ago")
	}
	known, err := p.discover(ctx)
	switch {
	case err == nil:
		p.known, p.until = known, now.Add(discoveryLife)
	case ctx.Err() != nil: // the asker has gone; that says nothing of the provider
		return nil, err
	default:
		p.failed = now
	}
	return known, err
}

func (p *provider) discover(ctx context.Context) (*discovered, error) {
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.Issuer)
	var other *oidc.IssuerMismatchError
	if errors.As(err, &other) {
		return nil, away("it calls itself by another issuer than the profile")
	}
	if err != nil {
		return nil, away("its description can't be read")
	}
	var also struct {
		Keys    string   `json:"jwks_uri"`
		Clients []string `json:"token_endpoint_auth_methods_supported"`
		Names   bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := found.Claims(&also); err != nil {
		return nil, away("its description can't be read")
	}
	secret, err := p.Secret()
	if err != nil {
		return nil, away("the client's secret can't be read")
	}
	endpoint := found.Endpoint()
	for _, address := range []string{endpoint.AuthURL, endpoint.TokenURL, also.Keys} {
		if !p.trusts(address) {
			return nil, away("an address in its description is none, or not https")
		}
	}
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // the default (OpenID Connect Discovery §3)
	if len(also.Clients) > 0 && !slices.Contains(also.Clients, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &discovered{
		oauth:    oauth2.Config{ClientID: p.ClientID, ClientSecret: secret, Endpoint: endpoint, Scopes: []string{oidc.ScopeOpenID}},
		verifier: found.Verifier(&oidc.Config{ClientID: p.ClientID, SupportedSigningAlgs: signatures(), Now: p.now}),
		names:    also.Names,
	}, nil
}

// trusts reports whether an address of the provider's is https. Only a provider on this machine may do without.
func (p *provider) trusts(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	here := strings.HasPrefix(p.Issuer, "http:") && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
	return u.Scheme == "https" || u.Scheme == "http" && here
}

// question is what one trip to the provider is bound to.
type question struct {
	callback string
	state    string
	verifier string // of PKCE (RFC 7636)
	nonce    string
}

// address is where a browser is sent. longest is how old its sign-on there may be, 0: it must sign in anew.
func (d *discovered) address(q question, longest time.Duration) string {
	c := d.oauth
	c.RedirectURL = q.callback
	options := []oauth2.AuthCodeOption{
		oauth2.S256ChallengeOption(q.verifier), oidc.Nonce(q.nonce),
		oauth2.SetAuthURLParam("max_age", strconv.Itoa(int(longest/time.Second))),
	}
	if longest == 0 {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"))
	}
	return c.AuthCodeURL(q.state, options...)
}

// word is the provider's word on who somebody is.
type word struct {
	subject string
	at      time.Time // when they signed in there; zero: it doesn't say
}

// redeem trades a code for the provider's word. named is as whom the provider's answer came, "" where it doesn't say.
func (p *provider) redeem(ctx context.Context, q question, named, code string) (w word, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*providerTimeout)
	defer cancel()
	var failed error
	err = p.slots.do(ctx, func() {
		var d *discovered
		d, failed = p.ask(ctx)
		if failed == nil && d.names && named == "" { // RFC 9207 §2.4
			failed = refused("an answer that doesn't say whose it is")
		}
		if failed == nil {
			w, failed = p.trade(oidc.ClientContext(ctx, p.client), d, q, code)
		}
	})
	return w, errors.Join(err, failed)
}

func (p *provider) trade(ctx context.Context, d *discovered, q question, code string) (word, error) {
	c := d.oauth
	c.RedirectURL = q.callback
	token, err := c.Exchange(ctx, code, oauth2.VerifierOption(q.verifier))
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) && answer.ErrorCode == "invalid_grant" {
		return word{}, refused("it doesn't know the code")
	}
	if errors.As(err, &answer) && slices.Contains([]string{"invalid_client", "unauthorized_client", "invalid_request"}, answer.ErrorCode) {
		return word{}, away("it refuses this desk: " + answer.ErrorCode)
	}
	if err != nil {
		return word{}, away("it gave no token")
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok || raw == "" {
		return word{}, refused("it gave no ID token")
	}
	verified, err := d.verifier.Verify(ctx, raw)
	if err != nil {
		return word{}, refused("its ID token doesn't verify")
	}
	return p.read(verified, q)
}

// read checks what the library leaves to its caller (OpenID Connect Core §3.1.3.7).
func (p *provider) read(t *oidc.IDToken, q question) (word, error) {
	var also struct {
		Party string `json:"azp"`
		At    int64  `json:"auth_time"`
	}
	now := p.now()
	switch err := t.Claims(&also); {
	case err != nil:
		return word{}, refused("its ID token has claims of another kind")
	case also.Party != "" && also.Party != p.ClientID, also.Party == "" && len(t.Audience) > 1: // 4, 5
		return word{}, refused("its ID token is another client's")
	case t.IssuedAt.IsZero(), t.IssuedAt.After(now.Add(maxClockSkew)), now.Sub(t.IssuedAt) > challengeLife: // 10
		return word{}, refused("its ID token isn't of now")
	case !hmac.Equal([]byte(t.Nonce), []byte(q.nonce)): // 11
		return word{}, refused("its ID token answers another question")
	case t.Subject == "" || len(t.Subject) > maxSubject:
		return word{}, refused("its ID token is about nobody")
	}
	w := word{subject: t.Subject}
	if also.At > 0 {
		w.at = time.Unix(also.At, 0)
		if w.at.After(now) {
			w.at = now
		}
	}
	return w, nil
}
