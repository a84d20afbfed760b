package media

import (
	"bufio"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"math"

	"github.com/heed-line/heed/internal/media/sandbox"
)

const (
	// pageDots an inch is how finely pages are drawn: writing of six points can be read, and a page of A4 has 1,240 by 1,754 pixels.
	pageDots = 150
	// pagePixels is how many a page has at most, and pageSide how many along a side; a larger one is drawn more coarsely. A page of
	// ISO A1 is drawn at 144 dots an inch.
	pagePixels, pageSide = 16_000_000, 14_400
	// pageQuality is of its JPEG.
	pageQuality = 85
	pointsInch  = 72.0
)

// paper is the size of a page.
type paper struct{ width, height float64 } // in points

// dots is how many an inch such a page is drawn with, in hundredths rounded down, so that pages of about one size are drawn in one run.
func (p paper) dots() float64 {
	dots := float64(pageDots)
	if pixels := p.width * p.height * (dots / pointsInch) * (dots / pointsInch); pixels > pagePixels {
		dots *= math.Sqrt(pagePixels / pixels)
	}
	if side := max(p.width, p.height) * dots / pointsInch; side > pageSide {
		dots *= pageSide / side
	}
	return max(math.Floor(dots*100)/100, 0.01)
}

// readPixels reads one picture as "portable pixmap" (netpbm's ppm(5), raw, of bytes), which is all that leaves the room of what draws
// pages: a page is encoded out here, so that nothing can stand beside its pixels. io.EOF: there is none any more.
//
// It returns sandbox.ErrTooMuch for more pixels than were asked for, and sandbox.ErrUnreadable for what is no such picture.
func readPixels(r *bufio.Reader) (*image.RGBA, error) { return readPixelsOf(r, pagePixels) }

// readPixelsOf is readPixels of a picture of at most so many pixels.
func readPixelsOf(r *bufio.Reader, pixels int) (*image.RGBA, error) {
	if _, err := r.Peek(1); err != nil {
		return nil, err
	}
	var width, height, most int
	if _, err := fmt.Fscanf(r, "P6\n%d %d\n%d\n", &width, &height, &most); err != nil || most != 255 || width < 1 || height < 1 {
		return nil, fmt.Errorf("no page was drawn: %w", sandbox.ErrUnreadable)
	}
	// A program rounds each side up.
	if width > pageSide+1 || height > pageSide+1 || width*height > pixels+width+height {
		return nil, fmt.Errorf("a page of %d by %d pixels: %w", width, height, sandbox.ErrTooMuch)
	}
	page, row := image.NewRGBA(image.Rect(0, 0, width, height)), make([]byte, 3*width)
	for y := range height {
		switch _, err := io.ReadFull(r, row); {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil, fmt.Errorf("a page that is cut off: %w", sandbox.ErrUnreadable)
		case err != nil:
			return nil, err
		}
		line := page.Pix[y*page.Stride:]
		for x := range width {
			line[4*x], line[4*x+1], line[4*x+2], line[4*x+3] = row[3*x], row[3*x+1], row[3*x+2], 0xFF
		}
	}
	return page, nil
}

// encodePage writes a page's JPEG.
func encodePage(w io.Writer, page *image.RGBA) error {
	return jpeg.Encode(w, page, &jpeg.Options{Quality: pageQuality})
}
