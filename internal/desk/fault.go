package desk

import (
	"errors"
	"net/http"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web"
)

// partHeader marks a request of the desk's script for parts of a page, and the answer to it.
const partHeader = "X-Part"

func isPart(r *http.Request) bool { return r.Header.Get(partHeader) == "1" }

type messagePage struct {
	frame
	Title, Words, Href, Go string
	Out                    bool       // nobody is signed in
	Typed                  *typedForm // what was sent and not taken; nil where nobody typed anything
}

// fail answers with the page, or for the script the problem document, that fits the error. What is our fault is logged
// by its route alone: an error's text holds no content, but a path might hold a link's secret.
func (d *Desk) fail(w http.ResponseWriter, r *http.Request, me *heed.Staff, err error) {
	if r.Context().Err() != nil {
		return // the asker has gone
	}
	f := d.frame(r, me)
	doc, known := web.Explain(f.Voice, err)
	if !known {
		d.Log.Error("desk: a request failed", "route", r.Pattern, "error", err)
	}
	if isPart(r) {
		web.WriteDocument(w, doc)
		return
	}
	page := messagePage{
		frame: f, Title: f.T("desk.fault-" + titleOf(doc.Status)), Words: doc.Detail, Href: "/", Go: f.T("desk.home"),
	}
	if page.Typed = typedOf(r); page.Typed != nil {
		page.Href, page.Go = page.Typed.Back, f.T("desk.back-to-report")
	}
	web.RetryLater(w, doc.Status)
	if err := d.site.Render(w, doc.Status, "message", page); err != nil {
		d.Log.Error("desk: the error page failed", "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

func titleOf(status int) string {
	switch status {
	case http.StatusNotFound, http.StatusGone:
		return "missing"
	case http.StatusForbidden:
		return "forbidden"
	case http.StatusConflict:
		return "conflict"
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return "busy"
	case http.StatusInternalServerError:
		return "ours"
	}
	return "input"
}

// finish turns an error of rendering into the error page.
func (d *Desk) finish(w http.ResponseWriter, r *http.Request, me *heed.Staff, err error) {
	if err != nil {
		d.fail(w, r, me, err)
	}
}

// parse reads the request's form, bounded by maxForm.
func parse(r *http.Request) error {
	err := r.ParseForm()
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return &heed.Problem{Code: "body-too-large"}
	case err != nil:
		return &heed.Problem{Code: "form-broken"}
	}
	return nil
}
