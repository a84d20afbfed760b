package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"io"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// redactedSide is how many pixels a redacted picture has along its longer side, at most: all of them lie in this process's memory while the boxes
// are drawn, 64 MiB of them.
const redactedSide = 4096

// redactPicture writes a picture's copy with black boxes. The copy is read in the room: a program made it that a stranger's file may have broken
// into. What comes out is bare pixels, in which the boxes are drawn here, so that nothing of what was there is anywhere in what is encoded.
func redactPicture(ctx context.Context, copied *io.SectionReader, marks []heed.Mark, to io.Writer) error {
	file, err := inMemory(copied, pictureLimits.Answer)
	if err != nil {
		return err
	}
	defer file.Close()
	ctx, cancel := context.WithTimeoutCause(ctx, picturePatience, sandbox.ErrTooMuch)
	defer cancel()
	p := &sandbox.Program{Name: filmProgram, Limits: pictureLimits, Args: []string{
		"-nostdin", "-loglevel", "quiet", "-protocol_whitelist", "pipe", "-threads", "1", "-f", "jpeg_pipe", "-c:v", "mjpeg", "-i", "pipe:0", "-frames:v", "1",
		"-vf", fmt.Sprintf(`scale=w=min(%d\,iw):h=min(%[1]d\,ih):force_original_aspect_ratio=decrease:flags=bicubic+accurate_rnd+full_chroma_int`, redactedSide),
		"-threads", "1", "-c:v", "ppm", "-pix_fmt", "rgb24", "-f", "image2pipe", "pipe:1",
	}}
	p.Answer = 3*redactedSide*redactedSide + 64
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := p.Run(ctx, file, in)
		in.CloseWithError(err) // io.EOF where it is nil
		ended <- err
	}()
	picture, err := readPixelsOf(bufio.NewReaderSize(out, 1<<16), redactedSide*redactedSide)
	if err == nil {
		_, err = io.Copy(io.Discard, out)
	}
	out.CloseWithError(err)
	if failed := <-ended; err == nil {
		err = failed
	}
	if errors.Is(err, io.EOF) {
		err = fmt.Errorf("no picture was drawn: %w", sandbox.ErrUnreadable)
	}
	if err != nil {
		return err
	}
	cover(picture, marks, 0)
	if err := jpeg.Encode(to, picture, &jpeg.Options{Quality: pictureQuality}); err != nil {
		return fmt.Errorf("encode a redacted picture: %w", err)
	}
	return nil
}

// redactPages binds a document's copy anew, with black boxes on its pages. Each page's JPEG was encoded by this program, so it may be decoded here;
// a page without a mark goes as it is.
func redactPages(ctx context.Context, copied *io.SectionReader, pages []heed.Page, marks []heed.Mark, to io.Writer) ([]heed.Page, error) {
	b := newBinder(to)
	for i, p := range pages {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("redact page %d: %w", i+1, err)
		}
		jpg, err := io.ReadAll(io.NewSectionReader(copied, p.At, p.Size))
		if err != nil {
			return nil, fmt.Errorf("read a page of a copy: %w", err)
		}
		if marked(marks, i+1) {
			if jpg, err = coverPage(jpg, marks, i+1); err != nil {
				return nil, err
			}
		}
		dots := p.Dots
		if dots == 0 { // bound before that was noted
			dots = pageDots
		}
		if err := b.bind(jpg, p.Width, p.Height, dots); err != nil {
			return nil, fmt.Errorf("bind a redacted page: %w", err)
		}
	}
	if err := b.close(); err != nil {
		return nil, fmt.Errorf("bind a redacted document: %w", err)
	}
	return b.pages, nil
}

func marked(marks []heed.Mark, page int) bool {
	for _, m := range marks {
		if m.Page == page {
			return true
		}
	}
	return false
}

func coverPage(jpg []byte, marks []heed.Mark, number int) ([]byte, error) {
	decoded, err := jpeg.Decode(bytes.NewReader(jpg))
	if err != nil {
		return nil, fmt.Errorf("decode a page: %w: %w", sandbox.ErrUnreadable, err)
	}
	page := image.NewRGBA(decoded.Bounds())
	draw.Draw(page, page.Rect, decoded, decoded.Bounds().Min, draw.Src)
	cover(page, marks, number)
	var out bytes.Buffer
	if err := encodePage(&out, page); err != nil {
		return nil, fmt.Errorf("encode a redacted page: %w", err)
	}
	return out.Bytes(), nil
}

// cover draws the boxes that are marked on that page, each to the pixel that it ends in.
func cover(picture *image.RGBA, marks []heed.Mark, page int) {
	width, height := picture.Rect.Dx(), picture.Rect.Dy()
	for _, m := range marks {
		if m.Page != page || !m.Box() {
			continue
		}
		box := image.Rect(
			m.Left*width/heed.Whole, m.Top*height/heed.Whole,
			((m.Left+m.Width)*width+heed.Whole-1)/heed.Whole, ((m.Top+m.Height)*height+heed.Whole-1)/heed.Whole,
		)
		draw.Draw(picture, box.Add(picture.Rect.Min), image.NewUniform(color.Black), image.Point{}, draw.Src)
	}
}
