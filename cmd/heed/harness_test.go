package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// testLine is a whole line served inside the test's process, on ports of its own.
type testLine struct {
	t            *testing.T
	args         []string // --data, --store, …: what other commands need to find the same line
	data         string
	program      string // that serves it in a process of its own; "" where this one does
	public, desk string // base URLs
	phone        string // where calls are answered, as a phone dials it; "" without
	health       string // base URL of --health; "" without
	setup        string // the one-time link; "" where the line was set up before
	stop         func() // ends serve and waits for it
	logs         *lockedBuffer
	now          func() time.Time
}

// lockedBuffer gathers what several goroutines write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// startLine serves a fresh line; args are further flags of serve.
func startLine(t *testing.T, args ...string) *testLine {
	t.Helper()
	return serveLine(t, filepath.Join(t.TempDir(), "line"), time.Now, args...)
}

// serveLine serves the line kept in data.
func serveLine(t *testing.T, data string, now func() time.Time, args ...string) *testLine {
	t.Helper()
	l := &testLine{t: t, data: data, logs: &lockedBuffer{}, now: now, args: lineArgs(data, args)}
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	ended := make(chan int, 1)
	go func() {
		code := run(ctx, &surroundings{
			Args:    append([]string{"serve", "--data", data, "--public", "127.0.0.1:0", "--desk", "127.0.0.1:0"}, args...),
			Environ: []string{"HEED_FLOOD=off", "HEED_LOG_LEVEL=debug", "PATH=" + os.Getenv("PATH")},
			Stdin:   strings.NewReader(""), Stdout: writer, Stderr: l.logs, Now: now,
		})
		writer.CloseWithError(io.EOF)
		ended <- code
	}()
	l.stop = sync.OnceFunc(func() {
		cancel()
		select {
		case code := <-ended:
			if code != exitDone {
				t.Errorf("serve ended with %d:\n%s", code, l.logs)
			}
		case <-time.After(time.Minute):
			t.Errorf("serve didn't end:\n%s", l.logs)
		}
	})
	t.Cleanup(l.stop)
	if err := l.readAddresses(reader); err != nil {
		t.Fatalf("%v\n%s", err, l.logs)
	}
	return l
}

// lineArgs are those of serve's flags by which other commands find the same line.
func lineArgs(data string, args []string) []string {
	out := []string{"--data", data}
	for i, arg := range args {
		if slices.Contains([]string{"--store", "--blobs", "--keystore", "--profile"}, arg) {
			out = append(out, arg, args[i+1])
		}
	}
	return out
}

// readAddresses reads what serve prints, "portal URL" and the like, up to the line that says that it is ready.
func (l *testLine) readAddresses(r io.Reader) error {
	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		fields := strings.Fields(scanner.Text())
		if len(fields) < 2 {
			continue
		}
		switch fields[0] {
		case "portal":
			l.public = strings.TrimRight(fields[1], "/")
		case "desk":
			l.desk = strings.TrimRight(fields[1], "/")
		case "phone":
			l.phone = fields[1]
		case "health":
			l.health = strings.TrimRight(fields[1], "/")
		case "setup":
			l.setup = fields[1]
		case "ready":
			go io.Copy(io.Discard, r) // serve prints nothing more, but must never block on it
			return nil
		}
	}
	return fmt.Errorf("serve ended before it was ready")
}

// command runs another command on the same line and answers what it printed.
func (l *testLine) command(args ...string) string {
	l.t.Helper()
	out, errs, code := l.try(args...)
	if code != exitDone {
		l.t.Fatalf("heed %s: code %d\n%s", strings.Join(args, " "), code, errs)
	}
	return out
}

// try runs another command on the same line, whatever comes of it: in this process, or by the program that serves the line where
// that is one of its own. What one of them makes of a passphrase is not for the other (see seal.HashPassphrase).
func (l *testLine) try(args ...string) (stdout, stderr string, code int) {
	var out, errs bytes.Buffer
	if l.program != "" {
		command := exec.Command(l.program, append(args, l.args...)...)
		command.Env, command.Stdout, command.Stderr = []string{"PATH=" + os.Getenv("PATH")}, &out, &errs
		if err := command.Run(); command.ProcessState == nil {
			l.t.Fatal(err)
		}
		return out.String(), errs.String(), command.ProcessState.ExitCode()
	}
	code = run(context.Background(), &surroundings{
		Args: append(args, l.args...), Environ: []string{"PATH=" + os.Getenv("PATH")},
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Now: l.now,
	})
	return out.String(), errs.String(), code
}

const testPassphrase = "five pelicans count the harbour lights"

// addStaff makes a complete account and answers a bearer token that acts as it.
func (l *testLine) addStaff(name, roles string, more ...string) string {
	l.t.Helper()
	file := filepath.Join(l.t.TempDir(), "passphrase")
	if err := os.WriteFile(file, []byte(testPassphrase+"\n"), 0o600); err != nil {
		l.t.Fatal(err)
	}
	l.command(append([]string{"staff", "add", name, "--role", roles, "--passphrase-file", file}, more...)...)
	return strings.TrimSpace(l.command("token", "create", "--staff", name))
}

// answer is an HTTP answer, read whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) into(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal(a.body, v); err != nil {
		t.Fatalf("%d %s: %v", a.status, a.body, err)
	}
}

// ask sends a request and reads the answer; v is sent as JSON unless it is a reader, a string or nil.
func (l *testLine) ask(method, url string, v any, headers ...string) *answer {
	l.t.Helper()
	a, err := ask(method, url, v, headers...)
	if err != nil {
		l.t.Fatal(err)
	}
	return a
}

func ask(method, url string, v any, headers ...string) (*answer, error) {
	var body io.Reader
	contentType := ""
	switch v := v.(type) {
	case nil:
	case string:
		body = strings.NewReader(v)
	case io.Reader:
		body = v
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		body, contentType = bytes.NewReader(text), "application/json"
	}
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		return nil, err
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := testHTTP.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return &answer{response.StatusCode, response.Header, text}, nil
}

// testHTTP follows no redirect, so that a test sees it.
var testHTTP = &http.Client{
	Transport:     &http.Transport{MaxIdleConnsPerHost: 16, ExpectContinueTimeout: 30 * time.Second},
	Timeout:       5 * time.Minute, // it only ends what hangs
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// submit sends a report through the public API and answers its receipt.
func (l *testLine) submit(fields map[string]any) string {
	l.t.Helper()
	a := l.ask("POST", l.public+"/api/v1/reports", fields)
	if a.status != http.StatusCreated {
		l.t.Fatalf("submitting: %d %s", a.status, a.body)
	}
	var accepted struct{ Receipt string }
	a.into(l.t, &accepted)
	return accepted.Receipt
}

// eventually waits until check answers true.
func eventually(t *testing.T, within time.Duration, what string, check func() bool) {
	t.Helper()
	for deadline := time.Now().Add(within); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if check() {
			return
		}
	}
	t.Fatalf("not within %s: %s", within, what)
}

// reports lists reports through the staff API.
func (l *testLine) reports(t *testing.T, token, query string) []staffReport {
	t.Helper()
	a := l.ask("GET", l.desk+"/api/v1/reports"+query, nil, "Authorization", "Bearer "+token)
	if a.status != http.StatusOK {
		t.Fatalf("listing: %d %s", a.status, a.body)
	}
	var page struct{ Reports []staffReport }
	a.into(t, &page)
	if rest, queued := strings.CutPrefix(query, "?state=queued"); queued {
		// A report of whose files one can't be made safe waits in the same list in another state: the worker may have looked by now.
		return append(page.Reports, l.reports(t, token, "?state=quarantine"+rest)...)
	}
	return page.Reports
}

// attachmentNames are the names of all files as the desk shows them.
func (l *testLine) attachmentNames(t *testing.T, token string) []string {
	t.Helper()
	var names []string
	for _, r := range l.reports(t, token, "") {
		var whole struct {
			Attachments []struct{ Name string }
		}
		l.ask("GET", l.desk+"/api/v1/reports/"+r.ID, nil, "Authorization", "Bearer "+token).into(t, &whole)
		for _, a := range whole.Attachments {
			names = append(names, a.Name)
		}
	}
	return names
}
