package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// samplesOf are sound's, at 16 kHz.
func samplesOf(t *testing.T, sound []byte) []float64 {
	t.Helper()
	c := exec.CommandContext(t.Context(), "ffmpeg", "-v", "error", "-i", "pipe:0", "-f", "s16le", "-ac", "1", "-ar", "16000", "pipe:1")
	c.Stdin = bytes.NewReader(sound)
	raw, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	all := make([]float64, len(raw)/2)
	for i := range all {
		all[i] = float64(int16(binary.LittleEndian.Uint16(raw[2*i:])))
	}
	return all
}

// pitchOf is the median pitch in hertz of what is voiced, by the autocorrelation of 40 ms at a time.
func pitchOf(all []float64) float64 {
	const frame, shortest, longest = 640, 16000 / 400, 16000 / 60
	var found []float64
	for at := 0; at+frame+longest <= len(all); at += frame {
		x, power := all[at:], 1.0
		for i := range frame {
			power += x[i] * x[i]
		}
		best, lag := 0.0, 0
		for l := shortest; l <= longest; l++ {
			sum, other := 0.0, 1.0
			for i := range frame {
				sum += x[i] * x[i+l]
				other += x[i+l] * x[i+l]
			}
			if r := sum / math.Sqrt(power*other); r > best+0.02 { // the shortest of alike ones: not half the pitch
				best, lag = r, l
			}
		}
		if best > 0.8 && power/frame > 1e4 {
			found = append(found, 16000/float64(lag))
		}
	}
	slices.Sort(found)
	if len(found) == 0 {
		return 0
	}
	return found[len(found)/2]
}

func TestAVoiceIsRecordedInThePageAndOnlyMaskedLeavesIt(t *testing.T) {
	for _, program := range []string{"espeak-ng", "ffmpeg"} {
		if _, err := exec.LookPath(program); err != nil {
			missing(t, err)
		}
	}
	spoken := filepath.Join(t.TempDir(), "spoken.wav")
	if out, err := exec.CommandContext(t.Context(), "espeak-ng", "-v", "en+m3", "-w", spoken, told+" "+told).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	voice, err := os.ReadFile(spoken)
	if err != nil {
		t.Fatal(err)
	}
	browser, stop, err := startChromium(chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-fake-device-for-media-stream", true),
		chromedp.Flag("use-file-for-fake-audio-capture", spoken))
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(stop)
	l := startLine(t)
	b := openTabIn(t, browser, view{320, "ar", true})
	b.open(l.public + "/report?lang=ar")
	b.write("#text", told)
	b.next()
	shown := func(name string) bool {
		return eval[bool](b, `document.querySelector("#recording button[value=`+name+`]").checkVisibility()`)
	}
	focused := func() string { return eval[string](b, `document.activeElement.value`) }
	enter := func(name string) {
		t.Helper()
		if at := focused(); at != name {
			t.Fatalf("the focus is at %q, not at %q", at, name)
		}
		b.do(chromedp.KeyEvent(kb.Enter))
	}
	record := func(seconds float64) {
		t.Helper()
		eventually(t, time.Minute, "the recording", func() bool { return shown("stop") })
		long := `Number(/0:(\d\d)/.exec(document.querySelector("#recording [data-clock]").textContent)[1])`
		eventually(t, time.Minute, "the time", func() bool { return eval[float64](b, long) >= seconds })
		b.check("while it records")
		enter("stop")
		eventually(t, time.Minute, "the end of the recording", func() bool { return shown("add") })
	}
	b.check("before it records")

	// By keys alone: record, listen, delete.
	b.do(chromedp.Focus(chromedp.CSS("#recording button[value=record]")))
	enter("record")
	record(1)
	b.check("what is recorded")
	enter("listen")
	eventually(t, time.Minute, "the listening", func() bool {
		return eval[bool](b, `(() => { const p = document.getElementById("recording"); return p.querySelector("[value=listen]").textContent === p.dataset.silence })()`)
	})
	eventually(t, time.Minute, "its end", func() bool {
		return eval[bool](b, `(() => { const p = document.getElementById("recording"); return p.querySelector("[value=listen]").textContent === p.dataset.listen })()`)
	})
	b.do(chromedp.Focus(chromedp.CSS("#recording button[value=delete]")))
	enter("delete")
	if files := eval[int](b, `document.querySelectorAll("#sending li").length`); files != 0 || focused() != "record" {
		t.Errorf("%d files after it was deleted, the focus at %q", files, focused())
	}

	// Again, twice, with the lowest draw, so that where the pitch must lie is known. What isn't added isn't lost by a button of the form.
	eval[bool](b, `(() => { crypto.getRandomValues = (all) => all.fill(0); const add = heedUpload; heedUpload = (file) => { globalThis.sent = file; return add(file) }; return true })()`)
	enter("record")
	b.recordingBreaks(t, shown)
	b.do(chromedp.Focus(chromedp.CSS("#recording button[value=again]")))
	eval[bool](b, `(() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError")); return true })()`)
	enter("again")
	eventually(t, time.Minute, "the recording after the microphone was refused", func() bool { return b.recordingSays("refused") && shown("add") && focused() == "again" })
	eval[bool](b, `delete navigator.mediaDevices.getUserMedia`)
	enter("again")
	record(6)
	b.do(chromedp.Click(chromedp.CSS("main button[name=go][value=next]")))
	eventually(t, time.Minute, "the word that it isn't added", func() bool {
		return eval[bool](b, `!document.querySelector("#recording [role=alert]").hidden && document.activeElement.value === "add"`)
	})
	b.check("what isn't added")
	// Nor is it lost where it can't be sent.
	eval[bool](b, `(() => { globalThis.open1 = XMLHttpRequest.prototype.open; XMLHttpRequest.prototype.open = function (m) { open1.call(this, m, "/nowhere") }; return true })()`)
	enter("add")
	eventually(t, time.Minute, "that it failed", func() bool {
		return eval[int](b, `document.querySelectorAll("#sending li[data-state=failed]").length`) == 1
	})
	b.do(chromedp.Click(chromedp.CSS("main button[name=go][value=back]")))
	eventually(t, time.Minute, "the word that it failed", func() bool { return eval[bool](b, `document.activeElement.matches("#sending [role=alert]")`) })
	b.check("what wasn't sent")
	eval[bool](b, `(() => { XMLHttpRequest.prototype.open = open1; return true })()`)
	b.do(chromedp.Click(chromedp.CSS("#sending [data-retry]")))
	eventually(t, time.Minute, "its arrival", func() bool {
		return eval[int](b, `document.querySelectorAll("#sending li[data-state=arrived]").length`) == 1
	})
	raw := eval[string](b, `sent.arrayBuffer().then((a) => { let s = ""; for (const c of new Uint8Array(a)) s += String.fromCharCode(c); return btoa(s) })`)
	name := eval[string](b, `sent.name`)
	b.next()
	b.next()
	b.next()
	masked, err := base64.StdEncoding.DecodeString(raw)
	if err != nil {
		t.Fatal(err)
	}
	before, after := pitchOf(samplesOf(t, voice)), pitchOf(samplesOf(t, masked))
	t.Logf("the pitch is %.0f Hz and was %.0f", after, before)
	if share := after / before; share < 0.70 || share > 0.82 {
		t.Errorf("the pitch is %.0f Hz and was %.0f: it isn't masked as it was drawn", after, before)
	}
	l.holdsFile(t, name, len(masked))
}

// recordingSays reports whether the words of a name stand at the recording as a fault.
func (b *tab) recordingSays(name string) bool {
	return eval[bool](b, `(() => { const p = document.getElementById("recording"), said = p.querySelector("[role=alert]"); return !said.hidden && said.textContent === p.dataset.`+name+` })()`)
}

// recordingBreaks lets what masks the voice break while it records, twice: by a fault, and by never ending.
func (b *tab) recordingBreaks(t *testing.T, shown func(string) bool) {
	t.Helper()
	eval[bool](b, `(() => { const wait = setTimeout; setTimeout = (f, ms) => wait(f, ms === 5000 ? 50 : ms);
		AudioWorkletNode = class extends AudioWorkletNode { constructor(...of) { super(...of); globalThis.masking = this } }; return true })()`)
	for i, breaks := range []string{`masking.onprocessorerror()`, `masking.port.postMessage = () => {}, document.querySelector("#recording button[value=stop]").click()`} {
		if i > 0 {
			b.do(chromedp.Click(chromedp.CSS("#recording button[value=again]")))
		}
		eventually(t, time.Minute, "a second of it", func() bool {
			return shown("stop") && eval[bool](b, `document.querySelector("#recording [data-clock]").textContent.includes("0:01")`)
		})
		eval[bool](b, `(() => { `+breaks+`; return true })()`)
		eventually(t, time.Minute, "what was recorded until it broke", func() bool { return shown("add") && b.recordingSays("cut") })
	}
}

// holdsFile says whether the line's only report has one file, of that name and size.
func (l *testLine) holdsFile(t *testing.T, name string, size int) {
	t.Helper()
	token := l.addStaff("amira", "specialist")
	var report struct {
		Attachments []struct {
			Name string
			Size int
		}
	}
	colleague{l, t, token}.ask("GET", "/reports/"+l.onlyReport(t, token), nil).into(t, &report)
	if len(report.Attachments) != 1 || report.Attachments[0].Name != name || report.Attachments[0].Size != size {
		t.Errorf("the report has %+v and not %s of %d bytes", report.Attachments, name, size)
	}
}

func TestWithoutAMicrophoneOrScriptsARecordingIsNotPromised(t *testing.T) {
	l := startLine(t)
	b := openTab(t, view{320, "en", true})
	b.open(l.public + "/report?lang=en")
	b.write("#text", told)
	b.next()
	b.do(chromedp.Click(chromedp.CSS("#recording button[value=record]")))
	eventually(t, time.Minute, "why there is no recording", func() bool {
		return eval[bool](b, `(() => { const p = document.getElementById("recording"), said = p.querySelector("[role=alert]");
			return !said.hidden && [p.dataset.refused, p.dataset.none].includes(said.textContent) && document.activeElement.value === "record" })()`)
	})
	b.check("no microphone")
	b.next() // which goes on without

	b = openTab(t, view{320, "en", false})
	b.open(l.public + "/report?lang=en")
	b.write("#text", told)
	b.next()
	if eval[bool](b, `document.getElementById("recording").checkVisibility()`) {
		t.Error("without scripts the part is shown")
	}
}
