package portal_test

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestOfAFormThatComesBrokenTheReporterGetsBackWhatCouldBeReadAndNothingStays(t *testing.T) {
	l := newLine(t)
	first := l.get("/report")
	files := l.post("/report", first.with("text", told, "place", "Harbour market", "go", "next"))
	who := l.post("/report", files.with("go", "next"))
	status := func(receipt string) *doc {
		return l.post("/status", l.get("/status").with("receipt", receipt, "go", "next"))
	}
	broken := func(path, kind string, body []byte) *doc {
		r := l.request(http.MethodPost, path, bytes.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return l.do(r)
	}
	const escaped = "application/x-www-form-urlencoded"
	const cut = "came broken or cut off"
	body, kind := multipartBody(t, files.with("go", "next"), []upload{{"a.txt", bytes.Repeat([]byte("a"), 1<<20)}})
	words := first.with("text", told, "place", "Harbour market", "go", "next")
	long := strings.Repeat("é", 400_000)
	for name, c := range map[string]struct {
		d      *doc
		status int
		says   string
		kept   url.Values
	}{
		"the first page":          {broken("/report", escaped, []byte(words.Encode()+"&x=%zz")), 400, cut, url.Values{"text": {told}, "place": {"Harbour market"}}},
		"a text of 800,000 bytes": {broken("/report", escaped, []byte(first.with("text", long, "go", "next").Encode())), 413, "too large", url.Values{"text": {long[:512<<10]}}},
		"who it is":               {broken("/report", escaped, []byte(who.with("who", "named", "name", "Rosa Example", "go", "next").Encode()+"&x=%zz")), 400, cut, url.Values{"name": {"Rosa Example"}}},
		"a file that was cut off": {broken("/report", kind, body.Bytes()[:300_000]), 400, cut, url.Values{"page": {"files"}}},
		"a Receipt":               {broken("/status", escaped, []byte(l.get("/status").with("receipt", "01234 56789", "go", "next").Encode()+"&x=%zz")), 400, cut, url.Values{"receipt": {"01234 56789"}}},
	} {
		c.d.expect(c.status, c.says)
		for field, want := range c.kept {
			if got := c.d.form().Get(field); got != want[0] {
				t.Errorf("%s: %s is %.40q, %d bytes", name, field, got, len(got))
			}
		}
	}
	// What earlier pages said is still there, and it goes on from where it was.
	again := broken("/report", kind, body.Bytes()[:300_000]).expect(400, cut)
	if back := l.post("/report", again.with("go", "back")); back.form().Get("text") != told || back.form().Get("place") != "Harbour market" {
		t.Errorf("the first page has %v", back.form())
	}
	l.nothingKept()

	receipt, _ := l.sent()
	reply := status(receipt)
	d := broken("/status", escaped, []byte(reply.with("text", "The red ones.", "go", "next").Encode()+"&x=%zz")).expect(400, cut)
	if d.form().Get("text") != "The red ones." {
		t.Errorf("the reply is %v", d.form())
	}
	l.post("/status", d.with("go", "next")).expect(200, "Sent.", "The red ones.")

	// Where nothing could be read the page says that nothing came.
	for _, path := range []string{"/report", "/status"} {
		broken(path, escaped, []byte("text=%zz")).expect(400, "nothing of it was received. Go back")
		broken(path, "text/plain", []byte("text")).expect(415, "Nothing of it was received. Go back")
	}
}
