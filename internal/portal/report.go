package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
	"github.com/heed-line/heed/internal/web/question"
)

// formLimits are what a form says that may be sent.
type formLimits struct {
	Text, Files int
	FileBytes   int64
}

// FileMB is the largest file, in MiB as problems word it.
func (l formLimits) FileMB() int64 { return l.FileBytes >> 20 }

// formPage is one page of the form.
type formPage struct {
	page
	*draft
	Token     string // the sealed draft
	Name      string // which page it is
	Limits    formLimits
	Custodian bool   // an Identity can be given
	Accept    string // hint to the browser's file picker
	// Own are the words of a reporter who stays anonymous that seem to say who they are.
	Own []string
}

func (p *portal) reportStart(w http.ResponseWriter, r *http.Request) {
	p.showForm(w, r, p.site.Voice(r, ""), http.StatusOK, &draft{Born: p.Now()}, pageText, nil)
}

// report takes every page of the form: what was typed goes into the draft, and the button that was pressed says which
// page comes next.
func (p *portal) report(w http.ResponseWriter, r *http.Request) {
	v := p.site.Voice(r, "")
	reader := formReader{intake: p.Intake, limit: p.Profile.Limits.Files, total: p.Profile.Limits.ReportBytes, keeps: true, names: typedFields}
	form, err := reader.read(w, r)
	if tag := form.get("lang"); tag != "" && err == nil {
		v = p.site.VoiceIn(tag)
	}
	page := form.get("page")
	if !slices.Contains(formPages[:], page) {
		page = pageText
	}
	d, known := p.openDraft(form.get("draft"))
	if err != nil {
		p.reportAgain(w, r, v, d, page, form, known, err)
		return
	}
	// The first page brings no draft; any other without one was open for too long, or isn't from us.
	stale := !known && (page != pageText || form.get("draft") != "")
	d.take(page, form)
	removed, problems := p.takeFiles(r, d, form)
	problems = append(problems, form.problems...)
	uploadProblems, err := p.takeUploads(r, d, form)
	if err != nil {
		p.fail(w, r, v, "take uploads", err)
		return
	}
	problems = append(problems, uploadProblems...)
	if page == pageFiles {
		p.takeTells(d, form.text("tells"))
	}
	switch {
	case stale:
		p.showForm(w, r, v, http.StatusBadRequest, d, pageText, append(heed.Problems{{Code: "draft-stale"}}, problems...))
	case len(problems) > 0:
		p.showForm(w, r, v, web.ProblemStatus(problems), d, page, problems)
	case removed:
		p.showForm(w, r, v, http.StatusOK, d, pageFiles, nil)
	default:
		p.turn(w, r, v, d, page, form)
	}
}

// reportAgain gives back what could be read of a page that came broken. known says that it brought the draft of a page of ours.
func (p *portal) reportAgain(w http.ResponseWriter, r *http.Request, v *web.Voice, d *draft, page string, form *posted, known bool, err error) {
	ps := web.Faults(err)
	if len(ps) == 0 || !known && (page != pageText || form.get("text")+form.get("occurred")+form.get("place") == "") {
		p.discard(r, form.files)
		p.fail(w, r, v, "read a form", err)
		return
	}
	form.fields["remove"] = "" // part of it must not be done
	ps = append(slices.Clone(ps), d.takePart(page, form)...)
	_, tooMany := p.takeFiles(r, d, form)
	ps = append(ps, tooMany...)
	arrived, err := p.takeUploads(r, d, form)
	if err != nil {
		p.fail(w, r, v, "take uploads", err)
		return
	}
	if page == pageFiles {
		p.takeTells(d, form.text("tells"))
	}
	p.showForm(w, r, v, web.ProblemStatus(ps), d, page, append(ps, arrived...))
}

// pressed is the button that sent the form: go's value, or "enter" where the Enter key chose the page's forward one.
func pressed(form *posted) string {
	if g := form.get("go"); g != "" {
		return g
	}
	return form.get("enter")
}

// turn leads to the page that a button asks for.
func (p *portal) turn(w http.ResponseWriter, r *http.Request, v *web.Voice, d *draft, page string, form *posted) {
	switch button := pressed(form); button {
	case "back":
		p.showForm(w, r, v, http.StatusOK, d, neighbour(page, -1), nil)
	case "next":
		if ps := p.check(r, d, v.Lang(), page); len(ps) > 0 {
			p.showForm(w, r, v, web.ProblemStatus(ps), d, page, ps)
			return
		}
		if page == pageCheck {
			p.send(w, r, v, d, form.get("pass"))
			return
		}
		p.showForm(w, r, v, http.StatusOK, d, d.after(page), nil)
	case pageText, pageFiles, pageWho: // "change" on the last page
		p.showForm(w, r, v, http.StatusOK, d, button, nil)
	default: // the language switch, files added
		p.showForm(w, r, v, http.StatusOK, d, page, nil)
	}
}

// take puts what was typed on a page into the draft, good or not: going back must lose nothing.
func (d *draft) take(page string, form *posted) {
	if page != pageCheck {
		d.ID, d.Receipt = "", "" // what is sent from now on may be another report
	}
	switch page {
	case pageText:
		d.TakeStory(form.get)
	case pageWho:
		d.TakeWho(form.get)
	}
}

// takePart puts what could be read of a broken form into the draft, and says of which fields the end may be missing. What didn't come stays
// as it was, and so does what is longer than the part of it that came.
func (d *draft) takePart(page string, form *posted) (ps heed.Problems) {
	before := d.Answers
	d.take(page, form)
	for _, f := range []struct {
		name        string
		now, before *string
	}{
		{"text", &d.Text, &before.Text}, {"occurred", &d.Occurred, &before.Occurred}, {"place", &d.Place, &before.Place},
		{"name", &d.Identity.Name, &before.Identity.Name}, {"phone", &d.Identity.Phone, &before.Identity.Phone},
		{"email", &d.Identity.Email, &before.Identity.Email}, {"address", &d.Identity.Address, &before.Identity.Address},
	} {
		if pageOf(typedFields[f.name]) != page {
			continue
		}
		cut := form.cutFault(f.name)
		if _, came := form.fields[f.name]; !came || len(cut) > 0 && len(*f.now) < len(*f.before) {
			*f.now = *f.before
			continue
		}
		ps = append(ps, cut...)
	}
	return ps
}

// check says what is wrong with a page, or with all of them where it is the last.
func (p *portal) check(r *http.Request, d *draft, lang, page string) heed.Problems {
	if !p.IdentityAvailable(r.Context()) {
		d.Who = question.Anonymous
	}
	ps := d.Wrong(web.Faults(p.Intake.Check(d.submission(lang))))
	if page == pageCheck {
		return ps
	}
	return slices.DeleteFunc(ps, func(q *heed.Problem) bool { return pageOf(q.Field) != page })
}

// showForm shows a page of the form with what is wrong on it.
func (p *portal) showForm(w http.ResponseWriter, r *http.Request, v *web.Voice, status int, d *draft, name string, ps heed.Problems) {
	ps = onFiles(ps)
	if name == pageCheck && len(ps) > 0 && ps[0].Field != "" {
		name = pageOf(ps[0].Field)
	}
	if name == pageCheck {
		d.Checked = true
		if d.ID == "" {
			d.ID, d.Receipt = heed.NewID(p.Now()), seal.NewReceipt()
		}
	}
	token, err := p.sealDraft(d)
	if err != nil {
		p.fail(w, r, v, "seal a draft", err)
		return
	}
	step := slices.Index(formPages[:], name) + 1
	data := formPage{page: p.page(v, "/report", step+1), draft: d, Token: token, Name: name}
	data.Form, data.Step, data.Steps, data.Home = "form", step, len(formPages), false
	data.Limits.Text, data.Limits.Files, data.Limits.FileBytes = p.Profile.Limits.Text, p.Profile.Limits.Files, p.Profile.Limits.FileBytes
	data.Custodian = p.IdentityAvailable(r.Context())
	if name == pageCheck && d.Who != question.Named {
		data.Own = p.own(d, v.Lang())
	}
	data.withFaults(ps)
	p.show(w, r, status, name, data)
}

// own looks for what the reporter may have said about themself, in every field that the report is made of.
func (p *portal) own(d *draft, lang string) (words []string) {
	for _, text := range []string{d.Text, d.Occurred, d.Place} {
		words = append(words, p.OwnDetails(text, lang)...)
	}
	return words
}

type receiptPage struct {
	page
	Receipt    string // grouped by fives
	ReceivedAt time.Time
	Screening, Preliminary,
	Conclusion time.Duration
}

// Groups are the Receipt's groups of five digits.
func (r receiptPage) Groups() []string { return strings.Fields(r.Receipt) }

// send hands the draft to intake, and shows the Receipt once the report is durable. Where too much comes in it shows what to
// do first, with the draft in the page.
func (p *portal) send(w http.ResponseWriter, r *http.Request, v *web.Voice, d *draft, pass string) {
	if demand, shed := flood.IsDemand(p.enter(r, flood.Submission, pass)); shed {
		p.holdDraft(w, r, v, d, demand)
		return
	}
	awaitUploads(r.Context(), d.Uploads)
	if d.ID == "" { // who never saw the last page; every draft is one of its own to once
		d.ID, d.Receipt = heed.NewID(p.Now()), seal.NewReceipt()
	}
	accepted, err := p.submitOnce(r.Context(), d.submission(v.Lang()))
	if ps := web.Faults(err); len(ps) > 0 {
		p.showForm(w, r, v, web.ProblemStatus(ps), d, pageCheck, ps)
		return
	}
	if ps, ok := busy(err); ok {
		p.showForm(w, r, v, http.StatusServiceUnavailable, d, pageCheck, ps)
		return
	}
	if left(r, err) {
		return
	}
	if err != nil {
		p.Log.Error("portal: submit a report", "error", fmt.Errorf("submit: %w", err))
		p.showForm(w, r, v, http.StatusInternalServerError, d, pageCheck, heed.Problems{{Code: "internal"}})
		return
	}
	if accepted == nil {
		p.fail(w, r, v, "submit a report", errors.New("no acceptance"))
		return
	}
	deadlines := p.Profile.Deadlines
	p.show(w, r, http.StatusOK, "receipt", receiptPage{
		page: p.page(v, "/report", 6), Receipt: accepted.Receipt.Grouped(), ReceivedAt: accepted.ReceivedAt,
		Screening: deadlines.Screening, Preliminary: deadlines.Preliminary, Conclusion: deadlines.Conclusion,
	})
}

// submitOnce hands a draft to intake. Files are put together for it once, however often its form is sent meanwhile, and to the end although
// the line to its sender breaks: whoever sends the form again waits for that and gets the same Receipt. Who leaves before has left the line
// for a Receipt, and whoever sent the form again takes their place.
func (p *portal) submitOnce(ctx context.Context, sub intake.Submission) (accepted *intake.Acceptance, err error) {
	if len(sub.Uploads) == 0 {
		return p.Intake.Submit(ctx, sub)
	}
	sub.Lasting = true
	ours, err := p.once.do(ctx, "report "+string(sub.ID), func() (err error) {
		accepted, err = p.Intake.Submit(ctx, sub)
		return err
	})
	if !ours && err == nil {
		return p.Intake.Submit(ctx, sub) // which finds it stored
	}
	return accepted, err
}

// holdDraft shows what to do before the draft is sent.
func (p *portal) holdDraft(w http.ResponseWriter, r *http.Request, v *web.Voice, d *draft, demand *flood.Demand) {
	token, err := p.sealDraft(d)
	if err != nil {
		p.fail(w, r, v, "seal a draft", err)
		return
	}
	p.waitFor(w, r, v, "/report", demand, held{"page", pageCheck}, held{"draft", token})
}
