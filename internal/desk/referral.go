package desk

import (
	"encoding/hex"
	"net/http"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/referral"
	"github.com/heed-line/heed/internal/web"
)

type referralsPage struct {
	frame
	Department string
	Referrals  []referralRow
	Next       string
}

type referralRow struct {
	ID                     heed.ID
	Short, State, Category string
	Urgency                urgencyWord
	CreatedAt              time.Time
	Size                   int64
}

// referrals lists those of the liaison's own Department.
func (d *Desk) referrals(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	after, err := heed.ParseID(r.URL.Query().Get("after"))
	if err != nil {
		after = "" // from the first one
	}
	items, err := d.Referral.List(r.Context(), me, after, pageSize+1)
	if err != nil {
		return err
	}
	page := referralsPage{frame: d.frame(r, me)}
	s := speaker{page.Voice, d.Profile, nil}
	page.Department = d.Profile.DepartmentName(me.Department, page.Lang())
	if len(items) > pageSize {
		items = items[:pageSize]
		page.Next = "/referrals?after=" + string(items[pageSize-1].ID)
	}
	for _, f := range items {
		page.Referrals = append(page.Referrals, referralRow{
			ID: f.ID, Short: f.ID.Short(), State: s.T("referral-state." + string(f.State)), Category: s.category(f.Category),
			Urgency: s.urgency(f.Urgency), CreatedAt: f.CreatedAt, Size: f.Size,
		})
	}
	return d.site.Render(w, http.StatusOK, "referrals", page)
}

type referralPage struct {
	frame
	Referral                          referralView
	Preparing                         bool
	MayDownload, MayAccept, MayReturn bool
	MayConclude                       bool
	Outcomes                          []outcomeOption
	Typed                             string // the reason, where it must be put right
}

type referralView struct {
	referralRow
	StateSince, ReceivedAt          time.Time
	Hash, FileName, Outcome, Reason string
}

type outcomeOption struct{ ID, Name, Wording string }

func (d *Desk) referral(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showReferral(w, r, me, nil)
}

func (d *Desk) showReferral(w http.ResponseWriter, r *http.Request, me *heed.Staff, faults heed.Problems) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	f, err := d.Referral.Get(r.Context(), me, id)
	if err != nil {
		return err
	}
	page := referralPage{frame: d.frame(r, me), Typed: r.PostForm.Get("reason")}
	page.fill(speaker{page.Voice, d.Profile, nil}, f)
	status := http.StatusOK
	if faults != nil {
		status = web.ProblemStatus(faults)
		page.addFault(faults...)
	}
	return d.site.Render(w, status, "referral", page)
}

func (p *referralPage) fill(s speaker, f *referral.Item) {
	is := func(states ...heed.ReferralState) bool { return slices.Contains(states, f.State) }
	p.Preparing = is(heed.ReferralPreparing)
	p.MayDownload = f.Blob != "" && is(heed.ReferralReady, heed.ReferralDownloaded, heed.ReferralAccepted, heed.ReferralConcluded)
	p.MayAccept = is(heed.ReferralReady, heed.ReferralDownloaded)
	p.MayReturn = is(heed.ReferralReady, heed.ReferralDownloaded, heed.ReferralAccepted)
	p.MayConclude = is(heed.ReferralAccepted)
	p.Referral = referralView{
		referralRow: referralRow{
			ID: f.ID, Short: f.ID.Short(), State: s.T("referral-state." + string(f.State)), Category: s.category(f.Category),
			Urgency: s.urgency(f.Urgency), CreatedAt: f.CreatedAt, Size: f.Size,
		},
		StateSince: f.StateSince, ReceivedAt: f.ReceivedAt, Hash: hex.EncodeToString(f.SHA256), FileName: packageName(f.ID), Reason: f.Reason,
	}
	if o, ok := s.profile.Outcome(f.Outcome); ok {
		p.Referral.Outcome = o.Name.In(s.Lang())
	}
	for _, o := range s.profile.Outcomes {
		p.Outcomes = append(p.Outcomes, outcomeOption{o.ID, o.Name.In(s.Lang()), o.Wording.In(s.Lang())})
	}
}

// packageName is the downloaded file's name: the Referral's id, by which a Department knows a package that comes twice.
func packageName(id heed.ID) string { return "heed-" + string(id) + ".age" }

func (d *Desk) packageDownload(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	_, content, err := d.Referral.OpenPackage(r.Context(), me, id)
	if err != nil {
		return err
	}
	return download(w, content, packageName(id))
}

// answer does one act on a Referral and shows it again; faults in what was typed stand beside it.
func (d *Desk) answer(w http.ResponseWriter, r *http.Request, me *heed.Staff, act func(id heed.ID) error) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	err = act(id)
	if faults := web.Faults(err); faults != nil {
		return d.showReferral(w, r, me, faults)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/referrals/"+string(id), http.StatusSeeOther)
	return nil
}

func (d *Desk) referralAccept(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.answer(w, r, me, func(id heed.ID) error { return d.Referral.Accept(r.Context(), me, id) })
}

func (d *Desk) referralReturn(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.answer(w, r, me, func(id heed.ID) error { return d.Referral.Return(r.Context(), me, id, r.PostForm.Get("reason")) })
}

func (d *Desk) referralOutcome(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.answer(w, r, me, func(id heed.ID) error { return d.Referral.Outcome(r.Context(), me, id, r.PostForm.Get("outcome")) })
}
