package main

import (
	"fmt"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

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
