package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	files "github.com/heed-line/heed/web"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web"
)

func locales(t *testing.T, wanted ...string) *web.Locales {
	t.Helper()
	sub, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	l, err := web.LoadLocales(sub, wanted...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestTheLanguageIsTheNearestThatTheLineHas(t *testing.T) {
	l := locales(t, "en", "zh-Hans", "es", "fr", "ar", "ru", "pt")
	for wanted, want := range map[string]string{
		"": "en", "fr": "fr", "pt-BR,pt;q=0.9": "pt", "zh-CN,zh;q=0.9,en;q=0.8": "zh-Hans", "ar-EG": "ar", "tlh": "en", "de,fr;q=0.5": "fr",
		strings.Repeat("x,", 5000): "en", "\xff": "en", "*": "en",
		"uk,en;q=0.5": "en", "zh-TW": "zh-Hans", "de-AT": "en",
	} {
		if got := l.Match(wanted); got != want {
			t.Errorf("%.40q: %s, want %s", wanted, got, want)
		}
	}
	if got := l.Match("", "ru"); got != "ru" {
		t.Errorf("second choice: %s", got)
	}
	if got := locales(t, "es", "en").Match("de"); got != "es" {
		t.Errorf("the line's own language: %s", got)
	}
}

func TestTimesAreToldAsPeopleSayThem(t *testing.T) {
	l := locales(t)
	for _, c := range []struct {
		tag, want, got string
	}{
		{"en", "today at 09:05", l.Voice("en", noon, time.UTC).When(noon.Add(-2*time.Hour - 55*time.Minute))},
		{"en", "yesterday at 23:59", l.Voice("en", noon, time.UTC).When(noon.Add(-12*time.Hour - time.Minute))},
		{"en", "3 November 2026 at 12:00", l.Voice("en", noon, time.UTC).When(noon.AddDate(0, 0, -20))},
		{"zh-Hans", "2026年11月3日 12:00", l.Voice("zh-Hans", noon, time.UTC).When(noon.AddDate(0, 0, -20))},
		{"es", "3 de noviembre de 2026, 12:00", l.Voice("es", noon, time.UTC).When(noon.AddDate(0, 0, -20))},
		{"ru", "осталось: 2 часа", l.Voice("ru", noon, time.UTC).Until(noon.Add(2 * time.Hour))},
		{"ru", "осталось: 5 часов", l.Voice("ru", noon, time.UTC).Until(noon.Add(5 * time.Hour))},
		{"ar", "الوقت الباقي: ساعتان", l.Voice("ar", noon, time.UTC).Until(noon.Add(2 * time.Hour))},
		{"ar", "11 ساعة", l.Voice("ar", noon, time.UTC).Span(11 * time.Hour)},
		{"en", "20 minutes over", l.Voice("en", noon, time.UTC).Until(noon.Add(-20 * time.Minute))},
		{"en", "1 h 30 min", l.Voice("en", noon, time.UTC).Span(90 * time.Minute)},
		{"en", "today at 13:00", l.Voice("en", noon, time.FixedZone("", 3600)).When(noon)},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.tag, c.got, c.want)
		}
	}
	element := string(l.Voice("en", noon, time.UTC).Time(noon))
	if want := `<time datetime="2026-11-23T12:00:00Z" title="23 November 2026 at 12:00:00 UTC">today at 12:00</time>`; element != want {
		t.Errorf("%s", element)
	}
}

func TestNumbersAndSizesFollowTheLanguage(t *testing.T) {
	l := locales(t)
	for tag, want := range map[string]string{"en": "50,000 1.5 MB", "fr": "50 000 1,5 Mo", "es": "50.000 1,5 MB", "ar": "50,000 1.5 م.ب"} {
		v := l.Voice(tag, noon, time.UTC)
		if got := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(v.Number(50_000) + " " + v.Size(3<<19)); got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
	}
}

func TestAProblemIsToldWithItsNumbers(t *testing.T) {
	v := locales(t).Voice("en", noon, time.UTC)
	if got := v.Problem(&heed.Problem{Code: "text-too-long", Args: map[string]any{"Limit": 50_000, "Length": 200_000}}); got != "The text is too long. It has 200,000 characters; shorten it to 50,000." {
		t.Errorf("%q", got)
	}
	if got := v.Problem(&heed.Problem{Code: "never-heard-of"}); got != "Check this and try again." {
		t.Errorf("%q", got)
	}
}

func TestAnErrorBecomesAProblemDocumentThatSaysNothingOfItsCause(t *testing.T) {
	v := locales(t).Voice("en", noon, time.UTC)
	for _, c := range []struct {
		err    error
		status int
		code   string
		known  bool
	}{
		{fmt.Errorf("store: %w", heed.ErrNotFound), 404, "not-found", true},
		{fmt.Errorf("store: %w", heed.ErrBusy), 503, "busy", true},
		{fmt.Errorf("check: %w", heed.Problems{{Field: "text", Code: "text-empty"}}), 422, "text-empty", true},
		{&heed.Problem{Field: "files", Code: "file-too-large"}, 413, "file-too-large", true},
		{errors.New("secret cause"), 500, "internal", false},
	} {
		doc, known := web.Explain(v, c.err)
		if doc.Status != c.status || doc.Code != c.code || known != c.known || strings.Contains(doc.Detail, "secret") {
			t.Errorf("%v: %+v", c.err, doc)
		}
		w := httptest.NewRecorder()
		web.WriteDocument(w, doc)
		if strings.Contains(w.Body.String(), "secret") || (w.Header().Get("Retry-After") != "") != (c.status == 503) {
			t.Errorf("%v: %v %s", c.err, w.Header(), w.Body)
		}
	}
}

func TestABrokenLocaleFileIsFound(t *testing.T) {
	for name, fsys := range map[string]fstest.MapFS{
		"no files":       {},
		"no TOML":        {"en.toml": {Data: []byte(`"a" = `)}},
		"no language":    {"hello_world!.toml": {Data: []byte(`"a" = "b"`)}},
		"no name":        {"en.toml": {Data: []byte(`"language.name" = `)}},
		"twice one key":  {"en.toml": {Data: []byte(`"a" = "b"`)}, "desk.en.toml": {Data: []byte(`"a" = "c"`)}},
		"wanted missing": {"en.toml": {Data: []byte(`"a" = "b"`)}},
	} {
		wanted := []string{}
		if name == "wanted missing" {
			wanted = []string{"en", "fr"}
		}
		l, err := web.LoadLocales(fsys, wanted...)
		if err == nil {
			err = l.Check()
		}
		if err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

func TestAPageThatFailsSendsNothing(t *testing.T) {
	fsys := fstest.MapFS{
		"static/a.css":                 {Data: []byte("a{}")},
		"templates/x/layout.html":      {Data: []byte(`<link href="{{asset "a.css"}}">{{template "main" .}}`)},
		"templates/x/good.html":        {Data: []byte(`{{define "main"}}{{.}}{{end}}`)},
		"templates/x/bad.html":         {Data: []byte(`{{define "main"}}half{{.Missing.Field}}{{end}}`)},
		"templates/shared/pieces.html": {Data: []byte(`{{define "piece"}}p{{end}}`)},
	}
	site, err := web.NewSite(web.SiteConfig{Files: fsys, Area: "x", Locales: locales(t), Now: time.Now, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	if err := site.Render(w, 200, "bad", "x"); err == nil || w.Body.Len() != 0 {
		t.Errorf("%v, sent %q", err, w.Body)
	}
	if err := site.Render(w, 201, "good", "<b>"); err != nil || w.Code != 201 || !strings.Contains(w.Body.String(), "&lt;b&gt;") || !strings.Contains(w.Body.String(), "/static/a-") {
		t.Errorf("%v, sent %d %q", err, w.Code, w.Body)
	}
}

func TestRequestsOfOtherSitesAreRefused(t *testing.T) {
	ok := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	refuse := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) })
	h := web.SameOrigin(ok, refuse)
	for _, c := range []struct {
		headers string
		want    int
	}{
		{"", 204}, {"Sec-Fetch-Site: same-origin", 204}, {"Sec-Fetch-Site: cross-site", 403}, {"Sec-Fetch-Site: same-site", 403},
		{"Origin: https://elsewhere.example", 403}, {"Origin: http://portal.example", 204}, {"Origin: null", 204},
		{"Origin: null\r\nCookie: a=b", 403}, {"Origin: null\r\nSec-Fetch-Site: cross-site", 403},
	} {
		raw := "POST / HTTP/1.1\r\nHost: portal.example\r\n" + c.headers + "\r\n\r\n"
		if c.headers == "" {
			raw = "POST / HTTP/1.1\r\nHost: portal.example\r\n\r\n"
		}
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(raw)))
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != c.want {
			t.Errorf("%q: %d, want %d", c.headers, w.Code, c.want)
		}
	}
}

func TestATextThatALanguageLacksIsToldInTheDefaultAndThenInEnglish(t *testing.T) {
	fsys := fstest.MapFS{
		"en.toml":      {Data: []byte("\"a\" = \"aye\"\n\"b\" = \"bee\"\n\"c\" = { one = \"{{.Count}} sea\", other = \"{{.Count}} seas\" }")},
		"es.toml":      {Data: []byte("\"a\" = \"sí\"\n\"b\" = \"abeja\"")},
		"fr.toml":      {Data: []byte(`"a" = "oui"`)},
		"desk.en.toml": {Data: []byte(`"desk.list" = "List"`)},
	}
	l, err := web.LoadLocales(fsys, "es", "fr")
	if err != nil {
		t.Fatal(err)
	}
	v := l.Voice("fr", noon, time.UTC)
	for key, want := range map[string]string{"a": "oui", "b": "abeja", "desk.list": "List", "nowhere": "nowhere"} {
		if got := v.T(key); got != want {
			t.Errorf("%s is told as %q, want %q", key, got, want)
		}
	}
	if got := v.T("c", "Count", 2); got != "2 seas" {
		t.Errorf("%q", got)
	}
	if tags := l.Tags(); len(tags) != 2 || l.Match("en") != "es" {
		t.Errorf("the line speaks %v, and %s to who wants English", tags, l.Match("en"))
	}
}

// countingFiles counts how often each file is read.
type countingFiles struct {
	fs.FS
	mu   sync.Mutex
	read map[string]int
}

func (c *countingFiles) ReadFile(name string) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.read[name]++
	return fs.ReadFile(c.FS, name)
}

func TestALanguageIsReadWhenSomebodyFirstWantsItAndOnce(t *testing.T) {
	fsys := &countingFiles{read: map[string]int{}, FS: fstest.MapFS{
		"en.toml":      {Data: []byte("\"a\" = \"aye\"\n\"language.name\" = \"English\"")},
		"fr.toml":      {Data: []byte("\"a\" = \"oui\"\n\"language.name\" = \"Français\"")},
		"desk.fr.toml": {Data: []byte(`"desk.list" = "Liste"`)},
		"ru.toml":      {Data: []byte("\"a\" = \"да\"\n\"language.name\" = \"Русский\"")},
	}}
	l, err := web.LoadLocales(fsys)
	if err != nil {
		t.Fatal(err)
	}
	clear(fsys.read) // the start has looked for each one's name
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			v := l.Voice("fr", noon, time.UTC)
			if got := v.T("a") + v.T("desk.list"); got != "ouiListe" || !v.Has("a") {
				t.Errorf("%q", got)
			}
			names := ""
			for _, c := range v.LanguageChoices() {
				names += c.Name + " "
			}
			if names != "English Français Русский " {
				t.Errorf("%q", names)
			}
		})
	}
	group.Wait()
	if want := map[string]int{"fr.toml": 1, "desk.fr.toml": 1}; !maps.Equal(fsys.read, want) {
		t.Errorf("read %v, want %v", fsys.read, want)
	}
}

func TestAPageIsPutTogetherWhenItIsFirstShownAndOnce(t *testing.T) {
	fsys := &countingFiles{read: map[string]int{}, FS: fstest.MapFS{
		"static/a.css":              {Data: []byte("a{}")},
		"templates/x/layout.html":   {Data: []byte(`<p>{{template "main" .}}{{template "piece" .}}`)},
		"templates/x/one.html":      {Data: []byte(`{{define "main"}}1 {{.}}{{end}}`)},
		"templates/x/two.html":      {Data: []byte(`{{define "main"}}2 {{.}}{{end}}`)},
		"templates/shared/all.html": {Data: []byte(`{{define "piece"}}<b title="{{.}}"></b>{{end}}`)},
	}}
	site, err := web.NewSite(web.SiteConfig{Files: fsys, Area: "x", Locales: locales(t), Now: time.Now, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	clear(fsys.read) // the start has looked for each one's name
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			w := httptest.NewRecorder()
			if err := site.Render(w, 200, "one", `"<`); err != nil || w.Body.String() != `<p>1 &#34;&lt;<b title="&#34;&lt;"></b>` {
				t.Errorf("%v, sent %q", err, w.Body)
			}
		})
	}
	group.Wait()
	if want := map[string]int{"templates/x/one.html": 1}; !maps.Equal(fsys.read, want) {
		t.Errorf("read %v, want %v", fsys.read, want)
	}
}

func TestABrokenPageStopsTheStart(t *testing.T) {
	_, err := web.NewSite(web.SiteConfig{Area: "x", Locales: locales(t), Now: time.Now, Zone: time.UTC, Files: fstest.MapFS{
		"static/a.css":            {Data: []byte("a{}")},
		"templates/x/layout.html": {Data: []byte(`{{template "main" .}}`)},
		"templates/x/bad.html":    {Data: []byte(`{{define "main"}}{{if}}{{end}}`)},
	}})
	if err == nil {
		t.Error("opened")
	}
}
