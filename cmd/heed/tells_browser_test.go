package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

func TestWhatAFileSaysBesideIsToldOnlyWhereItIsTickedInABrowser(t *testing.T) {
	if _, err := exec.LookPath("exiftool"); err != nil && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	l := startLine(t)
	picture := filepath.Join(t.TempDir(), "cabinet.png")
	if err := os.WriteFile(picture, photograph("canary"), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "exiftool", "-q", "-overwrite_original", "-Make=Apple", "-Model=iPhone 15", "-DateTimeOriginal=2026:11:27 10:01:02",
		"-GPSLatitude=41.0105", "-GPSLatitudeRef=N", "-GPSLongitude=28.9784", "-GPSLongitudeRef=E", "-SerialNumber=canary", picture).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b := openTab(t, view{320, "en", true})
	b.open(l.public + "/report?lang=en")
	b.write("#text", told)
	b.next()
	b.offersWhatItSays(picture, "where it was taken: 41.01050, 28.97840", "when it was taken: 2026-11-27 10:01", "with what: Apple iPhone 15")
	b.check("what a file says")
	b.do(chromedp.Click(chromedp.CSS(".tells label:first-of-type input")))
	b.next()
	b.next()
	answers := b.text("dl.summary")
	if !strings.Contains(answers, "cabinet.png was taken here: 41.01050, 28.97840") || strings.Contains(answers, "iPhone") || strings.Contains(answers, "10:01") {
		t.Errorf("the answers to check are %q", answers)
	}
	b.next()

	// The files of a later message are asked about likewise.
	receipt := strings.Join(strings.Fields(b.text("#receipt")), "")
	b.open(l.public + "/status?lang=es")
	b.write("#receipt", receipt)
	b.next()
	b.offersWhatItSays(picture, "dónde se tomó: 41.01050, 28.97840", "cuándo se tomó: 2026-11-27 10:01", "con qué: Apple iPhone 15")
	b.check("what a message's file says")
	b.do(chromedp.Click(chromedp.CSS(".tells label:last-of-type input")))
	b.next()
	said := b.text(".message .said")
	if said != "cabinet.png se tomó con: Apple iPhone 15" {
		t.Errorf("the message reads %q", said)
	}
	token := l.addStaff("amira", "specialist")
	var report struct {
		Text      string
		Screening *struct{ Details []struct{ Type, Text string } }
	}
	id := l.onlyReport(t, token)
	eventually(t, time.Minute, "the screening", func() bool {
		l.ask("GET", l.desk+"/api/v1/reports/"+id, nil, "Authorization", "Bearer "+token).into(t, &report)
		return report.Screening != nil
	})
	if !strings.HasSuffix(report.Text, "\ncabinet.png was taken here: 41.01050, 28.97840") {
		t.Errorf("the report reads %q", report.Text)
	}
	found := false
	for _, d := range report.Screening.Details {
		found = found || d.Type == "coordinates" && d.Text == "41.01050, 28.97840"
	}
	if !found {
		t.Errorf("found are %+v", report.Screening.Details)
	}
}

// offersWhatItSays chooses a picture, and wants what it says to be offered, nothing of it ticked and nothing else.
func (b *tab) offersWhatItSays(picture string, says ...string) {
	b.t.Helper()
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{picture}))
	eventually(b.t, time.Minute, "what the picture says", func() bool { return eval[int](b, `document.querySelectorAll(".tells input").length`) == len(says) })
	offered := b.text(".tells")
	for _, s := range says {
		if !strings.Contains(offered, s) {
			b.t.Errorf("%q isn't in %q", s, offered)
		}
	}
	if strings.Contains(offered, "canary") || eval[int](b, `document.querySelectorAll(".tells input:checked").length`) != 0 {
		b.t.Errorf("of itself it offers %q", offered)
	}
}
