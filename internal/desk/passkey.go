package desk

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

// originOf is the desk's address as this browser sees it. A profile that names the desk's address ties to it what belongs
// to an address: at another it is false.
func (d *Desk) originOf(r *http.Request) (origin string, ok bool) {
	scheme := "http"
	if d.TLS {
		scheme = "https"
	}
	if named, err := url.Parse(d.Profile.Notify.DeskURL); err == nil && named.Host != "" && named.Host != r.Host {
		return "", false
	}
	return scheme + "://" + r.Host, true
}

// siteOf is the desk's address as this browser sees it, and whether passkeys work there.
func (d *Desk) siteOf(r *http.Request) (auth.Site, bool) {
	origin, ok := d.originOf(r)
	if !ok {
		return auth.Site{}, false
	}
	return auth.SiteOf(origin)
}

func (d *Desk) takesPasskeys(r *http.Request) bool {
	_, ok := d.siteOf(r)
	return ok
}

// sendOptions gives the script what it asks the browser for.
func (d *Desk) sendOptions(w http.ResponseWriter, r *http.Request, me *heed.Staff, options []byte, err error) {
	if err != nil {
		d.fail(w, r, me, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if _, err := w.Write(options); err != nil { // the asker has gone
		return
	}
}

func (d *Desk) askPasskey(w http.ResponseWriter, r *http.Request) {
	site, ok := d.siteOf(r)
	if !ok {
		d.fail(w, r, nil, heed.ErrNotFound)
		return
	}
	options, err := d.Auth.AskPasskey(site, d.marked(w, r))
	d.sendOptions(w, r, nil, options, err)
}

func (d *Desk) askPasskeyAgain(w http.ResponseWriter, r *http.Request, _ *heed.Staff) error {
	d.askPasskey(w, r)
	return nil
}

func (d *Desk) signInPasskey(w http.ResponseWriter, r *http.Request) {
	err := parse(r)
	site, ok := d.siteOf(r)
	if err == nil && !ok {
		err = heed.ErrNotFound
	}
	if err != nil {
		d.fail(w, r, nil, err)
		return
	}
	mark := d.browser(r)
	session, staff, err := d.Auth.SignInByPasskey(r.Context(), site, mark, []byte(r.PostForm.Get("response")))
	if err != nil {
		page := d.signInPage(r, r.PostForm.Get("to"))
		status, problem := refusal("passkey", "passkey-refused", err)
		if problem == nil {
			d.fail(w, r, nil, err)
			return
		}
		page.addFault(problem)
		d.finish(w, r, nil, d.site.Render(w, status, "sign-in", page))
		return
	}
	d.letIn(w, r, session, mark, staff)
	d.welcome(w, r, staff, r.PostForm.Get("to"))
}

func (d *Desk) enrolPasskeyOffer(w http.ResponseWriter, r *http.Request) {
	link := r.PathValue("link")
	staff, err := d.Auth.Invited(r.Context(), link)
	site, ok := d.siteOf(r)
	if err == nil && (staff == nil || !ok) {
		err = heed.ErrNotFound
	}
	var options []byte
	if err == nil {
		options, err = d.Auth.OfferPasskey(r.Context(), site, d.marked(w, r), link, staff)
	}
	d.sendOptions(w, r, nil, options, err)
}

func (d *Desk) enrolPasskey(w http.ResponseWriter, r *http.Request) {
	if err := parse(r); err != nil {
		d.fail(w, r, nil, err)
		return
	}
	link, mark := r.PathValue("link"), d.browser(r)
	staff, err := d.Auth.Invited(r.Context(), link)
	site, ok := d.siteOf(r)
	if err != nil || staff == nil || !ok {
		d.badLink(w, r, err)
		return
	}
	enrolled, err := d.Auth.EnrolByPasskey(r.Context(), link, site, mark, r.PostForm.Get("name"), []byte(r.PostForm.Get("response")))
	if faults := web.Faults(err); faults != nil {
		d.showEnrol(w, r, staff, faults)
		return
	}
	d.enter(w, r, enrolled, mark, err)
}

func (d *Desk) offerPasskey(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	site, ok := d.siteOf(r)
	if !ok {
		return heed.ErrNotFound
	}
	options, err := d.Auth.OfferPasskey(r.Context(), site, d.marked(w, r), string(me.ID), me)
	d.sendOptions(w, r, me, options, err)
	return nil
}

func (d *Desk) settingsPasskey(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	site, ok := d.siteOf(r)
	if !ok {
		return heed.ErrNotFound
	}
	recovery, err := d.Auth.AddPasskey(r.Context(), me, site, d.browser(r), r.PostForm.Get("name"), []byte(r.PostForm.Get("response")))
	return d.factorChanged(w, r, me, recovery, err)
}

func (d *Desk) provePasskey(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	site, ok := d.siteOf(r)
	if !ok {
		return heed.ErrNotFound
	}
	session, err := d.Auth.ProveByPasskey(r.Context(), d.secret(r), d.browser(r), site, []byte(r.PostForm.Get("response")))
	if errors.Is(err, heed.ErrForbidden) {
		return d.showProve(w, r, me, http.StatusForbidden, &heed.Problem{Field: "passkey", Code: "passkey-refused"})
	}
	if err != nil {
		return err
	}
	d.setCookie(w, sessionCookie, session, 0)
	http.Redirect(w, r, ownPath(r.PostForm.Get("to")), http.StatusSeeOther)
	return nil
}
