package desk

import (
	"errors"
	"net/http"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/calltaker"
	"github.com/heed-line/heed/internal/web"
)

// keptKind tells a form that was kept from every other sealed state.
const keptKind = "desk form kept"

// keptLife is how long a page can be gone on with that keeps a form.
const keptLife = 4 * time.Hour

// kept is a form that came and could not be taken, since its owner's session had ended or something failed: who the reporter is stands in
// it, which stands in no draft, so it goes back into the page, sealed, and the server keeps nothing.
//
// It opens for the account alone that its form was made for: the form's slip says which, under the same key, whoever sends it. What opens
// is shown to be checked and sent anew, and nothing is done with it. So neither who signs in at the same browser after its owner sees it or
// hands it in, nor can another site put words into somebody's form: it would need a slip of theirs, and would be shown to them.
type kept struct {
	Staff heed.ID
	Entry entry
}

type keptPage struct {
	frame
	Title, Words string
	Draft        heed.ID
	Kept         string // sealed
	Out          bool   // nobody is signed in
}

// slipOf is the form's slip, nil where it is none, or its life is over.
func (d *Desk) slipOf(e entry) *calltaker.Slip {
	slip := &calltaker.Slip{}
	if d.DraftKey.Open(slipKind, e.Slip, d.Now(), slip) != nil || slip.Draft != e.Draft {
		return nil
	}
	return slip
}

// unsignedBound is how many bytes are read of a report's form from who can't be told to be signed in, for the cause: all that it may have
// from a browser in which somebody of the line signed in lately (who sat there last may be a colleague), or where nothing can be looked up;
// else what any form may have that needs no session, so that strangers can't have the desk read and hold long ones.
func (d *Desk) unsignedBound(r *http.Request, cause error) int64 {
	if !errors.Is(cause, heed.ErrNotFound) || d.Auth.IsKnownBrowser(d.browser(r)) {
		return maxReport
	}
	return maxUnsigned
}

// keepForm answers who sends the form of a report and may not, or can't be told to be signed in (me is nil then), for the cause: with a page
// that keeps it, or where nobody can tell whose it is, as any other request.
func (d *Desk) keepForm(w http.ResponseWriter, r *http.Request, me *heed.Staff, cause error) {
	id, err := recordID(r.PathValue("id"))
	if err == nil {
		if me == nil {
			r.Body = http.MaxBytesReader(w, r.Body, d.unsignedBound(r, cause))
		}
		err = parse(r)
	}
	if err != nil {
		d.fail(w, r, me, err)
		return
	}
	e := entryIn(r, id)
	slip := d.slipOf(e)
	switch {
	case r.PostForm.Has("kept"):
		err = d.showKept(w, r, me, id, r.PostForm.Get("kept"), cause)
	case slip != nil:
		err = d.keep(w, r, me, slip.Staff, e, cause)
	case me == nil:
		d.refuse(w, r, cause)
	default:
		err = cause
	}
	d.finish(w, r, me, err)
}

// keep answers with a page that keeps a form for its owner, and says why: heed.ErrNotFound is that nobody is signed in.
func (d *Desk) keep(w http.ResponseWriter, r *http.Request, me *heed.Staff, owner heed.ID, e entry, cause error) error {
	if isPart(r) || r.Context().Err() != nil {
		return cause
	}
	sealed, err := d.DraftKey.Seal(keptKind, kept{owner, e}, d.Now(), keptLife)
	if err != nil {
		return errors.Join(cause, err)
	}
	return d.showKept(w, r, me, e.Draft, sealed, cause)
}

func (d *Desk) showKept(w http.ResponseWriter, r *http.Request, me *heed.Staff, draft heed.ID, sealed string, cause error) error {
	page := keptPage{frame: d.frame(r, me), Draft: draft, Kept: sealed}
	page.Out = me == nil && errors.Is(cause, heed.ErrNotFound)
	if page.Out {
		page.Title = page.T("calls.kept-title")
		return d.site.Render(w, http.StatusForbidden, "kept", page)
	}
	doc, known := web.Explain(page.Voice, cause)
	if !known {
		d.Log.Error("desk: a request failed", "route", r.Pattern, "error", cause)
	}
	page.Title, page.Words = page.T("desk.fault-"+titleOf(doc.Status)), doc.Detail
	web.RetryLater(w, doc.Status)
	return d.site.Render(w, doc.Status, "kept", page)
}

// resume shows a form that was kept to its owner.
func (d *Desk) resume(w http.ResponseWriter, r *http.Request, me *heed.Staff, id heed.ID) error {
	var k kept
	err := d.DraftKey.Open(keptKind, r.PostForm.Get("kept"), d.Now(), &k)
	if err != nil || k.Entry.Draft != id { // past its life, or nothing of ours
		return &heed.Problem{Code: "form-over"}
	}
	if k.Staff != me.ID {
		return d.showKept(w, r, me, id, r.PostForm.Get("kept"), &heed.Problem{Code: codeOthers})
	}
	return d.showTyped(w, r, me, k.Entry, heed.Problems{{Code: "form-kept"}})
}
