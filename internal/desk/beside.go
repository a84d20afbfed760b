package desk

import (
	"cmp"
	"errors"
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
	Seen        string // as an uncoverForm's
}

// Empty reports whether neither side has anything that stays covered.
func (p *besidePage) Empty() bool { return !p.Left.covered() && !p.Right.covered() }

// besideAddress is where files of two reports are seen beside each other; "" for a file is the first.
func besideAddress(p place, left, right, leftFile, rightFile heed.ID) string {
	q := p.values()
	if p.List != "" {
		q.Set("list", string(p.List))
	}
	if leftFile != "" {
		q.Set("left", string(leftFile))
	}
	if rightFile != "" {
		q.Set("right", string(rightFile))
	}
	return withQuery("/reports/"+string(left)+"/beside/"+string(right), q)
}

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

// beside opens two reports, for who may read both, each with a leaf of its own. What is posted asks for their pictures as they are, which is counted.
func (d *Desk) beside(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, p, err := target(r)
	if err != nil {
		return err
	}
	other, err := recordID(r.PathValue("other"))
	if err != nil {
		return err
	}
	if r.Method == http.MethodPost {
		return d.uncoverBeside(w, r, me, p, id, other)
	}
	page := &besidePage{frame: d.frame(r, me), place: p, Back: p.Report(id), Seen: d.uncovered(r, me)}
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
		*side.into = besideOf(r, s, p, view, side.name)
	}
	return d.site.Render(w, http.StatusOK, "beside", page)
}

// uncoverBeside counts what is asked for of the files that the form names, and leads to where they are shown. That is what reads the reports.
func (d *Desk) uncoverBeside(w http.ResponseWriter, r *http.Request, me *heed.Staff, p place, left, right heed.ID) error {
	var chosen [2]heed.ID
	pages := ""
	for i, side := range []struct {
		name string
		id   heed.ID
	}{{"left", left}, {"right", right}} {
		named := chosenIn(r, side.name)
		if named == "" {
			continue // it has nothing to look at
		}
		file, err := recordID(named)
		if err != nil {
			return err
		}
		if err := d.Review.Uncover(r.Context(), me, side.id, file); err != nil && !errors.Is(err, heed.ErrNotFound) { // a recording is never covered
			return err
		}
		chosen[i] = file
		if n := numberIn(r, side.name+"-page"); n > 0 {
			pages += "&" + side.name + "-page=" + strconv.Itoa(n)
		}
	}
	http.Redirect(w, r, withSeen(besideAddress(p, left, right, chosen[0], chosen[1])+pages, d.seenMark(me)), http.StatusSeeOther)
	return nil
}

// besideOf is one side, with the file that is chosen, else the first one.
func besideOf(r *http.Request, s speaker, p place, v *review.View, name string) (b besideReport) {
	b = besideReport{
		Side: name, ID: v.Report.ID, Href: p.Report(v.Report.ID), Short: v.Report.ID.Short(), Category: s.category(v.Report.Category), Received: s.When(v.Report.ReceivedAt),
	}
	files := slices.DeleteFunc(s.files(p, v), func(f fileView) bool { return f.CopyCode != "" || f.Copy == nil })
	chosen := chosenIn(r, name)
	at := max(0, slices.IndexFunc(files, func(f fileView) bool { return string(f.ID) == chosen }))
	for i, f := range files {
		b.Files = append(b.Files, option{ID: string(f.ID), Label: f.Name, Chosen: i == at})
	}
	if len(files) == 0 {
		return b
	}
	b.Shown = &files[at]
	if b.Kind() == "paper" {
		b.Page = 1
		if n := numberIn(r, name+"-page"); n >= 1 && n <= len(b.Shown.Details.Pages) {
			b.Page = n
		}
	}
	return b
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

// chosenIn is what the form, else the address, says of that name.
func chosenIn(r *http.Request, name string) string {
	return cmp.Or(r.PostForm.Get(name), r.URL.Query().Get(name))
}

// numberIn reads a number from the form or the address, 0 where there is none.
func numberIn(r *http.Request, name string) int {
	n, err := strconv.Atoi(chosenIn(r, name))
	if err != nil {
		return 0
	}
	return n
}
