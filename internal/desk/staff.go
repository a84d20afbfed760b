package desk

import (
	"net/http"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

type staffPage struct {
	frame
	Accounts    []accountRow
	MayChange   bool
	Fresh       bool // who reads proved lately who they are
	Link        *invitation
	Name        string
	RoleChoices []option
	Categories  []option // to which a new account is limited
	Departments []option
}

type accountRow struct {
	ID                    heed.ID
	Name                  string
	Roles                 []string
	Department, State     string
	CreatedAt             time.Time
	Disabled              bool
	MayInvite, MayDisable bool
	MayReset, MayApprove  bool
	ResetBy               string   // who wishes for a new link
	LetInBy               string   // whose hand the account counts as for now; "" where it is nobody's
	RoleChoices           []option // where the reader may change them
	Departments           []option
	Limits                []string // names of the categories to which it is limited
	MayLimit              bool
	MayPhone              bool   // a call-taker's telephone
	Phone                 string // as typed, where it was refused
	PhoneFault            string
	Categories            []option
}

// invitation is a link that was just made; it is shown this once.
type invitation struct{ Name, Address string }

func (d *Desk) staff(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showStaff(w, r, me, auth.NewStaff{}, nil, nil)
}

func (d *Desk) showStaff(w http.ResponseWriter, r *http.Request, me *heed.Staff, n auth.NewStaff, link *invitation, faults heed.Problems) error {
	all, err := d.Auth.All(r.Context(), me)
	if err != nil {
		return err
	}
	page := staffPage{frame: d.frame(r, me), Link: link, Name: n.Name, MayChange: auth.Allow(me, auth.StaffAdd, auth.Resource{}) == nil}
	asked, err := d.Auth.Asked(r.Context(), me)
	if err != nil {
		return err
	}
	newcomers, err := d.Auth.Newcomers(r.Context(), me)
	if err != nil {
		return err
	}
	if page.Fresh, err = d.Auth.Proven(r.Context(), d.secret(r), d.browser(r)); err != nil {
		return err
	}
	for _, a := range all {
		row := d.accountRow(page.Voice, me, a)
		row.LetInBy = nameOf(all, newcomers[a.ID])
		if by, is := asked[a.ID]; is {
			row.ResetBy, row.MayReset = nameOf(all, by), false
			row.MayApprove = auth.Allow(me, auth.StaffResetApprove, auth.Resource{Staff: a.ID, By: by}) == nil
		}
		page.Accounts = append(page.Accounts, row)
	}
	page.RoleChoices = roleChoices(page.Voice, heed.Roles[:], n.Roles)
	page.Categories = d.categoryChoices(page.Voice, n.Categories)
	page.Departments = d.departmentOptions(page.Voice, page.T("desk.department-none"), n.Department)
	status := http.StatusOK
	if faults != nil {
		status = web.ProblemStatus(faults)
		page.addFault(faults...)
	}
	for i, row := range page.Accounts {
		if wrong := page.FaultOf("phone-" + string(row.ID)); wrong != "" {
			page.Accounts[i].Phone, page.Accounts[i].PhoneFault = r.PostForm.Get("phone"), wrong
		}
	}
	return d.site.Render(w, status, "staff", page)
}

func nameOf(all []*heed.Staff, id heed.ID) string {
	for _, a := range all {
		if a.ID == id {
			return a.Name
		}
	}
	return ""
}

func (d *Desk) accountRow(v *web.Voice, me, a *heed.Staff) accountRow {
	row := accountRow{
		ID: a.ID, Name: a.Name, CreatedAt: a.CreatedAt, Disabled: a.Disabled, State: v.T("desk.account-active"),
		MayDisable: auth.Allow(me, auth.StaffDisable, auth.Resource{Staff: a.ID}) == nil,
	}
	for _, role := range a.Roles {
		row.Roles = append(row.Roles, v.T("role."+string(role)))
	}
	limited := d.categoryChoices(v, a.Categories)
	for _, c := range limited {
		if c.Chosen {
			row.Limits = append(row.Limits, c.Label)
		}
	}
	if auth.Allow(me, auth.StaffLimit, auth.Resource{Staff: a.ID}) == nil && a.Has(heed.Agent, heed.Specialist, heed.RoleLead) {
		row.MayLimit, row.Categories = true, limited
	}
	if a.Has(heed.Agent) && auth.Allow(me, auth.StaffPhone, auth.Resource{Staff: a.ID}) == nil {
		row.MayPhone, row.Phone = true, a.Phone
	}
	if a.Department != "" {
		row.Department = d.Profile.DepartmentName(a.Department, v.Lang())
	}
	switch {
	case a.Disabled:
		row.State = v.T("desk.account-disabled")
	case a.EnrolledAt.IsZero():
		row.State = v.T("desk.account-invited")
		row.MayInvite = auth.Allow(me, auth.StaffAdd, auth.Resource{}) == nil
	default:
		row.MayReset = auth.Allow(me, auth.StaffReset, auth.Resource{Staff: a.ID}) == nil
	}
	if !a.Disabled && auth.Allow(me, auth.StaffRoles, auth.Resource{Staff: a.ID}) == nil {
		row.RoleChoices = roleChoices(v, heed.Roles[:], a.Roles)
		row.Departments = d.departmentOptions(v, v.T("desk.department-none"), a.Department)
	}
	return row
}

// categoryChoices lists the profile's categories.
func (d *Desk) categoryChoices(v *web.Voice, chosen []string) (out []option) {
	for _, c := range d.Profile.Categories {
		out = append(out, option{ID: c.ID, Label: c.Name.In(v.Lang()), Chosen: slices.Contains(chosen, c.ID)})
	}
	return out
}

// departmentOptions lists the profile's departments after the choice of none.
func (d *Desk) departmentOptions(v *web.Voice, none, chosen string) []option {
	out := []option{{Label: none}}
	for _, dep := range d.Profile.Departments {
		out = append(out, option{ID: dep.ID, Label: dep.Name.In(v.Lang()), Chosen: dep.ID == chosen})
	}
	return out
}

func (d *Desk) staffAdd(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	n := auth.NewStaff{Name: r.PostForm.Get("name"), Department: r.PostForm.Get("department"), Categories: r.PostForm["category"], Language: me.Language}
	for _, role := range r.PostForm["role"] {
		n.Roles = append(n.Roles, heed.Role(role))
	}
	account, secret, err := d.Auth.Add(r.Context(), me, n)
	if faults := web.Faults(err); faults != nil {
		return d.showStaff(w, r, me, n, nil, faults)
	}
	if err != nil {
		return err
	}
	return d.showStaff(w, r, me, auth.NewStaff{}, d.invitation(r, account.Name, secret), nil)
}

// invitation is the link as the new person needs it: on the address by which the admin reached the desk.
func (d *Desk) invitation(r *http.Request, name, secret string) *invitation {
	scheme := "http"
	if d.TLS {
		scheme = "https"
	}
	return &invitation{Name: name, Address: scheme + "://" + r.Host + "/enrol/" + secret}
}

func (d *Desk) staffLink(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	secret, err := d.Auth.NewLink(r.Context(), me, id)
	if err != nil {
		return err
	}
	names, err := d.Auth.Names(r.Context())
	if err != nil {
		return err
	}
	return d.showStaff(w, r, me, auth.NewStaff{}, d.invitation(r, names[id], secret), nil)
}

// staffLimit says to which categories an account is limited; none chosen lifts the limit.
func (d *Desk) staffLimit(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	err = d.Auth.Limit(r.Context(), me, id, r.PostForm["category"])
	if faults := web.Faults(err); faults != nil {
		return d.showStaff(w, r, me, auth.NewStaff{}, nil, faults)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/staff", http.StatusSeeOther)
	return nil
}

// staffPhone says on which telephone a call-taker speaks with callers. What was typed wrong stands in its field again.
func (d *Desk) staffPhone(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	err = d.Auth.SetPhone(r.Context(), me, id, r.PostForm.Get("phone"))
	if faults := web.Faults(err); faults != nil {
		faults[0].Field = "phone-" + string(id)
		return d.showStaff(w, r, me, auth.NewStaff{}, nil, faults)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/staff", http.StatusSeeOther)
	return nil
}

func (d *Desk) staffDisable(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.setDisabled(w, r, me, true)
}

func (d *Desk) staffEnable(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.setDisabled(w, r, me, false)
}

func (d *Desk) setDisabled(w http.ResponseWriter, r *http.Request, me *heed.Staff, disabled bool) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := d.Auth.SetDisabled(r.Context(), me, id, disabled); err != nil {
		return err
	}
	http.Redirect(w, r, "/staff", http.StatusSeeOther)
	return nil
}

func (d *Desk) staffRoles(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	var roles []heed.Role
	for _, role := range r.PostForm["role"] {
		roles = append(roles, heed.Role(role))
	}
	err = d.Auth.SetRoles(r.Context(), me, id, roles, r.PostForm.Get("department"))
	if faults := web.Faults(err); faults != nil {
		return d.showStaff(w, r, me, auth.NewStaff{}, nil, faults)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/staff", http.StatusSeeOther)
	return nil
}

func (d *Desk) staffReset(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	if err := d.Auth.AskReset(r.Context(), me, id); err != nil {
		return err
	}
	http.Redirect(w, r, "/staff", http.StatusSeeOther)
	return nil
}

func (d *Desk) staffResetApprove(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	secret, err := d.Auth.ApproveReset(r.Context(), me, id)
	if err != nil {
		return err
	}
	names, err := d.Auth.Names(r.Context())
	if err != nil {
		return err
	}
	return d.showStaff(w, r, me, auth.NewStaff{}, d.invitation(r, names[id], secret), nil)
}
