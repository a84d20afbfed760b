package media

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

const (
	// stripLength is how many pictures of a film stand below it, at most, stripLeast how far apart they are, at least.
	stripLength, stripLeast       = 16, 500 * time.Millisecond
	stripWidth, stripHeight       = 160, 120
	stripQuality                  = 60
	stripAll                      = 2 * time.Minute // of longer films only the pictures are read that stand on their own
	stripBytes              int64 = stripLength * stripWidth * stripHeight * 3
)

// beside finds what stands below a copy: pictures from all over it, and how loud it is. A film from which they can't be had has its
// copy without them.
func (f *film) beside(ctx context.Context, length time.Duration, d *heed.CopyDetails) (err error) {
	if d.Frames, err = f.strip(ctx, length); err != nil && !lacksIt(err) {
		return err
	}
	if !f.sound {
		return nil
	}
	if d.Waveform, err = f.wave(ctx, length); err != nil && !lacksIt(err) {
		return err
	}
	return nil
}

func lacksIt(err error) bool {
	return errors.Is(err, sandbox.ErrUnreadable) || errors.Is(err, sandbox.ErrTooMuch)
}

// limits bound what is read of the film once more.
func (f *film) limits(answer int64) sandbox.Limits {
	patience := f.plan().patience
	return sandbox.Limits{Memory: filmMemory, Processor: (patience * filmThreads).Round(time.Second), Patience: min(patience, 15*time.Minute), Answer: answer}
}

// strip are pictures of the film. They come as bare pixels, so that nothing that the program wrote is parsed here.
func (f *film) strip(ctx context.Context, length time.Duration) ([]heed.KeyFrame, error) {
	apart := max(length/stripLength, stripLeast)
	var open []string
	if length > stripAll {
		open = []string{"-skip_frame", "nokey"}
	}
	args := append([]string{"-nostdin", "-loglevel", "quiet", "-filter_threads", strconv.Itoa(filmThreads)}, f.open(open...)...)
	args = append(args, "-map", "0:V:0", "-an", "-sn", "-dn", "-t", seconds(filmLongest), "-vf", fmt.Sprintf(
		"fps=1/%s,scale=%d:%d:force_original_aspect_ratio=decrease,pad=%[2]d:%[3]d:(ow-iw)/2:(oh-ih)/2,setsar=1", seconds(apart), stripWidth, stripHeight),
		"-frames:v", strconv.Itoa(stripLength), "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1")
	var pixels bytes.Buffer
	p := &sandbox.Program{Name: filmProgram, Args: args, Served: f.original, Limits: f.limits(stripBytes)}
	if err := p.Run(ctx, strings.NewReader(""), &pixels); err != nil {
		return nil, err
	}
	var frames []heed.KeyFrame
	for raw := pixels.Bytes(); len(raw) >= stripWidth*stripHeight*3; raw = raw[stripWidth*stripHeight*3:] {
		picture := image.NewRGBA(image.Rect(0, 0, stripWidth, stripHeight))
		for i := range stripWidth * stripHeight {
			copy(picture.Pix[4*i:], raw[3*i:3*i+3])
			picture.Pix[4*i+3] = 0xFF
		}
		var jpg bytes.Buffer
		if err := jpeg.Encode(&jpg, picture, &jpeg.Options{Quality: stripQuality}); err != nil {
			return nil, fmt.Errorf("write a key frame: %w", err)
		}
		frames = append(frames, heed.KeyFrame{At: (time.Duration(len(frames)) * apart).Milliseconds(), JPEG: jpg.Bytes()})
	}
	return frames, nil
}

// wave is how loud the film is.
func (f *film) wave(ctx context.Context, length time.Duration) ([]byte, error) {
	args := append([]string{"-nostdin", "-loglevel", "quiet"}, f.open()...)
	args = append(args, "-map", "0:a:0", "-vn", "-sn", "-dn", "-t", seconds(filmLongest), "-af", "aresample=async=1:first_pts=0",
		"-ac", "1", "-ar", strconv.Itoa(waveRate), "-f", "s16le", "pipe:1")
	l := newLoudness(length)
	p := &sandbox.Program{Name: filmProgram, Args: args, Served: f.original, Limits: f.limits(2 * waveRate * int64(filmLongest/time.Second) * 11 / 10)}
	if err := p.Run(ctx, strings.NewReader(""), l); err != nil {
		return nil, err
	}
	return l.peaks, nil
}
