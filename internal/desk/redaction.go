package desk

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/web"
)

// redactionPage is where somebody says what of a file isn't handed on: with numbers in a form, or by drawing where a script runs.
type redactionPage struct {
	frame
	place
	Back     string
	ReportID heed.ID
	File     fileView
	Kind     string // picture, paper, film or sound
	Page     int    // of a document, from 1 on; else 0
	Pages    []pageLink
	Version  int64
	Rows     []markRow
	Marks    []heed.Mark // what is drawn over the picture
	Saved    bool        // they are what was said last
	MayWrite bool
	Uncover  *uncoverForm // nil where nothing is covered
	State    string       // of the redacted copy: "", waiting, made, failed
}

// pageLink leads to a page of a document; Marked says how many boxes it has.
type pageLink struct{ Number, Marked int }

// markRow is one mark as somebody typed it.
type markRow struct {
	Number                               int // from 1 on
	Left, Top, Width, Height, From, Till string
	How                                  string // blur, of films; "": covered
	Fault                                string
}

// Boxed reports whether marks of the file are boxes, Timed whether they last a while.
func (p *redactionPage) Boxed() bool { return p.Kind != "sound" }

// Timed: see Boxed.
func (p *redactionPage) Timed() bool { return p.Kind == "film" || p.Kind == "sound" }

// Address is where the page's form goes.
func (p *redactionPage) Address() string {
	return fmt.Sprintf("/reports/%s/files/%s/redaction", p.ReportID, p.File.ID)
}

// Count is how many marks the file has, on whatever page.
func (p *redactionPage) Count() int { return len(p.File.Marks) }

// blankRows is how many rows stand empty below those that are filled.
const blankRows = 3

func (d *Desk) redactionForm(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	page, err := d.redactionOf(r, me, r.URL.Query().Get("page"))
	if err != nil {
		return err
	}
	page.Saved = true
	for _, m := range page.File.Marks {
		if m.Page == page.Page {
			page.Marks = append(page.Marks, m)
		}
	}
	page.fill(rowsOf(page.Marks))
	return d.site.Render(w, http.StatusOK, "redaction", page)
}

// redactionOf opens the file and its page.
func (d *Desk) redactionOf(r *http.Request, me *heed.Staff, number string) (*redactionPage, error) {
	id, p, err := target(r)
	if err != nil {
		return nil, err
	}
	view, err := d.Review.Read(r.Context(), me, id, "file")
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(view.Files, func(f review.File) bool { return string(f.ID) == r.PathValue("file") })
	if i < 0 || view.Files[i].CopyCode != "" || view.Files[i].Copy == nil {
		return nil, heed.ErrNotFound
	}
	page := &redactionPage{frame: d.frame(r, me), place: p, Back: p.Report(id), ReportID: id, File: fileView{File: view.Files[i]}}
	if page.Kind = shownKind(page.File.Copy.Type); page.Kind == "paper" {
		if err := page.paged(number); err != nil {
			return nil, err
		}
	}
	if red := page.File.Redaction; red != nil {
		page.Version = red.Version
		if !red.None() {
			page.State = string(red.Copy.State)
		}
	}
	if page.Boxed() {
		page.Uncover = d.uncoverOf(r, me, id, page.File.ID, page.PageAddress(page.Page), "")
	}
	report := view.Report
	page.MayWrite = report.State.Open() && report.State != heed.PendingApproval && auth.Allow(me, auth.AttachmentRedact, auth.Resource{}) == nil
	return page, nil
}

// paged is the page of a document that the form is about, the first where none is named.
func (p *redactionPage) paged(number string) (err error) {
	if p.Page, err = strconv.Atoi(number); number != "" && err != nil || p.Page < 0 || p.Page > len(p.File.Details.Pages) {
		return heed.ErrNotFound
	}
	p.Page = max(p.Page, 1)
	for n := range p.File.Details.Pages {
		link := pageLink{Number: n + 1}
		for _, m := range p.File.Marks {
			if m.Page == n+1 {
				link.Marked++
			}
		}
		p.Pages = append(p.Pages, link)
	}
	return nil
}

// fill shows these rows, and some empty ones.
func (p *redactionPage) fill(rows []markRow) {
	p.Rows = append(rows, make([]markRow, blankRows)...)
	for i := range p.Rows {
		p.Rows[i].Number = i + 1
	}
}

// redact takes what somebody says: it shows it before it counts, or has it count.
func (d *Desk) redact(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	f := r.PostForm
	page, err := d.redactionOf(r, me, f.Get("page"))
	if err != nil {
		return err
	}
	if u := page.Uncover; u != nil && f.Get("seen") != "" { // the page that it comes from showed the picture, however long ago
		if err := d.Review.Uncover(r.Context(), me, page.ReportID, page.File.ID); err != nil {
			return err
		}
		u.Seen = d.seenMark(me)
	}
	rows := typedRows(f)
	marks, faults := page.read(rows)
	version, err := strconv.ParseInt(f.Get("version"), 10, 64)
	if err != nil {
		return &heed.Problem{Code: "form-broken"}
	}
	// The page goes on saying what its reader saw: what somebody else said since isn't theirs to replace until they open it anew.
	page.Version = version
	if len(faults) == 0 && f.Get("go") == "save" {
		all := slices.DeleteFunc(slices.Clone(page.File.Marks), func(m heed.Mark) bool { return m.Page == page.Page })
		all = append(all, marks...)
		slices.SortStableFunc(all, func(a, b heed.Mark) int { return a.Page - b.Page })
		err := d.Review.Redact(r.Context(), me, page.ReportID, page.File.ID, version, all)
		if faults = web.Faults(err); err != nil && faults == nil {
			return d.inWords(r, err)
		}
		if err == nil {
			address := page.PageAddress(page.Page)
			if page.Uncover != nil {
				address = withSeen(address, page.Uncover.Seen)
			}
			http.Redirect(w, r, address, http.StatusSeeOther)
			return nil
		}
		for _, p := range faults {
			if p.Field == "" || p.Field == "marks" {
				p.Field = "redaction"
			}
		}
	}
	page.Marks = marks
	page.addFault(faults...)
	page.fill(rows)
	for i := range page.Rows {
		page.Rows[i].Fault = page.FaultOf(fmt.Sprintf("row-%d", i+1))
	}
	status := http.StatusOK
	if len(faults) > 0 {
		status = web.ProblemStatus(faults)
	}
	return d.site.Render(w, status, "redaction", page)
}

// PageAddress is where that page of a document is redacted; 0 is what has no pages.
func (p *redactionPage) PageAddress(number int) string {
	address := p.Address() + p.Query()
	switch {
	case number == 0:
		return address
	case strings.Contains(address, "?"):
		return address + "&page=" + strconv.Itoa(number)
	}
	return address + "?page=" + strconv.Itoa(number)
}

// typedRows are the rows of the form in which something stands.
func typedRows(f map[string][]string) (rows []markRow) {
	at := func(name string, i int) string {
		if i < len(f[name]) {
			return strings.TrimSpace(f[name][i])
		}
		return ""
	}
	for i := range min(max(len(f["left"]), len(f["from"])), 2*review.MaxMarks) {
		row := markRow{Left: at("left", i), Top: at("top", i), Width: at("width", i), Height: at("height", i), From: at("from", i), Till: at("till", i), How: at("how", i)}
		if row != (markRow{}) {
			rows = append(rows, row)
		}
	}
	return rows
}

// read makes marks of rows, those that can be read, and says what is wrong with the others.
func (p *redactionPage) read(rows []markRow) (marks []heed.Mark, faults heed.Problems) {
	for i, row := range rows {
		m, code := p.mark(row)
		if code == "" {
			if problem := web.Faults(review.CheckMarks(p.File.Copy.Type, &p.File.Details, []heed.Mark{m})); len(problem) > 0 {
				code = problem[0].Code
			}
		}
		if code != "" {
			faults = append(faults, &heed.Problem{Field: fmt.Sprintf("row-%d", i+1), Code: code})
			continue
		}
		marks = append(marks, m)
	}
	return marks, faults
}

// mark reads one row; code says what is wrong with it.
func (p *redactionPage) mark(row markRow) (m heed.Mark, code string) {
	m.Page = p.Page
	m.Blur = p.Kind == "film" && row.How == "blur"
	if m.Blur && row.Left+row.Top+row.Width+row.Height == "" {
		m.Width, m.Height = heed.Whole, heed.Whole
	}
	if p.Boxed() && row.Left+row.Top+row.Width+row.Height != "" {
		for _, side := range []struct {
			typed string
			to    *int
		}{{row.Left, &m.Left}, {row.Top, &m.Top}, {row.Width, &m.Width}, {row.Height, &m.Height}} {
			n, ok := hundredths(side.typed)
			if !ok {
				return m, "redaction-box"
			}
			*side.to = n
		}
		// What was rounded up may reach a hundredth too far.
		m.Width, m.Height = min(m.Width, max(0, heed.Whole-m.Left)), min(m.Height, max(0, heed.Whole-m.Top))
		if m.Width == 0 || m.Height == 0 {
			return m, "redaction-box"
		}
	}
	if p.Timed() {
		var ok, okTill bool
		m.From, ok = playedAt(row.From)
		m.To, okTill = playedAt(row.Till)
		if !ok || !okTill {
			return m, "redaction-span"
		}
	}
	return m, ""
}

// western are the digits of other scripts that people type, and the marks between them.
var western = strings.NewReplacer(
	"٠", "0", "١", "1", "٢", "2", "٣", "3", "٤", "4", "٥", "5", "٦", "6", "٧", "7", "٨", "8", "٩", "9", "٫", ".", ",", ".", "：", ":", "%", "", "٪", "")

// hundredths reads per cent, as "12.5", in hundredths of them.
func hundredths(typed string) (int, bool) {
	v, err := strconv.ParseFloat(western.Replace(typed), 64)
	if err != nil || !(v >= 0 && v <= 100) {
		return 0, false
	}
	return int(math.Round(v * 100)), true
}

// playedAt reads a time as players write it, "1:02:03", or in seconds, "65.5", in milliseconds.
func playedAt(typed string) (int64, bool) {
	parts := strings.Split(western.Replace(typed), ":")
	if len(parts) > 3 {
		return 0, false
	}
	var sum float64
	for _, part := range parts {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil || !(v >= 0 && v < 1e6) {
			return 0, false
		}
		sum = sum*60 + v
	}
	return int64(math.Round(sum * 1000)), true
}

// rowsOf writes marks as people type them.
func rowsOf(marks []heed.Mark) (rows []markRow) {
	percent := func(n int) string { return strconv.FormatFloat(float64(n)/100, 'f', -1, 64) }
	at := func(ms int64) string {
		d := time.Duration(ms) * time.Millisecond
		text := playTime(d)
		if rest := ms % 1000; rest > 0 {
			text += "." + strings.TrimRight(fmt.Sprintf("%03d", rest), "0")
		}
		return text
	}
	for _, m := range marks {
		var row markRow
		if m.Box() {
			row = markRow{Left: percent(m.Left), Top: percent(m.Top), Width: percent(m.Width), Height: percent(m.Height)}
		}
		if m.Blur {
			row.How = "blur"
		}
		if m.To > 0 {
			row.From, row.Till = at(m.From), at(m.To)
		}
		rows = append(rows, row)
	}
	return rows
}

// redactedCopy sends a file's redacted copy, or a page of it.
func (d *Desk) redactedCopy(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := recordID(r.PathValue("file"))
	if err != nil {
		return err
	}
	number := 0
	if r.PathValue("page") != "" {
		if number, err = pageNumber(r); err != nil {
			return err
		}
	}
	c, content, err := d.Review.OpenRedacted(r.Context(), me, id, file, number)
	if err != nil {
		return err
	}
	kind := c.Type
	if number > 0 {
		kind = "image/jpeg"
	}
	d.sendCopy(w, r, c, kind, content)
	return nil
}
