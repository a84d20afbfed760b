package sound_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/phone/sound"
)

// wav is a WAV file of the samples, which alternate between the channels.
func wav(rate, channels, bits int, samples []int16) []byte {
	var data []byte
	for _, s := range samples {
		if bits == 8 {
			data = append(data, byte(s>>8)+128)
		} else {
			data = binary.LittleEndian.AppendUint16(data, uint16(s))
		}
	}
	le16, le32 := binary.LittleEndian.AppendUint16, binary.LittleEndian.AppendUint32
	block := channels * bits / 8
	b := le32([]byte("RIFF"), uint32(36+len(data)))
	b = le32(append(b, "WAVEfmt "...), 16)
	b = le16(le16(b, 1), uint16(channels))
	b = le32(le32(b, uint32(rate)), uint32(rate*block))
	b = le16(le16(b, uint16(block)), uint16(bits))
	b = le32(append(b, "data"...), uint32(len(data)))
	return append(b, data...)
}

// heard is the samples of a WAV file.
func heard(t *testing.T, file []byte) (samples []int16) {
	t.Helper()
	frames, err := sound.ReadWAV(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range frames {
		samples = append(samples, f[:]...)
	}
	return samples
}

// at is how strong a frequency is in samples, in dB against a sine of full amplitude (Goertzel).
func at(hz float64, samples []int16) float64 {
	var re, im float64
	for i, s := range samples {
		angle := 2 * math.Pi * hz * float64(i) / sound.Rate
		re += float64(s) * math.Cos(angle)
		im += float64(s) * math.Sin(angle)
	}
	return 20 * math.Log10(2*math.Hypot(re, im)/float64(len(samples))/32768+1e-9)
}

func TestAVoicePassesFromEveryRateAsLoudAsItWas(t *testing.T) {
	for _, rate := range []int{8000, 16000, 22050, 44100, 48000} {
		for _, hz := range []float64{200, 1000, 3200} {
			samples := heard(t, wav(rate, 1, 16, tone(hz, 16384, rate, rate/2)))
			if n := len(samples); n != sound.Rate/2 {
				t.Errorf("%d Hz: half a second became %d samples", rate, n)
			}
			if got := at(hz, samples[400:3600]); math.Abs(got+6.02) > 0.2 {
				t.Errorf("%d Hz: %.0f Hz came at %.2f dB, went in at -6.02", rate, hz, got)
			}
		}
	}
}

func TestWhatATelephoneCantCarryIsFilteredOff(t *testing.T) {
	for _, rate := range []int{16000, 22050, 44100, 48000} {
		for _, hz := range []float64{4200, 5000, 6500, 7900} {
			samples := heard(t, wav(rate, 1, 16, tone(hz, 16384, rate, rate/2)))
			if got := level(samples[400:3600]); got > -65 {
				t.Errorf("%d Hz: a tone of %.0f Hz is heard at %.1f dBov", rate, hz, got)
			}
		}
	}
}

func TestStereoIsMixedAndEightBitsAreRead(t *testing.T) {
	both := heard(t, wav(8000, 2, 16, []int16{1000, 3000, -500, 500}))
	if both[0] != 2000 || both[1] != 0 {
		t.Errorf("1000 and 3000 were mixed to %d, -500 and 500 to %d", both[0], both[1])
	}
	eight := heard(t, wav(8000, 1, 8, []int16{0, 64 << 8, -128 << 8}))
	if eight[0] != 0 || eight[1] != 64<<8 || eight[2] != -128<<8 {
		t.Errorf("eight bits were read as %v", eight[:3])
	}
}

func TestAWAVFromAPipeIsReadToItsEnd(t *testing.T) {
	file := wav(8000, 1, 16, tone(440, 9000, 8000, sound.FrameSamples))
	binary.LittleEndian.PutUint32(file[40:], 0x7ffff000) // as espeak-ng writes it
	if got := heard(t, file); len(got) != sound.FrameSamples {
		t.Errorf("%d samples", len(got))
	}
}

func TestOtherChunksOfAWAVAreSkipped(t *testing.T) {
	file := wav(8000, 1, 16, []int16{5, 6, 7})
	list := append(binary.LittleEndian.AppendUint32([]byte("LIST"), 3), "abc\x00"...)
	file = append(append(append([]byte{}, file[:12]...), list...), file[12:]...)
	if got := heard(t, file); got[0] != 5 || got[2] != 7 {
		t.Errorf("read %v", got[:3])
	}
}

func TestAWAVThatCantBePlayedIsRefused(t *testing.T) {
	long := wav(8000, 1, 8, nil)
	binary.LittleEndian.PutUint32(long[40:], math.MaxUint32)
	for name, file := range map[string][]byte{
		"11 kHz": wav(11025, 1, 16, nil), "24 bits": wav(8000, 1, 24, nil), "three channels": wav(8000, 3, 16, nil), "a text": []byte("RIFFs are no sound by themselves"),
		"no format": append([]byte("RIFF\x04\x00\x00\x00WAVE"), "data\x00\x00\x00\x00"...),
	} {
		if _, err := sound.ReadWAV(bytes.NewReader(file)); !errors.Is(err, heed.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := sound.ReadWAV(io.MultiReader(bytes.NewReader(long), zeros{})); !errors.Is(err, heed.ErrInvalid) {
		t.Errorf("hours of silence: %v", err)
	}
	if _, err := sound.ReadWAV(bytes.NewReader(wav(8000, 1, 16, nil)[:30])); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a head that was cut: %v", err)
	}
}

// zeros never end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func FuzzWAV(f *testing.F) {
	f.Add(wav(8000, 1, 16, []int16{1, 2, 3}))
	f.Add(wav(22050, 2, 8, tone(300, 9000, 22050, 400)))
	f.Add(wav(48000, 1, 16, tone(300, 9000, 48000, 400))[:60])
	f.Fuzz(func(t *testing.T, file []byte) {
		frames, err := sound.ReadWAV(bytes.NewReader(file))
		if err != nil && !errors.Is(err, heed.ErrInvalid) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("an error of another kind: %v", err)
		}
		if len(frames) > len(file) {
			t.Fatalf("%d frames of %d bytes", len(frames), len(file))
		}
	})
}
