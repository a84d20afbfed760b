package portal_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// ownWords are, by language, a text that says who its writer is, the words that do, and one that names somebody else.
var ownWords = map[string][3]string{
	"en":      {"The stairs burn. My name is Rosa Example.", "My name is Rosa Example", "The stairs burn. His name is Rosa Example."},
	"zh-Hans": {"楼梯着火了。我的电话是13800001111。", "我的电话是13800001111", "楼梯着火了。他的电话是13800001111。"},
	"es":      {"Arde la escalera. Llámenme al 612 345 678.", "Llámenme al 612 345 678", "Arde la escalera. Su número es 612 345 678."},
	"fr":      {"L’escalier brûle. J’habite au 12 rue des Lilas.", "J’habite au 12 rue des Lilas", "L’escalier brûle. Il habite au 12 rue des Lilas."},
	"ar":      {"الدرج يحترق. رقم هاتفي هو 0501234567.", "رقم هاتفي هو 0501234567", "الدرج يحترق. رقم هاتفه هو 0501234567."},
	"ru":      {"Лестница горит. Меня зовут Роза Петрова.", "Меня зовут Роза Петрова", "Лестница горит. Его зовут Иван Петров."},
	"pt":      {"A escada arde. O meu e-mail é rosa@mail.example.", "O meu e-mail é rosa@mail.example", "A escada arde. O e-mail dele é rosa@mail.example."},
}

// checked fills the form with a text as far as its last page.
func (l *line) checked(text string, who []string, headers ...string) *doc {
	l.t.Helper()
	d := l.post("/report", l.get("/report", headers...).with("text", text, "go", "next"), headers...).expect(200)
	d = l.post("/report", d.with("go", "next"), headers...).expect(200)
	return l.post("/report", d.with(append(who, "go", "next")...), headers...).expect(200)
}

func TestAnAnonymousReporterIsShownWhereTheySeemToSayWhoTheyAre(t *testing.T) {
	l := newLine(t)
	for lang, c := range ownWords {
		accept := []string{"Accept-Language", lang}
		d := l.checked(c[0], nil, accept...)
		if !strings.Contains(d.body, `<q dir="auto">`+c[1]+`</q>`) {
			t.Errorf("%s: no warning: %s", lang, d.text())
		}
		if d := l.checked(c[2], nil, accept...); strings.Contains(d.body, "<q") {
			t.Errorf("%s: a warning about somebody else: %s", lang, d.text())
		}
	}
	if log := l.log.String(); log != "" {
		t.Errorf("log: %s", log)
	}
}

func TestTheWarningLeadsBackToTheTextAndNeverBlocks(t *testing.T) {
	l := newLine(t)
	d := l.checked(ownWords["en"][0], nil).expect(200, "Does your report say who you are?", "Change the text")
	text := l.post("/report", d.with("go", "text")).expect(200, "What happened?")
	if got := text.form().Get("text"); got != ownWords["en"][0] {
		t.Errorf("the text is %q", got)
	}
	mended := l.post("/report", text.with("text", told, "go", "next")).expect(200, "Check your report")
	if strings.Contains(mended.body, "<q") {
		t.Error("the warning stays after the text was changed")
	}
	l.post("/report", d.with("go", "next")).expect(200, "Your report has arrived")
}

func TestAReporterWhoGivesTheirNameIsNotWarnedOfIt(t *testing.T) {
	l := newLine(t)
	d := l.checked(ownWords["en"][0], []string{"who", "named", "name", "Rosa Example"}).expect(200, "Check your report")
	if strings.Contains(d.body, "<q") {
		t.Error("a warning")
	}
}

func TestTheWarningReadsWhenAndWhereToo(t *testing.T) {
	l := newLine(t)
	first := l.post("/report", l.get("/report").with("text", told, "place", "I live at 12 Mill Lane", "go", "next"))
	d := l.post("/report", first.with("go", "next"))
	d = l.post("/report", d.with("go", "next")).expect(200)
	if !strings.Contains(d.body, "<q dir=\"auto\">I live at 12 Mill Lane</q>") {
		t.Errorf("no warning: %s", d.text())
	}
}

func TestTheWarningLooksWellInARealBrowser(t *testing.T) {
	l := newLine(t)
	for _, v := range []struct {
		lang  string
		width int64
	}{{"en", 320}, {"en", 1280}, {"ar", 320}, {"ar", 1280}} {
		b := newBrowser(t, l)
		b.view(v.width, v.lang, false)
		b.noScripts()
		b.warned(ownWords[v.lang][0], strings.Join([]string{"own", v.lang, map[int64]string{320: "phone", 1280: "desktop"}[v.width]}, "-"))
	}
}

// warned types a text and goes to the last page.
func (b *browser) warned(text, name string) {
	b.t.Helper()
	b.run(chromedp.Navigate(b.l.server.URL+"/report"), chromedp.SendKeys(chromedp.CSS("#text"), text))
	for range 3 {
		b.press("next")
	}
	b.look(name)
	if shown := ask(b, chromedp.Evaluate[bool](`document.querySelector(".own q").getBoundingClientRect().width > 50`)); !shown {
		b.t.Errorf("%s: the words aren't seen", name)
	}
}
