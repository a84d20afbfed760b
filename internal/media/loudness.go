package media

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

const (
	// waveLength is how many steps a waveform has, at most; waveRate how many samples a second it is made of.
	waveLength, waveRate = 240, 4000
	// wavePatience is how long it may take to find how loud a recording is.
	wavePatience = 5 * time.Minute
)

// soundBeside finds what stands beside a recording's copy of that length: how loud it is. A recording of which that can't be had has its
// copy without it.
func soundBeside(ctx context.Context, kind string, original *io.SectionReader, length time.Duration) (*heed.CopyDetails, error) {
	d := &heed.CopyDetails{Length: length.Milliseconds(), Cut: length > soundSeconds*time.Second-time.Second}
	var err error
	if d.Waveform, err = soundWave(ctx, kind, original, length); err != nil && !lacksIt(err) {
		return nil, err
	}
	return d, nil
}

// soundWave is how loud a recording is, in the room: out of it come bare samples alone. The tempo of a masked voice is its speaker's, so that
// each moment is where it is in the copy.
func soundWave(ctx context.Context, kind string, original *io.SectionReader, length time.Duration) ([]byte, error) {
	if _, err := original.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("begin a sound anew: %w", err)
	}
	from, served, read := openSound(kind, original)
	args := append([]string{"-nostdin", "-loglevel", "quiet"}, from...)
	args = append(args, "-map", "0:a:0", "-vn", "-sn", "-dn", "-t", strconv.Itoa(soundSeconds), "-ac", "1", "-ar", strconv.Itoa(waveRate), "-f", "s16le", "pipe:1")
	l := newLoudness(length)
	p := &sandbox.Program{Name: soundProgram, Args: args, Served: served, Limits: sandbox.Limits{
		Memory: 2 << 30, Processor: wavePatience, Patience: wavePatience, Answer: 2 * waveRate * soundSeconds * 11 / 10,
	}}
	if err := p.Run(ctx, read, l); err != nil {
		return nil, err
	}
	return l.peaks, nil
}

// newLoudness finds how loud a sound of that length is.
func newLoudness(length time.Duration) *loudness {
	return &loudness{each: max(1, int64(length.Seconds()*waveRate)/waveLength)}
}

// loudness takes samples of 16 bits and keeps how loud the loudest is of each so many.
type loudness struct {
	each  int64 // samples
	n     int64
	half  []byte // of a sample whose rest is to come
	peaks []byte // at most waveLength
}

var _ io.Writer = (*loudness)(nil)

func (l *loudness) Write(p []byte) (int, error) {
	samples := append(l.half, p...)
	for ; len(samples) >= 2; samples = samples[2:] {
		at := l.n / l.each
		if l.n++; at >= waveLength {
			continue
		}
		if int(at) == len(l.peaks) {
			l.peaks = append(l.peaks, 0)
		}
		v := int(int16(binary.LittleEndian.Uint16(samples)))
		l.peaks[at] = max(l.peaks[at], byte(min(max(v, -v)>>7, 255)))
	}
	l.half = append(l.half[:0:0], samples...)
	return len(p), nil
}
