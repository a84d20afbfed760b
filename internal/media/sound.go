package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	// SoundType is what copies of sound are: MP3, which every browser plays, old ones and Safari's included, which carries no index that
	// needs seeking to be written, and whose patents are over. Opus would be half as large and isn't played everywhere in one container.
	soundType = "audio/mpeg"
	// soundBits a second, all the same, so that a player knows where a second lies without an index.
	soundBits = 40_000
	// soundSeconds is the longest copy: four hours, and some 70 MiB.
	soundSeconds = 4 * 3600
	// soundSeek is how large a recording may be whose index stands at its end, in bytes: it lies in memory while it is read.
	soundSeek = 128 << 20
)

// maskSound writes a recording's copy: the sound alone, with a masked voice.
//
// It returns the errors of tool.run.
func maskSound(ctx context.Context, kind string, original io.Reader, m mask, out io.Writer) error {
	from, whitelist := []string{"-i", "pipe:0"}, "pipe"
	var file *os.File
	if indexed(kind) {
		var err error
		if file, err = inMemory(original); err != nil {
			return err
		}
		defer file.Close()
		from, whitelist, original = []string{"-f", "mov", "-i", "file:/proc/self/fd/3"}, "file", strings.NewReader("")
	}
	args := append([]string{"-nostdin", "-loglevel", "quiet", "-protocol_whitelist", whitelist, "-threads", "1"}, from...)
	args = append(args,
		"-map", "0:a:0", "-map_metadata", "-1", "-map_chapters", "-1", "-vn", "-sn", "-dn", "-t", strconv.Itoa(soundSeconds),
		"-af", m.filters(), "-ac", "1", "-ar", strconv.Itoa(maskRate), "-threads", "1", "-c:a", "libmp3lame", "-b:a", strconv.Itoa(soundBits),
		"-write_xing", "0", "-id3v2_version", "0", "-flags", "+bitexact", "-fflags", "+bitexact", "-f", "mp3", "pipe:1")
	made := &counted{Writer: &bounded{Writer: out, left: soundSeconds * soundBits / 8 * 11 / 10}}
	if err := (tool{"ffmpeg"}).run(ctx, args, original, file, made); err != nil {
		return err
	}
	if made.n == 0 {
		return fmt.Errorf("no sound in it: %w", errUnreadable)
	}
	return nil
}

// indexed reports whether a recording's index may stand at its end, as in what phones make.
func indexed(kind string) bool {
	for _, of := range []string{"audio/mp4", "audio/x-m4a", "audio/3gpp"} {
		if strings.HasPrefix(kind, of) {
			return true
		}
	}
	return false
}

// inMemory puts a file where a program can seek in it and no disk sees it.
func inMemory(r io.Reader) (*os.File, error) {
	fd, err := unix.MemfdCreate("sound", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make room for a recording: %w", err)
	}
	file := os.NewFile(uintptr(fd), "sound")
	n, err := io.Copy(file, io.LimitReader(r, soundSeek+1))
	if err == nil && n > soundSeek {
		err = errTooMuch
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}

// bounded writes no more than it may.
type bounded struct {
	io.Writer
	left int64
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.left -= int64(len(p)); b.left < 0 {
		return 0, errTooMuch
	}
	return b.Writer.Write(p)
}

// counted counts what is written.
type counted struct {
	io.Writer
	n int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.Writer.Write(p)
	c.n += int64(n)
	return n, err
}
