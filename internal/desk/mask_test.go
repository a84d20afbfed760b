package desk_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/review"
)

// told is an anonymous report of text, screened.
func (l *line) told(text string) heed.ID {
	l.t.Helper()
	id, _ := l.toldIn("en", text)
	return id
}

// toldIn is told, in a language, with its Receipt.
func (l *line) toldIn(lang, text string) (heed.ID, string) {
	l.t.Helper()
	a, err := l.intake.Submit(l.t.Context(), intake.Submission{Content: heed.Content{Text: text}, Channel: heed.ChannelWeb, Language: lang})
	l.must(err)
	l.must(l.review.Screen(l.t.Context(), a.Report))
	return a.Report, string(a.Receipt)
}

// kept is the text of a report as it is stored, with its screening.
func (l *line) kept(id heed.ID) *review.View {
	l.t.Helper()
	v, err := l.review.Read(l.t.Context(), l.staff(string(heed.NewID(l.clock())), heed.Specialist, heed.RoleLead), id, "queue")
	l.must(err)
	return v
}

const tellsItself = "Gas leaks from the pipe behind the school on Mill Lane. My name is Rosa Example, call me on 020 7946 0123. " +
	"The landlord's number is 020 7946 0999. Again: 020 7946 0123."

func TestWhatAReportSaysOfItsReporterIsMaskedAndKeptWithTheIdentity(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	id, receipt := l.toldIn("en", tellsItself)
	amira := l.signIn("amira", heed.Specialist)
	page := amira.get("/reports/" + string(id))
	for _, want := range []string{"Rosa Example", "[reporter&#39;s phone]", "020 7946 0999"} {
		if !strings.Contains(page.body, want) {
			t.Errorf("the report's page lacks %q", want)
		}
	}
	if strings.Contains(page.body, "7946 0123") {
		t.Error("the report's page shows the reporter's number")
	}
	v, err := l.review.Read(t.Context(), l.staff("eve", heed.Specialist), id, "queue")
	l.must(err)
	for _, d := range v.Screening.Details {
		if v.Content.Text[d.Start:d.End] != d.Text || strings.Contains(d.Text, "0123") {
			t.Errorf("%+v", d)
		}
	}
	if l.report(id).Named {
		t.Error("a number in a text makes an anonymous report a named one")
	}
	if !l.status(receipt).CanTakeBack {
		t.Error("its reporter can't take it back")
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
			if leaf.Act == audit.ReportScreened && (json.Unmarshal(leaf.Details, &details) != nil || details.Act.Masked != 2 || details.Act.Content == "") {
				t.Errorf("the leaf says %s", leaf.Details)
			}
			if strings.Contains(string(leaf.Details), "Rosa") {
				t.Errorf("the leaf %s holds the name", leaf.Act)
			}
		}
		return err
	}))
}

func TestAFullTextIsTakenBackAndTheMaskedOneStays(t *testing.T) {
	l := newLine(t)
	l.signIn("dana", heed.Custodian)
	id, receipt := l.toldIn("en", tellsItself)
	m, err := l.intake.Open(t.Context(), receipt)
	l.must(err)
	l.must(m.TakeBack(t.Context()))
	if l.status(receipt).CanTakeBack || !errors.Is(m.TakeBack(t.Context()), heed.ErrGone) {
		t.Error("it is still held")
	}
	if text := l.kept(id).Content.Text; !strings.Contains(text, "[reporter's phone]") {
		t.Errorf("the report says %q", text)
	}
}

// Whoever took back who they are, before the machine came to the report, didn't ask for their number to be sealed in its place.
func TestWhatWasTakenBackBeforeTheScreeningIsMaskedAndKeptByNobody(t *testing.T) {
	l := newLine(t)
	l.signIn("dana", heed.Custodian)
	a, err := l.intake.Submit(t.Context(), intake.Submission{
		Content: heed.Content{Text: tellsItself}, Channel: heed.ChannelWeb, Language: "en", Identity: heed.Identity{Name: "Rosa Example"},
	})
	l.must(err)
	m, err := l.intake.Open(t.Context(), string(a.Receipt))
	l.must(err)
	l.must(m.TakeBack(t.Context()))
	l.must(l.review.Screen(t.Context(), a.Report))
	if l.status(string(a.Receipt)).CanTakeBack {
		t.Error("the line holds again who the reporter is")
	}
	if text := l.kept(a.Report).Content.Text; !strings.Contains(text, "[reporter's phone]") {
		t.Errorf("the report says %q", text)
	}
}

// What is sent to a line with a Custodian and to one without, and whether the first masks it.
var decidedAlike = []struct {
	lang, text string
	masked     bool
}{
	{"en", "I live in a house on Mill Lane 12 with my husband who says he will kill me tonight with a knife", false},
	{"en", "I am Boris Volkov's wife and he has a gun, he will shoot me tonight at home.", false},
	{"en", "My address is Mill Lane 12, he is at the door with a gun and will kill us now", false},
	{"en", "My name is Rosa Martinez. Martinez, my brother, plans to blow up the station tomorrow.", false},
	{"en", "Dear Sir, my name is Barrister John Smith. Call me at +234 803 123 4567 about your inheritance of 5 million dollars.", false},
	{"en", "My car was stolen from the yard, my plate is AB12 CDE, two men with a gun took it.", false},
	{"en", "My husband will kill me tonight with a knife, he has locked the door. My number is 020 7946 0123.", true},
	{"en", "Call me on 020 7946 0123. There is a bomb in the school, it will explode today.", true},
	{"en", "My number is 020 7946 0123", true},
	{"es", "Mi marido me va a matar esta noche con un cuchillo. Mi número es 612 345 678.", true},
	{"fr", "Mon mari va me tuer ce soir avec un couteau. Mon numéro est le 06 39 98 12 34.", true},
	{"pt", "O meu marido vai matar-me esta noite com uma faca. O meu telemóvel é 912 345 678.", true},
	{"ru", "Муж убьёт меня сегодня ночью ножом. Мой номер телефона: +7 912 345-67-89", true},
	{"ar", "زوجي سيقتلني الليلة بسكين. رقم هاتفي هو 0501234567.", true},
	{"zh-Hans", "我丈夫今晚要用刀杀我。我的电话是13800001111。", true},
	{"de", "Mein Mann will mich heute Nacht mit einem Messer töten. Meine Nummer ist 0170 1234567.", true},
}

func TestNoReportFallsByMasking(t *testing.T) {
	with, without := newLine(t), newLine(t)
	with.signIn("dana", heed.Custodian)
	for _, c := range decidedAlike {
		a, _ := with.toldIn(c.lang, c.text)
		b, _ := without.toldIn(c.lang, c.text)
		got, want := with.kept(a), without.kept(b)
		if masked := got.Content.Text != c.text; masked != c.masked {
			t.Errorf("%q is kept as %q", c.text, got.Content.Text)
		}
		if x, y := got.Report, want.Report; x.State != y.State || x.Urgency != y.Urgency || x.Category != y.Category || x.Language != y.Language || x.CopyOf != y.CopyOf || x.Named {
			t.Errorf("%q: %s %s %s %s %q, not %s %s %s %s", c.text, x.State, x.Urgency, x.Category, x.Language, x.CopyOf, y.State, y.Urgency, y.Category, y.Language)
		}
		if x, y := got.Screening, want.Screening; x.Relevance != y.Relevance || x.SetAside != y.SetAside || x.Refuse != y.Refuse || x.CategoryProbability != y.CategoryProbability {
			t.Errorf("%q: %+v, not %+v", c.text, x, y)
		}
		for _, r := range got.Screening.Reasons {
			if r.Phrase != "" && got.Content.Text[r.Start:r.End] != r.Phrase {
				t.Errorf("%q: %+v", got.Content.Text, r)
			}
		}
	}
}

func TestWhereTheFullTextCantBeKeptNothingIsCutOut(t *testing.T) {
	for _, days := range []int{7, 10} {
		l := newLine(t)
		l.signIn("dana", heed.Custodian)
		a, err := l.intake.Submit(t.Context(), intake.Submission{Content: heed.Content{Text: tellsItself}, Channel: heed.ChannelWeb, Language: "en", ReceivedAt: l.clock().AddDate(0, 0, -days)})
		l.must(err)
		l.must(l.review.Screen(t.Context(), a.Report))
		if text := l.kept(a.Report).Content.Text; text != tellsItself {
			t.Errorf("%d days old: %q", days, text)
		}
	}
	l := newLine(t)
	l.signIn("dana", heed.Custodian)
	a, err := l.intake.Submit(t.Context(), intake.Submission{Content: heed.Content{Text: tellsItself}, Channel: heed.ChannelWeb, Language: "en"})
	l.must(err)
	l.wait(l.clock().UTC().Truncate(24*time.Hour).AddDate(0, 0, 7).Add(time.Second).Sub(l.clock())) // its day is just over, and it isn't seven days old
	_, err = l.days.EraseDue(t.Context(), l.clock())
	l.must(err)
	l.must(l.review.Screen(t.Context(), a.Report))
	if text := l.kept(a.Report).Content.Text; text != tellsItself {
		t.Errorf("without its day: %q", text)
	}
}

func TestWithoutACustodianNothingIsCutOut(t *testing.T) {
	l := newLine(t)
	id := l.told(tellsItself)
	if p := l.signIn("amira", heed.Specialist).get("/reports/" + string(id)); !strings.Contains(p.text(), "7946 0123") {
		t.Error("the number is gone for good")
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
