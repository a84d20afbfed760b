package desk_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// heard is a report of one recording of so many seconds, whose copy is made.
func (l *line) heard(seconds int) (report, file heed.ID) {
	l.t.Helper()
	recording, err := l.intake.Stage(l.t.Context(), "call.au", strings.NewReader(call(seconds)))
	l.must(err)
	report = l.arriveWith(intake.Submission{Channel: heed.ChannelPhone, Files: []intake.StagedFile{recording}})
	l.must(l.store.View(l.t.Context(), func(tx heed.Tx) error {
		all, err := tx.Attachments(l.t.Context(), report)
		file = all[0].ID
		return err
	}))
	args, err := json.Marshal(media.CopyArgs{Attachment: file})
	l.must(err)
	l.must(l.media.Find(l.t.Context()))
	l.must(l.media.HandleCopy(l.t.Context(), args))
	return report, file
}

func TestARecordingIsGoneThroughByKeysAndOnItsWaveformAndNeverPlaysByItself(t *testing.T) {
	if missing := sandbox.Missing("ffmpeg", "bwrap"); missing != "" {
		if os.Getenv("CI") != "" {
			t.Fatal(missing, "is not installed")
		}
		t.Skip(missing, "is not installed")
	}
	l := newLine(t)
	report, file := l.heard(20)
	l.staff("amira", heed.Specialist)
	w := l.window("amira")
	w.do(chromedp.Navigate(l.server.URL + "/reports/" + string(report)))
	const sound, place = `document.querySelector("[data-sound] audio")`, `document.querySelector("[data-sound-place]")`
	w.until(`document.body.classList.contains("scripted") && ` + place + `.checkVisibility() && ` + sound + `.readyState === 0`)

	w.do(chromedp.Focus(chromedp.CSS("[data-sound-place]")))
	w.keys(kb.ArrowRight)
	w.until(sound + `.currentTime === 5 && ` + place + `.getAttribute("aria-valuetext").startsWith("0:05 of 0:20")`)
	w.keys(kb.ArrowRight)
	w.until(sound + `.currentTime === 10`)
	w.keys(kb.ArrowLeft)
	w.until(sound + `.currentTime === 5`)
	w.keys("+")
	w.until(sound + `.playbackRate === 1.5 && document.querySelector("[data-sound-speed]:checked").value === "1.5"`)
	w.keys("-", "-", "-")
	w.until(sound + `.playbackRate === 0.75 && document.querySelector("[data-sound-speed]:checked").value === "0.75"`)
	w.do(chromedp.Click(chromedp.CSS("[data-sound-place]"))) // in its middle
	w.until(`Math.abs(` + sound + `.currentTime - 10) < 0.5`)
	w.do(chromedp.Click(chromedp.CSS(`[data-sound-leap="-5"]`)))
	w.until(`Math.abs(` + sound + `.currentTime - 5) < 0.5`)
	w.do(chromedp.Focus(chromedp.CSS("[data-sound] audio")))
	w.keys(kb.ArrowRight)
	w.until(`Math.abs(` + sound + `.currentTime - 10) < 0.5`)
	w.until(sound + `.paused && ` + sound + `.played.length === 0`)

	// A copy of before there were waveforms.
	l.must(l.store.Update(t.Context(), func(tx heed.Tx) error {
		c, err := tx.SafeCopy(t.Context(), file)
		if err != nil {
			return err
		}
		c.Details = nil
		return tx.PutSafeCopy(t.Context(), c)
	}))
	w.do(chromedp.Navigate(l.server.URL + "/reports/" + string(report)))
	w.until(`document.body.classList.contains("scripted") && !` + place)
	w.do(chromedp.Click(chromedp.CSS(`[data-sound-leap="5"]`)))
	w.until(sound + `.currentTime === 5 && ` + sound + `.paused`)
}
