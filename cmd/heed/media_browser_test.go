package main

import (
	"fmt"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// coversByMouse draws a box over a quarter of the picture, and drops it again.
func (b *tab) coversByMouse() {
	b.t.Helper()
	at := eval[[]float64](b, `(() => { const f = document.querySelector("[data-redact]"); f.scrollIntoView({ block: "center", behavior: "instant" });
		const r = f.getBoundingClientRect(); return [r.left, r.top, r.width, r.height] })()`)
	x, y := func(share float64) float64 { return at[0] + share*at[2] }, func(share float64) float64 { return at[1] + share*at[3] }
	b.do(chromedp.MouseEvent(input.DispatchMouseEventTypeMousePressed, x(0.75), y(0.75), chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x(0.5), y(0.5), chromedp.ButtonLeft),
		chromedp.MouseEvent(input.DispatchMouseEventTypeMouseMoved, x(0.25), y(0.25), chromedp.ButtonLeft), chromedp.MouseEvent(input.DispatchMouseEventTypeMouseReleased, x(0.25), y(0.25), chromedp.ButtonLeft))
	const drawn = `["left", "top", "width", "height"].map((n, i) => Math.abs(Number(document.querySelector("#row-2 [name=" + n + "]").value) - [25, 25, 50, 50][i])).every((off) => off < 2)`
	eventually(b.t, 3*time.Minute, "the box that was drawn by mouse", func() bool { return eval[bool](b, `document.getElementById("row-2") !== null && `+drawn) })
	b.check("cover a part by mouse")
	b.do(chromedp.Click(chromedp.CSS("#row-2 [data-redact-drop]")))
	if left := b.value("#row-2 [name=left]"); left != "" {
		b.t.Errorf("%s: a box that was dropped begins at %q per cent", b.where(), left)
	}
}

// seesPages opens the pages of the report's document, and where parts of its recording and its document are covered.
func (b *tab) seesPages(l *testLine, token, id string) {
	b.t.Helper()
	var report struct{ Attachments []struct{ ID, Name string } }
	colleague{l, b.t, token}.ask("GET", "/reports/"+id, nil).into(b.t, &report)
	seen := 0
	for _, a := range report.Attachments {
		at := l.desk + "/reports/" + id + "/files/" + a.ID
		switch a.Name {
		case "letter.pdf":
			b.open(at + "/pages/1")
			b.check("a document's page")
			b.open(at + "/redaction")
			b.check("cover a part of a document")
			seen++
		case "alarm.au":
			b.open(at + "/redaction")
			b.check("cover a part of a recording")
			seen++
		}
	}
	if seen != 2 {
		b.t.Errorf("%s: %d of two files are there", b.where(), seen)
	}
}

// seesBeside sees a report's files, covered and uncovered, beside another report, which has none.
func (b *tab) seesBeside(l *testLine, token, id string) {
	b.t.Helper()
	words := "The second of the reports beside " + id + " says that the lift of the town hall has stood still since Monday."
	l.submit(map[string]any{"text": words})
	other := ""
	eventually(b.t, 3*time.Minute, "the second report in the queue", func() bool {
		for _, r := range l.reports(b.t, token, "") {
			var report struct{ Text string }
			colleague{l, b.t, token}.ask("GET", "/reports/"+r.ID, nil).into(b.t, &report)
			if report.Text == words {
				other = r.ID
			}
		}
		return other != ""
	})
	b.open(l.desk + "/reports/" + id + "/beside/" + other)
	b.press("#picture-see")
	b.check("two reports beside each other, uncovered")
	if !b.has(".beside.uncovered") || b.has("#picture-see") {
		b.t.Errorf("%s: what was asked for stays covered", b.where())
	}
}

// coversPart covers a part of the report's picture, by keyboard where scripts run, and by numbers where they don't.
func (b *tab) coversPart(address string) {
	b.t.Helper()
	b.open(address)
	link := eval[string](b, `document.querySelector('a[href*="/redaction"]').getAttribute("href")`)
	at := eval[string](b, "location.origin") + link
	b.open(at)
	b.check("cover a part")
	if b.view.scripts {
		b.do(chromedp.Focus(chromedp.CSS("#row-1 [data-redact-move]")), chromedp.KeyEvent(kb.ArrowRight))
		if left := b.value("#row-1 [name=left]"); left != "46" {
			b.t.Errorf("%s: after one arrow key the box begins at %q per cent", b.where(), left)
		}
		b.check("cover a part by keyboard")
		b.coversByMouse()
	}
	for name, value := range map[string]string{"left": "10", "top": "10", "width": "300", "height": "20"} {
		b.write("#row-1 [name="+name+"]", value)
	}
	b.press("#redaction button[value=save]")
	b.check("cover a part, refused")
	b.write("#row-1 [name=width]", "30")
	b.press("#redaction button[value=preview]")
	b.check("cover a part, previewed")
	if !b.has(`.redact-boxes rect[x="1000"][width="3000"]`) {
		b.t.Errorf("%s: the preview shows no box", b.where())
	}
	b.press("#redaction button[value=save]")
	b.check("cover a part, saved")
	b.picture(fmt.Sprintf("desk-covered-%s-%d", b.view.language, b.view.width))
}
