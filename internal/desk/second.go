package desk

import (
	"errors"
	"net/http"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

type secondPage struct {
	frame
	To       string
	Half     *auth.Half
	Passkeys bool
	Offer    *auth.CodesOffer // where a second step must be set up first
}

// secondForm asks who has typed the right passphrase for the second step.
func (d *Desk) secondForm(w http.ResponseWriter, r *http.Request) {
	d.showSecond(w, r, r.URL.Query().Get("to"), http.StatusOK, nil)
}

func (d *Desk) showSecond(w http.ResponseWriter, r *http.Request, to string, status int, problem *heed.Problem) {
	secret := d.brought(r, halfCookie)
	half, err := d.Auth.Half(r.Context(), secret, d.browser(r))
	if err != nil {
		d.halfOver(w, r, to, err)
		return
	}
	page := secondPage{frame: d.frame(r, nil), To: to, Half: half, Passkeys: half.Passkey && d.takesPasskeys(r)}
	if !half.Codes && !half.Passkey {
		if page.Offer, err = d.Auth.OfferCodes(half.Staff.Name, secret, r.PostForm.Get("offer")); err != nil {
			d.fail(w, r, nil, err)
			return
		}
	}
	if problem != nil {
		page.addFault(problem)
		web.RetryLater(w, status)
	}
	d.finish(w, r, nil, d.site.Render(w, status, "second", page))
}

// halfOver leads back to the passphrase where the half of a sign-in is over.
func (d *Desk) halfOver(w http.ResponseWriter, r *http.Request, to string, err error) {
	if !errors.Is(err, heed.ErrNotFound) {
		d.fail(w, r, nil, err)
		return
	}
	page := d.signInPage(r, to)
	page.addFault(&heed.Problem{Field: "name", Code: "half-over"})
	d.finish(w, r, nil, d.site.Render(w, http.StatusForbidden, "sign-in", page))
}

func (d *Desk) second(w http.ResponseWriter, r *http.Request) {
	if err := parse(r); err != nil {
		d.fail(w, r, nil, err)
		return
	}
	secret, mark, to, code := d.brought(r, halfCookie), d.browser(r), r.PostForm.Get("to"), r.PostForm.Get("code")
	var session string
	var staff *heed.Staff
	var recovery []string
	var err error
	if offer := r.PostForm.Get("offer"); offer != "" {
		session, staff, recovery, err = d.Auth.SecondSetUp(r.Context(), secret, mark, offer, code)
	} else {
		session, staff, err = d.Auth.Second(r.Context(), secret, mark, code)
	}
	if err != nil {
		status, problem := refusal("code", "code-wrong", err)
		if faults := web.Faults(err); faults != nil {
			status, problem = web.ProblemStatus(faults), faults[0]
		}
		if problem == nil {
			d.halfOver(w, r, to, err)
			return
		}
		d.showSecond(w, r, to, status, problem)
		return
	}
	d.letIn(w, r, session, mark, staff)
	if recovery != nil {
		d.finish(w, r, staff, d.showRecovery(w, r, staff, recovery, ownPath(to)))
		return
	}
	d.welcome(w, r, staff, to)
}

type recoverPage struct {
	frame
	To, Name string
}

// recoverForm takes a recovery code of somebody who signs in with a passkey alone and has lost it.
func (d *Desk) recoverForm(w http.ResponseWriter, r *http.Request) {
	d.marked(w, r)
	d.finish(w, r, nil, d.site.Render(w, http.StatusOK, "recover", recoverPage{frame: d.frame(r, nil), To: r.URL.Query().Get("to")}))
}

func (d *Desk) recover(w http.ResponseWriter, r *http.Request) {
	if err := parse(r); err != nil {
		d.fail(w, r, nil, err)
		return
	}
	name, mark := r.PostForm.Get("name"), d.marked(w, r)
	session, staff, err := d.Auth.Recover(r.Context(), name, r.PostForm.Get("code"), mark)
	if err != nil {
		status, problem := refusal("code", "recovery-wrong", err)
		if problem == nil {
			d.fail(w, r, nil, err)
			return
		}
		page := recoverPage{frame: d.frame(r, nil), To: r.PostForm.Get("to"), Name: name}
		page.addFault(problem)
		web.RetryLater(w, status)
		d.finish(w, r, nil, d.site.Render(w, status, "recover", page))
		return
	}
	d.letIn(w, r, session, mark, staff)
	d.welcome(w, r, staff, "/settings")
}

type recoveryPage struct {
	frame
	Codes []string
	To    string
}

// showRecovery shows recovery codes, this once.
func (d *Desk) showRecovery(w http.ResponseWriter, r *http.Request, me *heed.Staff, codes []string, to string) error {
	return d.site.Render(w, http.StatusOK, "recovery", recoveryPage{frame: d.frame(r, me), Codes: codes, To: to})
}
