package portal_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"sync"
	"testing"
	"time"

	files "github.com/heed-line/heed/web"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/portal"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/screening/own"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
	"github.com/heed-line/heed/internal/web"
	"github.com/heed-line/heed/internal/web/webtest"
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
	memory    int64 // portal.Config's
	tls       bool  // portal.Config's
	room      intake.Room
	limits    bool // flood limits hold; a request comes from the network that its header X-From names
	// The pools in which Receipts' keys are derived.
	submissions, lookups *seal.Deriver
	before               func(blob.Store) blob.Store       // stands between intake and its files; nil: nothing does
	between              func(portal.Intake) portal.Intake // stands between portal and intake; nil: nothing does

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
	if l.store, err = sqlite.Open(ctx, sqlitetest.File(t, l.dir), sqlite.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.store.Close(); err != nil {
			t.Error(err)
		}
	})
	folder, err := blob.OpenDirectory(filepath.Join(l.dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	blobs := blob.Store(folder)
	if l.before != nil {
		blobs = l.before(folder)
	}
	keys, err := keystore.OpenDirectory(filepath.Join(l.dir, "keystore"))
	if err != nil {
		t.Fatal(err)
	}
	l.days = identity.New(identity.Config{Store: l.store, Keystore: keys, Line: "test", Audit: seal.GenerateSigner(), Now: l.clock})
	if l.custodian {
		l.addCustodian()
	}
	if err := errors.Join(l.days.Begin(ctx), l.days.EnsureDays(ctx, l.now)); err != nil {
		t.Fatal(err)
	}
	l.submissions, l.lookups = seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 200), seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 200)
	limits := l.profile.Limits
	l.intake = intake.New(intake.Config{
		Store: l.store, Blobs: blobs, Line: "test", ContentKey: seal.GeneratePrivateKey().Public(),
		Submissions: l.submissions, Lookups: l.lookups,
		Days: l.days, Limits: intake.Limits{Text: limits.Text, Message: limits.Message, Messages: limits.Messages, Field: 500, Files: limits.Files, FileBytes: limits.FileBytes, TotalBytes: limits.ReportBytes},
		Languages: languages, Categories: []string{"hazard", "fraud-scam"},
		Room:        l.room,
		StartClocks: func(r *heed.Report) { r.ScreenBy = r.ReceivedAt.Add(5 * time.Minute); r.NextDue = r.ScreenBy },
		RunClocks:   func(*heed.Report) {}, Now: l.clock, Log: slog.New(slog.NewTextHandler(l.log, nil)),
	})
	l.server = httptest.NewUnstartedServer(l.handler())
	l.server.Config = web.Server(l.server.Config.Handler, 4096, slog.New(slog.NewTextHandler(l.log, nil)))
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
	var in portal.Intake = l.intake
	if l.between != nil {
		in = l.between(in)
	}
	drafts := seal.NewDraftKey(seal.NewKey())
	var gate *flood.Gate
	if l.limits {
		gate = flood.New(flood.Config{Tickets: seal.NewTicketKey(drafts), Now: l.clock, Cores: 2})
	}
	h, err := portal.New(portal.Config{
		Intake: in, Profile: l.profile, DraftKey: drafts, Flood: gate, Locales: webtest.Locales(l.t, languages...), Files: files.Files, Now: l.clock,
		IdentityAvailable: func(ctx context.Context) bool {
			day, err := l.days.Day(ctx, l.clock())
			return err == nil && day.Identity != nil
		},
		Transparency: figures{l}, OwnDetails: own.Words, Ready: l.store.Ready, Log: slog.New(slog.NewTextHandler(l.log, nil)), Memory: l.memory, TLS: l.tls,
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if from, err := netip.ParseAddr(r.Header.Get("X-From")); err == nil {
			r = web.WithNetwork(r, flood.Network(from))
		}
		h.ServeHTTP(w, r)
	})
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
