package engine_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/engine"
	"github.com/heed-line/heed/internal/profile"
)

// TestMain names a proxy at which nobody listens: whoever went by it would get no answer in any test.
func TestMain(m *testing.M) {
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY"} {
		if err := os.Setenv(name, "http://127.0.0.1:9"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

func TestARedirectionIsNotFollowed(t *testing.T) {
	for _, status := range []int{301, 302, 303, 307, 308} {
		other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			t.Errorf("%d: %s %s was asked of the other server", status, r.Method, r.URL.Path)
		}))
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/v1/chat/completions", status)
		}))
		_, err := newEngine(t, profile.Engine{URL: s.URL + "/v1"}).Ask(t.Context(), engine.Summary, "text", "en")
		s.Close()
		other.Close()
		if !errors.Is(err, engine.ErrUnavailable) {
			t.Errorf("%d: %v", status, err)
		}
	}
}

func TestANameIsJudgedByTheAddressesThatItLeadsTo(t *testing.T) {
	s := speaks(t, func(asked) (int, string) { return 200, completion("x") })
	defer s.Close()
	_, port, _ := strings.Cut(strings.TrimPrefix(s.URL, "http://"), ":")
	names(t, map[string][4]byte{"own.example.": {127, 0, 0, 1}, "abroad.example.": {203, 0, 113, 7}, "cloud.example.": {169, 254, 169, 254}})
	ask := func(host string) error {
		_, err := newEngine(t, profile.Engine{URL: "http://" + host + ":" + port + "/v1"}).Ask(t.Context(), engine.Summary, "text", "en")
		return err
	}
	if err := ask("own.example"); err != nil { // and so by no proxy
		t.Errorf("a name of the own network: %v", err)
	}
	for _, host := range []string{"abroad.example", "cloud.example"} {
		if err := ask(host); !errors.Is(err, engine.ErrForeign) {
			t.Errorf("%s: %v", host, err)
		}
	}
}

// names lets the names of this process be told by a server of its own, which answers for each with one address (RFC 1035).
func names(t *testing.T, known map[string][4]byte) {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	was := net.DefaultResolver
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", server.LocalAddr().String())
	}}
	t.Cleanup(func() { net.DefaultResolver = was; server.Close() })
	go func() {
		for question := make([]byte, 1500); ; {
			n, from, err := server.ReadFrom(question)
			if err != nil {
				return // the test is over
			}
			server.WriteTo(told(question[:n], known), from)
		}
	}()
}

// told is the answer to a question: an address of IPv4 where it is asked for and known, and none elsewhere.
func told(question []byte, known map[string][4]byte) []byte {
	const header = 12
	name, at := "", header
	for ; question[at] != 0; at += 1 + int(question[at]) {
		name += string(question[at+1:at+1+int(question[at])]) + "."
	}
	kind := question[at+2] // of the two bytes for it the lower
	answer := append([]byte(nil), question[:at+5]...)
	copy(answer[2:header], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	if address, is := known[name]; is && kind == 1 {
		answer[7] = 1
		answer = append(answer, 0xC0, header, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4)
		answer = append(answer, address[:]...)
	}
	return answer
}
