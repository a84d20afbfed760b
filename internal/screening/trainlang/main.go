// Command trainlang makes the language model that Heed ships, from a folder with sentences.jsonl.gz, word-pairs.jsonl.gz
// and single-words.jsonl.gz, each line {"lang","text"}:
//
//	go run ./internal/screening/trainlang -data DIR
//
// The same data always give the same bytes. With -measure it instead trains on one half (by hash of the text), and
// prints the share of the other half that is named rightly.
package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/heed-line/heed/internal/screening/language"
)

// What is kept: every gram of up to four characters, longer ones from twice on.
var (
	least = [...]int{0, 1, 1, 1, 1, 2}
	alpha = 0.1
)

var kinds = [...]string{"sentences", "word-pairs", "single-words"}

type example struct{ Lang, Text string }

func main() {
	data := flag.String("data", "", "folder with sentences.jsonl.gz, word-pairs.jsonl.gz and single-words.jsonl.gz")
	out := flag.String("out", "internal/screening/language/model.bin.gz", "file to write")
	measure := flag.Bool("measure", false, "train on one half, print the accuracy on the other, write nothing")
	flag.Parse()
	if err := run(*data, *out, *measure); err != nil {
		fmt.Fprintln(os.Stderr, "trainlang:", err)
		os.Exit(1)
	}
}

func run(data, out string, measure bool) error {
	trainer := language.NewTrainer()
	held := map[string][]example{}
	for _, kind := range kinds {
		examples, err := read(filepath.Join(data, kind+".jsonl.gz"))
		if err != nil {
			return err
		}
		for _, e := range examples {
			h := fnv.New64a()
			h.Write([]byte(e.Text))
			if measure && h.Sum64()%2 == 1 {
				held[kind] = append(held[kind], e)
				continue
			}
			trainer.Add(e.Lang, e.Text)
			if e.Lang == "hi" {
				trainer.Add(language.RomanisedHindi, romanised(e.Text, false))
				trainer.Add(language.RomanisedHindi, romanised(e.Text, true))
			}
		}
	}
	model := trainer.Model(least, alpha)
	fmt.Printf("%d weights\n", model.Entries())
	if measure {
		for _, kind := range kinds {
			report(model, kind, held[kind])
		}
		mixed(model, held["sentences"])
		return nil
	}
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

func report(model *language.Model, kind string, examples []example) {
	right, start := 0, time.Now()
	for _, e := range examples {
		got, _, _ := strings.Cut(model.Detect(e.Text).Main, "-")
		if got == e.Lang {
			right++
		}
	}
	fmt.Printf("%-14s %6d texts  %.4f right  %v each\n", kind, len(examples), float64(right)/float64(len(examples)),
		(time.Since(start) / time.Duration(max(len(examples), 1))).Round(100*time.Nanosecond))
}

func read(path string) ([]example, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the training data: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", path, err)
	}
	var out []example
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("read a line of %s: %w", path, err)
		}
		out = append(out, e)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return out, nil
}
