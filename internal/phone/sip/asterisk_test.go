package sip

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// asterisk starts the program on loopback and ends it with the test; line is where Heed is.
func asterisk(t *testing.T, program, transport, line string, cert *tls.Certificate) (place string) {
	t.Helper()
	place = freePlace(t)
	dir := t.TempDir()
	fill := strings.NewReplacer("DIR", dir, "TRANSPORT", transport, "PLACE", place, "LINE", line)
	if transport == "tls" {
		fill = strings.NewReplacer("DIR", dir, "TRANSPORT", transport, "PLACE", place, "LINE", line+";transport=tls", ";TLS ", "")
	} else if transport == "tcp" {
		fill = strings.NewReplacer("DIR", dir, "TRANSPORT", transport, "PLACE", place, "LINE", line+";transport=tcp")
	}
	files, err := filepath.Glob("testdata/asterisk/*.conf")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, filepath.Base(file)), []byte(fill.Replace(string(text))))
	}
	key, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "certificate.pem"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Certificate[0]}))
	write(t, filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}))
	write(t, filepath.Join(dir, "asterisk.conf"), []byte(fill.Replace("[directories]\nastetcdir => DIR\nastvarlibdir => DIR\nastdbdir => DIR\nastkeydir => DIR\nastspooldir => DIR\nastrundir => DIR\nastlogdir => DIR\n")))
	runExchange(t, exec.Command(program, "-f", "-C", filepath.Join(dir, "asterisk.conf")))
	return place
}

// What docs/telephony.md shows for Asterisk: a call comes to the line at its address, and to one that registers; that one calls a call-taker.
// It isn't in Debian 12, so that no run but one for it has it: HEED_ASTERISK is the program.
func TestCallsComeAndGoThroughAsteriskAsTheDocumentsShow(t *testing.T) {
	program := os.Getenv("HEED_ASTERISK")
	if program == "" {
		t.Skip("HEED_ASTERISK=/usr/sbin/asterisk names the program")
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	for _, transport := range []string{"udp", "tcp", "tls"} {
		t.Run(transport, func(t *testing.T) {
			cert := certificate(t)
			roots := x509.NewCertPool()
			leaf, err := x509.ParseCertificate(cert.Certificate[0])
			if err != nil {
				t.Fatal(err)
			}
			roots.AddCert(leaf)
			var known, registered, taker record
			at := Config{Log: quiet, retry: 50 * time.Millisecond}
			if transport == "tls" {
				at.TLS, at.Cert = "127.0.0.1:0", cert
			}
			byAddress := at
			var rests atomic.Bool
			byAddress.Handler = func(ctx context.Context, leg sound.Leg) {
				if !rests.Load() {
					known.echo(ctx, leg)
					return
				}
				leg.(interface{ Recorded(on bool) }).Recorded(true)
				for err := error(nil); err == nil; {
					_, _, err = leg.Step(nil)
				}
			}
			line := answering(t, byAddress)
			where := line.plain
			if transport == "tls" {
				where = line.tls
			}
			place := asterisk(t, program, transport, where.String(), cert)
			end := func(user string, r *record) *Server {
				c := at
				c.Handler = r.echo
				c.Trunk = &Trunk{Host: place, Transport: transport, User: user, Register: true, Expires: time.Minute, Roots: roots,
					Secret: func() (string, error) { return "open sesame", nil }}
				s := answering(t, c)
				within(t, time.Minute, "the exchange knows "+user, s.Registered)
				return s
			}
			heedLine, telephone := end("heed-line", &registered), end("201", &taker)
			for _, way := range []struct {
				from, to *Server
				number   string
				answers  *record
			}{{telephone, line, "12339", &known}, {telephone, heedLine, "heed-line", &registered}, {heedLine, telephone, "201", &taker}} {
				call, err := way.from.Dial(context.Background(), fmt.Sprintf("sip:%s@%s", way.number, place), nil)
				if err != nil {
					t.Fatalf("calling %s: %v", way.number, err)
				}
				said := spoken(80)
				back, _ := converse(t, call, said, 110)
				if n, ordered := found(pressed(sound.ALaw, said), back); n < 40 || !ordered {
					t.Errorf("%s: %d of 80 frames came back, in order: %v", way.number, n, ordered)
				}
				call.HangUp()
				within(t, time.Minute, "who was called knows that it is over", func() bool { return way.to.Calls() == 0 })
				way.answers.only(t)
			}
			// Who is recorded is sent a packet a second, by which the exchange, that ends a silent call after three, knows it to live.
			rests.Store(true)
			call, err := telephone.Dial(context.Background(), "sip:12339@"+place, nil)
			if err != nil {
				t.Fatal(err)
			}
			converse(t, call, spoken(400), 400)
			call.HangUp()
		})
	}
}
