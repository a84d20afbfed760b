package prompt_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	files "github.com/heed-line/heed/web"

	"github.com/heed-line/heed/internal/phone/prompt"
	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/web"
)

var languages = []string{"en", "zh-Hans", "es", "fr", "ar", "ru", "pt"}

// booth is a Speaker with its folders.
type booth struct {
	*prompt.Speaker
	t               *testing.T
	locales         *web.Locales
	cache, recorded string
	log             bytes.Buffer
}

func newBooth(t *testing.T, program string) *booth {
	return newBoothAt(t, program, filepath.Join(t.TempDir(), "spoken"))
}

func newBoothAt(t *testing.T, program, cache string) *booth {
	t.Helper()
	sub, err := files.Locales()
	if err != nil {
		t.Fatal(err)
	}
	locales, err := web.LoadLocales(sub, languages...)
	if err != nil {
		t.Fatal(err)
	}
	b := &booth{t: t, locales: locales, cache: cache, recorded: t.TempDir()}
	b.Speaker = prompt.New(prompt.Config{
		Locales: locales, Cache: b.cache, Recorded: b.recorded, Program: program, Now: func() time.Time { return noon }, Zone: time.UTC,
		Log: slog.New(slog.NewTextHandler(&b.log, nil)),
	})
	return b
}

var noon = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// heard is all that is said, silence as zeros.
func (b *booth) heard(language string, pieces ...prompt.Piece) []sound.Frame {
	b.t.Helper()
	var all []sound.Frame
	for f := range b.In(language).Say(b.t.Context(), pieces...) {
		if f == nil {
			f = &sound.Frame{}
		}
		all = append(all, *f)
	}
	return unhurried(all)
}

// unhurried cuts off the silence in which something was made.
func unhurried(frames []sound.Frame) []sound.Frame {
	for len(frames) > 0 && frames[0] == (sound.Frame{}) {
		frames = frames[1:]
	}
	return frames
}

// speech is how many frames of it are no silence.
func speech(frames []sound.Frame) (n int) {
	for i := range frames {
		if frames[i].Level() > -50 {
			n++
		}
	}
	return n
}

// texts are all that take nothing.
func (b *booth) texts() (keys []string) {
	for _, key := range b.locales.Plain("phone.") {
		keys = append(keys, strings.TrimPrefix(key, "phone."))
	}
	return keys
}

func (b *booth) expectQuietLog() {
	b.t.Helper()
	if b.log.Len() > 0 {
		b.t.Error(b.log.String())
	}
}

// kept is how many spoken texts are kept.
func (b *booth) kept() int {
	b.t.Helper()
	entries, err := os.ReadDir(b.cache)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.t.Fatal(err)
	}
	return len(entries)
}

// record drops a recording in: a tone of half a second at 16 kHz.
func (b *booth) record(language, name string) {
	b.t.Helper()
	const rate, samples = 16000, 8000
	var wav bytes.Buffer
	wav.WriteString("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	for _, v := range []uint32{rate, 2 * rate, 16<<16 | 2} {
		binary.Write(&wav, binary.LittleEndian, v) // to memory: it can't fail
	}
	wav.WriteString("data")
	binary.Write(&wav, binary.LittleEndian, uint32(2*samples))
	for i := range samples {
		binary.Write(&wav, binary.LittleEndian, int16(400*math.Sin(2*math.Pi*440*float64(i)/rate)))
	}
	b.drop(language, name, wav.Bytes())
}

func (b *booth) drop(language, name string, file []byte) {
	b.t.Helper()
	if err := os.MkdirAll(filepath.Join(b.recorded, language), 0o700); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b.recorded, language, name), file, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// loudness is the level of the frames that are speech, all together.
func loudness(frames []sound.Frame) float64 {
	var power float64
	n := 0
	for i := range frames {
		if level := frames[i].Level(); level > -50 {
			power += math.Pow(10, level/10)
			n++
		}
	}
	return 10 * math.Log10(power/float64(n))
}

func TestEveryTextCanBeSpokenInEveryLanguageAndIsAsLoudAsTheOthers(t *testing.T) {
	b := newBooth(t, "")
	stride := 20
	if os.Getenv("HEED_SOAK") != "" {
		stride = 1
	}
	for at, language := range languages {
		keys := b.texts()
		for i := at; i < len(keys); i += stride {
			frames := b.heard(language, prompt.Text(keys[i]))
			if n := speech(frames); n < 5 {
				t.Errorf("%s: %s is %d frames of speech", language, keys[i], n)
				continue
			}
			if l := loudness(frames); l < -25 || l > -19 {
				t.Errorf("%s: %s is said at %.1f dBov", language, keys[i], l)
			}
		}
	}
	b.expectQuietLog()
}

// A voice that doesn't know a language's signs reads them in another, or spells them: espeak-ng then names that voice among the
// phonemes.
func TestNoTextIsReadWithTheVoiceOfAnotherLanguage(t *testing.T) {
	b := newBooth(t, "")
	other := regexp.MustCompile(`\([a-z]{2,3}(-[a-z]+)*\)`)
	for _, language := range languages {
		v := b.locales.Voice(language, noon, time.UTC)
		var all strings.Builder
		for _, key := range b.texts() {
			fmt.Fprintln(&all, v.T("phone."+key))
		}
		for _, n := range []int{1, 2, 3, 11, 25} {
			for _, key := range []string{"since.minutes", "since.hours", "since.days", "typed", "limit"} {
				fmt.Fprintln(&all, v.T("phone."+key, "Count", n))
			}
			fmt.Fprintln(&all, v.T("phone.language", "Key", n))
		}
		cmd := exec.Command("espeak-ng", "-b", "1", "-v", prompt.VoiceName(language), "-q", "-x", "--stdin")
		cmd.Stdin = strings.NewReader(all.String())
		phonemes, err := cmd.Output()
		if err != nil {
			t.Fatalf("espeak-ng: %v", err)
		}
		if bytes.Count(phonemes, []byte("\n")) < len(b.texts()) {
			t.Errorf("%s: only %d lines of phonemes", language, bytes.Count(phonemes, []byte("\n")))
		}
		for _, line := range strings.Split(string(phonemes), "\n") {
			if other.MatchString(line) {
				t.Errorf("%s: %s", language, line)
			}
		}
	}
}

func TestASpokenTextIsKeptAndOneThatIsThereNoMoreIsForgotten(t *testing.T) {
	b := newBooth(t, "")
	first := b.heard("en", prompt.Text("bye"))
	if b.kept() != 1 {
		t.Fatalf("%d texts kept", b.kept())
	}
	mute := newBoothAt(t, "/nonexistent/espeak-ng", b.cache)
	again := mute.heard("en", prompt.Text("bye"))
	if !slices.Equal(first, again) {
		t.Errorf("kept %d frames, said %d", len(again), len(first))
	}
	stale := filepath.Join(b.cache, strings.Repeat("0", 32)+".au")
	if err := os.WriteFile(stale, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := mute.Warm(t.Context(), map[string][]prompt.Piece{"en": nil}); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(stale); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the text that is there no more: %v", err)
	}
	if b.kept() != 1 {
		t.Errorf("%d texts kept after tidying up", b.kept())
	}
}

func TestARecordingTakesThePlaceOfAText(t *testing.T) {
	b := newBooth(t, "")
	b.record("es", "bye.wav")
	b.record("es", "since.days-3.wav")
	for _, piece := range []prompt.Piece{prompt.Text("bye"), prompt.Since(noon.AddDate(0, 0, -3))} {
		frames := b.heard("es", piece)
		if n := speech(frames); n < 24 || n > 27 {
			t.Errorf("%v is %d frames, recorded are 25", piece, n)
		}
		if l := loudness(frames); l < -22 || l > -20 {
			t.Errorf("a quiet recording is played at %.1f dBov", l)
		}
	}
	if n, faults, err := b.Faults(); n != 2 || len(faults) > 0 || err != nil {
		t.Errorf("%d recordings, faults %v, %v", n, faults, err)
	}
	b.expectQuietLog()
}

func TestABadRecordingIsSpokenInsteadAndTheDoctorIsTold(t *testing.T) {
	b := newBooth(t, "")
	b.drop("en", "bye.wav", []byte("RIFF nothing of the kind"))
	b.record("en", "no-such-text.wav")
	b.record("en", "bye.mp3")
	b.record("de", "bye.wav")
	if n := speech(b.heard("en", prompt.Text("bye"))); n < 20 {
		t.Errorf("%d frames of speech", n)
	}
	if !strings.Contains(b.log.String(), "spoken instead") {
		t.Errorf("log: %s", b.log.String())
	}
	_, faults, err := b.Faults()
	if err != nil {
		t.Fatal(err)
	}
	var named []string
	for _, f := range faults {
		named = append(named, strings.TrimPrefix(f.File, b.recorded+"/"))
	}
	if want := []string{"de", "en/bye.mp3", "en/bye.wav", "en/no-such-text.wav"}; !slices.Equal(named, want) {
		t.Errorf("faults in %v, want %v", named, want)
	}
}
