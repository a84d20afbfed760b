package desk_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/intake"
)

// told is an anonymous report of text, screened.
func (l *line) told(text string) heed.ID {
	l.t.Helper()
	a, err := l.intake.Submit(l.t.Context(), intake.Submission{Content: heed.Content{Text: text}, Channel: heed.ChannelWeb, Language: "en"})
	l.must(err)
	l.must(l.review.Screen(l.t.Context(), a.Report))
	return a.Report
}

const tellsItself = "Gas leaks from the pipe behind the school on Mill Lane. My name is Rosa Example, call me on 020 7946 0123. " +
	"The landlord's number is 020 7946 0999. Again: 020 7946 0123."

func TestWhatAReportSaysOfItsReporterIsMaskedAndKeptWithTheIdentity(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	id := l.told(tellsItself)
	amira := l.signIn("amira", heed.Specialist)
	page := amira.get("/reports/" + string(id))
	for _, want := range []string{"[reporter&#39;s name]", "[reporter&#39;s phone]", "020 7946 0999"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the report's page lacks %q", want)
		}
	}
	for _, secret := range []string{"Rosa", "7946 0123"} {
		if strings.Contains(page.body, secret) {
			t.Errorf("the report's page shows %q", secret)
		}
	}
	v, err := l.review.Read(t.Context(), l.staff("eve", heed.Specialist), id, "queue")
	l.must(err)
	for _, d := range v.Screening.Details {
		if v.Content.Text[d.Start:d.End] != d.Text || strings.Contains(d.Text, "Rosa") || strings.Contains(d.Text, "0123") {
			t.Errorf("%+v", d)
		}
	}
	if r := l.report(id); !r.Named {
		t.Error("nobody is told that there is an Identity")
	}
	asked := amira.asks(id)
	if p := dana.approves(asked); p.status != http.StatusOK {
		t.Fatalf("approving answers %d", p.status)
	}
	if seen := amira.post(asked + "/see"); seen.status != http.StatusOK || !strings.Contains(seen.body, "My name is Rosa Example, call me on 020 7946 0123.") {
		t.Errorf("looking answers %d: %s", seen.status, seen.text())
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		leaves, err := tx.Leaves(t.Context(), 0, id, 100)
		for _, leaf := range leaves {
			var details struct {
				Act struct {
					Masked  int
					Content string `json:"content_sha256"`
				}
			}
			if leaf.Act == audit.ReportScreened && (json.Unmarshal(leaf.Details, &details) != nil || details.Act.Masked != 3 || details.Act.Content == "") {
				t.Errorf("the leaf says %s", leaf.Details)
			}
			if strings.Contains(string(leaf.Details), "Rosa") {
				t.Errorf("the leaf %s holds the name", leaf.Act)
			}
		}
		return err
	}))
}

func TestWithoutACustodianNothingIsCutOut(t *testing.T) {
	l := newLine(t)
	id := l.told(tellsItself)
	if p := l.signIn("amira", heed.Specialist).get("/reports/" + string(id)); !strings.Contains(p.text(), "Rosa Example") {
		t.Error("the name is gone for good")
	}
	if l.report(id).Named {
		t.Error("there is an Identity that nobody can open")
	}
}

func TestAReportOfOthersIsNotMasked(t *testing.T) {
	l := newLine(t)
	l.signIn("dana", heed.Custodian)
	id := l.told("The text message said \"my name is Officer Smith, call me on 020 7946 0123\". His number is on the card too.")
	if p := l.signIn("amira", heed.Specialist).get("/reports/" + string(id)); !strings.Contains(p.text(), "020 7946 0123") || strings.Contains(p.text(), "[reporter") {
		t.Error("the swindler's number is masked as the reporter's")
	}
}

func TestNothingIsTakenOutOfWhatIsProposedForRefusal(t *testing.T) {
	l := newLine(t)
	l.signIn("dana", heed.Custodian)
	id := l.told("My colleague is HIV positive, I saw his pills. He's a good worker, just thought you should know. My name is Rosa Example.")
	r := l.report(id)
	if r.State != heed.RefusalProposed || r.Named {
		t.Errorf("%s, named %v", r.State, r.Named)
	}
	v, err := l.review.Read(t.Context(), l.staff("eve", heed.RoleLead), id, "queue")
	l.must(err)
	if !strings.HasSuffix(v.Content.Text, "My name is Rosa Example.") || len(v.Screening.Details) > 0 {
		t.Errorf("%q %+v", v.Content.Text, v.Screening.Details)
	}
}
