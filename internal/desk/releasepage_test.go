package desk_test

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web/webtest"
)

// narrow makes the window as wide as a phone.
func (w *window) narrow() {
	w.t.Helper()
	size := emulation.SetDeviceMetricsOverrideParams{Width: 320, Height: 900, DeviceScaleFactor: 1}
	if _, err := chromedp.Call(w.ctx, emulation.SetDeviceMetricsOverride, size); err != nil {
		w.t.Fatal(err)
	}
}

// fits holds the page to be accessible by axe-core's measure, and no wider than the window.
func (w *window) fits(what string) {
	w.t.Helper()
	webtest.Axe(w.t, w.ctx, what)
	wide, err := chromedp.Run(w.ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
	if err != nil || wide > 1 {
		w.t.Errorf("%s: the page is %d px wider than the window, %v", what, wide, err)
	}
}

func TestThePagesOfAnOriginalThatIsReleasedAreAccessible(t *testing.T) {
	l := newLine(t)
	dana := l.signIn("dana", heed.Custodian)
	l.must(l.days.EnsureDays(t.Context(), l.clock()))
	report, file, _ := l.sent(t, "yard.jpg", l.taken())
	l.staff("lea", heed.RoleLead)
	w := l.window("lea")
	w.narrow()
	w.do(chromedp.Navigate(l.server.URL + "/reports/" + string(report) + "/disclosures?file=" + string(file)))
	w.until(`document.querySelector("#class-danger") && document.body.classList.contains("scripted")`)
	w.fits("asking for a file as it was sent")
	w.do(chromedp.Click(chromedp.CSS("#class-danger")), chromedp.SetValue(chromedp.CSS("#reason"), "The maker must see the bolts"), chromedp.Click(chromedp.CSS("main form button")))
	w.until(`location.pathname.startsWith("/disclosures/") && document.querySelector("#said")`)
	w.fits("a file that was asked for")
	own, err := chromedp.Run(w.ctx, chromedp.Evaluate[string]("location.pathname"))
	l.must(err)
	if p := dana.approves(own); !strings.HasPrefix(p.path, "/disclosures") {
		t.Fatalf("approving answers %d at %s: %s", p.status, p.path, p.text())
	}
	w.do(chromedp.Navigate(l.server.URL + own))
	w.until(`document.querySelector("#department")`)
	w.fits("a file that may be released")
	w.do(chromedp.SetValue(chromedp.CSS("#department"), "fire-safety"), chromedp.Click(chromedp.CSS(`form[action$="/release"] button`)))
	w.until(`document.querySelector("#said") && document.querySelector("#said").textContent.includes("into the next package for")`)
	w.fits("a released file")
	if d := l.disclosure(own); d.State != heed.DisclosureReleased {
		t.Errorf("it is %s", d.State)
	}
}
