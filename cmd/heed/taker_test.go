package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
)

// takersPhone is where a call-taker's phone is, and takersSound where it hears.
const (
	takersPhone = "127.0.0.1:5080"
	takersSound = 32000
)

// startManned serves a line in English whose trunk is a taker's phone, and whose prompts are a fifth of a second each, so that a call
// takes seconds.
func startManned(t *testing.T) *hotline {
	t.Helper()
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatalf("scripts/install-test-deps installs it (sip-tester): %v", err)
	}
	t.Setenv("PATH", t.TempDir()) // nothing speaks
	chosen := filepath.Join(t.TempDir(), "profile.yaml")
	text := strings.NewReplacer("languages: [] #", "languages: [en] #", `    host: "" # sip.provider`, "    host: "+takersPhone+" # ").Replace(string(profile.DefaultYAML()))
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
	recorded := filepath.Join(h.data, promptsFolder, "en")
	if err := os.MkdirAll(recorded, 0o700); err != nil {
		t.Fatal(err)
	}
	for i, key := range append(locales.Plain("phone."), "phone.greeting", "phone.queue-ahead-1") {
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

// awaitCall waits until the only call is in a state.
func (h *hotline) awaitCall(state heed.CallState) (c *heed.QueuedCall) {
	h.t.Helper()
	eventually(h.t, 30*time.Second, "a call that is "+string(state), func() bool {
		var all []*heed.QueuedCall
		err := h.beside.store.View(h.t.Context(), func(tx heed.Tx) (err error) {
			all, err = tx.QueuedCalls(h.t.Context())
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
		if len(all) == 1 && all[0].State == state {
			c = all[0]
		}
		return c != nil
	})
	return c
}

func (h *hotline) atTheDesk(do func(tx heed.Tx) error) {
	h.t.Helper()
	if err := h.beside.store.Update(h.t.Context(), do); err != nil {
		h.t.Fatal(err)
	}
}

// shareOf is which part of what was said was heard.
func shareOf(said, heard []string) float64 {
	there := map[string]bool{}
	for _, f := range heard {
		there[f] = true
	}
	n := 0
	for _, f := range said {
		if there[f] {
			n++
		}
	}
	return float64(n) / float64(len(said))
}

// A caller and a call-taker's phone are sipp's; what crosses the network to each is compared with what the other said.
func TestABridgedCallCarriesAudioBothWaysAndEndsWithTheReceiptReadToTheCaller(t *testing.T) {
	if os.Getenv(insideNamespace) == "" {
		t.Parallel() // it waits far more than it reckons
	}
	if !ownNetwork(t) {
		return
	}
	h := startManned(t)
	ctx := t.Context()
	h.atTheDesk(func(tx heed.Tx) error {
		return tx.PutDuty(ctx, &heed.Duty{Staff: "ann", Since: time.Now(), Until: time.Now().Add(time.Hour)})
	})
	taker, caller := newPcap(), newPcap()
	fromTaker := taker.speaks(500*time.Millisecond, murmur(1, 150))
	hungUp := h.takerAnswers(taker)
	caller.press(1500*time.Millisecond, 9)
	fromCaller := caller.speaks(6*time.Second, murmur(2, 1000)) // from before they are connected, however busy the machine is
	call := h.dials("en", caller, 60*time.Second)
	waits := h.awaitCall(heed.CallWaiting)
	h.atTheDesk(func(tx heed.Tx) error { return tx.TakeQueuedCall(ctx, waits.ID, "ann", "sip:201@"+takersPhone) })
	h.awaitCall(heed.CallTalking)
	callersSound := uint16(31000 + 10)
	eventually(t, 40*time.Second, "both hear the other", func() bool {
		time.Sleep(listenEvery)
		return shareOf(fromTaker, h.wire.heardAt(callersSound)) > 0.8 && shareOf(fromCaller, h.wire.heardAt(takersSound)) > 0.2
	})
	key, err := seal.ParsePublicKey(waits.Key)
	if err != nil {
		t.Fatal(err)
	}
	receipt := seal.NewReceipt()
	sealed, err := seal.SealCallReceipt(key, h.beside.id, waits.ID, receipt)
	if err != nil {
		t.Fatal(err)
	}
	h.atTheDesk(func(tx heed.Tx) error { return tx.FinishQueuedCall(ctx, waits.ID, "ann", sealed) })
	<-hungUp
	if got := call.receipt(); got != string(receipt) {
		t.Errorf("the caller heard %s", got)
	}
	call.hangUp()
	eventually(t, 10*time.Second, "the call has left the queue", func() bool {
		var all []*heed.QueuedCall
		err := h.beside.store.View(ctx, func(tx heed.Tx) (err error) {
			all, err = tx.QueuedCalls(ctx)
			return err
		})
		return err == nil && len(all) == 0
	})
	c := &canaries{words: map[string]string{string(receipt): "a Receipt that was spoken"}}
	c.search(t, "after the call", h.data)
	c.searchBytes(t, "the log", []byte(h.logs.String()))
	for _, canary := range []string{"canary-number", "canary-name", "201@"} {
		if strings.Contains(h.logs.String(), canary) {
			t.Errorf("%s is in the log", canary)
		}
	}
}
