package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"text/tabwriter"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/train"
)

// trainCommand makes models: the one that screening ships with, and a line's own.
type trainCommand struct {
	lineFlags
	Out string `help:"Make the model that comes with the program, and write it to this file." type:"path" placeholder:"FILE" xor:"act"`

	Line bool `help:"Train a model on what the line's people decided, compare it with the one in use, replay the same days, and offer it." xor:"act"`
	Days int  `help:"How many days of decisions to learn from, and of reports to replay." default:"90" placeholder:"N"`
	Dry  bool `help:"With --line: print what came out, and offer nothing."`
	JSON bool `help:"With --line and --list: print JSON."`

	List     bool   `help:"List the line's own models." xor:"act"`
	Propose  string `help:"Stand for the offered model of that version." placeholder:"VERSION" xor:"act"`
	Approve  string `help:"Adopt the model of that version, which another person proposed." placeholder:"VERSION" xor:"act"`
	Decline  string `help:"Decline it." placeholder:"VERSION" xor:"act"`
	Rollback bool   `help:"Ask to return to the model of before, or to the one that comes with the program; or agree, where another person asked within the last day." xor:"act"`

	By             string `help:"Who proposes, approves, declines or goes back." placeholder:"NAME"`
	PassphraseFile string `help:"File whose first line is that person's passphrase." type:"path" placeholder:"FILE"`
}

// Help is shown by --help below the flags.
func (c *trainCommand) Help() string {
	return `One of --out, --line, --list, --propose, --approve, --decline and --rollback says what to do.

--out trains the model that comes with the program, from the texts and word lists that come with it. The same program makes the same bytes
on every machine. It needs about a minute of processor time, no line, and no network.

--line learns from the reports that people decided about, beside those texts, and takes some minutes. On standard output the verdict, then how often the
model in use and the candidate are right on reports that neither learned from, by question, language and category, with intervals of 95%;
how they do on the written texts; and which of the last days' reports the candidate would have screened otherwise (ids, no words). Nothing
changes by it: a lead or an admin proposes the candidate, another lead adopts it, here or at /models of the desk. A candidate that loses too much
is not offered (exit code 3). To go back takes two people as well.

Examples:
  heed train --out model.bin.gz && cmp model.bin.gz internal/screening/model.bin.gz
  heed train --line --days 90
  heed train --line --dry --json | jq '.own[] | select(.language == null and .category == null)'
  heed train --propose line-1a2b3c4d --by ana --passphrase-file ana.txt
  heed train --approve line-1a2b3c4d --by lea --passphrase-file lea.txt
  heed train --rollback --by ana --passphrase-file ana.txt
  heed train --rollback --by lea --passphrase-file lea.txt`
}

// Run does what the flags say.
func (c *trainCommand) Run(ctx context.Context, s *surroundings, log *slog.Logger) error {
	decides := c.Propose + c.Approve + c.Decline
	switch {
	case c.Dry && !c.Line: // who asks for that believes that nothing happens
		return usagef("--dry is for --line")
	case c.JSON && !c.Line && !c.List:
		return usagef("--json is for --line and --list")
	case c.Out != "":
		return c.shipped(s)
	case !c.Line && !c.List && !c.Rollback && decides == "":
		return usagef("say what to do: --out FILE, --line, --list, --propose, --approve, --decline or --rollback")
	case c.Days < 1:
		return usagef("--days must be 1 or more")
	case (decides != "" || c.Rollback) && (c.By == "" || c.PassphraseFile == ""):
		return usagef("who does it? --by NAME --passphrase-file FILE; or do it at /models of the desk")
	}
	l, err := openThere(ctx, s, log, c.lineFlags)
	if err != nil {
		return err
	}
	defer l.close()
	models, err := l.newModels(ctx)
	if err != nil {
		return err
	}
	switch {
	case c.Line:
		return c.learn(ctx, s, l, models)
	case c.List:
		return c.list(ctx, s, models)
	case c.Rollback:
		return c.rollBack(ctx, s, l, models)
	}
	return c.decide(ctx, s, l, models, decides)
}

// shipped makes the model that comes with the program.
func (c *trainCommand) shipped(s *surroundings) error {
	file, err := train.Shipped()
	if err != nil {
		return fmt.Errorf("training: %w", err)
	}
	if file, err = learn.Pack(file); err != nil {
		return err
	}
	if err := os.WriteFile(c.Out, file, 0o644); err != nil {
		return fmt.Errorf("writing the model: %w", err)
	}
	_, err = fmt.Fprintf(s.Stdout, "%s: %d bytes\n", c.Out, len(file))
	return err
}

// learn trains a candidate, prints what came out, and offers it.
func (c *trainCommand) learn(ctx context.Context, s *surroundings, l *line, models *learning.Service) error {
	said := &printer{w: s.Stderr}
	steps := newSteps(s.Stderr, progressEvery)
	t, err := models.Train(ctx, l.newReview(nil, models.Model), c.Days, steps.next)
	steps.done()
	if errors.Is(err, heed.ErrInvalid) {
		return usagef("too little to learn from in %d days: %w", c.Days, err)
	}
	if err != nil {
		return err
	}
	names, err := l.auth.Names(ctx)
	if err != nil {
		return err
	}
	print := func() error { return printFigures(s.Stdout, &t.Figures, names) }
	if c.JSON {
		print = func() error { return printJSON(s, t.Figures) }
	}
	if err := errors.Join(said.err, print()); err != nil {
		return err
	}
	if len(t.Figures.Spoilt) > 0 {
		return &exitError{exitLeftOver, fmt.Errorf("%s loses more than learning may cost (%v): it isn't offered", t.Figures.Version, t.Figures.Spoilt)}
	}
	if c.Dry {
		return nil
	}
	m, err := models.Offer(ctx, t)
	if err != nil {
		return err
	}
	said.printf("%s is offered. A lead or an admin proposes it, another lead adopts it: at /models of the desk, or heed train --propose %s --by NAME\n", m.Version, m.Version)
	return said.err
}

func printJSON(s *surroundings, v any) error {
	encoder := json.NewEncoder(s.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// listed is one line of --list.
type listed struct {
	Version    string     `json:"version"`
	State      string     `json:"state"`
	End        string     `json:"end,omitempty"`
	MadeAt     time.Time  `json:"made_at"`
	ProposedBy string     `json:"proposed_by,omitempty"`
	SecondBy   string     `json:"second_by,omitempty"`
	DropBy     *time.Time `json:"drop_by,omitempty"`
	Fault      string     `json:"fault,omitempty"`
}

// list prints the line's own models, newest first.
func (c *trainCommand) list(ctx context.Context, s *surroundings, models *learning.Service) error {
	all, err := models.List(ctx)
	if err != nil {
		return err
	}
	used, fault := models.Status()
	rows := []listed{}
	for _, m := range all {
		row := listed{
			Version: m.Version, State: string(m.State), End: string(m.End), MadeAt: m.MadeAt, ProposedBy: string(m.ProposedBy), SecondBy: string(m.SecondBy),
		}
		if !m.DropBy.IsZero() && m.State != heed.ModelEnded {
			row.DropBy = &m.DropBy
		}
		if used != nil && used.ID == m.ID {
			row.Fault = string(fault)
		}
		rows = append(rows, row)
	}
	if c.JSON {
		return printJSON(s, rows)
	}
	table := tabwriter.NewWriter(s.Stdout, 0, 0, 2, ' ', 0)
	out := &printer{w: table}
	for _, r := range rows {
		state, drop := r.State, "-"
		for _, more := range []string{r.End, r.Fault} {
			if more != "" {
				state += "," + more
			}
		}
		if r.DropBy != nil {
			drop = "ends " + r.DropBy.UTC().Format(time.DateOnly)
		}
		out.printf("%s\t%s\t%s\t%s\n", r.Version, state, r.MadeAt.UTC().Format(time.RFC3339), drop)
	}
	return errors.Join(out.err, table.Flush())
}

func (c *trainCommand) rollBack(ctx context.Context, s *surroundings, l *line, models *learning.Service) error {
	by, err := c.person(ctx, l)
	if err != nil {
		return err
	}
	to, err := models.RollBack(ctx, by, "")
	if errors.Is(err, heed.ErrConflict) {
		return usagef("the line has no model of its own: it screens by %s", screening.Shipped().Version)
	}
	if errors.Is(err, heed.ErrForbidden) {
		return usagef("%s may not: a lead or an admin asks to go back, a lead who is another person agrees", by.Name)
	}
	if err := modelFault(err, by.Name, "the model in use"); err != nil {
		return err
	}
	said := "the line screens by " + to
	if to == "" {
		said = "asked; another person, a lead, does the same within a day"
	}
	_, err = fmt.Fprintln(s.Stdout, said)
	return err
}

// person is who --by names, after their passphrase was checked.
func (c *trainCommand) person(ctx context.Context, l *line) (*heed.Staff, error) {
	passphrase, err := readSecretFile(c.PassphraseFile)
	if err != nil {
		return nil, err
	}
	by, err := l.auth.Confirm(ctx, c.By, passphrase)
	if errors.Is(err, heed.ErrForbidden) {
		return nil, usagef("the passphrase isn't %s's", c.By)
	}
	return by, err
}

// decide does one person's part.
func (c *trainCommand) decide(ctx context.Context, s *surroundings, l *line, models *learning.Service, version string) error {
	by, err := c.person(ctx, l)
	if err != nil {
		return err
	}
	act, state, done := models.Propose, heed.ModelOffered, "proposed"
	switch {
	case c.Approve != "":
		act, state, done = models.Approve, heed.ModelProposed, "adopted"
	case c.Decline != "":
		act, state, done = models.Decline, heed.ModelProposed, "declined"
	}
	all, err := models.List(ctx)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Version != version || m.State != state {
			continue
		}
		if err := modelFault(act(ctx, by, m.ID), by.Name, version); err != nil {
			return err
		}
		_, err := fmt.Fprintf(s.Stdout, "%s: %s\n", version, done)
		return err
	}
	return usagef("no model %s is %s (heed train --list)", version, state)
}

// modelFault says in words for the terminal what kept an act on a model.
func modelFault(err error, by, version string) error {
	var problem *heed.Problem
	switch {
	case errors.As(err, &problem) && problem.Code == "one-hand":
		return usagef("%s and %s don't count as two people yet: in the last seven days a link of %s let in one of them, or both; somebody else has to be the second person [%s]",
			problem.Args["First"], by, problem.Args["Admin"], problem.Code)
	case errors.As(err, &problem):
		return usagef("%s was compared with another model than the one in use, or trained beside other rules: train anew [%s]", version, problem.Code)
	case errors.Is(err, heed.ErrForbidden):
		return usagef("%s may not: a lead or an admin proposes, a lead who is another person decides", by)
	case errors.Is(err, heed.ErrSealed), errors.Is(err, heed.ErrGone):
		return fmt.Errorf("%s is damaged: %w", version, err)
	case errors.Is(err, heed.ErrConflict):
		return usagef("%s isn't in that state any more (heed train --list)", version)
	}
	return err
}
