// Command trainnames makes the model of names that Heed ships, from a folder with wnut17-train.jsonl.gz,
// wnut17-dev.jsonl.gz and presidio.jsonl.gz (docs/screening.md names them and their licences) and from the sentences and reports beside it:
//
//	go run ./internal/screening/trainnames -data DIR
//
// The same data always give the same bytes. With -measure it prints F1 over each fold of the reports beside it, and over
// wnut17-dev.jsonl.gz, as models say that did not see them, and with -shipped over the readable halves of the reports that none was trained on, as the
// shipped model says. With -common FILE it writes the table of common words, by which the model goes, in
// place of a model: it comes from the training texts of package training and from nothing in DIR.
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
	"strings"

	"github.com/heed-line/heed/internal/screening/details"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/names"
	"github.com/heed-line/heed/internal/screening/training"
)

const rounds = 8

func main() {
	data := flag.String("data", "", "folder with wnut17-train.jsonl.gz, wnut17-dev.jsonl.gz and presidio.jsonl.gz")
	out := flag.String("out", "internal/screening/names/model.bin.gz", "file to write")
	common := flag.String("common", "", "file to write the table of common words to, and nothing else")
	measure := flag.Bool("measure", false, "print F1 over what a model didn't see, write nothing")
	shipped := flag.Bool("shipped", false, "print F1 of the shipped model over the readable halves of reports never trained on, write nothing")
	flag.Parse()
	var err error
	if *shipped {
		err = halves()
	} else if *common != "" {
		err = count(*common)
	} else {
		err = run(*data, *out, *measure)
	}
	if err != nil {
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
	reports := slices.Concat(markedReports(markedList), markedReports(writtenList))
	others := slices.Concat(wnut, presidio, sentences())
	if measure {
		measured(others, dev, reports)
		return nil
	}
	var b bytes.Buffer
	if err := train(slices.Concat(others, dev), reports).Write(&b); err != nil {
		return err
	}
	return os.WriteFile(out, b.Bytes(), 0o644)
}

// train makes a model of sentences, and of reports and copies of these.
func train(others, reports []names.Example) *names.Model {
	all := slices.Concat(others, reports, swapped(reports))
	for i := range all {
		all[i].Hints = details.Hints(fold.New(all[i].Text), all[i].Lang)
	}
	return names.Train(all, rounds)
}

// count writes the table of common words.
func count(out string) error {
	reports, err := training.Reports()
	if err != nil {
		return err
	}
	var c names.Count
	for _, r := range reports {
		c.Add(r.Text, base(r.Language))
	}
	packed, err := c.Pack()
	if err != nil {
		return err
	}
	return os.WriteFile(out, packed, 0o644)
}

// base is a language without its script or country.
func base(language string) string {
	language, _, _ = strings.Cut(language, "-")
	return language
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
		e := names.Example{Lang: "en"}
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
		e := names.Example{Text: l.Text, Lang: "en"}
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
