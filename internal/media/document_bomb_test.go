package media_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// paged is a PDF of n pages of one size in points, each of which draws the same.
func paged(n int, width, height float64, draws string) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "", stream("", draws)}
	var kids strings.Builder
	for i := range n {
		fmt.Fprintf(&kids, "%d 0 R ", 4+i)
		objects = append(objects, fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %f %f] /Contents 3 0 R /Resources %s >>", width, height, helvetica))
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", kids.String(), n)
	return pdf(append(objects, "<< >>")...)
}

// packedPDF is a PDF whose page draws n bytes of nothing, packed.
func packedPDF(n int64) []byte {
	return pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>", stream("/Filter /FlateDecode", string(packed(n))), "<< >>")
}

// selfDrawn is a PDF whose form draws itself twice, so many levels deep as a program goes.
func selfDrawn() []byte {
	return pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>", stream("", "/X Do"),
		stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R /Y 6 0 R >> >>", "/X Do /Y Do"),
		stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 5 0 R /Y 6 0 R >> >>", "/X Do /Y Do"), "<< >>")
}

// laughs is a PDF whose forms draw each other ten times, nine levels deep: a thousand million squares.
func laughs() []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>", stream("", "/X Do")}
	for level := range 9 {
		objects = append(objects, stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [0 0 595 842] /Resources << /XObject << /X %d 0 R >> >>", 6+level), strings.Repeat("/X Do ", 10)))
	}
	objects = append(objects, stream("/Type /XObject /Subtype /Form /BBox [0 0 595 842]", "0 0 100 100 re f"), "<< >>")
	return pdf(objects...)
}

// locked is a PDF that needs a password, by the standard handler of revision 2 (ISO 32000-1, 7.6.3), with digests that fit none.
func locked() []byte {
	b := paged(1, 595, 842, "0 0 9 9 re f")
	key := "/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <" + strings.Repeat("41", 32) + "> /U <" + strings.Repeat("42", 32) + "> >> /ID [<00> <00>] /Root"
	return bytes.Replace(b, []byte("/Root"), []byte(key), 1)
}

func documentBombs(t *testing.T) map[string]bomb {
	good := loaded("canary") // what a program shows of it is a picture of that word
	cyclic := pdf("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 999999 >>", "<< >>")
	nested := pdf("<< /Type /Catalog /Pages "+strings.Repeat("[", 50_000)+strings.Repeat("]", 50_000)+" >>", "<< >>")
	jpg := made(t, drawing(t), "jpg", "ffmpeg", "-v", "error", "-i", "FROM", "-y", "MADE")
	return map[string]bomb{
		"a PDF with a page as large as a field": {"application/pdf", paged(1, 2e9, 2e9, "9 9 9 9 re f"), true},
		"a PDF with a page of seven metres":     {"application/pdf", paged(1, 20_000, 20_000, "9 9 9 9 re f"), true},
		"a PDF with a page of no size":          {"application/pdf", paged(1, 0, 0, "9 9 9 9 re f"), true},
		"a PDF that is locked":                  {"application/pdf", locked(), false},
		"a PDF whose pages hold each other":     {"application/pdf", cyclic, false},
		"a PDF nested 50,000 times":             {"application/pdf", nested, false},
		"a PDF whose form draws itself":         {"application/pdf", selfDrawn(), true},
		"a PDF that is cut off":                 {"application/pdf", good[:len(good)*2/3], true},
		"a PDF that is a ZIP too":               {"application/pdf", append(bytes.Clone(good), "PK\x03\x04canary"...), true},
		"a JPEG that says it is a PDF":          {"application/pdf", jpg, false},
		"a JPEG that says it is a letter":       {"text/rtf", jpg, true}, // of it an empty page is seen
		"a ZIP that says it is a letter":        {wordKind, zipped(t, "canary.txt", strings.NewReader("canary")), false},
		"a text that begins as a PDF":           {"application/pdf", []byte("%PDF-1.7\n" + strings.Repeat("canary ", 999)), false},
	}
}

const wordKind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

// zipped is a ZIP of one file.
func zipped(t *testing.T, name string, r io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err == nil {
		_, err = io.Copy(w, r)
	}
	if err := errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// letter is a DOCX whose words are XML that follows, which may go on for long.
func letter(t *testing.T, words io.Reader) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range []struct {
		name string
		r    io.Reader
	}{
		{"[Content_Types].xml", strings.NewReader(`<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`)},
		{"_rels/.rels", strings.NewReader(`<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`)},
		{"word/document.xml", words},
	} {
		w, err := z.Create(f.name)
		if err == nil {
			_, err = io.Copy(w, f.r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const (
	wordHead = `<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`
	wordTail = `</w:body></w:document>`
)

func explodeOffice(t *testing.T) {
	entity := `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">`
	for i := 'b'; i < 'l'; i++ {
		entity += fmt.Sprintf(`<!ENTITY %c "%s">`, i, strings.Repeat(fmt.Sprintf("&%c;", i-1), 10))
	}
	entity += `]><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r><w:t>&k;</w:t></w:r></w:p></w:body></w:document>`
	for name, words := range map[string]io.Reader{
		"a letter of a gigabyte of paragraphs, packed": io.MultiReader(strings.NewReader(wordHead), io.LimitReader(&repeated{"<w:p/>", 0}, 1<<30), strings.NewReader(wordTail)),
		"a letter of a hundred million spaces, packed": io.MultiReader(strings.NewReader(wordHead+"<w:p><w:r><w:t>"), io.LimitReader(&repeated{" x", 0}, 100<<20), strings.NewReader("</w:t></w:r></w:p>"+wordTail)),
		"a letter of entities in entities":             strings.NewReader(entity),
		"a letter nested a hundred thousand times":     strings.NewReader(wordHead + strings.Repeat("<w:tbl><w:tr><w:tc>", 100_000) + strings.Repeat("</w:tc></w:tr></w:tbl>", 100_000) + wordTail),
	} {
		explodeDocument(t, name, bomb{wordKind, letter(t, words), true})
	}
	whole := letter(t, strings.NewReader(wordHead+"<w:p><w:r><w:t>Meet at pier 9</w:t></w:r></w:p>"+wordTail))
	for i, broken := range breakages(whole) {
		explodeDocument(t, fmt.Sprintf("letter, breakage %d", i), bomb{wordKind, broken, true})
	}
}

// repeated is a text again and again.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.text[r.at]
		r.at = (r.at + 1) % len(r.text)
	}
	return len(p), nil
}

func TestABombOrBrokenDocumentEndsInAClearStateWithin30Seconds(t *testing.T) {
	tool(t, "pdftoppm")
	for name, b := range documentBombs(t) {
		explodeDocument(t, name, b)
	}
	if !soak() {
		return
	}
	explodeOffice(t)
	explodeDocument(t, "a PDF of ten thousand pages", bomb{"application/pdf", paged(10_000, 595, 842, "9 9 9 9 re f"), true})
	explodeDocument(t, "a PDF whose page is a gigabyte of zeros, packed", bomb{"application/pdf", packedPDF(1 << 30), true})
	explodeDocument(t, "a PDF that draws a thousand million squares", bomb{"application/pdf", laughs(), true})
	explodeDocument(t, "a PDF of two hundred pages that each take long", bomb{"application/pdf", paged(200, 5000, 5000, strings.Repeat("0 0 5000 5000 re f ", 2000)), true})
	for i, broken := range breakages(loaded("x")) {
		explodeDocument(t, fmt.Sprintf("PDF, breakage %d", i), bomb{"application/pdf", broken, true})
	}
}

// explodeDocument copies a bomb and wants an end that says something.
func explodeDocument(t *testing.T, name string, b bomb) {
	t.Helper()
	began := time.Now()
	seen, d, err := media.CopyDocument(t.Context(), b.kind, bytes.NewReader(b.file))
	took := time.Since(began)
	pages := 0
	if d != nil {
		pages = len(d.Pages)
	}
	t.Logf("%s (%d bytes): %v, %d bytes, %d pages, %v", name, len(b.file), err, len(seen), pages, took.Round(time.Millisecond))
	if took > anEnd() {
		t.Errorf("%s took %v", name, took)
	}
	switch {
	case err != nil && !errors.Is(err, sandbox.ErrUnreadable) && !errors.Is(err, sandbox.ErrTooMuch):
		t.Errorf("%s: %v", name, err)
	case err == nil && !b.mended:
		t.Errorf("%s was copied", name)
	case err == nil && slices.ContainsFunc(d.Pages, func(p heed.Page) bool { return p.Width*p.Height > 16_100_000 }):
		t.Errorf("%s: a page too large", name)
	case err == nil && (pages > 200 || bytes.Contains(seen, []byte("canary"))):
		t.Errorf("%s: a copy of %d pages", name, pages)
	}
}
