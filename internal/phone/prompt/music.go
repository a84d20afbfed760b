package prompt

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/heed-line/heed/internal/phone/sound"
)

// musicName is the recording of what callers hear while they wait, beside the languages' folders.
const musicName = "music.wav"

// music is the operator's recording for callers who wait, read once for as long as its file is the same: it may be minutes long, and
// every call would have its own.
type music struct {
	mu      sync.Mutex
	changed time.Time
	size    int64
	frames  []sound.Frame
}

// Music is what callers hear while they wait, to be played over and over; nil where the operator dropped none in, or it can't be
// played, of which the log is told once. It mustn't be changed.
func (s *Speaker) Music() []sound.Frame {
	path := filepath.Join(s.cfg.Recorded, musicName)
	info, err := os.Stat(path)
	s.music.mu.Lock()
	defer s.music.mu.Unlock()
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.silentRecording("", "music", err)
		}
		s.music.frames, s.music.changed = nil, time.Time{}
		return nil
	}
	if info.ModTime().Equal(s.music.changed) && info.Size() == s.music.size {
		return s.music.frames
	}
	s.music.changed, s.music.size = info.ModTime(), info.Size()
	if s.music.frames, err = readRecording(path); err != nil {
		s.music.frames = nil
		s.silentRecording("", "music", err)
	}
	return s.music.frames
}
