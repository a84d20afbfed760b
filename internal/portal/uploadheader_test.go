package portal_test

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestSendingsAreHeldToTheirChecksum(t *testing.T) {
	l := newLine(t)
	content := longText(50_000)
	address := l.begin("a.txt", len(content))
	by1, by256 := sha1.Sum(content[:20_000]), sha256.Sum256(content[20_000:])
	base := base64.StdEncoding.EncodeToString
	var p problem
	d := l.tus("PATCH", address, content[:20_001], "Upload-Offset", "0", "Upload-Checksum", "sha1 "+base(by1[:]))
	if err := json.Unmarshal([]byte(d.body), &p); err != nil || d.status != 460 || p.Code != "upload-checksum" || p.Status != 460 || p.Title == "" || p.Detail == "" {
		t.Errorf("%d %s", d.status, d.body)
	}
	if _, offset := l.uploadOffset(address); offset != "0" || l.blobs() != 0 {
		t.Errorf("at %s, with %d blobs", offset, l.blobs())
	}
	if d := l.tus("PATCH", address, content[:20_000], "Upload-Offset", "0", "Upload-Checksum", "sha1 "+base(by1[:])); d.status != 204 {
		t.Errorf("sha1: %d %s", d.status, d.body)
	}
	if d := l.tus("PATCH", address, content[20_000:], "Upload-Offset", "20000", "Upload-Checksum", "sha256 "+base(by256[:])); d.status != 204 {
		t.Errorf("sha256: %d %s", d.status, d.body)
	}
}

func TestBadUploadsAreRefusedInTheAskersLanguageWithNothingStored(t *testing.T) {
	l := newLine(t)
	address := l.begin("a.txt", 50)
	foreign := newLine(t).begin("a.txt", 50)
	draft := l.post("/report", l.get("/report").with("text", told, "go", "next")).form().Get("draft") // of the same key, for another use
	length, patch := []string{"Upload-Length", "50"}, []string{"Upload-Offset", "0"}
	with := func(headers []string, more ...string) []string {
		return append(append([]string(nil), headers...), more...)
	}
	long := strings.Repeat("a", 3000)
	for name, c := range map[string]struct {
		method, path string
		body         []byte
		headers      []string
		status       int
		code, field  string
	}{
		"no version":            {"POST", "/api/v1/uploads", nil, with(length, "Tus-Resumable", ""), 412, "upload-version", ""},
		"another version":       {"PATCH", address, []byte("a"), with(patch, "Tus-Resumable", "0.2.2"), 412, "upload-version", ""},
		"no length":             {"POST", "/api/v1/uploads", nil, nil, 400, "upload-header", "Upload-Length"},
		"a negative length":     {"POST", "/api/v1/uploads", nil, []string{"Upload-Length", "-5"}, 400, "upload-header", "Upload-Length"},
		"a signed length":       {"POST", "/api/v1/uploads", nil, []string{"Upload-Length", "+5"}, 400, "upload-header", "Upload-Length"},
		"a length in words":     {"POST", "/api/v1/uploads", nil, []string{"Upload-Length", "five"}, 400, "upload-header", "Upload-Length"},
		"no bytes":              {"POST", "/api/v1/uploads", nil, []string{"Upload-Length", "0"}, 422, "file-empty", "files"},
		"too large":             {"POST", "/api/v1/uploads", nil, []string{"Upload-Length", "2147483649"}, 413, "file-too-large", "files"},
		"larger than numbers":   {"POST", "/api/v1/uploads", nil, []string{"Upload-Length", strings.Repeat("9", 400)}, 413, "file-too-large", "files"},
		"a length later":        {"POST", "/api/v1/uploads", nil, []string{"Upload-Defer-Length", "1"}, 400, "upload-header", "Upload-Defer-Length"},
		"parts of a whole":      {"POST", "/api/v1/uploads", nil, with(length, "Upload-Concat", "partial"), 400, "upload-header", "Upload-Concat"},
		"bad base64":            {"POST", "/api/v1/uploads", nil, with(length, "Upload-Metadata", "filename *"), 400, "upload-header", "Upload-Metadata"},
		"a name of bad bytes":   {"POST", "/api/v1/uploads", nil, with(length, "Upload-Metadata", "filename "+encoded("a\xff")), 400, "upload-header", "Upload-Metadata"},
		"two names":             {"POST", "/api/v1/uploads", nil, with(length, "Upload-Metadata", "filename YQ==,filename Yg=="), 400, "upload-header", "Upload-Metadata"},
		"no key":                {"POST", "/api/v1/uploads", nil, with(length, "Upload-Metadata", "filename YQ==,,"), 400, "upload-header", "Upload-Metadata"},
		"overlong metadata":     {"POST", "/api/v1/uploads", nil, with(length, "Upload-Metadata", "filename "+encoded(long)+",x "+encoded(long)), 400, "upload-header", "Upload-Metadata"},
		"many pairs":            {"POST", "/api/v1/uploads", nil, with(length, "Upload-Metadata", "a"+strings.Repeat(",a", 50)), 400, "upload-header", "Upload-Metadata"},
		"a body of no kind":     {"POST", "/api/v1/uploads", []byte("words"), with(length, "Content-Type", "text/plain"), 415, "upload-type", ""},
		"more than all":         {"POST", "/api/v1/uploads", make([]byte, 51), length, 413, "body-too-large", ""},
		"another kind":          {"PATCH", address, []byte("a"), with(patch, "Content-Type", "application/json"), 415, "upload-type", ""},
		"no offset":             {"PATCH", address, []byte("a"), nil, 400, "upload-header", "Upload-Offset"},
		"a negative offset":     {"PATCH", address, []byte("a"), []string{"Upload-Offset", "-1"}, 400, "upload-header", "Upload-Offset"},
		"a wrong offset":        {"PATCH", address, []byte("a"), []string{"Upload-Offset", "7"}, 409, "upload-offset", ""},
		"an offset past it all": {"PATCH", address, []byte("a"), []string{"Upload-Offset", "99999999999999999999"}, 409, "upload-offset", ""},
		"more than is left":     {"PATCH", address, make([]byte, 51), patch, 413, "body-too-large", ""},
		"an unknown sum":        {"PATCH", address, []byte("a"), with(patch, "Upload-Checksum", "md5 AAAA"), 400, "upload-header", "Upload-Checksum"},
		"a short sum":           {"PATCH", address, []byte("a"), with(patch, "Upload-Checksum", "sha256 AAAA"), 400, "upload-header", "Upload-Checksum"},
		"nonsense":              {"PATCH", "/api/v1/uploads/nonsense", []byte("a"), patch, 404, "file-gone", ""},
		"another line's":        {"PATCH", foreign, []byte("a"), patch, 404, "file-gone", ""},
		"a form's draft":        {"PATCH", "/api/v1/uploads/" + draft, []byte("a"), patch, 404, "file-gone", ""},
		"a flipped letter":      {"DELETE", address[:len(address)-9] + "AAAAAAAAA", nil, nil, 404, "file-gone", ""},
		"a wrong method":        {"PUT", address, []byte("a"), patch, 405, "method", ""},
		"a list":                {"GET", "/api/v1/uploads", nil, nil, 405, "method", ""},
	} {
		var p problem
		d := l.tus(c.method, c.path, c.body, append([]string{"Accept-Language", "fr"}, c.headers...)...)
		if err := json.Unmarshal([]byte(d.body), &p); err != nil {
			t.Fatalf("%s: %d %s", name, d.status, d.body)
		}
		if d.status != c.status || p.Status != c.status || p.Code != c.code || p.Title == "" || p.Detail == "" || len(d.body) != 8<<10 {
			t.Errorf("%s: %d %s", name, d.status, strings.TrimSpace(d.body))
		}
		if c.field != "" && (len(p.Errors) != 1 || p.Errors[0].Field != c.field) {
			t.Errorf("%s: %+v", name, p.Errors)
		}
		if p.Code == "upload-offset" && !strings.HasPrefix(p.Detail, "Le fichier continue ailleurs") {
			t.Errorf("%s: %q", name, p.Detail)
		}
	}
	if status, offset := l.uploadOffset(address); status != 204 || offset != "0" {
		t.Errorf("%d at %s", status, offset)
	}
	l.nothingKept()
}

func TestAClientThatKnowsOnlyPostCanUpload(t *testing.T) {
	l := newLine(t)
	address := l.begin("a.txt", 5)
	if d := l.tus("POST", address, []byte("words"), "Upload-Offset", "0", "X-HTTP-Method-Override", "PATCH"); d.status != 204 {
		t.Errorf("%d %s", d.status, d.body)
	}
	if d := l.tus("POST", address, nil, "X-HTTP-Method-Override", "DELETE"); d.status != 204 || l.blobs() != 0 {
		t.Errorf("%d %s, %d blobs", d.status, d.body, l.blobs())
	}
	if status, _ := l.uploadOffset(address); status != 404 {
		t.Errorf("after its end: %d", status)
	}
}

func FuzzUpload(f *testing.F) {
	h, log := shallowPortal(f)
	f.Add("POST", "", "1.0.0", "50", "0", "filename YQ==,filetype YQ==", "", []byte(nil))
	f.Add("PATCH", "AAAA", "1.0.0", "50", "0", "a", "sha1 AAAA", []byte("a"))
	f.Add("POST", "", "1.0.0", "99999999999999999999", "-1", ",,, ,", "sha256 ", []byte("a"))
	f.Fuzz(func(t *testing.T, method, token, version, length, offset, metadata, checksum string, body []byte) {
		switch method {
		case "POST", "PATCH", "HEAD", "DELETE", "OPTIONS":
		default:
			method = "POST"
		}
		path := "/api/v1/uploads"
		if token != "" {
			path += "/" + url.PathEscape(token)
		}
		u, err := url.Parse("http://line.example" + path)
		if err != nil {
			return
		}
		r := &http.Request{Method: method, URL: u, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Host: u.Host}
		for name, value := range map[string]string{
			"Content-Type": offsetStream, "Tus-Resumable": version, "Upload-Length": length, "Upload-Offset": offset, "Upload-Metadata": metadata, "Upload-Checksum": checksum,
		} {
			r.Header.Set(name, value)
		}
		w := record(h, r)
		switch {
		case w.Code == 201, w.Code == 204, w.Code == 307, w.Code == 301:
		case w.Code >= 500 || w.Code < 400:
			t.Fatalf("status %d: %s", w.Code, log.String())
		case w.Header().Get("Content-Type") != "application/problem+json":
			t.Fatalf("answered with %s", w.Header().Get("Content-Type"))
		}
	})
}
