package desk

import (
	"net/http"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/web"
)

// pageSize is how many rows a list shows at once.
const pageSize = 50

// deskPage is the page of three panes. Parts of it are sent alone to the script.
type deskPage struct {
	frame
	place
	Tabs                  []tab
	Queue                 *queueView // nil: the list isn't part of the answer
	Search                *searched
	Urgencies, Categories []option
	Opened                bool // the report's panes are part of the answer
	Report                *reportView
	Assessment            *assessmentView
	Undo                  *undoView
}

type tab struct {
	Href, Label, Count string
	Current            bool
}

type queueView struct {
	Rows     []row
	Next     string // cursor of the next page; "" on the last
	NextHref string
	Later    []laterRow
}

// searched is a search, carried from page to page in forms: its words never stand in an address.
type searched struct{ Words, Purpose string }

// row is one report in a list: nothing of its words.
type row struct {
	ID                           heed.ID
	Short, Href                  string
	Version                      int64
	Urgency                      urgencyWord
	Due                          *countdown
	Category, Language, Channel  string
	Received, ReceivedISO        string
	ReceivedExact                string
	State, Unscreened, ClaimedBy string
	Files, Copies, Folded        string
	Campaign                     string
	Open                         bool
}

// laterRow is a Referral of imminent danger that left before its second person looked.
type laterRow struct {
	Short, Href string
	Due         *countdown
}

func (d *Desk) speaker(r *http.Request, f frame) (speaker, error) {
	names, err := d.Auth.Names(r.Context())
	return speaker{f.Voice, d.Profile, names}, err
}

func (s speaker) row(p place, r *heed.Report) row {
	out := row{
		ID: r.ID, Short: r.ID.Short(), Href: p.Report(r.ID), Version: r.Version,
		Urgency: s.urgency(r.Urgency), Due: s.countdown(r.ReceivedAt, r.NextDue),
		Category: s.category(r.Category), Language: s.language(r.Language), Channel: s.T("channel." + string(r.Channel)),
		Received: s.When(r.ReceivedAt), ReceivedISO: r.ReceivedAt.UTC().Format(time.RFC3339), ReceivedExact: s.exact(r.ReceivedAt),
	}
	if r.State != heed.Queued && r.State != heed.InReview {
		out.State = s.T("state." + string(r.State))
	}
	switch {
	case r.Category == "" && r.Channel == heed.ChannelPhone:
		out.Unscreened = s.T("desk.recording")
	case r.Category == "":
		out.Unscreened = s.T("desk.unscreened")
	}
	if r.ClaimedBy != "" && r.ClaimedUntil.After(s.Now()) {
		out.ClaimedBy = s.who(r.ClaimedBy)
	}
	if r.Files > 0 {
		out.Files = s.T("desk.files-count", "Count", r.Files)
	}
	if r.Copies > 0 {
		out.Copies = s.T("desk.copies-count", "Count", r.Copies)
	}
	return out
}

// queue shows a list, with no report open.
func (d *Desk) queue(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	p := placeOf(r, r.PathValue("list"))
	if p.List == "" {
		return heed.ErrNotFound
	}
	page := &deskPage{frame: d.frame(r, me), place: p, Opened: true}
	if err := d.fillQueue(r, me, page); err != nil {
		return err
	}
	page.Undo = d.undoOffered(r, page.Voice)
	return d.showDesk(w, r, page, p.Address())
}

// showDesk sends the whole page, or to the script its parts and the address that they stand for.
func (d *Desk) showDesk(w http.ResponseWriter, r *http.Request, page *deskPage, address string) error {
	if !isPart(r) {
		return d.site.Render(w, http.StatusOK, "desk", page)
	}
	w.Header().Set(partHeader, "1")
	w.Header().Set("X-Address", address)
	return d.site.RenderPart(w, http.StatusOK, "desk", "regions", page)
}

// fillQueue reads tabs and rows.
func (d *Desk) fillQueue(r *http.Request, me *heed.Staff, page *deskPage) error {
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	q := page.query()
	q.Limit = pageSize + 1 // the one more tells whether there is a next page
	reports, err := d.Review.Queue(r.Context(), me, q)
	if err != nil {
		return err
	}
	page.Queue = s.rows(page.place, reports)
	rows := make([]*row, len(page.Queue.Rows))
	for i := range rows {
		rows[i] = &page.Queue.Rows[i]
	}
	if err := d.fillAlike(r, me, s, rows...); err != nil {
		return err
	}
	if page.List == heed.ListApproval {
		if err := d.fillLater(r, me, page, s); err != nil {
			return err
		}
	}
	page.Urgencies = []option{{Label: s.T("desk.urgency-all")}}
	for _, u := range heed.Urgencies {
		page.Urgencies = append(page.Urgencies, option{ID: string(u), Label: s.urgency(u).Name, Chosen: u == page.Urgency})
	}
	page.Categories = append([]option{{Label: s.T("desk.category-all")}}, s.categories(page.Category)...)
	return d.fillTabs(r, me, page)
}

func (s speaker) categories(chosen string) (out []option) {
	for _, c := range s.profile.Categories {
		out = append(out, option{ID: c.ID, Label: c.Name.In(s.Lang()), Chosen: c.ID == chosen})
	}
	return out
}

func (s speaker) rows(p place, reports []*heed.Report) *queueView {
	v := &queueView{}
	if len(reports) > pageSize {
		reports = reports[:pageSize]
		next := p
		next.After = reports[pageSize-1]
		v.Next, v.NextHref = cursor(next.After), next.Address()
	}
	for _, r := range reports {
		v.Rows = append(v.Rows, s.row(p, r))
	}
	return v
}

// fillAlike says how many copies wait under each row, and of how many with nearly the same text it is one.
func (d *Desk) fillAlike(r *http.Request, me *heed.Staff, s speaker, rows ...*row) error {
	of := make([]heed.ID, len(rows))
	for i := range rows {
		of[i] = rows[i].ID
	}
	folded, err := d.Review.CountCopies(r.Context(), me, of...)
	if err != nil {
		return err
	}
	campaigns, err := d.Review.Campaigns(r.Context(), me, of...)
	if err != nil {
		return err
	}
	for _, row := range rows {
		row.Folded = s.folded("desk.folded", folded[row.ID])
		if n := campaigns[row.ID]; n > 0 {
			row.Campaign = s.T("desk.campaign-row", "Count", n)
		}
	}
	return nil
}

// folded says by a key's text how many copies wait under a report, "" for none; beyond where counting stops by the text for
// more than that.
func (s speaker) folded(key string, n int) string {
	switch {
	case n == 0:
		return ""
	case n >= review.MaxCount:
		return s.T(key+"-most", "Count", review.MaxCount-1)
	default:
		return s.T(key, "Count", n)
	}
}

func (d *Desk) fillLater(r *http.Request, me *heed.Staff, page *deskPage, s speaker) error {
	later, err := d.Review.LaterApprovals(r.Context(), me)
	if err != nil {
		return err
	}
	for _, dis := range later {
		page.Queue.Later = append(page.Queue.Later, laterRow{
			Short: dis.Report.Short(), Href: page.place.Report(dis.Report), Due: s.countdown(dis.At, dis.ApproveBy),
		})
	}
	return nil
}

func (d *Desk) fillTabs(r *http.Request, me *heed.Staff, page *deskPage) error {
	counts, err := d.Review.Counts(r.Context(), me)
	if err != nil {
		return err
	}
	for _, l := range lists {
		t := tab{Href: place{List: l}.Address(), Label: page.T("desk.list-" + string(l)), Current: l == page.List}
		if slices.Contains(review.Lists[:], l) {
			t.Count = capped(page.Voice, counts[l])
		}
		page.Tabs = append(page.Tabs, t)
	}
	return nil
}

func capped(v *web.Voice, n int) string {
	if n >= review.MaxCount {
		return v.Number(review.MaxCount-1) + "+"
	}
	return v.Number(n)
}

// queueTabs renews the counts beside the lists' names.
func (d *Desk) queueTabs(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	page := &deskPage{frame: d.frame(r, me), place: placeOf(r, r.PathValue("list"))}
	if err := d.fillTabs(r, me, page); err != nil {
		return err
	}
	return d.site.RenderPart(w, http.StatusOK, "desk", "tabs", page)
}

// queueRow renews one row in its place.
func (d *Desk) queueRow(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	s, err := d.speaker(r, d.frame(r, me))
	if err != nil {
		return err
	}
	report, err := d.Review.Row(r.Context(), me, id)
	if err != nil {
		return err
	}
	shown := s.row(placeOf(r, r.PathValue("list")), report)
	if err := d.fillAlike(r, me, s, &shown); err != nil {
		return err
	}
	return d.site.RenderPart(w, http.StatusOK, "desk", "row", shown)
}
