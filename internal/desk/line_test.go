package desk_test

import (
	"bytes"
	"context"
	"html"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"filippo.io/age"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/desk"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
	"github.com/heed-line/heed/internal/web/webtest"
	files "github.com/heed-line/heed/web"
)

const passphrase = "marble otter seven lanterns"

// line is a whole line with its desk, on a real store, keystore and blobs, and a clock that can be moved.
type line struct {
	media         *media.Service
	t             *testing.T
	store         heed.Store
	intake        *intake.Service
	auth          *auth.Service
	review        *review.Service
	referral      *referral.Service
	days          *identity.Service
	custody       *identity.Custody
	custodyConfig identity.CustodyConfig
	models        *learning.Service
	calls         *calltaker.Service
	content       *seal.PrivateKey
	profile       *profile.Profile
	server        *httptest.Server
	log           *bytes.Buffer
	key           *age.X25519Identity // of the departments
	audit         *seal.Signer

	mu     sync.Mutex
	ahead  time.Duration
	engine review.Engine
	wrap   func(blob.Store) blob.Store // what a package is made of and put into; nil as it is
	blind  bool                        // what would be set aside is read blind
}

func (l *line) clock() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Add(l.ahead)
}

func (l *line) wait(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ahead += d
}

func (l *line) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

func newLine(t *testing.T, changes ...func(*line)) *line {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return newLineOn(t, store, changes...)
}

// newLineOn is a line on the given store, which it closes.
func newLineOn(t *testing.T, store heed.Store, changes ...func(*line)) *line {
	t.Helper()
	dir := t.TempDir()
	l := &line{t: t, log: &bytes.Buffer{}}
	for _, change := range changes {
		change(l)
	}
	log := slog.New(slog.NewTextHandler(&locked{w: l.log}, nil))
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	l.store = store
	blobs, err := blob.OpenDirectory(filepath.Join(dir, "blobs"))
	l.must(err)
	keys, err := keystore.OpenDirectory(filepath.Join(dir, "keystore"))
	l.must(err)
	ring, err := keystore.LoadRing(t.Context(), keys, nil)
	l.must(err)
	l.audit = ring.Audit
	l.key, err = age.GenerateX25519Identity()
	l.must(err)
	source := strings.ReplaceAll(string(profile.DefaultYAML()), "recipients: []", "recipients: ["+l.key.Recipient().String()+"]")
	l.profile, err = profile.Parse("test.yaml", []byte(source))
	l.must(err)
	days := identity.New(identity.Config{Store: store, Keystore: keys, Line: "test", Audit: ring.Audit, Now: l.clock})
	l.must(days.EnsureDays(t.Context(), l.clock()))
	l.days = days
	l.openServices(store, blobs, ring, days, log)
	l.custodyConfig = identity.CustodyConfig{Identity: days, Reports: l.review, Keys: l.auth, Allow: auth.Allow, LineName: "The test line"}
	l.custody = identity.NewCustody(l.custodyConfig)
	l.openDesk(log)
	return l
}

func (l *line) openServices(store heed.Store, blobs blob.Store, ring *keystore.Ring, days *identity.Service, log *slog.Logger) {
	limits := l.profile.Limits
	deriver := func() *seal.Deriver { return seal.NewDeriver(ring.Pepper, []byte("salt"), 2, 100) }
	l.intake = intake.New(intake.Config{
		Store: store, Blobs: blobs, Line: "test", ContentKey: ring.Content.Public(), Submissions: deriver(), Lookups: deriver(), Days: days,
		Limits:    intake.Limits{Text: limits.Text, Message: limits.Message, Messages: limits.Messages, Field: 500, Files: limits.Files, FileBytes: limits.FileBytes, TotalBytes: limits.ReportBytes},
		Languages: l.profile.Languages, Categories: []string{"hazard"}, Now: l.clock,
		StartClocks: func(r *heed.Report) { review.StartClocks(r, l.profile.Deadlines, l.clock()) },
		RunClocks:   func(r *heed.Report) { review.RunClocks(r, l.clock()) }, Log: log,
	})
	var departments []string
	for _, d := range l.profile.Departments {
		departments = append(departments, d.ID)
	}
	var categories []string
	for _, c := range l.profile.Categories {
		categories = append(categories, c.ID)
	}
	l.auth = auth.New(auth.Config{Store: store, Custodians: days, Departments: departments, Categories: categories, Now: l.clock})
	l.review = review.New(review.Config{
		Store: store, Blobs: blobs, Files: days, Days: days, Line: "test", Content: ring.Content, Matching: ring.Matching, Profile: l.profile,
		Screener: screening.New(screening.Config{}), Allow: auth.Allow, Now: l.clock, Log: log, Engine: l.engine,
		Blind: func() bool { return l.blind },
	})
	l.models = learning.New(learning.Config{
		Store: store, Line: "test", Content: ring.Content, Audit: ring.Audit, Categories: categories, Allow: auth.Allow, Now: l.clock, Log: log,
	})
	l.content = ring.Content
	l.media = media.New(media.Config{Store: store, Blobs: blobs, Files: days, Line: "test", Content: ring.Content, Matching: ring.Matching, Reports: l.review, Now: l.clock, Log: log})
	if l.wrap != nil {
		blobs = l.wrap(blobs)
	}
	l.referral = referral.New(referral.Config{
		Store: store, Blobs: blobs, Files: days, Line: "test", Content: ring.Content, Signer: ring.Package, Profile: l.profile,
		Allow: auth.Allow, Now: l.clock, Log: log,
	})
}

func (l *line) openDesk(log *slog.Logger) {
	l.calls = calltaker.New(calltaker.Config{
		Store: l.store, Intake: l.intake, Line: "test", Content: l.content, Languages: l.profile.Languages, Allow: auth.Allow, Now: l.clock,
	})
	d, err := desk.New(desk.Config{
		Auth: l.auth, Review: l.review, Referral: l.referral, Custody: l.custody, Models: l.models, Calls: l.calls, DraftKey: seal.NewDraftKey(seal.NewKey()),
		IdentityAvailable: func(ctx context.Context) bool {
			day, err := l.days.Day(ctx, l.clock())
			return err == nil && day.Identity != nil
		}, Store: l.store, Profile: l.profile, Locales: webtest.Locales(l.t), Files: files.Files,
		Now: l.clock, Log: log,
	})
	l.must(err)
	l.server = httptest.NewServer(d)
	l.t.Cleanup(func() { d.Stop(); l.server.Close() })
}

// locked lets the test read what several goroutines log.
type locked struct {
	mu sync.Mutex
	w  *bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// arrive sends a report by the public way and screens it.
func (l *line) arrive(text string) heed.ID {
	l.t.Helper()
	return l.arriveWith(intake.Submission{Content: heed.Content{Text: text}})
}

func (l *line) arriveWith(sub intake.Submission) heed.ID {
	l.t.Helper()
	if sub.Channel == "" {
		sub.Channel = heed.ChannelWeb
	}
	if sub.Language == "" {
		sub.Language = "en"
	}
	a, err := l.intake.Submit(l.t.Context(), sub)
	l.must(err)
	l.must(l.review.Screen(l.t.Context(), a.Report))
	return a.Report
}

func (l *line) staff(name string, roles ...heed.Role) *heed.Staff {
	l.t.Helper()
	n := auth.NewStaff{Name: name, Roles: roles}
	for _, r := range roles {
		if r == heed.Liaison {
			n.Department = "fire-safety"
		}
	}
	s, err := l.auth.AddComplete(l.t.Context(), n, passphrase)
	l.must(err)
	return s
}

func (l *line) report(id heed.ID) *heed.Report {
	l.t.Helper()
	var r *heed.Report
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) (err error) {
		r, err = tx.Report(l.t.Context(), id)
		return err
	}))
	return r
}

// browser is somebody at the desk, with cookies and without scripts.
type browser struct {
	l      *line
	client *http.Client
	part   bool
}

func (l *line) browser() *browser {
	l.t.Helper()
	jar, err := cookiejar.New(nil)
	l.must(err)
	return &browser{l: l, client: &http.Client{Jar: jar}}
}

// signIn adds the account where it isn't there, and signs in by the page.
func (l *line) signIn(name string, roles ...heed.Role) *browser {
	l.t.Helper()
	l.staff(name, roles...)
	b := l.browser()
	if p := b.post("/sign-in", "name", name, "passphrase", passphrase); p.status != http.StatusOK {
		l.t.Fatalf("signing in answers %d: %s", p.status, p.text())
	}
	return b
}

// page is what came, after redirects.
type page struct {
	status int
	path   string
	header http.Header
	body   string
}

func (b *browser) do(r *http.Request) page {
	b.l.t.Helper()
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if b.part {
		r.Header.Set("X-Part", "1")
	}
	res, err := b.client.Do(r)
	b.l.must(err)
	var body bytes.Buffer
	if _, err := body.ReadFrom(res.Body); err != nil {
		b.l.t.Fatal(err)
	}
	b.l.must(res.Body.Close())
	return page{res.StatusCode, res.Request.URL.RequestURI(), res.Header, body.String()}
}

func (b *browser) get(path string) page {
	b.l.t.Helper()
	r, err := http.NewRequestWithContext(b.l.t.Context(), http.MethodGet, b.l.server.URL+path, nil)
	b.l.must(err)
	return b.do(r)
}

func (b *browser) post(path string, pairs ...string) page {
	b.l.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(b.l.t.Context(), http.MethodPost, b.l.server.URL+path, strings.NewReader(form.Encode()))
	b.l.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// text is the page's words without its tags, in one line.
func (p page) text() string {
	var out strings.Builder
	in := false
	for _, r := range p.body {
		switch {
		case r == '<':
			in = true
		case r == '>':
			in = false
			out.WriteByte(' ')
		case !in:
			out.WriteRune(r)
		}
	}
	return html.UnescapeString(strings.Join(strings.Fields(out.String()), " "))
}
