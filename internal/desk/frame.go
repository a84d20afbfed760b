package desk

import (
	"net/http"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

// frame is what every page of the desk has: the voice that speaks it, who reads it, where else they can go, and what is
// wrong with what they typed.
type frame struct {
	*web.Voice
	LineName  string
	Me        *heed.Staff // nil before signing in
	Nav       []navItem
	MaySearch bool
	// ClockDoubted: the host's clock jumped, and whoever reads this may see so.
	ClockDoubted bool
	// ModelFault: the line's own model can't be used, and whoever reads this may see so.
	ModelFault bool
	// ModelNews is what else the reader is to be told of the line's models, in words; MaySeeModels: they may look at them.
	ModelNews    []string
	MaySeeModels bool
	// Calls is how the reader stands to callers; nil for who takes no calls.
	Calls  *callBar
	Faults []fault
}

type navItem struct {
	Href, Label string
	Current     bool
}

// fault is one thing to put right, with the id of the field that it is in.
type fault struct{ Anchor, Text string }

func (f *frame) addFault(ps ...*heed.Problem) {
	for _, p := range ps {
		f.Faults = append(f.Faults, fault{Anchor: p.Field, Text: f.Problem(p)})
	}
}

// FaultOf is what is wrong with one field, "" where nothing is.
func (f frame) FaultOf(field string) string {
	for _, fault := range f.Faults {
		if fault.Anchor == field {
			return fault.Text
		}
	}
	return ""
}

func (d *Desk) frame(r *http.Request, me *heed.Staff) frame {
	language := ""
	if me != nil {
		language = me.Language
	}
	v := d.site.Voice(r, language)
	f := frame{Voice: v, LineName: d.Profile.Line.Name.In(v.Lang()), Me: me}
	if me == nil {
		return f
	}
	own := auth.Resource{Staff: me.ID, Department: me.Department}
	for _, n := range []struct {
		action      auth.Action
		href, label string
		below       []string // addresses that belong to it
	}{
		{auth.QueueRead, "/queue/review", "desk.queue", []string{"/queue/", "/reports/", "/search"}},
		{auth.CallTake, "/calls", "calls.nav", []string{"/calls", "/drafts/"}},
		{auth.CallFigures, "/hotline", "hotline.nav", []string{"/hotline"}},
		{auth.ReferralList, "/referrals", "desk.referrals", []string{"/referrals"}},
		{auth.DisclosureList, "/disclosures", "desk.disclosures", []string{"/disclosures"}},
		{auth.CustodianList, "/custodians", "desk.custodians", []string{"/custodians"}},
		{auth.StaffList, "/staff", "desk.staff", []string{"/staff"}},
		{auth.ModelSee, "/models", "models.nav", []string{"/models"}},
		{auth.AuditRead, "/audit", "audit.title", []string{"/audit", "/clock"}},
	} {
		if auth.Allow(me, n.action, own) == nil {
			here := slices.ContainsFunc(n.below, func(prefix string) bool { return strings.HasPrefix(r.URL.Path, prefix) })
			f.Nav = append(f.Nav, navItem{n.href, v.T(n.label), here})
		}
	}
	f.ClockDoubted = d.clockDoubted(r, me)
	f.ModelFault = d.modelFault(me)
	f.ModelNews, f.MaySeeModels = d.modelNews(r, v, me), auth.Allow(me, auth.ModelSee, auth.Resource{}) == nil
	f.Calls = d.callBar(r, v, me)
	f.MaySearch = auth.Allow(me, auth.ReportSearch, own) == nil
	return f
}

// option is one choice of a list, shown as Label.
type option struct {
	ID, Label string
	Hint      string
	Chosen    bool
}
