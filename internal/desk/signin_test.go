package desk_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/auth/codetest"
)

var (
	offerField = regexp.MustCompile(`name="offer" value="([^"]+)"`)
	secretText = regexp.MustCompile(`<code class="hash" dir="ltr">([A-Z2-7 ]+)</code>`)
)

// codes reads the offer of one-time codes on the page, as a person without a camera does, and its code now.
func (b *browser) codes(p page) (offer, code string) {
	b.l.t.Helper()
	token, secret := offerField.FindStringSubmatch(p.body), secretText.FindStringSubmatch(p.body)
	if token == nil || secret == nil {
		b.l.t.Fatalf("no codes are offered: %d %s", p.status, p.text())
	}
	return token[1], b.l.code(secret[1])
}

// code is what an authenticator app shows for the secret now.
func (l *line) code(secret string) string {
	l.t.Helper()
	return codetest.Code(l.t, secret, l.clock())
}

// enrolled is somebody who enrolled by a link, with the secret of their codes and their recovery codes.
func (l *line) enrolled(name string, roles ...heed.Role) (b *browser, secret string, recovery []string) {
	l.t.Helper()
	_, link, err := l.auth.Add(l.t.Context(), nil, auth.NewStaff{Name: name, Roles: roles})
	l.must(err)
	b = l.browser()
	p := b.get("/enrol/" + link)
	offer, code := b.codes(p)
	secret = secretText.FindStringSubmatch(p.body)[1]
	p = b.post("/enrol/"+link, "passphrase", passphrase, "again", passphrase, "offer", offer, "code", code)
	for _, m := range regexp.MustCompile(`<li><code>([0-9A-Z-]+)</code></li>`).FindAllStringSubmatch(p.body, -1) {
		recovery = append(recovery, m[1])
	}
	if len(recovery) != 10 {
		l.t.Fatalf("enrolling answers %d: %s", p.status, p.text())
	}
	l.wait(time.Minute)
	return b, secret, recovery
}

func TestWithoutScriptsOneEnrolsAndSignsInByPassphraseAndCode(t *testing.T) {
	l := newLine(t)
	_, secret, recovery := l.enrolled("amira", heed.Specialist)
	b := l.browser()
	b.get("/sign-in")
	p := b.post("/sign-in", "name", "amira", "passphrase", passphrase, "to", "/queue/aside")
	if !strings.HasPrefix(p.path, "/sign-in/second") || !strings.Contains(p.text(), "Code from your app") {
		t.Fatalf("the passphrase leads to %s: %s", p.path, p.text())
	}
	if strings.Contains(p.body, `inputmode="numeric"`) {
		t.Error("a phone has no letters for a recovery code")
	}
	if p := b.get("/queue/review"); !strings.HasPrefix(p.path, "/sign-in") {
		t.Errorf("half signed in, one gets to %s", p.path)
	}
	if p := b.post("/sign-in/second", "code", "000000", "to", "/queue/aside"); p.status != http.StatusForbidden || !strings.Contains(p.text(), "isn't the code") {
		t.Errorf("a wrong code answers %d: %s", p.status, p.text())
	}
	if p := b.post("/sign-in/second", "code", l.code(secret), "to", "//evil.example"); p.path != "/queue/review" {
		t.Errorf("the code leads to %s: %s", p.path, p.text())
	}
	other := l.browser()
	other.post("/sign-in", "name", "amira", "passphrase", passphrase)
	if p := other.post("/sign-in/second", "code", recovery[0]); !strings.HasPrefix(p.path, "/notices") || !strings.Contains(p.text(), "A recovery code of amira was used") {
		t.Errorf("a recovery code leads to %s: %s", p.path, p.text())
	}
}

func TestASessionsCookieAloneOpensNothing(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Specialist)
	thief := l.browser()
	for _, c := range b.client.Jar.Cookies(mustURL(t, l.server.URL)) {
		if c.Name == "heed-desk" {
			thief.client.Jar.SetCookies(mustURL(t, l.server.URL), []*http.Cookie{c})
		}
	}
	if p := thief.get("/queue/review"); !strings.HasPrefix(p.path, "/sign-in") {
		t.Errorf("the session's cookie without the browser's leads to %s", p.path)
	}
	if p := b.get("/queue/review"); p.status != http.StatusOK {
		t.Errorf("its own browser is answered %d", p.status)
	}
}

func TestDangerousPagesAskAgainWhoOneIs(t *testing.T) {
	l := newLine(t)
	b, secret, _ := l.enrolled("root", heed.Admin)
	if p := b.get("/staff"); !strings.Contains(p.body, `action="/staff"`) {
		t.Error("who has just signed in can't invite anybody")
	}
	l.wait(auth.ProofLife)
	if p := b.get("/staff"); strings.Contains(p.body, `action="/staff"`) || !strings.Contains(p.body, "/prove?to=/staff") {
		t.Error("after ten minutes the page doesn't ask for a proof first")
	}
	for path := range map[string]bool{"/staff": true, "/settings/token": true, "/settings/codes": true, "/settings/recovery": true} {
		if p := b.post(path, "name", "x", "role", "admin"); !strings.HasPrefix(p.path, "/prove?to=") {
			t.Errorf("POST %s leads to %s", path, p.path)
		}
	}
	if p := b.post("/prove", "passphrase", passphrase, "code", "000000", "to", "/staff"); p.status != http.StatusForbidden {
		t.Errorf("a wrong proof answers %d", p.status)
	}
	if p := b.post("/prove", "passphrase", passphrase, "code", l.code(secret), "to", "/staff"); p.path != "/staff" || !strings.Contains(p.body, `action="/staff"`) {
		t.Errorf("a proof leads to %s: %s", p.path, p.text())
	}
}

func TestAnOldPassphraseIsNoWayAroundTheSecondStep(t *testing.T) {
	l := newLine(t)
	b, secret, _ := l.enrolled("amira", heed.Specialist)
	const other = "seven quiet herons wade"
	change := func() page {
		return b.post("/settings/passphrase", "old", passphrase, "passphrase", other, "again", other)
	}
	l.wait(auth.ProofLife)
	if p := b.get("/settings"); strings.Contains(p.body, `action="/settings/passphrase"`) || strings.Contains(p.body, `action="/settings/token"`) {
		t.Error("after ten minutes the settings take what they won't do")
	}
	if p := change(); !strings.HasPrefix(p.path, "/prove?to=") {
		t.Fatalf("who knows the passphrase and holds the session changes it without a code: %s", p.path)
	}
	if p := b.get("/settings"); strings.Contains(p.body, `action="/settings/codes"`) {
		t.Error("the passphrase alone proved who one is")
	}
	b.post("/prove", "passphrase", passphrase, "code", l.code(secret), "to", "/settings")
	if p := change(); p.path != "/settings?done=passphrase" {
		t.Errorf("after a proof it leads to %s: %s", p.path, p.text())
	}
}

func TestSettingsListWhatIsOpenAndEndIt(t *testing.T) {
	l := newLine(t)
	b := l.signIn("amira", heed.Specialist)
	other := l.browser()
	other.post("/sign-in", "name", "amira", "passphrase", passphrase)
	p := b.post("/settings/token", "days", "30")
	if p.status != http.StatusOK || !strings.Contains(p.text(), "Your new token") {
		t.Fatalf("making a token answers %d: %s", p.status, p.text())
	}
	ends := regexp.MustCompile(`action="(/settings/open/[0-9a-f]{32}/end)"`).FindAllStringSubmatch(p.body, -1)
	if len(ends) != 2 {
		t.Fatalf("%d can be ended, want the other session and the token", len(ends))
	}
	for _, m := range ends {
		if p := b.post(m[1]); !strings.HasPrefix(p.path, "/settings?done=ended") {
			t.Errorf("ending leads to %s", p.path)
		}
	}
	if p := other.get("/queue/review"); !strings.HasPrefix(p.path, "/sign-in") {
		t.Errorf("the ended session is at %s", p.path)
	}
	for _, days := range []string{"0", "-1", "x", "9999999999999999999"} {
		if p := b.post("/settings/token", "days", days); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "between one day and 366 days") {
			t.Errorf("a token of %s days: %d", days, p.status)
		}
	}
	if p := b.post("/settings/token", "days", "4000"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a token for eleven years answers %d", p.status)
	}
}

func TestTwoPeopleGiveANewLinkAndItsOwnerMayStopIt(t *testing.T) {
	l := newLine(t)
	amira, _, _ := l.enrolled("amira", heed.Specialist)
	account, err := l.auth.Named(t.Context(), "amira")
	l.must(err)
	one, two := l.signIn("root", heed.Admin), l.signIn("vera", heed.Admin)
	ask, give := "/staff/"+string(account.ID)+"/reset", "/staff/"+string(account.ID)+"/reset/approve"
	if p := one.post(ask); p.path != "/staff" || !strings.Contains(p.text(), "root asks for a reset") {
		t.Fatalf("asking leads to %s: %s", p.path, p.text())
	}
	if p := one.post(give); p.status != http.StatusForbidden {
		t.Errorf("giving what one asked for oneself answers %d", p.status)
	}
	if p := amira.get("/notices"); !strings.Contains(p.text(), "root asks that amira get a new link") {
		t.Errorf("the owner isn't told: %s", p.text())
	}
	if p := amira.post("/notices/stop"); p.status != http.StatusOK || !strings.Contains(p.text(), "amira stopped") {
		t.Errorf("stopping answers %d: %s", p.status, p.text())
	}
	if p := two.post(give); p.status != http.StatusNotFound {
		t.Errorf("giving what was stopped answers %d", p.status)
	}
	one.post(ask)
	p := two.post(give)
	at := strings.Index(p.body, l.server.URL+"/enrol/")
	if at < 0 {
		t.Fatalf("giving answers %d: %s", p.status, p.text())
	}
	link, _, _ := strings.Cut(p.body[at+len(l.server.URL):], "<")
	if p := amira.get("/queue/review"); p.status != http.StatusOK {
		t.Errorf("before the link is used the old session answers %d", p.status)
	}
	fresh := l.browser()
	offer, code := fresh.codes(fresh.get(link))
	fresh.post(link, "passphrase", "quiet harbour nine violins", "again", "quiet harbour nine violins", "offer", offer, "code", code)
	if p := fresh.get("/"); p.path != "/queue/review" {
		t.Errorf("with new ways she gets to %s", p.path)
	}
	if p := amira.get("/queue/review"); !strings.HasPrefix(p.path, "/sign-in") {
		t.Errorf("the old session is at %s", p.path)
	}
	if p := l.browser().post("/sign-in", "name", "amira", "passphrase", passphrase); p.status != http.StatusForbidden {
		t.Errorf("the old passphrase answers %d", p.status)
	}
}

func TestOtherAdminsAreToldOfEveryAccountThatAnAdminMakes(t *testing.T) {
	l := newLine(t)
	maker, other := l.signIn("root", heed.Admin), l.signIn("vera", heed.Admin)
	maker.post("/staff", "name", "puppet", "role", "overseer")
	maker.post("/staff", "name", "amira", "role", "specialist")
	const told = "root made the account of puppet, which may give new links"
	if p := other.get("/notices"); !strings.Contains(p.text(), told) || !strings.Contains(p.text(), "root made the account of amira.") {
		t.Errorf("the other admin reads %s", p.text())
	}
	if p := maker.get("/notices"); strings.Contains(p.text(), told) {
		t.Error("who made it is told")
	}
}

func TestAChangeOfRolesEndsWhatWasOpen(t *testing.T) {
	l := newLine(t)
	amira := l.signIn("amira", heed.Specialist)
	account, err := l.auth.Named(t.Context(), "amira")
	l.must(err)
	admin := l.signIn("root", heed.Admin)
	path := "/staff/" + string(account.ID) + "/roles"
	if p := admin.post(path, "role", "overseer"); p.path != "/staff" {
		t.Errorf("it leads to %s: %s", p.path, p.text())
	}
	if p := amira.get("/queue/review"); !strings.HasPrefix(p.path, "/sign-in") {
		t.Errorf("the session is at %s", p.path)
	}
	for what, roles := range map[string][]string{"none": {}, "an unknown one": {"role", "king"}, "a custodian's": {"role", "custodian"}} {
		if p := admin.post(path, roles...); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s answers %d", what, p.status)
		}
	}
	self, err := l.auth.Named(t.Context(), "root")
	l.must(err)
	if p := admin.post("/staff/"+string(self.ID)+"/roles", "role", "lead"); p.status != http.StatusForbidden {
		t.Errorf("changing one's own answers %d", p.status)
	}
}

func mustURL(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
