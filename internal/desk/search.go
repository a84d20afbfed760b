package desk

import (
	"net/http"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web"
)

type searchPage struct {
	frame
	Words, Purpose string
}

func (d *Desk) searchForm(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.site.Render(w, http.StatusOK, "search", searchPage{frame: d.frame(r, me)})
}

// search finds by words. It is a POST, so that the words stand in no address, history or log.
func (d *Desk) search(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	words, purpose := r.PostForm.Get("words"), r.PostForm.Get("purpose")
	q := heed.ReportQuery{After: parseCursor(r.PostForm.Get("after")), Limit: pageSize + 1}
	reports, err := d.Review.Search(r.Context(), me, words, purpose, q)
	if faults := web.Faults(err); faults != nil {
		page := searchPage{frame: d.frame(r, me), Words: words, Purpose: purpose}
		for _, f := range faults {
			if f.Field == "q" {
				f.Field = "words"
			}
		}
		page.addFault(faults...)
		return d.site.Render(w, web.ProblemStatus(faults), "search", page)
	}
	if err != nil {
		return err
	}
	page := &deskPage{frame: d.frame(r, me), Opened: true, Search: &searched{words, purpose}}
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	page.Queue = s.rows(page.place, reports)
	if err := d.fillTabs(r, me, page); err != nil {
		return err
	}
	return d.showDesk(w, r, page, "/search")
}
