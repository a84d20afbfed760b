package desk

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/heed-line/heed"
)

// place is where in the lists somebody works. Links and acts carry it, so that the list stays as it is.
type place struct {
	List     heed.List
	Urgency  heed.Urgency
	Category string
	CopyOf   heed.ID      // of ListCopies, those under this report alone
	After    *heed.Report // the last row of the page before
}

// lists are the tabs of the desk, in their order.
var lists = []heed.List{
	heed.ListReview, heed.ListCopies, heed.ListWaiting, heed.ListApproval, heed.ListAside, heed.ListRefusal, heed.ListReferred, heed.ListDone,
}

// placeOf reads the place from the request's address. What makes no sense there is left out: it is never typed by hand.
func placeOf(r *http.Request, list string) place {
	q := r.URL.Query()
	p := place{List: heed.List(list), Category: q.Get("category"), After: parseCursor(q.Get("after"))}
	if u := heed.Urgency(q.Get("urgency")); slices.Contains(heed.Urgencies[:], u) {
		p.Urgency = u
	}
	if !plain(p.Category) {
		p.Category = ""
	}
	if !slices.Contains(lists, p.List) {
		p.List = ""
	}
	if of, err := heed.ParseID(q.Get("of")); err == nil && p.List == heed.ListCopies {
		p.CopyOf = of
	}
	return p
}

// plain reports whether every engine takes the text.
func plain(text string) bool { return utf8.ValidString(text) && !strings.ContainsRune(text, 0) }

// query is the place for the store.
func (p place) query() heed.ReportQuery {
	return heed.ReportQuery{List: p.List, Urgency: p.Urgency, Category: p.Category, CopyOf: p.CopyOf, After: p.After}
}

func (p place) values() url.Values {
	q := url.Values{}
	if p.Urgency != "" {
		q.Set("urgency", string(p.Urgency))
	}
	if p.Category != "" {
		q.Set("category", p.Category)
	}
	if p.CopyOf != "" {
		q.Set("of", string(p.CopyOf))
	}
	if p.After != nil {
		q.Set("after", cursor(p.After))
	}
	return q
}

// Address is the list's own page, with more added to its query.
func (p place) Address(more ...string) string {
	q := p.values()
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	return withQuery("/queue/"+string(p.List), q)
}

// Report is the page of a report opened from the list.
func (p place) Report(id heed.ID) string { return "/reports/" + string(id) + p.Query() }

// Query is what a report's page and acts carry of the place, with its question mark.
func (p place) Query() string {
	q := p.values()
	if p.List != "" {
		q.Set("list", string(p.List))
	}
	return withQuery("", q)
}

func withQuery(path string, q url.Values) string {
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// cursor names the last row of a page by what the list is ordered by: urgency, deadline, id. It holds nothing else.
func cursor(r *heed.Report) string {
	due := int64(0)
	if !r.NextDue.IsZero() {
		due = r.NextDue.UnixMilli()
	}
	return string(r.Urgency) + "." + strconv.FormatInt(due, 36) + "." + string(r.ID)
}

// parseCursor reads a cursor; nil where it is none.
func parseCursor(s string) *heed.Report {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return nil
	}
	due, err := strconv.ParseInt(parts[1], 36, 64)
	if err != nil {
		return nil
	}
	id, err := heed.ParseID(parts[2])
	if err != nil || !slices.Contains(heed.Urgencies[:], heed.Urgency(parts[0])) {
		return nil
	}
	r := &heed.Report{ID: id, Urgency: heed.Urgency(parts[0])}
	if due != 0 {
		r.NextDue = time.UnixMilli(due).UTC()
	}
	return r
}
