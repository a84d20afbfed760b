package desk

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
)

// besidePage shows a file of one report beside a file of another: is it the same picture, page or recording?
type besidePage struct {
	frame
	place
	Back        string
	Left, Right besideReport
	Uncovered   bool
}

// Empty reports whether neither side has anything that stays covered.
func (p *besidePage) Empty() bool { return !p.Left.covered() && !p.Right.covered() }

func (b besideReport) covered() bool { return b.Shown != nil && b.Kind() != "sound" }

// besideReport is one side.
type besideReport struct {
	Side     string // left or right, as its field is called
	ID       heed.ID
	Href     string
	Short    string
	Category string
	Received string
	Files    []option // those that can be looked at
	Shown    *fileView
	Page     int // of a document, from 1 on; else 0
}

// Kind is what the file shown is: picture, paper, film or sound.
func (b besideReport) Kind() string { return shownKind(b.Shown.Copy.Type) }

// Pages are the numbers of a document's pages.
func (b besideReport) Pages() (all []int) {
	for n := range b.Shown.Details.Pages {
		all = append(all, n+1)
	}
	return all
}

// beside opens two reports, for who may read both, each with a leaf of its own.
func (d *Desk) beside(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, p, err := target(r)
	if err != nil {
		return err
	}
	other, err := recordID(r.PathValue("other"))
	if err != nil {
		return err
	}
	page := &besidePage{frame: d.frame(r, me), place: p, Back: p.Report(id), Uncovered: isUncovered(r)}
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	for _, side := range []struct {
		name string
		id   heed.ID
		into *besideReport
	}{{"left", id, &page.Left}, {"right", other, &page.Right}} {
		view, err := d.Review.Read(r.Context(), me, side.id, "beside")
		if err != nil {
			return err
		}
		if *side.into, err = d.besideOf(r, me, s, p, view, side.name); err != nil {
			return err
		}
	}
	return d.site.Render(w, http.StatusOK, "beside", page)
}

// besideOf is one side, with the file that the address chooses, else the first one. Whose side isn't uncovered is blurred.
func (d *Desk) besideOf(r *http.Request, me *heed.Staff, s speaker, p place, v *review.View, name string) (b besideReport, err error) {
	b = besideReport{
		Side: name, ID: v.Report.ID, Href: p.Report(v.Report.ID), Short: v.Report.ID.Short(), Category: s.category(v.Report.Category), Received: s.When(v.Report.ReceivedAt),
	}
	files := slices.DeleteFunc(s.files(p, v), func(f fileView) bool { return !f.ByCopy() || f.CopyCode != "" || f.Copy == nil })
	chosen := r.URL.Query().Get(name)
	at := max(0, slices.IndexFunc(files, func(f fileView) bool { return string(f.ID) == chosen }))
	for i, f := range files {
		b.Files = append(b.Files, option{ID: string(f.ID), Label: f.Name, Chosen: i == at})
	}
	if len(files) == 0 {
		return b, nil
	}
	b.Shown = &files[at]
	if b.Kind() == "paper" {
		b.Page = 1
		if n := numberIn(r, name+"-page"); n >= 1 && n <= len(b.Shown.Details.Pages) {
			b.Page = n
		}
	}
	if b.Kind() != "sound" && isUncovered(r) {
		err = d.Review.Uncover(r.Context(), me, b.ID, b.Shown.ID)
	}
	return b, err
}

// shownKind is how a copy of that media type is looked at: picture, paper, film or sound.
func shownKind(kind string) string {
	switch {
	case kind == "application/pdf":
		return "paper"
	case strings.HasPrefix(kind, "video/"):
		return "film"
	case strings.HasPrefix(kind, "audio/"):
		return "sound"
	}
	return "picture"
}

// numberIn reads a number from the address, 0 where there is none.
func numberIn(r *http.Request, name string) int {
	n, err := strconv.Atoi(r.URL.Query().Get(name))
	if err != nil {
		return 0
	}
	return n
}
