package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening/train"
)

// printFigures prints how a candidate compares, for people; names are those of accounts.
func printFigures(w io.Writer, f *learning.Figures, names map[heed.ID]string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	out := &printer{w: table}
	out.printf("%s, from %d reports decided %s to %s; in use: %s\n%s\n\n", f.Version, f.Reports, f.From.UTC().Format(time.DateOnly), f.Until.UTC().Format(time.DateOnly), f.Against, verdict(f))
	out.printf("ON %d REPORTS THAT NEITHER LEARNED FROM\n", f.Held)
	for _, hint := range ownHints(f) {
		out.printf("%s\n", hint)
	}
	printRows(out, f.Own)
	out.printf("\nON THE WRITTEN TEXTS, EACH BY WEIGHTS THAT NEVER SAW IT; CURRENT IS THE SHIPPED MODEL\n")
	printRows(out, f.Written)
	out.printf("\nWHOSE WORD IT LEARNED\n")
	for _, a := range f.Accounts {
		out.printf("%s\t%d\t%.1f%% of the written texts' weight\n", cmp.Or(names[heed.ID(a.By)], a.By), a.Words, 100*a.Weight)
	}
	out.printf("\nSINCE %s IT WOULD HAVE CHANGED %d OF %d REPORTS\n", f.Replay.Since.UTC().Format(time.DateOnly), f.Replay.Changed, f.Replay.Reports)
	for _, c := range f.Replay.Changes {
		out.printf("%s\t%s\t-> %s\n", c.Report, proposed(c.Was), proposed(c.Would))
	}
	if more := f.Replay.Changed - len(f.Replay.Changes); more > 0 {
		out.printf("and %d more\n", more)
	}
	return errors.Join(out.err, table.Flush())
}

// verdict says, before all figures, what comes of them.
func verdict(f *learning.Figures) string {
	said := "It loses no more than learning may cost: it can be offered."
	if len(f.Spoilt) > 0 {
		said = fmt.Sprintf("It loses more than learning may cost (%s): it isn't offered.", strings.Join(f.Spoilt, ", "))
	}
	return said + fmt.Sprintf(" It would have changed %d of %d reports: the last list.", f.Replay.Changed, f.Replay.Reports)
}

// ownHints say where the truth that both models are held against came from the model in use, or against it.
func ownHints(f *learning.Figures) (hints []string) {
	if f.Stood > 0 {
		hints = append(hints, fmt.Sprintf("category: %d of %d are the machine's own proposal, which nobody changed: the model in use is right there by its own word.\n"+
			"Its share says how seldom people changed a category, not how often it is right.", f.Stood, train.Asked(f.Own, train.Categorised)))
	}
	if train.Asked(f.Own, train.Immediate)+train.Asked(f.Own, train.NotImmediate) > 0 {
		hints = append(hints, "immediate, high and their like: only where a person set the urgency, mostly since the machine's was wrong. The model in use looks worse there than it is.")
	}
	return hints
}

func printRows(out *printer, rows []train.Row) {
	out.printf("question\tof\tcurrent\tcandidate\tdifference\n")
	for _, r := range rows {
		of := r.Question
		if r.Language+r.Category != "" {
			of += " " + r.Language + r.Category
		}
		out.printf("%s\t%d\t%s\t%s\t%+.3f (%+.3f to %+.3f)\n", of, r.Of, share(r.Current, r.Of), share(r.Candidate, r.Of), r.Difference, r.Low, r.High)
	}
}

// share is how often something was right, with its interval of 95%.
func share(n, of int) string {
	low, high := audit.Wilson(n, of)
	return fmt.Sprintf("%.3f (%.3f to %.3f)", float64(n)/float64(max(of, 1)), low, high)
}

func proposed(p review.Proposal) string {
	said := p.Category + " " + string(p.Urgency)
	if p.SetAside {
		said += ", set aside"
	}
	if p.Refuse {
		said += ", refuse"
	}
	return said
}
