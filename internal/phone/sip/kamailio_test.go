package sip

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// freePlace is an address on loopback at which nothing listens.
func freePlace(t *testing.T) string {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	return free.Addr().String()
}

// runExchange starts a program and ends it with the test, which tells what it said where it fails.
func runExchange(t *testing.T, exchange *exec.Cmd) {
	t.Helper()
	var out bytes.Buffer
	exchange.Stdout, exchange.Stderr = &out, &out
	if err := exchange.Start(); err != nil {
		t.Fatalf("%s (scripts/install-test-deps installs what tests need): %v", exchange.Path, err)
	}
	t.Cleanup(func() {
		exchange.Process.Signal(syscall.SIGTERM)
		exchange.Wait()
		if t.Failed() {
			t.Logf("the exchange says\n%s", out.String())
		}
	})
}

// kamailio starts an exchange on loopback and ends it with the test.
func kamailio(t *testing.T, algorithm string) (place string) {
	t.Helper()
	place = freePlace(t)
	text, err := os.ReadFile("testdata/kamailio.cfg")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(place)
	dir := t.TempDir()
	write(t, filepath.Join(dir, "kamailio.cfg"), []byte(strings.NewReplacer("PORT", port, "ALGORITHM", algorithm).Replace(string(text))))
	runExchange(t, exec.Command("kamailio", "-f", filepath.Join(dir, "kamailio.cfg"), "-DD", "-E", "-m", "16", "-M", "4", "-w", dir, "-Y", dir))
	eventually(t, "the exchange is there", func() bool {
		conn, err := net.Dial("tcp", place)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return place
}

// The line and a call-taker's telephone register with an exchange, call each other through it, and are gone from it when they stop.
func TestALineRegistersWithKamailioAndCallsComeAndGoThroughIt(t *testing.T) {
	for transport, algorithm := range map[string]string{"udp": "MD5", "tcp": "SHA-256"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			trunk := Trunk{Host: kamailio(t, algorithm), Transport: transport, Register: true, Expires: time.Minute, Secret: func() (string, error) { return "open sesame", nil }}
			quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
			var heard [2]record
			var ends [2]*Server
			for i, user := range []string{"line", "201"} {
				own := trunk
				own.User = user
				ends[i] = answering(t, Config{Trunk: &own, Handler: heard[i].echo, Log: quiet, retry: 50 * time.Millisecond})
			}
			for _, s := range ends {
				eventually(t, "the exchange knows it", s.Registered)
			}
			for i, to := range []string{"sip:201@heed.example", "sip:line@heed.example"} {
				call, err := ends[i].Dial(context.Background(), to, nil)
				if err != nil {
					t.Fatalf("calling %s: %v", to, err)
				}
				said := spoken(30)
				back, _ := converse(t, call, said, 50)
				if n, ordered := found(pressed(sound.ALaw, said), back); n < 10 || !ordered {
					t.Errorf("%d of 30 frames came back, in order: %v", n, ordered)
				}
				call.HangUp()
				callee := ends[1-i]
				eventually(t, "who was called knows that it is over", func() bool { return callee.Calls() == 0 })
				heard[1-i].only(t)
			}
			trunk.User = "201"
			standing, err := Ask(context.Background(), trunk, Config{Log: quiet})
			if err != nil || standing.Places != 1 || standing.Life < 30*time.Second || standing.Life > time.Minute {
				t.Errorf("the exchange says %+v, %v", standing, err)
			}
			trunk.Secret = func() (string, error) { return "close sesame", nil }
			if _, err := Ask(context.Background(), trunk, Config{Log: quiet}); !errors.Is(err, ErrTrunkRefuses) {
				t.Errorf("a wrong secret is told as %v", err)
			}
			over, cancel := context.WithCancel(context.Background())
			cancel()
			if err := ends[1].Shutdown(over); err != nil && !errors.Is(err, net.ErrClosed) {
				t.Error(err)
			}
			if _, err := ends[0].Dial(context.Background(), "sip:201@heed.example", nil); !errors.Is(err, sound.ErrNoAnswer) {
				t.Errorf("a telephone that is gone: %v", err)
			}
		})
	}
}
