package main

import (
	"bytes"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/review"
)

// crowd is how many call at once and for how long they speak, as HEED_CROWD=500,10m says.
func crowd(t *testing.T) (callers int, speak time.Duration) {
	t.Helper()
	size := os.Getenv("HEED_CROWD")
	switch {
	case size != "":
	case os.Getenv("HEED_SOAK") == "on":
		size = "500,10m"
	default:
		size = "20,4s"
	}
	number, length, _ := strings.Cut(size, ",")
	callers, errNumber := strconv.Atoi(number)
	speak, errLength := time.ParseDuration(length)
	if err := errors.Join(errNumber, errLength); err != nil || callers < 5 {
		t.Fatalf("HEED_CROWD=%s: %v", size, err)
	}
	return callers, speak
}

const (
	speaksFrom = 7500 * time.Millisecond // after the keys for a language and a report, and the tone; a take waits 8 s for the first word
	// perCall is what a call may take in memory beside what the line takes without calls.
	perCall = 768 << 10
)

// voice is a part of a call that no other voice has a frame of: noise, in syllables, since a steady one is no speech.
func voice(who uint64, lasts time.Duration) (part *pcap, frames []string) {
	part = newPcap()
	part.press(time.Second, 1)   // the language
	part.press(2*time.Second, 1) // a report
	part.press(3*time.Second, 5) // whatever ends the instructions
	random := rand.New(rand.NewPCG(who, 1))
	for at := speaksFrom; at < speaksFrom+lasts; at += sound.FrameTime {
		loud := 12000
		if at/sound.FrameTime%16 > 10 {
			loud = 600
		}
		var f sound.Frame
		for i := range f {
			f[i] = int16(random.IntN(2*loud) - loud)
		}
		coded := sound.ALaw.Encode(nil, f[:])
		part.packet(at, at, 8, coded)
		frames = append(frames, string(sound.MuLaw.Encode(nil, sound.ALaw.Decode(nil, coded))))
	}
	return part, frames
}

// clients are programs that call, each by many calls with a voice of its own.
type clients struct {
	each   int
	voices map[uint64]said // of a frame, by its hash
	seed   maphash.Seed
	said   int // frames, by each
	over   []<-chan error
}

// said is whose a frame is, and which of theirs. The calls of one voice begin at different times, so that another's would stand out of its order.
type said struct{ whose, at int }

// start has so many programs call, all of their calls within ramp. They have an address of their own: sipp sends from raw sockets, of which each would get a
// copy of all that comes to its address, and is to have none of what goes to the line.
func startClients(t *testing.T, sipp, line string, callers int, speak, ramp time.Duration) *clients {
	t.Helper()
	programs := min(5, callers/5)
	c := &clients{each: callers / programs, voices: map[uint64]said{}, seed: maphash.MakeSeed()}
	scenario, err := os.ReadFile("testdata/sipp/caller.xml")
	if err != nil {
		t.Fatal(err)
	}
	lasts := speaksFrom + speak + 500*time.Millisecond
	scenario = bytes.ReplaceAll(scenario, []byte("{{lasts}}"), fmt.Append(nil, lasts.Milliseconds()))
	for i := range programs {
		part, frames := voice(uint64(i), speak)
		for n, f := range frames {
			c.voices[maphash.String(c.seed, f)] = said{i, n}
		}
		c.said = len(frames)
		dir := t.TempDir()
		for name, content := range map[string][]byte{"call.pcap": part.buf.Bytes(), "caller.xml": scenario} {
			if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		call := exec.Command(sipp, line, "-sf", "caller.xml", "-i", fmt.Sprintf("127.0.0.%d", 2+i), "-p", fmt.Sprint(7000+i), "-mp", fmt.Sprint(31000+10*i), "-nostdin", "-timeout_error",
			"-m", fmt.Sprint(c.each), "-l", fmt.Sprint(c.each), "-r", fmt.Sprint(c.each), "-rp", fmt.Sprint(ramp.Milliseconds()), "-timeout", fmt.Sprint(int((ramp+lasts+time.Minute).Seconds()))+"s")
		call.Dir = dir
		call.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		var out bytes.Buffer
		call.Stdout, call.Stderr = &out, &out
		if err := call.Start(); err != nil {
			t.Fatal(err)
		}
		over := make(chan error, 1)
		go func() {
			if err := call.Wait(); err != nil {
				over <- fmt.Errorf("sipp: %w\n%.2000s", err, out.Bytes())
			}
			close(over)
		}()
		c.over = append(c.over, over)
	}
	return c
}

// knock calls once more and answers the first final answer.
func knock(t *testing.T, line string) string {
	t.Helper()
	conn, err := net.Dial("udp", line)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	id := fmt.Sprint(rand.Uint64())
	invite := fmt.Sprintf("INVITE sip:line@line.example SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s;rport\r\nFrom: <sip:canary-number@b.example>;tag=1\r\nTo: <sip:line@line.example>\r\nCall-ID: %s\r\nCSeq: 1 INVITE\r\nContact: <sip:a@%s>\r\nContent-Length: 0\r\n\r\n",
		conn.LocalAddr(), id, id, conn.LocalAddr())
	answer := make([]byte, 2000)
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); { // as SIP repeats what isn't answered, at shorter intervals
		if _, err := conn.Write([]byte(invite)); err != nil {
			t.Fatal(err)
		}
		conn.SetReadDeadline(time.Now().Add(time.Second))
		for {
			n, err := conn.Read(answer)
			if err != nil {
				break
			}
			if first, _, _ := strings.Cut(string(answer[:n]), "\r\n"); !strings.HasPrefix(first, "SIP/2.0 1") {
				return first
			}
		}
	}
	return "nothing"
}

// processorTime is what a process has used of the processors.
func processorTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	var ticks int
	for _, field := range fields[11:13] { // user and system, in hundredths of a second (proc_pid_stat(5))
		n, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// Issue 5's crowd: as many callers as the line has room for speak at once, one more hears that all lines are busy, memory stays within bounds, and when the
// line is told to stop they finish. What each said is kept, and none of anybody else.
func TestACrowdOfCallersIsHeardEachByThemselvesByTelephone(t *testing.T) {
	if os.Getenv("HEED_SOAK") == "" && os.Getenv("HEED_CROWD") == "" {
		t.Skip("it wants the machine for itself: make soak")
	}
	if os.Getenv(insideNamespace) == "" {
		t.Parallel() // it waits far more than it reckons
	}
	program, err := builtHeed()
	if err != nil {
		t.Fatal(err)
	}
	if !ownNetwork(t, builtAlready+"="+program) {
		return
	}
	callers, speak := crowd(t)
	ramp := max(time.Second, time.Duration(callers)*40*time.Millisecond)
	sipp, err := exec.LookPath("sipp")
	if err != nil {
		t.Fatalf("scripts/install-test-deps installs it (sip-tester): %v", err)
	}
	k := startCrowdLine(t, callers)
	line, pid := strings.TrimPrefix(k.phone, "sip:"), k.command.Process.Pid
	before := memoryOf(t, pid, "VmRSS")
	began := time.Now()
	c := startClients(t, sipp, line, callers, speak, ramp)
	time.Sleep(time.Until(began.Add(ramp + speaksFrom + time.Second))) // all speak
	from, used, early := time.Now(), processorTime(t, pid), memoryOf(t, pid, "VmRSS")
	if got := knock(t, line); got != "SIP/2.0 486 Busy Here" {
		t.Errorf("with every line taken one more is answered %q", got)
	}
	time.Sleep(time.Until(began.Add(speaksFrom + speak - time.Second))) // nobody has hung up
	share := float64(processorTime(t, pid)-used) / float64(time.Since(from)) / float64(runtime.NumCPU())
	late := memoryOf(t, pid, "VmRSS")
	t.Logf("%d callers at once: %.1f%% of %d cores; memory %d MiB before, %d and %d MiB while all spoke, at most %d MiB",
		callers, 100*share, runtime.NumCPU(), before>>20, early>>20, late>>20, memoryOf(t, pid, "VmHWM")>>20)
	if callers >= 200 && share > 0.6 {
		t.Error("it takes more than 60% of the processors")
	}
	if most := memoryOf(t, pid, "VmHWM"); most > before+callers*perCall+64<<20 || late > early+early/4+32<<20 {
		t.Error("memory is not within bounds")
	}
	if err := k.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, time.Minute, "a line that stops refuses calls", func() bool { return strings.HasPrefix(knock(t, line), "SIP/2.0 503") })
	for _, over := range c.over {
		if err := <-over; err != nil {
			t.Error(err)
		}
	}
	if err := k.command.Wait(); err != nil {
		t.Errorf("the line ended with %v", err)
	}
	if strings.Contains(k.logs.String(), "canary") {
		t.Error("who calls is in the log")
	}
	c.judge(t, k)
}

// startCrowdLine serves a line with room for so many, in English, without ffmpeg, so that recordings stay as they came.
func startCrowdLine(t *testing.T, callers int) *killed {
	t.Helper()
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
	text := strings.Replace(string(profile.DefaultYAML()), "languages: [] #", "languages: [en] #", 1)
	if err := os.WriteFile(chosen, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return startProcess(t, filepath.Join(t.TempDir(), "line"), "--sip", "127.0.0.1:0", "--sip-calls", fmt.Sprint(callers), "--profile", chosen)
}

// judge reads what the line kept: a recording of each call, of one voice each.
func (c *clients) judge(t *testing.T, k *killed) {
	t.Helper()
	l, err := openLine(t.Context(), &surroundings{Now: time.Now}, slog.New(slog.DiscardHandler), lineFlags{Data: k.data, Profile: k.args[len(k.args)-1]})
	if err != nil {
		t.Fatal(err)
	}
	defer l.store.Close()
	calls, least, all := make([]int, len(c.over)), 1.0, 0.0
	for _, file := range recordingsOf(t, l) {
		r, err := review.OpenFileAt(t.Context(), l.blobs, l.identity, l.id, file)
		if err != nil {
			t.Fatal(err)
		}
		whose, frames := c.whose(t, r)
		if whose < 0 {
			t.Errorf("a recording has nobody's voice")
			continue
		}
		calls[whose]++
		share := float64(frames) / float64(c.said)
		least, all = min(least, share), all+share
	}
	for i, n := range calls {
		if n != c.each {
			t.Errorf("of voice %d there are %d recordings, %d called", i, n, c.each)
		}
	}
	kept := all / float64(len(calls)*c.each)
	t.Logf("%.3f of what was said was kept bit for bit, of nobody less than %.3f", kept, least)
	if kept < 0.99 || least < 0.9 {
		t.Error("much of what was said is lost")
	}
}

// whose is which voice a recording has, and how many of its frames; no other call's may be in it.
func (c *clients) whose(t *testing.T, r io.Reader) (whose, frames int) {
	t.Helper()
	whose, last := -1, -1
	for _, f := range readAU(t, r) {
		voice, known := c.voices[maphash.String(c.seed, f)]
		switch {
		case !known: // silence, or what was made up for a loss
		case whose >= 0 && voice.whose != whose:
			t.Fatalf("voices %d and %d are in one recording", whose, voice.whose)
		case voice.at <= last:
			t.Fatalf("of voice %d frame %d comes after frame %d", whose, voice.at, last)
		default:
			whose, last = voice.whose, voice.at
			frames++
		}
	}
	return whose, frames
}

// recordingsOf are the files of all reports of a line.
func recordingsOf(t *testing.T, l *line) (files []*heed.Attachment) {
	t.Helper()
	for _, list := range []heed.List{heed.ListNone, heed.ListReview} { // what came in last isn't screened where the line stopped
		err := l.store.View(t.Context(), func(tx heed.Tx) error {
			q := heed.ReportQuery{List: list, Limit: 200}
			for {
				reports, err := tx.Reports(t.Context(), q)
				if err != nil || len(reports) == 0 {
					return err
				}
				for _, r := range reports {
					of, err := tx.Attachments(t.Context(), r.ID)
					if err != nil {
						return err
					}
					files = append(files, of...)
				}
				q.After = reports[len(reports)-1]
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}
