package media_test

import (
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/media"
)

// pdf is a PDF of the objects, from number 1 on, of which the first is its catalog.
func pdf(objects ...string) []byte {
	var b bytes.Buffer
	var at []int
	b.WriteString("%PDF-1.7\n")
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	table := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, len(at), table)
	return b.Bytes()
}

// stream is an object of bytes.
func stream(more, bytes string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", more, len(bytes), bytes)
}

const helvetica = "<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"

// loaded is a PDF of two pages, with everything that a PDF can hold beside what it shows. Its first page says what it is told to; the second is a
// red square on a long page.
func loaded(words string) []byte {
	draw := "BT /F 24 Tf 72 700 Td (" + words + ") Tj ET /OC /Hidden BDC BT /F 24 Tf 72 600 Td (canary hidden) Tj ET EMC"
	return pdf(
		"<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(canary\\)) >> /Metadata 7 0 R"+
			" /Names << /EmbeddedFiles << /Names [(canary.exe) 8 0 R] >> >> /OCProperties << /OCGs [10 0 R] /D << /OFF [10 0 R] >> >> >>",
		"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Properties << /Hidden 10 0 R >> "+strings.TrimPrefix(helvetica, "<< ")+
			" /Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 595 842] /A << /S /URI /URI (https://canary.example) >> >>] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 2000] /Contents 6 0 R /Resources << >> >>",
		stream("", draw),
		stream("", "1 0 0 rg 50 1000 100 100 re f"),
		stream("/Type /Metadata /Subtype /XML", "<x:xmpmeta>canary of metadata</x:xmpmeta>"),
		"<< /Type /Filespec /F (canary.exe) /EF << /F 9 0 R >> >>",
		stream("/Type /EmbeddedFile", "MZcanary embedded"),
		"<< /Type /OCG /Name (canary layer) >>",
		"<< /Author (canary the author) /Producer (canary producer) /CreationDate (D:20260101) /Title (canary title\nPages: 9\nPage    1 size: 9 x 9 pts) >>",
	)
}

// document is a document's copy.
func document(t testing.TB, kind string, original []byte) ([]byte, *heed.CopyDetails) {
	t.Helper()
	tool(t, "pdftoppm")
	b, details, err := media.CopyDocument(t.Context(), kind, bytes.NewReader(original))
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return b, details
}

// said is what a tool says of a PDF.
func said(t testing.TB, file []byte, program string, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool(t, program), append(args, path)...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v: %s", program, err, out)
	}
	return string(out)
}

// wantPagesAlone wants a document's copy to be pictures of pages and no more, each where the details say.
func wantPagesAlone(t testing.TB, copied []byte, d *heed.CopyDetails) {
	t.Helper()
	for _, word := range []string{"canary", "/Font", "/JS", "/JavaScript", "/Annot", "/URI", "/EmbeddedFile", "/Metadata", "/OCG", "/Info", "Date", "Exif", "http"} {
		if bytes.Contains(copied, []byte(word)) {
			t.Errorf("the copy says %q", word)
		}
	}
	if info := said(t, copied, "pdfinfo"); !strings.Contains(info, fmt.Sprintf("Pages:           %d\n", len(d.Pages))) || strings.Contains(info, "Producer") || strings.Contains(info, "Syntax") {
		t.Errorf("of the copy pdfinfo says %s", info)
	}
	if list := said(t, copied, "pdfimages", "-list"); strings.Count(list, " jpeg ") != len(d.Pages) {
		t.Errorf("its pictures are %s", list)
	}
	for i, p := range d.Pages {
		jpg := copied[p.At : p.At+p.Size]
		if seen, err := jpeg.DecodeConfig(bytes.NewReader(jpg)); err != nil || seen.Width != p.Width || seen.Height != p.Height {
			t.Errorf("page %d: %v, %+v", i+1, err, seen)
		}
		wantNothingBeside(t, jpg)
	}
}

func TestADocumentsCopyIsPicturesOfItsPagesAndItsTextStandsBeside(t *testing.T) {
	copied, d := document(t, "application/pdf", loaded("Meet at pier 9"))
	wantPagesAlone(t, copied, d)
	if len(d.Pages) != 2 || d.Cut || strings.TrimSpace(d.Pages[0].Text) != "Meet at pier 9" || strings.TrimSpace(d.Pages[1].Text) != "" {
		t.Fatalf("%+v", d)
	}
	if p := d.Pages[0]; p.Width != 1240 || p.Height != 1755 {
		t.Errorf("a page of A4 has %d by %d pixels", p.Width, p.Height)
	}
	second := d.Pages[1]
	seen, err := jpeg.Decode(bytes.NewReader(copied[second.At : second.At+second.Size]))
	if err != nil {
		t.Fatal(err)
	}
	r, g, _, _ := seen.At(second.Width/2, second.Height*19/40).RGBA()
	if white, _, _, _ := seen.At(5, 5).RGBA(); r>>8 < 240 || g>>8 > 15 || white>>8 < 250 || second.Height != 4167 {
		t.Errorf("the second page isn't seen as it was: %x %x %x, %d", r>>8, g>>8, white>>8, second.Height)
	}
	if again := said(t, copied, "pdftotext", "-layout"); strings.TrimSpace(again) != "" {
		t.Errorf("the copy has a text: %q", again)
	}
	sizes := said(t, copied, "pdfinfo", "-l", "2")
	if !strings.Contains(sizes, "Page    1 size:  595.2 x 842.4 pts") || !strings.Contains(sizes, "Page    2 size:  200.16 x 2000.16 pts") {
		t.Errorf("its pages measure %s", sizes)
	}
}

func TestADocumentIsSeenByItsCopyAloneAndTheOriginalIsTheCustodiansOnBothStores(t *testing.T) {
	tool(t, "pdftoppm")
	onBothStores(t, func(l *line, custodian bool) {
		staged, err := l.in.Stage(l.Context(), "letter.pdf", bytes.NewReader(loaded("Meet at pier 9")))
		l.must(err)
		a, err := l.in.Submit(l.Context(), intake.Submission{
			Channel: heed.ChannelWeb, Language: "en", Content: heed.Content{Text: "See the letter."}, Files: []intake.StagedFile{staged},
		})
		l.must(err)
		l.must(l.review.Screen(l.Context(), a.Report))
		f := l.file(a.Report)
		l.copies(f)
		if f = l.file(a.Report); f.CopyCode != "" || f.TransitKey != nil || (f.DayKey != nil) != custodian || f.Copy.Type != "application/pdf" {
			l.Fatalf("after: %q, transit %v, day %v, %s", f.CopyCode, f.TransitKey != nil, f.DayKey != nil, f.Copy.Type)
		}
		if len(f.Details.Pages) != 2 || strings.TrimSpace(f.Details.Pages[0].Text) != "Meet at pier 9" || bytes.Contains(f.Copy.Details, []byte("pier")) {
			l.Errorf("%+v", f.Details)
		}
		_, whole, err := l.review.OpenCopy(l.Context(), l.ann, a.Report, f.ID)
		l.must(err)
		copied, err := io.ReadAll(whole)
		l.must(errors.Join(err, whole.Close()))
		wantPagesAlone(l, copied, &f.Details)
		for n, p := range f.Details.Pages {
			_, r, err := l.review.OpenPage(l.Context(), l.ann, a.Report, f.ID, n+1)
			l.must(err)
			jpg, err := io.ReadAll(r)
			l.must(errors.Join(err, r.Close()))
			if !bytes.Equal(jpg, copied[p.At:p.At+p.Size]) {
				l.Errorf("page %d: %d bytes", n+1, len(jpg))
			}
		}
		if _, _, err := l.review.OpenPage(l.Context(), l.ann, a.Report, f.ID, 3); !errors.Is(err, heed.ErrNotFound) {
			l.Errorf("a third page: %v", err)
		}
	})
}

// office makes a file of LibreOffice's from a page of the web or a table.
func office(t testing.TB, from, ending, filter string) []byte {
	t.Helper()
	folder := t.TempDir()
	source := filepath.Join(folder, "source."+ending)
	if err := os.WriteFile(source, []byte(from), 0o600); err != nil {
		t.Fatal(err)
	}
	c := exec.CommandContext(t.Context(), tool(t, "soffice"), "-env:UserInstallation=file://"+folder+"/home", "--headless", "--convert-to", filter, "--outdir", folder, source)
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v: %s", err, out)
	}
	made, _, _ := strings.Cut(filter, ":")
	b, err := os.ReadFile(filepath.Join(folder, "source."+made))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// slides is a presentation of one slide.
const slides = `<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" office:version="1.2" office:mimetype="application/vnd.oasis.opendocument.presentation"><office:body><office:presentation><draw:page draw:name="one"><draw:frame svg:x="1cm" svg:y="1cm" svg:width="20cm" svg:height="3cm"><draw:text-box><text:p>Meet at pier 9</text:p></draw:text-box></draw:frame></draw:page></office:presentation></office:body></office:document>`

func TestAnOfficeDocumentsCopyIsPicturesOfItsPages(t *testing.T) {
	page := `<html><head><meta name="author" content="canary the author"></head><body><p>Meet at pier 9</p><!-- canary remark --></body></html>`
	const openXML, openDocument = "application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument."
	files := map[string][]byte{
		openXML + "wordprocessingml.document": office(t, page, "html", "docx:Office Open XML Text"),
		"text/rtf":                            []byte(`{\rtf1\ansi{\info{\author canary the author}}{\fonttbl\f0 Helvetica;}\f0 Meet at pier 9{\v canary hidden}\par}`),
	}
	if soak() {
		files[openXML+"spreadsheetml.sheet"] = office(t, "Meet,at pier 9\n", "csv", "xlsx")
		files["application/vnd.ms-excel"] = office(t, "Meet,at pier 9\n", "csv", "xls")
		files[openDocument+"spreadsheet"] = office(t, "Meet,at pier 9\n", "csv", "ods")
		files[openDocument+"text"] = office(t, string(files["text/rtf"]), "rtf", "odt")
		files[openDocument+"presentation"] = office(t, slides, "fodp", "odp")
		files[openXML+"presentationml.presentation"] = office(t, slides, "fodp", "pptx")
		files["application/vnd.ms-powerpoint"] = office(t, slides, "fodp", "ppt")
		files["application/msword"] = office(t, page, "html", "doc:MS Word 97")
	}
	for kind, file := range files {
		began := time.Now()
		copied, d := document(t, kind, file)
		t.Logf("%s: %d bytes, %v", kind, len(copied), time.Since(began).Round(time.Millisecond))
		wantPagesAlone(t, copied, d)
		if len(d.Pages) != 1 || !strings.Contains(strings.Join(strings.Fields(d.Pages[0].Text), " "), "at pier 9") || strings.Contains(d.Pages[0].Text, "canary") {
			t.Errorf("%s: %d pages, %q", kind, len(d.Pages), d.Pages[0].Text)
		}
	}
}
