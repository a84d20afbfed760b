package portal_test

import (
	"bytes"
	"io"
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
		"a text of 800,000 bytes": {broken("/report", escaped, []byte(first.with("text", long, "go", "next").Encode())), 413, "The end of this may be missing", url.Values{"text": {long[:512<<10]}}},
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

func TestOfABrokenFormNothingWholeGivesWayToAPartAndAPartIsCalledOne(t *testing.T) {
	l := newLine(t)
	broken := func(kind, body string) *doc {
		r := l.request(http.MethodPost, "/report", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		return l.do(r)
	}
	const escaped, part = "application/x-www-form-urlencoded", "The end of this may be missing."
	cutOff := func(d *doc, text string) *doc { // within the text
		var body strings.Builder
		for _, name := range []string{"page", "draft"} {
			body.WriteString("--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + d.form().Get(name) + "\r\n")
		}
		return broken("multipart/form-data; boundary=b", body.String()+"--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n"+text)
	}
	first := l.get("/report")
	files := l.post("/report", first.with("text", told, "place", "Harbour market", "go", "next"))
	text := l.post("/report", files.with("go", "back"))
	if d := cutOff(text, told[:20]).expect(400); d.form().Get("text") != told || strings.Contains(d.text(), part) {
		t.Errorf("a part took the place of the whole: %q", d.form().Get("text"))
	}
	if d := cutOff(text, told+" They come at").expect(400, part); d.form().Get("text") != told+" They come at" || d.form().Get("place") != "Harbour market" {
		t.Errorf("of a longer text came %v", d.form())
	}
	if d := broken(escaped, first.with("place", "Harbour market", "occurred", "Saturdays").Encode()+"&x=%zz").expect(400); d.form().Get("place") != "Harbour market" || d.form().Get("occurred") != "Saturdays" {
		t.Errorf("of a page without a text came %v", d.form())
	}

	address := l.begin("a.txt", 5)
	l.send(address, 0, []byte("words"))
	again := broken(escaped, files.with("uploads", address, "go", "next").Encode()+"&x=%zz").expect(400, "a.txt")
	who := l.post("/report", again.with("go", "next"))
	long := strings.Repeat("a", 510_000)
	for range 8 { // whatever the order in which fields are looked at
		d := broken(escaped, who.with("who", "named", "name", "Rosa", "z1", long, "z2", long, "z3", long, "z4", long, "z5", long).Encode()).expect(413, part)
		if page := l.post("/report", l.post("/report", d.with("go", "back")).expect(200, "a.txt").with("go", "back")); page.form().Get("text") != told {
			t.Fatal("the draft is lost")
		}
	}
	l.post("/report", l.post("/report", who.with("go", "next")).with("go", "next")).expect(200, "Your report has arrived")
	if r := l.reports(); len(r) != 1 || r[0].Files != 1 {
		t.Errorf("%+v", r)
	}
}

func TestOfFilesThatBreakOffThoseThatCameWholeStayAndTheOneThatBrokeIsNamed(t *testing.T) {
	l := newLine(t)
	cutOff := func(path string, fields url.Values, files ...upload) *doc { // within the last file
		body, kind := multipartBody(t, fields, files)
		end := bytes.LastIndex(body.Bytes(), files[len(files)-1].data) + len(files[len(files)-1].data)/2
		r := l.request(http.MethodPost, path, bytes.NewReader(body.Bytes()[:end]))
		r.Header.Set("Content-Type", kind)
		return l.do(r)
	}
	large := bytes.Repeat([]byte("Grey smoke. "), 30_000)
	yard, hall := upload{"yard.txt", []byte("green")}, upload{"hall.txt", []byte("red")}
	files := l.post("/report", l.get("/report").with("text", told, "place", "Harbour market", "go", "next"))
	d := cutOff("/report", files.with("go", "next"), yard, hall, upload{"cellar.txt", large})
	d.expect(400, "Not all of what you sent arrived", "yard.txt", "hall.txt", "cellar.txt, and whatever you chose after it, didn't arrive whole")
	if n := l.staged(); n != 2 {
		t.Fatalf("%d files wait", n)
	}
	d = cutOff("/report", d.with("go", "next"), upload{"attic.txt", large}) // and those that came before are not lost by another
	d.expect(400, "came broken or cut off", "attic.txt, and whatever", "yard.txt", "hall.txt")
	who := l.postFiles("/report", d.with("go", "next"), []upload{{"cellar.txt", large}}).expect(200)
	receipt := l.post("/report", l.post("/report", who.with("go", "next")).with("go", "next")).expect(200).receipt()
	if r := l.reports(); len(r) != 1 || r[0].Files != 3 || l.staged() != 0 {
		t.Errorf("%+v, %d staged", r, l.staged())
	}

	status := l.post("/status", l.get("/status").with("receipt", receipt, "go", "next")).expect(200)
	d = cutOff("/status", status.with("text", "The red ones.", "go", "next"), yard, upload{"cellar.txt", large})
	d.expect(400, "Not all of what you sent arrived", "yard.txt", "cellar.txt, and whatever")
	if d.form().Get("text") != "The red ones." {
		t.Errorf("the words are %q", d.form().Get("text"))
	}
	l.post("/status", d.with("go", "next")).expect(200, "Sent.", "The red ones.")
	if r := l.reports(); r[0].Files != 4 || l.staged() != 0 {
		t.Errorf("%+v, %d staged", r, l.staged())
	}

	// Where the line itself breaks nobody is there to be answered, and nothing stays.
	body, kind := multipartBody(t, files.with("go", "next"), []upload{yard, {"cellar.txt", large}})
	r := l.request(http.MethodPost, "/report", io.MultiReader(bytes.NewReader(body.Bytes()[:200_000]), gone{}))
	r.Header.Set("Content-Type", kind)
	if answer, err := http.DefaultClient.Do(r); err == nil {
		_ = answer.Body.Close()
	}
	l.server.Close() // waits for whatever it is at
	if n := l.staged(); n != 0 {
		t.Errorf("%d files wait for nobody", n)
	}
}

// gone is the line to a sender that breaks.
type gone struct{}

func (gone) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
