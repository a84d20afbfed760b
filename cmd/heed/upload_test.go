package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob/s3test"
	"github.com/heed-line/heed/internal/media/mediatest"
	"github.com/heed-line/heed/internal/review"
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

// longStory is n bytes that don't repeat, of a kind of which no copy can be made, so that it stays as it was sent.
func longStory(n int) []byte {
	b := bytes.NewBuffer(mediatest.Outlook(""))
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(b, "line %d of what happened\n", i)
	}
	return b.Bytes()[:n]
}

// arrivesWhole wants the only report to have this file alone.
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
	got, err := io.ReadAll(l.original(t, report.Attachments[0].ID))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("another file of %d bytes arrived: %v", len(got), err)
	}
}

func TestAnUploadKilledMidwayGoesOnAndArrivesWhole(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		data, content := filepath.Join(t.TempDir(), "line"), longStory(15<<20)
		k := startProcess(t, data, store...)
		path := k.beginUpload("story.txt", len(content))
		from := 0
		for range 2 {
			killAmidst(t, k, path, from, len(content), content[from:from+6<<20])
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

// killAmidst kills the line while an upload of so many bytes is being sent and some of what comes next has arrived for good.
func killAmidst(t *testing.T, k *killed, path string, from, size int, next []byte) {
	t.Helper()
	body, sender := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPatch, k.public+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = int64(size - from)
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
	if _, err := sender.Write(next); err != nil { // and then it waits for more
		t.Fatal(err)
	}
	eventually(t, time.Minute, "some of it to arrive", func() bool { return k.uploadedTo(path) > from })
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

// original is a file as it was sent, opened as a worker does, beside the process that serves.
func (l *testLine) original(t *testing.T, file string) *io.SectionReader {
	t.Helper()
	flags := lineFlags{Data: l.data}
	for name, value := range map[string]*string{"--store": &flags.Store, "--blobs": &flags.Blobs, "--keystore": &flags.Keystore} {
		if given := withValue(name, l.args); given != nil {
			*value = given[1]
		}
	}
	beside, err := openLine(t.Context(), &surroundings{Now: time.Now}, slog.New(slog.DiscardHandler), flags)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(beside.close)
	r, err := beside.asItCame(t.Context(), heed.ID(file))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// asItCame opens a file as it was sent.
func (l *line) asItCame(ctx context.Context, file heed.ID) (*io.SectionReader, error) {
	var a *heed.Attachment
	err := l.store.View(ctx, func(tx heed.Tx) (err error) {
		a, err = tx.Attachment(ctx, file)
		return err
	})
	if err != nil {
		return nil, err
	}
	return review.OpenFileAt(ctx, l.blobs, l.identity, l.id, a)
}

// numbered is a file of so many bytes, of which no copy can be made, of numbered lines: nothing that is missing, doubled or in another place goes unseen.
type numbered int64

const numberedLine = 4 << 10

// ReadAt implements io.ReaderAt.
func (n numbered) ReadAt(p []byte, at int64) (int, error) {
	read := 0
	if head := mediatest.Outlook(""); at < int64(len(head)) {
		read = copy(p, head[at:])
		at += int64(read)
	}
	var line [numberedLine]byte
	for i := range line {
		line[i] = '.'
	}
	line[numberedLine-1] = '\n'
	for read < len(p) && at < int64(n) {
		copy(line[:], fmt.Sprintf("line %015d of a story ", at/numberedLine))
		rest := line[at%numberedLine:]
		k := copy(p[read:], rest[:min(int64(len(rest)), int64(n)-at)])
		read, at = read+k, at+int64(k)
	}
	if read < len(p) {
		return read, io.EOF
	}
	return read, nil
}

func (n numbered) from(at int64) io.Reader { return io.NewSectionReader(n, at, int64(n)-at) }

// sendFrom sends what comes next of an upload and breaks off after so many bytes, where the file goes on then.
func (n numbered) sendFrom(t *testing.T, l *testLine, path string, at, bytes int64) {
	t.Helper()
	var body io.Reader = io.LimitReader(n.from(at), bytes)
	if at+bytes < int64(n) {
		body = io.MultiReader(body, failing{})
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, l.public+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = int64(n) - at
	for name, value := range map[string]string{"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": strconv.FormatInt(at, 10)} {
		request.Header.Set(name, value)
	}
	response, err := (&http.Client{}).Do(request)
	if at+bytes < int64(n) {
		if err == nil {
			t.Errorf("a sending that broke off: %s, %v", response.Status, response.Body.Close())
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusNoContent {
		t.Fatalf("from %d: %s, %v", at, response.Status, err)
	}
}

// failing is a file that its owner pulls away.
type failing struct{}

// Read implements io.Reader.
func (failing) Read([]byte) (int, error) { return 0, errors.New("the sender has gone") }

// The sender goes three times, a portal is killed, the other one takes over, and the bucket's server dies. The file is
// larger than what a process may hold of it; with HEED_SOAK it is as large as a line takes.
func TestALargeUploadThatBreaksOffFiveTimesArrivesWhole(t *testing.T) {
	const most = 150 << 20
	size := numbered(300_000_000)
	if os.Getenv("HEED_SOAK") != "" {
		size = 2 << 30
	}
	server := s3test.Start(t)
	s := startSplitAt(t, server.Bucket("line"))
	profile := s.testLine.args[len(s.testLine.args)-1]
	second := startProcess(t, filepath.Join(t.TempDir(), "second"), s.portalArgs(profile, s.auditKey)...)
	first := s.portal
	path := first.beginUpload("story.txt", int(size))
	at, step := int64(0), int64(size)/6
	// One byte more is taken where the file ends, after which nothing counts that an earlier sending still has under way.
	goesOn := func(l *testLine, least int64) {
		t.Helper()
		eventually(t, time.Minute, "what came before it broke off", func() bool {
			at = int64(l.uploadedTo(path))
			return at >= least && l.tus("PATCH", l.public+path, size.next(at)[:1], "Upload-Offset", strconv.FormatInt(at, 10)).status == http.StatusNoContent
		})
		if at++; at >= int64(size) {
			t.Fatalf("it is whole already, at %d", at)
		}
	}
	size.sendFrom(t, first.testLine, path, at, step) // the sender goes
	goesOn(first.testLine, 1)
	peak := memoryOf(t, first.command.Process.Pid, "VmHWM")
	killAmidst(t, first, path, int(at), int(size), size.next(at)) // the portal is killed
	first = startProcess(t, filepath.Join(t.TempDir(), "first"), s.portalArgs(profile, s.auditKey)...)
	goesOn(first.testLine, at+1)
	size.sendFrom(t, first.testLine, path, at, step) // the sender goes again
	goesOn(second.testLine, at+1)
	size.sendFrom(t, second.testLine, path, at, step) // the other portal took over; the sender goes
	server.Kill()                                     // the bucket
	eventually(t, time.Minute, "where the upload ends without the bucket", func() bool {
		at = int64(second.uploadedTo(path))
		a := second.tus("PATCH", second.public+path, size.next(at)[:1<<20], "Upload-Offset", strconv.FormatInt(at, 10))
		if a.status == http.StatusConflict { // what was under way when the sender went was kept meanwhile
			return false
		}
		if a.status != http.StatusInsufficientStorage {
			t.Fatalf("without the bucket: %d %s", a.status, a.body)
		}
		return true
	})
	server.Restart()
	goesOn(first.testLine, at)
	size.sendFrom(t, first.testLine, path, at, int64(size)-at)
	second.submit(map[string]any{"text": goodText, "uploads": []string{path}})
	for _, k := range []*killed{first, second} {
		peak = max(peak, memoryOf(t, k.command.Process.Pid, "VmHWM"))
	}

	token := s.addStaff("amira", "specialist")
	id := s.onlyReport(t, token)
	file := colleague{s.testLine, t, token}.attachment(id, "story.txt")
	got, want := sha256.New(), sha256.New()
	n, err := io.Copy(got, s.original(t, file.ID))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(want, size.from(0)); err != nil {
		t.Fatal(err)
	}
	if n != int64(size) || !bytes.Equal(got.Sum(nil), want.Sum(nil)) {
		t.Errorf("%d of %d bytes came, with the hash %x instead of %x", n, size, got.Sum(nil), want.Sum(nil))
	}
	peak = max(peak, memoryOf(t, s.desk.command.Process.Pid, "VmHWM"))
	t.Logf("%d MiB that broke off five times; a process took %d MiB at most", size>>20, peak>>20)
	if peak > most {
		t.Errorf("%d MiB were taken, at most %d are wanted", peak>>20, most>>20)
	}
}

// next is what comes next of the text, 6 MiB at most.
func (n numbered) next(at int64) []byte {
	b := make([]byte, min(6<<20, int64(n)-at))
	if _, err := n.ReadAt(b, at); err != nil && !errors.Is(err, io.EOF) {
		panic(err)
	}
	return b
}

// With HEED_SOAK the file has a gigabyte; otherwise 100 MB, which no bound on memory would hide either.
func TestALargeUploadTakesLittleMemory(t *testing.T) {
	size, part := 100<<20, 25<<20
	if os.Getenv("HEED_SOAK") != "" {
		size = 1 << 30
	}
	k := startProcess(t, filepath.Join(t.TempDir(), "line"))
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
