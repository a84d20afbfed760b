package desk

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
)

// auditPage is the overseer's list of acts. It tells what staff did and nothing of what a report says.
type auditPage struct {
	frame
	Sections           []option // the pages of the audit
	Groups, Acts       []option
	People             []option
	Report, From, Till string
	Rows               []auditRow
	Next               string
}

type auditRow struct {
	At             time.Time
	Exact          string
	Who, Act       string
	Report         heed.ID
	Short, Details string
}

// groups are the acts that an overseer asks for together, by how their names begin or end.
var groups = []struct {
	id   string
	hold func(act string) bool
}{
	{"reads", func(act string) bool {
		return act == audit.ReportRead || act == audit.ReportSearched || act == audit.FileOpened || act == audit.CopyOpened || act == audit.EngineAsked || act == audit.LabelsRead || act == audit.ReferralDownloaded
	}},
	{"disclosures", func(act string) bool {
		return strings.HasPrefix(act, "disclosure.") || strings.HasPrefix(act, "custodian.")
	}},
	{"erasures", func(act string) bool { return strings.HasSuffix(act, ".erased") || act == audit.ReportWithdrawn }},
	{"decisions", func(act string) bool {
		return slices.Contains([]string{audit.ReportDisposed, audit.ReportApproved, audit.ReportDeclined, audit.ReportUndone, audit.ReportUrgency, audit.ReportCategory}, act)
	}},
	{"accounts", func(act string) bool {
		return strings.HasPrefix(act, "staff.") || strings.HasPrefix(act, "token.") || strings.HasPrefix(act, "factor.")
	}},
	{"line", func(act string) bool {
		return strings.HasPrefix(act, "clock.") || strings.HasPrefix(act, "key.") || strings.HasPrefix(act, "line.") || strings.HasPrefix(act, "model.")
	}},
}

// sections are the pages of the audit, with the one that is open.
func sections(f frame, open string) []option {
	var out []option
	for _, path := range []string{"/audit", "/audit/rates", "/audit/checkpoints", "/clock"} {
		out = append(out, option{ID: path, Label: f.T("audit.page" + strings.ReplaceAll(strings.TrimPrefix(path, "/audit"), "/", "-")), Chosen: path == open})
	}
	return out
}

func (d *Desk) audit(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	page := auditPage{frame: d.frame(r, me)}
	page.Sections = sections(page.frame, "/audit")
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	asked := r.URL.Query()
	q := d.auditQuery(asked)
	group := asked.Get("group")
	var found []*heed.AuditLeaf
	err = d.Store.View(r.Context(), func(tx heed.Tx) error {
		there, err := tx.CountActs(r.Context(), time.Time{}, time.Time{})
		if err != nil {
			return err
		}
		page.offer(s, there, group, asked.Get("act"), q.Actor)
		none := false
		if q.Acts, none = actsOf(there, group, asked.Get("act")); none {
			return nil
		}
		found, err = tx.FindLeaves(r.Context(), q)
		return err
	})
	if err != nil {
		return err
	}
	page.Report, page.From, page.Till = string(q.Report), asked.Get("from"), asked.Get("till")
	if len(found) > pageSize {
		found = found[:pageSize]
		asked.Set("before", strconv.FormatInt(found[pageSize-1].Seq, 10))
		page.Next = withQuery("/audit", asked)
	}
	for _, l := range found {
		page.Rows = append(page.Rows, s.auditRow(l))
	}
	return d.site.Render(w, http.StatusOK, "audit", page)
}

// auditQuery reads the filters. What makes no sense selects nothing more.
func (d *Desk) auditQuery(asked url.Values) heed.AuditQuery {
	q := heed.AuditQuery{Limit: pageSize + 1}
	q.Actor, _ = heed.ParseID(asked.Get("who")) // "" where it is none
	q.Report, _ = heed.ParseID(strings.TrimSpace(asked.Get("report")))
	if day, err := time.ParseInLocation(time.DateOnly, asked.Get("from"), d.Profile.Zone()); err == nil {
		q.From = day
	}
	if day, err := time.ParseInLocation(time.DateOnly, asked.Get("till"), d.Profile.Zone()); err == nil {
		q.Until = day.AddDate(0, 0, 1)
	}
	q.Before, _ = strconv.ParseInt(asked.Get("before"), 10, 64)
	return q
}

// actsOf are the acts that a choice means, of those that there are; none says that it means none of them.
func actsOf(there map[string]int, group, act string) (acts []string, none bool) {
	if _, known := there[act]; known {
		return []string{act}, false
	}
	for _, g := range groups {
		if g.id != group {
			continue
		}
		for act := range maps.Keys(there) {
			if g.hold(act) {
				acts = append(acts, act)
			}
		}
		return acts, len(acts) == 0
	}
	return nil, false
}

// offer fills the choices.
func (p *auditPage) offer(s speaker, there map[string]int, group, act string, who heed.ID) {
	p.Groups = []option{{Label: s.T("audit.all"), Chosen: group == ""}}
	for _, g := range groups {
		p.Groups = append(p.Groups, option{ID: g.id, Label: s.T("audit.group-" + g.id), Chosen: g.id == group})
	}
	p.Acts = []option{{Label: s.T("audit.any-act")}}
	for _, name := range slices.Sorted(maps.Keys(there)) {
		p.Acts = append(p.Acts, option{ID: name, Label: s.actName(name), Chosen: name == act})
	}
	p.People = []option{{Label: s.T("audit.anybody")}}
	for id, name := range s.names {
		p.People = append(p.People, option{ID: string(id), Label: name, Chosen: id == who})
	}
	slices.SortFunc(p.People[1:], func(a, b option) int { return strings.Compare(a.Label, b.Label) })
}

// actName is an act in words, or by its name where nobody wrote any.
func (s speaker) actName(act string) string {
	if key := "act." + act; s.Has(key) {
		return s.T(key)
	}
	return act
}

func (s speaker) auditRow(l *heed.AuditLeaf) auditRow {
	row := auditRow{At: l.At, Exact: s.exact(l.At), Who: s.who(l.Actor), Act: s.actName(l.Act), Report: l.Report, Short: l.Report.Short(), Details: codes(l.Details)}
	if row.Who == "" {
		row.Who = s.T("audit.nobody")
	}
	return row
}

// codes are a leaf's details as one line: they are codes, ids and hashes already.
func codes(details []byte) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(details, &fields) != nil {
		return ""
	}
	if inner, ok := fields["act"]; ok {
		delete(fields, "act")
		if within := codes(inner); within != "" {
			fields[""] = json.RawMessage(within)
		}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := strings.Trim(string(fields[name]), `"`)
		if name != "" {
			value = name + ": " + value
		}
		parts = append(parts, value)
	}
	return strings.Join(parts, " · ")
}
