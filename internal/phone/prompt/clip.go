package prompt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/heed-line/heed/internal/phone/sound"
)

// cacheVersion goes into the name of every kept clip: raise it where clips are made in another way.
const cacheVersion = "heed/prompt/1"

// clip is a text's sound: the operator's recording, else what is kept, else spoken now, and kept where it may be.
//
// It returns ErrMute where there is no voice, and the error of speaking.
func (v *Voice) clip(ctx context.Context, t text) ([]sound.Frame, error) {
	frames, err := v.kept(t)
	if err == nil {
		return frames, nil
	}
	words := v.words(t)
	if frames, err = v.speaker.speak(ctx, voiceOf(v.language), words); err != nil {
		if ctx.Err() == nil {
			v.speaker.silent(v.language, t.key, err)
		}
		return nil, err
	}
	if !t.live {
		if err := v.speaker.keep(v.keptName(t), frames); err != nil {
			v.speaker.cfg.Log.Warn("prompt: a spoken text can't be kept and will be spoken each time", "error", err)
		}
	}
	return frames, nil
}

// words are the text itself.
func (v *Voice) words(t text) string { return v.texts.T(keyPrefix+t.key, t.args...) }

// kept is what needs no voice: a recording, else what was spoken before.
//
// It returns fs.ErrNotExist where there is neither.
func (v *Voice) kept(t text) ([]sound.Frame, error) {
	frames, err := readRecording(filepath.Join(v.speaker.cfg.Recorded, v.language, t.recordingName()))
	if err == nil {
		return frames, nil
	}
	if !errors.Is(err, fs.ErrNotExist) { // the doctor tells of it
		v.speaker.silentRecording(v.language, t.key, err)
	}
	if t.live {
		return nil, fs.ErrNotExist
	}
	return readKept(filepath.Join(v.speaker.cfg.Cache, v.keptName(t)))
}

// recordingName is what the operator's recording of the text is called in its language's folder.
func (t text) recordingName() string {
	name := t.key
	for _, arg := range t.args {
		if n, ok := arg.(int); ok {
			name += fmt.Sprintf("-%d", n)
		}
	}
	return name + ".wav"
}

// keptName is what a spoken text's file is called.
func (v *Voice) keptName(t text) string {
	voice := voiceOf(v.language)
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%d\n%s", cacheVersion, voice.name, voice.speed, v.words(t)))
	return hex.EncodeToString(sum[:16]) + ".au"
}

// recordingBytes bounds a recording's file: ten minutes of stereo at 48 kHz.
const recordingBytes = 128 << 20

func readRecording(path string) ([]sound.Frame, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a recorded prompt: %w", err)
	}
	defer f.Close()
	frames, err := sound.ReadWAV(io.LimitReader(f, recordingBytes))
	if err != nil {
		return nil, err
	}
	return polish(frames), nil
}

func readKept(path string) ([]sound.Frame, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open a spoken prompt: %w", err)
	}
	defer f.Close()
	au, err := sound.NewAU(f)
	if err != nil {
		return nil, err
	}
	var frames []sound.Frame
	for {
		var frame sound.Frame
		if err := au.Read(&frame); errors.Is(err, io.EOF) {
			return frames, nil
		} else if err != nil {
			return nil, fmt.Errorf("read a spoken prompt: %w", err)
		}
		frames = append(frames, frame)
	}
}

// keep writes a clip beside its place and moves it there, so that none is ever half there.
func (s *Speaker) keep(name string, frames []sound.Frame) error {
	if err := os.MkdirAll(s.cfg.Cache, 0o700); err != nil {
		return fmt.Errorf("make the folder of spoken prompts: %w", err)
	}
	b := sound.CallAU(sound.AULinear).Append(nil)
	for _, f := range frames {
		for _, sample := range f {
			b = append(b, byte(uint16(sample)>>8), byte(sample))
		}
	}
	f, err := os.CreateTemp(s.cfg.Cache, "new-*")
	if err != nil {
		return fmt.Errorf("keep a spoken prompt: %w", err)
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(s.cfg.Cache, name))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("keep a spoken prompt: %w", err), os.Remove(f.Name()))
	}
	return nil
}

// forget removes what is kept of texts that are there no more.
func (s *Speaker) forget(kept map[string]bool) error {
	entries, err := os.ReadDir(s.cfg.Cache)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list the spoken prompts: %w", err)
	}
	for _, e := range entries {
		if kept[e.Name()] || !strings.HasSuffix(e.Name(), ".au") {
			continue
		}
		if err := os.Remove(filepath.Join(s.cfg.Cache, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("forget a spoken prompt: %w", err)
		}
	}
	return nil
}

// Fault is a recording that isn't used.
type Fault struct {
	File string // its path
	Err  error
}

// Faults are the operator's recordings that aren't used: files that are no WAV of a kind that can be played, and files whose name
// is no text's. recordings is how many are.
//
// It returns the error of reading the folder; that there is none is no error.
func (s *Speaker) Faults() (recordings int, faults []Fault, err error) {
	languages, err := readDir(s.cfg.Recorded)
	if err != nil {
		return 0, nil, err
	}
	for _, l := range languages {
		folder := filepath.Join(s.cfg.Recorded, l.Name())
		if l.Name() == musicName {
			if _, err := readRecording(folder); err != nil {
				faults = append(faults, Fault{folder, err})
			} else {
				recordings++
			}
			continue
		}
		if !slices.Contains(s.cfg.Locales.Tags(), l.Name()) {
			faults = append(faults, Fault{folder, errors.New("no language of the line")})
			continue
		}
		files, err := readDir(folder)
		if err != nil {
			return 0, nil, err
		}
		for _, f := range files {
			path := filepath.Join(folder, f.Name())
			if err := s.checkRecording(path); err != nil {
				faults = append(faults, Fault{path, err})
				continue
			}
			recordings++
		}
	}
	return recordings, faults, nil
}

func (s *Speaker) checkRecording(path string) error {
	key, isWAV := strings.CutSuffix(filepath.Base(path), ".wav")
	if i := strings.LastIndexByte(key, '-'); i > 0 && strings.Trim(key[i+1:], "0123456789") == "" {
		key = key[:i] // the number that the text mentions
	}
	if !isWAV || !s.cfg.Locales.Has(keyPrefix+key) {
		return errors.New("no prompt has this name")
	}
	_, err := readRecording(path)
	return err
}

func readDir(folder string) ([]fs.DirEntry, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list recorded prompts: %w", err)
	}
	return entries, nil
}
