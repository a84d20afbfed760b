package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed/internal/web/webtest"
)

// chromium starts one browser for all tests of the process; each test has cookies and tabs of its own in it.
var chromium = sync.OnceValues(func() (context.Context, error) {
	browser, stop, err := startChromium()
	if err == nil {
		atExit(stop)
	}
	return browser, err
})

// startChromium starts a browser in which nothing glides, with further options. stop ends it.
func startChromium(further ...chromedp.ExecAllocatorOption) (browser context.Context, stop func(), err error) {
	return webtest.Start(append(further, chromedp.Flag("force-prefers-reduced-motion", true))...)
}

// view is how a browser looks at the line.
type view struct {
	width    int64
	language string
	scripts  bool
}

// views are the ways in which every page must work. Any two of width, language and scripts meet in one of the first four; HEED_SOAK
// goes them all.
func views() []view {
	some := []view{{1280, "en", true}, {320, "en", false}, {320, "ar", true}, {1280, "ar", false}}
	if os.Getenv("HEED_SOAK") == "" {
		return some
	}
	return append(some, view{320, "en", true}, view{1280, "en", false}, view{1280, "ar", true}, view{320, "ar", false})
}

func (v view) String() string {
	scripts := "with scripts"
	if !v.scripts {
		scripts = "without scripts"
	}
	return fmt.Sprintf("%s at %d px %s", v.language, v.width, scripts)
}

// tab is one tab of a browser of its own.
type tab struct {
	t    *testing.T
	ctx  context.Context
	view view
}

func openTab(t *testing.T, v view) *tab {
	t.Helper()
	browser, err := chromium()
	if err != nil {
		missing(t, err)
	}
	return openTabIn(t, browser, v)
}

// openTabIn opens a tab with cookies of its own in a browser.
func openTabIn(t *testing.T, browser context.Context, v view) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 5*time.Minute) // it only ends what hangs
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, view: v}
	height := int64(900)
	b.do() // opens it
	metrics := emulation.SetDeviceMetricsOverrideParams{Width: v.width, Height: height, DeviceScaleFactor: 1, Mobile: v.width < 500}
	call(b, emulation.SetDeviceMetricsOverride, metrics)
	call(b, emulation.SetLocaleOverride, emulation.SetLocaleOverrideParams{Locale: v.language})
	b.scripts(v.scripts)
	return b
}

// call sends one protocol command to the tab.
func call[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatalf("%s: %v", b.where(), err)
	}
	return result
}

// get runs an action that answers something.
func get[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	result, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatalf("%s: %v", b.where(), err)
	}
	return result
}

func (b *tab) scripts(on bool) {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on})
}

// missing fails where everything must be there (CI=true) and skips on a developer's machine, saying what to install.
func missing(t *testing.T, err error) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(err)
	}
	t.Skip(err)
}

func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, actions...); err != nil {
		b.t.Fatalf("%s: %v", b.where(), err)
	}
}

func (b *tab) where() string {
	url, err := chromedp.Run(b.ctx, chromedp.Location())
	if err != nil {
		return b.view.String()
	}
	return b.view.String() + ", " + url
}

func (b *tab) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url), chromedp.WaitReady(chromedp.CSS("main")))
}

// press clicks a button that leads to another page and waits for it.
func (b *tab) press(selector string) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatalf("%s: pressing %s: %v", b.where(), selector, err)
	}
	b.do(chromedp.WaitReady(chromedp.CSS("main")))
}

// next presses the page's forward button, back its back button.
func (b *tab) next() { b.t.Helper(); b.press(`main button[name=go][value=next]`) }
func (b *tab) back() { b.t.Helper(); b.press(`main button[name=go][value=back]`) }

func (b *tab) write(selector, text string) {
	b.t.Helper()
	b.do(chromedp.SetValue(chromedp.CSS(selector), text))
}

func (b *tab) text(selector string) string {
	b.t.Helper()
	return get(b, chromedp.Text(chromedp.CSS(selector)))
}

func (b *tab) value(selector string) string {
	b.t.Helper()
	return get(b, chromedp.Value(chromedp.CSS(selector)))
}

func (b *tab) has(selector string) bool {
	b.t.Helper()
	return eval[int](b, fmt.Sprintf("document.querySelectorAll(%q).length", selector)) > 0
}

// eval answers the value of an expression, awaited where it is a promise.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	return get(b, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}

// check holds the page to what every page must be: accessible by axe-core's measure, no wider than the screen, in the
// right direction, without a cookie on the portal. Colours are those of the page with scripts, and looked at there.
func (b *tab) check(what string) {
	b.t.Helper()
	var but []string
	// axe waits with timers, which need scripts on; the page is loaded by then, so that its own don't run.
	if !b.view.scripts {
		b.scripts(true)
		defer b.scripts(false)
		if os.Getenv("HEED_SOAK") == "" {
			but = append(but, webtest.Contrast)
		}
	}
	webtest.Axe(b.t, b.ctx, fmt.Sprintf("%s (%s)", what, b.view), but...)
	type width struct {
		Page, Screen float64
		Widest       string
	}
	wide := eval[width](b, `(() => { const s = document.documentElement.clientWidth; let w = "", most = s + 1;
		for (const e of document.querySelectorAll("main *")) { const r = e.getBoundingClientRect(); if (r.right > most && r.width > 0) { most = r.right; w = e.outerHTML.slice(0, 120) } }
		return {Page: document.documentElement.scrollWidth, Screen: s, Widest: w} })()`)
	if wide.Page > wide.Screen+1 {
		b.t.Errorf("%s (%s): the page is %v px wide on a screen of %v; widest: %s", what, b.view, wide.Page, wide.Screen, wide.Widest)
	}
}

// cookies counts the cookies that the tab's browser holds.
func (b *tab) cookies() int {
	b.t.Helper()
	return len(call(b, storage.GetCookies, storage.GetCookiesParams{}).Cookies)
}

// address is the page's URL without its origin.
func (b *tab) address() string {
	b.t.Helper()
	_, rest, _ := strings.Cut(strings.TrimPrefix(get(b, chromedp.Location()), "http://"), "/")
	return "/" + rest
}

// picture keeps a screenshot in the folder that HEED_PICTURES names, for the documents.
func (b *tab) picture(name string) {
	b.t.Helper()
	folder := os.Getenv("HEED_PICTURES")
	if folder == "" {
		return
	}
	beyond := b.view.width < 500
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &beyond})
	if err := os.WriteFile(filepath.Join(folder, name+".png"), shot.Data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
