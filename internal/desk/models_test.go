package desk_test

import (
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/train"
	"github.com/heed-line/heed/internal/seal"
)

// putModel stores a model that says nothing, with figures about one report. It gives the address of the acts on it.
func (l *line) putModel(version string, state heed.LineModelState, report, who heed.ID) string {
	l.t.Helper()
	file, err := learn.Training{}.Train(nil, []learn.Question{{Name: "nothing", Yes: func(int) bool { return false }}}).Encode(version, nil)
	l.must(err)
	now := l.clock()
	f := learning.Figures{
		Version: version, Base: screening.ShippedVersion(), Against: l.models.Model().Version, MadeAt: now, From: now.AddDate(0, 0, -90), Until: now, Reports: 240, Held: 120, Stood: 7,
		Accounts: []train.Account{{By: string(who), Words: 1300, Weight: 0.0134}},
		Own: []train.Row{
			{Question: train.Immediate, Of: 4000, Current: 3000, Candidate: 3400, Gained: 500, Lost: 100, Difference: 0.1, Low: -0.0213, High: 0.2166},
			{Question: train.Immediate, Language: "fr", Of: 12, Current: 9, Candidate: 9, Low: -0.15, High: 0.15},
			{Question: train.Categorised, Of: 9, Current: 8, Candidate: 6, Lost: 2, Difference: -0.2222},
			{Question: train.Categorised, Category: "fraud-scam", Of: 9, Current: 4, Candidate: 6, Gained: 2, Difference: 0.2222},
		},
		Written: []train.Row{{Question: train.Kept, Of: 900, Current: 850, Candidate: 851, Gained: 3, Lost: 2, Difference: 0.0011, Low: -0.004, High: 0.0062}},
		Replay: learning.Replay{Since: now.AddDate(0, 0, -90), Reports: 4200, Changed: 31, Changes: []review.Change{{
			Report: report, Of: "hazard", Was: review.Proposal{Category: "hazard", Urgency: heed.Normal}, Would: review.Proposal{Category: "hazard", Urgency: heed.High},
		}}},
	}
	figures, err := json.Marshal(f)
	l.must(err)
	sum := sha256.Sum256(file)
	m := &heed.LineModel{
		ID: heed.NewID(now), State: state, Version: version, Base: f.Base, Against: f.Against, SHA256: sum[:], MadeAt: now, From: f.From, Until: f.Until,
	}
	held, err := seal.SealModel(l.content.Public(), "test", m.ID, file, figures)
	l.must(err)
	l.must(l.store.Update(l.t.Context(), func(tx heed.Tx) error { return tx.AddModel(l.t.Context(), m, held) }))
	return "/models/" + string(m.ID)
}

func (l *line) idOf(name string) (id heed.ID) {
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		s, err := tx.StaffByName(l.t.Context(), name)
		if err == nil {
			id = s.ID
		}
		return err
	}))
	return id
}

var missingText = regexp.MustCompile(`(models|problem|act)\.[a-z]+[-.a-z]*`)

func TestAModelIsComparedProposedAdoptedByAnotherAndTakenBackAtTheDesk(t *testing.T) {
	l := newLine(t)
	lea, lou, ada := l.signIn("lea", heed.RoleLead), l.signIn("lou", heed.RoleLead), l.signIn("ada", heed.Admin)
	olu, amira := l.signIn("olu", heed.Overseer), l.signIn("amira", heed.Specialist)
	report := l.arrive("A shaft stands open by the pier.")
	at := l.putModel("line-1a2b3c4d", heed.ModelOffered, report, l.idOf("lea"))
	if p := amira.get("/models"); p.status != http.StatusForbidden {
		t.Errorf("a specialist gets %d", p.status)
	}
	p := lea.get("/models")
	for _, want := range []string{
		screening.Shipped().Version, "line-1a2b3c4d", "240 reports", "Trained", "· offered", "Changed: 31 of 4,200", "75.0%", "+10.0", "-2.1 to +21.7", "French", "1.3%", "4,000 ", "lea",
	} {
		if !strings.Contains(p.text(), want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if found := missingText.FindString(p.text()); found != "" {
		t.Errorf("no text for %q", found)
	}
	if !strings.Contains(p.body, "/reports/"+string(report)) {
		t.Error("a lead isn't led to the report that would have changed")
	}
	for name, b := range map[string]*browser{"an admin": ada, "the overseer": olu} {
		p := b.get("/models")
		if p.status != http.StatusOK || strings.Contains(p.body, "/reports/") || name == "an admin" && strings.Contains(p.body, report.Short()) {
			t.Errorf("%s: %d, or is led to a report", name, p.status)
		}
	}
	if said := olu.get("/models").text(); !strings.Contains(said, "Of 9 categories 7 are the machine’s own suggestion") || !strings.Contains(said, "An urgency counts only where a person set one") {
		t.Errorf("the overseer isn't told where the model in use is measured by its own word: %s", said)
	}
	if p := olu.post(at + "/propose"); p.status != http.StatusForbidden {
		t.Errorf("the overseer proposes: %d", p.status)
	}
	if p := lea.post(at + "/propose"); p.status != http.StatusOK || !strings.Contains(p.text(), "· proposed by lea") || strings.Contains(p.text(), "proposed ·") || strings.Contains(p.body, "/approve") {
		t.Errorf("%d, or who proposed may adopt", p.status)
	}
	for name, b := range map[string]*browser{"who proposed": lea, "an admin": ada, "the overseer": olu} {
		if p := b.post(at + "/approve"); p.status != http.StatusForbidden {
			t.Errorf("%s adopts: %d", name, p.status)
		}
	}
	p = lou.get("/models")
	if button, tables := strings.Index(p.body, at+"/approve"), strings.Index(p.body, "<table"); button < 0 || tables < button {
		t.Errorf("who may adopt finds the button at %d, below the tables at %d", button, tables)
	}
	if !strings.Contains(p.text(), "the machine sets nothing aside until") {
		t.Error("nobody is told that setting aside stops")
	}
	if p := lou.post(at + "/approve"); p.status != http.StatusOK || !strings.Contains(p.text(), "decided by lou") {
		t.Fatalf("%d %s", p.status, p.text())
	}
	if got := l.models.Model().Version; got != "line-1a2b3c4d" {
		t.Errorf("the line screens by %s", got)
	}
	if p := lou.post(at + "/approve"); p.status == http.StatusOK || !strings.Contains(p.text(), "in the meantime") {
		t.Errorf("a second time: %d", p.status)
	}
	if p := olu.get("/audit?act=model.adopted"); !strings.Contains(p.text(), "Model adopted") {
		t.Error("the overseer doesn't see who adopted it")
	}
	if p := ada.post("/models/" + string(heed.NewID(l.clock())) + "/roll-back"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "in the meantime") {
		t.Errorf("leaving a model that isn't in use: %d", p.status)
	}
	if p := ada.post(at + "/roll-back"); p.status != http.StatusOK || !strings.Contains(p.text(), "ada asks to go back") || strings.Contains(p.body, "/roll-back") {
		t.Errorf("%d, or who asked may agree: %s", p.status, p.text())
	}
	if p := ada.post(at + "/roll-back"); p.status != http.StatusForbidden || l.models.Model().Version != "line-1a2b3c4d" {
		t.Errorf("one person goes back: %d", p.status)
	}
	if p := lou.post(at + "/roll-back"); p.status != http.StatusOK || !strings.Contains(p.text(), "taken back") {
		t.Errorf("%d %s", p.status, p.text())
	}
	if got := l.models.Model(); got != screening.Shipped() {
		t.Errorf("the line screens by %s", got.Version)
	}
}

func TestThoseWhoMaySeeAreToldOnEveryPageThatTheLinesModelCantBeUsed(t *testing.T) {
	l := newLine(t)
	lea, amira := l.signIn("lea", heed.RoleLead), l.signIn("amira", heed.Specialist)
	l.putModel("line-1a2b3c4d", heed.ModelAdopted, "report", l.idOf("lea")) // which nobody signed
	l.must(l.models.Refresh(t.Context()))
	if p := lea.get("/queue/review"); !strings.Contains(p.text(), "own model can’t be used") {
		t.Errorf("a lead isn't told: %s", p.text())
	}
	if p := amira.get("/queue/review"); strings.Contains(p.body, "own model can’t be used") {
		t.Error("a specialist is told")
	}
	if p := lea.get("/models"); !strings.Contains(p.text(), "Nobody signed that two people adopted it") || missingText.FindString(p.text()) != "" {
		t.Errorf("%s", p.text())
	}
}

func TestWhoMayDecideAboutAModelIsToldOnEveryPageAndSpecialistsThatItChanged(t *testing.T) {
	l := newLine(t)
	people := map[string]*browser{
		"lea": l.signIn("lea", heed.RoleLead), "lou": l.signIn("lou", heed.RoleLead), "ada": l.signIn("ada", heed.Admin),
		"olu": l.signIn("olu", heed.Overseer), "amira": l.signIn("amira", heed.Specialist),
	}
	told := func(when, words string, whom ...string) {
		t.Helper()
		for name, b := range people {
			p := b.get("/settings")
			if got, want := strings.Contains(p.text(), words), slices.Contains(whom, name); got != want {
				t.Errorf("%s: %s is told: %v", when, name, got)
			}
			if led := strings.Contains(p.body, `<a href="/models">Look at the models</a>`); led && name == "amira" {
				t.Errorf("%s: a specialist is led to the models", when)
			}
		}
	}
	at := l.putModel("line-1a2b3c4d", heed.ModelOffered, "report", l.idOf("lea"))
	told("offered", "waits for a lead or an admin to propose it", "lea", "lou", "ada")
	people["lea"].post(at + "/propose")
	told("proposed", "A model was proposed on", "lou")
	told("nothing changed yet", "by another model than before")
	people["lou"].post(at + "/approve")
	told("adopted", "A model was proposed on")
	told("adopted", "by another model than before", "lea", "lou", "ada", "olu", "amira")
	people["ada"].post(at + "/roll-back")
	told("asked back", "somebody asked to go back", "lea", "lou")
	acts := people["olu"].get("/audit?group=line").text()
	for _, act := range []string{"Model proposed", "Model adopted", "Return to the former model asked for"} {
		if !strings.Contains(acts, act) {
			t.Errorf("the overseer's list lacks %q", act)
		}
	}
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		for name, language := range map[string]string{"lea": "fr", "lou": "ar", "ada": "zh-Hans", "olu": "ru", "amira": "es"} {
			who, err := tx.StaffByName(t.Context(), name)
			if err != nil {
				return err
			}
			who.Language = language
			if err := tx.UpdateStaff(t.Context(), who); err != nil {
				return err
			}
		}
		return nil
	}))
	told("in other languages", "Depuis le", "lea")
	told("in other languages", "تقترح الآلة بنموذج", "lou")
	told("in other languages", "机器按与以前不同的模型", "ada")
	told("in other languages", "С этого дня машина", "olu")
	told("in other languages", "Desde el", "amira")
}
