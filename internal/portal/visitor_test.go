package portal_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// doc is an answer as a reporter's browser has it.
type doc struct {
	t      testing.TB
	status int
	header http.Header
	body   string
	root   *html.Node
}

func (l *line) do(r *http.Request) *doc {
	l.t.Helper()
	resp, err := l.server.Client().Do(r)
	if err != nil {
		l.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		l.t.Fatal(err)
	}
	return &doc{l.t, resp.StatusCode, resp.Header, string(body), root}
}

func (l *line) request(method, path string, body io.Reader, headers ...string) *http.Request {
	l.t.Helper()
	r, err := http.NewRequest(method, l.server.URL+path, body)
	if err != nil {
		l.t.Fatal(err)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

func (l *line) get(path string, headers ...string) *doc {
	l.t.Helper()
	return l.do(l.request(http.MethodGet, path, nil, headers...))
}

func (l *line) post(path string, values url.Values, headers ...string) *doc {
	l.t.Helper()
	r := l.request(http.MethodPost, path, strings.NewReader(values.Encode()), headers...)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return l.do(r)
}

// upload is a file on its way into a form.
type upload struct {
	name string
	data []byte
}

func (l *line) postFiles(path string, values url.Values, uploads []upload, headers ...string) *doc {
	l.t.Helper()
	body, kind := multipartBody(l.t, values, uploads)
	r := l.request(http.MethodPost, path, body, headers...)
	r.Header.Set("Content-Type", kind)
	return l.do(r)
}

func multipartBody(t testing.TB, values url.Values, uploads []upload) (*bytes.Buffer, string) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, vs := range values {
		for _, v := range vs {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, u := range uploads {
		part, err := w.CreateFormFile("files", u.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(u.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &body, w.FormDataContentType()
}

// form is what the page's form would send as it stands: hidden fields and what is typed in.
func (d *doc) form() url.Values {
	d.t.Helper()
	values := url.Values{}
	found := false
	for n := range d.root.Descendants() {
		switch {
		case n.Type != html.ElementNode:
		case n.Data == "form":
			found = true
		case n.Data == "textarea":
			text := ""
			if n.FirstChild != nil {
				text = n.FirstChild.Data
			}
			values.Set(attr(n, "name"), text)
		case n.Data == "input" && attr(n, "type") == "radio":
			if has(n, "checked") {
				values.Set(attr(n, "name"), attr(n, "value"))
			}
		case n.Data == "input" && attr(n, "type") != "file":
			values.Set(attr(n, "name"), attr(n, "value"))
		}
	}
	if !found {
		d.t.Fatalf("no form on the page (%d): %s", d.status, d.text())
	}
	return values
}

// with is the form with some fields typed.
func (d *doc) with(pairs ...string) url.Values {
	d.t.Helper()
	v := d.form()
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// text is what can be read on the page's main part.
func (d *doc) text() string {
	var b strings.Builder
	for n := range d.root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(n.Data)
			b.WriteByte(' ')
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (d *doc) heading() string {
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "h1" {
			var b strings.Builder
			for c := range n.Descendants() {
				if c.Type == html.TextNode {
					b.WriteString(c.Data)
				}
			}
			return strings.TrimSpace(b.String())
		}
	}
	return ""
}

// lang and dir are the page's.
func (d *doc) lang() (lang, dir string) {
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "html" {
			return attr(n, "lang"), attr(n, "dir")
		}
	}
	return "", ""
}

// expect wants a status and words on the page.
func (d *doc) expect(status int, words ...string) *doc {
	d.t.Helper()
	if d.status != status {
		d.t.Fatalf("status %d, want %d: %s", d.status, status, d.text())
	}
	text := d.text()
	for _, w := range words {
		if !strings.Contains(text, w) {
			d.t.Errorf("%q is not on the page: %s", w, text)
		}
	}
	return d
}

var receiptOnPage = regexp.MustCompile(`\d{5} \d{5} \d{5} \d{5}`)

// receipt is the Receipt that the page shows.
func (d *doc) receipt() string {
	d.t.Helper()
	r := receiptOnPage.FindString(d.text())
	if r == "" {
		d.t.Fatalf("no Receipt on the page (%d): %s", d.status, d.text())
	}
	return r
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}
