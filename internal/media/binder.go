package media

import (
	"bytes"
	"fmt"
	"image"
	"io"
	"strings"

	"github.com/heed-line/heed"
)

// paperType is what copies of documents are: a PDF (ISO 32000-1) that holds one JPEG a page and not a thing more: no text, font, form, link,
// script, layer or file, no title, author or date. Every machine opens and prints it as what it is, in its order.
const paperType = "application/pdf"

// binder writes such a PDF while its pages come, and notes where each page's JPEG lies in it, so that it can be had without anybody reading a
// PDF. Objects 1 and 2 are the catalog and the list of pages, written last; each page has three: itself, what it draws, and its JPEG.
type binder struct {
	to    *counted
	pages []heed.Page
	at    []int64 // where each object begins, from number 3 on
	err   error   // the first of to's
}

const bound = 2 // objects that are of no page

func newBinder(w io.Writer) *binder {
	b := &binder{to: &counted{Writer: w}}
	b.printf("%%PDF-1.4\n%%\xe2\xe3\xcf\xd3\n")
	return b
}

func (b *binder) printf(format string, args ...any) {
	if b.err == nil {
		_, b.err = fmt.Fprintf(b.to, format, args...)
	}
}

// object begins the next object.
func (b *binder) object() (number int) {
	b.at = append(b.at, b.to.n)
	number = bound + len(b.at)
	b.printf("%d 0 obj\n", number)
	return number
}

// add binds a page in, drawn with so many dots an inch.
func (b *binder) add(page *image.RGBA, dots float64) error {
	var jpg bytes.Buffer
	if err := encodePage(&jpg, page); err != nil {
		return fmt.Errorf("encode a page: %w", err)
	}
	return b.bind(jpg.Bytes(), page.Rect.Dx(), page.Rect.Dy(), dots)
}

// bind binds a page's JPEG in, of so many pixels.
func (b *binder) bind(jpg []byte, width, height int, dots float64) error {
	// 14,400 points a side are the most that readers must understand (ISO 32000-1, Annex C).
	scale := min(pointsInch/dots, 14_400/float64(max(width, height)))
	w, h := float64(width)*scale, float64(height)*scale
	self := b.object()
	b.printf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R /Resources << /XObject << /P %d 0 R >> >> >>\nendobj\n", w, h, self+1, self+2)
	draw := fmt.Sprintf("%.2f 0 0 %.2f 0 0 cm /P Do", w, h)
	b.object()
	b.printf("<< /Length %d >>\nstream\n%s\nendstream\nendobj\n", len(draw), draw)
	b.object()
	b.printf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>\nstream\n", width, height, len(jpg))
	b.pages = append(b.pages, heed.Page{At: b.to.n, Size: int64(len(jpg)), Width: width, Height: height, Dots: dots})
	if b.err == nil {
		_, b.err = b.to.Write(jpg)
	}
	b.printf("\nendstream\nendobj\n")
	return b.err
}

// close ends the PDF.
func (b *binder) close() error {
	var kids strings.Builder
	for i := range b.pages {
		fmt.Fprintf(&kids, "%d 0 R ", bound+1+3*i)
	}
	first := b.to.n
	b.printf("1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n")
	second := b.to.n
	b.printf("2 0 obj\n<< /Type /Pages /Count %d /Kids [%s] >>\nendobj\n", len(b.pages), kids.String())
	table := b.to.n
	all := append([]int64{first, second}, b.at...)
	b.printf("xref\n0 %d\n0000000000 65535 f \n", len(all)+1)
	for _, at := range all {
		b.printf("%010d 00000 n \n", at)
	}
	b.printf("trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(all)+1, table)
	return b.err
}
