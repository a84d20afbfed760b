package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/screening/train"
	"github.com/heed-line/heed/internal/screening/training"
	"github.com/heed-line/heed/internal/seal"
)

// fewWritten are written texts in two languages, enough to train on in a second.
func fewWritten() ([]training.Report, error) {
	all, err := training.Reports()
	var out []training.Report
	for i, r := range all {
		if (r.Language == "en" || r.Language == "fr") && i%5 == 0 {
			out = append(out, r)
		}
	}
	return out, err
}

// decided stores a report on which somebody decided: referred where it is of a category, closed where it is of none.
func (l *line) decided(t *testing.T, by heed.ID, at time.Time, language, category, text string) heed.ID {
	t.Helper()
	r := &heed.Report{
		ID: heed.NewID(at), Channel: heed.ChannelWeb, State: heed.Referred, ReceivedAt: at, Language: language, Category: category, Urgency: heed.Normal,
		StateSince: at, DayKey: at.Format(time.DateOnly), Handed: true,
	}
	kind := heed.Refer
	if category == "none" {
		r.State, r.ClosedAt, r.Handed, kind = heed.Closed, at, false, heed.Close
	}
	content, err := json.Marshal(heed.Content{Text: text})
	if err != nil {
		t.Fatal(err)
	}
	keys := seal.NewReportKeys()
	r.Content = keys.Data.Seal(seal.ContentPlace(l.id, r.ID), content)
	wrapped, err := keys.Wrap(l.ring.Content.Public(), l.id, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	err = l.store.Update(t.Context(), func(tx heed.Tx) error {
		if err := tx.AddReport(t.Context(), r, wrapped); err != nil {
			return err
		}
		return tx.AddDisposition(t.Context(), &heed.Disposition{ID: heed.NewID(at), Report: r.ID, Kind: kind, State: heed.Final, By: by, At: at})
	})
	if err != nil {
		t.Fatal(err)
	}
	return r.ID
}

func TestALineTrainsOnWhatItsPeopleDecidedAndPrintsHowTheCandidateCompares(t *testing.T) {
	now := time.Now()
	var out, said bytes.Buffer
	s := &surroundings{Stdout: &out, Stderr: &said, Now: func() time.Time { return now }}
	l, err := openLine(t.Context(), s, slog.New(slog.DiscardHandler), lineFlags{Data: filepath.Join(t.TempDir(), "line")})
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	ann := &heed.Staff{ID: heed.NewID(now), Name: "ann", Roles: []heed.Role{heed.Specialist}, Language: "en", CreatedAt: now}
	if err := l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.AddStaff(t.Context(), ann) }); err != nil {
		t.Fatal(err)
	}
	const decided = 120
	ids := map[heed.ID]bool{}
	for i := range decided {
		at := now.Add(time.Duration(i-2*decided) * time.Minute)
		language, category, text := "en", "hazard", fmt.Sprintf("A zorbling stands open at pier %d, somebody could fall in.", i)
		switch i % 4 {
		case 1:
			language, text = "fr", fmt.Sprintf("Un zorblin est ouvert au quai %d, quelqu'un pourrait y tomber.", i)
		case 2:
			category, text = "none", fmt.Sprintf("Number %d: my plumbing bill was too high and nobody answers the telephone.", i)
		case 3:
			language, category, text = "fr", "none", fmt.Sprintf("Numéro %d : ma facture de plombier était trop chère et personne ne répond au téléphone.", i)
		}
		ids[l.decided(t, ann.ID, at, language, category, text)] = true
	}
	models := learning.New(learning.Config{
		Store: l.store, Line: l.id, Content: l.ring.Content, Audit: l.ring.Audit, Written: fewWritten, Categories: categoryIDs(l.profile),
		Allow: auth.Allow, Now: s.Now, Log: l.log,
	})
	// Of few texts a hundredth is less than one, so that the candidate may be spoilt: then it says so, after what it prints.
	if err := (&trainCommand{Line: true, Days: 30, Dry: true, JSON: true}).learn(t.Context(), s, l, models); err != nil && !strings.Contains(err.Error(), "it isn't offered") {
		t.Fatal(err)
	}
	for _, step := range []string{"reading what was decided …", "training the candidate …", "comparing …", "replaying the last days …"} {
		if !strings.Contains(said.String(), step) {
			t.Errorf("%q isn't told:\n%s", step, said.String())
		}
	}
	var f learning.Figures
	if err := json.Unmarshal(out.Bytes(), &f); err != nil {
		t.Fatalf("%v:\n%s", err, out.String())
	}
	if f.Reports < learning.LeastReports || f.Held == 0 || f.Reports+f.Held != decided || !strings.HasPrefix(f.Version, "line-") {
		t.Errorf("%s learned from %d and held back %d of %d", f.Version, f.Reports, f.Held, decided)
	}
	for _, language := range []string{"", "en", "fr"} {
		wantRow(t, f.Own, train.Kept, language, "")
		wantRow(t, f.Written, train.Immediate, language, "")
	}
	wantRow(t, f.Written, train.Categorised, "", "hazard")
	if f.Replay.Reports != decided || f.Replay.Changed == 0 || f.Replay.Changed > decided || len(f.Replay.Changes) != f.Replay.Changed {
		t.Errorf("%d of %d replayed reports changed, %d listed", f.Replay.Changed, f.Replay.Reports, len(f.Replay.Changes))
	}
	for _, c := range f.Replay.Changes {
		if !ids[c.Report] || c.Was == c.Would {
			t.Errorf("no change of a report of the line's: %+v", c)
		}
	}
	for _, secret := range []string{"zorbl", "plumbing", "plombier"} {
		if strings.Contains(out.String(), secret) {
			t.Errorf("a word of the reports is printed: %s", secret)
		}
	}
	if f.Stood == 0 {
		t.Error("no category is called the machine's own")
	}
	wantPrinted(t, &f, map[heed.ID]string{ann.ID: "ann"})
}

func TestTheVerdictOnACandidateSaysInWhatItLoses(t *testing.T) {
	f := learning.Figures{Replay: learning.Replay{Reports: 40, Changed: 3}}
	if said := verdict(&f); said != "It loses no more than learning may cost: it can be offered. It would have changed 3 of 40 reports: the last list." {
		t.Error(said)
	}
	f.Spoilt = []string{"immediate", "kept"}
	if said := verdict(&f); !strings.HasPrefix(said, "It loses more than learning may cost (immediate, kept): it isn't offered.") {
		t.Error(said)
	}
}

func TestFiguresSayWhereTheModelInUseIsMeasuredByItsOwnWord(t *testing.T) {
	f := learning.Figures{Own: []train.Row{{Question: train.Kept, Of: 20}, {Question: train.Categorised, Of: 12}, {Question: train.Categorised, Category: "hazard", Of: 5}}}
	if hints := ownHints(&f); hints != nil {
		t.Errorf("where people gave each category: %q", hints)
	}
	f.Stood = 11
	f.Own = append(f.Own, train.Row{Question: train.NotImmediate, Of: 3})
	hints := ownHints(&f)
	if len(hints) != 2 || !strings.HasPrefix(hints[0], "category: 11 of 12 are the machine's own proposal, which nobody changed") || !strings.Contains(hints[1], "only where a person set the urgency") {
		t.Errorf("%q", hints)
	}
}

// wantRow wants a question answered of some texts, with an interval around the difference.
func wantRow(t *testing.T, rows []train.Row, question, language, category string) {
	t.Helper()
	i := slices.IndexFunc(rows, func(r train.Row) bool {
		return r.Question == question && r.Language == language && r.Category == category
	})
	if i < 0 {
		t.Errorf("no row of %s %s%s", question, language, category)
		return
	}
	if r := rows[i]; r.Of == 0 || r.Low > r.Difference || r.Difference > r.High || r.Low >= r.High {
		t.Errorf("%s %s%s: %+v", question, language, category, r)
	}
}

// wantPrinted wants each of the figures in the text for people: a line for each row, and the replay with its reports.
func wantPrinted(t *testing.T, f *learning.Figures, names map[heed.ID]string) {
	t.Helper()
	var out strings.Builder
	if err := printFigures(&out, f, names); err != nil {
		t.Fatal(err)
	}
	if head := strings.SplitN(out.String(), "\n", 3); head[1] != verdict(f) {
		t.Errorf("the verdict isn't at the beginning, but %q", head[1])
	}
	lines := map[string]bool{}
	for line := range strings.Lines(out.String()) {
		lines[strings.Join(strings.Fields(line), " ")] = true
	}
	want := []string{fmt.Sprintf("SINCE %s IT WOULD HAVE CHANGED %d OF %d REPORTS", f.From.UTC().Format(time.DateOnly), f.Replay.Changed, f.Replay.Reports)}
	for _, r := range slices.Concat(f.Own, f.Written) {
		of := strings.TrimSpace(r.Question + " " + r.Language + r.Category)
		want = append(want, fmt.Sprintf("%s %d %s %s %+.3f (%+.3f to %+.3f)", of, r.Of, share(r.Current, r.Of), share(r.Candidate, r.Of), r.Difference, r.Low, r.High))
	}
	for _, c := range f.Replay.Changes {
		want = append(want, fmt.Sprintf("%s %s -> %s", c.Report, proposed(c.Was), proposed(c.Would)))
	}
	for _, a := range f.Accounts {
		want = append(want, fmt.Sprintf("ann %d %.1f%% of the written texts' weight", a.Words, 100*a.Weight))
	}
	for _, hint := range ownHints(f) {
		want = append(want, strings.Split(hint, "\n")...)
	}
	for _, line := range want {
		if !lines[line] {
			t.Errorf("%q isn't printed:\n%s", line, out.String())
			return
		}
	}
	if len(f.Accounts) != 1 {
		t.Errorf("one person decided: %+v", f.Accounts)
	}
}
