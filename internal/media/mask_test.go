package media_test

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// told are what every speaker says in two recordings.
var told = [2]string{
	"There is smoke above the old warehouse by the river, and I have seen men carry drums out of it since Monday.",
	"My employer asks us to sign for trainings that never took place. Two colleagues have left because they were afraid.",
}

// masked is a recording's copy.
func masked(t testing.TB, sound []byte, seed uint64) []byte {
	t.Helper()
	mp3, err := media.MaskSound(t.Context(), "audio/x-wav", bytes.NewReader(sound), rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}))
	if err != nil {
		t.Fatal(err)
	}
	return mp3
}

// HEED_SOAK=on draws more masks for each of more voices; docs/telephony.md has its figures.
func TestAMaskedVoiceIsNotLinkedToItsOtherRecordingAndIsStillUnderstood(t *testing.T) {
	speakers, draws := voices, 2
	if soak() {
		speakers, draws = manyVoices, 20
	}
	var plain [2][]print
	var wav [2][][]byte
	var loudness [2][][]float64
	for k, text := range told {
		for _, v := range speakers {
			wav[k] = append(wav[k], spoken(t, v, text))
		}
		for _, all := range samplesOf(t, wav[k]...) {
			plain[k], loudness[k] = append(plain[k], printOf(all)), append(loudness[k], envelope(all))
		}
	}
	chance := 1 / float64(len(speakers))
	before := max(linked(plain[0], plain[1], cepstral), linked(plain[0], plain[1], spectral))
	var byCepstrum, bySpectrum, rhythm float64
	for draw := range draws {
		var prints [2][]print
		for k := range told {
			var copies [][]byte
			for i := range speakers {
				copies = append(copies, masked(t, wav[k][i], uint64(draw<<8|k<<7|i)))
			}
			for i, all := range samplesOf(t, copies...) {
				prints[k] = append(prints[k], printOf(all))
				if k == 0 {
					rhythm += correlation(loudness[k][i], envelope(all)) / float64(draws*len(speakers))
				}
			}
		}
		byCepstrum += linked(prints[0], prints[1], cepstral) / float64(draws)
		bySpectrum += linked(prints[0], prints[1], spectral) / float64(draws)
	}
	other := correlation(loudness[0][0], loudness[1][0])
	t.Logf("%d speakers: linked before %.2f; after, by mean cepstrum %.2f, by long-term spectrum %.2f (chance %.2f); rhythm %.2f, of another text %.2f",
		len(speakers), before, byCepstrum, bySpectrum, chance, rhythm, other)
	if before < 0.85 {
		t.Errorf("unmasked recordings are linked in %.2f: the comparison finds nobody", before)
	}
	if byCepstrum > 2.2*chance || bySpectrum > 2.2*chance {
		t.Errorf("masked recordings are still linked in %.2f and %.2f, chance is %.2f", byCepstrum, bySpectrum, chance)
	}
	if rhythm < 0.75 || other > 0.5 {
		t.Errorf("of the rhythm of speech %.2f is left (of another text's: %.2f)", rhythm, other)
	}
}

// envelope is how loud the sound is, in decibels every 16 ms: by its rises and falls syllables are told.
func envelope(all []float64) (out []float64) {
	for at := 0; at+window <= len(all); at += window / 2 {
		sum := 1e3
		for _, v := range all[at : at+window] {
			sum += v * v
		}
		out = append(out, 10*math.Log10(sum))
	}
	return out
}

// correlation is Pearson's, at the best of the lags up to a tenth of a second: coders delay.
func correlation(a, b []float64) (best float64) {
	for lag := -6; lag <= 6; lag++ {
		var x, y []float64
		for i := range a {
			if j := i + lag; j >= 0 && j < len(b) {
				x, y = append(x, a[i]), append(y, b[j])
			}
		}
		best = max(best, pearson(x, y))
	}
	return best
}

func pearson(x, y []float64) float64 {
	n := float64(len(x))
	var mx, my, sxy, sxx, syy float64
	for i := range x {
		mx, my = mx+x[i]/n, my+y[i]/n
	}
	for i := range x {
		sxy, sxx, syy = sxy+(x[i]-mx)*(y[i]-my), sxx+(x[i]-mx)*(x[i]-mx), syy+(y[i]-my)*(y[i]-my)
	}
	return sxy / math.Sqrt(sxx*syy)
}

func TestACopyHoldsTheSoundAndNothingBesideIt(t *testing.T) {
	wav := spoken(t, "f2", told[0])
	for _, c := range []struct {
		kind string
		args []string
	}{
		{"audio/x-wav", []string{"-f", "wav"}},
		{"audio/basic", []string{"-ar", "8000", "-c:a", "pcm_mulaw", "-f", "au"}},
		{"audio/ogg", []string{"-c:a", "libopus", "-f", "ogg"}},
		{"audio/x-m4a", []string{"-c:a", "aac", "-f", "ipod"}}, // its index stands at the end
		{"audio/mpeg", []string{"-c:a", "libmp3lame", "-f", "mp3"}},
		{"audio/amr", nil},
	} {
		if c.args == nil {
			copiesAMR(t, len(samples(t, wav)))
			continue
		}
		made := encoded(t, wav, append(c.args, "-metadata", "title=canary-of-the-title", "-metadata", "artist=canary-of-the-artist")...)
		mp3, err := media.MaskSound(t.Context(), c.kind, bytes.NewReader(made), rand.NewChaCha8([32]byte{1}))
		if err != nil {
			t.Errorf("%s: %v", c.kind, err)
			continue
		}
		if bytes.Contains(mp3, []byte("canary")) || bytes.Contains(mp3, []byte("Lav")) {
			t.Errorf("%s: the copy says more than the sound", c.kind)
		}
		want, got := float64(len(samples(t, wav))), float64(len(samples(t, mp3)))
		if math.Abs(want-got) > 0.03*want {
			t.Errorf("%s: %.0f samples became %.0f: the tempo has changed", c.kind, want, got)
		}
	}
}

// copiesAMR wants a recording of a telephone (RFC 4867, 5), of so many samples, to be copied: no encoder of it is at hand, so it is of noise.
func copiesAMR(t *testing.T, length int) {
	t.Helper()
	r, frames := rand.NewChaCha8([32]byte{2}), length*50/hertz
	made := []byte("#!AMR\n")
	for range frames {
		frame := make([]byte, 31) // of 12.2 kbit/s
		if _, err := r.Read(frame); err != nil {
			t.Fatal(err)
		}
		made = append(append(made, 7<<3|1<<2), frame...)
	}
	mp3, _, err := media.CopyFile(t.Context(), "audio/amr", bytes.NewReader(append(made, "canary"...)))
	if err != nil {
		t.Errorf("AMR: %v", err)
		return
	}
	if want, got := float64(frames)/50, float64(len(samples(t, mp3)))/hertz; math.Abs(want-got) > 0.03*want || bytes.Contains(mp3, []byte("canary")) {
		t.Errorf("AMR: %.1f seconds became %.1f", want, got)
	}
}

// What can say how long it is and says a hundred hours isn't begun with. Of what can't, the beginning is copied, in the soak.
func TestARecordingThatSaysItIsOfAHundredHoursIsNotBegunWith(t *testing.T) {
	tool(t, "ffprobe")
	wav := spoken(t, "f2", told[0])
	flac := encoded(t, wav, "-ac", "1", "-ar", "8000", "-f", "flac")
	for i, samples := 0, uint64(100*3600*8000); i < 5; i++ { // the 36 bits of STREAMINFO (RFC 9639, section 8.2)
		flac[8+17-i] = byte(samples>>(8*i)) | flac[8+17-i]&0xF0*byte(i/4)
	}
	began := time.Now()
	_, _, err := media.CopyFile(t.Context(), "audio/flac", bytes.NewReader(flac))
	if took := time.Since(began); !errors.Is(err, sandbox.ErrTooMuch) || took > anEnd() {
		t.Errorf("%v after %v", err, took)
	}
	if !soak() {
		return
	}
	ten := encoded(t, wav, "-ac", "1", "-ar", "8000", "-t", "10", "-c:a", "libmp3lame", "-b:a", "8k", "-write_xing", "0", "-id3v2_version", "0", "-f", "mp3")
	began = time.Now()
	_, d, err := media.CopyFile(t.Context(), "audio/mpeg", bytes.NewReader(bytes.Repeat(ten, 100*360)))
	if err != nil || !d.Cut || d.Length < 4*3600*1000-60_000 {
		t.Errorf("a hundred hours of MP3: %+v, %v", d, err)
	}
	t.Logf("the first four of a hundred hours of MP3 after %v", time.Since(began).Round(time.Second))
}

func TestWhatIsNoSoundEndsInAClearErrorAndNoProgramSeesAnotherFile(t *testing.T) {
	tool(t, "ffmpeg")
	for name, content := range map[string]string{
		"noise":                  "RIFF\x00\x00\x00\x00WAVEfmt nothing of the kind",
		"nothing":                "",
		"a list of other files":  "#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
		"a list for a joiner":    "ffconcat version 1.0\nfile /etc/hostname\n",
		"a list in the internet": "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x.mp3\n#EXT-X-ENDLIST\n",
	} {
		if _, err := media.MaskSound(t.Context(), "audio/mpeg", bytes.NewReader([]byte(content)), rand.NewChaCha8([32]byte{1})); !errors.Is(err, sandbox.ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	t.Setenv("PATH", t.TempDir())
	if _, err := media.MaskSound(t.Context(), "audio/mpeg", bytes.NewReader(nil), rand.NewChaCha8([32]byte{1})); !errors.Is(err, sandbox.ErrNoProgram) {
		t.Errorf("without ffmpeg: %v", err)
	}
}
