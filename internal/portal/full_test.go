package portal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed/internal/intake"
)

// A page that waits for room asks at once when the browser says that it has a connection again: so the test spares it its twenty seconds.
func TestAFileForWhichThereIsNoRoomIsGivenUpAndTheFormGoesOn(t *testing.T) {
	l := newLine(t, func(l *line) { l.room = intake.Room{Staged: 1} })
	file := filepath.Join(t.TempDir(), "cellar.txt")
	if err := os.WriteFile(file, []byte("words"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, l)
	b.view(320, "en", false)
	b.run(chromedp.Navigate(l.server.URL+"/report"), chromedp.SendKeys(chromedp.CSS("#text"), told))
	b.press("next")
	b.run(chromedp.SendKeys(chromedp.CSS("#files"), file))
	// The row of the file moves the button, so that a click by the mouse may miss it.
	ask(b, chromedp.Evaluate[bool](`document.querySelector("main button[name=go][value=next]").click(), true`))
	said := `(() => { dispatchEvent(new Event("online")); const e = document.querySelector("#sending [role=alert]"); return e.hidden ? "" : e.textContent })()`
	want := "cellar.txt: There was no room for this file. What you typed is kept. Go on without it, or try again later."
	for end := time.Now().Add(2 * time.Minute); ask(b, chromedp.Evaluate[string](said)) != want; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("it says %q", ask(b, chromedp.Evaluate[string](said)))
		}
	}
	b.press("next") // without it
	b.press("next")
	b.press("next")
	if r := l.reports(); len(r) != 1 || r[0].Files != 0 {
		t.Errorf("%+v", r)
	}
}
