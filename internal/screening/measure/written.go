package main

import (
	"cmp"
	"fmt"
	"path"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/evaluate"
	"github.com/heed-line/heed/internal/screening/train"
	"github.com/heed-line/heed/internal/screening/training"
)

// written prints, by language, how the written texts are judged by weights that never saw them. Some happenings of the other files are told
// there in several languages, as texts of their own: only those of happenings are sure to be kept apart whole.
func (r *run) written() error {
	texts, err := training.Reports()
	if err != nil {
		return err
	}
	folds, err := train.ShippedFolds(texts)
	if err != nil {
		return err
	}
	progress("written: five folds are trained")
	cases := train.OutOfFold(texts, folds, folds)
	r.from(fmt.Sprintf("%d texts written for the project by a language model (training), near misses among them: harder than a line's mix", len(texts)), "the project's",
		"a fifth left out at a time, by happening; paired, short, now and hours retell happenings in several languages and are not kept apart by them, so that their rows and that of all flatter: happenings alone are kept apart whole")
	folders := []string{""}
	for _, c := range cases {
		if of := path.Dir(c.Truth.Happening); !slices.Contains(folders, of) {
			folders = append(folders, of)
		}
	}
	slices.Sort(folders)
	for _, of := range folders {
		some := slices.DeleteFunc(slices.Clone(cases), func(c train.Case) bool { return of != "" && path.Dir(c.Truth.Happening) != of })
		fmt.Fprintf(&r.out, "\n**%s**, %d texts\n\n", called(of), len(some))
		r.table("language", "immediate: recall", "floor", "immediate: false alarms, of the others", "floor", "relevant kept", "irrelevant recognised", "category, of relevant")
		r.byLanguage(train.Compare(some))
		alarms := mixedAlarms(some)
		fmt.Fprintf(&r.out, "\nFalse alarms, of the others mixed as in the corpus: %.3f (%s)\n", alarms, evaluate.Verdict("immediate: false alarms, of the others", alarms))
	}
	var said []answered
	for i := range cases {
		c := &cases[i]
		said = append(said, answered{&c.Current, c.Truth.Relevant(), c.Truth.Category, c.Truth.Urgency})
	}
	r.out.WriteString("\n**Probabilities**, all texts\n\n")
	r.calibration(said)
	return nil
}

// called names a folder of texts: "" all of them, "." those that are told in one language each.
func called(folder string) string {
	switch folder {
	case "":
		return "all"
	case ".":
		return "told in one language each"
	}
	return folder
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
func (r *run) byLanguage(rows []train.Row) {
	shares := map[string]map[string]evaluate.Score{} // by language, then question
	var languages []string
	for _, row := range rows {
		if row.Category != "" {
			continue
		}
		if shares[row.Language] == nil {
			shares[row.Language] = map[string]evaluate.Score{}
			languages = append(languages, row.Language)
		}
		shares[row.Language][row.Question] = evaluate.Score{Hit: row.Current, All: row.Of}
	}
	for _, language := range languages {
		of := shares[language]
		alarms := of[train.NotImmediate]
		alarms.Hit = alarms.All - alarms.Hit
		recall := of[train.Immediate]
		recall.Name, alarms.Name = "immediate: recall", "immediate: false alarms, of the others"
		r.row(cmp.Or(language, "all"), recall.String(), recall.Verdict(), alarms.String(), alarms.Verdict(), of[train.Kept].String(), of[train.Recognised].String(), of[train.Categorised].String())
	}
}
