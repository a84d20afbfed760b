package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

// importedReport is one line of an import: what `heed screen` reads, and more.
type importedReport struct {
	Text       string        `json:"text"`
	Lang       string        `json:"lang"`
	Language   string        `json:"language"`
	ReceivedAt string        `json:"received_at"` // RFC 3339
	Occurred   string        `json:"occurred"`
	Place      string        `json:"place"`
	Category   string        `json:"category"`
	AgeBand    string        `json:"age_band"`
	Identity   heed.Identity `json:"identity"`
}

// parse makes a Submission of a line, or says why it can't: in codes and field names, never in the line's own words.
func (i *importer) parse(text []byte) (sub intake.Submission, categoryDropped bool, reason string) {
	if !utf8.Valid(text) {
		return sub, false, "not UTF-8"
	}
	var report importedReport
	if err := json.Unmarshal(text, &report); err != nil {
		return sub, false, jsonFault(err)
	}
	sub = intake.Submission{
		Channel: heed.ChannelImport, Language: report.Language, Identity: report.Identity,
		Content: heed.Content{Text: report.Text, Occurred: report.Occurred, Place: report.Place, AgeBand: report.AgeBand},
	}
	if sub.Language == "" {
		sub.Language = report.Lang
	}
	if report.Category != "" {
		// Elsewhere's categories are a hint at most, so an unknown one costs the hint and not the report.
		if slices.Contains(i.categories, report.Category) {
			sub.Content.Category = report.Category
		} else {
			categoryDropped = true
		}
	}
	if report.ReceivedAt != "" {
		received, err := time.Parse(time.RFC3339, report.ReceivedAt)
		if err != nil {
			return sub, categoryDropped, "received_at: not a time (RFC 3339)"
		}
		sub.ReceivedAt = received.UTC()
	}
	if err := i.intake.Check(sub); err != nil {
		return sub, categoryDropped, checkFault(err)
	}
	return sub, categoryDropped, ""
}

// jsonFault names what is wrong with a line's JSON without quoting it.
func jsonFault(err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Sprintf("not JSON, at byte %d", syntax.Offset)
	case errors.As(err, &kind) && kind.Field != "":
		return kind.Field + ": a " + kind.Value + " where another kind of value belongs"
	case errors.As(err, &kind):
		return "not a JSON object"
	default:
		return "not JSON"
	}
}

// checkFault lists the codes of what intake found.
func checkFault(err error) string {
	var problems heed.Problems
	if !errors.As(err, &problems) {
		return "not acceptable"
	}
	codes := make([]string, len(problems))
	for i, p := range problems {
		codes[i] = p.Code
		if p.Field != "" {
			codes[i] = p.Field + ": " + p.Code
		}
	}
	return strings.Join(codes, ", ")
}

// maxImportLine bounds what is held in memory of one line. No report is near it.
const maxImportLine = 16 << 20

// errLineTooLong says that a line was skipped: its length is known, its text is not.
var errLineTooLong = fmt.Errorf("a line of over %d MiB", maxImportLine>>20)

// lineReader reads lines of any length up to maxImportLine, and skips longer ones.
type lineReader struct{ r *bufio.Reader }

func newLineReader(r io.Reader) *lineReader { return &lineReader{bufio.NewReaderSize(r, 1<<20)} }

// read gives the next line without its line break, and the bytes that it takes in the file.
//
// io.EOF: there is no more. errLineTooLong: it was skipped.
func (l *lineReader) read() (text []byte, length int, err error) {
	for {
		piece, err := l.r.ReadSlice('\n')
		length += len(piece)
		if length <= maxImportLine {
			text = append(text, piece...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && (!errors.Is(err, io.EOF) || length == 0) {
			return nil, length, err
		}
		if length > maxImportLine {
			return nil, length, errLineTooLong
		}
		return bytes.TrimSuffix(bytes.TrimSuffix(text, []byte("\n")), []byte("\r")), length, nil
	}
}

// rejects is the file of lines that an import refused, each with its number and reason. It holds what the operator's own
// file holds, beside it, readable by its owner alone.
type rejects struct {
	path   string
	file   *os.File // nil until the first
	length int64
}

// openRejects continues a file that an earlier run left at length; what that run wrote after it will be written again.
func openRejects(path string, length int64) (*rejects, error) {
	r := &rejects{path: path, length: length}
	if length == 0 {
		return r, nil
	}
	if err := r.open(); err != nil {
		return nil, err
	}
	if err := r.file.Truncate(length); err != nil {
		return nil, fmt.Errorf("continuing the file of refused lines: %w", err)
	}
	return r, nil
}

func (r *rejects) open() (err error) {
	flags := os.O_WRONLY | os.O_CREATE
	if r.length == 0 {
		flags |= os.O_TRUNC
	}
	if r.file, err = os.OpenFile(r.path, flags, 0o600); err != nil {
		return fmt.Errorf("opening the file of refused lines: %w", err)
	}
	if _, err = r.file.Seek(r.length, io.SeekStart); err != nil {
		return fmt.Errorf("continuing the file of refused lines: %w", err)
	}
	return nil
}

// add keeps one line: as JSON where it is, else as a string (invalid UTF-8 as base64, so that no byte is lost).
func (r *rejects) add(number int, reason string, text []byte) error {
	if r.file == nil {
		if err := r.open(); err != nil {
			return err
		}
	}
	entry := struct {
		Line   int             `json:"line"`
		Reason string          `json:"reason"`
		Report json.RawMessage `json:"report,omitempty"`
		Text   string          `json:"text,omitempty"`
		Bytes  []byte          `json:"bytes,omitempty"`
	}{Line: number, Reason: reason}
	switch {
	case !utf8.Valid(text):
		entry.Bytes = text
	case json.Valid(text):
		entry.Report = text
	default:
		entry.Text = string(text)
	}
	encoded, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("encoding a refused line: %w", err)
	}
	n, err := r.file.Write(append(encoded, '\n'))
	r.length += int64(n)
	if err != nil {
		return fmt.Errorf("keeping a refused line: %w", err)
	}
	return nil
}

// flush makes what was added durable, before the store notes that these lines are dealt with.
func (r *rejects) flush() error {
	if r.file == nil {
		return nil
	}
	if err := r.file.Sync(); err != nil {
		return fmt.Errorf("keeping the refused lines: %w", err)
	}
	return nil
}

func (r *rejects) close() {
	if r.file != nil {
		r.file.Close() // flush has synced what counts
	}
}
