package desk_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
)

func TestNobodyComesToAPageThatTheirRoleDoesNotHave(t *testing.T) {
	l := newLine(t)
	id := string(l.arrive(gas))
	pages := map[string][]heed.Role{
		"/queue/review": {heed.Specialist, heed.RoleLead}, "/reports/" + id: {heed.Specialist, heed.RoleLead},
		"/search": {heed.Specialist, heed.RoleLead}, "/queue/review/rows/" + id: {heed.Specialist, heed.RoleLead},
		"/referrals": {heed.Liaison}, "/staff": {heed.Admin, heed.Overseer}, "/audit": {heed.Overseer}, "/audit/rates": {heed.Overseer},
		"/audit/checkpoints": {heed.Overseer}, "/clock": {heed.RoleLead, heed.Admin, heed.Overseer}, "/settings": heed.Roles[:],
	}
	for _, role := range heed.Roles {
		b := l.signIn("the "+string(role), role)
		for path, roles := range pages {
			want := http.StatusForbidden
			for _, r := range roles {
				if r == role {
					want = http.StatusOK
				}
			}
			if p := b.get(path); p.status != want {
				t.Errorf("%s at %s is answered %d, want %d", role, path, p.status, want)
			}
		}
	}
	for path := range pages {
		if p := l.browser().get(path); !strings.HasPrefix(p.path, "/sign-in") {
			t.Errorf("a stranger at %s lands at %s", path, p.path)
		}
	}
}

func TestSigningInLeadsToWhereOneWantedToGoAndNowhereElse(t *testing.T) {
	l := newLine(t)
	l.staff("amira", heed.Specialist)
	for to, want := range map[string]string{
		"/queue/aside": "/queue/aside", "//evil.example/": "/queue/review", "https://evil.example/": "/queue/review",
		`/\evil.example`: "/queue/review", "": "/queue/review",
	} {
		b := l.browser()
		if p := b.post("/sign-in", "name", "amira", "passphrase", passphrase, "to", to); p.path != want {
			t.Errorf("to %q leads to %s, want %s", to, p.path, want)
		}
	}
}

func TestAWrongPassphraseIsSaidOnTheFormWithoutGivingItBack(t *testing.T) {
	l := newLine(t)
	l.staff("amira", heed.Specialist)
	p := l.browser().post("/sign-in", "name", "amira", "passphrase", "quite another one")
	if p.status != http.StatusForbidden || !strings.Contains(p.text(), "don't belong together") || strings.Contains(p.body, "quite another one") {
		t.Errorf("the answer is %d: %s", p.status, p.text())
	}
}

func TestTheSessionsCookieIsOutOfReachOfScriptsAndOtherSites(t *testing.T) {
	l := newLine(t)
	l.staff("amira", heed.Specialist)
	b := l.browser()
	b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p := b.post("/sign-in", "name", "amira", "passphrase", passphrase)
	for _, c := range p.header.Values("Set-Cookie") {
		same := "SameSite=Strict"
		if strings.HasPrefix(c, "heed-known=") {
			same = "SameSite=Lax" // the browser's mark, which opens nothing by itself
		}
		for _, want := range []string{"HttpOnly", same, "Path=/"} {
			if !strings.Contains(c, want) {
				t.Errorf("the cookie %s lacks %s", strings.SplitN(c, "=", 2)[0], want)
			}
		}
	}
}

func TestAnotherSiteCannotActInSomebodysName(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	b := l.signIn("amira", heed.Specialist)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, l.server.URL+"/reports/"+string(id)+"/claim", nil)
	l.must(err)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	res, err := b.client.Do(r)
	l.must(err)
	l.must(res.Body.Close())
	if res.StatusCode != http.StatusForbidden || l.report(id).State != heed.Queued {
		t.Errorf("it answers %d and the report is %s", res.StatusCode, l.report(id).State)
	}
}

func TestAnAdminInvitesSomebodyWhoChoosesTheirPassphrase(t *testing.T) {
	l := newLine(t)
	admin := l.signIn("root", heed.Admin)
	p := admin.post("/staff", "name", "Zoë", "role", "specialist")
	at := strings.Index(p.body, l.server.URL+"/enrol/")
	if p.status != http.StatusOK || at < 0 {
		t.Fatalf("inviting answers %d: %s", p.status, p.text())
	}
	link, _, _ := strings.Cut(p.body[at+len(l.server.URL):], "<")
	if again := admin.get("/staff"); strings.Contains(again.body, "/enrol/") {
		t.Error("the link is shown a second time")
	}
	zoe := l.browser()
	if p := zoe.get(link); p.status != http.StatusOK || !strings.Contains(p.text(), "Zoë") {
		t.Fatalf("the link answers %d: %s", p.status, p.text())
	}
	offer, code := zoe.codes(zoe.get(link))
	if p := zoe.post(link, "passphrase", passphrase, "again", "something else", "offer", offer, "code", code); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.text(), "differ") {
		t.Errorf("two passphrases answer %d: %s", p.status, p.text())
	}
	if p := zoe.post(link, "passphrase", passphrase, "again", passphrase, "offer", offer, "code", "12"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, offer) {
		t.Errorf("a wrong code answers %d: %s", p.status, p.text())
	}
	p = zoe.post(link, "passphrase", passphrase, "again", passphrase, "offer", offer, "code", code)
	if p.status != http.StatusOK || !strings.Contains(p.text(), "Your recovery codes") {
		t.Errorf("enrolling answers %d: %s", p.status, p.text())
	}
	if p := zoe.get("/"); p.path != "/queue/review" {
		t.Errorf("enrolled, she is led to %s", p.path)
	}
	if p := l.browser().get(link); p.status != http.StatusNotFound {
		t.Errorf("the used link answers %d", p.status)
	}
}

func TestTheFirstAccountIsMadeAtTheSetupPage(t *testing.T) {
	l := newLine(t)
	secret, err := l.auth.SetupLink(t.Context())
	l.must(err)
	b := l.browser()
	if p := b.get("/setup/" + secret); p.status != http.StatusOK || !strings.Contains(p.text(), "Custodian") {
		t.Fatalf("the setup page answers %d: %s", p.status, p.text())
	}
	if p := b.post("/setup/"+secret, "name", "Amira", "passphrase", passphrase, "again", passphrase, "role", "lead"); !strings.Contains(p.text(), "must be an admin") {
		t.Errorf("a first account that can invite nobody answers %d: %s", p.status, p.text())
	}
	p := b.post("/setup/"+secret, "name", "Amira", "passphrase", passphrase, "again", passphrase, "role", "admin", "role", "lead", "role", "custodian")
	if p.path != "/queue/review" {
		t.Fatalf("setting up leads to %s: %s", p.path, p.text())
	}
	l.must(l.store.View(t.Context(), func(tx heed.Tx) error {
		amira, err := tx.StaffByName(t.Context(), "Amira")
		if err == nil && amira.CustodianPublic == nil {
			t.Error("the first custodian has no key")
		}
		return err
	}))
	if p := l.browser().get("/setup/" + secret); p.status != http.StatusNotFound {
		t.Errorf("the used link answers %d", p.status)
	}
}

func TestAnOpenPageDoesNotKeepItsSessionAliveByItself(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	b := l.signIn("amira", heed.Specialist)
	for range 4 {
		l.wait(10 * time.Minute)
		b.get("/queue/review/tabs")
		b.get("/queue/review/rows/" + string(id))
	}
	if p := b.get("/queue/review"); !strings.HasPrefix(p.path, "/sign-in") {
		t.Errorf("after forty idle minutes the page is at %s", p.path)
	}
}
