package portal_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const onion = "http://2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"

// answer asks a portal reached as host, without a network in between.
func answer(h http.Handler, method, host, path, body string) *http.Response {
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequest(method, path, in)
	r.Host = host
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestPagesReachedByHTTPSNameTheOnionService(t *testing.T) {
	l := newLine(t, func(l *line) { l.tls = true })
	l.profile.Line.Onion = onion
	h := l.handler()
	for path, want := range map[string]string{
		"/": onion + "/", "/report": onion + "/report", "/status?lang=ar": onion + "/status?lang=ar", "/report?lang=xx&a=b": onion + "/report",
		"/no%20where": onion + "/no%20where", "/static/x.css": "", "/api/v1/transparency": "", "/healthz": "",
	} {
		if got := answer(h, http.MethodGet, "line.example", path, "").Header.Get("Onion-Location"); got != want {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestTheOnionServiceIsNotNamedWhereItWouldDoHarm(t *testing.T) {
	l := newLine(t, func(l *line) { l.tls = true })
	l.profile.Line.Onion = onion
	form := url.Values{"page": {"text"}, "text": {told}, "go": {"next"}}.Encode()
	secure := l.handler()
	l.tls = false
	clear := l.handler()
	l.tls, l.profile.Line.Onion = true, ""
	none := l.handler()
	for name, r := range map[string]*http.Response{
		"after a form was sent":   answer(secure, http.MethodPost, "line.example", "/report", form),
		"on the onion service":    answer(secure, http.MethodGet, strings.TrimPrefix(onion, "http://"), "/", ""),
		"over HTTP":               answer(clear, http.MethodGet, "line.example", "/", ""),
		"on a line that has none": answer(none, http.MethodGet, "line.example", "/", ""),
	} {
		if got, has := r.Header["Onion-Location"]; has || r.StatusCode != http.StatusOK {
			t.Errorf("%s: %d, %v", name, r.StatusCode, got)
		}
	}
}

func TestTheFormWorksOnTheOnionService(t *testing.T) {
	l := newLine(t, func(l *line) { l.tls = true })
	l.profile.Line.Onion = onion
	form := url.Values{"page": {"text"}, "text": {told}, "go": {"next"}}.Encode()
	r := httptest.NewRequest(http.MethodPost, onion+"/report", strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", onion)
	w := httptest.NewRecorder()
	l.handler().ServeHTTP(w, r)
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Do you want to add files?") {
		t.Errorf("%d", w.Code)
	}
}
