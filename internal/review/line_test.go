package review_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/blob"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// line is a whole line in a temporary folder, with a clock that the test sets.
type line struct {
	testing.TB
	*review.Service
	config         review.Config
	store          heed.Store
	blobs          blob.Store
	days           *identity.Service
	in             *intake.Service
	content        *seal.PrivateKey
	profile        *profile.Profile
	now            time.Time
	blind          bool // what would be set aside is read blind
	ann, ben, lead *heed.Staff
}

func newLine(t testing.TB, changes ...func(*profile.Profile)) *line {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return newLineOn(t, store, changes...)
}

// newLineOn is a line on the given store, which it closes.
func newLineOn(t testing.TB, store heed.Store, changes ...func(*profile.Profile)) *line {
	t.Helper()
	return newLineWith(t, store, seal.GeneratePrivateKey(), seal.NewMatchingKey(seal.NewKey()), changes...)
}

// newLineWith is newLineOn with a content and a matching key that others have too.
func newLineWith(t testing.TB, store heed.Store, content *seal.PrivateKey, matching *seal.MatchingKey, changes ...func(*profile.Profile)) *line {
	t.Helper()
	ctx, dir := t.Context(), t.TempDir()
	l := &line{TB: t, content: content, profile: profile.Default(), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	_, recipient := seal.GenerateRecipient(true)
	l.profile.Departments[0].Recipients = []string{recipient}
	for _, change := range changes {
		change(l.profile)
	}
	clock := func() time.Time { return l.now }
	t.Cleanup(func() { l.must(store.Close()) })
	l.store = store
	var err error
	l.blobs, err = blob.OpenDirectory(filepath.Join(dir, "blobs"))
	l.must(err)
	keys, err := keystore.OpenDirectory(filepath.Join(dir, "keystore"))
	l.must(err)
	l.days = identity.New(identity.Config{Store: store, Keystore: keys, Line: "test", Audit: seal.GenerateSigner(), Now: clock})
	l.must(l.days.EnsureDays(ctx, l.now))
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	l.in = intake.New(intake.Config{
		Store: store, Blobs: l.blobs, Line: "test", ContentKey: l.content.Public(),
		Submissions: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100), Lookups: seal.NewDeriver([]byte("pepper"), []byte("salt"), 2, 100),
		Days: l.days, Limits: intake.Limits{Text: 50_000, Message: 10_000, Messages: 200, Field: 200, Files: 3, FileBytes: 1 << 20, TotalBytes: 2 << 20},
		Languages: l.profile.Languages, Categories: []string{"hazard"},
		StartClocks: func(r *heed.Report) { review.StartClocks(r, l.profile.Deadlines, l.now) },
		RunClocks:   func(r *heed.Report) { review.RunClocks(r, l.now) }, Now: clock, Log: log,
	})
	l.config = review.Config{
		Store: store, Blobs: l.blobs, Files: l.days, Days: l.days, Line: "test", Content: l.content, Matching: matching, Profile: l.profile,
		Screener: screening.New(screening.Config{}), Allow: auth.Allow, Now: clock, Log: log,
		Blind: func() bool { return l.blind },
	}
	l.Service = review.New(l.config)
	l.ann, l.ben, l.lead = l.staff("ann", heed.Specialist), l.staff("ben", heed.Specialist), l.staff("lea", heed.Specialist, heed.RoleLead)
	return l
}

func (l *line) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *line) staff(name string, roles ...heed.Role) *heed.Staff {
	s := &heed.Staff{ID: heed.NewID(l.now), Name: name, Roles: roles, Language: "en", CreatedAt: l.now}
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error { return tx.AddStaff(l.Context(), s) }))
	return s
}

// put stores a sealed report as it would stand in the given state; change sets what else the test needs.
func (l *line) put(text string, change func(*heed.Report)) *heed.Report {
	l.Helper()
	r := &heed.Report{
		ID: heed.NewID(l.now), Channel: heed.ChannelWeb, State: heed.Queued, ReceivedAt: l.now, Language: "en", Category: "hazard",
		Urgency: heed.Normal, StateSince: l.now, DayKey: "2026-11-23",
	}
	review.StartClocks(r, l.profile.Deadlines, l.now)
	if change != nil {
		change(r)
	}
	keys := seal.NewReportKeys()
	b, err := json.Marshal(heed.Content{Text: text})
	l.must(err)
	r.Content = keys.Data.Seal(seal.ContentPlace("test", r.ID), b)
	wrapped, err := keys.Wrap(l.content.Public(), "test", r.ID)
	l.must(err)
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error {
		if err := tx.AddReport(l.Context(), r, wrapped); err != nil || !r.Named {
			return err
		}
		return tx.AddIdentity(l.Context(), r.ID, r.DayKey, []byte("sealed"))
	}))
	return l.get(r.ID)
}

// queued stores a report that waits in the queue.
func (l *line) queued(urgency heed.Urgency) heed.ID {
	return l.put("The exit is blocked.", func(r *heed.Report) { r.Urgency, r.ScreenBy = urgency, time.Time{} }).ID
}

func (l *line) get(id heed.ID) (r *heed.Report) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) (err error) {
		r, err = tx.Report(l.Context(), id)
		return err
	}))
	return r
}

func (l *line) wantState(id heed.ID, want heed.State) *heed.Report {
	l.Helper()
	r := l.get(id)
	if r.State != want {
		l.Fatalf("the report is %s, want %s", r.State, want)
	}
	return r
}

func (l *line) wantErr(err, want error) {
	l.Helper()
	if !errors.Is(err, want) {
		l.Fatalf("%v, want %v", err, want)
	}
}

func (l *line) wantProblem(err error, code string) {
	l.Helper()
	var p *heed.Problem
	if !errors.As(err, &p) || p.Code != code {
		l.Fatalf("%v, want the problem %s", err, code)
	}
}

// acts lists the acts of the report's leaves.
func (l *line) acts(id heed.ID) (acts []string) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(l.Context(), 0, id, 500)
		for _, leaf := range leaves {
			acts = append(acts, leaf.Act)
		}
		return err
	}))
	return acts
}

func (l *line) view(fn func(ctx context.Context, tx heed.Tx) error) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) error { return fn(l.Context(), tx) }))
}

// why is a reason good enough.
const why = "the owner was told and did nothing"
