package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/profile"
)

// takersPhone is where a call-taker's phone is, and takersSound where it hears.
const (
	takersPhone = "127.0.0.1:5080"
	takersSound = 32000
)

// startManned serves a line in English whose trunk is a taker's phone.
func startManned(t *testing.T) *hotline {
	t.Helper()
	return startMurmuring(t, []string{"en"}, `    host: "" # sip.provider`, "    host: "+takersPhone+" # ")
}

// startMurmuring serves a line whose prompts are a fifth of a second each, so that a call takes seconds. changes are more of the profile's, old and new in turn.
func startMurmuring(t *testing.T, languages []string, changes ...string) *hotline {
	t.Helper()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatalf("scripts/install-test-deps installs it (sip-tester): %v", err)
	}
	t.Setenv("PATH", t.TempDir()) // nothing speaks
	chosen := filepath.Join(t.TempDir(), "profile.yaml")
	text := strings.NewReplacer(append(changes, "languages: [] #", "languages: ["+strings.Join(languages, ", ")+"] #")...).Replace(string(profile.DefaultYAML()))
	if err := os.WriteFile(chosen, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h := &hotline{testLine: startLine(t, "--sip", "127.0.0.1:0", "--profile", chosen), sipp: sipp, wire: tapWire(t)}
	h.beside, err = openLine(t.Context(), &surroundings{Now: time.Now}, slog.New(slog.DiscardHandler), lineFlags{Data: h.data, Profile: chosen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.beside.store.Close() })
	locales, err := h.beside.locales()
	if err != nil {
		t.Fatal(err)
	}
	texts := append(locales.Plain("phone."), "phone.greeting", "phone.queue-ahead-1", "phone.limit-15", "phone.language-1", "phone.language-2")
	for i := range len(languages) * len(texts) {
		recorded, key := filepath.Join(h.data, promptsFolder, languages[i/len(texts)]), texts[i%len(texts)]
		if err := os.MkdirAll(recorded, 0o700); err != nil {
			t.Fatal(err)
		}
		var coded []byte
		for _, f := range murmur(100+i, 10) {
			for _, sample := range f {
				coded = binary.LittleEndian.AppendUint16(coded, uint16(sample))
			}
		}
		le := binary.LittleEndian
		wav := le.AppendUint32([]byte("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"), uint32(len(coded)))
		if err := os.WriteFile(filepath.Join(recorded, strings.TrimPrefix(key, "phone.")+".wav"), append(wav, coded...), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	h.speaker = prompt.New(prompt.Config{
		Locales: locales, Cache: filepath.Join(h.data, spokenFolder), Recorded: filepath.Join(h.data, promptsFolder),
		Now: time.Now, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
	})
	return h
}

// murmur is sound of which no frame is like another.
func murmur(seed, n int) []sound.Frame {
	frames := make([]sound.Frame, n)
	state := uint32(seed)*2654435761 + 1
	for i := range frames {
		for j := range frames[i] {
			state = state*1664525 + 1013904223
			frames[i][j] = int16(int32(state>>16)-32768) / 8
		}
	}
	return frames
}

// speaks adds sound to a part, and gives its frames as they cross the network.
func (p *pcap) speaks(from time.Duration, frames []sound.Frame) (said []string) {
	for _, f := range frames {
		coded := sound.ALaw.Encode(nil, f[:])
		p.packet(from, from, 8, coded)
		from += sound.FrameTime
		said = append(said, string(coded))
	}
	return said
}

// takerAnswers has sipp be the taker's phone for one call; over is closed when that has ended as it should.
func (h *hotline) takerAnswers(part *pcap) (over <-chan struct{}) {
	h.t.Helper()
	scenario, err := filepath.Abs("testdata/sipp/taker.xml")
	if err != nil {
		h.t.Fatal(err)
	}
	dir := h.t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "call.pcap"), part.buf.Bytes(), 0o600); err != nil {
		h.t.Fatal(err)
	}
	phone := exec.Command(h.sipp, "-sf", scenario, "-m", "1", "-i", "127.0.0.1", "-p", "5080", "-mp", fmt.Sprint(takersSound), "-nostdin", "-timeout", "90s", "-timeout_error")
	phone.Dir = dir
	var said bytes.Buffer
	phone.Stdout, phone.Stderr = &said, &said
	if err := phone.Start(); err != nil {
		h.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := phone.Wait(); err != nil {
			h.t.Errorf("sipp: %v\n%.2000s", err, said.Bytes())
		}
	}()
	h.t.Cleanup(func() {
		_ = phone.Process.Kill() // it has ended, unless the test failed
		<-ended
	})
	return ended
}

// takerAtTheDesk is a call-taker who signed in at the desk, gave their telephone, and went on duty, by the pages' forms.
func (h *hotline) takerAtTheDesk(name string) *visitor {
	h.t.Helper()
	h.addStaff(name, "agent")
	v := h.signIn(h.t, name)
	v.post("/settings/phone", url.Values{"phone": {"sip:201@" + takersPhone}})
	if page := v.post("/duty", url.Values{"go": {"on"}, "to": {"/calls"}}); !bytes.Contains(page, []byte("On duty until")) {
		h.t.Fatalf("going on duty shows %s", page)
	}
	return v
}

// field is what a page says where a pattern's group stands; "" where it says nothing of the kind.
func field(page []byte, pattern string) string {
	m := regexp.MustCompile(pattern).FindSubmatch(page)
	if m == nil {
		return ""
	}
	return html.UnescapeString(string(m[1]))
}

// until opens a page until it holds the pattern, and gives its group.
func (v *visitor) until(path, what, pattern string) (found string) {
	v.t.Helper()
	eventually(v.t, time.Minute, what, func() bool {
		found = field(v.get(path), pattern)
		return found != ""
	})
	return found
}

// typed is the form of a report as its page stands, with what somebody types into it.
func typed(page []byte, text, button string) url.Values {
	return url.Values{
		"slip": {field(page, `name="slip" value="([^"]*)"`)}, "seen": {field(page, `name="seen" value="([^"]*)"`)}, "language": {"en"}, "text": {text}, "go": {button},
	}
}

// heardOf is how many frames of what was said were heard.
func heardOf(said, heard []string) (n int) {
	there := map[string]bool{}
	for _, f := range heard {
		there[f] = true
	}
	for _, f := range said {
		if there[f] {
			n++
		}
	}
	return n
}

// What issue 5 demands of a person at the line: a caller and a call-taker's phone are sipp's, and the call-taker works by the desk's pages
// without a script. What crosses the network to each is compared with what the other said, and the Receipt read off what the caller heard.
func TestWhoAsksForAPersonIsHeardTypedInAndHearsTheReceiptByTelephone(t *testing.T) {
	if os.Getenv(insideNamespace) == "" {
		t.Parallel() // it waits far more than it reckons
	}
	if !ownNetwork(t) {
		return
	}
	h := startManned(t)
	desk := h.takerAtTheDesk("ann")
	taker, caller := newPcap(), newPcap()
	// Both speak from before they are connected until after they must have heard each other, however busy the machine is.
	fromTaker := taker.speaks(0, murmur(1, 3000))
	hungUp := h.takerAnswers(taker)
	caller.press(1500*time.Millisecond, 9)
	fromCaller := caller.speaks(2*time.Second, murmur(2, 3000))
	call := h.dials("en", caller, 120*time.Second)
	answer := desk.until("/calls", "a caller is shown to the call-taker", `action="(/calls/\w+/answer)"`)
	form := field(desk.post(answer, nil), `<form id="draft" method="post" action="([^"]*)"`)
	desk.until(form, "they are connected", `(call-state-talking)`)
	callersSound := uint16(31000 + 10)
	eventually(t, time.Minute, "both hear the other", func() bool {
		time.Sleep(listenEvery)
		return heardOf(fromTaker, h.wire.heardAt(callersSound)) >= 100 && heardOf(fromCaller, h.wire.heardAt(takersSound)) >= 100
	})
	const told = "Sparks fly from the cable over the tram stop in Mill Lane"
	page := desk.post(form, typed(desk.get(form), told, "save"))
	if !bytes.Contains(page, []byte(told)) {
		t.Fatalf("saving shows %s", page)
	}
	if done := desk.post(form, typed(page, told+", and a tram is coming.", "hand-in")); !bytes.Contains(done, []byte("The machine reads the Receipt to the caller now")) {
		t.Fatalf("handing in shows %s", done)
	}
	<-hungUp
	receipt := call.receipt()
	call.hangUp()
	if page := h.lookUp(receipt); !strings.Contains(page, `class="stages"`) {
		t.Errorf("the Receipt that the caller heard opens on the web: %s", page)
	}
	specialist := h.addStaff("amira", "specialist")
	reports := h.reports(t, specialist, "")
	if len(reports) != 1 {
		t.Fatalf("%d reports are at the desk", len(reports))
	}
	var report struct{ Text, Channel string }
	h.ask("GET", h.desk+"/api/v1/reports/"+reports[0].ID, nil, "Authorization", "Bearer "+specialist).into(t, &report)
	if report.Channel != "staff" || !strings.HasPrefix(report.Text, told) {
		t.Errorf("the report: %+v", report)
	}
	desk.until("/calls", "the call has left the queue", `(Nobody waits)`)
	c := &canaries{words: map[string]string{receipt: "a Receipt that was spoken", told: "what was typed in"}}
	c.search(t, "after the call", h.data)
	c.searchBytes(t, "the log", []byte(h.logs.String()))
	for _, canary := range []string{"canary-number", "canary-name", "201@"} {
		if strings.Contains(h.logs.String(), canary) {
			t.Errorf("%s is in the log", canary)
		}
	}
}
