package portal_test

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/heed-line/heed"
)

const told = "A man sells fire extinguishers without any powder at the market."

// toCheck fills the form as far as its last page.
func (l *line) toCheck(headers ...string) *doc {
	l.t.Helper()
	d := l.post("/report", l.get("/report", headers...).expect(200).with("text", told, "place", "Harbour market", "occurred", "every Saturday", "go", "next"), headers...).expect(200)
	d = l.post("/report", d.with("go", "next"), headers...).expect(200)
	return l.post("/report", d.with("go", "next"), headers...).expect(200)
}

func TestAReporterGetsAReceiptInFivePages(t *testing.T) {
	l := newLine(t)
	page := l.get("/").expect(200, "Report something")
	page = l.get("/report").expect(200, "What happened?", "Step 1 of 4")
	page = l.post("/report", page.with("text", told, "go", "next")).expect(200, "Do you want to add files?")
	page = l.postFiles("/report", page.with("go", "next"), nil).expect(200, "Do you want to say who you are?")
	page = l.post("/report", page.with("go", "next")).expect(200, "Check your report", told, "You stay anonymous", "112")
	page = l.post("/report", page.with("go", "next")).expect(200, "Your report has arrived", "We can't recover it", "112")
	receipt := page.receipt()
	reports := l.reports()
	if len(reports) != 1 || reports[0].Channel != heed.ChannelWeb || reports[0].Language != "en" || reports[0].Named {
		t.Fatalf("stored %+v", reports)
	}
	l.post("/status", l.get("/status").with("receipt", receipt, "go", "next")).expect(200, "Your report is with us.")
	if log := l.log.String(); log != "" {
		t.Errorf("log: %s", log)
	}
}

func TestNothingOfAReportStandsInAddressCookieOrClearField(t *testing.T) {
	l := newLine(t)
	for _, d := range []*doc{l.toCheck(), l.post("/report", l.get("/report").with("text", told, "go", "next"))} {
		if c := d.header.Values("Set-Cookie"); len(c) != 0 {
			t.Errorf("cookies %v", c)
		}
		if strings.Contains(d.form().Encode(), "extinguishers") {
			t.Error("the text travels in clear")
		}
		if got := d.header.Get("Cache-Control"); got != "no-store, no-transform" {
			t.Errorf("Cache-Control %q", got)
		}
	}
}

func TestGoingBackLosesNothingThatWasTyped(t *testing.T) {
	l := newLine(t)
	files := l.post("/report", l.get("/report").with("text", told, "place", "Harbour market", "go", "next"))
	who := l.postFiles("/report", files.with("go", "next"), []upload{{"shelf.txt", []byte("a photo of the shelf")}})
	// Half-typed and wrong, and still there after going back and forth.
	back := l.post("/report", who.with("who", "named", "email", "not an address", "go", "back")).expect(200, "shelf.txt")
	first := l.post("/report", back.with("go", "back")).expect(200)
	if got := first.form(); got.Get("text") != told || got.Get("place") != "Harbour market" {
		t.Errorf("first page holds %v", got)
	}
	again := l.post("/report", first.with("go", "next")).expect(200, "shelf.txt")
	who = l.post("/report", again.with("go", "next")).expect(200)
	if got := who.form(); got.Get("email") != "not an address" || got.Get("who") != "named" {
		t.Errorf("third page holds %v", got)
	}
}

func TestAnErrorKeepsTheTextAndSaysWhatToDo(t *testing.T) {
	l := newLine(t)
	d := l.post("/report", l.get("/report").with("text", "   ", "place", "Harbour market", "go", "next")).
		expect(422, "There is a problem", "Write what happened.")
	if d.form().Get("place") != "Harbour market" {
		t.Error("the place is gone")
	}
	if !strings.Contains(d.body, `href="#text"`) || !strings.Contains(d.body, `aria-invalid="true"`) {
		t.Error("the summary doesn't lead to the field")
	}
	long := strings.Repeat("я", l.profile.Limits.Text+1)
	d = l.post("/report", d.with("text", long, "go", "next")).expect(422, "too long")
	if d.form().Get("text") != long {
		t.Error("the long text is gone")
	}
	l.post("/report", d.with("text", told, "go", "next")).expect(200, "Do you want to add files?")
}

func TestAFileCanBeAddedAndRemovedWithoutScripts(t *testing.T) {
	l := newLine(t)
	files := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	two := l.postFiles("/report", files.with("go", "add"), []upload{{"one.txt", []byte("first")}, {"two.txt", []byte("second")}}).expect(200, "one.txt", "two.txt", "2 files added")
	one := l.postFiles("/report", two.with("remove", "0"), nil).expect(200, "two.txt", "1 file added")
	if strings.Contains(one.text(), "one.txt") {
		t.Error("one.txt is still there")
	}
	if n := l.staged(); n != 1 {
		t.Errorf("%d staged", n)
	}
	who := l.postFiles("/report", one.with("go", "next"), nil)
	check := l.post("/report", who.with("go", "next")).expect(200, "two.txt")
	l.post("/report", check.with("go", "next")).expect(200, "Your report has arrived")
	if r := l.reports(); len(r) != 1 || r[0].Files != 1 {
		t.Errorf("stored %+v", r)
	}
	if n := l.staged(); n != 0 {
		t.Errorf("%d still staged", n)
	}
}

func TestAChangeFromTheLastPageLeadsBackToIt(t *testing.T) {
	l := newLine(t)
	check := l.toCheck()
	text := l.post("/report", check.with("go", "text")).expect(200, "What happened?")
	check = l.post("/report", text.with("text", told+" They are red.", "go", "next")).expect(200, "Check your report", "They are red.")
	l.post("/report", check.with("go", "next")).expect(200, "Your report has arrived")
}

func TestADoubleClickOnSendIsOneReportWithOneReceipt(t *testing.T) {
	l := newLine(t)
	send := l.toCheck().with("go", "next")
	receipts := make([]string, 8)
	var wg sync.WaitGroup
	for i := range receipts {
		wg.Go(func() { receipts[i] = l.post("/report", send).expect(200).receipt() })
	}
	wg.Wait()
	for _, r := range receipts[1:] {
		if r != receipts[0] {
			t.Errorf("two Receipts: %v", receipts)
		}
	}
	if n := len(l.reports()); n != 1 {
		t.Errorf("%d reports", n)
	}
}

func TestAReportThatIsChangedAfterSendingIsAnotherReport(t *testing.T) {
	l := newLine(t)
	check := l.toCheck()
	first := l.post("/report", check.with("go", "next")).expect(200).receipt()
	text := l.post("/report", check.with("go", "text"))
	check = l.post("/report", text.with("text", "Something else happened.", "go", "next"))
	if second := l.post("/report", check.with("go", "next")).expect(200).receipt(); second == first {
		t.Error("the same Receipt")
	}
	if n := len(l.reports()); n != 2 {
		t.Errorf("%d reports", n)
	}
}

func TestANamedReporterIsSealedToTheDayAndShownOnlyBeforeSending(t *testing.T) {
	l := newLine(t)
	files := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	who := l.post("/report", files.with("go", "next"))
	l.post("/report", who.with("who", "named", "go", "next")).expect(422, "Fill in at least one of these")
	l.post("/report", who.with("who", "named", "email", "nobody", "go", "next")).expect(422, "name@example.org")
	check := l.post("/report", who.with("who", "named", "name", "Rosa Example", "phone", "555 0100", "go", "next")).expect(200, "Rosa Example", "555 0100")
	done := l.post("/report", check.with("go", "next")).expect(200)
	if strings.Contains(done.body, "Rosa") {
		t.Error("the name is on the Receipt's page")
	}
	if r := l.reports(); len(r) != 1 || !r[0].Named {
		t.Errorf("stored %+v", r)
	}
}

func TestALineWithoutACustodianOffersNoNameAndTakesNone(t *testing.T) {
	l := newLine(t, anonymousOnly)
	files := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	who := l.post("/report", files.with("go", "next")).expect(200, "anonymous reports only")
	check := l.post("/report", who.with("who", "named", "name", "Rosa Example", "go", "next")).expect(200, "You stay anonymous")
	l.post("/report", check.with("go", "next")).expect(200, "Your report has arrived")
	if r := l.reports(); len(r) != 1 || r[0].Named {
		t.Errorf("stored %+v", r)
	}
}

func TestAPageThatWasOpenTooLongKeepsWhatCameWithIt(t *testing.T) {
	l := newLine(t)
	files := l.post("/report", l.get("/report").with("text", told, "go", "next"))
	first := l.post("/report", files.with("go", "back"))
	l.wait(21 * time.Hour)
	d := l.post("/report", first.with("text", told+" And more.", "go", "next")).expect(400, "open for too long")
	if d.form().Get("text") != told+" And more." {
		t.Error("the text is gone")
	}
	l.post("/report", d.with("go", "next")).expect(200, "Do you want to add files?")
	l.post("/report", files.with("go", "next")).expect(400, "open for too long")
}

func TestADraftThatIsNotOursOpensNothing(t *testing.T) {
	l := newLine(t)
	check := l.toCheck()
	sealed := check.form().Get("draft")
	for _, draft := range []string{"", "x", sealed[:len(sealed)-1], sealed + "A", flip(sealed), strings.Repeat("A", 4000)} {
		l.post("/report", url.Values{"page": {"check"}, "draft": {draft}, "go": {"next"}}).expect(400, "Nothing has been sent")
	}
	if n := len(l.reports()); n != 0 {
		t.Errorf("%d reports", n)
	}
}

func flip(s string) string {
	b := []byte(s)
	if b[100] == 'A' {
		b[100] = 'B'
	} else {
		b[100] = 'A'
	}
	return string(b)
}

func TestTheLanguageStaysWithoutACookie(t *testing.T) {
	l := newLine(t)
	d := l.get("/report?lang=ar", "Accept-Language", "ru")
	if lang, dir := d.lang(); lang != "ar" || dir != "rtl" {
		t.Errorf("lang %s dir %s", lang, dir)
	}
	action := ""
	for n := range d.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "form" {
			action = attr(n, "action")
		}
	}
	if action != "/report?lang=ar" {
		t.Errorf("action %q", action)
	}
	d = l.post(action, d.with("text", told, "go", "next"), "Accept-Language", "ru")
	if lang, _ := d.lang(); lang != "ar" {
		t.Errorf("lang %s", lang)
	}
	if d = l.get("/report", "Accept-Language", "ru-RU,ru;q=0.9,en;q=0.8"); d.heading() != "Что случилось?" {
		t.Errorf("heading %q", d.heading())
	}
	if lang, _ := l.get("/?lang=tlh", "Accept-Language", "tlh").lang(); lang != "en" {
		t.Errorf("an unknown language gives %s", lang)
	}
}

func TestChangingTheLanguageAmidTheFormKeepsWhatWasTyped(t *testing.T) {
	l := newLine(t)
	d := l.post("/report", l.get("/report").with("text", told, "lang", "fr")).expect(200, "Que s’est-il passé ?")
	if d.form().Get("text") != told {
		t.Error("the text is gone")
	}
	check := l.toCheck()
	d = l.post("/report", check.with("lang", "es")).expect(200, "Revise su aviso", told)
}

func TestTheEnterKeyGoesForward(t *testing.T) {
	l := newLine(t)
	l.post("/report", l.get("/report").with("text", told, "enter", "next")).expect(200, "Do you want to add files?")
}

func TestEveryPageStandsInEveryLanguage(t *testing.T) {
	l := newLine(t)
	seen := map[string]string{}
	for _, tag := range languages {
		pages := []*doc{
			l.get("/", "Accept-Language", tag), l.get("/report", "Accept-Language", tag), l.get("/status", "Accept-Language", tag),
			l.get("/privacy", "Accept-Language", tag), l.get("/transparency", "Accept-Language", tag), l.get("/nowhere", "Accept-Language", tag),
			l.toCheck("Accept-Language", tag),
		}
		pages = append(pages, l.post("/report", pages[6].with("go", "next"), "Accept-Language", tag))
		for i, d := range pages {
			if lang, _ := d.lang(); lang != tag {
				t.Errorf("page %d is in %s, want %s", i, lang, tag)
			}
			if d.heading() == "" {
				t.Errorf("page %d in %s has no heading", i, tag)
			}
			key := tag + strconv.Itoa(i)
			for other, heading := range seen {
				if i > 0 && heading == d.heading() && other[len(other)-1:] == key[len(key)-1:] {
					t.Errorf("page %d has the heading %q in %s and %s", i, heading, tag, other)
				}
			}
			seen[key] = d.heading()
		}
	}
}

func TestEveryAnswerBearsTheSecurityHeaders(t *testing.T) {
	l := newLine(t)
	for _, d := range []*doc{l.get("/"), l.get("/nowhere"), l.get("/api/v1/nowhere"), l.post("/report", url.Values{})} {
		for name, want := range map[string]string{
			"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; connect-src 'self'",
			"Referrer-Policy":         "no-referrer", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store, no-transform",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := d.header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
	}
}

func TestNoPageHoldsAnythingInline(t *testing.T) {
	l := newLine(t)
	check := l.toCheck()
	for _, d := range []*doc{l.get("/"), l.get("/report"), check, l.post("/report", check.with("go", "next")), l.get("/status")} {
		for n := range d.root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
				t.Errorf("inline <%s>", n.Data)
			}
			for _, a := range n.Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
					t.Errorf("<%s %s>", n.Data, a.Key)
				}
			}
		}
	}
}

func TestAnotherSiteCanSendNothing(t *testing.T) {
	l := newLine(t)
	l.post("/report", l.get("/report").with("text", told, "go", "next"), "Sec-Fetch-Site", "cross-site", "Origin", "https://elsewhere.example").
		expect(403, "This came from another website")
	l.post("/report", l.get("/report").with("text", told, "go", "next"), "Origin", "null").expect(200)
	l.post("/report", l.get("/report").with("text", told, "go", "next"), "Sec-Fetch-Site", "same-origin", "Origin", "null").expect(200)
}

func TestStaticFilesMayBeKeptForEver(t *testing.T) {
	l := newLine(t)
	for n := range l.get("/").root.Descendants() {
		if n.Type == html.ElementNode && n.Data == "link" {
			d := l.get(attr(n, "href")).expect(200)
			if got := d.header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
				t.Errorf("%s: %q", attr(n, "href"), got)
			}
		}
	}
	l.get("/static/../portal.go").expect(404)
	l.get("/static/base.css").expect(404)
}

func TestALineThatIsTooBusyKeepsTheReportOnThePage(t *testing.T) {
	l := newLine(t)
	check := l.toCheck()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r := l.request(http.MethodPost, "/report", bytes.NewBufferString(check.with("go", "next").Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if _, err := l.server.Client().Do(r.WithContext(ctx)); err == nil {
		t.Fatal("a cancelled request was answered")
	}
	l.post("/report", check.with("go", "next")).expect(200, "Your report has arrived")
}
