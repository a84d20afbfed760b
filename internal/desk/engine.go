package desk

import (
	"errors"
	"net/http"
	"slices"

	"golang.org/x/text/language"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/engine"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/web"
)

type enginePage struct {
	frame
	Back    string
	Heading string
	Failed  bool
	Answer  []marked // what the machine wrote
	Lang    string
	Made    string // by which model
	Cut     bool
	Text    []marked // what the reporter wrote
}

// engineOffers are what the line's engine can be asked about a report; none where it has none or the report is not for it.
func (s speaker) engineOffers(v *review.View) []option {
	if !v.ForEngine() {
		return nil
	}
	var out []option
	for _, t := range engine.Tasks {
		if t == engine.Translation && s.reads(v.Screening) {
			continue
		}
		out = append(out, option{ID: string(t), Label: s.T("engine." + string(t))})
	}
	return out
}

// reads says that a text is in the reader's own language, and in no other beside it.
func (s speaker) reads(sc *heed.Screening) bool {
	own, _ := language.Make(s.Lang()).Base()
	of, confidence := language.Make(sc.Language).Base()
	return confidence == language.Exact && len(sc.Languages) < 2 && of == own && scriptOf(sc.Language) == scriptOf(s.Lang())
}

// scriptOf is the script that a tag names, or in which its language is mostly written.
func scriptOf(tag string) language.Script {
	script, _ := language.Make(tag).Script()
	return script
}

// askEngine shows what the line's engine makes of a report, beside the reporter's own words. It is kept nowhere, so the
// page is the answer to the request itself.
func (d *Desk) askEngine(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, p, err := target(r)
	if err != nil {
		return err
	}
	task := engine.Task(r.PostFormValue("task"))
	if !slices.Contains(engine.Tasks[:], task) {
		return heed.ErrNotFound
	}
	web.ExtendAnswer(r.Context(), d.Profile.Engines.Language.Timeout)
	f := d.frame(r, me)
	helped, err := d.Review.AskEngine(r.Context(), me, id, task, f.Lang())
	page := enginePage{frame: f, Back: p.Report(id), Heading: f.T("engine." + string(task)), Lang: f.Lang()}
	switch {
	case errors.Is(err, engine.ErrUnavailable) || errors.Is(err, engine.ErrForeign):
		if r.Context().Err() != nil {
			return err
		}
		d.Log.Warn("desk: the engine gives no answer", "error", err)
		page.Failed = true
		return d.site.Render(w, http.StatusServiceUnavailable, "engine", page)
	case err != nil:
		return err
	}
	page.Answer, page.Text = unmarked(helped.Answer.Text), unmarked(helped.Text)
	page.Made, page.Cut = f.T("engine.made", "Model", helped.Answer.Model), helped.Answer.Cut
	return d.site.Render(w, http.StatusOK, "engine", page)
}

// unmarked is a text in which only what deceives the eye is marked.
func unmarked(text string) (out []marked) {
	for _, seg := range segments(text, nil) {
		out = append(out, marked{segment: seg})
	}
	return out
}
