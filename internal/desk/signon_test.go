package desk_test

import (
	"html"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/auth/signontest"
	"github.com/heed-line/heed/internal/profile"
)

// organisation opens the line's desk anew, with an organisation's sign-on.
func (l *line) organisation() *signontest.Provider {
	l.t.Helper()
	p := signontest.New(l.t, l.clock)
	l.profile.SignIn.OIDC = profile.OIDC{Issuer: p.URL, Name: profile.Text{"en": "City of Somewhere"}}
	l.auth = auth.New(auth.Config{Store: l.store, Now: l.clock, SignOn: &auth.SignOnConfig{
		Issuer: p.URL, ClientID: signontest.ClientID, Secret: func() (string, error) { return signontest.Secret, nil },
	}})
	l.openDesk(slog.New(slog.NewTextHandler(&locked{w: l.log}, nil)))
	return p
}

var onwards = regexp.MustCompile(`<a class="button" href="([^"]+)"`)

// onward follows a page that leads on, as it does by itself. foreign is as a browser comes back from another site: without
// the cookies that are SameSite=Strict.
func (b *browser) onward(p page, foreign bool) page {
	b.l.t.Helper()
	to := onwards.FindStringSubmatch(p.body)
	if to == nil || p.header.Get("Refresh") != "0; url="+html.UnescapeString(to[1]) {
		b.l.t.Fatalf("the page doesn't lead on: %d %s, %q", p.status, p.text(), p.header.Get("Refresh"))
	}
	address := html.UnescapeString(to[1])
	if !foreign {
		return b.get(address)
	}
	stop := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := stop.Get(address)
	b.l.must(err)
	b.l.must(res.Body.Close())
	back, err := res.Location()
	b.l.must(err)
	plain := &browser{l: b.l, client: &http.Client{}}
	came := plain.get(back.RequestURI())
	return b.onward(came, false)
}

func TestOneEnrolsAndSignsInThroughTheOrganisationWithoutScripts(t *testing.T) {
	l := newLine(t)
	p := l.organisation()
	_, link, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "amira", Roles: []heed.Role{heed.Specialist}})
	l.must(err)
	b := l.browser()
	if came := b.get("/enrol/" + link); !strings.Contains(came.text(), "Sign in through City of Somewhere") {
		t.Fatalf("the link's page doesn't offer it: %s", came.text())
	}
	if came := b.onward(b.post("/enrol/"+link+"/organisation"), true); !strings.Contains(came.text(), "Your recovery codes") {
		t.Fatalf("enrolling leads to %s: %s", came.path, came.text())
	}
	other := l.browser()
	other.get("/sign-in")
	if came := other.onward(other.post("/sign-in/organisation", "to", "/queue/aside"), true); came.path != "/queue/aside" {
		t.Fatalf("signing in leads to %s: %s", came.path, came.text())
	}
	p.Change(func(p *signontest.Provider) { p.Subject = "somebody" })
	stranger := l.browser()
	if came := stranger.onward(stranger.post("/sign-in/organisation"), true); came.status != http.StatusForbidden || !strings.Contains(came.text(), "No account here is linked") {
		t.Errorf("a stranger gets %d: %s", came.status, came.text())
	}
	p.Change(func(p *signontest.Provider) { p.Refuses = "access_denied" })
	if came := stranger.onward(stranger.post("/sign-in/organisation"), true); came.status != http.StatusForbidden || !strings.Contains(came.text(), "let nobody in") {
		t.Errorf("whom the organisation refuses gets %d: %s", came.status, came.text())
	}
}

func TestTheSettingsLinkTheSignOnAndItProvesAnew(t *testing.T) {
	l := newLine(t)
	p := l.organisation()
	b := l.signIn("amira", heed.Specialist)
	if came := b.onward(b.post("/settings/organisation"), true); came.path != "/settings?done=factors" || !strings.Contains(came.text(), "Your organisation's sign-on") {
		t.Fatalf("linking leads to %s: %s", came.path, came.text())
	}
	if came := b.get("/notices"); !strings.Contains(came.text(), "amira now signs in through the organisation") {
		t.Errorf("its owner isn't told: %s", came.text())
	}
	l.wait(auth.ProofLife)
	if came := b.post("/settings/organisation"); !strings.HasPrefix(came.path, "/prove") {
		t.Errorf("without a fresh proof linking leads to %s", came.path)
	}
	if came := b.onward(b.post("/prove/organisation", "to", "/settings"), true); came.path != "/settings" || strings.Contains(came.body, `href="/prove`) {
		t.Errorf("a proof leads to %s: %s", came.path, came.text())
	}
	// What one account began isn't ended by another in the same browser.
	begun := b.post("/settings/organisation")
	l.staff("omar", heed.Specialist)
	b.post("/sign-out")
	b.post("/sign-in", "name", "omar", "passphrase", passphrase)
	p.Change(func(p *signontest.Provider) { p.Subject = "employee-8" })
	if came := b.onward(begun, true); came.status != http.StatusForbidden {
		t.Errorf("another account's link answers %d at %s", came.status, came.path)
	}
}

func TestTheSignOnsAnswerIsOfNoUseInAnotherBrowser(t *testing.T) {
	l := newLine(t)
	l.organisation()
	b := l.signIn("amira", heed.Specialist)
	b.onward(b.post("/settings/organisation"), true)
	victim := l.browser()
	victim.post("/sign-in/organisation")
	answer := b.post("/sign-in/organisation")
	if came := victim.onward(answer, true); came.status != http.StatusForbidden || !strings.Contains(came.text(), "another browser") {
		t.Errorf("another browser gets %d at %s: %s", came.status, came.path, came.text())
	}
	if came := victim.get("/queue/review"); !strings.HasPrefix(came.path, "/sign-in") {
		t.Errorf("it is signed in, at %s", came.path)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.server.URL+"/sign-in/organisation", nil)
	l.must(err)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := http.DefaultClient.Do(r)
	l.must(err)
	l.must(res.Body.Close())
	if res.StatusCode != http.StatusForbidden {
		t.Errorf("another site's form answers %d", res.StatusCode)
	}
}

func TestNothingOfTheProvidersAnswerIsShownOrLogged(t *testing.T) {
	l := newLine(t)
	p := l.organisation()
	b := l.browser()
	canary := "<b>canary-7f3a</b>"
	came := b.get("/sign-in/organisation/back?" + url.Values{"error": {"x"}, "error_description": {canary}, "iss": {p.URL}}.Encode())
	came = b.onward(came, false)
	if came.status != http.StatusForbidden || strings.Contains(came.body, "canary") {
		t.Errorf("an answer that nobody asked for gets %d: %s", came.status, came.text())
	}
	p.Change(func(p *signontest.Provider) { p.Claims = map[string]any{"nonce": canary} })
	if came := b.onward(b.post("/sign-in/organisation"), true); came.status != http.StatusForbidden || strings.Contains(came.body, "canary") {
		t.Errorf("a wrong token gets %d: %s", came.status, came.text())
	}
	if text := l.log.String(); strings.Contains(text, "canary") || !strings.Contains(text, "doesn't verify") && !strings.Contains(text, "another question") {
		t.Errorf("the log says %s", text)
	}
	if came := b.get("/sign-in/organisation/back?code=" + strings.Repeat("x", 9000)); came.status != http.StatusForbidden {
		t.Errorf("an answer without end gets %d", came.status)
	}
	l.organisation().Change(func(p *signontest.Provider) { p.Down = true })
	if came := l.browser().post("/sign-in/organisation"); came.status != http.StatusServiceUnavailable || !strings.Contains(came.text(), "can't be reached") {
		t.Errorf("while the provider is down one gets %d: %s", came.status, came.text())
	}
}

func TestInABrowserTheSignOnLeadsThereAndBack(t *testing.T) {
	l := newLine(t)
	l.organisation()
	amira := l.staff("amira", heed.Specialist)
	b := l.browser()
	b.post("/sign-in", "name", "amira", "passphrase", passphrase)
	b.onward(b.post("/settings/organisation"), true)
	l.must(l.auth.SeeNotices(t.Context(), amira))
	// Localhost and 127.0.0.1 are two sites, as an organisation's and the desk's are.
	named := strings.Replace(l.server.URL, "127.0.0.1", "localhost", 1)
	w := l.stranger()
	w.do(chromedp.Navigate(named + "/sign-in?to=/settings"))
	w.until(`document.querySelector("form[action='/sign-in/organisation']")`)
	w.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/sign-in/organisation'] button").click()`))
	w.until(`location.pathname === "/settings" && document.querySelector(".account")`)
	l.wait(auth.ProofLife)
	w.do(chromedp.Navigate(named + "/prove?to=/settings"))
	w.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/prove/organisation'] button").click()`))
	w.until(`location.pathname === "/settings" && document.querySelector("form[action='/settings/organisation']")`)
	if open, err := l.auth.Opened(t.Context(), amira, ""); err != nil || len(open) != 2 {
		t.Errorf("%d sessions are open, %v", len(open), err)
	}
}
