// Package webtest gives tests one real Chromium for a whole test binary, with cookies and tabs of its own for each of them, and the texts of
// the program read once: to start a browser and to read seven languages take longer than most of what is tested with them.
//
// A package whose tests open a tab ends its TestMain with Close.
package webtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed/internal/web"
	files "github.com/heed-line/heed/web"
)

// idle are chromedp's own, and what Chromium does for a person's next click, or for what they type in its address bar: each costs as much as a
// page, in every browser anew.
const idle = "site-per-process,Translate,BlinkGenPropertyTrees,SpareRendererForSitePerProcess,WebUIPreload,PreloadTopChromeWebUI," +
	"WebUIOmniboxPopup,WebUIOmniboxAimPopup"

// shared is what the tests of this binary have the same. They have no other place between them.
var shared struct {
	sync.Mutex
	browser context.Context
	err     error
	stop    func()
	locales map[string]*web.Locales
}

var errAbsent = errors.New("no Chromium here: scripts/install-test-deps installs one")

// Tab opens an empty tab of a browser whose cookies and storage are the test's alone, and closes both at its end. The context is chromedp's, and
// ends after a quarter of an hour: that ends only what hangs. Without Chromium a test is skipped, but with CI=true it fails.
func Tab(t testing.TB) context.Context {
	t.Helper()
	browser, err := chromium()
	if errors.Is(err, errAbsent) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, cancel = context.WithTimeout(ctx, 15*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("open a tab: %v", err)
	}
	return ctx
}

// chromium is the browser, started at its first use.
func chromium() (context.Context, error) {
	shared.Lock()
	defer shared.Unlock()
	if shared.browser == nil && shared.err == nil {
		shared.browser, shared.stop, shared.err = Start()
	}
	return shared.browser, shared.err
}

// browsers are programs of which each is as good, the lightest first: Debian's shell has nothing that is for people, and takes a third less of the
// processor. It stands here by its path: on the search path is a script that starts it as a process of its own, which isn't ended with the script.
var browsers = [...]string{"/usr/lib/chromium/chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"}

// Start starts a browser with further options, to be stopped when it isn't needed any more. It fails where there is none.
func Start(further ...chromedp.ExecAllocatorOption) (browser context.Context, stop func(), err error) {
	var path string
	for _, name := range browsers {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil, nil, errAbsent
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("disable-features", idle))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), append(options, further...)...)
	browser, stopBrowser := chromedp.NewContext(allocator)
	stop = func() { stopBrowser(); stopAllocator() }
	if err := chromedp.Do(browser); err != nil {
		stop()
		return nil, nil, fmt.Errorf("start Chromium: %w", err)
	}
	return browser, stop, nil
}

// Close ends the browser, where a test started one.
func Close() {
	shared.Lock()
	defer shared.Unlock()
	if shared.stop != nil {
		shared.stop()
		shared.browser, shared.stop = nil, nil
	}
}

// Locales are the program's texts in some languages, or in all where none is named. Tests share them: nothing changes them.
func Locales(t testing.TB, tags ...string) *web.Locales {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	key := strings.Join(tags, " ")
	if l, ok := shared.locales[key]; ok {
		return l
	}
	folder, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	l, err := web.LoadLocales(folder, tags...)
	if err != nil {
		t.Fatal(err)
	}
	if shared.locales == nil {
		shared.locales = map[string]*web.Locales{}
	}
	shared.locales[key] = l
	return l
}
