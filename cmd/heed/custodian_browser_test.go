package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// walkCustodians approves and removes Custodians by keyboard alone, with a key that is on a machine apart and with one that is here,
// and holds each page of it to what every page must be. The admin asks for the removals.
func (l *testLine) walkCustodians(t *testing.T, v view, admin *tab) {
	t.Helper()
	stick := t.TempDir()
	l.addCustodianApart("dana", stick, "--language", v.language)
	l.addStaff("eve", "custodian", "--language", v.language)
	dana := l.sitsByKey(t, v, "dana")
	dana.open(l.desk + "/custodians")
	dana.check("a custodian to approve apart")
	dana.picture(fmt.Sprintf("custodians-%s-%d", v.language, v.width))
	request := dana.downloads(stick, func() { dana.keys(`form[action$="/approve/apart"] button`) })
	dana.brings(filepath.Join(stick, request))
	dana.check("no answer")
	dana.picture(fmt.Sprintf("custodians-fault-%s-%d", v.language, v.width))
	if at := eval[string](dana, `document.activeElement.className`); v.scripts && !strings.Contains(at, "error-summary") {
		t.Errorf("what went wrong doesn't take the focus: %q has it", at)
	}
	dana.brings(l.agrees(t, stick, request, "yes\nyes\n"))                                      // the first time the line's key is compared
	for _, file := range []string{request, strings.TrimSuffix(request, "request") + "answer"} { // the next has the same name
		if err := os.Remove(filepath.Join(stick, file)); err != nil {
			t.Fatal(err)
		}
	}
	if text := dana.text("main"); !strings.Contains(text, "dana") || dana.has(`form[action$="/approve/apart"]`) {
		t.Errorf("eve isn't approved: %s", text)
	}

	l.addStaff("fay", "custodian", "--language", v.language)
	eve := l.sitsByKey(t, v, "eve")
	eve.open(l.desk + "/custodians")
	eve.check("a custodian to approve here")
	eve.picture(fmt.Sprintf("custodians-here-%s-%d", v.language, v.width))
	eve.types(`form[action$="/approve"] input[type=password]`, testPassphrase)
	for range 2 { // of eve, then of fay: who asked then stands in the place of the button
		admin.open(l.desk + "/custodians")
		admin.pressesByKey(`section:nth-last-of-type(-n+2) form[action$="/ask-removal"] button`)
	}
	admin.check("removals that are asked")
	admin.picture(fmt.Sprintf("custodians-asked-%s-%d", v.language, v.width))
	eve.open(l.desk + "/custodians")
	eve.types(`form[action$="/remove"] input[type=password]`, testPassphrase)
	dana.open(l.desk + "/custodians")
	dana.check("a removal to agree to apart")
	dana.picture(fmt.Sprintf("custodians-removal-%s-%d", v.language, v.width))
	request = dana.downloads(stick, func() { dana.keys(`form[action$="/remove/apart"] button`) })
	dana.brings(l.agrees(t, stick, request, "yes\n"))
	if left := eval[string](dana, `[...document.querySelectorAll("main h2")].map(h => h.textContent).join()`); strings.Contains(left, "eve") || strings.Contains(left, "fay") {
		t.Errorf("there are yet %s", left)
	}
}

// agrees carries the request to the machine apart, and is the answer's file.
func (l *testLine) agrees(t *testing.T, stick, request, typed string) string {
	t.Helper()
	return strings.TrimSpace(heedApart(t, stick, apartPassphrase+"\n"+typed, "custodian", "open", "--key", "dana.key", filepath.Join(stick, request)))
}

// sitsByKey signs an account in without a pointer.
func (l *testLine) sitsByKey(t *testing.T, v view, name string) *tab {
	t.Helper()
	b := openTab(t, v)
	b.open(l.desk + "/sign-in")
	b.reaches("#name")
	b.do(chromedp.KeyEvent(name))
	b.types("#passphrase", testPassphrase)
	return b
}

// reaches goes by the Tab key until what is selected has the focus, which must be seen there.
func (b *tab) reaches(selector string) {
	b.t.Helper()
	for range 100 {
		b.do(chromedp.KeyEvent("\t"))
		switch eval[string](b, fmt.Sprintf(`document.activeElement.matches(%q) ? getComputedStyle(document.activeElement).outlineStyle : "elsewhere"`, selector)) {
		case "elsewhere":
		case "none":
			b.t.Fatalf("%s: nobody sees that %s has the focus", b.where(), selector)
		default:
			return
		}
	}
	b.t.Fatalf("%s: the Tab key doesn't come to %s", b.where(), selector)
}

// keys presses what is selected by the keyboard; pressesByKey waits for the page that it leads to, types writes before.
func (b *tab) keys(selector string) {
	b.t.Helper()
	b.reaches(selector)
	b.do(chromedp.KeyEvent("\r"))
}

func (b *tab) pressesByKey(selector string) {
	b.t.Helper()
	b.reaches(selector)
	b.enters()
}

func (b *tab) types(selector, text string) {
	b.t.Helper()
	b.reaches(selector)
	b.do(chromedp.KeyEvent(text))
	b.enters()
}

func (b *tab) enters() {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent("\r")); err != nil {
		b.t.Fatalf("%s: pressing Enter: %v", b.where(), err)
	}
	b.do(chromedp.WaitReady(chromedp.CSS("main")))
}

// brings goes to the one field for an answer and sends the file. A browser without a screen opens no dialogue to choose it in.
func (b *tab) brings(file string) {
	b.t.Helper()
	b.reaches("input[type=file]")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}))
	b.pressesByKey(`form[action$="/answer"] button`)
}
