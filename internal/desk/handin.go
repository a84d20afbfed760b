package desk

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/web"
	"github.com/heed-line/heed/internal/web/question"
)

type enteredPage struct {
	frame
	Receipt []string // its groups, where a person is to hand it over
	ByPhone bool     // it was typed in for a caller
	Read    bool     // who hears it now
}

// handIn makes a report of the form. A slip that is nil was left open for longer than a draft lives, or is of another form: what was typed
// stays, with a slip of its own.
func (d *Desk) handIn(w http.ResponseWriter, r *http.Request, me *heed.Staff, e entry, slip *calltaker.Slip) (err error) {
	if slip == nil {
		_, err := d.Calls.Open(r.Context(), me, e.Draft)
		if errors.Is(err, heed.ErrNotFound) {
			return d.showGone(w, r, me, e)
		}
		e.Slip = ""
		return d.showTyped(w, r, me, e, heed.Problems{{Code: "slip-stale"}})
	}
	if !d.IdentityAvailable(r.Context()) {
		e.Who = question.Anonymous
	}
	language := e.Language
	if !slices.Contains(d.Profile.Languages, language) {
		language = d.Profile.Languages[0]
	}
	sub := e.Submission(heed.ChannelStaff, language)
	faults := e.Wrong(web.Faults(d.Calls.Check(sub)))
	var done *calltaker.HandedIn
	if len(faults) == 0 {
		done, err = d.Calls.HandIn(r.Context(), me, *slip, sub, e.Urgent, e.Seen)
		faults = web.Faults(err)
		if errors.Is(err, heed.ErrBusy) {
			faults = heed.Problems{{Code: "busy"}}
		}
	}
	has := func(code string) bool {
		return slices.ContainsFunc(faults, func(p *heed.Problem) bool { return p.Code == code })
	}
	switch {
	case has(codeChanged):
		return d.showChanged(w, r, me, e)
	case has(codeGone):
		return d.showGone(w, r, me, e)
	case len(faults) > 0:
		return d.showTyped(w, r, me, e, faults)
	case err != nil:
		return err
	}
	page := enteredPage{frame: d.frame(r, me), ByPhone: slip.Call != "", Read: done.Read}
	if !page.ByPhone {
		page.Receipt = strings.Fields(done.Receipt.Grouped())
	}
	return d.site.Render(w, http.StatusOK, "entered", page)
}
