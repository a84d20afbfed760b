package media

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// officeProgram is LibreOffice (libreoffice-writer-nogui and its like), which makes a PDF of what word processors, spreadsheets and
// presentations wrote. It runs from a script, since it writes files and ends its first start with a wish to be started again.
const (
	officeProgram = "soffice"
	officeShell   = "sh"
	officeScript  = `cat > /tmp/file || exit 1
for start in 1 2; do
	/usr/lib/libreoffice/program/soffice.bin -env:UserInstallation=file:///tmp/home --headless --norestore --infilter="$1" --convert-to "$2" --outdir /tmp /tmp/file < /dev/null > /dev/null
	[ $? = 81 ] || break
done
exec cat /tmp/file.pdf`
	// officePatience is how long it may take, before the PDF's pages are drawn, and officeTime of a processor: it starts slowly.
	officePatience, officeTime = 28 * time.Second, 15 * time.Second
	// officePaper is how large its PDF may be, and officeRoom all that it writes.
	officePaper, officeRoom = 64 << 20, 384 << 20
	// officeBytes is how large a document may be. It lies in memory twice.
	officeBytes = 64 << 20
)

// officeKind is one that officeProgram reads: by which of its filters alone, so that it takes no file for something else (a page of the web,
// a picture), and by which it makes a PDF of it.
type officeKind struct{ reads, makes string }

// officeKinds are those, as found in a file's first bytes.
var officeKinds = map[string]officeKind{
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document":   {"MS Word 2007 XML", "writer_pdf_Export"},
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":         {"Calc MS Excel 2007 XML", "calc_pdf_Export"},
	"application/vnd.openxmlformats-officedocument.presentationml.presentation": {"Impress MS PowerPoint 2007 XML", "impress_pdf_Export"},
	"application/vnd.oasis.opendocument.text":                                   {"writer8", "writer_pdf_Export"},
	"application/vnd.oasis.opendocument.spreadsheet":                            {"calc8", "calc_pdf_Export"},
	"application/vnd.oasis.opendocument.presentation":                           {"impress8", "impress_pdf_Export"},
	"application/msword":            {"MS Word 97", "writer_pdf_Export"},
	"application/vnd.ms-excel":      {"MS Excel 97", "calc_pdf_Export"},
	"application/vnd.ms-powerpoint": {"MS PowerPoint 97", "impress_pdf_Export"},
	"text/rtf":                      {"Rich Text Format", "writer_pdf_Export"},
}

// officeFamilies begin the kinds of documents that such programs write, those among them that are copied and those that aren't.
var officeFamilies = []string{
	"application/vnd.openxmlformats-officedocument.", "application/vnd.oasis.opendocument.", "application/msword", "application/vnd.ms-excel",
	"application/vnd.ms-powerpoint", "text/rtf",
}

// copyOffice writes the copy of an office document: of the PDF that officeProgram makes of it, as copyPDF does.
func copyOffice(ctx context.Context, kind string, original *io.SectionReader, copied io.Writer) (*heed.CopyDetails, error) {
	by, known := officeKinds[kind]
	if !known {
		return nil, fmt.Errorf("no document of a kind that is copied: %w", sandbox.ErrUnreadable)
	}
	file, err := inMemory(original, officeBytes)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return throughOffice(ctx, file, by, copied)
}

// throughOffice writes the copy of what officeProgram reads.
func throughOffice(ctx context.Context, file *os.File, by officeKind, copied io.Writer) (*heed.CopyDetails, error) {
	p := sandbox.Program{
		Name: officeShell, Args: []string{"-c", officeScript, officeShell, by.reads, "pdf:" + by.makes}, Env: []string{"HOME=/tmp", "PATH=/usr/bin", "LC_ALL=C.UTF-8"},
		Workshop: officeRoom, Workers: 48, Shown: []string{"/etc/libreoffice"},
		Limits: sandbox.Limits{Memory: 2 << 30, Processor: officeTime, Patience: officePatience, Answer: officePaper},
	}
	paper, err := filled(func(made *os.File) error {
		out := &counted{Writer: made}
		if err := p.Run(ctx, file, out); err != nil {
			return err
		}
		if out.n == 0 {
			return fmt.Errorf("no page was made of it: %w", sandbox.ErrUnreadable)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	defer paper.Close()
	return copyPages(ctx, paper, copied)
}
