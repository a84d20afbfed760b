package desk

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// paperPage shows one page of a document's copy.
type paperPage struct {
	frame
	place
	Back     string
	ReportID heed.ID
	File     review.File
	Number   int // from 1 on
	Pages    []int
	Words    []marked // what the document itself says there
	Uncover  *uncoverForm
}

// Before and After are the numbers of the pages beside it; 0 where there is none.
func (p *paperPage) Before() int { return p.Number - 1 }

// After: see Before.
func (p *paperPage) After() int {
	if p.Number == len(p.Pages) {
		return 0
	}
	return p.Number + 1
}

// PageAddress is where that page is read, uncovered where this one is.
func (p *paperPage) PageAddress(number int) string {
	return withSeen(fmt.Sprintf("/reports/%s/files/%s/pages/%d%s", p.ReportID, p.File.ID, number, p.Query()), p.Uncover.Seen)
}

// Count is how many pages the copy has.
func (p *paperPage) Count() int { return len(p.Pages) }

// Page is the page itself.
func (p *paperPage) Page() heed.Page { return p.File.Details.Pages[p.Number-1] }

// paper is the page by which a document's copy is read: plain links lead from each page to the others.
func (d *Desk) paper(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, p, err := target(r)
	if err != nil {
		return err
	}
	number, err := pageNumber(r)
	if err != nil {
		return err
	}
	view, err := d.Review.Read(r.Context(), me, id, "file")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(view.Files, func(f review.File) bool { return string(f.ID) == r.PathValue("file") })
	if i < 0 || view.Files[i].CopyCode != "" || number > len(view.Files[i].Details.Pages) {
		return heed.ErrNotFound
	}
	page := paperPage{frame: d.frame(r, me), place: p, Back: p.Report(id), ReportID: id, File: view.Files[i], Number: number}
	for n := range page.File.Details.Pages {
		page.Pages = append(page.Pages, n+1)
	}
	page.Uncover = d.uncoverOf(r, me, id, page.File.ID, r.URL.RequestURI(), page.T("desk.paper-see-words"))
	page.Words = unmarked(strings.TrimSpace(page.Page().Text))
	return d.site.Render(w, http.StatusOK, "paper", &page)
}

// paperPicture sends a page's picture.
func (d *Desk) paperPicture(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := recordID(r.PathValue("file"))
	if err != nil {
		return err
	}
	number, err := pageNumber(r)
	if err != nil {
		return err
	}
	c, content, err := d.Review.OpenPage(r.Context(), me, id, file, number)
	if err != nil {
		return err
	}
	d.sendCopy(w, r, c, "image/jpeg", content)
	return nil
}

// pageNumber is the page that the address names, from 1 on.
func pageNumber(r *http.Request) (int, error) {
	n, err := strconv.Atoi(r.PathValue("page"))
	if err != nil || n < 1 {
		return 0, heed.ErrNotFound
	}
	return n, nil
}
