// Command trainlang makes the language model that Heed ships, from a folder with sentences.jsonl.gz, word-pairs.jsonl.gz
// and single-words.jsonl.gz, each line {"lang","text"}:
//
//	go run ./internal/screening/trainlang -data DIR
//
// The same data always give the same bytes. How well such a model tells languages is measured by the command measure (-part language). With
// -tell it names the language of each line of its input by the shipped model, and does nothing else but say, on the standard error, the
// most memory that it took (VmHWM, Linux).
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

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
		run = func() error { return errors.Join(tell(os.Stdin, os.Stdout), most(os.Stderr)) }
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

// most writes the line of the most memory that this process took. (What wait4 says of a child counts its parent's, from before the exec.)
func most(out io.Writer) error {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return fmt.Errorf("read what memory was taken: %w", err)
	}
	for line := range strings.Lines(string(status)) {
		if strings.HasPrefix(line, "VmHWM:") {
			_, err := io.WriteString(out, line)
			return err
		}
	}
	return errors.New("this system doesn't say what memory was taken")
}
