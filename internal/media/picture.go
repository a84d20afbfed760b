package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

const (
	// pictureProgram is libvips' (libvips-tools): the one program that reads nearly all of pictureKinds, turns them upright, brings their
	// colours to sRGB and drops what stands beside the picture.
	pictureProgram = "vipsthumbnail"
	// bitmapKind is what it doesn't read; bitmapProgram makes a PNG of that.
	bitmapKind, bitmapProgram = "image/bmp", "ffmpeg"
	// pictureType is what copies of pictures are: every browser and every department opens it, and it can carry no script.
	pictureType = "image/jpeg"
	// pictureSide is how many pixels a copy has along its longer side, at most; larger pictures are made smaller.
	pictureSide = 8192
	// pictureQuality is libjpeg's. From 90 on colours are kept as fine as light, and small writing stays legible.
	pictureQuality = 90
	// pictureBytes is how large a picture may be. It lies in memory while it is read.
	pictureBytes = 256 << 20
)

// pictureKinds are what people photograph, draw and scan, as found in a file's first bytes. Those of a program's own drawings (SVG,
// PSD) aren't: their decoders read scripts, other files and fonts.
var pictureKinds = []string{
	"image/jpeg", "image/png", "image/vnd.mozilla.apng", "image/gif", "image/webp", "image/heic", "image/heif", "image/heic-sequence",
	"image/heif-sequence", "image/avif", "image/tiff", bitmapKind,
}

// picturePatience is how long the programs may take for one picture.
const picturePatience = 25 * time.Second

// pictureLimits bound each of them.
var pictureLimits = sandbox.Limits{Memory: 3 << 30, Processor: 20 * time.Second, Patience: picturePatience, Answer: 64 << 20}

// copyPicture writes a picture's copy: what it shows, upright, on white where it is transparent, and nothing beside it. Of an animation
// and of several pages it is the first picture.
func copyPicture(ctx context.Context, kind string, original *io.SectionReader, copied io.Writer) (*heed.CopyDetails, error) {
	if !slices.Contains(pictureKinds, kind) {
		return nil, fmt.Errorf("no picture of a kind that is copied: %w", sandbox.ErrUnreadable)
	}
	file, err := inMemory(original, pictureBytes)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, picturePatience, sandbox.ErrTooMuch)
	defer cancel()
	if kind == bitmapKind {
		bitmap := file
		if file, err = filled(func(png *os.File) error { return fromBitmap(ctx, bitmap, png) }); err != nil {
			return nil, err
		}
		defer file.Close()
	}
	made := &counted{Writer: copied}
	err = shrink(ctx, file, made, "--import-profile", "srgb", "--export-profile", "srgb")
	if errors.Is(err, sandbox.ErrUnreadable) && made.n == 0 {
		// A grey picture has no colours that such profiles fit.
		if _, err := file.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("begin a picture anew: %w", err)
		}
		err = shrink(ctx, file, made)
	}
	if err == nil && made.n == 0 {
		err = fmt.Errorf("no picture in it: %w", sandbox.ErrUnreadable)
	}
	return nil, err
}

// shrink has pictureProgram make the copy, with what it is told of colours.
func shrink(ctx context.Context, picture *os.File, made io.Writer, colours ...string) error {
	p := sandbox.Program{Name: pictureProgram, Limits: pictureLimits,
		// Of libvips' decoders only those that its makers hold fit for strangers' files.
		Env: []string{"VIPS_BLOCK_UNTRUSTED=1", "VIPS_CONCURRENCY=1"},
		Args: append([]string{
			"stdin", "--size", fmt.Sprintf("%dx%d>", pictureSide, pictureSide),
			"--output", fmt.Sprintf(".jpg[Q=%d,strip,background=255]", pictureQuality),
		}, colours...),
	}
	return p.Run(ctx, picture, made)
}

// fromBitmap writes a bitmap as the PNG that pictureProgram reads.
func fromBitmap(ctx context.Context, bitmap *os.File, png io.Writer) error {
	p := sandbox.Program{
		Name:   bitmapProgram,
		Limits: sandbox.Limits{Memory: 2 << 30, Processor: 10 * time.Second, Patience: picturePatience, Answer: pictureBytes},
		Args: []string{
			"-nostdin", "-loglevel", "quiet", "-protocol_whitelist", "pipe", "-threads", "1", "-f", "bmp_pipe", "-i", "pipe:0",
			"-frames:v", "1", "-threads", "1", "-c:v", "png", "-compression_level", "1", "-f", "image2pipe", "pipe:1",
		},
	}
	return p.Run(ctx, bitmap, png)
}
