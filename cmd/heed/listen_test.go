package main

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	heedweb "github.com/heed-line/heed/internal/web"
)

// otherAddress is an address of this machine that is not its loopback: who asks there from here comes from there.
func otherAddress(t *testing.T) string {
	t.Helper()
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			return n.IP.String()
		}
	}
	missing(t, net.UnknownNetworkError("this machine has no address but its loopback"))
	return ""
}

func TestBehindAProxyNobodyElseIsAnsweredInClear(t *testing.T) {
	l, err := net.Listen("tcp", "0.0.0.0:0")
	if err != nil {
		t.Fatal(err)
	}
	served := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	s := &http.Server{Handler: (&transport{behindProxy: true}).trustProxy(served)}
	go s.Serve(l)
	defer s.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	other := "http://" + net.JoinHostPort(otherAddress(t), port)
	here := "http://" + net.JoinHostPort("127.0.0.1", port)
	for _, c := range []struct {
		method, url, proto string
		status             int
	}{
		{"GET", other + "/", "https", 204}, {"POST", other + "/report", "https", 204},
		{"GET", other + "/", "", 403}, {"POST", other + "/report", "", 403}, {"GET", other + "/", "https, http", 403},
		{"GET", other + "/", "http", 308}, {"POST", other + "/report", "http", 403},
		{"GET", other + "/healthz", "", 204}, {"GET", other + "/readyz", "", 204},
		{"GET", here + "/", "", 204}, {"POST", here + "/report", "", 204}, {"GET", here + "/", "http", 308},
	} {
		headers := []string{}
		if c.proto != "" {
			headers = []string{"X-Forwarded-Proto", c.proto}
		}
		a, err := ask(c.method, c.url, nil, headers...)
		if err != nil {
			t.Fatal(err)
		}
		if a.status != c.status {
			t.Errorf("%s %s with %q: %d, want %d", c.method, c.url, c.proto, a.status, c.status)
		}
		if c.status == 403 && c.proto == "" && !strings.Contains(string(a.body), "X-Forwarded-Proto: https") {
			t.Errorf("it doesn't say what is missing: %s", a.body)
		}
	}
}

func TestBehindAProxyTheSetupLinkLeadsToHTTPS(t *testing.T) {
	l := startLine(t, "--behind-proxy")
	if !strings.HasPrefix(l.setup, "https://") {
		t.Errorf("the setup link is %q", l.setup)
	}
	link := l.command("staff", "add", "amira", "--role", "specialist")
	found := false
	for scanner := bufio.NewScanner(strings.NewReader(link)); scanner.Scan(); {
		found = found || strings.Contains(scanner.Text(), "https://")
	}
	if !found {
		t.Errorf("the enrolment link: %s", link)
	}
}

func TestOnlyTheLastAddressThatTheProxyNamesIsBelieved(t *testing.T) {
	for _, c := range []struct {
		proxy  bool
		remote string
		said   []string
		want   string // network; "" where none is known
	}{
		{false, "198.51.100.7:4000", nil, "198.51.100.0/24"},
		{false, "198.51.100.7:4000", []string{"203.0.113.9"}, "198.51.100.0/24"},
		{true, "127.0.0.1:4000", []string{"203.0.113.9"}, "203.0.113.0/24"},
		{true, "127.0.0.1:4000", []string{"192.0.2.1, 203.0.113.9"}, "203.0.113.0/24"},
		{true, "127.0.0.1:4000", []string{"192.0.2.1", "192.0.2.2,203.0.113.9"}, "203.0.113.0/24"},
		{true, "10.0.0.2:4000", []string{"2001:db8:7:8::9"}, "2001:db8:7::/48"},
		{true, "10.0.0.2:4000", []string{"[2001:db8:7:8::9]:443"}, "2001:db8:7::/48"},
		{true, "10.0.0.2:4000", []string{"203.0.113.9:443"}, "203.0.113.0/24"},
		{true, "10.0.0.2:4000", []string{"203.0.113.9, unknown"}, ""},
		{true, "10.0.0.2:4000", []string{"203.0.113.9,"}, ""},
		{true, "10.0.0.2:4000", nil, ""},
		{true, "127.0.0.1:4000", nil, "127.0.0.0/8"},
	} {
		var seen *http.Request
		inner := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r })
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.remote
		r.Header.Set("X-Forwarded-Proto", "https")
		for _, line := range c.said {
			r.Header.Add("X-Forwarded-For", line)
		}
		(&transport{behindProxy: c.proxy}).trustProxy(inner).ServeHTTP(httptest.NewRecorder(), r)
		got := ""
		if network := heedweb.NetworkOf(seen); network.IsValid() {
			got = network.String()
		}
		if got != c.want {
			t.Errorf("%+v: counted as %q", c, got)
		}
		if seen.RemoteAddr != "" || seen.Header.Get("X-Forwarded-For") != "" {
			t.Errorf("%+v: a handler sees an address", c)
		}
	}
}
