package portal_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/heed-line/heed/internal/web/webtest"
)

var shots = flag.String("shots", "", "folder in which to keep a picture of every page")

func TestMain(m *testing.M) {
	code := m.Run()
	webtest.Close()
	os.Exit(code)
}

// browser is a real Chromium on the line's portal.
type browser struct {
	t   *testing.T
	ctx context.Context
	l   *line
}

func newBrowser(t *testing.T, l *line) *browser {
	t.Helper()
	return &browser{t, webtest.Tab(t), l}
}

func (b *browser) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatal(err)
	}
}

// ask runs an action that has an answer.
func ask[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	answer, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return answer
}

// command sends a command of the browser's own protocol.
func command[P, R any](b *browser, c cdp.Command[P, R], params P) {
	b.t.Helper()
	ask(b, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, c, params)
		return err
	}))
}

// view sets the window: width in CSS pixels, language, dark or light.
func (b *browser) view(width int64, lang string, dark bool) {
	b.t.Helper()
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	command(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1})
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
	})
	command(b, network.Enable, network.EnableParams{})
	command(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": lang}})
}

// look checks what must hold on every page and keeps its picture.
func (b *browser) look(name string) {
	b.t.Helper()
	wide := ask(b, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`))
	headings := ask(b, chromedp.Evaluate[int](`document.querySelectorAll("h1").length`))
	outside := ask(b, chromedp.Evaluate[string](`Array.from(document.querySelectorAll("body *")).filter(e => { const r = e.getBoundingClientRect(), s = getComputedStyle(e);
			return r.width > 1 && s.position !== "absolute" && (r.left < -1 || r.right > innerWidth + 1) && !e.closest("pre") }).map(e => e.outerHTML.slice(0, 80)).slice(0, 3).join(" ")`))
	if wide > 0 || outside != "" {
		b.t.Errorf("%s: %d px wider than the window: %s", name, wide, outside)
	}
	if headings != 1 {
		b.t.Errorf("%s: %d first-level headings", name, headings)
	}
	if *shots == "" {
		return
	}
	picture := ask(b, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), picture, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) press(value string) {
	b.t.Helper()
	b.click(fmt.Sprintf("button[name=go][value=%s]", value))
}

// click follows a link or button to the page that it leads to.
func (b *browser) click(selector string) {
	b.t.Helper()
	loaded := func(page.EventLoadEventFired) bool { return true }
	ask(b, chromedp.WaitEvent(page.LoadEventFired, loaded, chromedp.Click(chromedp.CSS(selector))))
}

func (b *browser) noScripts() {
	b.t.Helper()
	command(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}

// whole goes the whole way of a report in one view.
func (b *browser) whole(tag string) {
	b.t.Helper()
	file := filepath.Join(b.t.TempDir(), "a-very-long-name-of-a-photo-that-somebody-took-at-the-harbour-market.txt")
	if err := os.WriteFile(file, []byte("not really a photo"), 0o600); err != nil {
		b.t.Fatal(err)
	}
	b.run(chromedp.Navigate(b.l.server.URL + "/"))
	b.look(tag + "-1-start")
	b.click(".call a")
	b.press("next")
	b.look(tag + "-2-text-error")
	b.run(chromedp.SendKeys(chromedp.CSS("textarea"), told), chromedp.SendKeys(chromedp.CSS("#place"), "Harbour market"))
	b.look(tag + "-2-text")
	b.press("next")
	b.run(chromedp.SendKeys(chromedp.CSS("#files"), file))
	b.press("add")
	b.look(tag + "-3-files")
	b.press("next")
	b.look(tag + "-4-who")
	b.run(chromedp.Click(chromedp.CSS("#named")), chromedp.SendKeys(chromedp.CSS("#name"), "Rosa Example"))
	b.look(tag + "-4-who-named")
	b.press("next")
	b.look(tag + "-5-check")
	b.press("back")
	b.press("next")
	b.press("next")
	b.look(tag + "-6-receipt")
	receipt := ask(b, chromedp.Text(chromedp.CSS(".digits")))
	b.run(chromedp.Navigate(b.l.server.URL + "/status"))
	b.look(tag + "-7-lookup")
	b.run(chromedp.SendKeys(chromedp.CSS("#receipt"), strings.Join(strings.Fields(receipt), " ")))
	b.press("next")
	b.run(chromedp.SendKeys(chromedp.CSS("#text"), "They are red."))
	b.press("next")
	b.look(tag + "-8-status")
	b.press("withdraw")
	b.look(tag + "-9-withdraw")
	b.press("next")
	b.look(tag + "-9-withdrawn")
	for _, page := range []string{"privacy", "transparency", "nowhere"} {
		b.run(chromedp.Navigate(b.l.server.URL + "/" + page))
		b.look(tag + "-" + page)
	}
}

func TestAReportGoesAllTheWayInARealBrowser(t *testing.T) {
	for _, v := range []struct {
		tag     string
		width   int64
		lang    string
		dark    bool
		scripts bool
	}{
		{"phone-en", 320, "en", false, true},
		{"phone-ar-dark-noscript", 320, "ar", true, false},
		{"desktop-ar", 1280, "ar", false, true},
		{"desktop-en-dark-noscript", 1280, "en", true, false},
		{"phone-zh", 320, "zh-Hans", false, true},
	} {
		t.Run(v.tag, func(t *testing.T) {
			l := newLine(t)
			b := newBrowser(t, l)
			b.view(v.width, v.lang, v.dark)
			if !v.scripts {
				b.noScripts()
			}
			b.whole(v.tag)
			if n := len(l.reports()); n != 1 {
				t.Errorf("%d reports", n)
			}
		})
	}
}

func TestLeavingByKeyReplacesThePageInTheHistory(t *testing.T) {
	l := newLine(t)
	l.profile.Exit.URL = l.server.URL + "/healthz"
	for name, keys := range map[string][]string{"Esc twice": {kb.Escape, kb.Escape}, "Shift three times": {kb.Shift, kb.Shift, kb.Shift}} {
		t.Run(name, func(t *testing.T) {
			b := newBrowser(t, l)
			b.view(1280, "en", false)
			b.run(chromedp.Navigate(l.server.URL+"/report"), chromedp.SendKeys(chromedp.CSS("#text"), told))
			loaded := func(page.EventLoadEventFired) bool { return true }
			press := chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
				for _, key := range keys {
					if _, err := chromedp.KeyEvent(key)(ctx, target); err != nil {
						return err
					}
				}
				return nil
			})
			ask(b, chromedp.WaitEvent(page.LoadEventFired, loaded, press))
			if at := ask(b, chromedp.Location()); at != l.profile.Exit.URL {
				t.Errorf("at %s", at)
			}
			for _, entry := range ask(b, chromedp.NavigationEntries()).Entries {
				if strings.Contains(entry.URL, "/report") {
					t.Error("the history still has the page")
				}
			}
		})
	}
}

func TestScriptsCountCharactersAndFocusTheErrors(t *testing.T) {
	l := newLine(t, func(l *line) { l.profile.Limits.Text = 70 })
	b := newBrowser(t, l)
	b.view(320, "fr", false)
	b.run(chromedp.Navigate(l.server.URL+"/report"), chromedp.SendKeys(chromedp.CSS("#text"), told))
	if count := ask(b, chromedp.Text(chromedp.CSS("#text-count"))); count != "Caractères restants : 6" {
		t.Errorf("count %q", count)
	}
	b.run(chromedp.SendKeys(chromedp.CSS("#text"), " 12345678"))
	if count := ask(b, chromedp.Text(chromedp.CSS("#text-count"))); count != "Caractères en trop : 3" {
		t.Errorf("count %q", count)
	}
	b.press("next")
	if focused := ask(b, chromedp.Evaluate[string](`document.activeElement.id`)); focused != "error-summary" {
		t.Errorf("the focus is on %q", focused)
	}
}

func TestArabicPagesAreMirrored(t *testing.T) {
	l := newLine(t)
	b := newBrowser(t, l)
	for lang, want := range map[string]bool{"en": false, "ar": true} {
		b.view(1280, lang, false)
		b.run(chromedp.Navigate(l.server.URL + "/"))
		mirrored := ask(b, chromedp.Evaluate[bool](`document.getElementById("exit").getBoundingClientRect().left < innerWidth / 2`))
		if mirrored != want {
			t.Errorf("%s: mirrored %v", lang, mirrored)
		}
	}
}

func TestTheEnterKeyInAFieldGoesForwardAndNotToAnotherLanguage(t *testing.T) {
	l := newLine(t)
	b := newBrowser(t, l)
	b.view(1280, "en", false)
	b.noScripts()
	b.run(chromedp.Navigate(l.server.URL+"/report"), chromedp.SendKeys(chromedp.CSS("#text"), told))
	loaded := func(page.EventLoadEventFired) bool { return true }
	ask(b, chromedp.WaitEvent(page.LoadEventFired, loaded, chromedp.SendKeys(chromedp.CSS("#place"), "Harbour\n")))
	if heading := ask(b, chromedp.Text(chromedp.CSS("h1"))); heading != "Do you want to add files?" {
		t.Errorf("heading %q", heading)
	}
}
