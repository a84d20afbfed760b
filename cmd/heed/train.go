package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/heed-line/heed/internal/screening/train"
)

// trainCommand makes the model that screening ships with.
type trainCommand struct {
	Out string `help:"File to write the model to." type:"path" required:"" placeholder:"FILE"`
}

// Help is shown by --help below the flags.
func (c *trainCommand) Help() string {
	return `Trains the model that comes with the program, from the texts and word lists that come with it, and writes it to a file. The same program
makes the same bytes on every machine. It needs about a minute of processor time, no line, and no network. What a line's own
Dispositions teach is not learned yet.

Example:
  heed train --out model.bin && cmp model.bin internal/screening/model.bin`
}

// Run trains and writes.
func (c *trainCommand) Run(_ context.Context, s *surroundings, _ *slog.Logger) error {
	file, err := train.Shipped()
	if err != nil {
		return fmt.Errorf("training: %w", err)
	}
	if err := os.WriteFile(c.Out, file, 0o644); err != nil {
		return fmt.Errorf("writing the model: %w", err)
	}
	fmt.Fprintf(s.Stdout, "%s: %d bytes\n", c.Out, len(file))
	return nil
}
