package portal_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// hang begins to send a body and stays silent.
func (l *line) hang(path, kind string, body []byte) net.Conn {
	l.t.Helper()
	c, err := net.Dial("tcp", l.server.Listener.Addr().String())
	if err != nil {
		l.t.Fatal(err)
	}
	l.t.Cleanup(func() { c.Close() })
	if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", path, kind, len(body)+1000, body); err != nil {
		l.t.Fatal(err)
	}
	return c
}

// until tries again until it is answered so.
func (l *line) until(status int, try func() *doc) *doc {
	l.t.Helper()
	var d *doc
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if d = try(); d.status == status {
			return d
		}
	}
	l.t.Fatalf("still %d, not %d", d.status, status)
	return nil
}

func TestBodiesThatAreHeldFillARoomThatKeepsNoOrdinaryReportOut(t *testing.T) {
	large := strings.Repeat("燃", 20_000)
	typed := url.Values{"page": {"text"}, "text": {large}, "go": {"next"}}
	multi, kind := multipartBody(t, url.Values{"text": {strings.Repeat("b", 300_000)}}, nil)
	for name, c := range map[string]struct {
		path, kind string
		body       []byte
	}{
		"form":      {"/report", "application/x-www-form-urlencoded", []byte("text=" + strings.Repeat("b", 230_000))},
		"multipart": {"/status", kind, multi.Bytes()[:230_000]},
		"JSON":      {"/api/v1/reports", "application/json", []byte(`{"text":"` + strings.Repeat("b", 230_000))},
	} {
		l := newLine(t, func(l *line) { l.memory = 256 << 10 })
		var hung net.Conn
		d := l.until(503, func() *doc {
			if hung != nil { // it was slower than the request that it should have kept out, and was refused itself
				if err := hung.Close(); err != nil {
					l.t.Fatal(err)
				}
			}
			hung = l.hang(c.path, c.kind, c.body)
			time.Sleep(100 * time.Millisecond)
			return l.post("/report", typed, "Accept-Language", "es")
		})
		if lang, _ := d.lang(); lang != "es" || d.header.Get("Retry-After") == "" {
			t.Errorf("%s: %q, %v", name, lang, d.header)
		}
		var p problem
		d = l.call("POST", "/api/v1/reports", `{"text":"`+large+`"}`, &p)
		if d.status != 503 || p.Code != "busy" || d.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %s", name, d.status, d.body)
		}
		l.post("/report", l.get("/report").with("text", told, "go", "next")).expect(200)
		if err := hung.Close(); err != nil {
			t.Fatal(err)
		}
		l.until(200, func() *doc { return l.post("/report", typed) })
	}
}

func TestTheHeadOfAPartMayNotFillTheMemory(t *testing.T) {
	l := newLine(t)
	head := "--x\r\nContent-Disposition: form-data; name=\"text\"\r\nX-More: "
	body := io.MultiReader(strings.NewReader(head), io.LimitReader(letters{}, 200<<10), strings.NewReader("\r\n\r\ngas\r\n--x--\r\n"))
	r := l.request(http.MethodPost, "/status", body)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	l.do(r).expect(400)
	before := io.MultiReader(io.LimitReader(letters{}, 200<<10), bytes.NewReader([]byte("\r\n--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\ngas\r\n--x--\r\n")))
	r = l.request(http.MethodPost, "/status", before)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	l.do(r).expect(400)
}

func TestALineWithoutRoomForFilesTakesTheText(t *testing.T) {
	l := newLine(t, func(l *line) { l.room.Staged = 256 << 10 })
	files := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	d := l.postFiles("/report", files.with("go", "next"), []upload{{"film.txt", bytes.Repeat([]byte("a"), 400_000)}}, "Accept-Language", "fr")
	d.expect(507, "Il n’y a pas de place pour des fichiers")
	who := l.post("/report", d.with("go", "next"))
	check := l.post("/report", who.with("go", "next"))
	l.post("/report", check.with("go", "next")).expect(200).receipt()
	if n := l.staged() + l.blobs(); n != 0 {
		t.Errorf("%d pieces of the refused file stay", n)
	}
}
