package media

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed/internal/media/sandbox"
)

// probeLimits bound the looking at a film, of which no more than some pictures are read.
var probeLimits = sandbox.Limits{Memory: 2 << 30, Processor: 20 * time.Second, Patience: 25 * time.Second, Answer: 64 << 10}

// probe finds what is in the film: pictures, but for those of a cover, sound, and how long it says it is.
func (f *film) probe(ctx context.Context) error {
	var answer bytes.Buffer
	p := &sandbox.Program{Name: probeProgram, Served: f.original, Limits: probeLimits, Args: append([]string{"-loglevel", "quiet"}, append(f.open(),
		"-show_entries", "stream=codec_type,width,height:stream_disposition=attached_pic,timed_thumbnails:format=duration", "-of", "json=compact=1")...)}
	if err := p.Run(ctx, strings.NewReader(""), &answer); err != nil {
		return err
	}
	var found struct {
		Streams []struct {
			Kind  string         `json:"codec_type"`
			Wide  int            `json:"width"`
			High  int            `json:"height"`
			Cover map[string]int `json:"disposition"`
		}
		Format struct{ Duration string }
	}
	if err := json.Unmarshal(answer.Bytes(), &found); err != nil {
		return fmt.Errorf("what is in a film: %w", sandbox.ErrUnreadable)
	}
	for _, s := range found.Streams {
		f.sound = f.sound || s.Kind == "audio"
		if !f.pictures && s.Kind == "video" && s.Cover["attached_pic"] == 0 && s.Cover["timed_thumbnails"] == 0 {
			f.pictures, f.wide, f.high = true, s.Wide, s.High
		}
	}
	if !f.pictures && !f.sound {
		return fmt.Errorf("neither pictures nor sound in it: %w", sandbox.ErrUnreadable)
	}
	f.length = saidLength(found.Format.Duration)
	return nil
}

// saidLength is a length as ffprobe says it, in seconds. What can't be read as one, "N/A" among it, isn't said; and of what is too long only
// that counts.
func saidLength(seconds string) time.Duration {
	length, err := strconv.ParseFloat(seconds, 64)
	if err != nil || !(length > 0) {
		return 0
	}
	return time.Duration(min(length, 1e6) * float64(time.Second))
}
