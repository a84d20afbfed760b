package desk_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web/webtest"
)

// window is somebody at the desk in a real browser.
type window struct {
	t   *testing.T
	ctx context.Context
}

// window opens the desk in Chromium, signed in as the staff member.
func (l *line) window(name string) *window {
	l.t.Helper()
	w := l.stranger()
	secret, _, err := l.auth.Authenticate(l.t.Context(), name, passphrase, "")
	l.must(err)
	cookie := network.SetCookieParams{Name: "heed-desk", Value: secret, URL: l.server.URL}
	if _, err := chromedp.Call(w.ctx, network.SetCookie, cookie); err != nil {
		l.t.Fatal(err)
	}
	w.do(chromedp.Navigate(l.server.URL + "/queue/review"))
	w.until(`document.body.classList.contains("scripted")`)
	return w
}

// stranger opens Chromium for somebody who isn't signed in.
func (l *line) stranger() *window {
	l.t.Helper()
	w := &window{l.t, webtest.Tab(l.t)}
	size := emulation.SetDeviceMetricsOverrideParams{Width: 1440, Height: 900, DeviceScaleFactor: 1}
	if _, err := chromedp.Call(w.ctx, emulation.SetDeviceMetricsOverride, size); err != nil {
		l.t.Fatal(err)
	}
	return w
}

func (w *window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, steps...); err != nil {
		w.t.Fatal(err)
	}
}

// keys presses one key after the other.
func (w *window) keys(keys ...string) {
	w.t.Helper()
	for _, k := range keys {
		w.do(chromedp.KeyEvent(k))
	}
}

// until waits for the expression to hold.
func (w *window) until(expression string) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if got, err := chromedp.Run(w.ctx, chromedp.Evaluate[bool]("!!("+expression+")")); err == nil && got {
			return
		}
	}
	said, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.body.innerText.slice(0, 1500)`))
	w.t.Fatalf("never became true: %s\n%s %v", expression, said, err)
}

func (w *window) text(selector string) string {
	w.t.Helper()
	text, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](`document.querySelector("`+selector+`").innerText`))
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// send is Ctrl and Enter together.
func (w *window) send() {
	w.t.Helper()
	w.do(chromedp.KeyEvent("\r", chromedp.KeyModifiers(2)))
}

func TestASpecialistWorksByKeysAlone(t *testing.T) {
	l := newLine(t)
	first := l.arrive(gas)
	second := l.arrive("A lorry tips waste into the river behind the old mill every night.")
	l.staff("amira", heed.Specialist)
	w := l.window("amira")

	w.keys("j", "\r")
	w.until(`document.getElementById("report").dataset.id === "` + string(first) + `"`)
	w.keys("c")
	w.until(`document.getElementById("report").hasAttribute("data-mine")`)
	if r := l.report(first); r.State != heed.InReview {
		t.Errorf("after C the report is %s", r.State)
	}

	w.keys("e")
	w.until(`document.body.classList.contains("show-reasons")`)

	w.keys("p")
	w.until(`document.activeElement.id === "reason-hold"`)
	w.send()
	w.until(`document.querySelector("#reason-hold:invalid")`)
	w.keys("w", "a", "i", "t", "i", "n", "g")
	w.until(`document.activeElement.value === "waiting"`)
	w.send()
	w.until(`document.querySelector("#undo .toast")`)
	if r := l.report(first); r.State != heed.Held {
		t.Errorf("after P the report is %s", r.State)
	}

	w.keys("z")
	w.until(`document.getElementById("report").dataset.state === "in_review"`)
	if r := l.report(first); r.State != heed.InReview {
		t.Errorf("after Z the report is %s", r.State)
	}

	w.keys("r")
	w.until(`document.activeElement.id === "department"`)
	w.keys("\x1b")
	w.until(`!document.querySelector("details.act[open]")`)
	w.keys("j", "\r")
	w.until(`document.getElementById("report").dataset.id === "` + string(second) + `"`)

	w.keys("?")
	w.until(`document.querySelector("dialog[open]")`)
	w.keys("\x1b")
	w.until(`!document.querySelector("dialog[open]")`)
	w.keys("/")
	w.until(`location.pathname === "/search"`)
}

func TestUrgencyIsRaisedByKeysWithoutAReason(t *testing.T) {
	l := newLine(t)
	id := l.arrive("A lorry tips waste into the river behind the old mill every night.")
	l.staff("amira", heed.Specialist)
	before := l.report(id).Urgency
	if before == heed.Immediate {
		t.Fatal("it can't be raised")
	}
	w := l.window("amira")
	w.keys("j", "\r")
	w.until(`document.getElementById("report").dataset.id === "` + string(id) + `"`)
	w.keys("u")
	w.until(`document.activeElement.id === "urgency-` + string(before) + `"`)
	for range before.Rank() - heed.Immediate.Rank() {
		w.keys(kb.ArrowUp)
	}
	w.until(`document.activeElement.id === "urgency-immediate"`)
	w.keys("\r")
	w.until(`document.querySelector(".report-head.u-immediate")`)
	if got := l.report(id).Urgency; got != heed.Immediate {
		t.Errorf("it is %s", got)
	}
}

func TestANewReportWaitsBehindItsKeyAndMovesNothingThatIsRead(t *testing.T) {
	l := newLine(t)
	first := l.arrive("A lorry tips waste into the river behind the old mill every night.")
	l.staff("amira", heed.Specialist)
	w := l.window("amira")
	w.keys("j", "\r")
	w.until(`document.getElementById("report").dataset.id === "` + string(first) + `"`)
	fresh := l.arrive(gas)
	w.until(`!document.querySelector("#queue .new-rows").hidden`)
	if strings.Contains(w.text("#rows"), fresh.Short()) {
		t.Error("the list moved by itself")
	}
	w.until(`document.querySelector("#tabs [aria-current] .count").textContent === "2"`)
	w.keys("n")
	w.until(`document.getElementById("row-` + string(fresh) + `")`)
	w.until(`document.getElementById("report").dataset.id === "` + string(first) + `"`)
}

func TestWhatIsWrongStandsBesideWhatWasTyped(t *testing.T) {
	l := newLine(t)
	id := l.arrive(gas)
	l.staff("amira", heed.Specialist)
	w := l.window("amira")
	w.keys("j", "\r")
	w.until(`document.getElementById("report").dataset.id === "` + string(id) + `"`)
	w.keys("d")
	w.until(`document.activeElement.id === "lead-id" || document.activeElement.name === "lead"`)
	w.do(chromedp.SetValue(chromedp.CSS("#lead-id"), "06h0mtsmafybw3r0h7p37rf3hr"), chromedp.SetValue(chromedp.CSS("#reason-duplicate"), "the same fire"))
	w.send()
	w.until(`document.querySelector(".panel .field-error")`)
	w.until(`document.getElementById("reason-duplicate").value === "the same fire"`)
}
