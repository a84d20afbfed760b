package desk

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/web"
)

// undoView offers to take the last act back. Ends is when that is over, in seconds since 1970.
type undoView struct {
	Report heed.ID
	Words  string
	Ends   int64
}

// undoable are the acts that the toast names; its address can carry no other. A refusal isn't one: what was erased
// doesn't come back.
var undoable = map[string]bool{"refer": true, "close": true, "hold": true, "duplicate": true, "ask": true, "pending": true}

// undoOffered reads the toast from the address to which an act led. The service decides whether it is still true.
func (d *Desk) undoOffered(r *http.Request, v *web.Voice) *undoView {
	q := r.URL.Query()
	id, err := heed.ParseID(q.Get("undo"))
	if err != nil || !undoable[q.Get("did")] {
		return nil
	}
	ends, err := strconv.ParseInt(q.Get("until"), 10, 64)
	if err != nil || ends <= d.Now().Unix() {
		return nil
	}
	return &undoView{Report: id, Words: v.T("did."+q.Get("did"), "ID", id.Short()), Ends: ends}
}

// undo offers it on the report's own page too.
func (s speaker) undo(v *review.View) *undoView {
	if v.UndoUntil.IsZero() || !v.UndoUntil.After(s.Now()) || len(v.Dispositions) == 0 {
		return nil
	}
	d := v.Dispositions[len(v.Dispositions)-1]
	did := string(d.Kind)
	if d.State == heed.Pending {
		did = "pending"
	}
	return &undoView{Report: v.Report.ID, Words: s.T("did."+did, "ID", v.Report.ID.Short()), Ends: v.UndoUntil.Unix()}
}

// recordID reads an id from an address. What has not the form of one names nothing (heed.ErrNotFound), and the store is
// never asked about it: not every engine takes every byte.
func recordID(s string) (heed.ID, error) {
	id, err := heed.ParseID(s)
	if err != nil {
		return "", heed.ErrNotFound
	}
	return id, nil
}

// target is the report of an act and the place from which it was opened.
func target(r *http.Request) (heed.ID, place, error) {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return "", place{}, err
	}
	return id, placeOf(r, r.URL.Query().Get("list")), nil
}

// stay shows the report again after an act that leaves it in hand.
func (d *Desk) stay(w http.ResponseWriter, r *http.Request, act func(id heed.ID) error) error {
	id, p, err := target(r)
	if err != nil {
		return err
	}
	if err := act(id); err != nil {
		return d.inWords(r, err)
	}
	http.Redirect(w, r, p.Report(id), http.StatusSeeOther)
	return nil
}

// leave shows the list after an act that gives the report out of hand, and offers to undo it.
func (d *Desk) leave(w http.ResponseWriter, r *http.Request, act func(id heed.ID) (did string, err error)) error {
	id, p, err := target(r)
	if err != nil {
		return err
	}
	did, err := act(id)
	if err != nil {
		return d.inWords(r, err)
	}
	if p.List == "" {
		p.List = heed.ListReview
	}
	until := d.Now().Add(review.UndoLife).Unix()
	http.Redirect(w, r, p.Address("undo", string(id), "did", did, "until", strconv.FormatInt(until, 10)), http.StatusSeeOther)
	return nil
}

// inWords says who holds a report where that is why an act failed.
func (d *Desk) inWords(r *http.Request, err error) error {
	var claimed *review.ClaimedError
	if !errors.As(err, &claimed) {
		return err
	}
	names, failed := d.Auth.Names(r.Context())
	if failed != nil {
		return failed
	}
	v := d.site.Voice(r, "")
	if me := d.me(r); me != nil {
		v = d.site.Voice(r, me.Language)
	}
	doc := web.NewDocument(v, http.StatusConflict, "claimed")
	doc.Detail = v.T("problem.claimed", "Name", names[claimed.By], "Time", v.Clock(claimed.Until))
	return doc
}

func (d *Desk) claim(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.stay(w, r, func(id heed.ID) error { return d.Review.Claim(r.Context(), me, id) })
}

// renew keeps the Claim of somebody who is at work; it answers nothing.
func (d *Desk) renew(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, _, err := target(r)
	if err != nil {
		return err
	}
	if err := d.Review.Claim(r.Context(), me, id); err != nil {
		return d.inWords(r, err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (d *Desk) release(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.stay(w, r, func(id heed.ID) error { return d.Review.Release(r.Context(), me, id) })
}

func (d *Desk) ask(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.leave(w, r, func(id heed.ID) (string, error) {
		return "ask", asked(d.Review.Ask(r.Context(), me, id, r.PostForm.Get("reason")))
	})
}

// asked names an empty text for what it is here: the portal's word for it speaks of what happened.
func asked(err error) error {
	for _, p := range web.Faults(err) {
		if p.Code == "text-empty" {
			return &heed.Problem{Field: "reason", Code: "question-empty"}
		}
	}
	return err
}

func (d *Desk) dispose(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	f := r.PostForm
	decision := review.Decision{Kind: heed.DispositionKind(f.Get("kind")), Department: f.Get("department"), Reason: f.Get("reason")}
	if decision.Kind == heed.LinkDuplicate {
		lead, err := leadOf(f.Get("lead"), f.Get("lead-id"))
		if err != nil {
			return err
		}
		decision.Lead = lead
	}
	if source, certainty := f.Get("source"), f.Get("certainty"); source != "" || certainty != "" {
		decision.Grading = &review.Grading{Scheme: "admiralty", Value: source + certainty}
	}
	return d.leave(w, r, func(id heed.ID) (string, error) {
		made, err := d.Review.Dispose(r.Context(), me, id, decision)
		if err != nil {
			return "", err
		}
		if made.State == heed.Pending && made.ApproveBy.IsZero() {
			return "pending", nil
		}
		return string(made.Kind), nil
	})
}

// leadOf is the lead that was typed, else the one that was chosen.
func leadOf(chosen, typed string) (heed.ID, error) {
	if typed != "" {
		chosen = typed
	}
	id, err := heed.ParseID(chosen)
	if err != nil {
		return "", &heed.Problem{Field: "lead-id", Code: "lead-missing"}
	}
	return id, nil
}

// approve is both answers of the second person, told apart by the button.
func (d *Desk) approve(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.stay(w, r, func(id heed.ID) error {
		switch r.PostForm.Get("go") {
		case "approve":
			return d.Review.Approve(r.Context(), me, id)
		case "decline":
			return d.Review.Decline(r.Context(), me, id, r.PostForm.Get("reason"))
		}
		return &heed.Problem{Field: "go", Code: "kind-unknown"}
	})
}

func (d *Desk) undo(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.stay(w, r, func(id heed.ID) error { return d.Review.Undo(r.Context(), me, id) })
}

func (d *Desk) setUrgency(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.stay(w, r, func(id heed.ID) error {
		return d.Review.SetUrgency(r.Context(), me, id, heed.Urgency(r.PostForm.Get("urgency")), r.PostForm.Get("reason"))
	})
}

func (d *Desk) setCategory(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, p, err := target(r)
	if err != nil {
		return err
	}
	to := r.PostForm.Get("category")
	if err := d.Review.SetCategory(r.Context(), me, id, to); err != nil {
		return d.inWords(r, err)
	}
	address := p.Report(id)
	if auth.Allow(me, auth.ReportRead, auth.Resource{Report: id, Category: to}) != nil { // they gave it away
		if p.List == "" {
			p.List = heed.ListReview
		}
		address = p.Address()
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
	return nil
}

// linkCopies hangs on a report the copies that wait under it, as many as one press may.
func (d *Desk) linkCopies(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	reason := d.frame(r, me).T("desk.folded-reason")
	return d.stay(w, r, func(id heed.ID) error {
		_, _, err := d.Review.LinkCopies(r.Context(), me, id, reason)
		return err
	})
}

func (d *Desk) unlink(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.stay(w, r, func(id heed.ID) error { return d.Review.Unlink(r.Context(), me, id) })
}

func (d *Desk) reopen(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.stay(w, r, func(id heed.ID) error { return d.Review.Reopen(r.Context(), me, id, r.PostForm.Get("reason")) })
}

func (d *Desk) proposeErasure(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.stay(w, r, func(id heed.ID) error {
		_, err := d.Review.ProposeErasure(r.Context(), me, id, r.PostForm.Get("reason"))
		return err
	})
}
