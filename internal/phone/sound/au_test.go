package sound_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os/exec"
	"slices"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/sound"
)

// au is a recording of the samples.
func au(e sound.Encoding, samples []int16) []byte {
	b := sound.CallAU(e).Append(nil)
	switch e {
	case sound.AUMuLaw:
		return sound.MuLaw.Encode(b, samples)
	case sound.AUALaw:
		return sound.ALaw.Encode(b, samples)
	}
	for _, s := range samples {
		b = binary.BigEndian.AppendUint16(b, uint16(s))
	}
	return b
}

// read is every frame of a recording, as samples.
func read(t *testing.T, file []byte) (samples []int16) {
	t.Helper()
	a, err := sound.NewAU(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for {
		var f sound.Frame
		switch err := a.Read(&f); {
		case err == io.EOF:
			return samples
		case err != nil:
			t.Fatal(err)
		}
		samples = append(samples, f[:]...)
	}
}

func TestARecordingIsReadAsFfmpegReadsIt(t *testing.T) {
	spoken := tone(440, 12000, sound.Rate, 2*sound.FrameSamples)
	for _, e := range []sound.Encoding{sound.AUMuLaw, sound.AUALaw, sound.AULinear} {
		file := au(e, spoken)
		command := exec.Command("ffmpeg", "-v", "error", "-f", "au", "-i", "-", "-f", "s16le", "-")
		command.Stdin = bytes.NewReader(file)
		raw, err := command.Output()
		if err != nil {
			t.Fatalf("encoding %d: ffmpeg (scripts/install-test-deps installs it): %v", e, err)
		}
		want := make([]int16, len(raw)/2)
		for i := range want {
			want[i] = int16(binary.LittleEndian.Uint16(raw[2*i:]))
		}
		if got := read(t, file); !slices.Equal(got, want) || len(got) != len(spoken) {
			t.Errorf("encoding %d: %d samples, ffmpeg read %d others", e, len(got), len(want))
		}
	}
}

func TestARecordingThatWasCutIsWholeUpToThere(t *testing.T) {
	spoken := tone(440, 12000, sound.Rate, 2*sound.FrameSamples)
	file := au(sound.AULinear, spoken)
	got := read(t, file[:24+2*sound.FrameSamples+2*10+1])
	if len(got) != 2*sound.FrameSamples || !slices.Equal(got[:sound.FrameSamples+10], spoken[:sound.FrameSamples+10]) {
		t.Fatalf("%d samples of a recording that was cut", len(got))
	}
	for _, s := range got[sound.FrameSamples+10:] {
		if s != 0 {
			t.Fatal("what was cut off isn't silence")
		}
	}
}

func TestAnAUHeaderWithANoteAndASizeIsRead(t *testing.T) {
	head := sound.AUHeader{Encoding: sound.AUALaw, Size: sound.FrameSamples, Rate: sound.Rate, Channels: 1}.Append(nil)
	binary.BigEndian.PutUint32(head[4:], 24+8)
	file := append(append(head, "a note.\x00"...), bytes.Repeat([]byte{0xd5}, sound.FrameSamples+50)...)
	if got := read(t, file); len(got) != sound.FrameSamples || got[0] != 8 {
		t.Fatalf("%d samples, the first %d", len(got), got[0])
	}
}

func TestWhatIsNoCallsRecordingIsRefused(t *testing.T) {
	good := sound.CallAU(sound.AUMuLaw)
	stereo, fast, odd := good, good, good
	stereo.Channels, fast.Rate, odd.Encoding = 2, 44100, 23
	for name, file := range map[string][]byte{
		"stereo": stereo.Append(nil), "44.1 kHz": fast.Append(nil), "another encoding": odd.Append(nil), "a text": []byte("a text that is no sound at all"),
	} {
		if _, err := sound.NewAU(bytes.NewReader(file)); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n := range 24 {
		if _, err := sound.NewAU(bytes.NewReader(good.Append(nil)[:n])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("a head of %d bytes: %v", n, err)
		}
	}
}

func FuzzAU(f *testing.F) {
	f.Add(au(sound.AUMuLaw, tone(440, 9000, sound.Rate, 300)))
	f.Add(au(sound.AULinear, []int16{1, 2, 3}))
	f.Add(sound.AUHeader{Encoding: sound.AUALaw, Size: 10, Rate: 8000, Channels: 1}.Append(nil))
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := sound.NewAU(bytes.NewReader(file))
		if err != nil {
			if !errors.Is(err, heed.ErrInvalid) && !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("an error of another kind: %v", err)
			}
			return
		}
		var frame sound.Frame
		for n := 0; ; n++ {
			if err := a.Read(&frame); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			if n > len(file) {
				t.Fatal("more frames than bytes")
			}
		}
	})
}
