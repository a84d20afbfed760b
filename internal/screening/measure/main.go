// Command measure prints the tables of docs/screening.md: before each the data, its licence and the split, beside each figure its floor
// and whether it is reached. It reads evaluation data from the folder that it is given and imports the screening's packages; it never sees a
// line. It is run from the module's folder: speed is measured by the benchmarks there.
//
//	go run ./internal/screening/measure -data DIR
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/evaluate"
)

func main() {
	r := &run{screener: screening.New(screening.Config{})}
	flag.StringVar(&r.data, "data", "", "folder of evaluation data, with language/, relevance/, details/ and reports/")
	flag.BoolVar(&r.locked, "locked", false, "score the locked half of the corpus too: once, at the end")
	chosen := flag.String("part", "", "print some parts alone, by commas: "+strings.Join(names(), ", "))
	into := flag.String("into", "", "document to write each part into, in place of what stands between its markers there")
	flag.Parse()
	if r.data == "" {
		fmt.Fprintln(os.Stderr, "measure: -data names no folder")
		os.Exit(2)
	}
	if err := r.report(*chosen, *into); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// run is one run of the report.
type run struct {
	data     string
	locked   bool
	screener *screening.Screener
	out      bytes.Buffer // of the part that is being measured
}

// part is one section of the report.
type part struct {
	name, title string
	print       func(*run) error
}

// parts are the sections in the order in which they are measured and printed: the longest last.
var parts = []part{
	{"language", "Language", (*run).language},
	{"copies", "Copies", (*run).copies},
	{"details", "Key details", (*run).details},
	{"boundary", "Who somebody is", (*run).boundary},
	{"corpus", "The corpus", (*run).corpus},
	{"fresh", "Fresh reports", (*run).fresh},
	{"speed", "Speed", (*run).speed},
	{"written", "The written texts, out of fold", (*run).written},
	{"t6", "Relevance on unseen events: CrisisLexT6", func(r *run) error {
		return r.messages("crisislext6.jsonl.gz", "four events, is a message on topic")
	}},
	{"t26", "Relevance on unseen events: CrisisLexT26", func(r *run) error {
		return r.messages("crisislext26.jsonl.gz", "nineteen events, is a message related and informative")
	}},
}

func names() (all []string) {
	for _, p := range parts {
		all = append(all, p.name)
	}
	return all
}

// report prints the chosen parts, all for "", each as soon as it is measured, and writes it into the document, if one is named.
func (r *run) report(chosen, into string) error {
	wanted := names()
	if chosen != "" {
		wanted = strings.Split(chosen, ",")
	}
	for _, name := range wanted {
		if !slices.Contains(names(), name) {
			return fmt.Errorf("there is no part %q; there are %s", name, strings.Join(names(), ", "))
		}
	}
	for _, p := range parts {
		if !slices.Contains(wanted, p.name) {
			continue
		}
		began := time.Now()
		progress("%s …", p.name)
		r.out.Reset()
		fmt.Fprintf(&r.out, "### %s\n\nMeasured with %s on %s.", p.title, screening.ShippedVersion(), machine())
		if err := p.print(r); err != nil {
			return fmt.Errorf("measure %s: %w", p.name, err)
		}
		progress("%s took %v", p.name, time.Since(began).Round(time.Second))
		if _, err := os.Stdout.Write(append(r.out.Bytes(), '\n')); err != nil {
			return fmt.Errorf("print %s: %w", p.name, err)
		}
		if into != "" {
			if err := place(into, p.name, r.out.String()); err != nil {
				return err
			}
		}
	}
	return nil
}

// place writes a part between its markers in a document.
func place(document, name, text string) error {
	old, err := os.ReadFile(document)
	if err != nil {
		return fmt.Errorf("read the document: %w", err)
	}
	begin, end := evaluate.Markers(name)
	before, rest, ok := strings.Cut(string(old), begin)
	_, after, ended := strings.Cut(rest, end)
	if !ok || !ended {
		return fmt.Errorf("%s has no markers %s and %s", document, begin, end)
	}
	if err := os.WriteFile(document, []byte(before+begin+"\n"+strings.TrimSpace(text)+"\n"+end+after), 0o644); err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	return nil
}

// progress tells whoever waits.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, time.Now().Format("15:04:05 ")+format+"\n", args...)
}

// machine names the cores and what else they had to do in the last minute.
func machine() string {
	load, _, _ := strings.Cut(loads(), " ")
	return fmt.Sprintf("%d cores at load %s, %s", runtime.NumCPU(), load, time.Now().Format(time.DateOnly))
}

func loads() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	return string(text)
}

// from says what the next tables are of.
func (r *run) from(data, licence, split string) {
	fmt.Fprintf(&r.out, "\n\n**Data**: %s. **Licence**: %s. **Split**: %s.\n\n", data, licence, split)
}

// table begins a table.
func (r *run) table(columns ...string) {
	r.row(columns...)
	r.row(slices.Repeat([]string{"---"}, len(columns))...)
}

func (r *run) row(cells ...string) { fmt.Fprintf(&r.out, "| %s |\n", strings.Join(cells, " | ")) }
