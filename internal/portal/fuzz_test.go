package portal_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// answerTo gives the portal's answer to one body, without a network in between.
func answerTo(h http.Handler, path, kind string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// FuzzReportForm wants a page, never a fault of ours, whatever comes as a form; and no report without the last page's
// sealed draft.
func FuzzReportForm(f *testing.F) {
	l := newLine(f)
	h := l.handler()
	fields := url.Values{"page": {"text"}, "text": {told}, "go": {"next"}, "draft": {""}}
	body, kind := multipartBody(f, fields, []upload{{"a.txt", []byte("a")}})
	f.Add("/report", kind, body.Bytes())
	f.Add("/report", kind, body.Bytes()[:body.Len()/2])
	f.Add("/status", kind, body.Bytes())
	f.Add("/report", "application/x-www-form-urlencoded", []byte(fields.Encode()))
	f.Add("/status", "application/x-www-form-urlencoded", []byte("page=lookup&receipt=123&go=next"))
	f.Add("/status", "application/x-www-form-urlencoded", []byte("page=reply&mailbox=AAAA&text=x&go=withdraw&lang=ar"))
	f.Add("/report", "multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"files\"; filename*=UTF-8''%ff\r\n\r\na\r\n--x--"))
	f.Fuzz(func(t *testing.T, path, kind string, body []byte) {
		if path != "/report" && path != "/status" {
			path = "/report"
		}
		w := answerTo(h, path, kind, body)
		if w.Code >= 500 || w.Code < 200 {
			t.Fatalf("status %d: %s", w.Code, l.log.String())
		}
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
			t.Fatalf("answered with %s", got)
		}
		if strings.Contains(w.Body.String(), "ZgotmplZ") {
			t.Fatal("a value had to be cut out of the page")
		}
	})
}

// FuzzReportJSON wants 201 or a problem document, never a fault of ours, whatever comes as JSON.
func FuzzReportJSON(f *testing.F) {
	l := newLine(f)
	h := l.handler()
	for _, body := range []string{
		`{"text":"Gas smell."}`, `{"text":"Gas smell.","identity":{"name":"Rosa"},"files":[{"name":"a.txt","data":"YQ=="}]}`,
		`{"text":"\ud800"}`, `{"text":null}`, `[]`, `"x"`, `{"text":{"text":[[[[]]]]}}`, `{"text":"a","text":"Gas smell."}`, `{"text":1e999}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w := answerTo(h, "/api/v1/reports", "application/json", body)
		switch {
		case w.Code == http.StatusCreated:
		case w.Code >= 500 || w.Code < 400:
			t.Fatalf("status %d: %s", w.Code, l.log.String())
		case w.Header().Get("Content-Type") != "application/problem+json":
			t.Fatalf("answered with %s", w.Header().Get("Content-Type"))
		}
	})
}
