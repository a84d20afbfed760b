package main

import (
	"fmt"
	"math"
	"path/filepath"

	"github.com/heed-line/heed/internal/screening/evaluate"
)

// messages measures how relevance is told on the messages of a file.
func (r *run) messages(file, about string) error {
	all, err := evaluate.ReadMessages(filepath.Join(r.data, "relevance", file))
	if err != nil {
		return err
	}
	scores, err := evaluate.LeaveOneEventOut(r.screener, all, progress)
	if err != nil {
		return err
	}
	r.from(fmt.Sprintf("%d public messages, %s", len(all), about), "MIT",
		"each event in turn by weights that saw the others alone; each setting by those of other parts than its own (of five, or as many as there are events), each of them by weights that saw neither part")
	r.relevance(scores)
	return nil
}

// relevance prints macro-F1 by event, and how far the learner is above TF-IDF.
func (r *run) relevance(scores []evaluate.EventScore) {
	r.out.WriteString("Macro-F1. In brackets what the other events chose: the decay of the weights, and how often the messages are gone through; of TF-IDF\n" +
		"how much a message weighs against the penalty.\n\n" +
		"| event | learner, on the shipped model | without that | TF-IDF and logistic regression | TF-IDF of the learner's n-grams |\n|---|---|---|---|---|\n")
	chosen := func(t evaluate.Trial) string { return fmt.Sprintf("%.3f (%g, %d)", t.F1, t.Decay, t.Epochs) }
	var learner, alone, floor, grams float64
	n := float64(len(scores))
	for _, e := range scores {
		fmt.Fprintf(&r.out, "| %s | %s | %s | %.3f (%g) | %s |\n", e.Event, chosen(e.Learner), chosen(e.Alone), e.Floor, e.Strength, chosen(e.Grams))
		learner, alone, floor, grams = learner+e.Learner.F1/n, alone+e.Alone.F1/n, floor+e.Floor/n, grams+e.Grams.F1/n
	}
	fmt.Fprintf(&r.out, "| **mean** | %.3f | %.3f | %.3f | %.3f |\n\n", learner, alone, floor, grams)
	r.above("TF-IDF", scores, func(e evaluate.EventScore) float64 { return e.Floor })
	r.above("that of its own n-grams", scores, func(e evaluate.EventScore) float64 { return e.Grams.F1 })
}

// above prints how far the learner is above something else.
func (r *run) above(what string, scores []evaluate.EventScore, than func(evaluate.EventScore) float64) {
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
	fmt.Fprintf(&r.out, "The learner is %+.3f above %s (standard error over the events %.3f), and ahead in %d of %d events. Floor %s\n\n",
		mean, what, math.Sqrt(squares/max(n-1, 1)/n), ahead, len(scores), evaluate.Verdict(evaluate.AboveTFIDF, mean))
}
