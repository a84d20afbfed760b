// Command measure prints the tables of docs/screening.md: the data, the split and the floors beside every figure. It reads
// evaluation data from the folder that it is given and imports the screening's packages; it never sees a line.
//
//	go run ./internal/screening/measure -data DIR
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/evaluate"
)

func main() {
	data := flag.String("data", "", "folder of evaluation data, with reports/ and relevance/")
	locked := flag.Bool("locked", false, "score the locked half of the corpus too: once, at the end")
	flag.Parse()
	if *data == "" {
		fmt.Fprintln(os.Stderr, "measure: -data names no folder")
		os.Exit(2)
	}
	if err := report(*data, *locked); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func report(data string, locked bool) error {
	s := screening.New(screening.Config{})
	if err := corpus(s, filepath.Join(data, "reports", "reports.jsonl"), locked); err != nil {
		return err
	}
	for _, set := range []struct{ file, about string }{
		{"crisislext6.jsonl.gz", "CrisisLexT6 (MIT), on topic"}, {"crisislext26.jsonl.gz", "CrisisLexT26 (MIT), related and informative"},
	} {
		messages, err := evaluate.ReadMessages(filepath.Join(data, "relevance", set.file))
		if err != nil {
			return err
		}
		scores, err := evaluate.LeaveOneEventOut(s, messages)
		if err != nil {
			return err
		}
		fmt.Printf("\n%s: one event left out, %d messages; macro-F1\n\n| event | learner | TF-IDF and logistic regression |\n|---|---|---|\n", set.about, len(messages))
		var learner, floor float64
		for _, e := range scores {
			fmt.Printf("| %s | %.3f | %.3f |\n", e.Event, e.Learner, e.Floor)
			learner += e.Learner / float64(len(scores))
			floor += e.Floor / float64(len(scores))
		}
		fmt.Printf("| **mean** | %.3f | %.3f |\n", learner, floor)
	}
	return nil
}

// corpus prints the measures of the two halves of the labelled reports side by side, the locked one only where it is asked for.
func corpus(s *screening.Screener, path string, locked bool) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("open the corpus: %w", err)
	}
	defer f.Close()
	all, err := evaluate.ReadReports(f)
	if err != nil {
		return err
	}
	var halves [2][]evaluate.Report
	for _, r := range all {
		if evaluate.Tuning(r.Event) {
			halves[0] = append(halves[0], r)
		} else if locked {
			halves[1] = append(halves[1], r)
		}
	}
	var scored [2][]evaluate.Scored
	for i, half := range halves {
		if scored[i], err = evaluate.Run(s, half); err != nil {
			return err
		}
	}
	fmt.Printf("%d synthetic reports, halves by hash of the event; model %s\n\n| measure | tuned half | locked half |\n|---|---|---|\n", len(all), s.Version())
	a, b := evaluate.Judge(scored[0]), evaluate.Judge(scored[1])
	for i := range a {
		fmt.Printf("| %s | %s | %s |\n", a[i].Name, a[i].Interval(), b[i].Interval())
	}
	for _, lang := range evaluate.Languages(scored[0]) {
		fmt.Printf("\n%s\n\n| measure | tuned half | locked half |\n|---|---|---|\n", lang)
		a, b := evaluate.Judge(evaluate.OfLanguage(scored[0], lang)), evaluate.Judge(evaluate.OfLanguage(scored[1], lang))
		for i := range a {
			if a[i].All+b[i].All > 0 {
				fmt.Printf("| %s | %s | %s |\n", a[i].Name, a[i].Interval(), b[i].Interval())
			}
		}
	}
	return nil
}
