// Command trainlang makes the language model that Heed ships, from a folder with sentences.jsonl.gz, word-pairs.jsonl.gz
// and single-words.jsonl.gz, each line {"lang","text"}:
//
//	go run ./internal/screening/trainlang -data DIR
//
// The same data always give the same bytes. How well such a model tells languages is measured by the command measure (-part language). With
// -tell it names the language of each line of its input by the shipped model, and does nothing else: what that takes is measured there too.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/heed-line/heed/internal/screening/language"
	"github.com/heed-line/heed/internal/screening/language/teach"
)

func main() {
	data := flag.String("data", "", "folder with sentences.jsonl.gz, word-pairs.jsonl.gz and single-words.jsonl.gz")
	out := flag.String("out", "internal/screening/language/model.bin.gz", "file to write")
	telling := flag.Bool("tell", false, "name the language of each line of the input, write no model")
	flag.Parse()
	run := func() error { return write(*data, *out) }
	if *telling {
		run = func() error { return tell(os.Stdin, os.Stdout) }
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "trainlang:", err)
		os.Exit(1)
	}
}

func write(data, out string) error {
	model, _, err := teach.Model(data, false)
	if err != nil {
		return err
	}
	fmt.Printf("%d weights\n", model.Entries())
	f, err := os.Create(out)
	if err != nil {
		return fmt.Errorf("create the model file: %w", err)
	}
	if err := model.Write(f); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("close the model file: %w", err)
	}
	return nil
}

// tell writes the tag of each line.
func tell(in io.Reader, out io.Writer) error {
	w := bufio.NewWriter(out)
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if _, err := fmt.Fprintln(w, language.Default().Detect(lines.Text()).Main); err != nil {
			return fmt.Errorf("write a tag: %w", err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the lines: %w", err)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write the tags: %w", err)
	}
	return nil
}
