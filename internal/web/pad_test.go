package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/web"
)

// padded asks a handler behind Padded on a real connection.
func padded(t *testing.T, method string, h http.HandlerFunc) (*http.Response, string) {
	t.Helper()
	s := httptest.NewServer(web.Padded(h))
	defer s.Close()
	r, err := http.NewRequest(method, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func TestPaddingKeepsWhatWasAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		kind, body string
		declared   bool
		want       int
	}{
		"a page":                       {"text/html; charset=utf-8", "<p>x</p>", false, 32 << 10},
		"a page of known length":       {"text/html; charset=utf-8", "<p>x</p>", true, 32 << 10},
		"a page that just fits":        {"text/html", strings.Repeat("x", 32<<10-7), true, 32 << 10},
		"a page too long by one":       {"text/html", strings.Repeat("x", 32<<10-6), true, 64 << 10},
		"JSON":                         {"application/json", `{"a":1}`, false, 8 << 10},
		"a problem":                    {"application/problem+json", `{"a":1}`, true, 8 << 10},
		"JSON of just that length":     {"application/json", `"` + strings.Repeat("x", 8<<10-2) + `"`, false, 8 << 10},
		"a plain refusal":              {"text/plain; charset=utf-8", "no", false, 32 << 10},
		"a picture, which it'd break":  {"image/svg+xml", "<svg/>", false, 6},
		"nothing, as a plain one does": {"", "", false, 32 << 10},
	} {
		resp, body := padded(t, http.MethodGet, func(w http.ResponseWriter, _ *http.Request) {
			if c.kind != "" {
				w.Header().Set("Content-Type", c.kind)
			}
			if c.declared {
				w.Header().Set("Content-Length", strconv.Itoa(len(c.body)))
			}
			w.WriteHeader(http.StatusAccepted)
			for _, b := range []string{c.body[:len(c.body)/2], c.body[len(c.body)/2:]} {
				if _, err := io.WriteString(w, b); err != nil {
					t.Error(err)
				}
			}
		})
		if len(body) != c.want || !strings.HasPrefix(body, c.body) || resp.StatusCode != http.StatusAccepted || resp.ContentLength != int64(c.want) {
			t.Errorf("%s: %d, %d bytes: %.40q", name, resp.StatusCode, len(body), body)
		}
	}
}

func TestAnAnswerWithoutABodyGetsNone(t *testing.T) {
	resp, body := padded(t, http.MethodGet, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	if resp.StatusCode != http.StatusNoContent || body != "" {
		t.Errorf("%d %q", resp.StatusCode, body)
	}
	resp, body = padded(t, http.MethodHead, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Content-Length", "5")
		w.WriteHeader(http.StatusOK)
		if _, err := io.WriteString(w, "hello"); err != nil {
			t.Error(err)
		}
	})
	if resp.ContentLength != 32<<10 || body != "" {
		t.Errorf("%d %q", resp.ContentLength, body)
	}
}
