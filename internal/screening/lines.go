package screening

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

// LongestLine is how many bytes a line of `heed screen` may have.
const LongestLine = 4 << 20

// Line is one line that `heed screen` reads.
type Line struct {
	ID         heed.ID `json:"id"`
	Text       string  `json:"text"`
	Channel    string  `json:"channel"`
	Lang       string  `json:"lang"`
	ReceivedAt string  `json:"received_at"` // RFC 3339; one that is not is as none
}

// Answer is one line that it answers. A line that could not be read is answered by its id and an error alone.
type Answer struct {
	ID heed.ID `json:"id"`
	heed.Screening
}

// refusedLine is the answer to a line that could not be read. It repeats nothing of the line but its id.
type refusedLine struct {
	ID    heed.ID `json:"id"`
	Error string  `json:"error"`
}

// Tally says how a run went.
type Tally struct {
	Lines int    // answered, good or bad
	Bad   int    // answered with an error
	First string // of the errors; "" where there is none
}

// RunLines screens JSON lines: one answer a line, in order, duplicates found among the lines before. Blank lines are
// skipped. It reads all of r whatever a line holds; the error is that of reading or writing.
func (s *Screener) RunLines(r io.Reader, w io.Writer) (Tally, error) {
	key := sipKey{0x68656564, 0x6c696e65} // known: the index lives in this run only, and the same lines must answer the same
	out, stop := bufio.NewWriterSize(w, 1<<16), make(chan struct{})
	defer close(stop)
	encoder, past := json.NewEncoder(out), newHistory()
	encoder.SetEscapeHTML(false)
	var tally Tally
	for b := range s.ahead(key, bufio.NewReaderSize(r, batchBytes), stop) {
		<-b.screened
		for i := range b.jobs {
			tally.Lines++
			if problem := b.jobs[i].problem; problem != "" {
				tally.Bad++
				tally.First = cmp.Or(tally.First, problem)
			}
			if err := b.jobs[i].answer(past, encoder); err != nil {
				return tally, fmt.Errorf("write the answers: %w", err)
			}
		}
		if err := out.Flush(); err != nil {
			return tally, fmt.Errorf("write the answers: %w", err)
		}
		if b.err != nil && !errors.Is(b.err, io.EOF) {
			return tally, fmt.Errorf("read the reports: %w", b.err)
		}
	}
	return tally, nil
}

// How many lines are screened together at most (see takeAll), on one core: enough to use again what they fetch, few enough that all cores
// have some, and that they are answered soon.
const (
	batchLines = 128
	batchBytes = 256 << 10
)

// job is one line on its way.
type job struct {
	number  int // of the line, from 1
	raw     []byte
	problem string
	judged
	screening heed.Screening
}

// batch is some lines in a row, and the error that reading ended with after them.
type batch struct {
	jobs     []job
	err      error
	screened chan struct{} // closed when they are
}

// readBatch reads up to batchLines lines that are not blank, of which the first follows so many lines. They are fewer where they are long, and
// where no more have come whole: what has come is answered. At the end it gives io.EOF with the last ones.
func readBatch(in *bufio.Reader, before int) (batch []job, read int, err error) {
	read = before
	for size := 0; len(batch) < batchLines && size < batchBytes; {
		raw, long, err := readLine(in)
		read++
		size += len(raw)
		if long {
			batch = append(batch, job{number: read, problem: fmt.Sprintf("line %d is longer than %d MiB", read, LongestLine>>20)})
		} else if raw = bytes.TrimSpace(bytes.TrimPrefix(raw, byteOrderMark)); len(raw) > 0 {
			batch = append(batch, job{number: read, raw: raw})
		}
		if err != nil {
			return batch, read, err
		}
		// What is in the buffer can be peeked at without an error.
		if come, _ := in.Peek(in.Buffered()); len(batch) > 0 && bytes.IndexByte(come, '\n') < 0 {
			return batch, read, nil
		}
	}
	return batch, read, nil
}

// readLine reads one line; of one that is too long it keeps nothing.
func readLine(in *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > LongestLine+1 {
			long = true
		}
		if !long {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			if long {
				line = nil
			}
			return line, long, err
		}
	}
}

// ahead reads lines and screens them, a batch on each core, while those before are answered. The last batch has the error that reading ended
// with. Once stop is closed nothing more is screened than what has room to wait.
func (s *Screener) ahead(key sipKey, in *bufio.Reader, stop <-chan struct{}) <-chan *batch {
	cores := runtime.GOMAXPROCS(0)
	batches, turns := make(chan *batch, cores), make(chan *batch)
	for range cores {
		go func() {
			for b := range turns {
				s.read(key, b.jobs)
				close(b.screened)
			}
		}()
	}
	go func() {
		defer close(batches)
		defer close(turns)
		for lines := 0; ; {
			b := &batch{screened: make(chan struct{})}
			b.jobs, lines, b.err = readBatch(in, lines)
			select {
			case batches <- b:
			case <-stop:
				return
			}
			turns <- b
			if b.err != nil {
				return
			}
		}
	}()
	return batches
}

// read parses and screens lines.
func (s *Screener) read(key sipKey, jobs []job) {
	all, of := make([]*assessment, 0, len(jobs)), make([]*job, 0, len(jobs))
	for i := range jobs {
		if in, ok := jobs[i].parse(); ok {
			all, of = append(all, &assessment{in: in}), append(of, &jobs[i])
		}
	}
	s.takeAll(all, toAssess)
	for i, a := range all {
		j := of[i]
		j.screening, j.features, j.text = a.out, a.features, a.text.text
		j.marks = marksOf(key, j.features)
	}
}

// parse reads a line, and notes what is wrong with it.
func (j *job) parse() (in Input, ok bool) {
	if j.problem != "" {
		return in, false
	}
	var line Line
	if err := unmarshal(j.raw, &line); err != nil {
		j.misread(err)
		return in, false
	}
	j.raw, j.id = nil, line.ID
	switch {
	case line.ID == "":
		j.problem = fmt.Sprintf("line %d has no id", j.number)
		return in, false
	case line.Text == "":
		j.problem = fmt.Sprintf("line %d has no text", j.number)
		return in, false
	}
	received, err := time.Parse(time.RFC3339, line.ReceivedAt)
	if err != nil {
		received = time.Time{}
	}
	return Input{ID: line.ID, Text: line.Text, Channel: heed.Channel(line.Channel), Lang: line.Lang, ReceivedAt: received}, true
}

// byteOrderMark begins what some programs write as UTF-8. It says nothing.
var byteOrderMark = []byte("\ufeff")

// foreign are the beginnings of what people hand in by mistake, and what it is.
var foreign = []struct{ begins, is string }{
	{"\x1f\x8b", "is compressed by gzip: unpack it first"},
	{"PK\x03\x04", "is a ZIP archive or an office document: a report a line is read, in JSON"},
	{"\xff\xfe", "is UTF-16: write it as UTF-8 first"},
	{"\xfe\xff", "is UTF-16: write it as UTF-8 first"},
	{"[", "is a list: a report a line is read, not a list of them"},
}

var errNotUTF8 = errors.New("is not UTF-8")

// unmarshal reads a line. JSON is UTF-8 (RFC 8259, 8.1): other bytes would be taken for U+FFFD each, and no place in the text were where an answer says.
func unmarshal(raw []byte, line *Line) error {
	if !utf8.Valid(raw) {
		return errNotUTF8
	}
	return json.Unmarshal(raw, line)
}

// misread notes why the line is no report, without a word of it, and its id, where it has one.
func (j *job) misread(err error) {
	var named struct {
		ID heed.ID `json:"id"`
	}
	if json.Unmarshal(j.raw, &named) == nil {
		j.id = named.ID
	}
	if errors.Is(err, errNotUTF8) && strings.ContainsRune(string(j.id), utf8.RuneError) {
		j.id = "" // what stands there is another id, and two lines would have the same
	}
	j.problem = fmt.Sprintf("line %d %s", j.number, whyMisread(j.raw, err))
	j.raw = nil
}

func whyMisread(raw []byte, err error) string {
	for _, f := range foreign {
		if bytes.HasPrefix(raw, []byte(f.begins)) {
			return f.is
		}
	}
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, errNotUTF8):
		return err.Error()
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Sprintf("is not a report: its %s is of type %s, not string", kind.Field, kind.Value)
	}
	return `is not a report in JSON: {"id","text","channel"?,"lang"?,"received_at"?}`
}

// answer places the report among the earlier ones and writes its line.
func (j *job) answer(past *history, out *json.Encoder) error {
	if j.problem != "" {
		return out.Encode(refusedLine{j.id, j.problem})
	}
	past.place(j.judged, &j.screening)
	return out.Encode(Answer{j.id, j.screening})
}
