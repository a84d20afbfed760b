package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/review"
)

// importBatch is how many reports are stored in one transaction. Large enough that the disk's flush costs little, small
// enough that a running line's own submissions wait a few milliseconds at most.
const importBatch = 500

// importCommand takes in reports from elsewhere.
type importCommand struct {
	lineFlags
	File  string `arg:"" help:"JSON lines: {\"text\", \"language\"?, \"received_at\"?, \"occurred\"?, \"place\"?, \"category\"?, \"identity\"?} each." type:"path" placeholder:"FILE.jsonl"`
	Again bool   `help:"Import the file once more although it was imported before."`

	DropIdentities bool `help:"Import reports without who gave them where the line had no Custodian on the day on which they were received."`
}

// Help is shown by --help below the flags.
func (c *importCommand) Help() string {
	return `Stopped half-way, the same command goes on where it stopped; nothing is imported twice. A line that can't be taken is named on standard error
and kept in FILE.rejected-….jsonl with the reason (the name has a part for each content of FILE); the command then ends with code 3. Imported reports have no receipt, and identities older than
seven days are dropped. An identity dies with the day on which it was received, so it needs a Custodian of that day: where the line had none, nothing of these lines
is imported until --drop-identities says that they may lose it. The command works while the line runs.

Examples:
  heed import --data /var/lib/heed old-reports.jsonl
  heed import --data /var/lib/heed --drop-identities old-reports.jsonl`
}

// Run imports the file.
func (c *importCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	file, err := os.Open(c.File)
	if err != nil {
		return usagef("opening the reports: %w", err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("measuring the reports: %w", err)
	}
	if !info.Mode().IsRegular() {
		return usagef("%s is not a file: an import must be able to go on where it stopped", c.File)
	}
	line, err := openLine(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	importer, err := c.start(ctx, s, line, file)
	if err != nil {
		return err
	}
	defer importer.rejects.close()
	importer.tally = newTally(importer.state)
	progress := newProgress(s, importer.state.Offset, info.Size(), importer.tally.text)
	importer.stderr = progress.bar
	err = importer.run(ctx, progress)
	progress.done()
	if err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("stopped after line %d; the same command goes on from there", importer.state.Line)
		}
		return err
	}
	return importer.summary(s)
}

// start finds where an earlier run of the same file stopped.
func (c *importCommand) start(ctx context.Context, s *surroundings, line *line, file *os.File) (*importer, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return nil, fmt.Errorf("reading the reports: %w", err)
	}
	i := &importer{
		intake: line.intake, store: line.store, now: s.Now, file: file, categories: categoryIDs(line.profile), drop: c.DropIdentities,
		setting: settingImport + hex.EncodeToString(hash.Sum(nil)[:16]),
	}
	if err := i.loadState(ctx); err != nil {
		return nil, err
	}
	if i.state.Done && !c.Again {
		return nil, fmt.Errorf("this file was imported before: %d reports, %d lines refused; --again imports it once more",
			i.state.Accepted, i.state.Rejected)
	}
	if i.state.Done {
		i.state = importState{}
	}
	if _, err := file.Seek(i.state.Offset, io.SeekStart); err != nil {
		return nil, fmt.Errorf("going to where the import stopped: %w", err)
	}
	var err error
	// Named for what the file holds: another file of the same name keeps its own refused lines.
	name := fmt.Sprintf("%s.rejected-%s.jsonl", strings.TrimSuffix(c.File, ".jsonl"), i.setting[len(settingImport):][:8])
	i.rejects, err = openRejects(name, i.state.RejectsLength)
	return i, err
}

// settingImport begins the name of the setting that keeps an importState; the hash of the file's content ends it.
const settingImport = "import/"

// importState is how far a file came. It is written in the transaction that stores the reports before Offset, so that the
// two can't differ whatever happens to the process.
type importState struct {
	Offset            int64 `json:"offset"` // bytes of the file that are dealt with
	Line              int   `json:"line"`
	Accepted          int   `json:"accepted"`
	Rejected          int   `json:"rejected"`
	CategoriesDropped int   `json:"categories_dropped"` // the profile doesn't have them
	RejectsLength     int64 `json:"rejects_length"`     // bytes of the file of rejected lines
	Done              bool  `json:"done"`
}

// importer is one run over one file.
type importer struct {
	intake     *intake.Service
	store      heed.Store
	now        func() time.Time
	file       io.Reader
	stderr     io.Writer
	setting    string
	categories []string
	drop       bool // identities that nobody could open
	rejects    *rejects
	refused    []byte // what the reader has to say of lines since the last batch
	state      importState
	stored     []byte // the state as the store has it; nil where it has none
	tally      *tally // for the progress
}

func (i *importer) loadState(ctx context.Context) error {
	err := i.store.View(ctx, func(tx heed.Tx) error {
		text, err := tx.Setting(ctx, i.setting)
		if errors.Is(err, heed.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		i.stored = text
		return json.Unmarshal(text, &i.state)
	})
	if err != nil {
		return fmt.Errorf("finding where the import stopped: %w", err)
	}
	return nil
}

// readyBatch is what one transaction will store, how far the file is then dealt with, and what is to be said of the lines
// that were refused on the way.
type readyBatch struct {
	reports *intake.Batch
	next    importState
	refused []byte
}

// run imports batch after batch until the file ends or ctx does. While one is stored the next is read and sealed. Where
// reading fails, what was read before is stored all the same.
func (i *importer) run(ctx context.Context, progress *progress) error {
	ready, stop := make(chan readyBatch), make(chan struct{})
	var reading error
	go func() {
		defer close(ready)
		reading = i.readAhead(ctx, ready, stop)
	}()
	for b := range ready {
		if err := i.keep(ctx, b); err != nil {
			close(stop)
			for range ready { // its reader ends before the file is closed
			}
			return err
		}
		i.tally.accepted = b.next.Accepted
		i.tally.rejected = b.next.Rejected
		progress.reach(b.next.Offset)
	}
	return reading
}

// readAhead reads and seals from where the import stands.
func (i *importer) readAhead(ctx context.Context, ready chan<- readyBatch, stop <-chan struct{}) error {
	lines := newLineReader(i.file)
	for at := i.state; !at.Done; {
		subs, next, err := i.gather(lines, at)
		if err != nil {
			return err
		}
		if err := i.rejects.flush(); err != nil {
			return err
		}
		next.RejectsLength = i.rejects.length
		batch, err := i.intake.PrepareImport(ctx, subs, i.drop)
		if errors.Is(err, intake.ErrNoCustodian) {
			return usagef("of lines %d to %d some say who gave the report, and nobody could ever open that: %w. None of these lines is imported. Make a custodian first for what was received "+
				"today (heed staff add NAME --role custodian), or say --drop-identities to import them without", at.Line+1, next.Line, err)
		}
		if err != nil {
			return fmt.Errorf("sealing lines %d to %d: %w", at.Line+1, next.Line, err)
		}
		select {
		case ready <- readyBatch{batch, next, i.refused}:
			i.refused = nil
		case <-stop:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
		at = next
	}
	return nil
}

// keep stores a batch together with the import's state.
func (i *importer) keep(ctx context.Context, b readyBatch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	encoded, err := json.Marshal(b.next)
	if err != nil {
		return fmt.Errorf("encoding the import's state: %w", err)
	}
	now, err := i.now().UTC().MarshalText()
	if err != nil {
		return fmt.Errorf("encoding the time: %w", err)
	}
	overtaken := false
	_, err = i.intake.Import(ctx, b.reports, func(tx heed.Tx) error {
		err := tx.SwapSetting(ctx, i.setting, i.stored, encoded)
		overtaken = errors.Is(err, heed.ErrConflict)
		if err != nil {
			return err
		}
		return tx.PutSetting(ctx, review.SettingImporting, now)
	})
	if overtaken {
		return fmt.Errorf("another run imports this file at the same time: this one ends after line %d, and nothing was imported twice", i.state.Line)
	}
	if err != nil {
		return fmt.Errorf("importing lines %d to %d: %w", i.state.Line+1, b.next.Line, err)
	}
	i.state, i.stored = b.next, encoded
	if _, err := i.stderr.Write(b.refused); err != nil {
		return fmt.Errorf("naming refused lines: %w", err)
	}
	return nil
}

// gather reads up to importBatch acceptable reports from at, and where the file then stands.
func (i *importer) gather(lines *lineReader, at importState) ([]intake.Submission, importState, error) {
	next := at
	var batch []intake.Submission
	for len(batch) < importBatch {
		text, length, err := lines.read()
		if errors.Is(err, io.EOF) {
			next.Done = true
			break
		}
		tooLong := errors.Is(err, errLineTooLong)
		if err != nil && !tooLong {
			return nil, next, fmt.Errorf("reading line %d: %w", next.Line+1, err)
		}
		next.Line++
		next.Offset += int64(length)
		if tooLong { // too long even to be kept twice
			next.Rejected++
			if err := i.reject(next.Line, err.Error()+"; it is in the imported file alone", nil); err != nil {
				return nil, next, err
			}
			continue
		}
		if len(strings.TrimSpace(string(text))) == 0 {
			continue
		}
		sub, dropped, reason := i.parse(text)
		if dropped {
			next.CategoriesDropped++
		}
		if reason != "" {
			next.Rejected++
			if err := i.reject(next.Line, reason, text); err != nil {
				return nil, next, err
			}
			continue
		}
		next.Accepted++
		batch = append(batch, sub)
	}
	return batch, next, nil
}

// reject keeps the line, and names it, without a word of it, once its batch is stored.
func (i *importer) reject(number int, reason string, text []byte) error {
	i.refused = fmt.Appendf(i.refused, "line %d: %s\n", number, reason)
	return i.rejects.add(number, reason, text)
}

func (i *importer) summary(s *surroundings) error {
	out := &printer{w: s.Stdout}
	out.printf("imported %d reports from %d lines\n", i.state.Accepted, i.state.Line)
	if i.state.CategoriesDropped > 0 {
		out.printf("%d named a category that the profile doesn't have; it was left out\n", i.state.CategoriesDropped)
	}
	if out.err != nil {
		return out.err
	}
	if i.state.Rejected > 0 {
		return &exitError{exitLeftOver, fmt.Errorf("%d lines were refused; they are in %s with the reasons", i.state.Rejected, i.rejects.path)}
	}
	return nil
}
