package desk

import (
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
)

// acts is what the reader can do with the report as it stands.
type acts struct {
	Claim, Release  bool
	Decide, Correct bool
	Plain           []plainAct // decisions that need a reason and nothing else
	Back            []plainAct // unlink, reopen
}

type plainAct struct {
	Kind, Key, Label, Reason, Warning string
	NeedsReason                       bool
}

// KeyLower is the key as the script reads it.
func (a plainAct) KeyLower() string { return strings.ToLower(a.Key) }

// acts fills what the reader can do: what their role permits and the state table has. The service asks both again.
func (s speaker) acts(out *reportView, me *heed.Staff, v *review.View) {
	r := v.Report
	if v.Gone {
		return
	}
	open := func(action auth.Action, e heed.Event) bool {
		_, err := r.State.Next(e)
		return err == nil && auth.Allow(me, action, auth.Resource{}) == nil
	}
	others := r.State == heed.InReview && r.ClaimedBy != me.ID && r.ClaimedUntil.After(s.Now())
	a := &acts{
		Claim:   open(auth.ReportClaim, heed.EventClaim),
		Release: out.Mine,
		Decide:  (out.Mine || open(auth.ReportClaim, heed.EventClaim)) && auth.Allow(me, auth.ReportDispose, auth.Resource{}) == nil,
		Correct: r.State.Open() && !others && r.State != heed.PendingApproval && auth.Allow(me, auth.ReportUrgency, auth.Resource{}) == nil,
	}
	if a.Decide {
		a.Plain = s.plainActs()
		s.referring(out, v)
	}
	if a.Correct {
		for _, u := range heed.Urgencies {
			w := s.urgency(u)
			w.Chosen = u == r.Urgency
			out.UrgencyChoices = append(out.UrgencyChoices, w)
		}
		out.CategoryChoices = s.categories(r.Category)
	}
	if open(auth.ReportUnlink, heed.EventUnlink) {
		a.Back = append(a.Back, plainAct{Kind: "unlink", Label: s.T("desk.act-unlink")})
	}
	if open(auth.ReportReopen, heed.EventReopen) {
		a.Back = append(a.Back, plainAct{Kind: "reopen", Label: s.T("desk.act-reopen"), Reason: s.T("desk.reason-reopen"), NeedsReason: true})
	}
	if mayProposeErasure(me, v) {
		a.Back = append(a.Back, plainAct{
			Kind: "erase", Label: s.T("desk.act-erase"), Reason: s.T("desk.reason-erase"), Warning: s.T("desk.erase-warning"), NeedsReason: true,
		})
	}
	if a.Claim || a.Release || a.Decide || a.Correct || a.Back != nil {
		out.Acts = a
	}
}

// mayProposeErasure says that the report is kept long enough and that nobody proposes to erase it yet.
func mayProposeErasure(me *heed.Staff, v *review.View) bool {
	return v.Report.Kept() == heed.KeptReview && auth.Allow(me, auth.ReportErase, auth.Resource{}) == nil &&
		!slices.ContainsFunc(v.Dispositions, func(d review.Disposition) bool { return d.Kind == heed.Erase && d.State == heed.Pending })
}

func (s speaker) plainActs() []plainAct {
	return []plainAct{
		{Kind: string(heed.Close), Key: "X", Label: s.T("desk.act-close"), Reason: s.T("desk.reason-close")},
		{Kind: string(heed.Hold), Key: "P", Label: s.T("desk.act-hold"), Reason: s.T("desk.reason-hold")},
		{Kind: string(heed.Refuse), Key: "F", Label: s.T("desk.act-refuse"), Reason: s.T("desk.reason-refuse"), Warning: s.T("desk.refuse-warning")},
	}
}

// receivers are the choice of the Departments to which something can be sealed; chosen is the id of one, or "".
func (s speaker) receivers(chosen string) []option {
	out := []option{{Label: s.T("desk.choose-department")}}
	for _, dep := range s.profile.Departments {
		if len(dep.Recipients) > 0 {
			out = append(out, option{ID: dep.ID, Label: dep.Name.In(s.Lang()), Chosen: dep.ID == chosen})
		}
	}
	return out
}

// referring fills what a referral asks for: the Department, with the routing's suggestion chosen, and the grading.
func (s speaker) referring(out *reportView, v *review.View) {
	out.Departments = s.receivers(v.Suggested)
	if v.Suggested != "" {
		out.Routed = s.T("desk.routed", "Department", s.profile.DepartmentName(v.Suggested, s.Lang()))
	}
	out.Sources = []option{{Label: s.T("desk.ungraded")}}
	for _, c := range "ABCDEF" {
		out.Sources = append(out.Sources, option{ID: string(c), Label: string(c) + " · " + s.T("grade-source."+string(c))})
	}
	out.Certainties = []option{{Label: s.T("desk.ungraded")}}
	for _, c := range "123456" {
		out.Certainties = append(out.Certainties, option{ID: string(c), Label: string(c) + " · " + s.T("grade-certainty."+string(c))})
	}
	out.Similar = s.similar(place{}, v)
}
