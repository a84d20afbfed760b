package desk_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
)

func TestOneEnrolsAndSignsInWithAPasskeyAlone(t *testing.T) {
	l := newLine(t)
	_, link, err := l.auth.Add(t.Context(), nil, auth.NewStaff{Name: "amira", Roles: []heed.Role{heed.Specialist}})
	l.must(err)
	named := strings.Replace(l.server.URL, "127.0.0.1", "localhost", 1)
	w := l.stranger()
	if _, err := chromedp.Call(w.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	device := webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true,
		AutomaticPresenceSimulation: true,
	}
	if _, err := chromedp.Call(w.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &device}); err != nil {
		t.Fatal(err)
	}
	w.do(chromedp.Navigate(named + "/enrol/" + link))
	w.until(`document.querySelector("form[data-passkey]") && !document.querySelector("form[data-passkey]").hidden`)
	w.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[data-passkey] button").click()`))
	w.until(`document.querySelectorAll("#recovery-codes li").length === 10`)
	w.do(chromedp.Navigate(named + "/queue/review"))
	w.until(`document.querySelector(".account")`)
	w.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/sign-out']").submit()`))
	w.until(`location.pathname === "/sign-in" && document.querySelector("form[data-passkey]") && !document.querySelector("form[data-passkey]").hidden`)
	w.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[data-passkey] button").click()`))
	w.until(`document.querySelector(".account")`)

	// Where passkeys don't work, nobody is offered one; what isn't an answer opens nothing.
	b := l.browser()
	if p := b.get("/sign-in"); strings.Contains(p.body, "data-passkey") {
		t.Error("a passkey is offered at 127.0.0.1")
	}
	if p := b.get("/sign-in/passkey"); p.status != http.StatusNotFound {
		t.Errorf("at 127.0.0.1 the options answer %d", p.status)
	}
}
