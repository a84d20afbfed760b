package desk

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening"
)

// reportView is one opened report in words.
type reportView struct {
	ID                               heed.ID
	Short, Category, State, StateID  string
	Channel, Language, Lang          string
	Urgency                          urgencyWord
	Due                              *countdown
	Clocks                           []clock
	ReceivedAt                       time.Time
	Named, Mine                      bool
	Claim                            string
	Banners                          []banner
	Pending                          []pendingView
	Text                             []marked
	Spoken                           bool
	Place, Occurred, Chosen, AgeBand string
	Files                            []fileView
	Messages                         []messageView
	Decided                          []decidedView
	History                          []historyView
	Copies                           []copyView
	Acts                             *acts
	Identity                         *identityView
	MayAsk                           bool // for Disclosures
	Departments, CategoryChoices     []option
	Sources, Certainties             []option // of the Admiralty grading
	UrgencyChoices                   []urgencyWord
	Routed                           string
	Similar                          []similarView
	Engine                           []option // what the line's engine can be asked
	Folded, FoldedHref               string   // copies that wait under it
	CopyOf                           *copyView
	Campaign                         *campaignView
	Uncover                          *uncoverForm // nil where nothing is covered
	Exposure                         *exposureView
	Handing                          []banner // what to know before it is handed on
}

type clock struct {
	Name string
	Due  *countdown
}

// banner is something to know before reading on. Level is warn, alert or good.
type banner struct{ Level, Title, Words string }

// marked is a segment with what it is called.
type marked struct {
	segment
	Title string // all that covers it
	Said  string // what begins here, for screen readers
}

type messageView struct {
	FromReporter bool
	From, Text   string
	At           time.Time
}

type copyView struct{ Href, Short, Received string }

// campaignView is a report as one of many with nearly the same text.
type campaignView struct {
	Words  string
	Others []campaignMember // the newest
	More   string           // of them
}

type campaignMember struct {
	copyView
	State string
}

// campaignShown is how many of a campaign's reports are named.
const campaignShown = 50

// report opens a report beside the list that it was opened from.
func (d *Desk) report(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	p := placeOf(r, r.URL.Query().Get("list"))
	purpose := "queue"
	if p.List == "" {
		purpose = "search" // its own purpose stands beside the search's leaf
	}
	view, err := d.Review.Read(r.Context(), me, id, purpose)
	if err != nil {
		return err
	}
	if p.List == "" {
		p.List = view.Report.List()
	}
	if !slices.Contains(lists, p.List) { // not screened yet: it stands in none
		p.List = heed.ListReview
	}
	page := &deskPage{frame: d.frame(r, me), place: p, Opened: true}
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	if !isPart(r) {
		if err := d.fillQueue(r, me, page); err != nil {
			return err
		}
		for i := range page.Queue.Rows {
			page.Queue.Rows[i].Open = page.Queue.Rows[i].ID == id
		}
	}
	page.Report = s.report(p, me, view)
	if page.Report.Identity, err = d.identity(r, s, me, view.Report); err != nil {
		return err
	}
	page.Report.MayAsk = auth.Allow(me, auth.DisclosureAsk, auth.Resource{Report: id, Category: view.Report.Category}) == nil
	counts, err := d.Review.CountCopies(r.Context(), me, id)
	if err != nil {
		return err
	}
	page.Report.Folded, page.Report.FoldedHref = s.folded("desk.folded-words", counts[id]), place{List: heed.ListCopies, CopyOf: id}.Address()
	if d.Review.HasEngine() {
		page.Report.Engine = s.engineOffers(view)
	}
	if page.Report.Pictures() {
		page.Report.Uncover = d.uncoverOf(r, me, id, "", p.Report(id), page.T("desk.picture-see-words"))
		if page.Report.Exposure, err = d.exposure(r, page.frame, me); err != nil {
			return err
		}
	}
	page.Assessment = s.assessment(p, view)
	page.Undo = s.undo(view)
	return d.showDesk(w, r, page, p.Report(id))
}

func (s speaker) report(p place, me *heed.Staff, v *review.View) *reportView {
	r := v.Report
	out := &reportView{
		ID: r.ID, Short: r.ID.Short(), Category: s.category(r.Category), State: s.T("state." + string(r.State)), StateID: string(r.State),
		Channel: s.T("channel." + string(r.Channel)), Language: s.language(r.Language), Lang: r.Language,
		Urgency: s.urgency(r.Urgency), Due: s.countdown(r.ReceivedAt, r.NextDue), ReceivedAt: r.ReceivedAt, Named: r.Named,
		Text: s.text(v), Spoken: v.Spoken(),
		Place: v.Content.Place, Occurred: v.Content.Occurred, Files: s.files(p, v), History: s.history(v),
	}
	if v.Content.Category != "" {
		out.Chosen = s.category(v.Content.Category)
	}
	if v.Content.AgeBand != "" {
		out.AgeBand = s.T("age." + v.Content.AgeBand)
	}
	for _, c := range v.Deadlines {
		out.Clocks = append(out.Clocks, clock{s.T("clock." + c.Name), s.countdown(r.ReceivedAt, c.At)})
	}
	if r.State == heed.InReview && r.ClaimedUntil.After(s.Now()) {
		out.Mine = r.ClaimedBy == me.ID
		key := "desk.claimed-by"
		if out.Mine {
			key = "desk.claimed-mine"
		}
		out.Claim = s.T(key, "Name", s.who(r.ClaimedBy), "Time", s.Clock(r.ClaimedUntil))
	}
	out.Banners, out.Handing = s.banners(v), s.handing(v)
	out.Messages = s.messages(v)
	out.Pending, out.Decided = s.decisions(me, v)
	for _, c := range v.Duplicates {
		out.Copies = append(out.Copies, copyView{p.Report(c.ID), c.ID.Short(), s.When(c.ReceivedAt)})
	}
	if of := v.Report.CopyOf; of != "" && v.Report.List() == heed.ListCopies {
		out.CopyOf = &copyView{Href: p.Report(of), Short: of.Short()}
	}
	out.Campaign = s.campaignOf(p, v)
	s.acts(out, me, v)
	return out
}

func (s speaker) campaignOf(p place, v *review.View) *campaignView {
	if v.Screening == nil {
		return nil
	}
	at := slices.IndexFunc(v.Screening.Reasons, func(r heed.Reason) bool { return r.Rule == screening.CampaignRule })
	if at < 0 {
		return nil
	}
	out := &campaignView{Words: s.why(v.Screening.Reasons[at])}
	for _, r := range v.Campaign[:min(len(v.Campaign), campaignShown)] {
		member := campaignMember{copyView: copyView{p.Report(r.ID), r.ID.Short(), s.When(r.ReceivedAt)}}
		if !v.Withheld { // that the others are set aside tells what the machine thinks of this one
			member.State = s.T("state." + string(r.State))
		}
		out.Others = append(out.Others, member)
	}
	if more := len(v.Campaign) - len(out.Others); more > 0 {
		out.More = s.T("desk.campaign-more", "Count", more)
	}
	return out
}

// text is the report's words with what the machine found in them.
func (s speaker) text(v *review.View) []marked {
	return s.marks(v.Content.Text, spansOf(v.Content.Text, v.Screening))
}

// marks is a text with what was found in it.
func (s speaker) marks(text string, spans []span) []marked {
	var out []marked
	for _, seg := range segments(text, spans) {
		m := marked{segment: seg}
		var all, begins []string
		for _, sp := range seg.Spans {
			if name := s.spanName(sp); !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
		for _, sp := range seg.Begins {
			if sp.Kind == "detail" {
				begins = append(begins, s.spanName(sp)+":")
			}
		}
		m.Title, m.Said = strings.Join(all, " · "), strings.Join(begins, " ")
		out = append(out, m)
	}
	return out
}

func (s speaker) spanName(sp span) string {
	if sp.Kind == "detail" {
		return s.T("detail." + sp.Name)
	}
	name := s.T("desk.reason-for", "For", s.T("for."+sp.Name))
	if sp.Strength > 0 {
		name += " (" + s.T(strengths[sp.Strength]) + ")"
	}
	return name
}

func (s speaker) banners(v *review.View) (out []banner) {
	add := func(level, key string) {
		out = append(out, banner{level, s.T("desk." + key), s.T("desk." + key + "-words")})
	}
	switch r := v.Report; {
	case v.Gone:
		add("alert", "gone")
		return out
	case r.State.Open() && (r.State == heed.RefusalProposed || v.Screening != nil && v.Screening.Refuse):
		add("alert", "refusal-proposed")
	case r.State == heed.Quarantine, lies(v.Files):
		add("alert", "quarantine")
	case r.State == heed.Withdrawn:
		add("warn", "withdrawn")
	}
	if v.Screening != nil && len(v.Screening.Asides()) > 0 {
		add("warn", "asides")
	}
	switch {
	case v.Spoken() && v.Screening != nil:
		add("warn", "heard")
	case v.Spoken():
		add("warn", "recording")
	case v.Unscreened:
		add("warn", "unscreened")
	}
	if v.Report.Kept() == heed.KeptReview {
		add("warn", "kept")
	}
	if v.Lead != nil {
		out = append(out, banner{"good", s.T("desk.is-duplicate"), v.Lead.ID.Short()})
	}
	for _, f := range v.Referrals {
		words := s.T("referral-state." + string(f.State))
		if f.Reason.Text != "" {
			words += ": " + f.Reason.Text
		}
		if f.Outcome != "" {
			if o, ok := s.profile.Outcome(f.Outcome); ok {
				words += ": " + o.Name.In(s.Lang())
			}
		}
		level := "good"
		if f.State == heed.ReferralReturned {
			level = "warn"
		}
		out = append(out, banner{level, s.profile.DepartmentName(f.Department, s.Lang()), words})
	}
	return out
}

func (s speaker) messages(v *review.View) (out []messageView) {
	for _, m := range v.Messages {
		from := s.T("desk.from-reporter")
		if !m.Kind.FromReporter() {
			if from = s.who(m.Author); from == "" {
				from = s.T("desk.from-line")
			}
		}
		out = append(out, messageView{m.Kind.FromReporter(), from + " · " + s.T("desk.message-"+string(m.Kind)), m.Text, m.At})
	}
	return out
}

type pendingView struct {
	ID               heed.ID
	What, By, Reason string
	At               time.Time
	Due              *countdown
	MayDecide        bool
	Why              string // why the reader may not
	Refers           bool
}

type decidedView struct {
	What, By, State, Reason string
	At                      time.Time
}

// decisions are what was decided, and apart from it what waits for a second person.
func (s speaker) decisions(me *heed.Staff, v *review.View) (pending []pendingView, decided []decidedView) {
	for _, d := range v.Dispositions {
		what := s.what(&d.Disposition)
		reason := d.Reason.Text
		if g := d.Reason.Grading; g != nil {
			reason += "\n" + s.T("desk.graded", "Scheme", g.Scheme, "Value", g.Value)
		}
		if d.State != heed.Pending {
			state := s.T("disposition-state." + string(d.State))
			if d.SecondBy != "" {
				state += " · " + s.who(d.SecondBy)
			}
			decided = append(decided, decidedView{what, s.who(d.By), state, reason, d.At})
			continue
		}
		pending = append(pending, pendingView{
			ID: d.ID, What: what, By: s.who(d.By), Reason: reason, At: d.At, Due: s.countdown(d.At, d.ApproveBy),
			MayDecide: auth.Allow(me, auth.ReportApprove, auth.Resource{By: d.By}) == nil, Why: s.T("desk.pending-why"), Refers: d.Kind == heed.Refer,
		})
	}
	return pending, decided
}

// what is a decision in words, with where it leads.
func (s speaker) what(d *heed.Disposition) string {
	words := s.T("disposition." + string(d.Kind))
	switch {
	case d.Department != "":
		words += " → " + s.profile.DepartmentName(d.Department, s.Lang())
	case d.Lead != "":
		words += " → " + d.Lead.Short()
	}
	return words
}
