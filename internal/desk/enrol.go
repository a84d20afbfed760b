package desk

import (
	"errors"
	"net/http"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

type enrolPage struct {
	frame
	Name      string
	Roles     []string
	Custodian bool
}

type setupPage struct {
	frame
	Name        string
	RoleChoices []option
}

// pilotRoles are chosen at first for the first account: one person can begin alone and hand roles on.
var pilotRoles = []heed.Role{heed.Admin, heed.RoleLead, heed.Specialist, heed.Custodian}

// roleChoices lists roles with what each may do; those in chosen are marked.
func roleChoices(v *web.Voice, roles []heed.Role, chosen []heed.Role) []option {
	var out []option
	for _, role := range roles {
		o := option{ID: string(role), Label: v.T("role." + string(role)), Hint: v.T("role-hint." + string(role))}
		for _, c := range chosen {
			o.Chosen = o.Chosen || c == role
		}
		out = append(out, o)
	}
	return out
}

func (d *Desk) enrolForm(w http.ResponseWriter, r *http.Request) {
	staff, err := d.Auth.Invited(r.Context(), r.PathValue("link"))
	if err != nil || staff == nil {
		d.badLink(w, r, err)
		return
	}
	d.showEnrol(w, r, staff, nil)
}

func (d *Desk) showEnrol(w http.ResponseWriter, r *http.Request, staff *heed.Staff, faults heed.Problems) {
	page := enrolPage{frame: d.frame(r, nil), Name: staff.Name, Custodian: staff.Has(heed.Custodian)}
	for _, role := range staff.Roles {
		page.Roles = append(page.Roles, page.T("role."+string(role)))
	}
	status := http.StatusOK
	if faults != nil {
		status = web.ProblemStatus(faults)
		page.addFault(faults...)
	}
	d.finish(w, r, nil, d.site.Render(w, status, "enrol", page))
}

func (d *Desk) enrol(w http.ResponseWriter, r *http.Request) {
	link := r.PathValue("link")
	staff, err := d.Auth.Invited(r.Context(), link)
	if err != nil || staff == nil {
		d.badLink(w, r, err)
		return
	}
	passphrase, err := newPassphrase(r)
	session := ""
	if err == nil {
		session, _, err = d.Auth.Enrol(r.Context(), link, passphrase)
	}
	if faults := web.Faults(err); faults != nil {
		d.showEnrol(w, r, staff, faults)
		return
	}
	d.enter(w, r, session, staff.Name, err)
}

// newPassphrase is what was typed twice, or a fault where the two differ.
func newPassphrase(r *http.Request) (string, error) {
	if err := parse(r); err != nil {
		return "", err
	}
	p := r.PostForm.Get("passphrase")
	if p != r.PostForm.Get("again") {
		return "", heed.Problems{{Field: "again", Code: "passphrase-differs"}}
	}
	return p, nil
}

// enter signs the browser in after a link was used, or says why not.
func (d *Desk) enter(w http.ResponseWriter, r *http.Request, session, name string, err error) {
	switch {
	case session == "" && errors.Is(err, heed.ErrNotFound):
		d.badLink(w, r, err)
		return
	case session == "":
		d.fail(w, r, nil, err)
		return
	case err != nil: // the account stands; the coming days' keys are the worker's to make
		d.Log.Error("desk: after enrolling", "error", err)
	}
	d.setCookie(w, sessionCookie, session, 0)
	d.setCookie(w, knownCookie, d.Auth.KnownBrowser(name), knownLife)
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// badLink says that a link was used, is too old or never was: which of them nobody needs to know.
func (d *Desk) badLink(w http.ResponseWriter, r *http.Request, err error) {
	if err != nil && !errors.Is(err, heed.ErrNotFound) {
		d.fail(w, r, nil, err)
		return
	}
	f := d.frame(r, nil)
	page := messagePage{frame: f, Title: f.T("desk.link-bad"), Words: f.T("desk.link-bad-words"), Href: "/sign-in", Go: f.T("desk.sign-in")}
	d.finish(w, r, nil, d.site.Render(w, http.StatusNotFound, "message", page))
}

func (d *Desk) setupForm(w http.ResponseWriter, r *http.Request) {
	staff, err := d.Auth.Invited(r.Context(), r.PathValue("link"))
	if err != nil || staff != nil {
		d.badLink(w, r, err)
		return
	}
	d.showSetup(w, r, auth.NewStaff{Roles: pilotRoles}, nil)
}

func (d *Desk) showSetup(w http.ResponseWriter, r *http.Request, n auth.NewStaff, faults heed.Problems) {
	page := setupPage{frame: d.frame(r, nil), Name: n.Name}
	page.RoleChoices = roleChoices(page.Voice, pilotRoles, n.Roles)
	status := http.StatusOK
	if faults != nil {
		status = web.ProblemStatus(faults)
		page.addFault(faults...)
	}
	d.finish(w, r, nil, d.site.Render(w, status, "setup", page))
}

func (d *Desk) setup(w http.ResponseWriter, r *http.Request) {
	link := r.PathValue("link")
	passphrase, err := newPassphrase(r)
	n := auth.NewStaff{Name: r.PostForm.Get("name"), Language: d.site.Voice(r, "").Lang()}
	for _, role := range r.PostForm["role"] {
		n.Roles = append(n.Roles, heed.Role(role))
	}
	if err == nil && len(n.Roles) > 0 && !(&heed.Staff{Roles: n.Roles}).Has(heed.Admin) {
		err = heed.Problems{{Field: "roles", Code: "setup-admin"}}
	}
	session := ""
	if err == nil {
		session, _, err = d.Auth.Setup(r.Context(), link, n, passphrase)
	}
	if faults := web.Faults(err); faults != nil {
		d.showSetup(w, r, n, faults)
		return
	}
	d.enter(w, r, session, n.Name, err)
}
