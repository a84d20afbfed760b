// Command trainnames makes the model of names that Heed ships, from a folder with wnut17-train.jsonl.gz,
// wnut17-dev.jsonl.gz and presidio.jsonl.gz (docs/screening.md names them and their licences) and from the sentences beside it:
//
//	go run ./internal/screening/trainnames -data DIR
//
// The same data always give the same bytes. With -measure it trains without every fifth example and without
// wnut17-dev.jsonl.gz, and prints F1 over those.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/heed-line/heed/internal/screening/names"
)

const rounds = 12

func main() {
	data := flag.String("data", "", "folder with wnut17-train.jsonl.gz, wnut17-dev.jsonl.gz and presidio.jsonl.gz")
	out := flag.String("out", "internal/screening/names/model.bin.gz", "file to write")
	measure := flag.Bool("measure", false, "train on four fifths, print F1 on the rest, write nothing")
	flag.Parse()
	if err := run(*data, *out, *measure); err != nil {
		fmt.Fprintln(os.Stderr, "trainnames:", err)
		os.Exit(1)
	}
}

func run(data, out string, measure bool) error {
	wnut, err := readTokens(filepath.Join(data, "wnut17-train.jsonl.gz"))
	if err != nil {
		return err
	}
	presidio, err := readSpans(filepath.Join(data, "presidio.jsonl.gz"))
	if err != nil {
		return err
	}
	dev, err := readTokens(filepath.Join(data, "wnut17-dev.jsonl.gz"))
	if err != nil {
		return err
	}
	own := append(sentences(), markedReports()...)
	if measure {
		return measured(map[string][]names.Example{"wnut17 train": wnut, "presidio": presidio, "own sentences": own}, dev)
	}
	m := names.Train(slices.Concat(wnut, dev, presidio, own), rounds)
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		return err
	}
	return os.WriteFile(out, b.Bytes(), 0o644)
}

// measured prints F1 over what was held back.
func measured(sets map[string][]names.Example, dev []names.Example) error {
	var train []names.Example
	held := map[string][]names.Example{"wnut17 dev": dev}
	for _, name := range [...]string{"wnut17 train", "presidio", "own sentences"} {
		for i, e := range sets[name] {
			if i%5 == 4 {
				held[name] = append(held[name], e)
			} else {
				train = append(train, e)
			}
		}
	}
	m := names.Train(train, rounds)
	for _, name := range [...]string{"wnut17 dev", "wnut17 train", "presidio", "own sentences"} {
		for _, kind := range [...]string{"person", "organisation", "place", ""} {
			hit, found, labelled := score(m, held[name], kind)
			fmt.Printf("%s %s: precision %.3f recall %.3f F1 %.3f (%d labelled)\n", name, kind, float64(hit)/float64(max(found, 1)), float64(hit)/float64(max(labelled, 1)), 2*float64(hit)/float64(max(found+labelled, 1)), labelled)
		}
	}
	return nil
}

// score counts names of a kind ("" for all) that are found exactly.
func score(m *names.Model, examples []names.Example, kind string) (hit, found, labelled int) {
	for _, e := range examples {
		want := map[names.Name]bool{}
		for _, n := range e.Names {
			if kind == "" || n.Kind == kind {
				want[n] = true
			}
		}
		labelled += len(want)
		for _, n := range m.Find(names.Split(e.Text)) {
			if kind == "" || n.Kind == kind {
				found++
				if want[n] {
					hit++
				}
			}
		}
	}
	return hit, found, labelled
}

// lines calls each with every line of a gzipped file.
func lines(path string, each func([]byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	s := bufio.NewScanner(z)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		if err := each(s.Bytes()); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return s.Err()
}

// wnutKinds are the labels of WNUT17 that are details; products and works are none.
var wnutKinds = map[string]string{"person": "person", "location": "place", "corporation": "organisation", "group": "organisation"}

// readTokens reads {"tokens","tags"} lines and writes the text as people do, signs close to the word before.
func readTokens(path string) (out []names.Example, err error) {
	err = lines(path, func(line []byte) error {
		var l struct{ Tokens, Tags []string }
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		var e names.Example
		var text bytes.Buffer
		for i, token := range l.Tokens {
			if i > 0 && !bytes.ContainsAny([]byte(token[:1]), ".,!?;:)'") {
				text.WriteByte(' ')
			}
			start := text.Len()
			text.WriteString(token)
			tag := l.Tags[i]
			if tag == "O" || wnutKinds[tag[2:]] == "" {
				continue
			}
			if n := len(e.Names); tag[0] == 'I' && n > 0 && e.Names[n-1].Kind == wnutKinds[tag[2:]] {
				e.Names[n-1].End = text.Len()
			} else {
				e.Names = append(e.Names, names.Name{Kind: wnutKinds[tag[2:]], Start: start, End: text.Len()})
			}
		}
		e.Text = text.String()
		out = append(out, e)
		return nil
	})
	return out, err
}

var presidioKinds = map[string]string{"PERSON": "person", "GPE": "place", "STREET_ADDRESS": "place", "ORGANIZATION": "organisation"}

// readSpans reads {"text","spans"} lines; their offsets count characters.
func readSpans(path string) (out []names.Example, err error) {
	err = lines(path, func(line []byte) error {
		var l struct {
			Text  string
			Spans [][4]any
		}
		if err := json.Unmarshal(line, &l); err != nil {
			return err
		}
		offset := []int{}
		for i := range l.Text {
			offset = append(offset, i)
		}
		offset = append(offset, len(l.Text))
		e := names.Example{Text: l.Text}
		for _, s := range l.Spans {
			if kind := presidioKinds[s[0].(string)]; kind != "" {
				e.Names = append(e.Names, names.Name{Kind: kind, Start: offset[int(s[2].(float64))], End: offset[int(s[3].(float64))]})
			}
		}
		out = append(out, e)
		return nil
	})
	return out, err
}
