package phone_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	files "github.com/heed-line/heed/web"

	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/web"
)

// shared is what all lines have the same, made once: the texts, and a recording of each, a fifth of a second of sound, so that calls
// are short and can be followed.
var shared = &common{locales: sync.OnceValue(func() *web.Locales {
	sub, err := files.Locales()
	if err != nil {
		panic(err)
	}
	locales, err := web.LoadLocales(sub, languages...)
	if err != nil {
		panic(err)
	}
	return locales
})}

type common struct {
	locales func() *web.Locales
	dir     string

	mu   sync.Mutex
	made map[string]bool // languages
}

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "heed-phone-")
	if err != nil {
		panic(err)
	}
	shared.dir, shared.made = dir, map[string]bool{}
	code := m.Run()
	if err := os.RemoveAll(dir); err != nil {
		panic(err)
	}
	os.Exit(code)
}

// recorded is the folder of recordings, with those of the line's calls.
func (s *common) recorded(l *line) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, language := range l.profile.CallLanguages() {
		if s.made[language] {
			continue
		}
		s.made[language] = true
		l.must(os.MkdirAll(filepath.Join(s.dir, language), 0o700))
		for i, name := range l.names() {
			l.must(os.WriteFile(filepath.Join(s.dir, language, name+".wav"), noise(1+len(s.made)*1000+i), 0o600))
		}
	}
	return s.dir
}

// names are all texts as their recordings are called.
func (l *line) names() (names []string) {
	for _, key := range l.locales.Plain("phone.") {
		names = append(names, strings.TrimPrefix(key, "phone."))
	}
	for n := range 20 {
		names = append(names, fmt.Sprintf("language-%d", n))
		names = append(names, fmt.Sprintf("typed-%d", n), fmt.Sprintf("queue-ahead-%d", n))
	}
	return append(names, "greeting", "limit-15", "limit-2", "since.minutes-1", "since.minutes-90", "since.hours-3", "since.days-2")
}

// noise is a WAV file of a fifth of a second, a tone with a seed's own phase in every frame.
func noise(seed int) []byte {
	samples := make([]int16, sound.Rate/5)
	for i := range samples {
		samples[i] = int16(4000 * math.Sin(2*math.Pi*(300+float64(seed%1000)+0.01*float64(seed))*float64(i)/sound.Rate+float64(seed)))
	}
	return wavOf(sound.Frames(samples))
}

// wavOf is a WAV file of the sound.
func wavOf(frames []sound.Frame) []byte {
	var wav bytes.Buffer
	wav.WriteString("RIFF\x00\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00")
	for _, v := range []uint32{sound.Rate, 2 * sound.Rate, 16<<16 | 2} {
		wav.Write(binary.LittleEndian.AppendUint32(nil, v))
	}
	wav.WriteString("data")
	wav.Write(binary.LittleEndian.AppendUint32(nil, uint32(2*sound.FrameSamples*len(frames))))
	for _, f := range frames {
		for _, sample := range f {
			wav.Write(binary.LittleEndian.AppendUint16(nil, uint16(sample)))
		}
	}
	return wav.Bytes()
}
