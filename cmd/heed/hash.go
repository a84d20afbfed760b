package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/heed-line/heed/internal/media"
)

// hashCommand prints lines for a list of known files. It needs no line.
type hashCommand struct {
	Files []string `arg:"" help:"Files of your own." type:"existingfile" name:"FILE"`
	Note  string   `help:"What the list says of them: staff read it beside a file that is on a hoax list." placeholder:"TEXT"`
}

// Help is shown by --help below the flags.
func (c *hashCommand) Help() string {
	return `Each file gives a line of its bytes (sha256), and a picture one of what it shows (heed-p1), by which it is known again where it was
encoded anew, made smaller or cropped a little (docs/media.md#known-files).

Examples:
  heed hash --note 'hoax of 2025: shark on the motorway' shark.jpg >> /etc/heed/hoax.list`
}

// Run prints them.
func (c *hashCommand) Run(ctx context.Context, s *surroundings, _ *slog.Logger) error {
	for _, path := range c.Files {
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("hash a file: %w", err)
		}
		lines, err := media.HashFile(ctx, file, c.Note)
		if err = errors.Join(err, file.Close()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		for _, l := range lines {
			if _, err := fmt.Fprintln(s.Stdout, l); err != nil {
				return fmt.Errorf("print a hash: %w", err)
			}
		}
	}
	return nil
}
