package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/calibrate"
)

// screeningCommand tells of the screening of a line.
type screeningCommand struct {
	Threshold thresholdCommand `cmd:"" help:"Say under which relevance the line sets reports aside, and what that rests on."`
}

// thresholdCommand tells what is set aside.
type thresholdCommand struct {
	lineFlags
	Fit  bool `help:"Fit it again to what people decided, before it is told."`
	JSON bool `help:"Print a JSON object."`
}

// Help is shown by --help below the flags.
func (c *thresholdCommand) Help() string {
	return `A line sets aside, for a person to confirm, what the machine takes for irrelevant. How far it may go is fitted once a day to what its people
decided in the last year, so that, with the confidence that the profile states, no more of the relevant reports is set aside than the profile allows.
Without enough decisions nothing is set aside. Those of whichever person decided most are left out of the count, so that nobody moves it alone.

Examples:
  heed screening threshold --data /var/lib/heed
  heed screening threshold --fit --json | jq .evidence,.needed`
}

// toldThreshold is what --json prints: the threshold that is stored, and what is set aside by it now.
type toldThreshold struct {
	Under      float64 `json:"under"`      // what counts now; 0: nothing is set aside
	Calibrated bool    `json:"calibrated"` // something is, by the line's own decisions
	review.Threshold
}

// Run tells.
func (c *thresholdCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	line, err := openThere(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer line.close()
	models, err := line.newModels(ctx)
	if err != nil {
		return err
	}
	reports := line.newReview(nil, models.Model)
	if c.Fit {
		if _, err := reports.Calibrate(ctx); err != nil {
			return fmt.Errorf("fitting what is set aside: %w", err)
		}
	}
	var t review.Threshold
	var aside screening.Aside
	err = line.store.View(ctx, func(tx heed.Tx) (err error) {
		t, aside, err = reports.SetsAside(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("reading what is set aside: %w", err)
	}
	asked := line.profile.Screening.SetAside
	if t.At.IsZero() || t.Missed != asked.Missed || t.Confidence != asked.Confidence { // for what the profile now asks, nothing was fitted yet
		t.Missed, t.Confidence = asked.Missed, asked.Confidence
		t.Needed = calibrate.Needed(calibrate.Bound{Share: asked.Missed, Confidence: asked.Confidence})
	}
	told := toldThreshold{Under: aside.Below, Calibrated: aside.Calibrated, Threshold: t}
	if c.JSON {
		encoder := json.NewEncoder(s.Stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(told)
	}
	return told.print(s)
}

func (t toldThreshold) print(s *surroundings) error {
	table := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	out := &printer{w: table}
	if t.Under > 0 {
		out.printf("set aside\tunder a relevance of %.3f\n", t.Under)
	} else {
		out.printf("set aside\tnothing\n")
	}
	out.printf("bound\tat most %.4g %% of the relevant reports, %.4g %% sure\n", 100*t.Missed, 100*t.Confidence)
	out.printf("needed\t%d reports that people found relevant\n", t.Needed)
	out.printf("there\t%d, those of whoever decided most left out\n", t.Evidence)
	if !t.At.IsZero() {
		out.printf("of\t%d reports of %d people, %.0f %% of them one person's\n", t.Reports, t.Accounts, 100*t.Largest)
		out.printf("fitted\t%s, to the scores of %s\n", t.At.UTC().Format(time.RFC3339), t.Model)
	}
	if out.err != nil {
		return out.err
	}
	return table.Flush()
}
