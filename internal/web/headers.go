package web

import "net/http"

// Policy chooses what pages behind Headers may do. The zero value is the strictest.
type Policy struct {
	// Connect lets scripts talk to this address (the desk's live events, the portal's uploads).
	Connect bool
	// Media lets pages play sound and video from this address.
	Media bool
	// Microphone lets pages ask for the microphone (the portal's recording, which is masked in the page).
	Microphone bool
	// TLS says that the address is always reached by HTTPS, so browsers may insist on it.
	TLS bool
}

func (p Policy) content() string {
	csp := "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; " +
		"frame-ancestors 'none'; base-uri 'none'"
	if p.Connect {
		csp += "; connect-src 'self'"
	}
	if p.Media {
		csp += "; media-src 'self'"
	}
	return csp
}

// denied are the browser's abilities that no page of ours uses. The microphone is the portal's alone.
const denied = "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), clipboard-read=(), display-capture=(), " +
	"fullscreen=(), geolocation=(), gyroscope=(), hid=(), idle-detection=(), local-fonts=(), magnetometer=(), " +
	"midi=(), payment=(), screen-wake-lock=(), serial=(), usb=(), xr-spatial-tracking=()"

// Headers sets the security headers on every answer before next runs: nothing inline, nothing from elsewhere, nothing
// kept, nothing told to the next site. Static files loosen Cache-Control for themselves.
func Headers(p Policy, next http.Handler) http.Handler {
	csp, abilities := p.content(), denied+", microphone=()"
	if p.Microphone {
		abilities = denied + ", microphone=(self)"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", csp)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Embedder-Policy", "require-corp")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Origin-Agent-Cluster", "?1")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("X-DNS-Prefetch-Control", "off")
		h.Set("X-Robots-Tag", "noindex, nofollow")
		h.Set("Permissions-Policy", abilities)
		if p.TLS {
			h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		}
		next.ServeHTTP(w, r)
	})
}

// SameOrigin refuses what another site makes a browser send: next sees only requests of our own pages and of programs
// that are no browsers. refuse answers the others.
func SameOrigin(next, refuse http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(refuse)
	guarded := guard.Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// Under Referrer-Policy no-referrer a browser too old for Sec-Fetch-Site, or on plain HTTP, sends "Origin: null"
		// with our own forms. It can't be told from a foreign sandboxed frame's, so it passes only without credentials.
		if r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "null" && r.Header.Get("Cookie") == "" {
			next.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}
