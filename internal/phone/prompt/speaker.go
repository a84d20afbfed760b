// Package prompt turns texts into the sound that a caller hears: fixed texts of the locale files, numbers and dates by each
// language's grammar, a Receipt digit by digit, and words that staff wrote.
//
// What is spoken, espeak-ng speaks: a text goes in by a pipe, the sound comes out by a pipe, so that neither is ever an argument
// or a file. Only fixed texts are kept, in a folder, for they hold nothing of anybody. A recording that the operator dropped in
// takes the place of any of them.
//
// It may import sound, survive, web and the domain. It must never see a Receipt as a text of its own: it gets digits, and plays ten clips.
package prompt

import (
	"context"
	"errors"
	"log/slog"
	"os/exec"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
	"github.com/heed-line/heed/internal/survive"
	"github.com/heed-line/heed/internal/web"
)

// ErrMute says that a text can't be spoken here: there is neither a recording of it nor espeak-ng.
var ErrMute = errors.New("there is no voice to speak it")

// keyPrefix is what all keys of prompts begin with in the locale files; the names of recordings go without it.
const keyPrefix = "phone."

// Config is what a Speaker works with. Every field but Program is needed.
type Config struct {
	Locales *web.Locales
	// Cache is the folder in which spoken texts are kept, made at need. Recorded is where the operator's own recordings lie, a
	// folder for each language; it need not be there.
	Cache, Recorded string
	// Program is espeak-ng's path; "" looks for it in PATH.
	Program string
	Now     func() time.Time
	Zone    *time.Location // of dates
	Log     *slog.Logger
}

// Speaker makes prompts. It is safe for concurrent use.
type Speaker struct {
	cfg     Config
	program string        // "" where there is none
	places  chan struct{} // one for each process that may run at once
	music   music

	mu     sync.Mutex
	digits map[string]*[10][]sound.Frame // by language; in memory, so that no file is touched in the order of a Receipt
	mute   map[string]bool               // texts of which the log was told that they can't be spoken
}

// New makes a Speaker.
func New(cfg Config) *Speaker {
	s := &Speaker{
		cfg: cfg, program: cfg.Program, places: make(chan struct{}, 2*runtime.GOMAXPROCS(0)),
		digits: map[string]*[10][]sound.Frame{}, mute: map[string]bool{},
	}
	if s.program == "" {
		if path, err := exec.LookPath("espeak-ng"); err == nil {
			s.program = path
		}
	}
	return s
}

// guard makes something beside a call. Where the program breaks there it logs where, and returns survive.ErrBroke.
func (s *Speaker) guard(do func() error) error {
	err := survive.Do(do)
	survive.Log(s.cfg.Log, "speaking a text", err)
	return err
}

// Voice speaks one language at one moment.
type Voice struct {
	speaker  *Speaker
	texts    *web.Voice
	language string
}

// In is the voice for a language of the line.
func (s *Speaker) In(language string) *Voice {
	return &Voice{speaker: s, texts: s.cfg.Locales.Voice(language, s.cfg.Now(), s.cfg.Zone), language: language}
}

// Warm speaks, in each language of more, every text that takes nothing and every piece of more that isn't kept yet, and forgets what
// was kept of texts that are there no more. It belongs into the background at a start: a text that is wanted before its turn is spoken
// when it is wanted.
//
// It returns the context's error where it was stopped. What can't be spoken is no error of it: the log says so once.
func (s *Speaker) Warm(ctx context.Context, more map[string][]Piece) error {
	var plain []Piece
	for _, key := range s.cfg.Locales.Plain(keyPrefix) {
		plain = append(plain, Text(key[len(keyPrefix):]))
	}
	kept := map[string]bool{}
	for language, own := range more {
		v := s.In(language)
		for _, p := range slices.Concat(plain, own) {
			t, ok := p.(text)
			if !ok || t.live {
				continue
			}
			kept[v.keptName(t)] = true
			if _, err := v.clip(ctx, t); err != nil && ctx.Err() != nil {
				return ctx.Err()
			}
		}
	}
	return s.forget(kept)
}

// silent tells the log, once, of a text that can't be spoken.
func (s *Speaker) silent(language, key string, err error) {
	s.mu.Lock()
	told := s.mute[language+" "+key]
	s.mute[language+" "+key] = true
	s.mu.Unlock()
	if !told {
		s.cfg.Log.Error("prompt: a text can't be spoken, callers hear nothing in its place", "language", language, "key", key, "error", err)
	}
}

// silentRecording tells the log, once, of a recording that can't be played; the spoken text takes its place.
func (s *Speaker) silentRecording(language, key string, err error) {
	s.mu.Lock()
	told := s.mute["wav "+language+" "+key]
	s.mute["wav "+language+" "+key] = true
	s.mu.Unlock()
	if !told {
		s.cfg.Log.Warn("prompt: a recorded prompt can't be played, it is spoken instead", "language", language, "key", key, "error", err)
	}
}
