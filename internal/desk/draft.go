package desk

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/web"
	"github.com/heed-line/heed/internal/web/question"
)

// slipKind tells the form's slip from every other sealed state.
const slipKind = "desk report"

// slipGrace is how long a form can be handed in after its draft's life: what was typed stands in the page still.
const slipGrace = 12 * time.Hour

// draftPage is the form of a report that is typed in: the portal's questions, and what there is to do about the call.
type draftPage struct {
	frame
	question.Answers
	ID        heed.ID
	Slip      string
	Languages []option
	Urgent    bool
	SavedAt   time.Time
	Talk      *talk // nil: it is typed in without a call
	Limits    struct{ Text int }
	Custodian bool // an Identity can be given
}

// FaultOf is what is wrong with one field of a Submission.
func (p draftPage) FaultOf(field string) string { return p.frame.FaultOf(question.Anchor(field)) }

// talk is the call beside the form.
type talk struct {
	Draft   heed.ID
	State   string // in words
	Code    heed.CallState
	Waits   string // since when the caller called
	Gone    bool   // the caller hung up, or a colleague has the call
	Talking bool
	Free    []option // colleagues to whom it can be handed
}

// talk is how the call of a draft stands; nil where it has none.
func (s speaker) talk(d *calltaker.Draft, p *calltaker.Panel) *talk {
	if d.Call == "" {
		return nil
	}
	t := &talk{Draft: d.ID}
	for _, c := range p.Free {
		t.Free = append(t.Free, option{ID: string(c.ID), Label: c.Name})
	}
	switch c := d.Talk; {
	case c == nil:
		t.Gone, t.State = true, s.T("calls.state-gone")
	case c.Taker == d.Staff:
		t.Code, t.Talking, t.State = c.State, c.State == heed.CallTalking, s.callState(c)
	case c.Taker == "" && c.Former == d.Staff:
		t.Code, t.State = c.State, s.T("calls.state-returned")
	default:
		t.Gone, t.State = true, s.T("calls.state-colleague")
	}
	if d.Talk != nil {
		t.Waits = s.T("calls.called", "Span", s.wait(d.Talk.Since))
	}
	return t
}

func (d *Desk) draftBegin(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := d.Calls.Begin(r.Context(), me, r.PostForm.Get("language"))
	if faults := web.Faults(err); faults != nil {
		return d.showCalls(w, r, me, faults)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/drafts/"+string(id), http.StatusSeeOther)
	return nil
}

func (d *Desk) draft(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	draft, err := d.Calls.Open(r.Context(), me, id)
	if err != nil {
		return err
	}
	answers := question.Answers{Text: draft.Text, Occurred: draft.Occurred, Place: draft.Place}
	return d.showDraft(w, r, me, draft, answers, "", nil)
}

// showDraft shows the form with what is wrong in it. The answers are those that were just typed: who the reporter is stands in no draft.
func (d *Desk) showDraft(w http.ResponseWriter, r *http.Request, me *heed.Staff, draft *calltaker.Draft, answers question.Answers, slip string, faults heed.Problems) error {
	page := draftPage{frame: d.frame(r, me), Answers: answers, ID: draft.ID, Slip: slip, Urgent: draft.Urgent, SavedAt: draft.SavedAt}
	if slip == "" {
		now := d.Now()
		sealed, err := d.DraftKey.Seal(slipKind, draft.NewSlip(), now, draft.Since.Add(heed.DraftLife+slipGrace).Sub(now))
		if err != nil {
			return err
		}
		page.Slip = sealed
	}
	p, err := d.Calls.Panel(r.Context(), me)
	if err != nil {
		return err
	}
	s := speaker{Voice: page.Voice, profile: d.Profile}
	page.Talk = s.talk(draft, p)
	page.Languages = s.spoken(d.Profile.Languages, draft.Language)
	page.Limits.Text = d.Profile.Limits.Text
	page.Custodian = d.IdentityAvailable(r.Context())
	status := http.StatusOK
	if faults != nil {
		status = web.ProblemStatus(faults)
		for _, f := range faults {
			page.Faults = append(page.Faults, fault{Anchor: question.Anchor(f.Field), Text: page.Problem(f)})
		}
	}
	return d.site.Render(w, status, "draft", page)
}

// draftAct saves what was typed, and does what the button says.
func (d *Desk) draftAct(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var answers question.Answers
	answers.TakeStory(clean(r))
	answers.TakeWho(clean(r))
	typed := calltaker.Typed{
		Text: answers.Text, Occurred: answers.Occurred, Place: answers.Place, Language: r.PostForm.Get("language"), Urgent: r.PostForm.Get("urgent") != "",
	}
	button := r.PostForm.Get("go")
	if button == "hand-in" {
		return d.handIn(w, r, me, id, answers, typed)
	}
	if button == "drop" {
		err := d.Calls.Drop(r.Context(), me, id)
		if faults := callFaults(err); faults != nil {
			return d.showTyped(w, r, me, id, answers, typed, faults)
		}
		if err != nil && !errors.Is(err, heed.ErrNotFound) {
			return err
		}
		http.Redirect(w, r, "/calls", http.StatusSeeOther)
		return nil
	}
	err = d.Calls.Save(r.Context(), me, id, typed)
	if errors.Is(err, heed.ErrNotFound) {
		gone := &heed.Problem{Code: "draft-gone"}
		if isPart(r) {
			return gone
		}
		return d.showTyped(w, r, me, id, answers, typed, heed.Problems{gone})
	}
	if err != nil {
		return err
	}
	if isPart(r) {
		return d.saved(w, r, me)
	}
	draft, err := d.Calls.Open(r.Context(), me, id)
	if err != nil {
		return err
	}
	switch button {
	case "hand":
		err = &heed.Problem{Field: "to", Code: "colleague-none"}
		if to := heed.ID(r.PostForm.Get("to")); to != "" {
			err = d.Calls.Hand(r.Context(), me, draft.Call, to)
		}
	case "back":
		err = d.Calls.Hand(r.Context(), me, draft.Call, "")
	case "end":
		err = d.Calls.End(r.Context(), me, draft.Call)
	default:
		return d.showDraft(w, r, me, draft, answers, r.PostForm.Get("slip"), nil)
	}
	if faults := callFaults(err); faults != nil {
		return d.showDraft(w, r, me, draft, answers, r.PostForm.Get("slip"), faults)
	}
	if err != nil {
		return err
	}
	if button != "end" {
		http.Redirect(w, r, "/calls", http.StatusSeeOther)
		return nil
	}
	// The caller has gone: what they said of themselves stands in this page alone.
	if draft, err = d.Calls.Open(r.Context(), me, id); err != nil {
		return err
	}
	return d.showDraft(w, r, me, draft, answers, r.PostForm.Get("slip"), nil)
}

// showTyped shows the form with what was just typed, whatever became of its draft.
func (d *Desk) showTyped(w http.ResponseWriter, r *http.Request, me *heed.Staff, id heed.ID, answers question.Answers, typed calltaker.Typed, faults heed.Problems) error {
	draft, err := d.Calls.Open(r.Context(), me, id)
	if errors.Is(err, heed.ErrNotFound) {
		draft, err = &calltaker.Draft{Draft: heed.Draft{ID: id, Staff: me.ID, Since: d.Now(), SavedAt: d.Now()}}, nil
	}
	if err != nil {
		return err
	}
	draft.Typed = typed
	return d.showDraft(w, r, me, draft, answers, r.PostForm.Get("slip"), faults)
}

// clean gives the form's fields without what no page can show again.
func clean(r *http.Request) func(string) string {
	return func(name string) string {
		return strings.ReplaceAll(strings.ToValidUTF8(r.PostForm.Get(name), ""), "\x00", "")
	}
}

// saved tells the script when what was typed was saved.
func (d *Desk) saved(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	v := d.site.Voice(r, me.Language)
	body, err := json.Marshal(struct {
		Saved string `json:"saved"`
	}{v.T("calls.saved", "Time", v.Clock(d.Now()))})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(body); err != nil { // the page has gone
		return nil
	}
	return nil
}

type enteredPage struct {
	frame
	Receipt []string // its groups, where a person is to hand it over
	ByPhone bool     // it was typed in for a caller
	Read    bool     // who hears it now
}

// handIn makes a report of the form.
func (d *Desk) handIn(w http.ResponseWriter, r *http.Request, me *heed.Staff, id heed.ID, answers question.Answers, typed calltaker.Typed) error {
	draft := &calltaker.Draft{Draft: heed.Draft{ID: id, Staff: me.ID, Since: d.Now(), SavedAt: d.Now()}, Typed: typed}
	var slip calltaker.Slip
	err := d.DraftKey.Open(slipKind, r.PostForm.Get("slip"), d.Now(), &slip)
	if err != nil || slip.Draft != id {
		// Left open for longer than a draft lives, or of another form: what was typed stays, with a slip of its own.
		if draft, err = d.Calls.Open(r.Context(), me, id); err != nil {
			return err
		}
		draft.Typed = typed
		return d.showDraft(w, r, me, draft, answers, "", heed.Problems{{Code: "slip-stale"}})
	}
	if !d.IdentityAvailable(r.Context()) {
		answers.Who = question.Anonymous
	}
	if !slices.Contains(d.Profile.Languages, typed.Language) {
		typed.Language = d.Profile.Languages[0]
	}
	sub := answers.Submission(heed.ChannelStaff, typed.Language)
	faults := answers.Wrong(web.Faults(d.Calls.Check(sub)))
	var done *calltaker.HandedIn
	if len(faults) == 0 {
		done, err = d.Calls.HandIn(r.Context(), me, slip, sub, typed.Urgent)
		faults = web.Faults(err)
		if errors.Is(err, heed.ErrBusy) {
			faults = heed.Problems{{Code: "busy"}}
		}
	}
	if len(faults) > 0 {
		if kept, err := d.Calls.Open(r.Context(), me, id); err == nil {
			kept.Typed, draft = typed, kept
		}
		return d.showDraft(w, r, me, draft, answers, r.PostForm.Get("slip"), faults)
	}
	if err != nil {
		return err
	}
	page := enteredPage{frame: d.frame(r, me), ByPhone: slip.Call != "", Read: done.Read}
	if !page.ByPhone {
		page.Receipt = strings.Fields(done.Receipt.Grouped())
	}
	return d.site.Render(w, http.StatusOK, "entered", page)
}
