// Package signontest is an OpenID provider for tests: it speaks the protocol over HTTP on loopback and signs with real keys,
// written from the standards and sharing no code with what it is held against.
//
// Only tests import it. It may import the standard library; it must never see a line.
package signontest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// ClientID and Secret are the desk's registration. The secret has what RFC 6749 §2.3.1 wants encoded.
const (
	ClientID = "heed desk"
	Secret   = "s3cret:+/ %"
)

// Provider is an OpenID provider whose people sign in without being asked. Its fields may be changed between requests
// under Change.
type Provider struct {
	URL string

	mu  sync.Mutex
	rsa *rsa.PrivateKey
	ec  *ecdsa.PrivateKey

	Subject string
	Now     func() time.Time
	SignsAt time.Time      // auth_time; zero: now
	Alg     string         // RS256 (default), ES256, HS256 or none
	Claims  map[string]any // put over the right ones; nil as a value leaves one out
	Names   bool           // iss in answers, and says so
	Down    bool           // answers everything with 500
	Refuses string         // error that the authorization endpoint answers
	Forward string         // where every request but authorization is redirected to
	Huge    bool           // answers more than anybody wants
	Asked   int            // token requests
	codes   map[string]grant
}

type grant struct{ challenge, nonce, callback, client string }

// New starts a provider, which ends with the test.
func New(t testing.TB, now func() time.Time) *Provider {
	t.Helper()
	p := &Provider{Subject: "employee-7", Now: now, Names: true, codes: map[string]grant{}}
	var err error
	if p.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if p.ec, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.describe)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		switch {
		case p.Down:
			http.Error(w, "down", http.StatusInternalServerError)
		case p.Forward != "" && r.URL.Path != "/authorize":
			http.Redirect(w, r, p.Forward+r.URL.Path, http.StatusTemporaryRedirect)
		default:
			mux.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Change changes the provider between two of its answers.
func (p *Provider) Change(fn func(*Provider)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn(p)
}

func (p *Provider) describe(w http.ResponseWriter, _ *http.Request) {
	d := map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"RS256", "ES256", "HS256", "none"}, "response_types_supported": []string{"code"},
		"subject_types_supported": []string{"public"}, "authorization_response_iss_parameter_supported": p.Names,
	}
	if p.Huge {
		d["padding"] = string(make([]byte, 2<<20))
	}
	answer(w, http.StatusOK, d)
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	x, y := make([]byte, 32), make([]byte, 32)
	answer(w, http.StatusOK, map[string]any{"keys": []map[string]string{
		{"kty": "RSA", "use": "sig", "kid": "r", "n": text(p.rsa.N.Bytes()), "e": text(big.NewInt(int64(p.rsa.E)).Bytes())},
		{"kty": "EC", "use": "sig", "kid": "e", "crv": "P-256", "x": text(p.ec.X.FillBytes(x)), "y": text(p.ec.Y.FillBytes(y))},
	}})
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("scope") != "openid" {
		http.Error(w, "only the code flow with S256, and nothing but who it is", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}}
	if p.Names {
		back.Set("iss", p.URL)
	}
	if p.Refuses != "" {
		back.Set("error", p.Refuses)
	} else {
		back.Set("code", p.Grant(q.Get("code_challenge"), q.Get("nonce"), q.Get("redirect_uri"), q.Get("client_id")))
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// Grant makes a code. Call it under Change.
func (p *Provider) Grant(challenge, nonce, callback, client string) string {
	code := rand.Text()
	p.codes[code] = grant{challenge, nonce, callback, client}
	return code
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.Asked++
	id, secret, ok := r.BasicAuth()
	id, err := url.QueryUnescape(id)
	secret, err2 := url.QueryUnescape(secret)
	if !ok || err != nil || err2 != nil || id != ClientID || secret != Secret {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	g, known := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || g.client != ClientID || g.callback != r.PostFormValue("redirect_uri") || r.PostFormValue("grant_type") != "authorization_code" ||
		subtle.ConstantTimeCompare([]byte(text(sum[:])), []byte(g.challenge)) != 1 {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant"})
		return
	}
	answer(w, http.StatusOK, map[string]any{"access_token": "unused", "token_type": "Bearer", "expires_in": 60, "id_token": p.sign(g)})
}

// sign makes the ID token (RFC 7515 §3.1, RFC 7518 §3).
func (p *Provider) sign(g grant) string {
	now := p.Now()
	at := p.SignsAt
	if at.IsZero() {
		at = now
	}
	claims := map[string]any{
		"iss": p.URL, "sub": p.Subject, "aud": ClientID, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": g.nonce,
		"auth_time": at.Unix(),
	}
	for name, v := range p.Claims {
		if claims[name] = v; v == nil {
			delete(claims, name)
		}
	}
	header := map[string]string{"alg": p.Alg, "kid": "r"}
	switch p.Alg {
	case "":
		header["alg"] = "RS256"
	case "ES256":
		header["kid"] = "e"
	}
	signed := encoded(header) + "." + encoded(claims)
	sum := sha256.Sum256([]byte(signed))
	var signature []byte
	switch header["alg"] {
	case "RS256":
		signature, _ = rsa.SignPKCS1v15(rand.Reader, p.rsa, crypto.SHA256, sum[:])
	case "ES256":
		r, s, err := ecdsa.Sign(rand.Reader, p.ec, sum[:])
		if err == nil {
			signature = append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...)
		}
	case "HS256": // the confusion: the public key's bytes as the secret of an HMAC
		m := hmac.New(sha256.New, p.rsa.N.Bytes())
		m.Write([]byte(signed))
		signature = m.Sum(nil)
	}
	return signed + "." + text(signature)
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func encoded(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Errorf("a test's claims: %w", err))
	}
	return text(b)
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil { // the asker has gone
		return
	}
}
