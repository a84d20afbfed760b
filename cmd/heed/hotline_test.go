package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
)

// hotline is a line that real SIP clients call, in a network of its own, whose sound is read off the wire as they receive it.
type hotline struct {
	*testLine
	staff   string // a specialist's token
	beside  *line
	speaker *prompt.Speaker
	wire    *wire
	sipp    string // the program
	calls   int
}

// startHotline serves a line in Arabic and Chinese on a machine without ffmpeg, so that recordings stay as they came.
func startHotline(t *testing.T) *hotline {
	t.Helper()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatalf("scripts/install-test-deps installs it (sip-tester): %v", err)
	}
	espeak, err := exec.LookPath("espeak-ng")
	if err != nil {
		t.Fatalf("scripts/install-test-deps installs it: %v", err)
	}
	programs := t.TempDir()
	if err := os.Symlink(espeak, filepath.Join(programs, "espeak-ng")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", programs)
	chosen := filepath.Join(t.TempDir(), "profile.yaml")
	text := strings.Replace(string(profile.DefaultYAML()), "languages: [] #", "languages: [ar, zh-Hans] #", 1)
	if err := os.WriteFile(chosen, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h := &hotline{testLine: startLine(t, "--sip", "127.0.0.1:0", "--profile", chosen), sipp: sipp, wire: tapWire(t)}
	h.staff = h.addStaff("amira", "specialist")
	h.beside, err = openLine(t.Context(), &surroundings{Now: time.Now}, slog.New(slog.DiscardHandler), lineFlags{Data: h.data, Profile: chosen})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.beside.store.Close() })
	locales, err := h.beside.locales()
	if err != nil {
		t.Fatal(err)
	}
	h.speaker = prompt.New(prompt.Config{
		Locales: locales, Cache: filepath.Join(h.data, spokenFolder), Recorded: filepath.Join(h.data, promptsFolder),
		Now: time.Now, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
	})
	return h
}

// clip is a sound as it crosses the network, frame by frame, without the silence around it.
func (h *hotline) clip(language string, pieces ...prompt.Piece) (clip []string) {
	for f := range h.speaker.In(language).Say(h.t.Context(), pieces...) {
		if f != nil {
			clip = append(clip, string(sound.ALaw.Encode(nil, f[:])))
		}
	}
	if len(clip) == 0 {
		h.t.Fatalf("nothing is said in %s", language)
	}
	return clip
}

// onTheLine is a call in progress.
type onTheLine struct {
	h        *hotline
	language string
	port     uint16
	client   *exec.Cmd
	asked    atomic.Bool // to hang up
	over     chan struct{}
}

// dials has sipp call and play the caller's part, and hang up after so long.
func (h *hotline) dials(language string, part *pcap, lasts time.Duration) *onTheLine {
	h.t.Helper()
	h.calls++
	c := &onTheLine{h: h, language: language, port: uint16(31000 + 10*h.calls), over: make(chan struct{})}
	scenario, err := os.ReadFile("testdata/sipp/caller.xml")
	if err != nil {
		h.t.Fatal(err)
	}
	dir := h.t.TempDir()
	for name, content := range map[string][]byte{
		"call.pcap": part.buf.Bytes(), "caller.xml": bytes.ReplaceAll(scenario, []byte("{{lasts}}"), fmt.Append(nil, lasts.Milliseconds())),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			h.t.Fatal(err)
		}
	}
	c.client = exec.Command(h.sipp, strings.TrimPrefix(h.phone, "sip:"), "-sf", "caller.xml", "-m", "1", "-i", "127.0.0.1", "-p", fmt.Sprint(c.port+5),
		"-cid_str", c.id(), "-mp", fmt.Sprint(c.port), "-nostdin", "-timeout", "120s", "-timeout_error")
	c.client.Dir = dir
	var said bytes.Buffer
	c.client.Stdout, c.client.Stderr = &said, &said
	if err := c.client.Start(); err != nil {
		h.t.Fatal(err)
	}
	go func() {
		defer close(c.over)
		if err := c.client.Wait(); err != nil && !c.asked.Load() {
			h.t.Errorf("sipp: %v\n%.2000s", err, said.Bytes())
		}
	}()
	h.t.Cleanup(c.hangUp)
	return c
}

// id is the call's.
func (c *onTheLine) id() string { return fmt.Sprintf("call-%d", c.port) }

// hangUp has the client hang up, which it does when a request of its call says so: its signals wait until the call is over.
func (c *onTheLine) hangUp() {
	c.asked.Store(true)
	told, err := net.Dial("udp", fmt.Sprintf("127.0.0.1:%d", c.port+5))
	if err != nil {
		c.h.t.Error(err)
		return
	}
	defer told.Close()
	for range 50 {
		_, _ = fmt.Fprintf(told, "NOTIFY sip:caller SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bKhangup\r\nFrom: <sip:test>;tag=1\r\nTo: <sip:caller>\r\nCall-ID: %s\r\nCSeq: 1 NOTIFY\r\nContent-Length: 0\r\n\r\n",
			told.LocalAddr(), c.id()) // once it has ended nobody hears it
		select {
		case <-c.over:
			return
		case <-time.After(200 * time.Millisecond):
		}
	}
	_ = c.client.Process.Kill() // the line goes on alone, until it hears nobody
	<-c.over
}

// listenEvery is how often what a caller heard is looked through anew.
const listenEvery = 500 * time.Millisecond

// hears waits until the caller has heard a clip, and answers where it was over; a caller hears everything from frame 0 on.
func (c *onTheLine) hears(what string, from int, clip []string) (end int) {
	c.h.t.Helper()
	eventually(c.h.t, time.Minute, "a caller in "+c.language+" hears "+what, func() bool {
		time.Sleep(listenEvery)
		end = find(c.h.wire.heardAt(c.port), from, clip)
		return end >= 0
	})
	return end
}

// receipt reads twenty digits off what the caller heard, by the ten clips.
func (c *onTheLine) receipt() (receipt string) {
	c.h.t.Helper()
	voice := c.h.speaker.In(c.language)
	var clips [10][]string
	for d := range clips {
		frames, err := voice.Digit(c.h.t.Context(), d)
		if err != nil {
			c.h.t.Fatal(err)
		}
		for _, f := range frames {
			clips[d] = append(clips[d], string(sound.ALaw.Encode(nil, f[:])))
		}
	}
	from := c.hears("that a Receipt follows", 0, c.h.clip(c.language, prompt.Text("receipt-is")))
	eventually(c.h.t, 90*time.Second, "twenty digits in "+c.language, func() bool {
		time.Sleep(listenEvery)
		heard, at := c.h.wire.heardAt(c.port), from
		for receipt = ""; len(receipt) < 20; {
			next, digit := -1, 0
			for d := range clips {
				if end := find(heard, at, clips[d]); end >= 0 && (next < 0 || end < next) {
					next, digit = end, d
				}
			}
			if next < 0 {
				return false
			}
			receipt, at = receipt+fmt.Sprint(digit), next
		}
		return true
	})
	return receipt
}

// find is where a clip ends in what was heard; -1 where it isn't in it. One frame in ten may be lost.
func find(heard []string, from int, clip []string) int {
	for at := from; at+len(clip) <= len(heard); at++ {
		lost := 0
		for i := 0; i < len(clip) && 10*lost <= len(clip); i++ {
			if heard[at+i] != clip[i] {
				lost++
			}
		}
		if 10*lost <= len(clip) {
			return at + len(clip)
		}
	}
	return -1
}

// recorded is what the line keeps of a report: its language, and its recordings, opened from the store, in frames of µ-law.
type recorded struct {
	id                string
	channel, language string
	named             bool
	files             int
	frames            []string
}

func (h *hotline) recordings() (all []recorded) {
	h.t.Helper()
	for _, r := range h.reports(h.t, h.staff, "") {
		var whole struct {
			Channel, Language string
			Named             bool
		}
		h.ask("GET", h.desk+"/api/v1/reports/"+r.ID, nil, "Authorization", "Bearer "+h.staff).into(h.t, &whole)
		var files []*heed.Attachment
		err := h.beside.store.View(h.t.Context(), func(tx heed.Tx) (err error) {
			files, err = tx.Attachments(h.t.Context(), heed.ID(r.ID))
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
		kept := recorded{id: r.ID, channel: whole.Channel, language: whole.Language, named: whole.Named, files: len(files)}
		for _, f := range files {
			if f.Type != "audio/basic" {
				h.t.Fatalf("a file is %s", f.Type)
			}
			file, err := review.OpenFileAt(h.t.Context(), h.beside.blobs, h.beside.identity, h.beside.id, f)
			if err != nil {
				h.t.Fatal(err)
			}
			kept.frames = append(kept.frames, readAU(h.t, file)...)
		}
		all = append(all, kept)
	}
	return all
}

// readAU reads a recording's frames.
func readAU(t *testing.T, r io.Reader) (frames []string) {
	t.Helper()
	au, err := sound.NewAU(r)
	if err != nil {
		t.Fatal(err)
	}
	for {
		var f sound.Frame
		if err := au.Read(&f); errors.Is(err, io.EOF) {
			return frames
		} else if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, string(sound.MuLaw.Encode(nil, f[:])))
	}
}

// holds is which share of what was said the recording has, bit for bit and in its order: the longest common subsequence. Where the machine
// is busy what a phone sends comes in bursts, and the line fills the gaps.
func (r recorded) holds(said []string) float64 {
	longest := make([]int, len(said)+1) // of the recording so far and so many frames of what was said
	for _, frame := range r.frames {
		before := 0
		for i, f := range said {
			here := longest[i+1]
			if f == frame {
				longest[i+1] = before + 1
			} else {
				longest[i+1] = max(longest[i+1], longest[i])
			}
			before = here
		}
	}
	return float64(longest[len(said)]) / float64(len(said))
}

// said is a part of a call in which somebody speaks, which begins at from, and what the line should keep of it.
func (h *hotline) said(part *pcap, from time.Duration, language, text string) (until time.Duration, kept []string) {
	for f := range h.speaker.In(language).Say(h.t.Context(), prompt.Words(text, "message-rest", "message-unspoken")) {
		if f == nil {
			continue
		}
		coded := sound.ALaw.Encode(nil, f[:])
		part.packet(from, from, 8, coded)
		from += sound.FrameTime
		kept = append(kept, string(sound.MuLaw.Encode(nil, sound.ALaw.Decode(nil, coded))))
	}
	return from, kept
}

// hashKey is the event of the hash key (RFC 4733 §3.2).
const hashKey = 11

// leaves is the part of a caller who picks a language, leaves a report, and sends it unless they hang up first.
func (h *hotline) leaves(key byte, language, text string, sends bool) (part *pcap, said []string, until time.Duration) {
	part = newPcap()
	part.press(time.Second, key)
	part.press(2*time.Second, 1) // a report
	part.press(3*time.Second, 5) // whatever ends the instructions; the tone follows
	until, said = h.said(part, speaksFrom, language, text)
	if sends {
		part.press(until+400*time.Millisecond, hashKey)
		part.press(until+1400*time.Millisecond, 1)
	}
	return part, said, until
}

// asks is the part of a caller who types a Receipt.
func asks(key byte, receipt string) *pcap {
	part := newPcap()
	part.press(time.Second, key)
	part.press(2*time.Second, 2)
	for i, digit := range []byte(receipt) {
		part.press(3*time.Second+time.Duration(i)*240*time.Millisecond, digit-'0')
	}
	return part
}

// What issue 5 demands of the whole way, with sipp: what callers said is in the store as they said it; the Receipt, read off the sound
// that their phones received, opens their report on the web; what the desk asks is heard by who types that Receipt; and nobody finds
// its digits in anything that the line wrote.
func TestWhoCallsInArabicOrChineseIsHeardAnsweredAndOpensTheirReportByTelephone(t *testing.T) {
	if os.Getenv(insideNamespace) == "" {
		t.Parallel() // it waits far more than it reckons
	}
	if !ownNetwork(t) {
		return
	}
	h := startHotline(t)
	callers := []struct {
		key                      byte
		language, text, question string
		sends                    bool
	}{
		{1, "ar", "يبيع رجل أسطوانات غاز تالفة في السوق القديم كل يوم جمعة.", "في أي ساعة رأيت ذلك؟", true},
		{2, "zh-Hans", "有人在河边的仓库后面倒化学废料，味道很重。", "仓库在哪一条街上？", true},
		{1, "ar", "الجسر قرب المدرسة يتصدع وقد تسقط منه الحجارة.", "", false},
	}
	said, calls := make([][]string, len(callers)), make([]*onTheLine, len(callers))
	for i, c := range callers {
		part, words, until := h.leaves(c.key, c.language, c.text, c.sends)
		lasts := until + 200*time.Millisecond
		if c.sends {
			lasts = 75 * time.Second
		}
		said[i], calls[i] = words, h.dials(c.language, part, lasts)
	}
	var kept []recorded
	eventually(t, time.Minute, "three reports are at the desk", func() bool { return len(h.reports(t, h.staff, "")) == len(callers) })
	kept = h.recordings()
	reports := make([]string, len(callers))
	for _, r := range kept {
		i := slices.IndexFunc(said, func(words []string) bool { return r.holds(words) > 0.5 })
		if r.channel != "phone" || r.files != 1 {
			t.Errorf("a report by %s, with %d files", r.channel, r.files)
		}
		if i < 0 || reports[i] != "" {
			t.Fatalf("a recording of %d frames in %s is nobody's, or somebody's again: %.2f %.2f %.2f", len(r.frames), r.language, r.holds(said[0]), r.holds(said[1]), r.holds(said[2]))
		}
		reports[i] = r.id
		if share := r.holds(said[i]); share < 0.9 || r.language != callers[i].language {
			t.Errorf("%.2f of the %d frames kept in %s are what was said in %s, in %d frames", share, len(r.frames), r.language, callers[i].language, len(said[i]))
		}
	}
	c := &canaries{words: map[string]string{}}
	again := make([]*onTheLine, len(callers))
	for i, caller := range callers {
		if !caller.sends {
			continue
		}
		receipt := calls[i].receipt()
		calls[i].hangUp() // it would be said once more
		c.words[receipt] = "a Receipt that was spoken in " + caller.language
		h.act(reports[i], "claim", map[string]string{})
		h.act(reports[i], "messages", map[string]string{"text": caller.question})
		if page := h.lookUp(receipt); !strings.Contains(page, caller.question) {
			t.Errorf("the Receipt heard in %s opens on the web: %s", caller.language, page)
		}
		again[i] = h.dials(caller.language, asks(caller.key, receipt), 40*time.Second)
	}
	for i, caller := range callers {
		if again[i] == nil {
			continue
		}
		at := again[i].hears("that the line asks", 0, h.clip(caller.language, prompt.Text("message.question")))
		again[i].hears("the question", at, h.clip(caller.language, prompt.Words(caller.question, "message-rest", "message-unspoken")))
	}
	c.search(t, "after the calls", h.data)
	c.searchBytes(t, "the log", []byte(h.logs.String()))
	for _, canary := range []string{"canary-number", "canary-name"} {
		if strings.Contains(h.logs.String(), canary) {
			t.Errorf("%s is in the log", canary)
		}
	}
}

// act does something with a report by the staff API.
func (h *hotline) act(report, path string, body any) {
	h.t.Helper()
	if a := h.ask("POST", h.desk+"/api/v1/reports/"+report+"/"+path, body, "Authorization", "Bearer "+h.staff); a.status >= 300 {
		h.t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
}

// lookUp is the portal's page for a Receipt.
func (h *hotline) lookUp(receipt string) string {
	h.t.Helper()
	body, contentType := form(h.t, map[string]string{"page": "lookup", "go": "next", "receipt": receipt})
	a := h.ask("POST", h.public+"/status", bytes.NewReader(body), "Content-Type", contentType)
	if a.status != http.StatusOK {
		h.t.Fatalf("%d %s", a.status, a.body)
	}
	return string(a.body)
}
