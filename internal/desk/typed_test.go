package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed"
)

func TestAReasonTypedWithoutScriptsOutlivesItsSession(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	b := l.signIn("amira", heed.Specialist)
	b.post("/sign-out")
	form := []string{"kind", "hold", "reason", "The caretaker <knows> more & comes at six", "passphrase", "not for a page"}
	p := b.post("/reports/"+string(id)+"/dispose?list=review", form...)
	if p.status != http.StatusForbidden || !strings.Contains(p.body, "\nThe caretaker &lt;knows&gt; more &amp; comes at six</textarea>") {
		t.Fatalf("%d, and the reason is gone: %s", p.status, p.body)
	}
	if !strings.Contains(p.body, `action="/reports/`+string(id)+`/dispose?list=review"`) || !strings.Contains(p.body, `name="kind" value="hold"`) {
		t.Errorf("it can't be sent again: %s", p.body)
	}
	if strings.Contains(p.body, "not for a page") || strings.Contains(p.body, "Harbour") {
		t.Errorf("the page says more than the form's words: %s", p.body)
	}
	if s := l.report(id).State; s != heed.Queued {
		t.Errorf("the report is %s by who was signed out", s)
	}
}

func TestAReasonThatCouldNotBeTakenIsGivenBack(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	amira, bo := l.signIn("amira", heed.Specialist), l.signIn("bo", heed.Specialist)
	address := "/reports/" + string(id) + "/dispose"
	p := bo.post(address, "kind", "duplicate", "lead-id", "06h0mtsma", "reason", "the same fire")
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "the same fire</textarea>") || !strings.Contains(p.body, `id="lead-id" name="lead-id" value="06h0mtsma"`) {
		t.Errorf("after a mistyped lead: %d %s", p.status, p.body)
	}
	amira.post("/reports/" + string(id) + "/claim")
	p = bo.post(address, "kind", "hold", "reason", "Waiting for more")
	if p.status != http.StatusConflict || !strings.Contains(p.body, "Waiting for more</textarea>") || !strings.Contains(p.text(), "Back to the report") {
		t.Errorf("after a colleague took it: %d %s", p.status, p.body)
	}
	bo.part = true
	if p = bo.post(address, "kind", "hold", "reason", "Waiting for more"); strings.Contains(p.body, "Waiting for more") {
		t.Errorf("the script, which keeps the form, is sent it: %s", p.body)
	}
}

func TestAReasonInABrowserOutlivesItsSession(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	amira := l.staff("amira", heed.Specialist)
	w := l.window("amira")
	w.keys("j", "\r")
	w.until(`document.getElementById("report").dataset.id === "` + string(id) + `"`)
	w.keys("p")
	w.until(`document.activeElement.id === "reason-hold"`)
	w.do(chromedp.SetValue(chromedp.CSS("#reason-hold"), "the caretaker comes at six"))
	l.must(l.auth.SignOutEverywhere(t.Context(), amira))
	w.send()
	w.until(`document.querySelector(".panel .field-error a[href='/sign-in']")`)
	w.until(`document.activeElement.id === "reason-hold" && document.activeElement.value === "the caretaker comes at six"`)
	if shown := w.text("main"); strings.Contains(shown, "Harbour") || strings.Contains(shown, id.Short()) {
		t.Errorf("who is signed out still reads the report: %s", shown)
	}

	secret, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, "")
	l.must(err)
	if _, err := chromedp.Call(w.ctx, network.SetCookie, network.SetCookieParams{Name: "heed-desk", Value: secret, URL: l.server.URL}); err != nil {
		t.Fatal(err)
	}
	w.send()
	w.until(`location.search.includes("did=hold") && document.getElementById("queue-title")`)
	if s := l.report(id).State; s != heed.Held {
		t.Errorf("sent again it left the report %s", s)
	}
}
