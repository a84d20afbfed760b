package media

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

const (
	// textBytes is how much of a text is copied, as UTF-8, and textLines how many of its lines: some 200 pages.
	textBytes, textLines = 1 << 20, 12_000
	// textLine is how many characters a line has at most, after which another begins: no program lays out one of a million well.
	textLine = 4000
	// textRead is how much of a text is read, in whatever way its characters are written.
	textRead = 4 << 20
)

// textKind is by which officeProgram lays out what is plain text in UTF-8.
var textKind = officeKind{"Text (encoded):UTF8,LF,,,", "writer_pdf_Export"}

// textKinds are what people write without a word processor, and mails that a program of theirs stored, as found in a file's first bytes.
var textKinds = []string{"text/plain", "text/csv", mailKind}

// copyText writes the copy of a plain text or a mail: pictures of its pages, as copyPDF does of a document (docs/adr/0024). It is made
// readable here, with bounds, and laid out in a room.
func copyText(ctx context.Context, _ string, original *io.SectionReader, copied io.Writer) (*heed.CopyDetails, error) {
	text, cut, err := readText(ctx, original)
	if err != nil {
		return nil, fmt.Errorf("read a text: %w", err)
	}
	return layOut(ctx, text, cut, copied)
}

// layOut writes the pictures of a text's pages. cut: the text is not all that there was.
func layOut(ctx context.Context, text string, cut bool, copied io.Writer) (*heed.CopyDetails, error) {
	text, more := shownText(text)
	if strings.TrimSpace(text) == "" {
		text = "⟦⟧" // a page on which nothing is
	}
	file, err := filled(func(file *os.File) error {
		_, err := io.WriteString(file, text)
		return err
	})
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d, err := throughOffice(ctx, file, textKind, copied)
	if err == nil {
		d.Cut = d.Cut || cut || more
	}
	return d, err
}

// readText is what is shown of a file that holds a text, a mail or mails (mbox): which it is, its own lines say, for what is told by a file's
// first bytes takes most mails for texts.
func readText(ctx context.Context, original *io.SectionReader) (text string, cut bool, err error) {
	b, err := io.ReadAll(&patient{ctx, io.NewSectionReader(original, 0, textRead)})
	if err != nil {
		return "", false, err
	}
	cut = original.Size() > textRead
	plain, marked := b, false
	for _, m := range marks {
		if rest, found := bytes.CutPrefix(b, m.mark); found {
			plain, marked = []byte(m.decode(rest)), true
			break
		}
	}
	at, size, mbox, found := mailAt(plain)
	if size == 0 {
		size = mailRead
	}
	switch {
	case !found:
		return decodeText(b), cut, nil
	case mbox:
		text, more, err := readMails(ctx, plain)
		return text, cut || more, err
	case marked:
		text, more, err := readMail(ctx, io.NewSectionReader(bytes.NewReader(plain), int64(at), size))
		return text, cut || more, err
	default:
		return readMail(ctx, io.NewSectionReader(original, int64(at), min(size, mailRead)))
	}
}

// decodeText is a text of unknown characters as UTF-8. Where neither its first bytes nor their form say how it is written, that is
// guessed, and the text's first line says so.
func decodeText(b []byte) string {
	for _, m := range marks {
		if rest, found := bytes.CutPrefix(b, m.mark); found {
			return m.decode(rest)
		}
	}
	if end := lastWhole(b); utf8.Valid(b[:end]) {
		return string(b[:end])
	}
	name := guessCharset(b)
	return "⟦" + name + "?⟧\n" + charsets[name](b)
}

// lastWhole is where b ends without a character of UTF-8 that is cut off.
func lastWhole(b []byte) int {
	for n := 1; n < utf8.UTFMax && n <= len(b); n++ {
		if at := len(b) - n; utf8.RuneStart(b[at]) {
			if !utf8.FullRune(b[at:]) {
				return at
			}
			break
		}
	}
	return len(b)
}

// shownText is a text as it is laid out: what nobody would see stands there by its number, its lines end in one way, and what is too much
// is cut.
func shownText(text string) (shown string, cut bool) {
	var out strings.Builder
	lines, along := 0, 0
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for _, r := range text {
		if r == '\r' || r == '\f' || r == '\u2028' || r == '\u2029' {
			r = '\n'
		}
		if r != '\n' && along >= textLine {
			out.WriteByte('\n')
			lines, along = lines+1, 0
		}
		if lines >= textLines || out.Len() >= textBytes {
			return out.String(), true
		}
		along++
		switch {
		case r == '\n':
			out.WriteByte('\n')
			lines, along = lines+1, 0
		case r != '\t' && hidden(r):
			fmt.Fprintf(&out, "⟨U+%04X⟩", r)
		default:
			out.WriteRune(r)
		}
	}
	return out.String(), false
}

// hidden reports whether a character can't be seen and yet does something: a control, or one that turns the direction of what follows it
// (Unicode UAX #9, 2.1 to 2.5) or hides in it.
func hidden(r rune) bool {
	return unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069 || r >= 0xE0000 && r <= 0xE007F || r == 0xFEFF
}
