package screening

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"
	"time"

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
	Lines int // answered, good or bad
	Bad   int // answered with an error
}

// RunLines screens JSON lines: one answer a line, in order, duplicates found among the lines before. Blank lines are
// skipped. It reads all of r whatever a line holds; the error is that of reading or writing.
func (s *Screener) RunLines(r io.Reader, w io.Writer) (Tally, error) {
	key := sipKey{0x68656564, 0x6c696e65} // known: the index lives in this run only, and the same lines must answer the same
	in, out := bufio.NewReaderSize(r, 1<<16), bufio.NewWriterSize(w, 1<<16)
	past := newHistory()
	var tally Tally
	for {
		batch, err := readBatch(in)
		if err != nil && !errors.Is(err, io.EOF) {
			return tally, fmt.Errorf("read the reports: %w", err)
		}
		for i := range s.work(key, batch) {
			tally.Lines++
			if batch[i].problem != "" {
				tally.Bad++
			}
			if err := batch[i].answer(past, out); err != nil {
				return tally, fmt.Errorf("write the answers: %w", err)
			}
		}
		if err := out.Flush(); err != nil {
			return tally, fmt.Errorf("write the answers: %w", err)
		}
		if err != nil {
			return tally, nil
		}
	}
}

// batchLines is how many lines are read before the next are screened: enough to keep every core busy, few enough to
// answer a slow stream soon.
const batchLines = 64

// job is one line on its way.
type job struct {
	raw     []byte
	problem string
	judged
	screening heed.Screening
}

// readBatch reads up to batchLines lines that are not blank. At the end it gives io.EOF with the last ones.
func readBatch(in *bufio.Reader) ([]job, error) {
	var batch []job
	for len(batch) < batchLines {
		raw, long, err := readLine(in)
		if long {
			batch = append(batch, job{problem: fmt.Sprintf("the line is longer than %d bytes", LongestLine)})
		} else if raw = bytes.TrimSpace(raw); len(raw) > 0 {
			batch = append(batch, job{raw: raw})
		}
		if err != nil {
			return batch, err
		}
		if len(batch) > 0 && in.Buffered() == 0 {
			return batch, nil // answer what has come rather than wait for more
		}
	}
	return batch, nil
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

// work does the pure part of a batch on all cores and gives it back once done.
func (s *Screener) work(key sipKey, batch []job) []job {
	var wait sync.WaitGroup
	next := make(chan *job)
	for range min(runtime.GOMAXPROCS(0), len(batch)) {
		wait.Go(func() {
			for j := range next {
				s.read(key, j)
			}
		})
	}
	for i := range batch {
		next <- &batch[i]
	}
	close(next)
	wait.Wait()
	return batch
}

// read parses and screens one line.
func (s *Screener) read(key sipKey, j *job) {
	if j.problem != "" {
		return
	}
	var line Line
	if err := json.Unmarshal(j.raw, &line); err != nil {
		var named struct {
			ID heed.ID `json:"id"`
		}
		if json.Unmarshal(j.raw, &named) == nil {
			j.id = named.ID
		}
		j.problem = "the line is not a report in JSON: {\"id\",\"text\",\"channel\"?,\"lang\"?,\"received_at\"?}"
		j.raw = nil
		return
	}
	j.raw, j.id = nil, line.ID
	switch {
	case line.ID == "":
		j.problem = "the line has no id"
		return
	case line.Text == "":
		j.problem = "the line has no text"
		return
	}
	received, err := time.Parse(time.RFC3339, line.ReceivedAt)
	if err != nil {
		received = time.Time{}
	}
	in := Input{ID: line.ID, Text: line.Text, Channel: heed.Channel(line.Channel), Lang: line.Lang, ReceivedAt: received}
	out, reading := s.screen(in)
	j.screening = out
	j.features = features(reading.text, in, out)
	j.marks = marksOf(key, j.features)
}

// answer places the report among the earlier ones and writes its line.
func (j *job) answer(past *history, out *bufio.Writer) error {
	var line any = refusedLine{j.id, j.problem}
	if j.problem == "" {
		past.place(j.judged, &j.screening)
		line = Answer{j.id, j.screening}
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(line)
}
