// Command pack gathers the training texts of the folder that it is run in, a file for each language, to be packed by bzip2, so that a program
// carries them in less room: `go generate ./internal/screening/training`, after any of them has changed. That program packs the same texts
// to the same bytes everywhere; the standard library only unpacks.
package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/heed-line/heed/internal/screening/training"
)

func main() {
	for _, language := range training.Languages() {
		var part bytes.Buffer
		err := training.Gather(os.DirFS("."), language, &part)
		if err == nil {
			err = os.WriteFile("texts."+language+".tar", part.Bytes(), 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "pack:", err)
			os.Exit(1)
		}
	}
}
