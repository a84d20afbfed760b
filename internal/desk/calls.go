package desk

import (
	"errors"
	"net/http"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/web"
)

// callBar is the switch that stands on every page of a call-taker's, with who waits.
type callBar struct {
	On      bool
	Until   string // when the duty ends unless its owner does something
	Ending  bool   // soon
	Off     string // why the line ended it, in words; "": it didn't
	Waiting int
	Mine    int
	To      string // where the switch leads back to
}

// dutyEnding is how long before the end of a duty its owner is told.
const dutyEnding = 5 * time.Minute

// callBar is nil for who takes no calls, and where it can't be told.
func (d *Desk) callBar(r *http.Request, v *web.Voice, me *heed.Staff) *callBar {
	if auth.Allow(me, auth.CallTake, auth.Resource{}) != nil {
		return nil
	}
	p, err := d.Calls.Panel(r.Context(), me)
	if err != nil {
		if r.Context().Err() == nil {
			d.Log.Error("desk: looking at the calls", "error", err)
		}
		return nil
	}
	bar := barOf(v, p)
	bar.To = "/calls"
	if r.Method == http.MethodGet && !background[r.Pattern] {
		bar.To = r.URL.RequestURI()
	}
	return bar
}

func barOf(v *web.Voice, p *calltaker.Panel) *callBar {
	bar := &callBar{Waiting: len(p.Waiting), Mine: len(p.Mine)}
	if p.Duty == nil {
		return bar
	}
	if bar.On = p.Duty.On(v.Now()); bar.On {
		bar.Until, bar.Ending = v.Clock(p.Duty.Until), p.Duty.Until.Sub(v.Now()) < dutyEnding
	}
	if p.Duty.Off != "" {
		bar.Off = v.T("calls.off-" + p.Duty.Off)
	}
	return bar
}

// keepDuty has a duty last as long as the session, which just showed that somebody is there.
func (d *Desk) keepDuty(r *http.Request, me *heed.Staff) {
	if auth.Allow(me, auth.CallTake, auth.Resource{}) != nil {
		return
	}
	end, err := d.Auth.SessionEnd(r.Context(), d.secret(r), d.browser(r))
	if err == nil {
		err = d.Calls.Keep(r.Context(), me, end)
	}
	if err != nil && r.Context().Err() == nil { // it ends earlier than it had to
		d.Log.Error("desk: keeping a duty", "error", err)
	}
}

func (d *Desk) duty(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	if r.PostForm.Get("go") != "on" {
		if err := d.Calls.GoOff(r.Context(), me); err != nil {
			return err
		}
	} else {
		end, err := d.Auth.SessionEnd(r.Context(), d.secret(r), d.browser(r))
		if err == nil {
			err = d.Calls.GoOn(r.Context(), me, end)
		}
		if faults := web.Faults(err); faults != nil {
			return d.showSettings(w, r, me, settingsPage{frame: d.frame(r, me), Phone: me.Phone}, faults)
		}
		if err != nil {
			return err
		}
	}
	http.Redirect(w, r, ownPath(r.PostForm.Get("to")), http.StatusSeeOther)
	return nil
}

// callPanel is the calls as a page shows them.
type callPanel struct {
	Mine, Waiting, Back []callRow
	Said                string // what a screen reader is told when it changes
}

// callRow is one caller: the language and the time, and nothing else.
type callRow struct {
	ID       heed.ID
	Language string
	Lang     string // its tag
	Since    time.Time
	Waits    string
	State    string // in words
	Returned bool
	First    bool // the next to be taken
}

func (s speaker) callPanel(p *calltaker.Panel) *callPanel {
	out := &callPanel{}
	row := func(id heed.ID, language string, since time.Time) callRow {
		return callRow{ID: id, Language: s.language(language), Lang: language, Since: since, Waits: s.T("calls.waits", "Span", s.wait(since))}
	}
	for _, c := range p.Mine {
		r := row(c.ID, c.Language, c.Since)
		r.State, r.Waits = s.callState(c), s.T("calls.called", "Span", s.wait(c.Since))
		out.Mine = append(out.Mine, r)
	}
	for i, c := range p.Waiting {
		r := row(c.ID, c.Language, c.Since)
		r.Returned, r.First = c.Returned, i == 0
		out.Waiting = append(out.Waiting, r)
	}
	for _, b := range p.Back {
		out.Back = append(out.Back, row(b.ID, b.Language, b.Since))
	}
	switch {
	case len(out.Mine) > 0:
		out.Said = out.Mine[0].State
	default:
		out.Said = s.T("calls.count", "Count", len(out.Waiting))
	}
	return out
}

// wait is how long somebody waits, to the second below a minute.
func (s speaker) wait(since time.Time) string {
	if d := s.Now().Sub(since); d < time.Minute {
		return s.T("calls.span-s", "S", max(0, int(d/time.Second)))
	}
	return s.span(s.Now().Sub(since))
}

// callState says where a call of the reader's is.
func (s speaker) callState(c *heed.QueuedCall) string {
	if c.Back && c.State == heed.CallRinging {
		return s.T("calls.state-ringing-back")
	}
	return s.T("calls.state-" + string(c.State))
}

type callsPage struct {
	frame
	Panel     *callPanel
	Drafts    []draftRow
	Languages []option
}

// draftRow is a report that isn't handed in, by how it begins.
type draftRow struct {
	ID      heed.ID
	Begins  string
	SavedAt time.Time
	Urgent  bool
}

func (d *Desk) calls(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showCalls(w, r, me, nil)
}

func (d *Desk) showCalls(w http.ResponseWriter, r *http.Request, me *heed.Staff, faults heed.Problems) error {
	page := callsPage{frame: d.frame(r, me)}
	p, err := d.Calls.Panel(r.Context(), me)
	if err != nil {
		return err
	}
	s := speaker{Voice: page.Voice, profile: d.Profile}
	page.Panel = s.callPanel(p)
	drafts, err := d.Calls.Drafts(r.Context(), me)
	if err != nil {
		return err
	}
	for _, draft := range drafts {
		page.Drafts = append(page.Drafts, draftRow{draft.ID, beginning(draft.Text), draft.SavedAt, draft.Urgent})
	}
	page.Languages = s.spoken(d.Profile.Languages, page.Lang())
	status := http.StatusOK
	if faults != nil {
		status = web.ProblemStatus(faults)
		page.addFault(faults...)
	}
	return d.site.Render(w, status, "calls", page)
}

// spoken are the line's languages to choose one of.
func (s speaker) spoken(languages []string, chosen string) (out []option) {
	for _, tag := range languages {
		out = append(out, option{ID: tag, Label: s.language(tag), Chosen: tag == chosen})
	}
	return out
}

// callsLive is what pages renew by themselves: the switch, and the panel that they show.
func (d *Desk) callsLive(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	p, err := d.Calls.Panel(r.Context(), me)
	if err != nil {
		return err
	}
	v := d.site.Voice(r, me.Language)
	s := speaker{Voice: v, profile: d.Profile}
	live := struct {
		*web.Voice
		Calls *callBar
		Panel *callPanel
		Talk  *talk
	}{Voice: v, Calls: barOf(v, p), Panel: s.callPanel(p)}
	live.Calls.To = ownPath(r.URL.Query().Get("to"))
	if id, err := heed.ParseID(r.URL.Query().Get("draft")); err == nil {
		draft, err := d.Calls.Open(r.Context(), me, id)
		switch {
		case errors.Is(err, heed.ErrNotFound): // whoever took the call after them has the form now
			live.Talk = &talk{Draft: id, Gone: true, State: s.T("calls.state-colleague")}
		case err != nil:
			return err
		default:
			live.Talk = s.talk(draft, p)
		}
	}
	return d.site.RenderPart(w, http.StatusOK, "calls", "calls-live", live)
}

func (d *Desk) callAnswer(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	draft, err := d.Calls.Answer(r.Context(), me, id)
	if faults := callFaults(err); faults != nil {
		return d.showCalls(w, r, me, faults)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/drafts/"+string(draft), http.StatusSeeOther)
	return nil
}

func (d *Desk) callBack(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	err = d.Calls.CallBack(r.Context(), me, id)
	if faults := callFaults(err); faults != nil {
		return d.showCalls(w, r, me, faults)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/calls", http.StatusSeeOther)
	return nil
}
