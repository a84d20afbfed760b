package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"
)

// script is what a script gives in the page.
func (f *firefox) script(source string) (value any) {
	f.t.Helper()
	if err := json.Unmarshal(f.ask("WebDriver:ExecuteScript", map[string]any{"script": "return " + source, "args": []any{}}), &value); err != nil {
		f.t.Fatal(err)
	}
	return value
}

// In Chromium the same is TestARecordingIsGoneThroughByKeysAndOnItsWaveformAndNeverPlaysByItself, on every run.
func TestAFirefoxGoesThroughARecordingAndNeverPlaysItByItself(t *testing.T) {
	if os.Getenv("HEED_SOAK") == "" {
		t.Skip("a second browser takes a while: HEED_SOAK=on")
	}
	l := startLine(t)
	token := l.addStaff("amira", "specialist")
	body, contentType := form(t, map[string]string{"text": told}, namedFile{"alarm.au", beep(20)})
	l.ask("POST", l.public+"/api/v1/reports", strings.NewReader(string(body)), "Content-Type", contentType)
	eventually(t, time.Minute, "the report in the queue", func() bool { return len(l.reports(t, token, "?state=queued")) > 0 })
	id := l.reports(t, token, "?state=queued")[0].ID
	eventually(t, time.Minute, "the recording's copy", func() bool {
		var report struct{ Attachments []struct{ View *string } }
		colleague{l, t, token}.ask("GET", "/reports/"+id, nil).into(t, &report)
		return len(report.Attachments) == 1 && report.Attachments[0].View != nil
	})
	f := startFirefox(t, "")
	f.open(l.desk + "/sign-in")
	f.write("#name", "amira")
	f.write("#passphrase", testPassphrase)
	f.press(`main form button[type=submit]`)
	f.open(l.desk + "/reports/" + id)
	if wave := f.script(`document.querySelectorAll(".sound-wave path").length`); wave != 1.0 {
		t.Errorf("%v waveforms", wave)
	}
	f.press(`[data-sound-leap="5"]`)
	const at = `document.querySelector("[data-sound] audio").currentTime`
	eventually(t, time.Minute, "a leap of five seconds", func() bool { place, _ := f.script(at).(float64); return place > 4.5 && place < 5.5 })
	if paused := f.script(`document.querySelector("[data-sound] audio").paused`); paused != true {
		t.Error("it plays by itself")
	}
	f.script(`document.querySelector("[data-sound] audio").play().then(() => true, () => false)`)
	eventually(t, time.Minute, "it plays once asked", func() bool { place, _ := f.script(at).(float64); return place > 5.6 })
}
