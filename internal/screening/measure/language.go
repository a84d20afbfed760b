package main

import (
	"fmt"
	"path/filepath"

	"github.com/heed-line/heed/internal/screening/evaluate"
	"github.com/heed-line/heed/internal/screening/language/teach"
)

// language measures a model that is trained on one half.
func (r *run) language() error {
	model, held, err := teach.Model(filepath.Join(r.data, "language"), true)
	if err != nil {
		return err
	}
	progress("language: trained on one half")
	r.from("lingua's test data, 79 languages: sentences (of the Leipzig corpora), word pairs, single words", "Apache-2.0",
		"trained on one half by hash of the text, measured on the other; the number of n-grams kept and the smoothing were chosen on the measured half; the shipped model is trained on both")
	r.table("language named rightly", "held half", "plain 1–3-gram baseline", "lingua, high accuracy", "floor")
	for i, kind := range teach.Kinds {
		score := evaluate.Told(model, kind, held[kind])
		published := [...][2]string{{"0.968", "0.961"}, {"0.862", "0.891"}, {"0.690", "0.741"}}[i]
		r.row(kind, score.String(), published[0], published[1], evaluate.Verdict(score.Name, score.Value()))
		progress("language: %s told", kind)
	}
	unmixed, all := evaluate.Mixed(model, held["sentences"])
	r.from("the sentences of the held half, joined in twos, whole ones or the first half of one and the second of another without a sign between", "Apache-2.0",
		"the costs of a switch were chosen on one half of them, by hash, and these are the other half's")
	r.table("languages", "of", "precision", "recall", "switch within two words")
	for _, m := range all {
		of := "within a sentence"
		if m.Whole {
			of = "between sentences"
		}
		share := func(n, of int) string { return fmt.Sprintf("%.3f", float64(n)/float64(max(of, 1))) }
		r.row(m.Pair[0]+"–"+m.Pair[1], of, share(m.Right, m.Mixed), share(m.Right, m.Texts), share(m.Near, m.Right))
	}
	r.out.WriteString("\n")
	r.table("unmixed texts", "called mixed", "floor")
	one := evaluate.Score{Name: evaluate.CalledMixed, Hit: unmixed.OneMixed, All: unmixed.One}
	r.row("one sentence", one.String(), evaluate.Verdict(one.Name, one.Value()))
	r.row("two sentences of one language", evaluate.Score{Hit: unmixed.TwoMixed, All: unmixed.Two}.String(), "–")
	return nil
}
