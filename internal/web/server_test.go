package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/web"
)

// served answers on a socket with h behind a web.Server, and gives its address.
func served(t *testing.T, connections int, h http.HandlerFunc) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := web.Server(h, connections, slog.New(slog.DiscardHandler))
	go s.Serve(l)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// sender opens a connection and begins to send a body of length bytes.
func sender(t *testing.T, address string, length int, begin []byte) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if _, err := fmt.Fprintf(c, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", length, begin); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestASenderThatDripsIsCutOffHoweverMuchItSentBefore(t *testing.T) {
	if testing.Short() {
		t.Skip("waits half a minute")
	}
	t.Parallel()
	for name, begin := range map[string]int{"from the start": 0, "after a fast megabyte": 1 << 20} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result := make(chan error, 1)
			address := served(t, 10, func(_ http.ResponseWriter, r *http.Request) {
				_, err := io.Copy(io.Discard, r.Body)
				result <- err
			})
			c := sender(t, address, begin+1000, bytes.Repeat([]byte("x"), begin))
			go func() {
				for range 60 {
					time.Sleep(time.Second)
					if _, err := io.WriteString(c, "x"); err != nil {
						return
					}
				}
			}()
			select {
			case err := <-result:
				if err == nil {
					t.Error("a drip of bytes was read to its end")
				}
			case <-time.After(45 * time.Second):
				t.Error("a drip of bytes held its connection for 45 seconds")
			}
		})
	}
}

func TestWhatIsDoneWithABodyMayTakeLongerThanSendingIt(t *testing.T) {
	if testing.Short() {
		t.Skip("waits half a minute")
	}
	t.Parallel()
	address := served(t, 10, func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		select {
		case <-r.Context().Done():
			t.Error("the request was given up while its client waited")
		case <-time.After(33 * time.Second):
		}
		w.WriteHeader(http.StatusNoContent)
	})
	c := sender(t, address, 4, []byte("gas!"))
	answer, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil || answer.StatusCode != http.StatusNoContent {
		t.Errorf("%v, %v", answer, err)
	}
}

func TestWhoSendsLongestMakesRoomForANewcomer(t *testing.T) {
	cut := make(chan int64, 10)
	address := served(t, 8, func(_ http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			cut <- r.ContentLength
		}
	})
	arrived := func(n int) { // the server takes connections one after the other, but serves them side by side
		t.Helper()
		time.Sleep(50 * time.Millisecond)
		if len(cut) > 0 {
			t.Fatalf("after %d senders one is cut off", n)
		}
	}
	for i := range 4 {
		sender(t, address, 1000+i, []byte("a"))
		arrived(i + 1)
	}
	newcomer := sender(t, address, 3, []byte("gas"))
	if answer, err := http.ReadResponse(bufio.NewReader(newcomer), nil); err != nil || answer.StatusCode != http.StatusOK {
		t.Fatalf("the newcomer gets %v, %v", answer, err)
	}
	select {
	case which := <-cut:
		if which != 1000 {
			t.Errorf("the sender of %d bytes was cut off, not the one who had sent longest", which)
		}
	case <-time.After(20 * time.Second): // after half a minute of silence each of them is cut off, whoever comes
		t.Error("nobody made room")
	}
	if len(cut) > 0 {
		t.Error("more than one was cut off")
	}
}

func TestRequestsBeyondTheLimitAreToldToComeBack(t *testing.T) {
	hold := make(chan struct{})
	address := served(t, 2, func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hold" {
			<-hold
		}
	})
	done := make(chan error, 2)
	for range 2 {
		go func() {
			answer, err := http.Get("http://" + address + "/hold")
			if err == nil {
				err = answer.Body.Close()
			}
			done <- err
		}()
	}
	var last *http.Response
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var err error
		if last, err = http.Post("http://"+address+"/", "text/plain", strings.NewReader("gas")); err != nil {
			t.Fatal(err)
		}
		if err := last.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if last.StatusCode == http.StatusServiceUnavailable {
			break
		}
	}
	if last.StatusCode != http.StatusServiceUnavailable || last.Header.Get("Retry-After") == "" {
		t.Errorf("%d %v", last.StatusCode, last.Header)
	}
	close(hold)
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if answer, err := http.Get("http://" + address + "/"); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %v, %v", answer, err)
	}
}

//go:noinline
func breaks(said string) { panic(said) }

func TestTheLogIsToldWhereAnAnswerBrokeAndNothingOfTheRequest(t *testing.T) {
	var log bytes.Buffer
	s := httptest.NewUnstartedServer(nil)
	s.Config = web.Server(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/cut" {
			panic(http.ErrAbortHandler)
		}
		breaks(r.URL.Query().Get("said"))
	}), 10, slog.New(slog.NewTextHandler(&log, nil)))
	s.Start()
	for _, path := range []string{"/cut", "/?said=canary"} {
		if a, err := http.Get(s.URL + path); err == nil {
			a.Body.Close()
			t.Errorf("%s is answered: %s", path, a.Status)
		}
	}
	s.Close() // every handler has ended
	if said := log.String(); strings.Count(said, "level=ERROR") == 0 || !strings.Contains(said, "web_test.breaks:") || strings.Contains(said, "canary") || strings.Contains(said, "127.0.0.1") {
		t.Errorf("the log: %s", said)
	}
}
