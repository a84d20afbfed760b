package desk_test

import (
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed"
)

func TestReasonsAreMarkedInTheTextWithoutScripts(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	l.staff("amira", heed.Specialist)
	secret, _, err := l.auth.Authenticate(t.Context(), "amira", passphrase, "")
	l.must(err)
	w := l.stranger()
	if _, err := chromedp.Call(w.ctx, network.SetCookie, network.SetCookieParams{Name: "heed-desk", Value: secret, URL: l.server.URL}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(w.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
		t.Fatal(err)
	}
	w.do(chromedp.Navigate(l.server.URL + "/reports/" + string(id)))
	w.until(`document.querySelector(".reasons").checkVisibility()`)
	w.until(`getComputedStyle(document.querySelector(".text mark.why")).textDecorationLine === "underline"`)
}
