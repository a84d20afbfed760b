package desk

import (
	"encoding/json"
	"errors"
	"net/http"
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
	entry
	Languages []option
	SavedAt   time.Time // of what stands in the draft
	Unsaved   bool      // what stands in the page differs from that
	Stands    *stands   // nil: nothing that its reader hasn't seen
	Talk      *talk     // nil: it is typed in without a call
	Limits    struct{ Text int }
	Custodian bool // an Identity can be given
}

// FaultOf is what is wrong with one field of a Submission.
func (p draftPage) FaultOf(field string) string { return p.frame.FaultOf(question.Anchor(field)) }

// stands is what somebody's other window saved, for them to compare with what they typed in this one.
type stands struct {
	calltaker.Typed
	Language string // in words
}

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
	id, err := d.Calls.Begin(r.Context(), me, calltaker.Typed{Language: r.PostForm.Get("language")})
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
	return d.showDraft(w, r, me, draft, entryOf(draft), nil)
}

// showDraft shows the form with what was just typed, how its draft stands, and what is wrong.
func (d *Desk) showDraft(w http.ResponseWriter, r *http.Request, me *heed.Staff, draft *calltaker.Draft, e entry, faults heed.Problems) error {
	page := draftPage{frame: d.frame(r, me), entry: e, SavedAt: draft.SavedAt, Unsaved: e.typed() != draft.Typed}
	if e.Slip == "" {
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
	page.Languages = s.spoken(d.Profile.Languages, e.Language)
	page.Limits.Text = d.Profile.Limits.Text
	page.Custodian = d.IdentityAvailable(r.Context())
	status := http.StatusOK
	if faults != nil {
		status = web.ProblemStatus(faults)
		for _, f := range faults {
			if f.Code == codeChanged {
				page.Stands = &stands{draft.Typed, s.language(draft.Language)}
			}
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
	if r.PostForm.Has("kept") {
		return d.resume(w, r, me, id)
	}
	e := entryIn(r, id)
	slip := d.slipOf(e)
	if slip != nil && slip.Staff != me.ID {
		return d.keep(w, r, me, slip.Staff, e, &heed.Problem{Code: codeOthers})
	}
	switch button := r.PostForm.Get("go"); button {
	case "hand-in":
		err = d.handIn(w, r, me, e, slip)
	case "drop":
		err = d.drop(w, r, me, e)
	default:
		err = d.saveAnd(w, r, me, e, button)
	}
	if err != nil {
		return d.keep(w, r, me, me.ID, e, err)
	}
	return nil
}

func (d *Desk) drop(w http.ResponseWriter, r *http.Request, me *heed.Staff, e entry) error {
	err := d.Calls.Drop(r.Context(), me, e.Draft, e.Seen)
	switch faults := web.Faults(err); {
	case faults != nil:
		return d.showTyped(w, r, me, e, faults)
	case errors.Is(err, heed.ErrConflict):
		return d.showChanged(w, r, me, e)
	case err != nil && !errors.Is(err, heed.ErrNotFound):
		return err
	}
	http.Redirect(w, r, "/calls", http.StatusSeeOther)
	return nil
}

// saveAnd saves what was typed, then does with the call what the button says.
func (d *Desk) saveAnd(w http.ResponseWriter, r *http.Request, me *heed.Staff, e entry, button string) (err error) {
	e.Seen, err = d.Calls.Save(r.Context(), me, e.Draft, e.typed(), e.Seen)
	switch {
	case errors.Is(err, heed.ErrNotFound) && isPart(r):
		return &heed.Problem{Code: codeGone}
	case errors.Is(err, heed.ErrNotFound):
		return d.showGone(w, r, me, e)
	case errors.Is(err, heed.ErrConflict) && isPart(r):
		return &heed.Problem{Code: codeOlder}
	case errors.Is(err, heed.ErrConflict):
		return d.showChanged(w, r, me, e)
	case err != nil:
		return err
	case isPart(r):
		return d.saved(w, r, me, e)
	}
	draft, err := d.Calls.Open(r.Context(), me, e.Draft)
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
		return d.showDraft(w, r, me, draft, e, nil)
	}
	if faults := callFaults(err); faults != nil {
		return d.showDraft(w, r, me, draft, e, faults)
	}
	if err != nil {
		return err
	}
	if button != "end" {
		http.Redirect(w, r, "/calls", http.StatusSeeOther)
		return nil
	}
	// The caller has gone: what they said of themselves stands in this page alone.
	return d.showTyped(w, r, me, e, nil)
}

// saved tells the script when what was typed was saved, and what tells that save from others.
func (d *Desk) saved(w http.ResponseWriter, r *http.Request, me *heed.Staff, e entry) error {
	v := d.site.Voice(r, me.Language)
	body, err := json.Marshal(struct {
		Saved string `json:"saved"` // in words
		Seen  string `json:"seen"`  // for the form's next save
	}{v.T("calls.saved", "Time", v.Clock(d.Now())), e.SeenField()})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(body); err != nil { // the page has gone
		return nil
	}
	return nil
}
