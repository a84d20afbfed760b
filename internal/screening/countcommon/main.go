// Command countcommon counts the words of the training texts, and of the reports written to train the tagger, their names left out, and writes the table
// by which the screening knows the common from the rare: `go generate ./internal/screening`. The same texts always give the same bytes.
package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/training"
)

const (
	out     = "common.bin"
	written = "trainnames/written.txt"
	// least is in how many texts a word must stand to be kept: what stands in fewer is as rare as a name, and would make up a third of the table.
	least = 3
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "countcommon:", err)
		os.Exit(1)
	}
}

func run() error {
	reports, err := training.Reports()
	if err != nil {
		return err
	}
	more, err := nameless(written)
	if err != nil {
		return err
	}
	reports = append(reports, more...)
	s := screening.New(screening.Config{})
	texts := map[string]int{}             // by language
	counts := map[string]map[uint32]int{} // by language
	for _, r := range reports {
		if counts[r.Language] == nil {
			counts[r.Language] = map[uint32]int{}
		}
		texts[r.Language]++
		for _, hash := range s.Occurring(screening.Input{Text: r.Text, Lang: r.Language}) {
			counts[r.Language][hash]++
		}
	}
	commonest := map[uint32]float64{} // the least rarity in any language: a word that one of them often uses is no name in the others
	for language, of := range counts {
		all := float64(texts[language])
		for hash, n := range of {
			if n < least {
				continue
			}
			r := max(0, math.Log(all/float64(n))/math.Log(all))
			if before, ok := commonest[hash]; !ok || r < before {
				commonest[hash] = r
			}
		}
	}
	hashes := make([]uint32, 0, len(commonest))
	for hash := range commonest {
		hashes = append(hashes, hash)
	}
	slices.Sort(hashes)
	var b []byte
	for _, hash := range hashes {
		b = append(binary.LittleEndian.AppendUint32(b, hash), byte(math.Round(254*commonest[hash])))
	}
	if err := os.WriteFile(out, b, 0o644); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	fmt.Printf("%d words of %d texts\n", len(hashes), len(reports))
	return nil
}

// nameless reads reports in sections of languages, "[en]", in which names are marked, "[[p|Ana]]", and leaves these out: a name stands in
// many reports of one hand and is rare all the same.
func nameless(file string) (all []training.Report, err error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the reports with names: %w", err)
	}
	language := ""
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case section.MatchString(line):
			language = strings.Trim(line, "[]")
		default:
			line = strings.ReplaceAll(line, `\n`, "\n")
			all = append(all, training.Report{Language: language, Text: name.ReplaceAllString(line, " ")})
		}
	}
	return all, nil
}

var (
	section = regexp.MustCompile(`^\[[A-Za-z-]+\]$`)
	name    = regexp.MustCompile(`\[\[.*?\]\]`)
)
