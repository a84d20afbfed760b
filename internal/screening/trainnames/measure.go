package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/details"
	"github.com/heed-line/heed/internal/screening/evaluate"
	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/names"
)

const folds = 4

// measured prints F1 of all that package details finds of names, exact and by overlap.
func measured(others, dev, reports []names.Example) {
	show("wnut17 dev", judged(train(others, reports), dev))
	var all []evaluate.Scored
	for fold := range folds {
		var seen, held []names.Example
		for i, e := range reports {
			if i/8%folds == fold {
				held = append(held, e)
			} else {
				seen = append(seen, e)
			}
		}
		all = append(all, judged(train(slices.Concat(others, dev), seen), held)...)
	}
	show("reports", all)
	of := map[string][]evaluate.Scored{}
	for _, r := range all {
		of[r.Lang] = append(of[r.Lang], r)
	}
	for _, lang := range slices.Sorted(maps.Keys(of)) {
		show("reports "+lang, of[lang])
	}
}

func show(name string, all []evaluate.Scored) {
	found := evaluate.Details(all)
	var sum evaluate.F1
	for _, kind := range []string{"person", "organisation", "place"} {
		sum.Add(found[kind])
	}
	fmt.Printf("%s: all %s, person %s, organisation %s, place %s\n", name, sum, found["person"], found["organisation"], found["place"])
}

// judged gives what is found in marked texts by a model.
func judged(m *names.Model, examples []names.Example) (out []evaluate.Scored) {
	for _, e := range examples {
		var r evaluate.Scored
		r.Lang, r.Text = e.Lang, e.Text
		seen := map[string]bool{}
		for _, n := range e.Names {
			if text := e.Text[n.Start:n.End]; !seen[n.Kind+text] {
				seen[n.Kind+text] = true
				r.Details = append(r.Details, struct {
					Type string `json:"type"`
					Text string `json:"text"`
				}{n.Kind, text})
			}
		}
		r.Answer = answered(m, e.Text, e.Lang)
		out = append(out, r)
	}
	return out
}

func answered(m *names.Model, text, lang string) screening.Answer {
	return screening.Answer{Screening: heed.Screening{Details: details.Find(fold.New(text), details.Context{Language: lang, Names: m})}}
}

// halves prints F1 of the shipped model over those halves of the reports never trained on that may be read.
func halves() error {
	for _, file := range []string{"hands.jsonl", "fresh.jsonl", "reports.jsonl"} {
		both, err := evaluate.Halves(filepath.Join("internal", "screening", "testdata", file), false)
		if err != nil {
			return err
		}
		var all []evaluate.Scored
		for _, r := range both[0] {
			if !r.Refuse { // of such no details are kept
				all = append(all, evaluate.Scored{Report: r, Answer: answered(names.Default(), r.Text, r.Lang)})
			}
		}
		show(file, all)
	}
	return nil
}
