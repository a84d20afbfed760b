package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestAFirstStartIsReadyInTwoSecondsAndSaysWhere(t *testing.T) {
	if _, err := builtHeed(); err != nil {
		t.Fatal(err)
	}
	// The quickest of some starts is what the machine's other work disturbs least.
	var k *killed
	took := time.Hour
	for tries := 0; tries < 10 && took > 2*time.Second; tries++ {
		if k != nil {
			k.terminate(t)
		}
		begun := time.Now()
		k = startProcess(t, filepath.Join(t.TempDir(), "line"))
		took = time.Since(begun)
		t.Logf("ready after %s", took.Round(time.Millisecond))
	}
	if took > 2*time.Second {
		t.Errorf("ready only after %s", took)
	}
	if !strings.HasPrefix(k.setup, k.desk+"/setup/") {
		t.Errorf("the setup link is %q", k.setup)
	}
	for _, base := range []string{k.public, k.desk} {
		for _, path := range []string{"/healthz", "/readyz"} {
			if a := k.ask("GET", base+path, nil); a.status != http.StatusOK {
				t.Errorf("%s%s answers %d", base, path, a.status)
			}
		}
	}
	if a := k.ask("GET", k.public+"/metrics", nil); a.status != http.StatusNotFound {
		t.Errorf("the portal answers %d to /metrics", a.status)
	}
	if a := k.ask("GET", k.desk+"/metrics", nil); a.status != http.StatusOK || !bytes.Contains(a.body, []byte("heed_reports")) {
		t.Errorf("the desk's metrics: %d", a.status)
	}
	k.checkPrivate(t)
	k.terminate(t)
}

// checkPrivate holds everything that the line wrote to its owner.
func (k *killed) checkPrivate(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(k.data, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("others may use %s (%v)", path, info.Mode().Perm())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestASecondStartFindsItsReportsAndOffersNoSetup(t *testing.T) {
	data := filepath.Join(t.TempDir(), "line")
	first := serveLine(t, data, time.Now)
	first.addStaff("amira", "specialist")
	receipt := first.submit(map[string]any{"text": goodText})
	first.stop()
	second := serveLine(t, data, time.Now)
	if second.setup != "" {
		t.Error("a line that is set up prints a setup link")
	}
	if second.stage(receipt) == "" {
		t.Error("the receipt opens nothing after a restart")
	}
}

func TestALineThatStopsFinishesWhatItHasBegun(t *testing.T) {
	l := startLine(t)
	reader, writer := io.Pipe()
	body, contentType := form(t, map[string]string{"text": goodText}, namedFile{"a.png", picture(100_000)})
	answered := make(chan *answer, 1)
	go func() {
		a, err := ask("POST", l.public+"/api/v1/reports", reader, "Content-Type", contentType, "Expect", "100-continue")
		if err != nil {
			t.Error(err)
		}
		answered <- a
	}()
	// The first byte is asked for by the line itself: from then on the request is under way.
	if _, err := writer.Write(body[:50_000]); err != nil {
		t.Fatal(err)
	}
	stopped := make(chan struct{})
	go func() { l.stop(); close(stopped) }()
	eventually(t, time.Minute, "no new connection is taken", func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(l.public, "http://"))
		if err == nil {
			conn.Close()
		}
		return err != nil
	})
	if _, err := writer.Write(body[50_000:]); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if a := <-answered; a != nil && a.status != http.StatusCreated {
		t.Errorf("the report under way was answered %d %s", a.status, a.body)
	}
	<-stopped
}

// certificate writes a self-signed certificate for 127.0.0.1 and its key.
func certificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "heed"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(48 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	certFile, keyFile = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool = x509.NewCertPool()
	pool.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return certFile, keyFile, pool
}

func TestWithACertificateBothFacesSpeakTLSAlone(t *testing.T) {
	certFile, keyFile, pool := certificate(t)
	l := startLine(t, "--tls-cert", certFile, "--tls-key", keyFile)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, ForceAttemptHTTP2: true}}
	for _, base := range []string{l.public, l.desk} {
		if !strings.HasPrefix(base, "https://") {
			t.Fatalf("the address is %s", base)
		}
		response, err := client.Get(base + "/")
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.Header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s doesn't ask for HTTPS from now on", base)
		}
		if a, err := ask("GET", strings.Replace(base, "https", "http", 1)+"/", nil); err == nil && a.status < 400 {
			t.Errorf("%s answers %d in clear", base, a.status)
		}
	}
	out, _, _ := l.try("doctor", "--tls-cert", certFile)
	if !strings.Contains(out, "the certificate ends on") {
		t.Errorf("the doctor says nothing of a certificate that ends in two days:\n%s", out)
	}
}

func TestOnlyTheProxysWordOnTheSchemeIsBelieved(t *testing.T) {
	var seen http.Header
	inner := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = r.Header })
	ask := func(proxy bool, method, proto string) *httptest.ResponseRecorder {
		seen = nil
		r := httptest.NewRequest(method, "/report?lang=es", nil)
		r.Host = "line.example"
		for name, value := range map[string]string{"X-Forwarded-Proto": proto, "X-Forwarded-For": "192.0.2.1", "Forwarded": "for=192.0.2.1", "X-Real-Ip": "192.0.2.1", "X-Forwarded-Host": "evil.example"} {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		(&transport{behindProxy: proxy}).trustProxy(inner).ServeHTTP(w, r)
		return w
	}
	for _, proxy := range []bool{true, false} {
		if ask(proxy, "GET", "https"); seen == nil {
			t.Error("a request that came by HTTPS isn't served")
		}
		for _, name := range forwardingHeaders {
			if seen.Get(name) != "" {
				t.Errorf("a handler sees %s", name)
			}
		}
	}
	if w := ask(true, "GET", "http"); seen != nil || w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != "https://line.example/report?lang=es" {
		t.Errorf("a page asked for in clear is answered %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := ask(true, "POST", "http"); seen != nil || w.Code != http.StatusForbidden {
		t.Errorf("a form sent in clear is answered %d", w.Code)
	}
	if ask(false, "GET", "http"); seen == nil {
		t.Error("without a proxy the header counts for something")
	}
}

func TestRolesMayRunApartOnOneDatabase(t *testing.T) {
	c, err := postgresCluster()
	if err != nil {
		missing(t, err)
	}
	data, store := filepath.Join(t.TempDir(), "line"), c.fresh(t)
	desk := serveLine(t, data, time.Now, "--store", store, "--role", "desk,worker")
	keys := filepath.Join(t.TempDir(), "keys")
	pin := strings.TrimSpace(strings.TrimPrefix(desk.command("operations", "portal-keys", keys), "audit-key:"))
	portal := serveLine(t, data, time.Now, "--store", store, "--role", "portal", "--keystore", keys, "--audit-key", pin)
	if desk.public != "" || portal.desk != "" {
		t.Errorf("a face is served without its role: %q, %q", desk.public, portal.desk)
	}
	token := desk.addStaff("amira", "specialist")
	receipt := portal.submit(map[string]any{"text": goodText})
	eventually(t, time.Minute, "the report in the other process's queue", func() bool { return len(desk.reports(t, token, "?state=queued")) == 1 })
	if stage := portal.stage(receipt); stage != "screened" {
		t.Errorf("the reporter sees %q", stage)
	}
}

func TestAnImportThatWasKilledGoesOnWithoutLosingOrRepeatingALine(t *testing.T) {
	const lines = 12_000
	folder := t.TempDir()
	file := filepath.Join(folder, "old.jsonl")
	var text strings.Builder
	for i := range lines {
		if i%1000 == 7 {
			text.WriteString("{\"text\": broken\n")
			continue
		}
		fmt.Fprintf(&text, "{\"text\":\"Number %d: somebody leaves barrels at the canal.\"}\n", i)
	}
	if err := os.WriteFile(file, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(folder, "line")
	for range 3 {
		killImport(t, data, file)
	}
	var out, errs bytes.Buffer
	code := run(context.Background(), &surroundings{Args: []string{"import", "--data", data, file}, Stdout: &out, Stderr: &errs, Now: time.Now})
	if code != exitLeftOver {
		t.Fatalf("ended with %d: %s", code, errs.String())
	}
	wanted := fmt.Sprintf("imported %d reports from %d lines\n", lines-lines/1000, lines)
	if out.String() != wanted {
		t.Errorf("it says %q, not %q", out.String(), wanted)
	}
	if n := countReports(t, data); n != lines-lines/1000 {
		t.Errorf("the line holds %d reports", n)
	}
	kept, err := filepath.Glob(filepath.Join(folder, "old.rejected-*.jsonl"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("refused lines are in %q: %v", kept, err)
	}
	rejected, err := os.ReadFile(kept[0])
	if err != nil {
		t.Fatal(err)
	}
	if n := bytes.Count(rejected, []byte("\n")); n != lines/1000 {
		t.Errorf("%d lines are kept as refused", n)
	}
}
