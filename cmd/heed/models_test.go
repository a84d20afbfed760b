package main

import (
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/train"
	"github.com/heed-line/heed/internal/seal"
)

// offerModel stores a candidate whose model says nothing, as heed train --line would one that it trained.
func (l *line) offerModel(t *testing.T, version string) heed.ID {
	t.Helper()
	file, err := learn.Training{}.Train(nil, []learn.Question{{Name: "nothing", Yes: func(int) bool { return false }}}).Encode(version, nil)
	if err != nil {
		t.Fatal(err)
	}
	now, sum := l.s.Now(), sha256.Sum256(file)
	m := &heed.LineModel{
		ID: heed.NewID(now), State: heed.ModelOffered, Version: version, Base: screening.ShippedVersion(), Against: screening.Shipped().Version, SHA256: sum[:], MadeAt: now,
		From: now.AddDate(0, 0, -90), Until: now,
	}
	change := review.Change{Report: m.ID, Of: "hazard", Was: review.Proposal{Category: "hazard", Urgency: heed.Normal}, Would: review.Proposal{Category: "none", Urgency: heed.Low, SetAside: true}}
	row := train.Row{Question: train.Immediate, Of: 40, Current: 30, Candidate: 34, Gained: 5, Lost: 1, Difference: 0.1, Low: -0.0213, High: 0.2166}
	french := row
	french.Language = "fr"
	figures, err := json.Marshal(learning.Figures{
		Version: version, Against: m.Against, Base: m.Base, MadeAt: now, From: m.From, Until: now, Reports: 240, Held: 120, Own: []train.Row{row, french}, Written: []train.Row{row},
		Accounts: []train.Account{{By: "somebody", Words: 300, Weight: 0.0134}},
		Replay:   learning.Replay{Since: m.From, Reports: 4200, Changed: 31, Changes: []review.Change{change}},
	})
	if err != nil {
		t.Fatal(err)
	}
	held, err := seal.SealModel(l.ring.Content.Public(), l.id, m.ID, file, figures)
	if err == nil {
		err = l.store.Update(t.Context(), func(tx heed.Tx) error { return tx.AddModel(t.Context(), m, held) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

// screensBy sends reports until one of them is screened by the model.
func (l *testLine) screensBy(beside *line, want string) {
	l.t.Helper()
	sent := time.Now()
	eventually(l.t, time.Minute, "a report is screened by "+want, func() bool {
		l.submit(map[string]any{"text": goodText})
		found := false
		err := beside.store.View(l.t.Context(), func(tx heed.Tx) error {
			all, err := tx.Reports(l.t.Context(), heed.ReportQuery{Limit: 200})
			for _, r := range all {
				rec, err := tx.Screening(l.t.Context(), r.ID)
				found = found || err == nil && r.ReceivedAt.After(sent) && strings.HasSuffix(rec.Model, "+"+want)
			}
			return err
		})
		return err == nil && found
	})
}

func TestARunningLineTakesAnAdoptedModelAndGivesItBackWithoutARestart(t *testing.T) {
	onEachStore(t, func(t *testing.T, store []string) {
		data := filepath.Join(t.TempDir(), "line")
		l := serveLine(t, data, time.Now, store...)
		beside := l.beside()
		for _, name := range []string{"lea", "lou"} {
			l.addStaff(name, "lead")
		}
		beside.offerModel(t, "line-1a2b3c4d")
		passphrase := filepath.Join(t.TempDir(), "passphrase")
		if err := os.WriteFile(passphrase, []byte(testPassphrase), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := l.command("train", "--list"); !strings.Contains(out, "line-1a2b3c4d  offered") {
			t.Errorf("%s", out)
		}
		l.command("train", "--propose", "line-1a2b3c4d", "--by", "lea", "--passphrase-file", passphrase)
		if _, errs, code := l.try("train", "--approve", "line-1a2b3c4d", "--by", "lea", "--passphrase-file", passphrase); code != exitUsage || !strings.Contains(errs, "another person") {
			t.Errorf("who proposed approves: code %d: %s", code, errs)
		}
		l.command("train", "--approve", "line-1a2b3c4d", "--by", "lou", "--passphrase-file", passphrase)
		l.screensBy(beside, "line-1a2b3c4d")
		if out, _, _ := l.try("doctor"); !strings.Contains(out, "line-1a2b3c4d, which the line learned") {
			t.Errorf("the doctor: %s", out)
		}
		back := func(who string) []string {
			return []string{"train", "--rollback", "--by", who, "--passphrase-file", passphrase}
		}
		if out := l.command(back("lea")...); !strings.Contains(out, "asked; another person") {
			t.Errorf("%s", out)
		}
		if _, errs, code := l.try(back("lea")...); code != exitUsage || !strings.Contains(errs, "another person") {
			t.Errorf("who asked agrees: code %d: %s", code, errs)
		}
		if out := l.command(back("lou")...); !strings.Contains(out, "the line screens by learned-") {
			t.Errorf("%s", out)
		}
		l.screensBy(beside, screening.Shipped().Version)
	})
}
