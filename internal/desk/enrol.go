package desk

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

type enrolPage struct {
	frame
	Name      string
	Roles     []string
	Custodian bool
	Key       string // what was pasted as the public half of a key on a machine apart
	Link      string
	Passkeys  bool
	SignOn    string
	Offer     *auth.CodesOffer
}

type setupPage struct {
	frame
	Name        string
	RoleChoices []option
	Offer       *auth.CodesOffer
	Later       bool // the second step may be left for later
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
	d.marked(w, r)
	link := r.PathValue("link")
	page := enrolPage{
		frame: d.frame(r, nil), Name: staff.Name, Custodian: staff.Has(heed.Custodian), Key: r.PostForm.Get("custodian-key"), Link: link, Passkeys: d.takesPasskeys(r),
	}
	page.SignOn = d.signOnName(r, page.Voice)
	for _, role := range staff.Roles {
		page.Roles = append(page.Roles, page.T("role."+string(role)))
	}
	var err error
	if page.Offer, err = d.Auth.OfferCodes(staff.Name, link, r.PostForm.Get("offer")); err != nil {
		d.fail(w, r, nil, err)
		return
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
	ways, err := newWays(r)
	mark := d.marked(w, r)
	var enrolled *auth.Enrolled
	if err == nil {
		enrolled, err = d.Auth.Enrol(r.Context(), link, mark, ways)
	}
	if faults := web.Faults(err); faults != nil {
		d.showEnrol(w, r, staff, faults)
		return
	}
	d.enter(w, r, enrolled, mark, err)
}

// newWays is what was typed to sign in with from now on.
func newWays(r *http.Request) (auth.NewWays, error) {
	passphrase, err := newPassphrase(r)
	ways := auth.NewWays{Passphrase: passphrase, Offer: r.PostForm.Get("offer"), Code: r.PostForm.Get("code")}
	if pasted := strings.TrimSpace(r.PostForm.Get("custodian-key")); err == nil && pasted != "" {
		if ways.CustodianKey, err = seal.ParseCustodianPublic([]byte(pasted)); err != nil {
			err = &heed.Problem{Field: "custodian-key", Code: "custodian-public"}
		}
	}
	return ways, err
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

// enter signs the browser in after a link was used, or says why not. Recovery codes are shown on the way, this once.
func (d *Desk) enter(w http.ResponseWriter, r *http.Request, enrolled *auth.Enrolled, mark string, err error) {
	switch {
	case enrolled == nil && errors.Is(err, heed.ErrNotFound):
		d.badLink(w, r, err)
		return
	case enrolled == nil:
		d.fail(w, r, nil, err)
		return
	case err != nil: // the account stands; the coming days' keys are the worker's to make
		d.Log.Error("desk: after enrolling", "error", err)
	}
	d.letIn(w, r, enrolled.Session, mark, enrolled.Staff)
	if enrolled.Recovery == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	d.finish(w, r, enrolled.Staff, d.showRecovery(w, r, enrolled.Staff, enrolled.Recovery, "/"))
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
	d.marked(w, r)
	page := setupPage{frame: d.frame(r, nil), Name: n.Name, Later: d.mayWait()}
	page.RoleChoices = roleChoices(page.Voice, pilotRoles, n.Roles)
	var err error
	if page.Offer, err = d.Auth.OfferCodes(cmp.Or(n.Name, page.T("role.admin")), r.PathValue("link"), r.PostForm.Get("offer")); err != nil {
		d.fail(w, r, nil, err)
		return
	}
	status := http.StatusOK
	if faults != nil {
		status = web.ProblemStatus(faults)
		page.addFault(faults...)
	}
	d.finish(w, r, nil, d.site.Render(w, status, "setup", page))
}

// mayWait reports whether the first account may leave its second step for later: while the desk answers nobody but this
// machine.
func (d *Desk) mayWait() bool {
	return !d.TLS && d.Profile.SignIn.SecondStep != profile.SecondStepRequired
}

func (d *Desk) setup(w http.ResponseWriter, r *http.Request) {
	link, mark := r.PathValue("link"), d.marked(w, r)
	ways, err := newWays(r)
	ways.LaterStep = d.mayWait()
	n := auth.NewStaff{Name: r.PostForm.Get("name"), Language: d.site.Voice(r, "").Lang()}
	for _, role := range r.PostForm["role"] {
		n.Roles = append(n.Roles, heed.Role(role))
	}
	if err == nil && len(n.Roles) > 0 && !(&heed.Staff{Roles: n.Roles}).Has(heed.Admin) {
		err = heed.Problems{{Field: "roles", Code: "setup-admin"}}
	}
	var enrolled *auth.Enrolled
	if err == nil {
		enrolled, err = d.Auth.Setup(r.Context(), link, mark, n, ways)
	}
	if faults := web.Faults(err); faults != nil {
		d.showSetup(w, r, n, faults)
		return
	}
	d.enter(w, r, enrolled, mark, err)
}
