package media

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/media/sandbox"
)

// The programs of poppler (poppler-utils): what a PDF's pages measure, what they show, what they say.
const (
	measureProgram = "pdfinfo"
	drawProgram    = "pdftoppm"
	sayProgram     = "pdftotext"
)

const (
	// documentPages is how many pages a copy has at most.
	documentPages = 200
	// documentBytes is how large a document may be. It lies in memory while it is read.
	documentBytes = 256 << 20
	// documentPatience is how long its copy may take, with perMegabyte more for each that it has, and perPage more for each page that came:
	// what is long or scanned takes long, and what is made to take long is small and gives no page.
	documentPatience = 25 * time.Second
	perMegabyte      = time.Second
	perPage          = 250 * time.Millisecond
	// saidBytes is how much of what a document says is kept beside its copy.
	saidBytes = 512 << 10
)

// documentLimits bound each of the programs, for a document of so many bytes.
func documentLimits(size int64) sandbox.Limits {
	patience := documentPatience + time.Duration(size>>20)*perMegabyte + documentPages*perPage
	return sandbox.Limits{Memory: 2 << 30, Processor: patience, Patience: patience, Answer: 1 << 40} // an answer of pixels is bounded a page
}

// copyPDF writes the copy of a PDF: what its pages show, each as a picture, bound anew. What its pages say comes beside it.
func copyPDF(ctx context.Context, _ string, original *io.SectionReader, copied io.Writer) (*heed.CopyDetails, error) {
	file, err := inMemory(original, documentBytes)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return copyPages(ctx, file, copied)
}

// copyPages is copyPDF of a file in memory.
func copyPages(ctx context.Context, file *os.File, copied io.Writer) (*heed.CopyDetails, error) {
	info, err := file.Stat()
	if err != nil {
		return nil, fmt.Errorf("measure a document: %w", err)
	}
	d := &document{file: file, limits: documentLimits(info.Size()), binder: newBinder(copied)}
	bounded, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	d.until = time.Now().Add(d.limits.Patience - documentPages*perPage)
	d.clock = time.AfterFunc(time.Until(d.until), func() { cancel(sandbox.ErrTooMuch) })
	defer d.clock.Stop()
	papers, total, err := d.measure(bounded)
	if err != nil {
		return nil, err
	}
	err = d.drawAll(bounded, papers)
	drawn := len(d.binder.pages)
	switch {
	case drawn > 0 && (errors.Is(err, sandbox.ErrTooMuch) || errors.Is(err, sandbox.ErrUnreadable)):
		// What can be seen of it is seen; the page says that there is more.
	case err != nil:
		return nil, err
	case drawn == 0:
		return nil, fmt.Errorf("no page in it: %w", sandbox.ErrUnreadable)
	}
	if err := d.binder.close(); err != nil {
		return nil, fmt.Errorf("bind a document's pages: %w", err)
	}
	details := &heed.CopyDetails{Pages: d.binder.pages, Cut: drawn < total}
	said, err := d.say(bounded, drawn)
	if err != nil {
		return nil, err
	}
	for i := range min(len(said), drawn) {
		details.Pages[i].Text = said[i]
	}
	return details, nil
}

// document is one that is being copied.
type document struct {
	file   *os.File // in memory
	limits sandbox.Limits
	binder *binder
	until  time.Time // when patience is over, and
	clock  *time.Timer
}

// came gives a document more time for a page that came.
func (d *document) came() {
	d.until = d.until.Add(perPage)
	if d.clock.Stop() {
		d.clock.Reset(time.Until(d.until))
	}
}

// run has a program read the document from its beginning.
func (d *document) run(ctx context.Context, out io.Writer, answer int64, program string, args ...string) error {
	if _, err := d.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("begin a document anew: %w", err)
	}
	p := sandbox.Program{Name: program, Args: args, Limits: d.limits}
	p.Answer = answer
	return p.Run(ctx, d.file, out)
}

// pageLine and countLine are of measureProgram's answer. What a stranger wrote (a title) comes before them.
var (
	pageLine  = regexp.MustCompile(`(?m)^Page +(\d+) size: +([\d.]+) x ([\d.]+) pts`)
	countLine = regexp.MustCompile(`(?m)^Pages: +(\d+)$`)
)

// measure gives the sizes of the document's first pages, and how many it has in all.
func (d *document) measure(ctx context.Context) (papers []paper, total int, err error) {
	var says bytes.Buffer
	err = d.run(ctx, &says, 1<<20, measureProgram, "-f", "1", "-l", strconv.Itoa(documentPages), "-")
	if err != nil {
		return nil, 0, err
	}
	number := func(b []byte) float64 { n, _ := strconv.ParseFloat(string(b), 64); return n } // of digits
	for _, line := range pageLine.FindAllSubmatch(says.Bytes(), -1) {
		if n := int(number(line[1])); n == 1 {
			papers = papers[:0]
		}
		papers = append(papers, paper{number(line[2]), number(line[3])})
	}
	counts := countLine.FindAllSubmatch(says.Bytes(), -1)
	if len(counts) == 0 || len(papers) == 0 {
		return nil, 0, fmt.Errorf("no page in it: %w", sandbox.ErrUnreadable)
	}
	return papers[:min(len(papers), documentPages)], int(number(counts[len(counts)-1][1])), nil
}

// drawAll binds the pages' pictures, those of one size that follow each other in one run.
func (d *document) drawAll(ctx context.Context, papers []paper) error {
	for first := 0; first < len(papers); {
		dots, last := papers[first].dots(), first
		for last+1 < len(papers) && papers[last+1].dots() == dots {
			last++
		}
		if err := d.draw(ctx, first+1, last+1, dots); err != nil {
			return err
		}
		first = last + 1
	}
	return nil
}

// draw binds the pictures of the pages from first to last, counted from 1.
func (d *document) draw(ctx context.Context, first, last int, dots float64) error {
	out, in := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := d.run(ctx, in, d.limits.Answer, drawProgram, "-r", strconv.FormatFloat(dots, 'f', 2, 64), "-cropbox",
			"-f", strconv.Itoa(first), "-l", strconv.Itoa(last), "-")
		in.CloseWithError(err) // io.EOF where it is nil
		ended <- err
	}()
	err := d.bind(bufio.NewReaderSize(out, 1<<16), last-first+1, dots)
	out.CloseWithError(err)
	if failed := <-ended; err == nil {
		err = failed
	}
	return err
}

// bind binds so many pictures.
func (d *document) bind(r *bufio.Reader, most int, dots float64) error {
	for range most {
		page, err := readPixels(r)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = d.binder.add(page, dots)
		}
		if err != nil {
			return err
		}
		d.came()
	}
	_, err := io.Copy(io.Discard, r)
	return err
}

// say gives what the first pages say, as the document itself has it; less where that takes too much.
func (d *document) say(ctx context.Context, pages int) ([]string, error) {
	var says bytes.Buffer
	err := d.run(ctx, &says, saidBytes, sayProgram, "-enc", "UTF-8", "-eol", "unix", "-f", "1", "-l", strconv.Itoa(pages), "-", "-")
	if err != nil && !errors.Is(err, sandbox.ErrTooMuch) && !errors.Is(err, sandbox.ErrUnreadable) {
		return nil, err
	}
	said := strings.Split(says.String(), "\f") // one ends each page
	for i := range said {
		said[i] = plain(said[i])
	}
	return said, nil
}
