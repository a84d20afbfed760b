package sip

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// A person's phone calls by TLS, with its keys in its offer, and says a tone of 800 Hz; the line answers with one of 1,200 Hz.
func TestABaresipPhoneCallsByTLSWithSRTP(t *testing.T) {
	if !inOwnNetwork(t) { // baresip doesn't bind to loopback
		return
	}
	var heardTone float64
	enough, done := make(chan struct{}), make(chan error, 1)
	answering(t, Config{TLS: ownAddress + ":5061", Cert: certificate(t, ownAddress), Handler: func(_ context.Context, leg sound.Leg) {
		var frames []int16
		loud := 0
		for i := 0; ; i++ {
			out := toneFrame(1200, i)
			in, _, err := leg.Step(&out)
			if err != nil {
				heardTone = strength(800, frames)
				done <- err
				return
			}
			if in.Level() > -40 {
				if loud++; loud == 100 {
					close(enough)
				}
				frames = append(frames, in[:]...)
			}
		}
	}})
	dir := t.TempDir()
	write(t, filepath.Join(dir, "said.wav"), wavTone(800, 60))
	write(t, filepath.Join(dir, "accounts"), []byte("<sip:canary-number@"+ownAddress+";transport=tls>;regint=0;mediaenc=srtp-mand;audio_codecs=PCMA\n"))
	write(t, filepath.Join(dir, "contacts"), nil)
	write(t, filepath.Join(dir, "config"), []byte("module_path /usr/lib/baresip/modules\nmodule g711.so\nmodule aufile.so\nmodule aubridge.so\nmodule sndfile.so\nmodule srtp.so\nmodule_app account.so\nmodule_app menu.so\n"+
		"audio_source aufile,"+filepath.Join(dir, "said.wav")+"\naudio_player aubridge,nobody\nsnd_path "+dir+"\naudio_srate 8000\naudio_channels 1\nsip_verify_server no\n"))
	phone := exec.Command("baresip", "-f", dir, "-e", "/dial sip:line@"+ownAddress+":5061;transport=tls", "-t", "50")
	var said bytes.Buffer
	phone.Stdout, phone.Stderr = &said, &said
	if err := phone.Start(); err != nil {
		t.Fatalf("baresip (scripts/install-test-deps installs it): %v", err)
	}
	over := make(chan error, 1)
	go func() { over <- phone.Wait() }()
	select {
	case <-enough: // two seconds of sound
	case err := <-over:
		t.Fatalf("baresip: %v\n%s", err, said.Bytes())
	}
	if err := phone.Process.Signal(os.Interrupt); err != nil { // it hangs up and ends
		t.Fatal(err)
	}
	err := <-over
	out := said.Bytes()
	if err != nil {
		t.Fatalf("baresip: %v\n%s", err, out)
	}
	select {
	case err := <-done:
		if !errors.Is(err, io.EOF) {
			t.Errorf("the handler was told %v", err)
		}
	case <-time.After(time.Minute):
		t.Fatalf("the call never ended\n%s", out)
	}
	if heardTone < 0.5 {
		t.Errorf("%.2f of what the line heard is the phone's tone\n%s", heardTone, out)
	}
	recordings, err := filepath.Glob(filepath.Join(dir, "dump-*-dec.wav"))
	if err != nil || len(recordings) != 1 {
		t.Fatalf("the phone recorded %v, %v\n%s", recordings, err, out)
	}
	file, err := os.ReadFile(recordings[0])
	if err != nil || len(file) < 44+16000 {
		t.Fatalf("the phone heard %d bytes: %v\n%s", len(file), err, out)
	}
	samples := make([]int16, (len(file)-44)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(file[44+2*i:]))
	}
	if got := strength(1200, samples); got < 0.5 {
		t.Errorf("%.2f of what the phone heard is the line's tone\n%s", got, out)
	}
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// toneFrame is the frame number i of a tone.
func toneFrame(hz float64, i int) (f sound.Frame) {
	for k := range f {
		f[k] = int16(9000 * math.Sin(2*math.Pi*hz*float64(i*sound.FrameSamples+k)/sound.Rate))
	}
	return f
}

// wavTone is a WAV file of a tone.
func wavTone(hz float64, seconds int) []byte {
	n := seconds * sound.Rate
	le16, le32 := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32
	b := le32([]byte("RIFF"), uint32(36+2*n))
	b = le32(append(b, "WAVEfmt "...), 16)
	b = le32(le32(le16(le16(b, 1), 1), sound.Rate), 2*sound.Rate)
	b = le32(append(le16(le16(b, 2), 16), "data"...), uint32(2*n))
	for i := range n / sound.FrameSamples {
		f := toneFrame(hz, i)
		for _, sample := range f {
			b = le16(b, uint16(sample))
		}
	}
	return b
}

// strength is which share of the sound's energy lies at a frequency: 1 for a pure tone.
func strength(hz float64, samples []int16) float64 {
	var energy, sum float64
	const block = 800 // short, since a lost or made-up frame shifts the phase
	for ; len(samples) >= block; samples = samples[block:] {
		var re, im float64
		for i, s := range samples[:block] {
			angle := 2 * math.Pi * hz * float64(i) / sound.Rate
			re += float64(s) * math.Cos(angle)
			im += float64(s) * math.Sin(angle)
			energy += float64(s) * float64(s)
		}
		sum += 2 * (re*re + im*im) / block
	}
	if energy == 0 {
		return 0
	}
	return sum / energy
}
