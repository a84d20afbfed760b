// Command countcommon counts the words of the training texts, and of the reports written to train the tagger, their names left out, and writes the table
// by which the screening knows the common from the rare: `go generate ./internal/screening`. The same texts always give the same bytes.
package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/training"
	"github.com/heed-line/heed/internal/screening/trainnames/marked"
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
	table, texts, err := counted(written)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, table, 0o644); err != nil {
		return fmt.Errorf("write the table: %w", err)
	}
	fmt.Printf("%d bytes of %d texts\n", len(table), texts)
	return nil
}

// counted makes the table of the training texts and of the reports with names in a file, and says of how many.
func counted(written string) (table []byte, of int, err error) {
	reports, err := training.Reports()
	if err != nil {
		return nil, 0, err
	}
	more, err := nameless(written)
	if err != nil {
		return nil, 0, err
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
	for _, hash := range hashes {
		table = append(binary.LittleEndian.AppendUint32(table, hash), byte(math.Round(254*commonest[hash])))
	}
	return table, len(reports), nil
}

// nameless are the reports in which names are marked, these left out: a name stands in many reports of one hand and is rare all the same.
func nameless(file string) (all []training.Report, err error) {
	list, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read the reports with names: %w", err)
	}
	for _, e := range marked.Read(string(list)) {
		var text strings.Builder
		from := 0
		for _, n := range e.Names {
			text.WriteString(e.Text[from:n.Start] + " ")
			from = n.End
		}
		text.WriteString(e.Text[from:])
		all = append(all, training.Report{Language: e.Lang, Text: text.String()})
	}
	return all, nil
}
