// Command measure prints the tables of docs/screening.md: the data, the split and the floors beside every figure. It reads
// evaluation data from the folder that it is given and imports the screening's packages; it never sees a line.
//
//	go run ./internal/screening/measure -data DIR
package main

import (
	"cmp"
	"flag"
	"fmt"
	"math"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/evaluate"
	"github.com/heed-line/heed/internal/screening/train"
	"github.com/heed-line/heed/internal/screening/training"
)

func main() {
	data := flag.String("data", "", "folder of evaluation data, with reports/ and relevance/")
	locked := flag.Bool("locked", false, "score the locked half of the corpus too: once, at the end")
	part := flag.String("part", "", "print one part alone: corpus, written, t6 or t26")
	flag.Parse()
	if *data == "" {
		fmt.Fprintln(os.Stderr, "measure: -data names no folder")
		os.Exit(2)
	}
	if err := report(*data, *part, *locked); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func report(data, part string, locked bool) error {
	s := screening.New(screening.Config{})
	for _, of := range []struct {
		name  string
		print func() error
	}{
		{"corpus", func() error { return corpus(s, filepath.Join(data, "reports", "reports.jsonl"), locked) }},
		{"written", outOfFold},
		{"t6", func() error {
			return messages(s, filepath.Join(data, "relevance", "crisislext6.jsonl.gz"), "CrisisLexT6 (MIT), on topic")
		}},
		{"t26", func() error {
			return messages(s, filepath.Join(data, "relevance", "crisislext26.jsonl.gz"), "CrisisLexT26 (MIT), related and informative")
		}},
	} {
		if part == "" || part == of.name {
			if err := of.print(); err != nil {
				return err
			}
		}
	}
	return nil
}

// messages prints how relevance is told on the messages of a file.
func messages(s *screening.Screener, file, about string) error {
	all, err := evaluate.ReadMessages(file)
	if err != nil {
		return err
	}
	scores, err := evaluate.LeaveOneEventOut(s, all)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s: one event left out, %d messages\n\n", about, len(all))
	relevance(scores)
	return nil
}

// relevance prints macro-F1 by event, and how far the learner is above TF-IDF.
func relevance(scores []evaluate.EventScore) {
	fmt.Print("Macro-F1. In brackets what the other events chose: the decay of the weights, and how often the messages are gone through; of TF-IDF\n" +
		"how much a message weighs against the penalty.\n\n" +
		"| event | learner, on the shipped model | without that | TF-IDF and logistic regression | TF-IDF of the learner's n-grams |\n|---|---|---|---|---|\n")
	chosen := func(t evaluate.Trial) string { return fmt.Sprintf("%.3f (%g, %d)", t.F1, t.Decay, t.Epochs) }
	var learner, alone, floor, grams float64
	n := float64(len(scores))
	for _, e := range scores {
		fmt.Printf("| %s | %s | %s | %.3f (%g) | %s |\n", e.Event, chosen(e.Learner), chosen(e.Alone), e.Floor, e.Strength, chosen(e.Grams))
		learner, alone, floor, grams = learner+e.Learner.F1/n, alone+e.Alone.F1/n, floor+e.Floor/n, grams+e.Grams.F1/n
	}
	fmt.Printf("| **mean** | %.3f | %.3f | %.3f | %.3f |\n\n", learner, alone, floor, grams)
	above("TF-IDF", scores, func(e evaluate.EventScore) float64 { return e.Floor })
	above("that of its own n-grams", scores, func(e evaluate.EventScore) float64 { return e.Grams.F1 })
}

// above prints how far the learner is above something else.
func above(what string, scores []evaluate.EventScore, than func(evaluate.EventScore) float64) {
	mean, squares, ahead := 0.0, 0.0, 0
	n := float64(len(scores))
	for _, e := range scores {
		more := e.Learner.F1 - than(e)
		mean += more / n
		if more > 0 {
			ahead++
		}
	}
	for _, e := range scores {
		squares += math.Pow(e.Learner.F1-than(e)-mean, 2)
	}
	fmt.Printf("The learner is %+.3f above %s (standard error over the events %.3f), and ahead in %d of %d events.\n",
		mean, what, math.Sqrt(squares/max(n-1, 1)/n), ahead, len(scores))
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

// outOfFold prints, by language, how the written texts are judged by weights that never saw them. Some happenings of the other files are told
// there in several languages, as texts of their own: only those of happenings are sure to be kept apart whole.
func outOfFold() error {
	texts, err := training.Reports()
	if err != nil {
		return err
	}
	folds, err := train.ShippedFolds(texts)
	if err != nil {
		return err
	}
	cases := train.OutOfFold(texts, folds, folds)
	folder := func(of string) func(c train.Case) bool {
		return func(c train.Case) bool { return path.Dir(c.Truth.Happening) == of }
	}
	for _, of := range []struct {
		name string
		in   func(c train.Case) bool
	}{
		{"all", func(train.Case) bool { return true }}, {"happenings alone", folder("happenings")}, {"told in one language each", folder(".")},
		{"pressing", folder("pressing")}, {"told at length", folder("told")}, {"paired", folder("paired")}, {"short", folder("short")}, {"now", folder("now")},
	} {
		some := slices.DeleteFunc(slices.Clone(cases), func(c train.Case) bool { return !of.in(c) })
		fmt.Printf("\nwritten texts, a fifth left out at a time: %s, %d\n\n", of.name, len(some))
		fmt.Print("| language | immediate: recall | immediate: false alarms, of the others | relevant kept | irrelevant recognised | category, of relevant |\n|---|---|---|---|---|---|\n")
		byLanguage(train.Compare(some))
		fmt.Printf("\nFalse alarms, of the others mixed as in the corpus: %.3f\n", mixedAlarms(some))
	}
	return nil
}

// mixedAlarms is the share of what isn't immediate that is called so, each sort with the share of the others that the corpus has of it.
func mixedAlarms(cases []train.Case) float64 {
	heard := map[string]float64{string(heed.High): 68, string(heed.Normal): 22, string(heed.Low): 5, "irrelevant": 76}
	all, wrong := map[string]float64{}, map[string]float64{}
	for _, c := range cases {
		sort := string(c.Truth.Urgency)
		if !c.Truth.Relevant() {
			sort = "irrelevant"
		}
		all[sort]++
		if c.Current.Urgency == heed.Immediate {
			wrong[sort]++
		}
	}
	sum, of := 0.0, 0.0
	for _, sort := range []string{string(heed.High), string(heed.Normal), string(heed.Low), "irrelevant"} {
		if all[sort] > 0 {
			sum, of = sum+heard[sort]*wrong[sort]/all[sort], of+heard[sort]
		}
	}
	return sum / of
}

// byLanguage prints a line of the table for each language, after one for all.
func byLanguage(rows []train.Row) {
	shares := map[string]map[string]evaluate.Score{} // by language, then question
	var languages []string
	for _, r := range rows {
		if r.Category != "" {
			continue
		}
		if shares[r.Language] == nil {
			shares[r.Language] = map[string]evaluate.Score{}
			languages = append(languages, r.Language)
		}
		shares[r.Language][r.Question] = evaluate.Score{Hit: r.Current, All: r.Of}
	}
	for _, language := range languages {
		of := shares[language]
		alarms := of[train.NotImmediate]
		alarms.Hit = alarms.All - alarms.Hit
		fmt.Printf("| %s | %s | %s | %s | %s | %s |\n", cmp.Or(language, "all"), of[train.Immediate], alarms, of[train.Kept], of[train.Recognised], of[train.Categorised])
	}
}
