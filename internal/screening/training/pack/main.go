// Command pack gathers the training texts of the folder that it is run in, to be packed by bzip2, so that a program carries them in less
// room: `go generate ./internal/screening/training`, after any of them has changed. That program packs the same texts to the same bytes
// everywhere; the standard library only unpacks.
package main

import (
	"fmt"
	"os"

	"github.com/heed-line/heed/internal/screening/training"
)

func main() {
	if err := training.Gather(os.DirFS("."), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pack:", err)
		os.Exit(1)
	}
}
