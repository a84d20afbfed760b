package desk

import (
	"bytes"
	"io"
	"net/http"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

type custodiansPage struct {
	frame
	Custodians []custodianRow
	Apart      bool   // the reader's own key isn't kept here
	LineKey    string // as a machine apart shows it
	AnswerType string
}

type custodianRow struct {
	ID                            heed.ID
	Name, State, Key, By          string
	Own, Closed, Waits            bool
	RemovalBy                     string // who asks for the removal
	File                          string // of a request to agree
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
	page := custodiansPage{
		frame: d.frame(r, me), Apart: identity.KeyApart(me), LineKey: seal.Fingerprint(d.Custody.AuditKey()), AnswerType: answerSuffix,
	}
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
		Waits: m.State == identity.Waits && !a.Disabled, File: agreementFile(a.ID),
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
	row.MayAsk = !asked && m.State == identity.Approved && (counts || me.Has(heed.Admin)) && auth.Allow(me, auth.CustodianAskRemoval, auth.Resource{Staff: a.ID}) == nil
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

// custodianTakeApproval downloads the request by which a Custodian whose key is on a machine apart approves there.
func (d *Desk) custodianTakeApproval(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.takeAgreement(w, r, me, func(id heed.ID) ([]byte, error) {
		return d.Custody.TakeApproval(r.Context(), me, id, r.PostForm.Get("key"))
	})
}

func (d *Desk) custodianTakeRemoval(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.takeAgreement(w, r, me, func(id heed.ID) ([]byte, error) { return d.Custody.TakeRemoval(r.Context(), me, id) })
}

func (d *Desk) takeAgreement(w http.ResponseWriter, r *http.Request, me *heed.Staff, take func(heed.ID) ([]byte, error)) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := take(id)
	if err != nil {
		return d.custodiansFault(w, r, me, id, err)
	}
	return download(w, io.NopCloser(bytes.NewReader(file)), agreementFile(id))
}

// agreementFile names nobody: it is on a stick.
func agreementFile(id heed.ID) string { return "custodian-" + id.Short() + requestSuffix }

// custodianAnswer takes what the machine apart made of either.
func (d *Desk) custodianAnswer(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.changeCustodians(w, r, me, func(id heed.ID) error {
		file, err := answerFile(r)
		if err != nil {
			return err
		}
		return d.Custody.BringAgreement(r.Context(), me, id, file)
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
	return d.custodiansFault(w, r, me, id, err)
}

// custodiansFault shows what is wrong beside everybody, or is err.
func (d *Desk) custodiansFault(w http.ResponseWriter, r *http.Request, me *heed.Staff, id heed.ID, err error) error {
	fault := decidingFault(err)
	if fault == nil {
		return err
	}
	switch {
	case fault.Code == "disclosure-over":
		fault = &heed.Problem{Code: "custodian-over"}
	case fault.Field == "passphrase", fault.Field == "answer": // each form has its own
		fault = &heed.Problem{Field: fault.Field + "-" + string(id), Code: fault.Code, Args: fault.Args}
	case fault.Field == "key":
		fault.Field = ""
	}
	return d.showCustodians(w, r, me, fault)
}
