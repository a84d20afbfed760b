package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/screening"
)

// screenCommand screens reports outside a line.
type screenCommand struct {
	Profile string `help:"Line profile whose categories are proposed; the default profile's, where none is given." type:"path" placeholder:"FILE"`
}

// Help is shown by --help below the flags.
func (c *screenCommand) Help() string {
	return `Reads JSON lines {"id","text","channel"?,"lang"?,"received_at"?} and answers each with a line, in order: language, relevance, category,
urgency, key details, reasons, and which earlier line of the same run it copies. A line that can't be read is answered by an error in its
place, and the command then ends with code 3. It works offline and keeps nothing.

Example:
  heed screen < reports.jsonl > screened.jsonl`
}

// Run screens standard input to standard output.
func (c *screenCommand) Run(ctx context.Context, s *surroundings, _ *slog.Logger) error {
	p := profile.Default()
	if c.Profile != "" {
		var err error
		if p, err = profile.Load(c.Profile); err != nil {
			return usagef("the line profile is wrong:\n%w", err)
		}
	}
	if isTerminal(s.Stdin) {
		fmt.Fprintln(s.Stderr, "heed: reading reports from the terminal, one JSON object a line, to the end of input (Ctrl-D)")
	}
	tally, err := screening.New(screening.Config{Categories: categoryIDs(p), Regions: p.Line.Countries}).RunLines(untilStopped(ctx, s.Stdin), untilUntaken{ctx, s.Stdout})
	switch {
	case errors.Is(err, errStopped):
		return fmt.Errorf("screening: stopped after %d answers", tally.Lines)
	case err != nil:
		return fmt.Errorf("screening: %w", err)
	case tally.Bad > 0:
		return &exitError{exitLeftOver, fmt.Errorf("%d of %d lines could not be read; the first: %s", tally.Bad, tally.Lines, tally.First)}
	}
	return nil
}

// errStopped ends the reading of what was told to stop. A fault in writing at that time is another, and is told.
var errStopped = errors.New("told to stop")

// untilStopped reads what r has until ctx ends, also while r has nothing to say: a pipe or a terminal may be silent for hours.
func untilStopped(ctx context.Context, r io.Reader) io.Reader {
	out, in := io.Pipe()
	go func() {
		// In pieces of many lines, which are screened together. *os.File would choose smaller ones.
		_, err := io.CopyBuffer(in, struct{ io.Reader }{r}, make([]byte, 256<<10))
		in.CloseWithError(err)
	}()
	context.AfterFunc(ctx, func() { in.CloseWithError(errStopped) })
	return out
}

// patience is how long an output may take nothing, once it was told to stop, before nobody is thought to read it.
const patience = 5 * time.Second

// errUntaken ends the writing of answers that nobody reads.
var errUntaken = errors.New("told to stop, and nobody takes them: the last line written may be cut short")

// untilUntaken writes to w. Once ctx has ended it gives up where w takes nothing for a while, or at another signal: a write to a pipe that is
// full lasts until somebody reads, and only the program's end breaks it off.
type untilUntaken struct {
	ctx context.Context
	w   io.Writer
}

// Write implements io.Writer, in pieces of a quarter of what a pipe holds, so that one that is read slowly is seen to move.
func (u untilUntaken) Write(b []byte) (written int, err error) {
	for piece := range slices.Chunk(b, 16<<10) {
		n, err := u.write(piece)
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (u untilUntaken) write(piece []byte) (int, error) {
	type outcome struct {
		n   int
		err error
	}
	done := make(chan outcome, 1)
	go func() {
		n, err := u.w.Write(piece)
		done <- outcome{n, err}
	}()
	select {
	case o := <-done:
		return o.n, o.err
	case <-u.ctx.Done():
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, os.Interrupt, syscall.SIGTERM)
	defer signal.Stop(again)
	select {
	case o := <-done:
		return o.n, o.err
	case <-again:
	case <-time.After(patience):
	}
	return 0, errUntaken
}
