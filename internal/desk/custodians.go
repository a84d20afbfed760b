package desk

import (
	"net/http"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/web"
)

type custodiansPage struct {
	frame
	Custodians []custodianRow
}

type custodianRow struct {
	ID                            heed.ID
	Name, State, Key, By          string
	Own, Closed, Waits            bool
	RemovalBy                     string // who asks for the removal
	MayApprove, MayAsk, MayRemove bool
}

// custodians is who opens identities, and who waits to.
func (d *Desk) custodians(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showCustodians(w, r, me, nil)
}

func (d *Desk) showCustodians(w http.ResponseWriter, r *http.Request, me *heed.Staff, fault *heed.Problem) error {
	circle, err := d.Custody.Circle(r.Context(), me)
	if err != nil {
		return err
	}
	removals, err := d.Custody.Removals(r.Context(), me)
	if err != nil {
		return err
	}
	page := custodiansPage{frame: d.frame(r, me)}
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	counts := false // me, as a Custodian
	for _, m := range circle.Members {
		counts = counts || m.Account.ID == me.ID && m.State == identity.Approved
	}
	for _, m := range circle.Members {
		page.Custodians = append(page.Custodians, d.custodianRow(s, me, m, counts, removals))
	}
	status := http.StatusOK
	if fault != nil {
		page.addFault(fault)
		status = web.ProblemStatus(heed.Problems{fault})
	}
	return d.site.Render(w, status, "custodians", page)
}

func (d *Desk) custodianRow(s speaker, me *heed.Staff, m identity.Member, counts bool, removals map[heed.ID]heed.ID) custodianRow {
	a := m.Account
	row := custodianRow{
		ID: a.ID, Name: a.Name, State: s.T("desk.custodian-state-" + string(m.State)), Key: m.Key, Own: a.ID == me.ID, Closed: a.Disabled,
		Waits: m.State == identity.Waits && !a.Disabled,
	}
	switch {
	case m.How != nil && m.How.By == "":
		row.By = s.T("desk.custodian-first")
	case m.How != nil:
		row.By = s.T("desk.custodian-by", "By", s.who(m.How.By))
	}
	row.MayApprove = row.Waits && counts && auth.Allow(me, auth.CustodianApprove, auth.Resource{Staff: a.ID}) == nil
	by, asked := removals[a.ID]
	if asked {
		row.RemovalBy = s.T("desk.custodian-removal-by", "By", s.who(by))
		row.MayRemove = counts && auth.Allow(me, auth.CustodianRemove, auth.Resource{Staff: a.ID, By: by}) == nil
	}
	row.MayAsk = !asked && m.State == identity.Approved && auth.Allow(me, auth.CustodianAskRemoval, auth.Resource{Staff: a.ID}) == nil
	return row
}

// custodianApprove approves who waits, with the key that the page showed.
func (d *Desk) custodianApprove(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.changeCustodians(w, r, me, func(id heed.ID) error {
		return d.Custody.ApproveCustodian(r.Context(), me, id, r.PostForm.Get("key"), r.PostForm.Get("passphrase"))
	})
}

func (d *Desk) custodianAskRemoval(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.changeCustodians(w, r, me, func(id heed.ID) error { return d.Custody.AskRemoval(r.Context(), me, id) })
}

func (d *Desk) custodianRemove(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.changeCustodians(w, r, me, func(id heed.ID) error {
		return d.Custody.RemoveCustodian(r.Context(), me, id, r.PostForm.Get("passphrase"))
	})
}

func (d *Desk) changeCustodians(w http.ResponseWriter, r *http.Request, me *heed.Staff, change func(heed.ID) error) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	err = change(id)
	if err == nil {
		http.Redirect(w, r, "/custodians", http.StatusSeeOther)
		return nil
	}
	fault := decidingFault(err)
	if fault == nil {
		return err
	}
	switch {
	case fault.Code == "disclosure-over":
		fault = &heed.Problem{Code: "custodian-over"}
	case fault.Field == "passphrase": // each form has its own
		fault.Field += "-" + string(id)
	case fault.Field == "key":
		fault.Field = ""
	}
	return d.showCustodians(w, r, me, fault)
}
