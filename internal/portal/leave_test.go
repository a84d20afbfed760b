package portal_test

import (
	"context"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"golang.org/x/net/html"
)

// firstReached is the id of the first element to which the Tab key leads.
func (d *doc) firstReached() string {
	for n := range d.root.Descendants() {
		if n.Type != html.ElementNode || attr(n, "tabindex") == "-1" {
			continue
		}
		switch n.Data {
		case "a", "button", "input", "textarea", "select", "summary":
			return attr(n, "id")
		}
	}
	return ""
}

func TestTheFirstLinkOfEveryPageLeavesIt(t *testing.T) {
	l := newLine(t)
	receipt, status := l.sent()
	check := l.toCheck()
	for name, d := range map[string]*doc{
		"start": l.get("/"), "text": l.get("/report"), "check": check, "receipt": l.post("/report", check.with("go", "next")),
		"lookup": l.get("/status"), "status": status, "withdraw": l.post("/status", status.with("go", "withdraw")),
		"unknown Receipt": l.post("/status", l.get("/status").with("receipt", strings.Repeat("0", 20), "go", "next")),
		"privacy":         l.get("/privacy"), "transparency": l.get("/transparency"), "nowhere": l.get("/nowhere"),
		"Arabic": l.get("/report?lang=ar"),
	} {
		if got := d.firstReached(); got != "exit" {
			t.Errorf("%s: Tab leads to %q first", name, got)
		}
		if !strings.Contains(d.body, `id="exit" href="https://www.wikipedia.org/" rel="noreferrer noopener nofollow"`) {
			t.Errorf("%s: no way out", name)
		}
	}
	if receipt == "" {
		t.Error("no Receipt")
	}
}

func TestLeavingWorksByKeyboardWithoutScripts(t *testing.T) {
	l := newLine(t)
	l.profile.Exit.URL = l.server.URL + "/healthz"
	for _, lang := range []string{"en", "ar"} {
		b := newBrowser(t, l)
		b.view(320, lang, false)
		b.noScripts()
		b.run(chromedp.Navigate(l.server.URL + "/report"))
		loaded := func(page.EventLoadEventFired) bool { return true }
		press := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
			for _, key := range []string{kb.Tab, kb.Enter} {
				if _, err := chromedp.KeyEvent(key)(ctx, target); err != nil {
					return err
				}
			}
			return nil
		})
		ask(b, chromedp.WaitEvent(page.LoadEventFired, loaded, press))
		if at := ask(b, chromedp.Location()); at != l.profile.Exit.URL {
			t.Errorf("%s: Tab and Enter lead to %s", lang, at)
		}
	}
}
