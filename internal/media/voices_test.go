package media_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/cmplx"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// What a simple comparison of speakers looks at: the mean of a recording's mel cepstrum and its long-term spectrum, as in Reynolds,
// "Speaker identification and verification using Gaussian mixture speaker models" (1995) without the mixture, and in the long-term
// average spectra of forensic phonetics.

const (
	hertz    = 8000
	window   = 256 // samples of a frame, half of which the next one shares
	bands    = 24
	cepstra  = 16
	quietest = 1e-3 // of the loudest frame's power, below which a frame is silence
)

// tool finds a program. Where CI is set, its absence is a failure.
func tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("%s is not installed", name)
	}
	if err != nil {
		t.Skipf("%s is not installed", name)
	}
	return path
}

// voices are speakers of espeak-ng, which differ in their formants, pitch and breath.
var voices = []string{"m1", "m3", "f2", "f4", "klatt4", "linda"}

// spoken is a text in a voice, as WAV.
func spoken(t testing.TB, voice, text string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), tool(t, "espeak-ng"), "--stdin", "--stdout", "-v", "en+"+voice)
	c.Stdin = bytes.NewReader([]byte(text))
	out, err := c.Output()
	if err != nil {
		t.Fatalf("espeak-ng as %s: %v", voice, err)
	}
	return out
}

// samples decodes any sound to 8 kHz mono.
func samples(t testing.TB, sound []byte) []float64 {
	t.Helper()
	return samplesOf(t, sound)[0]
}

// samplesOf decodes several.
func samplesOf(t testing.TB, sounds ...[]byte) [][]float64 {
	t.Helper()
	all := make([][]float64, len(sounds))
	for i, raw := range encodedAll(t, sounds, "-f", "s16le", "-ac", "1", "-ar", strconv.Itoa(hertz)) {
		all[i] = make([]float64, len(raw)/2)
		for k := range all[i] {
			all[i][k] = float64(int16(binary.LittleEndian.Uint16(raw[2*k:])))
		}
	}
	return all
}

// encoded is sound in another form, made as a phone's file is: with its index where it falls.
func encoded(t testing.TB, sound []byte, args ...string) []byte {
	t.Helper()
	return encodedAll(t, [][]byte{sound}, args...)[0]
}

// encodedAll is several sounds in another form, by one ffmpeg, which takes longer to start than to read one.
func encodedAll(t testing.TB, sounds [][]byte, form ...string) [][]byte {
	t.Helper()
	folder, args, made := t.TempDir(), []string{"-v", "error"}, []string(nil)
	in := func(name string, i int) string { return filepath.Join(folder, name+strconv.Itoa(i)) }
	for i, sound := range sounds {
		if err := os.WriteFile(in("sound", i), sound, 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, "-i", in("sound", i))
		made = append(append(append(made, "-map", strconv.Itoa(i)+":a"), form...), in("made", i))
	}
	if out, err := exec.CommandContext(t.Context(), tool(t, "ffmpeg"), append(args, made...)...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s", form, err, out)
	}
	all := make([][]byte, len(sounds))
	for i := range all {
		all[i] = read(t, in("made", i))
	}
	return all
}

// spectra are the powers of each frame that isn't silence.
func spectra(all []float64) (frames [][]float64) {
	loudest := 0.0
	for at := 0; at+window <= len(all); at += window / 2 {
		frame := make([]complex128, window)
		for i := range frame {
			frame[i] = complex(all[at+i]*(0.54-0.46*math.Cos(2*math.Pi*float64(i)/(window-1))), 0)
		}
		fft(frame)
		power := make([]float64, window/2+1)
		sum := 0.0
		for i := range power {
			power[i] = real(frame[i])*real(frame[i]) + imag(frame[i])*imag(frame[i])
			sum += power[i]
		}
		loudest = max(loudest, sum)
		frames = append(frames, append(power, sum))
	}
	voiced := frames[:0]
	for _, f := range frames {
		if f[len(f)-1] > quietest*loudest {
			voiced = append(voiced, f[:len(f)-1])
		}
	}
	return voiced
}

// fft is the plain one, in place; len(x) is a power of two.
func fft(x []complex128) {
	n := len(x)
	if n == 1 {
		return
	}
	even, odd := make([]complex128, n/2), make([]complex128, n/2)
	for i := range even {
		even[i], odd[i] = x[2*i], x[2*i+1]
	}
	fft(even)
	fft(odd)
	for k := range even {
		w := cmplx.Rect(1, -2*math.Pi*float64(k)/float64(n)) * odd[k]
		x[k], x[k+n/2] = even[k]+w, even[k]-w
	}
}

// mel is the power of a frame in bands of the mel scale, in logarithms.
func mel(power []float64) []float64 {
	toMel := func(f float64) float64 { return 2595 * math.Log10(1+f/700) }
	low, high := toMel(200), toMel(3400)
	out := make([]float64, bands)
	for b := range out {
		sum := 1.0
		for i, p := range power {
			at := (toMel(float64(i)*hertz/window)-low)/(high-low)*(bands+1) - 1 // 0 is the middle of the first band
			if d := math.Abs(at - float64(b)); d < 1 {
				sum += p * (1 - d)
			}
		}
		out[b] = math.Log(sum)
	}
	return out
}

// cepstrum is the cosine transform of the bands, without the loudness.
func cepstrum(bands []float64) []float64 {
	out := make([]float64, cepstra)
	for k := range out {
		for b, v := range bands {
			out[k] += v * math.Cos(math.Pi*float64(k+1)*(float64(b)+0.5)/float64(len(bands)))
		}
	}
	return out
}

// print is what a recording is compared by.
type print struct {
	cepstral []float64 // mean
	spectral []float64 // long-term, in bands, without the loudness
}

func printOf(all []float64) print {
	p := print{make([]float64, cepstra), make([]float64, bands)}
	frames := spectra(all)
	for _, power := range frames {
		m := mel(power)
		for k, v := range cepstrum(m) {
			p.cepstral[k] += v / float64(len(frames))
		}
		for b, v := range m {
			p.spectral[b] += math.Exp(v) / float64(len(frames))
		}
	}
	mean := 0.0
	for b, v := range p.spectral {
		p.spectral[b] = math.Log(v)
		mean += p.spectral[b] / bands
	}
	for b := range p.spectral {
		p.spectral[b] -= mean
	}
	return p
}

func distance(a, b []float64) (d float64) {
	for i := range a {
		d += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(d)
}

// linked is the share of the first recordings whose nearest one among the second is their own speaker's.
func linked(first, second []print, of func(print) []float64) float64 {
	right := 0
	for i, a := range first {
		nearest := 0
		for j, b := range second {
			if distance(of(a), of(b)) < distance(of(a), of(second[nearest])) {
				nearest = j
			}
		}
		if nearest == i {
			right++
		}
	}
	return float64(right) / float64(len(first))
}

func cepstral(p print) []float64 { return p.cepstral }
func spectral(p print) []float64 { return p.spectral }

// manyVoices are those of the soak.
var manyVoices = []string{"m1", "m2", "m3", "m4", "m5", "m7", "f1", "f2", "f3", "f4", "f5", "klatt2", "klatt4", "croak", "adam", "linda"}

// soak says that there is time.
func soak() bool { return os.Getenv("HEED_SOAK") == "on" }

func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
