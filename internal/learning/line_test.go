package learning

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/training"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/sqlite"
	"github.com/heed-line/heed/internal/storetest/sqlitetest"
)

// line is a line with its models, on a real store, with a clock that the test sets.
type line struct {
	testing.TB
	*Service
	store           heed.Store
	content         *seal.PrivateKey
	review          *review.Service
	now             time.Time
	lea, lou, admin *heed.Staff // two leads
	olu, ann        *heed.Staff // the overseer, a specialist
}

func newLine(t testing.TB) *line {
	t.Helper()
	store, err := sqlite.Open(t.Context(), sqlitetest.File(t, t.TempDir()), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	l := &line{TB: t, store: store, content: seal.GeneratePrivateKey(), now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	l.Service = l.process(seal.GenerateSigner())
	l.review = review.New(review.Config{
		Store: store, Line: "test", Content: l.content, Matching: seal.NewMatchingKey(seal.NewKey()), Profile: profile.Default(),
		Screener: screening.New(screening.Config{Model: l.Model}), Allow: auth.Allow, Now: l.clock, Log: slog.New(slog.DiscardHandler),
	})
	l.lea, l.lou, l.admin = l.staff("lea", heed.RoleLead), l.staff("lou", heed.RoleLead), l.staff("ada", heed.Admin)
	l.olu, l.ann = l.staff("olu", heed.Overseer), l.staff("ann", heed.Specialist)
	return l
}

func (l *line) clock() time.Time { return l.now }

func (l *line) wantJobs(kind string, want int) {
	l.Helper()
	got := 0
	l.must(l.store.(*sqlite.Store).WriteDB().QueryRowContext(l.Context(), "SELECT count(*) FROM river_job WHERE kind = ?", kind).Scan(&got))
	if got != want {
		l.Errorf("%d jobs %s, want %d", got, kind, want)
	}
}

// process is another process of the line.
func (l *line) process(audit *seal.Signer) *Service {
	return New(Config{
		Store: l.store, Line: "test", Content: l.content, Audit: audit, Written: few, Allow: auth.Allow, Now: l.clock, Log: slog.New(slog.NewTextHandler(l.Output(), nil)),
	})
}

// few are written texts enough to train in a second.
func few() ([]training.Report, error) {
	all, err := training.Reports()
	var out []training.Report
	for i, r := range all {
		if r.Language == "en" && i%3 == 0 {
			out = append(out, r)
		}
	}
	return out, err
}

func (l *line) must(err error) {
	l.Helper()
	if err != nil {
		l.Fatal(err)
	}
}

func (l *line) staff(name string, roles ...heed.Role) *heed.Staff {
	l.now = l.now.Add(time.Millisecond)
	s := &heed.Staff{ID: heed.NewID(l.now), Name: name, Roles: roles, Language: "en", CreatedAt: l.now}
	l.update(func(ctx context.Context, tx heed.Tx) error { return tx.AddStaff(ctx, s) })
	return s
}

func (l *line) update(fn func(ctx context.Context, tx heed.Tx) error) {
	l.Helper()
	l.must(l.store.Update(l.Context(), func(tx heed.Tx) error { return fn(l.Context(), tx) }))
}

// decided stores a report that ann referred or closed.
func (l *line) decided(text string, relevant bool) heed.ID {
	l.Helper()
	l.now = l.now.Add(time.Second)
	r := &heed.Report{
		ID: heed.NewID(l.now), Channel: heed.ChannelWeb, State: heed.Closed, ReceivedAt: l.now, Language: "en", Category: "hazard", Urgency: heed.Normal,
		StateSince: l.now, ClosedAt: l.now, DayKey: "2026-11-23",
	}
	kind := heed.Close
	if relevant {
		r.State, r.ClosedAt, r.Handed, kind = heed.Referred, time.Time{}, true, heed.Refer
	}
	keys := seal.NewReportKeys()
	b, err := json.Marshal(heed.Content{Text: text})
	l.must(err)
	r.Content = keys.Data.Seal(seal.ContentPlace("test", r.ID), b)
	wrapped, err := keys.Wrap(l.content.Public(), "test", r.ID)
	l.must(err)
	l.update(func(ctx context.Context, tx heed.Tx) error {
		if err := tx.AddReport(ctx, r, wrapped); err != nil {
			return err
		}
		return tx.AddDisposition(ctx, &heed.Disposition{ID: heed.NewID(l.now), Report: r.ID, Kind: kind, State: heed.Final, By: l.ann.ID, At: l.now})
	})
	return r.ID
}

// made is a candidate that needed no training: its model says nothing.
func (l *line) made(version string, learned ...heed.ID) *Trained {
	l.Helper()
	file, err := learn.Training{}.Train(nil, []learn.Question{{Name: "nothing", Yes: func(int) bool { return false }}}).Encode(version, nil)
	l.must(err)
	return &Trained{file: file, Figures: Figures{
		Version: version, Base: screening.ShippedVersion(), Against: l.Model().Version, MadeAt: l.now, From: l.now.AddDate(0, 0, -90), Until: l.now, Learned: learned,
	}}
}

// back has two people return to the model of before.
func (l *line) back(s *Service) (to string) {
	l.Helper()
	_, err := s.RollBack(l.Context(), l.lea, "")
	l.must(err)
	to, err = s.RollBack(l.Context(), l.lou, "")
	l.must(err)
	return to
}

// standing is the file of a model that says nothing and stands on the version of another.
func (l *line) standing(version, on string) []byte {
	l.Helper()
	nothing := []learn.Question{{Name: "nothing", Yes: func(int) bool { return false }}}
	encoded := func(training learn.Training, version string) []byte {
		file, err := training.Train(nil, nothing).Encode(version, nil)
		l.must(err)
		return file
	}
	base, err := learn.Open(string(encoded(learn.Training{}, on)))
	l.must(err)
	return encoded(learn.Training{Base: &learn.Base{Model: base}}, version)
}

// offer stores a candidate.
func (l *line) offer(version string, learned ...heed.ID) *heed.LineModel {
	l.Helper()
	l.now = l.now.Add(time.Second)
	m, err := l.Offer(l.Context(), l.made(version, learned...))
	l.must(err)
	return m
}

// adopt has two people adopt one.
func (l *line) adopt(version string, learned ...heed.ID) *heed.LineModel {
	l.Helper()
	m := l.offer(version, learned...)
	l.must(l.Propose(l.Context(), l.lea, m.ID))
	l.must(l.Approve(l.Context(), l.lou, m.ID))
	return l.get(m.ID)
}

func (l *line) get(id heed.ID) (m *heed.LineModel) {
	l.Helper()
	l.must(l.store.View(l.Context(), func(tx heed.Tx) (err error) {
		m, err = tx.Model(l.Context(), id)
		return err
	}))
	return m
}

func (l *line) wantState(id heed.ID, want heed.LineModelState) {
	l.Helper()
	if got := l.get(id).State; got != want {
		l.Fatalf("the model is %s, want %s", got, want)
	}
}

func (l *line) wantVersion(s *Service, want string) {
	l.Helper()
	if got := s.Model().Version; got != want {
		l.Fatalf("it screens by %s, want %s", got, want)
	}
}

// acts are the acts about models, oldest first, with who did them.
func (l *line) acts() (acts []string) {
	l.Helper()
	names := map[heed.ID]string{l.lea.ID: "lea", l.lou.ID: "lou", l.admin.ID: "ada"}
	l.must(l.store.View(l.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(l.Context(), 0, "", 200)
		for _, leaf := range leaves {
			acts = append(acts, fmt.Sprint(leaf.Act, " ", names[leaf.Actor]))
		}
		return err
	}))
	return acts
}

// write changes the database past the store.
func (l *line) write(statement string, args ...any) {
	l.Helper()
	for i, a := range args {
		if id, ok := a.(heed.ID); ok {
			args[i] = string(id)
		}
	}
	_, err := l.store.(*sqlite.Store).WriteDB().ExecContext(l.Context(), statement, args...)
	l.must(err)
}

func sum(b []byte) []byte {
	s := sha256.Sum256(b)
	return s[:]
}

func changeOf(category string) review.Change {
	return review.Change{Report: heed.ID("report-" + category), Of: category, Was: review.Proposal{Category: category, Urgency: heed.Low}, Would: review.Proposal{Category: category, Urgency: heed.High}}
}
