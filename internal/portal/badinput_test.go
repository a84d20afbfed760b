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

// nothingKept wants the line as empty as before.
func (l *line) nothingKept() {
	l.t.Helper()
	if n := len(l.reports()); n != 0 {
		l.t.Errorf("%d reports are stored", n)
	}
	if n := l.staged(); n != 0 {
		l.t.Errorf("%d files are staged", n)
	}
	if n := l.blobs(); n != 0 {
		l.t.Errorf("%d blobs are left", n)
	}
	if log := l.log.String(); log != "" {
		l.t.Errorf("log: %s", log)
	}
}

func TestBadTextsAreRefusedInTheReportersLanguageWithNothingStored(t *testing.T) {
	l := newLine(t)
	for name, c := range map[string]struct {
		text   string
		status int
		words  string
	}{
		"empty":              {"", 422, "Écrivez ce qui s’est passé."},
		"blank":              {" \r\n\t\u00a0", 422, "Écrivez ce qui s’est passé."},
		"one letter":         {"a", 422, "Écrivez un peu plus"},
		"200,000 characters": {strings.Repeat("a", 200_000), 422, "Le texte est trop long. Il a 200"},
		"NUL":                {"gas\x00 smell", 400, "illisibles"},
		"invalid UTF-8":      {"gas \xff\xfe smell", 400, "illisibles"},
		"direction override": {"gas \u202e smell", 422, "signe invisible"},
	} {
		d := l.post("/report", l.get("/report").with("text", c.text, "go", "next"), "Accept-Language", "fr").expect(c.status, c.words)
		if kept := d.form().Get("text"); strings.TrimSpace(c.text) != "" && len(kept) < len(strings.TrimSpace(c.text))-2 {
			t.Errorf("%s: the text is gone: %q", name, kept)
		}
	}
	l.nothingKept()
}

func TestBrokenFormsAreRefusedInTheReportersLanguageWithNothingStored(t *testing.T) {
	l := newLine(t)
	many := url.Values{"text": {told}}
	for i := range 2000 {
		many.Set(fmt.Sprint("field", i), "x")
	}
	manyParts, manyKind := multipartBody(t, many, nil)
	whole, kind := multipartBody(t, url.Values{"page": {"files"}}, []upload{{"a.txt", bytes.Repeat([]byte("a"), 1<<20)}, {"b.txt", []byte("b")}})
	for name, c := range map[string]struct {
		kind   string
		body   []byte
		status int
	}{
		"no content type":      {"", []byte("text=a"), 415},
		"JSON":                 {"application/json", []byte(`{"text":"a"}`), 415},
		"text":                 {"text/plain", []byte(`text=a`), 415},
		"2,000 fields":         {"application/x-www-form-urlencoded", []byte(many.Encode()), 400},
		"2,000 parts":          {manyKind, manyParts.Bytes(), 400},
		"no boundary":          {"multipart/form-data", whole.Bytes(), 400},
		"wrong boundary":       {"multipart/form-data; boundary=x", whole.Bytes(), 400},
		"truncated in a file":  {kind, whole.Bytes()[:200_000], 400},
		"truncated at the end": {kind, whole.Bytes()[:whole.Len()-30], 400},
		"bad escapes":          {"application/x-www-form-urlencoded", []byte("text=%zz"), 400},
		"semicolons":           {"application/x-www-form-urlencoded", []byte("text=a;b"), 400},
		"18 MB in a field":     {"application/x-www-form-urlencoded", append([]byte("text="), bytes.Repeat([]byte("a"), 18<<20)...), 413},
		"2 MB in a field":      {"application/x-www-form-urlencoded", append([]byte("text="), bytes.Repeat([]byte("a"), 2<<20)...), 413},
		"bad disposition":      {"multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; filename=\"\r\n\r\na\r\n--x--\r\n"), 400},
	} {
		for _, path := range []string{"/report", "/status"} {
			r := l.request(http.MethodPost, path, bytes.NewReader(c.body), "Accept-Language", "es")
			if c.kind != "" {
				r.Header.Set("Content-Type", c.kind)
			}
			d := l.do(r)
			if d.status != c.status {
				t.Errorf("%s at %s: status %d, want %d: %s", name, path, d.status, c.status, d.text())
			}
			if lang, _ := d.lang(); lang != "es" {
				t.Errorf("%s at %s: the page is in %q", name, path, lang)
			}
		}
	}
	l.nothingKept()
}

func TestBadFilesAreRefusedAndEverythingElseOfThePageIsKept(t *testing.T) {
	l := newLine(t, func(l *line) {
		l.profile.Limits.FileBytes, l.profile.Limits.ReportBytes, l.profile.Limits.Files = 1<<20, 3<<20, 3
	})
	files := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	for name, c := range map[string]struct {
		uploads []upload
		status  int
		words   string
	}{
		"empty":      {[]upload{{"nothing.txt", nil}}, 422, "nothing.txt is empty"},
		"too large":  {[]upload{{"film.txt", bytes.Repeat([]byte("a"), 9<<20)}}, 413, "film.txt is too large. Choose a file under 1 MB."},
		"a program":  {[]upload{{"run.exe", append([]byte("MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00"), make([]byte, 200)...)}}, 415, "kind we can't take"},
		"four files": {[]upload{{"1.txt", []byte("1")}, {"2.txt", []byte("2")}, {"3.txt", []byte("3")}, {"4.txt", []byte("4")}}, 422, "Keep 3 at most"},
	} {
		d := l.postFiles("/report", files.with("go", "next"), c.uploads).expect(c.status, c.words)
		for range 3 { // what was good of it is kept, and can be taken away
			if strings.Contains(d.body, `name="remove"`) {
				d = l.postFiles("/report", d.with("remove", "0"), nil)
			}
		}
		if first := l.post("/report", d.with("go", "back")); first.form().Get("text") != told {
			t.Errorf("%s: the text is gone", name)
		}
	}
	l.nothingKept()
}

func TestHostileFileNamesAreShownHarmlessly(t *testing.T) {
	l := newLine(t)
	files := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	d := l.postFiles("/report", files.with("go", "add"), []upload{
		{`../../etc/passwd`, []byte("a")}, {`<script>alert(1)</script>.txt`, []byte("b")}, {"photo\u202egpj.exe", []byte("c")},
		{strings.Repeat("long", 2000) + ".txt", []byte("d")}, {"CON", []byte("e")}, {`a"b'c.txt`, []byte("f")},
	}).expect(200, "6 files added", "passwd")
	if strings.Contains(d.body, "<script>alert") || strings.Contains(d.body, "\u202e") || strings.Contains(d.body, "../") || len(d.body) > 60_000 {
		t.Errorf("the names stand as they came:\n%s", d.body)
	}
}

func TestWordsOfOneDirectionNeverTurnThoseOfThePage(t *testing.T) {
	l := newLine(t)
	files := l.post("/report", l.get("/report").with("text", "שלום \u2067abc\u2069 سلام <b>x</b>", "place", "شارع", "go", "next"))
	who := l.post("/report", files.with("go", "next"))
	check := l.post("/report", who.with("go", "next")).expect(200)
	if !strings.Contains(check.body, `<div class="said" dir="auto">שלום`) || !strings.Contains(check.body, "<bdi>شارع</bdi>") {
		t.Error("what was typed isn't isolated")
	}
	if strings.Contains(check.body, "<b>x") {
		t.Error("markup got through")
	}
}

func TestA2GBFileIsRefusedOnThePageItCameFrom(t *testing.T) {
	if testing.Short() {
		t.Skip("sends 2 GB through the loopback")
	}
	l := newLine(t, func(l *line) { l.profile.Limits.FileBytes = 100 << 20 })
	files := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	head, kind := multipartBody(t, files.with("go", "next"), []upload{{"film.txt", []byte("@")}})
	before, after, found := strings.Cut(head.String(), "@")
	if !found {
		t.Fatal("no place for the file")
	}
	body := io.MultiReader(strings.NewReader(before), io.LimitReader(letters{}, 2<<30), strings.NewReader(after))
	r := l.request(http.MethodPost, "/report", body)
	r.Header.Set("Content-Type", kind)
	d := l.do(r).expect(413, "film.txt is too large")
	if d = l.post("/report", d.with("go", "back")); d.form().Get("text") != told {
		t.Error("the text is gone")
	}
	l.nothingKept()
}

// letters is an endless text.
type letters struct{}

func (letters) Read(p []byte) (int, error) {
	return copy(p, manyLetters), nil
}

var manyLetters = strings.Repeat("a", 64<<10)

func TestAThousandSilentConnectionsHoldNobodyUp(t *testing.T) {
	l := newLine(t)
	for i := range 1000 {
		c, err := net.Dial("tcp", l.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i%2 == 0 {
			if _, err := io.WriteString(c, "POST /report HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nte"); err != nil {
				t.Fatal(err)
			}
		}
	}
	start := time.Now()
	l.post("/report", l.get("/report").with("text", told, "go", "next")).expect(200)
	if took := time.Since(start); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestAPageThatIsNotThereIsSaidSo(t *testing.T) {
	l := newLine(t)
	l.get("/nowhere", "Accept-Language", "pt").expect(404, "Esta página não existe")
	l.do(l.request(http.MethodDelete, "/report", nil)).expect(405, "can't be opened in that way")
	l.do(l.request(http.MethodPost, "/", nil)).expect(405)
}
