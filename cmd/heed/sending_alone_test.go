package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestFilesAreSentThoughAnotherScriptIsMissingOrFails has what stands beside upload.js not come, or fail in every way it is called.
func TestFilesAreSentThoughAnotherScriptIsMissingOrFails(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cellar.txt")
	if err := os.WriteFile(file, []byte("words of the cellar"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, prepare := range map[string]func(*tab){
		"missing": func(b *tab) {
			call(b, network.Enable, network.EnableParams{})
			patterns := []*network.BlockPattern{{URLPattern: "*://*:*/static/tells-*.js", Block: true}, {URLPattern: "*://*:*/static/mask-*.js", Block: true}, {URLPattern: "*://*:*/static/record-*.js", Block: true}}
			call(b, network.SetBlockedURLs, network.SetBlockedURLsParams{URLPatterns: patterns})
		},
		"failing": func(b *tab) {
			call(b, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
				const fails = () => { throw new Error("it fails") };
				Object.defineProperty(globalThis, "heedTells", { value: { offer: fails, tell: fails, read: fails } });
				Object.defineProperty(globalThis, "heedMask", { get: fails });`})
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := startLine(t)
			b := openTab(t, view{320, "en", true})
			prepare(b)
			b.open(l.public + "/report?lang=en")
			b.write("#text", told)
			b.next()
			if eval[bool](b, `document.getElementById("recording").checkVisibility()`) {
				t.Error("a recording is offered")
			}
			b.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
			eventually(t, time.Minute, "its arrival", func() bool {
				return eval[int](b, `document.querySelectorAll("#sending li[data-state=arrived]").length`) == 1
			})
			b.next()
			b.next()
			if said := b.text("dl.summary"); !strings.Contains(said, "cellar.txt") {
				t.Errorf("the answers to check are %q", said)
			}
		})
	}
}
