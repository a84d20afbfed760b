package main

import (
	"context"
	"fmt"
	"log/slog"

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
func (c *screenCommand) Run(_ context.Context, s *surroundings, _ *slog.Logger) error {
	p := profile.Default()
	if c.Profile != "" {
		var err error
		if p, err = profile.Load(c.Profile); err != nil {
			return usagef("the line profile is wrong:\n%w", err)
		}
	}
	tally, err := screening.New(screening.Config{Categories: categoryIDs(p), Regions: p.Line.Countries}).RunLines(s.Stdin, s.Stdout)
	if err != nil {
		return fmt.Errorf("screening: %w", err)
	}
	if tally.Bad > 0 {
		return &exitError{exitLeftOver, fmt.Errorf("%d of %d lines could not be read", tally.Bad, tally.Lines)}
	}
	return nil
}
