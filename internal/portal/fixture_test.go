package portal_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	files "github.com/heed-line/heed/web"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/portal"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/web"
)

var languages = []string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt"}

// line is a whole reporting line behind its portal: real store, keystore, blobs and services.
type line struct {
	t         testing.TB
	dir       string
	store     *sqlite.Store
	intake    *intake.Service
	days      *identity.Service
	profile   *profile.Profile
	server    *httptest.Server
	log       *lockedBuffer
	custodian bool

	mu  sync.Mutex
	now time.Time
}

// lockedBuffer collects the log of concurrent requests.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func (l *line) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now
}

func (l *line) wait(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = l.now.Add(d)
}

// option changes a line before its portal starts.
type option func(*line)

// anonymousOnly is a line without a Custodian.
func anonymousOnly(l *line) { l.custodian = false }

func newLine(t testing.TB, options ...option) *line {
	t.Helper()
	ctx := context.Background()
	l := &line{t: t, dir: t.TempDir(), now: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC), profile: profile.Default(), custodian: true, log: &lockedBuffer{}}
	for _, o := range options {
		o(l)
	}
	var err error
	if l.store, err = sqlite.Open(ctx, filepath.Join(l.dir, "heed.db"), sqlite.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.store.Close(); err != nil {
			t.Error(err)
		}
	})
	blobs, err := blob.OpenDirectory(filepath.Join(l.dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := keystore.OpenDirectory(filepath.Join(l.dir, "keystore"))
	if err != nil {
		t.Fatal(err)
	}
	l.days = identity.New(identity.Config{Store: l.store, Keystore: keys, Line: "test", Audit: seal.GenerateSigner(), Now: l.clock})
	if l.custodian {
		l.addCustodian()
	}
	if err := l.days.EnsureDays(ctx, l.now); err != nil {
		t.Fatal(err)
	}
	limits := l.profile.Limits
	l.intake = intake.New(intake.Config{
		Store: l.store, Blobs: blobs, Line: "test", ContentKey: seal.GeneratePrivateKey().Public(),
		Submissions: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 200), Lookups: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 200),
		Days: l.days, Limits: intake.Limits{Text: limits.Text, Field: 500, Files: limits.Files, FileBytes: limits.FileBytes, TotalBytes: limits.ReportBytes},
		Languages: languages, Categories: []string{"hazard", "fraud-scam"},
		StartClocks: func(r *heed.Report) { r.ScreenBy = r.ReceivedAt.Add(5 * time.Minute); r.NextDue = r.ScreenBy },
		RunClocks:   func(*heed.Report) {}, Now: l.clock,
	})
	l.server = httptest.NewUnstartedServer(l.handler())
	l.server.Config = web.Server(l.server.Config.Handler)
	l.server.Start()
	t.Cleanup(func() {
		l.server.Close()
		if t.Failed() {
			t.Log(l.log.String())
		}
	})
	return l
}

func (l *line) addCustodian() {
	l.t.Helper()
	public, private, err := identity.CreateCustodian("correct horse battery staple")
	if err != nil {
		l.t.Fatal(err)
	}
	err = l.store.Update(context.Background(), func(tx heed.Tx) error {
		return tx.AddStaff(context.Background(), &heed.Staff{
			ID: heed.NewID(l.now), Name: "custodian", Roles: []heed.Role{heed.Custodian}, CustodianPublic: public, CustodianPrivate: private, CreatedAt: l.now,
		})
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *line) handler() http.Handler {
	l.t.Helper()
	sub, err := fs.Sub(files.Files, "locales")
	if err != nil {
		l.t.Fatal(err)
	}
	locales, err := web.LoadLocales(sub, languages...)
	if err != nil {
		l.t.Fatal(err)
	}
	h, err := portal.New(portal.Config{
		Intake: l.intake, Profile: l.profile, DraftKey: seal.NewDraftKey(seal.NewKey()), Locales: locales, Files: files.Files, Now: l.clock,
		IdentityAvailable: func(ctx context.Context) bool {
			day, err := l.days.Day(ctx, l.clock())
			return err == nil && day.Identity != nil
		},
		Transparency: figures{l}, Ready: l.store.Ready, Log: slog.New(slog.NewTextHandler(l.log, nil)),
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return h
}

// figures publishes what identity counts.
type figures struct{ l *line }

func (f figures) Figures(ctx context.Context) (*portal.Figures, error) {
	var published *identity.Figures
	err := f.l.store.View(ctx, func(tx heed.Tx) (err error) {
		published, err = identity.PublishedFigures(ctx, tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &portal.Figures{
		IdentitiesHeld: int64(published.Held), Oldest: published.Oldest, Overdue: int64(published.Overdue), Erased: int64(published.Erased),
	}, nil
}

// reports lists every report that is stored.
func (l *line) reports() []*heed.Report {
	l.t.Helper()
	var all []*heed.Report
	err := l.store.View(context.Background(), func(tx heed.Tx) (err error) {
		all, err = tx.Reports(context.Background(), heed.ReportQuery{Limit: 200})
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return all
}

// staged counts the files that lie sealed without a report.
func (l *line) staged() int {
	l.t.Helper()
	var blobs []string
	err := l.store.View(context.Background(), func(tx heed.Tx) (err error) {
		blobs, err = tx.StagedBefore(context.Background(), l.clock().Add(time.Hour), 100)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return len(blobs)
}

// blobs counts the sealed files in the blob store, whatever the database says of them.
func (l *line) blobs() int {
	l.t.Helper()
	n := 0
	err := filepath.WalkDir(filepath.Join(l.dir, "blobs"), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		l.t.Fatal(err)
	}
	return n
}

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
