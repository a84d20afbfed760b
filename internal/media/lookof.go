package media

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/look"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// lookOf finds what a file is known again by; digest is the SHA-256 of its copy. It returns sandbox.ErrNoProgram and sandbox.ErrNoRoom; what can't be seen has nothing to be
// seen by.
func (s *Service) lookOf(ctx context.Context, file *heed.Attachment, original *io.SectionReader, details *heed.CopyDetails, digest []byte) (*look.Kept, error) {
	k := &look.Kept{Digest: digest, Film: file.Film()}
	switch {
	case file.Picture():
		if _, err := original.Seek(0, io.SeekStart); err != nil {
			return nil, fmt.Errorf("begin a picture anew: %w", err)
		}
		g, err := greyOf(ctx, file.Type, original)
		if lacksIt(err) {
			return k, nil
		}
		if err != nil {
			return nil, err
		}
		k.Add(s.eye, g)
	case file.Film() && details != nil:
		if err := addFrames(s.eye, k, details.Frames); err != nil {
			return nil, err
		}
	}
	if file.Sound() || details != nil && (len(details.Waveform) > 0 || details.Type == soundType) {
		ear := look.NewEar()
		if err := listen(ctx, file.Type, original, ear); err != nil && !lacksIt(err) {
			return nil, err
		}
		k.Hear(ear)
	}
	return k, nil
}

// listenPatience is how long it may take to hear what a sound is known again by.
const listenPatience = 2 * time.Minute

// listen has soundProgram give a sound as it was sent, in its room: out of it come bare samples alone, and what they are known by tells no
// voice. The copy's voice is masked anew each time, and so not known again.
func listen(ctx context.Context, kind string, original *io.SectionReader, ear *look.Ear) error {
	if _, err := original.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("begin a sound anew: %w", err)
	}
	from, served, read := openSound(kind, original)
	args := append([]string{"-nostdin", "-loglevel", "quiet"}, from...)
	args = append(args, "-map", "0:a:0", "-vn", "-sn", "-dn", "-t", seconds(look.Longest), "-ac", "1", "-ar", strconv.Itoa(look.Rate), "-f", "s16le", "pipe:1")
	p := &sandbox.Program{Name: soundProgram, Args: args, Served: served, Limits: sandbox.Limits{
		Memory: 2 << 30, Processor: listenPatience, Patience: listenPatience, Answer: 2 * look.Rate * int64(look.Longest/time.Second) * 11 / 10,
	}}
	return p.Run(ctx, read, ear)
}

// greyBytes is how much a program may answer: a picture of look.Side by look.Side pixels of three colours, of two bytes each, and what
// stands before it.
const greyBytes = look.Side*look.Side*3*2 + 4096

// greyOf has pictureProgram squeeze a picture, in its room: out of it come bare pixels alone.
func greyOf(ctx context.Context, kind string, original io.Reader) (*look.Grey, error) {
	file, err := pictureFile(ctx, kind, original)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	p := sandbox.Program{Name: pictureProgram, Limits: pictureLimits,
		Env:  []string{"VIPS_BLOCK_UNTRUSTED=1", "VIPS_CONCURRENCY=1"},
		Args: []string{"stdin", "--size", fmt.Sprintf("%dx%d!", look.Side, look.Side), "--output", ".ppm[strip,background=255]"},
	}
	p.Limits.Answer = greyBytes
	var out bytes.Buffer
	if err := p.Run(ctx, file, &out); err != nil {
		return nil, err
	}
	return readGrey(out.Bytes())
}

// pictureFile puts a picture into memory in a form that pictureProgram reads.
func pictureFile(ctx context.Context, kind string, original io.Reader) (*os.File, error) {
	file, err := inMemory(original, pictureBytes)
	if err != nil || kind != bitmapKind {
		return file, err
	}
	defer file.Close()
	return filled(func(png *os.File) error { return fromBitmap(ctx, file, png) })
}

// readGrey reads a picture of look.Side by look.Side pixels, as "portable pixmap" or "portable graymap" (netpbm's ppm(5), pgm(5); raw).
// sandbox.ErrUnreadable: it is none.
func readGrey(b []byte) (*look.Grey, error) {
	none := fmt.Errorf("no picture was squeezed: %w", sandbox.ErrUnreadable)
	var head [4]string
	for i := range head {
		for len(b) > 0 && (blank(b[0]) || b[0] == '#') {
			if b[0] == '#' {
				_, b, _ = bytes.Cut(b, []byte{'\n'})
				continue
			}
			b = b[1:]
		}
		n := 0
		for n < len(b) && !blank(b[n]) {
			n++
		}
		head[i], b = string(b[:n]), b[n:]
	}
	colours := map[string]int{"P5": 1, "P6": 3}[head[0]]
	deep := map[string]int{"255": 1, "65535": 2}[head[3]] // the high byte comes first
	side := fmt.Sprint(look.Side)
	if colours == 0 || deep == 0 || head[1] != side || head[2] != side || len(b) != 1+len(look.Grey{})*colours*deep {
		return nil, none
	}
	b = b[1:]
	g := &look.Grey{}
	for i := range g {
		at := b[i*colours*deep:]
		if colours == 1 {
			g[i] = at[0]
			continue
		}
		g[i] = grey(at[0], at[deep], at[2*deep])
	}
	return g, nil
}

func blank(c byte) bool { return c == ' ' || c == '\n' || c == '\t' || c == '\r' }

// grey is the luma of a colour (ITU-R BT.601).
func grey(r, g, b byte) byte { return byte((299*int(r) + 587*int(g) + 114*int(b)) / 1000) }

// addFrames keeps what a film's key frames show.
func addFrames(e *look.Eye, k *look.Kept, frames []heed.KeyFrame) error {
	all, err := frameGreys(frames)
	for _, g := range all {
		k.Add(e, g)
	}
	return err
}

// frameGreys squeezes a film's key frames. They are JPEGs that Heed itself has just written.
func frameGreys(frames []heed.KeyFrame) (squeezed []*look.Grey, err error) {
	var all []*image.Gray
	for _, f := range frames {
		decoded, err := jpeg.Decode(bytes.NewReader(f.JPEG))
		if err != nil {
			return nil, fmt.Errorf("read a key frame: %w", err)
		}
		bounds := decoded.Bounds()
		g := image.NewGray(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
		for y := range bounds.Dy() {
			for x := range bounds.Dx() {
				g.Set(x, y, decoded.At(bounds.Min.X+x, bounds.Min.Y+y))
			}
		}
		all = append(all, g)
	}
	seen := withoutBars(all)
	for _, g := range all {
		squeezed = append(squeezed, squeeze(g, seen))
	}
	return squeezed, nil
}

// barDark is how dark bars are, at most.
const barDark = 24

// withoutBars is where pictures aren't black in all of them: a film of another shape than its key frames has bars beside it.
func withoutBars(all []*image.Gray) (seen image.Rectangle) {
	for _, g := range all {
		for y := range g.Rect.Dy() {
			for x := range g.Rect.Dx() {
				if g.Pix[g.PixOffset(x, y)] > barDark {
					seen = seen.Union(image.Rect(x, y, x+1, y+1))
				}
			}
		}
	}
	return seen
}

// squeeze makes look.Side by look.Side pixels of a part of a picture, each the mean of those in its place.
func squeeze(from *image.Gray, part image.Rectangle) *look.Grey {
	g := &look.Grey{}
	if part.Empty() {
		return g
	}
	for y := range look.Side {
		y0 := part.Min.Y + y*part.Dy()/look.Side
		y1 := max(part.Min.Y+(y+1)*part.Dy()/look.Side, y0+1)
		for x := range look.Side {
			x0 := part.Min.X + x*part.Dx()/look.Side
			x1 := max(part.Min.X+(x+1)*part.Dx()/look.Side, x0+1)
			sum := 0
			for j := y0; j < y1; j++ {
				for i := x0; i < x1; i++ {
					sum += int(from.Pix[from.PixOffset(i, j)])
				}
			}
			g[y*look.Side+x] = byte(sum / ((y1 - y0) * (x1 - x0)))
		}
	}
	return g
}
