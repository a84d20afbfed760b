package media

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

const (
	// soundProgram is what masks voices.
	soundProgram = "ffmpeg"
	// soundType is what copies of sound are: MP3, which every browser plays, old ones and Safari's included, which carries no index that
	// needs seeking to be written, and whose patents are over. Opus would be half as large and isn't played everywhere in one container.
	soundType = "audio/mpeg"
	// soundBits a second, all the same, so that a player knows where a second lies without an index.
	soundBits = 40_000
	// soundSeconds is the longest copy: four hours, and some 70 MiB.
	soundSeconds = 4 * 3600
	// soundPatience is how long the making of one copy may take, of a recording that doesn't say how long it is. One that does gets what a film gets.
	soundPatience = 20 * time.Minute
	// soundLongest is beyond what anybody records: what says that it is longer isn't begun with.
	soundLongest = 24 * time.Hour
)

// copySound is the maker's: it draws a mask for this one recording, unless that says that it is masked already.
func copySound(ctx context.Context, kind string, original *io.SectionReader, copied io.Writer) (*heed.CopyDetails, error) {
	m, saysMasked, err := maskFor(original, rand.Reader)
	if err != nil {
		return nil, err
	}
	length, err := maskSound(ctx, kind, original, m, copied)
	if err != nil {
		return nil, err
	}
	d, err := soundBeside(ctx, kind, original, length)
	if err != nil {
		return nil, err
	}
	d.SaysMasked = saysMasked
	return d, nil
}

// openSound is how soundProgram opens a recording: from a pipe, or, where its index may stand at its end, from where it can leap.
func openSound(kind string, original *io.SectionReader) (from []string, served *io.SectionReader, read io.Reader) {
	kind, _, _ = strings.Cut(kind, ";")
	if reader := readers()[kind]; reader != "" {
		return (&film{reader: reader}).open(), original, strings.NewReader("")
	}
	return []string{"-protocol_whitelist", "pipe", "-threads", "1", "-i", "pipe:0"}, nil, original
}

// soundLength is how long a recording says it is; 0 where it doesn't. Only where its format has a field for that it is asked: what ffprobe says
// of others it estimates from how they begin, and of one that begins with silence that is days too much.
func soundLength(ctx context.Context, kind string, original *io.SectionReader) (time.Duration, error) {
	kind, _, _ = strings.Cut(kind, ";")
	reader := readers()[kind]
	switch {
	case reader != "":
	case strings.HasSuffix(kind, "flac"):
		reader = "flac"
	default:
		return 0, nil
	}
	var answer strings.Builder
	p := &sandbox.Program{Name: probeProgram, Served: original, Limits: probeLimits, Args: append(append([]string{"-loglevel", "quiet"},
		(&film{reader: reader}).open()...), "-show_entries", "format=duration", "-of", "csv=p=0")}
	err := p.Run(ctx, strings.NewReader(""), &answer)
	if errors.Is(err, sandbox.ErrUnreadable) || errors.Is(err, sandbox.ErrTooMuch) || errors.Is(err, sandbox.ErrNoProgram) {
		return 0, nil // who copies it finds out what can't be read
	}
	if err != nil {
		return 0, err
	}
	return saidLength(strings.TrimSpace(answer.String())), nil
}

// soundTime is how long the copy of a sound may take that says it is so long.
func soundTime(length time.Duration) time.Duration {
	if length <= 0 {
		return soundPatience
	}
	return min(soundPatience, filmPatience+filmSlowness*length)
}

// maskSound writes a recording's copy: the sound alone, with a masked voice. It says how long that is.
//
// It returns the errors of sandbox.Program.Run; sandbox.ErrTooMuch at once where it says that it is longer than soundLongest.
func maskSound(ctx context.Context, kind string, original *io.SectionReader, m mask, out io.Writer) (time.Duration, error) {
	says, err := soundLength(ctx, kind, original)
	if err != nil {
		return 0, err
	}
	if says > soundLongest {
		return 0, fmt.Errorf("a recording that says it is longer than %v: %w", soundLongest, sandbox.ErrTooMuch)
	}
	from, served, read := openSound(kind, original)
	args := append([]string{"-nostdin", "-loglevel", "quiet"}, from...)
	args = append(args,
		"-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1", "-vn", "-sn", "-dn", "-t", strconv.Itoa(soundSeconds),
		"-af", m.filters(), "-ac", "1", "-ar", strconv.Itoa(maskRate), "-threads", "1", "-c:a", "libmp3lame", "-b:a", strconv.Itoa(soundBits),
		"-write_xing", "0", "-id3v2_version", "0", "-flags", "+bitexact", "-fflags", "+bitexact", "-f", "mp3", "pipe:1")
	made := &counted{Writer: out}
	masker := &sandbox.Program{Name: soundProgram, Args: args, Served: served, Limits: sandbox.Limits{
		Memory: 2 << 30, Processor: 15 * time.Minute, Patience: soundTime(says), Answer: soundSeconds * soundBits / 8 * 11 / 10,
	}}
	if err := masker.Run(ctx, read, made); err != nil {
		return 0, err
	}
	if made.n == 0 {
		return 0, fmt.Errorf("no sound in it: %w", sandbox.ErrUnreadable)
	}
	return time.Duration(made.n) * 8 * time.Second / soundBits, nil
}
