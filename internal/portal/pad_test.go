package portal_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/heed-line/heed"
)

const (
	pageSize = 32 << 10
	dataSize = 8 << 10
)

// bare is the length of a page without its padding.
func bare(body string) int {
	return strings.LastIndex(body, "</html>") + len("</html>\n")
}

// answered adds so many messages of the reporter.
func (l *line) answered(n int, receipt string) {
	l.t.Helper()
	for i := range n {
		d := l.post("/status", l.get("/status").with("receipt", receipt, "go", "next")).expect(200)
		l.post("/status", d.with("text", fmt.Sprintf("%d: %s", i, strings.Repeat("ж", 150)), "go", "next")).expect(200)
	}
}

func TestEveryPageIsOfOneLengthInEveryLanguage(t *testing.T) {
	for _, lang := range languages {
		l := newLine(t)
		receipt, _ := l.sent()
		l.answered(5, receipt)
		accept := []string{"Accept-Language", lang}
		text := l.get("/report", accept...)
		files := l.post("/report", text.with("text", told, "go", "next"), accept...)
		who := l.post("/report", files.with("go", "next"), accept...)
		check := l.post("/report", who.with("go", "next"), accept...)
		for name, d := range map[string]*doc{
			"start": l.get("/", accept...), "text": text, "files": files, "who": who, "check": check,
			"text with faults": l.post("/report", text.with("go", "next"), accept...),
			"receipt":          l.post("/report", check.with("go", "next"), accept...),
			"lookup":           l.get("/status", accept...),
			"unknown Receipt":  l.post("/status", l.get("/status", accept...).with("receipt", "01234567890123456789", "go", "next"), accept...),
			"status":           l.post("/status", l.get("/status", accept...).with("receipt", receipt, "go", "next"), accept...),
			"privacy":          l.get("/privacy", accept...), "transparency": l.get("/transparency", accept...),
			"nowhere": l.get("/nowhere", accept...), "wrong method": l.do(l.request(http.MethodPut, "/", nil, accept...)),
		} {
			t.Logf("%-8s %-17s %d %6d", lang, name, d.status, bare(d.body))
			if len(d.body) != pageSize {
				t.Errorf("%s: %s has %d bytes, %d without padding", lang, name, len(d.body), bare(d.body))
			}
		}
	}
}

func TestPollingAStatusLooksTheSameWhateverBecameOfTheReport(t *testing.T) {
	l := newLine(t)
	receipt, _ := l.sent()
	poll := func() (page, data *doc) {
		page = l.post("/status", l.get("/status").with("receipt", receipt, "go", "next")).expect(200)
		return page, l.get("/api/v1/status", "Authorization", "Receipt "+strings.ReplaceAll(receipt, " ", ""))
	}
	heads := func(d *doc) string {
		h := d.header.Clone()
		h.Del("Date")
		return fmt.Sprint(d.status, h)
	}
	page, data := poll()
	for _, state := range []heed.State{heed.Queued, heed.InReview, heed.NeedsInfo, heed.Referred, heed.Closed} {
		l.move(state)
		nowPage, nowData := poll()
		if heads(nowPage) != heads(page) || len(nowPage.body) != len(page.body) {
			t.Errorf("%s: the page has %d bytes, then %d", state, len(page.body), len(nowPage.body))
		}
		if heads(nowData) != heads(data) || len(nowData.body) != len(data.body) {
			t.Errorf("%s: the answer has %d bytes, then %d", state, len(data.body), len(nowData.body))
		}
	}
	l.move(heed.Queued)
	l.answered(3, receipt)
	if nowPage, nowData := poll(); heads(nowPage) != heads(page) || heads(nowData) != heads(data) {
		t.Error("messages change the length")
	}
}

func TestAnswersForProgramsArePaddedAndStillJSON(t *testing.T) {
	l := newLine(t)
	receipt, _ := l.sent()
	for name, d := range map[string]*doc{
		"status":          l.get("/api/v1/status", "Authorization", "Receipt "+strings.ReplaceAll(receipt, " ", "")),
		"unknown Receipt": l.get("/api/v1/status", "Authorization", "Receipt 01234567890123456789"),
		"no Receipt":      l.get("/api/v1/status"),
		"transparency":    l.get("/api/v1/transparency"),
		"nowhere":         l.get("/api/v1/nowhere"),
		"wrong method":    l.get("/api/v1/reports"),
		"report":          l.do(l.request(http.MethodPost, "/api/v1/reports", strings.NewReader(`{"text":"`+told+`"}`), "Content-Type", "application/json")),
		"broken":          l.do(l.request(http.MethodPost, "/api/v1/reports", strings.NewReader(`{"text":`), "Content-Type", "application/json")),
	} {
		if len(d.body) != dataSize || !json.Valid([]byte(d.body)) {
			t.Errorf("%s: %d, %d bytes: %.100s", name, d.status, len(d.body), d.body)
		}
	}
}

func TestRedirectsAndLongPagesArePaddedToo(t *testing.T) {
	l := newLine(t)
	l.server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		if d := l.do(l.request(method, "//report", nil)); d.status < 300 || d.status > 399 || len(d.body) != pageSize {
			t.Errorf("%s: %d with %d bytes", method, d.status, len(d.body))
		}
	}
	long := l.post("/report", l.get("/report").with("text", strings.Repeat("я", 20_000), "go", "nowhere"))
	longer := l.post("/report", l.get("/report").with("text", strings.Repeat("я", 20_300), "go", "nowhere"))
	if n := len(long.body); n != len(longer.body) || n&(n-1) != 0 || n <= pageSize {
		t.Errorf("%d and %d bytes", n, len(longer.body))
	}
}

func TestPaddingIsReadByNobodyAndNobodyMayCompressIt(t *testing.T) {
	l := newLine(t)
	d := l.get("/", "Accept-Encoding", "gzip, br")
	if got := d.header.Get("Cache-Control"); got != "no-store, no-transform" {
		t.Errorf("Cache-Control %q", got)
	}
	if got := d.header.Get("Content-Encoding"); got != "" {
		t.Errorf("Content-Encoding %q", got)
	}
	last := d.root.LastChild
	if last.Type != html.CommentNode || strings.TrimSpace(last.Data) != "" {
		t.Errorf("the page ends in %v %.40q", last.Type, last.Data)
	}
	if d := l.get("/healthz"); d.body != "ok\n" {
		t.Errorf("a probe is answered with %d bytes", len(d.body))
	}
}
