// Command pack packs the training texts of the folder that it is run in, so that a program carries them in less room:
// `go generate ./internal/screening/training`, after any of them has changed.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/heed-line/heed/internal/screening/training"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}

func run() error {
	var b bytes.Buffer
	if err := training.Pack(os.DirFS("."), &b); err != nil {
		return err
	}
	if err := os.WriteFile("texts.tar.gz", b.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}
