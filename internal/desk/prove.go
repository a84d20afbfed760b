package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web"
)

type provePage struct {
	frame
	To                          string
	Passphrase, Codes, Passkeys bool
	SignOn                      string
}

// askProof leads who must first prove again who they are to where they do; what they sent is not done.
func (d *Desk) askProof(w http.ResponseWriter, r *http.Request, me *heed.Staff, err error) {
	if err != nil {
		d.fail(w, r, me, err)
		return
	}
	if isPart(r) || r.Header.Get("Accept") == "application/json" { // the script's own request
		web.WriteDocument(w, web.NewDocument(d.site.Voice(r, me.Language), http.StatusForbidden, "unproven"))
		return
	}
	to := "/settings"
	if len(r.URL.Path) > 6 && r.URL.Path[:6] == "/staff" || r.URL.Path == "/staff" {
		to = "/staff"
	}
	if strings.HasPrefix(r.URL.Path, "/disclosures/") { // a page that is asked for the same way
		to = r.URL.Path
	}
	http.Redirect(w, r, "/prove?to="+url.QueryEscape(to), http.StatusSeeOther)
}

func (d *Desk) proveForm(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showProve(w, r, me, http.StatusOK, nil)
}

func (d *Desk) showProve(w http.ResponseWriter, r *http.Request, me *heed.Staff, status int, problem *heed.Problem) error {
	factors, err := d.Auth.Factors(r.Context(), me)
	if err != nil {
		return err
	}
	page := provePage{frame: d.frame(r, me), To: ownPath(r.FormValue("to")), Passphrase: me.Passphrase != ""}
	for _, f := range factors {
		page.Codes = page.Codes || f.Kind == heed.OneTimeCodes
		page.Passkeys = page.Passkeys || f.Kind == heed.Passkey && d.takesPasskeys(r)
		if f.Kind == heed.SignOn {
			page.SignOn = d.signOnName(r, page.Voice)
		}
	}
	if problem != nil {
		page.addFault(problem)
		web.RetryLater(w, status)
	}
	return d.site.Render(w, status, "prove", page)
}

func (d *Desk) prove(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	session, err := d.Auth.Prove(r.Context(), d.secret(r), d.browser(r), r.PostForm.Get("passphrase"), r.PostForm.Get("code"))
	if status, problem := refusal("passphrase", "prove-wrong", err); problem != nil {
		return d.showProve(w, r, me, status, problem)
	}
	if errors.Is(err, heed.ErrNotFound) { // signed out meanwhile
		d.refuse(w, r, err)
		return nil
	}
	if err != nil {
		return err
	}
	d.setCookie(w, sessionCookie, session, 0)
	http.Redirect(w, r, ownPath(r.PostForm.Get("to")), http.StatusSeeOther)
	return nil
}
