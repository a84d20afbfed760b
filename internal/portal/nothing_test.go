package portal_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"golang.org/x/net/html"
)

// visit is one request of a walk through everything that the portal answers.
type visit struct {
	method, path, kind, body string
	headers                  []string
	status                   int
	doc                      *doc
}

// walk asks for every kind of answer that there is: pages, forms, refusals, redirects, the API, probes and static files.
func (l *line) walk() []visit {
	l.t.Helper()
	const form, js = "application/x-www-form-urlencoded", "application/json"
	receipt := l.post("/report", l.toCheckFrom(home).with("go", "next"), "X-From", home).receipt()
	status := l.post("/status", url.Values{"receipt": {receipt}, "go": {"next"}}, "X-From", home)
	check := l.toCheckFrom(school)
	l.crowd(school)
	visits := []visit{
		{"GET", "/", "", "", nil, 200, nil}, {"HEAD", "/", "", "", nil, 200, nil}, {"GET", "/report", "", "", nil, 200, nil}, {"GET", "/status", "", "", nil, 200, nil},
		{"GET", "/privacy", "", "", nil, 200, nil}, {"GET", "/transparency", "", "", nil, 200, nil}, {"GET", "/nowhere", "", "", nil, 404, nil},
		{"PUT", "/report", "", "", nil, 405, nil}, {"DELETE", "/", "", "", nil, 405, nil}, {"OPTIONS", "/status", "", "", nil, 405, nil},
		{"GET", "/report/../status", "", "", nil, 307, nil}, {"GET", "//report", "", "", nil, 307, nil},
		{"POST", "/report", form, "text=x&go=next", []string{"Sec-Fetch-Site", "cross-site"}, 403, nil},
		{"POST", "/report", "text/plain", "x", nil, 415, nil}, {"POST", "/report", form, "text=%", nil, 400, nil},
		{"POST", "/report", form, "page=check&draft=x&go=next", nil, 400, nil},
		{"POST", "/report", form, "page=text&go=next&text=" + url.QueryEscape(told), nil, 200, nil}, {"POST", "/report", form, "page=text&go=next", nil, 422, nil},
		{"POST", "/report", form, check.with("go", "next").Encode(), []string{"X-From", school}, 429, nil},
		{"POST", "/report", form, check.with("go", "next").Encode(), []string{"X-From", home}, 200, nil},
		{"POST", "/status", form, "receipt=1234&go=next", nil, 422, nil}, {"POST", "/status", form, "receipt=01234567890123456789&go=next", nil, 404, nil},
		{"POST", "/status", form, status.with("go", "withdraw").Encode(), nil, 200, nil}, {"POST", "/status", form, "page=reply&mailbox=x&go=next", nil, 400, nil},
		{"GET", "/healthz", "", "", nil, 200, nil}, {"GET", "/readyz", "", "", nil, 200, nil}, {"GET", "/static/nowhere.css", "", "", nil, 404, nil},
		{"GET", "/api/v1/openapi.json", "", "", nil, 200, nil}, {"GET", "/api/v1/openapi.yaml", "", "", nil, 200, nil}, {"GET", "/api/v1/transparency", "", "", nil, 200, nil},
		{"OPTIONS", "/api/v1/uploads", "", "", nil, 204, nil},
		{"POST", "/api/v1/uploads", "", "", []string{"Tus-Resumable", "1.0.0", "Upload-Length", "5", "Upload-Metadata", "filename bm90ZS50eHQ="}, 201, nil},
		{"HEAD", "/api/v1/uploads/x", "", "", []string{"Tus-Resumable", "1.0.0"}, 404, nil}, {"DELETE", "/api/v1/uploads/x", "", "", nil, 412, nil},
		{"PATCH", "/api/v1/uploads/x", "application/offset+octet-stream", "x", []string{"Tus-Resumable", "1.0.0", "Upload-Offset", "0"}, 404, nil},
		{"GET", "/api/v1/nowhere", "", "", nil, 404, nil}, {"DELETE", "/api/v1/reports", "", "", nil, 405, nil},
		{"POST", "/api/v1/reports", js, `{"text":"` + told + `"}`, nil, 201, nil}, {"POST", "/api/v1/reports", js, `{`, nil, 400, nil},
		{"POST", "/api/v1/reports", js, `{"text":"` + told + `"}`, []string{"X-From", school}, 429, nil}, {"POST", "/api/v1/reports", "text/plain", "x", nil, 415, nil},
		{"GET", "/api/v1/status", "", "", []string{"Authorization", "Receipt " + receipt}, 200, nil}, {"GET", "/api/v1/status", "", "", nil, 401, nil},
		{"GET", "/api/v1/status", "", "", []string{"Authorization", "Receipt 01234567890123456789"}, 404, nil},
		{"POST", "/api/v1/messages", js, `{"text":"They are red."}`, []string{"Authorization", "Receipt " + receipt}, 201, nil}, {"POST", "/api/v1/messages", js, `{}`, nil, 401, nil},
		{"DELETE", "/api/v1/identity", "", "", []string{"Authorization", "Receipt " + receipt}, 410, nil}, {"DELETE", "/api/v1/identity", "", "", nil, 401, nil},
	}
	l.server.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	seen := map[string]bool{}
	for i := 0; i < len(visits); i++ {
		v := &visits[i]
		r := l.request(v.method, v.path, strings.NewReader(v.body), v.headers...)
		if v.kind != "" {
			r.Header.Set("Content-Type", v.kind)
		}
		if v.doc = l.do(r); v.doc.status != v.status {
			l.t.Errorf("%s: %d, not %d", v, v.doc.status, v.status)
		}
		for n := range v.doc.root.Descendants() { // what a page brings along is asked for too
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Val, "/static/") && !seen[a.Val] {
					seen[a.Val] = true
					visits = append(visits, visit{method: "GET", path: a.Val, status: 200})
				}
			}
		}
	}
	return visits
}

func (v *visit) String() string { return fmt.Sprintf("%s %s %.40s", v.method, v.path, v.body) }

// always are the headers of every answer, with what they say.
var always = map[string]string{
	"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; " +
		"frame-ancestors 'none'; base-uri 'none'; connect-src 'self'",
	"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "X-Robots-Tag": "noindex, nofollow",
	"Strict-Transport-Security": "max-age=63072000; includeSubDomains",
}

// never are headers that would tell one visitor from another, or the line from another program.
var never = []string{"Set-Cookie", "Server", "X-Powered-By", "Etag", "Last-Modified", "Link", "Refresh", "Report-To", "Reporting-Endpoints", "Nel", "Alt-Svc"}

func TestNoAnswerOfThePortalGivesAnythingAway(t *testing.T) {
	l := newLine(t, withLimits, func(l *line) { l.tls = true })
	visits := l.walk()
	for i := range visits {
		v := &visits[i]
		for name, want := range always {
			if got := v.doc.header.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%s: %s: %q", v, name, got)
			}
		}
		for _, name := range never {
			if got := v.doc.header.Get(name); got != "" {
				t.Errorf("%s: %s: %s", v, name, got)
			}
		}
		kept := strings.HasPrefix(v.path, "/static/") && v.status == 200 // the same for everybody, under a name that says its content's hash
		if cache := v.doc.header.Get("Cache-Control"); !kept && !strings.Contains(cache, "no-store") {
			t.Errorf("%s: Cache-Control: %s", v, cache)
		}
		for _, ability := range []string{"camera=()", "geolocation=()", "microphone=(self)", "browsing-topics=()"} {
			if !strings.Contains(v.doc.header.Get("Permissions-Policy"), ability) {
				t.Errorf("%s: %s isn't denied", v, ability)
			}
		}
		if strings.HasPrefix(v.doc.header.Get("Content-Type"), "text/html") {
			v.doc.saysNothing(v.String(), l.profile.Exit.URL)
		}
	}
	everyRouteIsIn(t, l, visits)
}

// sayingTitle are words that no tab or history may show.
var sayingTitle = regexp.MustCompile(`(?i)report|heed|receipt|anonym|tip|complain|status`)

// saysNothing holds a page to what it may hold: nothing inline, nothing from elsewhere, no title or address that tells.
func (d *doc) saysNothing(where, exit string) {
	d.t.Helper()
	for n := range d.root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		switch n.Data {
		case "style", "iframe", "object", "embed", "base", "img", "video", "audio":
			d.t.Errorf("%s has <%s>", where, n.Data)
		case "script":
			if attr(n, "src") == "" || n.FirstChild != nil {
				d.t.Errorf("%s has an inline script", where)
			}
		case "title":
			if n.FirstChild != nil && sayingTitle.MatchString(n.FirstChild.Data) {
				d.t.Errorf("%s is called %q", where, n.FirstChild.Data)
			}
		case "a", "button":
			if strings.TrimSpace(words(n)) == "" && n.Parent.Data != "p" { // the mark is a picture; what can be pressed has words
				d.t.Errorf("%s: a picture alone can be pressed", where)
			}
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				d.t.Errorf("%s has %s=%q", where, a.Key, a.Val)
			}
			address := slices.Contains([]string{"href", "src", "action", "formaction", "srcset", "poster", "data", "ping", "background"}, a.Key)
			own := strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, "#") || strings.HasPrefix(a.Val, "tel:")
			if address && !own && a.Val != exit {
				d.t.Errorf("%s leads elsewhere: %s=%q", where, a.Key, a.Val)
			}
		}
	}
}

// words is the text below an element.
func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

// everyRouteIsIn fails for a route in the package's sources or its API's description that the walk left out.
func everyRouteIsIn(t *testing.T, l *line, visits []visit) {
	t.Helper()
	var routes []string
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	pattern := regexp.MustCompile(`Handle(?:Func)?\("((?:GET|POST|HEAD|PATCH|DELETE) /[^"]*)"`)
	for _, source := range sources {
		text, err := os.ReadFile(source)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(source, "_test.go") {
			continue
		}
		for _, found := range pattern.FindAllSubmatch(text, -1) {
			routes = append(routes, strings.TrimSuffix(string(found[1]), "{$}"))
		}
	}
	var api struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal([]byte(l.get("/api/v1/openapi.json").body), &api); err != nil {
		t.Fatal(err)
	}
	for path, methods := range api.Paths {
		for method := range methods {
			routes = append(routes, strings.ToUpper(method)+" "+path)
		}
	}
	if len(routes) < 15 {
		t.Fatalf("only these routes were found: %v", routes)
	}
	for _, route := range routes {
		method, path, _ := strings.Cut(route, " ")
		path, _, _ = strings.Cut(path, "{")
		if !slices.ContainsFunc(visits, func(v visit) bool {
			return v.method == method && (v.path == path || strings.HasSuffix(path, "/") && path != "/" && strings.HasPrefix(v.path, path))
		}) {
			t.Errorf("%s isn't in the walk", route)
		}
	}
}

func TestInTheSafestBrowserAReportGoesAllTheWay(t *testing.T) {
	l := newLine(t)
	b := newBrowser(t, l)
	b.view(1000, "en", false)
	b.noScripts()
	// As in Tor Browser's safest mode: no scripts, pictures, sounds, films or fonts from the site.
	var blocked []*network.BlockPattern
	for _, ending := range []string{"svg", "js", "png", "jpg", "woff", "woff2", "ttf", "mp4"} {
		blocked = append(blocked, &network.BlockPattern{URLPattern: "*://*:*/*." + ending, Block: true})
	}
	command(b, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: blocked})
	b.whole("safest")
	if n := len(l.reports()); n != 1 {
		t.Errorf("%d reports", n)
	}
}

func TestTheStylesheetsNeedNoFontAndNoPicture(t *testing.T) {
	styles, err := filepath.Glob("../../web/static/*.css")
	if err != nil || len(styles) == 0 {
		t.Fatal(styles, err)
	}
	for _, name := range styles {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`@font-face|@import|url\(`).Match(text) {
			t.Errorf("%s asks for something more", name)
		}
	}
}
