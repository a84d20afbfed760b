package main

import (
	"cmp"
	"fmt"
	"path/filepath"

	"github.com/heed-line/heed/internal/screening/evaluate"
)

// copies measures edited copies in one run of `heed screen`.
func (r *run) copies() error {
	all, err := evaluate.EditedSets(r.screener, r.data)
	if err != nil {
		return err
	}
	r.from("English messages of CrisisLexT26; Chinese sentences of lingua's test data (there are no Chinese messages)", "MIT; Apache-2.0",
		"natural near-duplicates left out first by measures that know nothing of the screening's; half of the texts come first, then an edited copy of each third of them (words replaced by others' with the given chance, forward wrappers) among the other half; only the right original counts")
	r.table("set", "texts", "edited", "F1", "F1 with any original", "floor")
	for _, e := range all {
		edited, verdict := fmt.Sprintf("%.0f%%", 100*e.Share), "–"
		if e.Share == 0 {
			edited, verdict = "all", evaluate.Verdict(e.Name, e.F1.Value())
		}
		r.row(e.Name, fmt.Sprint(e.Texts), edited, fmt.Sprintf("%.3f", e.F1.Value()), fmt.Sprintf("%.3f", e.F1.Near()), verdict)
	}
	return nil
}

// details measures key details by type and language.
func (r *run) details() error {
	all, err := evaluate.DetailFigures(r.screener, r.data)
	if err != nil {
		return err
	}
	r.from("Recognizers-Text (texts with one type of detail each, fourteen languages); presidio-research (made-up English sentences)", "MIT; MIT",
		"none: rules were tuned on all of Recognizers-Text but a third by hash that was held back the last time; presidio's sentences trained the tagger of names, and no rule")
	r.table("set", "type", "language", "labelled", "found", "F1 exact", "F1 by overlap", "floor (from 30 labelled)")
	for _, d := range all {
		verdict := "–"
		if _, ok := d.Floor(); ok {
			verdict = evaluate.Verdict("detail: "+d.Type, d.F1.Value())
		}
		r.row(d.Set, d.Type, cmp.Or(d.Language, "en"), fmt.Sprint(d.F1.Labelled), fmt.Sprint(d.F1.Found), fmt.Sprintf("%.3f", d.F1.Value()), fmt.Sprintf("%.3f", d.F1.Near()), verdict)
	}
	return nil
}

// boundary measures the cases on the edge of what is refused.
func (r *run) boundary() error {
	all, err := evaluate.ReadBoundary(filepath.Join("internal", "screening", "testdata", "boundary.jsonl"))
	if err != nil {
		return err
	}
	r.from(fmt.Sprintf("%d invented reports about migration status, sexuality, gender, health and poverty in seven languages (testdata/boundary.jsonl)", len(all)), "the project's",
		"pairs, one half read and tuned on, of the other only counts; what is \"read again\" was unseen when 14 of its last 18 were wrongly proposed, and the lists know it since")
	r.table("half", "to be refused and proposed so", "floor", "never to be refused, yet refused or set aside", "floor")
	for _, half := range []string{"tuned", "held", "read again"} {
		found, wrong := evaluate.Boundary(r.screener, all, half)
		r.row(half, found.String(), found.Verdict(), wrong.String(), wrong.Verdict())
	}
	return nil
}

// corpus measures the labelled reports, the locked half only where it is asked for.
func (r *run) corpus() error {
	halves, err := evaluate.Halves(filepath.Join(r.data, "reports", "reports.jsonl"), r.locked)
	if err != nil {
		return err
	}
	r.from(fmt.Sprintf("%d synthetic reports of the half that was tuned on, in ten languages", len(halves[0])), "the project's",
		"halves by hash of the event, so that no event is in both; the word lists were written beside the tuned half, which flatters; no report is trained on. – in the last column: not scored")
	return r.labelled(halves)
}

// fresh measures reports that were written when all else was there.
func (r *run) fresh() error {
	for _, of := range []struct{ file, data, split string }{
		{"fresh.jsonl", "written to the corpus's rules by a language model which had read of the corpus only what the screening got wrong",
			"halves by hash; written after the lists, the rules and the texts that were learned from, but for those of `who` and `hinted`; the errors of the first half were read since, of the other only counts"},
		{"hints.jsonl", "written likewise and after `who`, but harder: what is to be refused is told by hints, farewells without a word of death, asides before a danger",
			"halves by hash; the errors of the first half were read, and `hinted` was written by who had read them, so that it flatters"},
		{"hands.jsonl", "written to the corpus's rules by four who had read nothing of the project but those rules (a language model in four parts: dry, ashamed, crankish, terse), each happening another",
			"halves by hash; of the first half the errors were read, of the other only counts"},
	} {
		halves, err := evaluate.Halves(filepath.Join("internal", "screening", "testdata", of.file), true)
		if err != nil {
			return err
		}
		r.from(fmt.Sprintf("%d reports in ten languages (testdata/%s), %s", len(halves[0])+len(halves[1]), of.file, of.data), "the project's", of.split)
		if err := r.labelled(halves); err != nil {
			return err
		}
		r.out.WriteString("\n")
	}
	return nil
}

// labelled prints the tables of the two halves of a corpus, of which the second may be empty.
func (r *run) labelled(halves [2][]evaluate.Report) error {
	var scored [2][]evaluate.Scored
	var err error
	for i, half := range halves {
		if scored[i], err = evaluate.Run(r.screener, half); err != nil {
			return err
		}
	}
	a, b := evaluate.Judge(scored[0]), evaluate.Judge(scored[1])
	r.table("measure", "tuned half (95% interval)", "floor", "locked half")
	for i := range a {
		r.row(a[i].Name, a[i].Interval(), a[i].Verdict(), b[i].Interval())
	}
	for i, half := range []string{"tuned half", "locked half"} {
		if len(scored[i]) == 0 {
			continue
		}
		r.out.WriteString("\n")
		r.table("language, "+half, "reports", "immediate: recall", "immediate: false alarms", "relevant kept", "irrelevant recognised", "category, of relevant")
		for _, lang := range evaluate.Languages(scored[i]) {
			of := evaluate.OfLanguage(scored[i], lang)
			by := map[string]string{}
			for _, score := range evaluate.Judge(of) {
				by[score.Name] = score.String()
			}
			r.row(lang, fmt.Sprint(len(of)), by["immediate: recall"], by["immediate: false alarms, of the others"], by["relevant kept (relevance ≥ 0.5)"],
				by["irrelevant recognised (relevance < 0.5)"], by["category, of relevant"])
		}
		var said []answered
		for k := range scored[i] {
			c := &scored[i][k]
			said = append(said, answered{&c.Answer.Screening, c.Relevant, c.Category, c.Urgency})
		}
		fmt.Fprintf(&r.out, "\n**Probabilities**, %s\n\n", half)
		r.calibration(said)
	}
	return nil
}
