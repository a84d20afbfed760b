package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// tus sends one request of an upload; address is a whole URL.
func (l *testLine) tus(method, address string, body []byte, headers ...string) *answer {
	l.t.Helper()
	all := append([]string{"Tus-Resumable", "1.0.0"}, headers...)
	var sent any
	if body != nil {
		sent, all = bytes.NewReader(body), append(all, "Content-Type", "application/offset+octet-stream")
	}
	return l.ask(method, address, sent, all...)
}

// beginUpload begins an upload and gives its path.
func (l *testLine) beginUpload(name string, size int) string {
	l.t.Helper()
	a := l.tus("POST", l.public+"/api/v1/uploads", nil, "Upload-Length", strconv.Itoa(size), "Upload-Metadata", "filename "+base64.StdEncoding.EncodeToString([]byte(name)))
	if a.status != http.StatusCreated {
		l.t.Fatalf("%d %s", a.status, a.body)
	}
	return a.header.Get("Location")
}

// uploadedTo is how far an upload is.
func (l *testLine) uploadedTo(path string) int {
	l.t.Helper()
	a := l.tus("HEAD", l.public+path, nil)
	n, err := strconv.Atoi(a.header.Get("Upload-Offset"))
	if err != nil || a.status != http.StatusNoContent {
		l.t.Fatalf("%d %v", a.status, a.header)
	}
	return n
}

func (l *testLine) sendOn(path string, from int, part []byte) {
	l.t.Helper()
	if a := l.tus("PATCH", l.public+path, part, "Upload-Offset", strconv.Itoa(from)); a.status != http.StatusNoContent {
		l.t.Fatalf("from %d: %d %s", from, a.status, a.body)
	}
}

// longStory is n bytes of text that don't repeat.
func longStory(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "line %d of what happened\n", i)
	}
	return b.Bytes()[:n]
}

// arrivesWhole wants the only report to have this file alone, as the desk gives it out.
func (l *testLine) arrivesWhole(t *testing.T, name string, content []byte) {
	t.Helper()
	token := l.addStaff("amira", "specialist")
	id := l.onlyReport(t, token)
	var report struct {
		Attachments []struct {
			ID, Name string
			Size     int
		}
	}
	colleague{l, t, token}.ask("GET", "/reports/"+id, nil).into(t, &report)
	if len(report.Attachments) != 1 || report.Attachments[0].Name != name || report.Attachments[0].Size != len(content) {
		t.Fatalf("the report has %+v", report.Attachments)
	}
	got := l.signIn(t, "amira").post("/reports/"+id+"/files/"+report.Attachments[0].ID, nil)
	if !bytes.Equal(got, content) {
		t.Errorf("another file of %d bytes arrived", len(got))
	}
}

func TestAnUploadKilledMidwayGoesOnAndArrivesWhole(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		data, content := filepath.Join(t.TempDir(), "line"), longStory(15<<20)
		k := startProcess(t, data, store...)
		path := k.beginUpload("story.txt", len(content))
		from := 0
		for range 2 {
			killAmidst(t, k, path, from, content)
			k = startProcess(t, data, store...)
			now := k.uploadedTo(path)
			if now <= from || now >= len(content) {
				t.Fatalf("it was killed after %d bytes and goes on at %d", from, now)
			}
			t.Logf("killed; it goes on at %d of %d", now, len(content))
			from = now
		}
		k.sendOn(path, from, content[from:])
		k.submit(map[string]any{"text": goodText, "uploads": []string{k.public + path}})
		k.arrivesWhole(t, "story.txt", content)
		k.terminate(t)
	})
}

// killAmidst kills the line while an upload is being sent and some of it has arrived for good.
func killAmidst(t *testing.T, k *killed, path string, from int, content []byte) {
	t.Helper()
	body, sender := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPatch, k.public+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = int64(len(content) - from)
	for name, value := range map[string]string{"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": strconv.Itoa(from)} {
		request.Header.Set(name, value)
	}
	ended := make(chan error, 1)
	go func() {
		response, err := testHTTP.Do(request)
		if err == nil {
			err = errors.Join(fmt.Errorf("answered %s", response.Status), response.Body.Close())
		}
		ended <- err
	}()
	if _, err := sender.Write(content[from : from+6<<20]); err != nil { // and then it waits for more
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, "some of it to arrive", func() bool { return k.uploadedTo(path) > from })
	k.kill()
	if err := sender.CloseWithError(errors.New("there is nobody to send to")); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err == nil || strings.Contains(err.Error(), "answered") {
		t.Errorf("the sending that was killed: %v", err)
	}
}

func TestAnUploadGoesOnAtAnotherNode(t *testing.T) {
	content := longStory(6 << 20)
	goesOn := func(t *testing.T, first, second, desk *testLine) {
		t.Helper()
		path := first.beginUpload("story.txt", len(content))
		first.sendOn(path, 0, content[:5<<20])
		if now := second.uploadedTo(path); now != 5<<20 {
			t.Fatalf("the other node goes on at %d", now)
		}
		second.sendOn(path, 5<<20, content[5<<20:])
		first.submit(map[string]any{"text": goodText, "uploads": []string{path}})
		if a := second.tus("HEAD", second.public+path, nil); a.status != http.StatusNotFound {
			t.Errorf("the other node still has it: %d", a.status)
		}
		desk.arrivesWhole(t, "story.txt", content)
	}
	t.Run("SQLite", func(t *testing.T) {
		l, keys := startLine(t), filepath.Join(t.TempDir(), "keys")
		pin := strings.TrimSpace(strings.TrimPrefix(l.command("operations", "portal-keys", keys), "audit-key:"))
		portal := serveLine(t, l.data, time.Now, "--role", "portal", "--keystore", keys, "--audit-key", pin)
		goesOn(t, portal, l, l)
	})
	t.Run("PostgreSQL", func(t *testing.T) { // both portals under their own role
		s := startSplit(t)
		profile := s.testLine.args[len(s.testLine.args)-1]
		other := startProcess(t, filepath.Join(t.TempDir(), "other"), s.portalArgs(profile, s.auditKey)...)
		goesOn(t, s.portal.testLine, other.testLine, s.testLine)
	})
}

func TestAClientOfOthersBreaksOffAndGoesOn(t *testing.T) {
	if _, err := os.Stat(filepath.Join("..", "..", "test", "browser", "node_modules", "tus-js-client")); err != nil {
		missing(t, fmt.Errorf("tus-js-client isn't installed (scripts/install-test-deps): %w", err))
	}
	l, content := startLine(t), longStory(7<<20)
	file := filepath.Join(t.TempDir(), "story")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "node", "upload.cjs", l.public+"/api/v1/uploads", file, "eine lange Geschichte.txt")
	command.Dir = filepath.Join("..", "..", "test", "browser")
	var said bytes.Buffer
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	l.submit(map[string]any{"text": goodText, "uploads": []string{strings.TrimSpace(string(out))}})
	l.arrivesWhole(t, "eine lange Geschichte.txt", content)
}

// With HEED_SOAK the file has a gigabyte; otherwise 100 MB, which no bound on memory would hide either.
func TestALargeUploadTakesLittleMemory(t *testing.T) {
	size, part := 100<<20, 25<<20
	if os.Getenv("HEED_SOAK") != "" {
		size = 1 << 30
	}
	profile := profileFor(t, "")
	text, err := os.ReadFile(profile)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("file_bytes: 100 MiB"), []byte("file_bytes: 2 GiB"), 1)
	text = bytes.Replace(text, []byte("report_bytes: 500 MiB"), []byte("report_bytes: 4 GiB"), 1)
	if err := os.WriteFile(profile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	k := startProcess(t, filepath.Join(t.TempDir(), "line"), "--profile", profile)
	k.submit(map[string]any{"text": goodText}) // what any report takes is taken now
	before := memoryOf(t, k.command.Process.Pid, "VmHWM")
	path, content := k.beginUpload("film.txt", size), longStory(part)
	begun := time.Now()
	for from := 0; from < size; from += part {
		k.sendOn(path, from, content[:min(part, size-from)])
	}
	sent := time.Since(begun)
	k.submit(map[string]any{"text": goodText, "uploads": []string{path}})
	grown := memoryOf(t, k.command.Process.Pid, "VmHWM") - before
	t.Logf("%d MiB sent in %s, taken in %s; memory grew by %d MiB, from %d", size>>20, sent.Round(time.Millisecond), (time.Since(begun) - sent).Round(time.Millisecond), grown>>20, before>>20)
	if grown > 48<<20 {
		t.Errorf("memory grew by %d MiB", grown>>20)
	}
}
