package portal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

// call sends JSON to the API and reads the JSON of the answer into out.
func (l *line) call(method, path, body string, out any, headers ...string) *doc {
	l.t.Helper()
	r := l.request(method, path, strings.NewReader(body), headers...)
	if method == http.MethodPost && r.Header.Get("Content-Type") == "" {
		r.Header.Set("Content-Type", "application/json")
	}
	d := l.do(r)
	if out != nil {
		if err := json.Unmarshal([]byte(d.body), out); err != nil {
			l.t.Fatalf("%s %s: %v: %s", method, path, err, d.body)
		}
	}
	return d
}

type accepted struct {
	Receipt    string    `json:"receipt"`
	ReceivedAt time.Time `json:"received_at"`
}

type problem struct {
	Type, Title, Code, Detail string
	Status                    int
	Errors                    []struct{ Field, Code, Detail string }
}

func TestAReportByJSONGetsAReceiptThatShowsItsStatus(t *testing.T) {
	l := newLine(t)
	var a accepted
	d := l.call("POST", "/api/v1/reports", `{"text":"Gas smell in Mill Lane.","language":"en","occurred":"now","place":"Mill Lane","category":"hazard","age_band":"18-plus",
		"identity":{"name":"Rosa","phone":"1","email":"r@example.org","address":"x"},"files":[{"name":"a.txt","data":"`+base64.StdEncoding.EncodeToString([]byte("words"))+`"}]}`, &a)
	if d.status != 201 || len(a.Receipt) != 20 || a.ReceivedAt.IsZero() {
		t.Fatalf("%d %s", d.status, d.body)
	}
	if r := l.reports(); len(r) != 1 || r[0].Channel != heed.ChannelAPI || r[0].Files != 1 || !r[0].Named {
		t.Fatalf("stored %+v", r)
	}
	var status map[string]any
	l.call("GET", "/api/v1/status", "", &status, "Authorization", "Receipt "+a.Receipt)
	if status["stage"] != "received" || status["since"] == nil || status["outcome"] != nil || status["identity"] != true || len(status) != 6 {
		t.Errorf("status %v", status)
	}
	if d := l.call("POST", "/api/v1/messages", `{"text":"It is stronger now."}`, nil, "Authorization", "Receipt "+a.Receipt); d.status != 201 {
		t.Errorf("message: %d %s", d.status, d.body)
	}
	l.call("GET", "/api/v1/status", "", &status, "Authorization", "receipt "+a.Receipt)
	messages := status["messages"].([]any)
	if len(messages) != 1 || messages[0].(map[string]any)["text"] != "It is stronger now." {
		t.Errorf("messages %v", messages)
	}
}

func TestAReportByMultipartBringsFiles(t *testing.T) {
	l := newLine(t)
	d := l.postFiles("/api/v1/reports", url.Values{"text": {told}, "identity": {`{"name":"Rosa"}`}, "place": {"Mill Lane"}}, []upload{{"a.txt", []byte("a")}, {"b.txt", []byte("b")}})
	if d.status != 201 {
		t.Fatalf("%d %s", d.status, d.body)
	}
	if r := l.reports(); len(r) != 1 || r[0].Files != 2 || !r[0].Named {
		t.Fatalf("stored %+v", r)
	}
	var a accepted
	if err := json.Unmarshal([]byte(d.body), &a); err != nil {
		t.Fatal(err)
	}
	if d := l.postFiles("/api/v1/messages", url.Values{"text": {"More."}}, []upload{{"c.txt", []byte("c")}}, "Authorization", "Receipt "+a.Receipt); d.status != 201 {
		t.Errorf("%d %s", d.status, d.body)
	}
}

func TestTheAPIRefusesBadInputWithAProblemDocumentInTheAskersLanguage(t *testing.T) {
	l := newLine(t)
	deep := strings.Repeat("[", 3000) + strings.Repeat("]", 3000)
	for name, c := range map[string]struct {
		kind, body  string
		status      int
		code, field string
	}{
		"empty body":      {"application/json", "", 400, "json-broken", ""},
		"no JSON":         {"application/json", "{", 400, "json-broken", ""},
		"empty text":      {"application/json", `{"text":""}`, 422, "text-empty", "text"},
		"one letter":      {"application/json", `{"text":"a"}`, 422, "text-too-short", "text"},
		"no text":         {"application/json", `{}`, 422, "field-missing", ""},
		"too long":        {"application/json", `{"text":"` + strings.Repeat("a", 200_000) + `"}`, 422, "text-too-long", "text"},
		"NUL":             {"application/json", `{"text":"gas\u0000smell"}`, 400, "nul-character", "text"},
		"invalid UTF-8":   {"application/json", "{\"text\":\"gas \xff smell\"}", 400, "not-utf8", ""},
		"unknown field":   {"application/json", `{"text":"gas smell","nmae":"x"}`, 422, "field-unknown", "nmae"},
		"unknown deeper":  {"application/json", `{"text":"gas smell","identity":{"nmae":"x"}}`, 422, "field-unknown", "identity.nmae"},
		"wrong kind":      {"application/json", `{"text":7}`, 422, "field-kind", "text"},
		"3,000 deep":      {"application/json", `{"text":` + deep + `}`, 400, "json-deep", ""},
		"wrong type":      {"text/plain", "gas smell", 415, "content-type", ""},
		"form":            {"application/x-www-form-urlencoded", "text=gas+smell", 415, "content-type", ""},
		"too large":       {"application/json", `{"text":"` + strings.Repeat("a", 9<<20) + `"}`, 413, "body-too-large", ""},
		"bad category":    {"application/json", `{"text":"gas smell","category":"zzz"}`, 422, "category-unknown", "category"},
		"bad age band":    {"application/json", `{"text":"gas smell","age_band":"zzz"}`, 422, "age-band-unknown", "age_band"},
		"bad email":       {"application/json", `{"text":"gas smell","identity":{"email":"zzz"}}`, 422, "email-form", "identity.email"},
		"bad base64":      {"application/json", `{"text":"gas smell","files":[{"name":"a.txt","data":"***"}]}`, 422, "file-unencoded", "files"},
		"empty file":      {"application/json", `{"text":"gas smell","files":[{"name":"a.txt","data":"YQ=="},{"name":"b.txt","data":""}]}`, 422, "file-empty", "files"},
		"broken form":     {"multipart/form-data; boundary=x", "--x\r\n", 400, "form-broken", ""},
		"unknown in form": {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"nmae\"\r\n\r\nx\r\n--x--\r\n", 422, "field-unknown", "nmae"},
	} {
		var p problem
		d := l.call("POST", "/api/v1/reports", c.body, &p, "Content-Type", c.kind, "Accept-Language", "es-MX,es;q=0.9")
		if d.status != c.status || p.Code != c.code || p.Status != c.status {
			t.Errorf("%s: %d %.300s", name, d.status, d.body)
		}
		if kind := d.header.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s: %s", name, kind)
		}
		if c.field != "" && (len(p.Errors) == 0 || p.Errors[0].Field != c.field) {
			t.Errorf("%s: errors %v", name, p.Errors)
		}
		if p.Detail == "" || strings.HasPrefix(p.Detail, "problem.") || len(strings.TrimRight(d.body, " ")) > 2000 {
			t.Errorf("%s: detail %q", name, p.Detail)
		}
	}
	var p problem
	l.call("POST", "/api/v1/reports", `{"text":""}`, &p, "Accept-Language", "ar")
	if p.Detail != "اكتب ماذا حدث." {
		t.Errorf("detail %q", p.Detail)
	}
	l.nothingKept()
}

func TestAMailboxOpensWithItsReceiptOnly(t *testing.T) {
	l := newLine(t)
	for header, want := range map[string]struct {
		status int
		code   string
	}{
		"":                             {401, "receipt-missing"},
		"Bearer 01234567890123456789":  {401, "receipt-missing"},
		"Receipt":                      {401, "receipt-empty"},
		"Receipt 0123":                 {401, "receipt-length"},
		"Receipt zzz":                  {401, "receipt-digits"},
		"Receipt 01234567890123456789": {404, "receipt-unknown"},
	} {
		for _, c := range [][3]string{{"GET", "/api/v1/status", ""}, {"POST", "/api/v1/messages", `{"text":"More."}`}} {
			var p problem
			d := l.call(c[0], c[1], c[2], &p, "Authorization", header)
			if d.status != want.status || p.Code != want.code {
				t.Errorf("%s %q: %d %s", c[1], header, d.status, d.body)
			}
		}
		body, kind := multipartBody(t, url.Values{"text": {"More."}}, []upload{{"a.txt", []byte("a")}})
		if d := l.call("POST", "/api/v1/messages", body.String(), nil, "Authorization", header, "Content-Type", kind); d.status != want.status {
			t.Errorf("form %q: %d %s", header, d.status, d.body)
		}
	}
	l.nothingKept()
}

func TestANameForALineWithoutACustodianIsRefusedNotDropped(t *testing.T) {
	l := newLine(t, anonymousOnly)
	var p problem
	if d := l.call("POST", "/api/v1/reports", `{"text":"gas smell","identity":{"name":"Rosa"}}`, &p); d.status != 422 || p.Code != "identity-unavailable" {
		t.Errorf("%d %s", d.status, d.body)
	}
	l.nothingKept()
}

func TestTheAPIPublishesWhatItHoldsAndHowItIsUsed(t *testing.T) {
	l := newLine(t)
	var figures map[string]any
	if d := l.call("GET", "/api/v1/transparency", "", &figures); d.status != 200 || len(figures) != 5 || figures["overdue"] != 0.0 {
		t.Errorf("%d %s", d.status, d.body)
	}
	var description struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			RequestBody struct {
				Content map[string]any `json:"content"`
			} `json:"requestBody"`
			Responses map[string]struct {
				Content map[string]any `json:"content"`
			} `json:"responses"`
		} `json:"paths"`
	}
	l.call("GET", "/api/v1/openapi.json", "", &description)
	reports := description.Paths["/api/v1/reports"]["post"]
	if len(description.Paths) != 7 || reports.RequestBody.Content["application/json"] == nil || reports.RequestBody.Content["multipart/form-data"] == nil ||
		reports.Responses["201"].Content == nil || reports.Responses["422"].Content["application/problem+json"] == nil {
		t.Errorf("description %+v", description)
	}
	all, one := description.Paths["/api/v1/uploads"], description.Paths["/api/v1/uploads/{token}"]
	if len(all) != 2 || len(one) != 3 || all["post"].Responses["201"].Content != nil || one["patch"].RequestBody.Content["application/offset+octet-stream"] == nil ||
		one["patch"].Responses["409"].Content["application/problem+json"] == nil || one["head"].Responses["204"].Content != nil {
		t.Errorf("of uploads %+v and %+v", all, one)
	}
}

func TestTheAPIAnswersWrongAddressesWithProblemDocuments(t *testing.T) {
	l := newLine(t)
	for _, c := range []struct {
		method, path string
		status       int
	}{{"GET", "/api/v1/nowhere", 404}, {"GET", "/api/v1/reports", 405}, {"DELETE", "/api/v1/status", 405}, {"POST", "/api/v1/status", 405}} {
		var p problem
		if d := l.call(c.method, c.path, "{}", &p); d.status != c.status || p.Status != c.status {
			t.Errorf("%s %s: %d %s", c.method, c.path, d.status, d.body)
		}
	}
}

func TestTheProcessSaysThatItLivesAndIsReady(t *testing.T) {
	l := newLine(t)
	if d := l.get("/healthz"); d.status != 200 || !bytes.HasPrefix([]byte(d.body), []byte("ok")) {
		t.Errorf("%d %s", d.status, d.body)
	}
	l.get("/readyz").expect(200)
}
