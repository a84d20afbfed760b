package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

const told = "Grey smoke comes out of the electricity cabinet beside the gate of Mill Lane school. It smells of burnt plastic."

func TestAReporterGetsAReceiptAndComesBackWithIt(t *testing.T) {
	l := startLine(t)
	l.addStaff("dana", "custodian")
	for _, v := range views() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, v)
			b.open(l.public + "/?lang=" + v.language)
			b.check("start")
			b.picture(fmt.Sprintf("start-%s-%d", v.language, v.width))
			l.checkMirrored(b)
			receipt := l.reportByHand(b)
			if n := b.cookies(); n > 0 {
				t.Errorf("%d cookies were set", n)
			}
			l.comeBack(b, receipt)
		})
	}
}

// checkMirrored holds the page to its language's direction: what stands at a line's end stands at the left in Arabic.
func (l *testLine) checkMirrored(b *tab) {
	b.t.Helper()
	type place struct {
		Dir        string
		Name, Exit float64
	}
	seen := eval[place](b, `({Dir: document.documentElement.dir, Name: document.querySelector(".line-name").getBoundingClientRect().left,
		Exit: document.querySelector(".exit").getBoundingClientRect().left})`)
	if rtl := b.view.language == "ar"; (seen.Dir == "rtl") != rtl || b.view.width > 500 && (seen.Exit < seen.Name) != rtl {
		b.t.Errorf("%s: direction %q, the line's name at %v, the way out at %v", b.view, seen.Dir, seen.Name, seen.Exit)
	}
}

// reportByHand goes the five pages as a careful person would: errs, goes back, checks, sends.
func (l *testLine) reportByHand(b *tab) string {
	t := b.t
	t.Helper()
	b.press(`a.button[href^="/report"]`)
	b.next()
	if !b.has(`#text[aria-invalid=true]`) {
		t.Errorf("%s: an empty report was let through", b.where())
	}
	b.check("text with an error")
	b.write("#text", told)
	b.write("#place", "Mill Lane")
	b.check("text")
	b.next()
	b.check("files")
	file := filepath.Join(t.TempDir(), "cabinet.png")
	if err := os.WriteFile(file, picture(4000), 0o600); err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	b.press(`button[name=go][value=add]`)
	if !b.has(`button[name=remove]`) {
		t.Errorf("%s: the file wasn't added", b.where())
	}
	b.check("files with a file")
	b.back()
	if got := b.value("#text"); got != told {
		t.Errorf("%s: going back lost the text: %q", b.view, got)
	}
	b.next()
	b.next()
	b.check("who")
	b.next()
	b.check("check")
	b.picture(fmt.Sprintf("check-%s-%d", b.view.language, b.view.width))
	if got := b.text("dl.summary"); !strings.Contains(got, "Grey smoke") || !strings.Contains(got, "Mill Lane") || !strings.Contains(got, "cabinet.png") {
		t.Errorf("%s: the answers to check are %q", b.view, got)
	}
	if address := b.address(); strings.ContainsAny(address, "%=") && !strings.Contains(address, "lang=") || strings.Contains(address, "draft") {
		t.Errorf("the address holds state: %s", address)
	}
	b.next()
	b.check("receipt")
	b.picture(fmt.Sprintf("receipt-%s-%d", b.view.language, b.view.width))
	receipt := strings.Join(strings.Fields(b.text("#receipt")), "")
	if len(receipt) != 20 {
		t.Fatalf("%s: the receipt reads %q", b.view, receipt)
	}
	return receipt
}

// comeBack looks at the report's stage, adds something, and takes the report back.
func (l *testLine) comeBack(b *tab, receipt string) {
	t := b.t
	t.Helper()
	b.open(l.public + "/status?lang=" + b.view.language)
	b.check("lookup")
	b.write("#receipt", "1234")
	b.next()
	b.check("lookup with an error")
	b.write("#receipt", receipt[:5]+" "+receipt[5:10]+" "+receipt[10:15]+"-"+receipt[15:])
	b.next()
	if !b.has("ol.stages") {
		t.Fatalf("%s: the receipt opens nothing: %s", b.where(), b.text("main"))
	}
	b.check("status")
	b.picture(fmt.Sprintf("status-%s-%d", b.view.language, b.view.width))
	b.write("#text", "The smoke is black now.")
	b.next()
	if got := b.text(".messages"); !strings.Contains(got, "black now") {
		t.Errorf("%s: what was added isn't shown: %q", b.view, got)
	}
	b.press(`button[name=go][value=withdraw]`)
	b.check("withdraw")
	b.next()
	b.check("withdrawn")
}

func TestEveryOtherPageOfThePortalIsAccessible(t *testing.T) {
	l := startLine(t)
	for _, v := range views() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			b := openTab(t, v)
			for _, path := range []string{"/privacy", "/transparency", "/nowhere"} {
				b.open(l.public + path + "?lang=" + v.language)
				b.check(path)
			}
			b.open(l.public + "/report?lang=" + v.language)
			b.write("#text", told)
			b.next()
			b.next()
			b.check("who, without a custodian")
		})
	}
}
