package desk

import (
	"errors"
	"math"
	"net/http"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/learning"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/train"
	"github.com/heed-line/heed/internal/web"
)

// modelsPage shows by which model the line screens, and what could take its place.
type modelsPage struct {
	frame
	Shipped     bool // the line screens by the shipped model
	Version     string
	Used        *modelRow
	Fault       string
	MayRollBack bool
	Former      string // what a rollback returns to
	Asked       string // who asked for that and waits for another person; "" where nobody does
	Candidates  []candidate
	Ended       []modelRow
}

type modelRow struct {
	ID                 heed.ID
	Version, State, By string
	Made               time.Time
	DropBy             time.Time
}

// candidate is a model that somebody may propose or adopt, with its figures.
type candidate struct {
	modelRow
	Damaged               bool
	Intro                 string
	MayPropose, MayDecide bool
	Own, Written          []figureTable
	OwnHints              []string // why some of Own say less than they seem to
	Accounts              []wordsRow
	Replay                string
	Changes               []changeRow
	Hidden                string // how many changes aren't shown
}

// figureTable is one sort of texts: all, those of a language, those of a category.
type figureTable struct {
	Title string
	Rows  []figureRow
}

type figureRow struct {
	Question                           string
	Of                                 int
	Current, Candidate, Difference     string
	CurrentRange, CandidateRange, Span string
}

type wordsRow struct {
	Name, Share string
	Words       int
}

type changeRow struct {
	Short, Href, Was, Would string
}

// models is the page of the line's models.
func (d *Desk) models(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showModels(w, r, me, nil)
}

func (d *Desk) showModels(w http.ResponseWriter, r *http.Request, me *heed.Staff, fault *heed.Problem) error {
	all, err := d.Models.Models(r.Context(), me)
	if err != nil {
		return err
	}
	page := modelsPage{frame: d.frame(r, me), Shipped: true, Version: screening.Shipped().Version}
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	if used, why := d.Models.Status(); used != nil {
		row := modelRowOf(s, used)
		page.Used, page.MayRollBack = &row, auth.Allow(me, auth.ModelRollBack, auth.Resource{}) == nil
		first, err := d.Models.Asked(r.Context())
		if err != nil {
			return err
		}
		if first != nil {
			page.Asked = s.who(first.By)
			page.MayRollBack = auth.Allow(me, auth.ModelDecide, auth.Resource{By: first.By}) == nil
		}
		if why != "" {
			page.Fault = s.T("models.fault-" + string(why))
		} else {
			page.Shipped, page.Version = false, used.Version
		}
		page.Former = screening.Shipped().Version
	}
	for _, m := range all {
		switch m.State {
		case heed.ModelOffered, heed.ModelProposed:
			c, err := d.candidate(r, s, me, m)
			if err != nil {
				return err
			}
			page.Candidates = append(page.Candidates, c)
		case heed.ModelFormer:
			page.Former = m.Version
			page.Ended = append(page.Ended, modelRowOf(s, m))
		case heed.ModelEnded:
			page.Ended = append(page.Ended, modelRowOf(s, m))
		}
	}
	status := http.StatusOK
	if fault != nil {
		page.addFault(fault)
		status = web.ProblemStatus(heed.Problems{fault})
	}
	return d.site.Render(w, status, "models", page)
}

func modelRowOf(s speaker, m *heed.LineModel) modelRow {
	row := modelRow{ID: m.ID, Version: m.Version, Made: m.MadeAt, DropBy: m.DropBy, State: s.T("models.state-" + string(m.State))}
	if m.State == heed.ModelEnded {
		row.State = s.T("models.end-" + string(m.End))
	}
	switch {
	case m.SecondBy != "":
		row.By = s.T("models.by-two", "First", s.who(m.ProposedBy), "Second", s.who(m.SecondBy))
	case m.ProposedBy != "":
		row.By = s.T("models.by-one", "First", s.who(m.ProposedBy))
	}
	return row
}

func (d *Desk) candidate(r *http.Request, s speaker, me *heed.Staff, m *heed.LineModel) (candidate, error) {
	c := candidate{modelRow: modelRowOf(s, m)}
	c.MayPropose = m.State == heed.ModelOffered && auth.Allow(me, auth.ModelPropose, auth.Resource{}) == nil
	c.MayDecide = m.State == heed.ModelProposed && auth.Allow(me, auth.ModelDecide, auth.Resource{By: m.ProposedBy}) == nil
	f, err := d.Models.Figures(r.Context(), me, m.ID)
	if errors.Is(err, heed.ErrGone) || errors.Is(err, heed.ErrSealed) {
		c.Damaged, c.MayPropose = true, false
		return c, nil
	}
	if err != nil {
		return c, err
	}
	c.Intro = s.T("models.intro-candidate", "Reports", f.Reports, "From", s.Day(f.From), "Until", s.Day(f.Until), "Against", f.Against)
	c.Own, c.Written = figureTables(s, f.Own), figureTables(s, f.Written)
	c.OwnHints = ownHints(s, f)
	for _, a := range f.Accounts {
		c.Accounts = append(c.Accounts, wordsRow{s.who(heed.ID(a.By)), s.percent(a.Weight), a.Words})
	}
	c.Replay = s.T("models.replay-words", "Changed", f.Replay.Changed, "Reports", f.Replay.Reports, "From", s.Day(f.Replay.Since))
	for _, change := range f.Replay.Changes {
		c.Changes = append(c.Changes, changeRowOf(s, me, change))
	}
	if more := f.Replay.Changed - len(f.Replay.Changes); more > 0 {
		c.Hidden = s.T("models.replay-hidden", "Count", more)
	}
	return c, nil
}

// figureTables sorts the rows: all together, then language by language and category by category.
func figureTables(s speaker, rows []train.Row) []figureTable {
	var out []figureTable
	at := map[[2]string]int{}
	for _, r := range rows {
		of := [2]string{r.Language, r.Category}
		k, known := at[of]
		if !known {
			k = len(out)
			at[of] = k
			title := s.T("models.all")
			if r.Language != "" {
				title = s.language(r.Language)
			} else if r.Category != "" {
				title = s.category(r.Category)
			}
			out = append(out, figureTable{Title: title})
		}
		out[k].Rows = append(out[k].Rows, figureRowOf(s, r))
	}
	return out
}

// ownHints say where the truth that both models are held against came from the model in use, or against it.
func ownHints(s speaker, f *learning.Figures) (hints []string) {
	if f.Stood > 0 {
		hints = append(hints, s.T("models.stood-hint", "Stood", f.Stood, "Of", train.Asked(f.Own, train.Categorised)))
	}
	if train.Asked(f.Own, train.Immediate)+train.Asked(f.Own, train.NotImmediate) > 0 {
		hints = append(hints, s.T("models.urgency-hint"))
	}
	return hints
}

func figureRowOf(s speaker, r train.Row) figureRow {
	ranged := func(n int) (share, span string) {
		low, high := audit.Wilson(n, r.Of)
		return s.percent(float64(n) / float64(max(r.Of, 1))), s.T("models.range", "Low", s.percent(low), "High", s.percent(high))
	}
	row := figureRow{Question: s.T("models.question-" + r.Question), Of: r.Of, Difference: s.points(r.Difference)}
	row.Current, row.CurrentRange = ranged(r.Current)
	row.Candidate, row.CandidateRange = ranged(r.Candidate)
	row.Span = s.T("models.range", "Low", s.points(r.Low), "High", s.points(r.High))
	return row
}

// percent is a share to the tenth of a hundredth.
func (s speaker) percent(x float64) string {
	return s.T("desk.percent", "N", s.Fixed(100*x, 1))
}

// points is a difference of shares in hundredths, with its sign.
func (s speaker) points(x float64) string {
	sign := "+"
	if math.Signbit(x) {
		sign = "-"
	}
	return sign + s.Fixed(100*math.Abs(x), 1)
}

func changeRowOf(s speaker, me *heed.Staff, c review.Change) changeRow {
	row := changeRow{Short: c.Report.Short(), Was: s.proposal(c.Was), Would: s.proposal(c.Would)}
	if auth.Allow(me, auth.ReportRead, auth.Resource{Report: c.Report, Category: c.Of}) == nil {
		row.Href = "/reports/" + string(c.Report)
	}
	return row
}

// proposal is what a machine proposes, in words.
func (s speaker) proposal(p review.Proposal) string {
	said := s.T("models.proposal", "Category", s.category(p.Category), "Urgency", s.urgency(p.Urgency).Name)
	if p.SetAside {
		said = s.T("models.proposal-aside", "Said", said)
	}
	if p.Refuse {
		said = s.T("models.proposal-refuse", "Said", said)
	}
	return said
}

// modelPropose, modelApprove and modelDecline are one person's part each; the service knows whose it may be.
func (d *Desk) modelPropose(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.changeModels(w, r, me, func(id heed.ID) error { return d.Models.Propose(r.Context(), me, id) })
}

func (d *Desk) modelApprove(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.changeModels(w, r, me, func(id heed.ID) error { return d.Models.Approve(r.Context(), me, id) })
}

func (d *Desk) modelDecline(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.changeModels(w, r, me, func(id heed.ID) error { return d.Models.Decline(r.Context(), me, id) })
}

func (d *Desk) changeModels(w http.ResponseWriter, r *http.Request, me *heed.Staff, change func(heed.ID) error) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	return d.afterModels(w, r, me, change(id))
}

// modelRollBack is one person's word for the model of before; with the second the line returns to it. The address
// names the model in use, as the person saw it.
func (d *Desk) modelRollBack(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.changeModels(w, r, me, func(id heed.ID) error {
		_, err := d.Models.RollBack(r.Context(), me, id)
		return err
	})
}

func (d *Desk) afterModels(w http.ResponseWriter, r *http.Request, me *heed.Staff, err error) error {
	var problem *heed.Problem
	switch {
	case err == nil:
		http.Redirect(w, r, "/models", http.StatusSeeOther)
		return nil
	case errors.As(err, &problem):
		return d.showModels(w, r, me, problem)
	case errors.Is(err, heed.ErrConflict), errors.Is(err, heed.ErrGone):
		return d.showModels(w, r, me, &heed.Problem{Code: "model-over"})
	case errors.Is(err, heed.ErrSealed):
		return d.showModels(w, r, me, &heed.Problem{Code: "model-damaged"})
	}
	return err
}

// modelFault reports whether those who may see the models must be told on every page that the line's own can't be used.
func (d *Desk) modelFault(me *heed.Staff) bool {
	if auth.Allow(me, auth.ModelSee, auth.Resource{}) != nil {
		return false
	}
	_, fault := d.Models.Status()
	return fault != learning.Fault("")
}

// modelNews says, in words, what the reader is to be told of the line's models on every page.
func (d *Desk) modelNews(r *http.Request, v *web.Voice, me *heed.Staff) (words []string) {
	all, err := d.Models.News(r.Context(), me)
	if err != nil && r.Context().Err() == nil {
		d.Log.Error("desk: reading what is new of the line's models", "error", err)
	}
	for _, n := range all {
		words = append(words, v.T("models.news-"+string(n.Kind), "Day", v.Day(n.At)))
	}
	return words
}
