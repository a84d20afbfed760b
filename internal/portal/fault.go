package portal

import (
	"context"
	"errors"
	"net/http"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web"
)

// faultData is a page for what no form can show.
type faultData struct {
	page
	Heading, Text string
}

// faultPage answers every request with the page of one status.
func (p *portal) faultPage(status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.showFault(w, r, p.site.Voice(r, ""), status)
	})
}

// faultTexts are the statuses that have a page of their own, with its keys.
var faultTexts = map[int][2]string{
	http.StatusBadRequest:            {"fault.400", "fault.400-text"},
	http.StatusForbidden:             {"fault.403", "fault.403-text"},
	http.StatusNotFound:              {"fault.404", "fault.404-text"},
	http.StatusMethodNotAllowed:      {"fault.405", "fault.405-text"},
	http.StatusRequestEntityTooLarge: {"fault.413", "fault.413-text"},
	http.StatusUnsupportedMediaType:  {"fault.415", "fault.415-text"},
	http.StatusTooManyRequests:       {"fault.429", "fault.429-text"},
	http.StatusInternalServerError:   {"fault.500", "fault.500-text"},
	http.StatusServiceUnavailable:    {"fault.503", "fault.503-text"},
}

func (p *portal) showFault(w http.ResponseWriter, r *http.Request, v *web.Voice, status int) {
	keys, ok := faultTexts[status]
	if !ok {
		keys = faultTexts[http.StatusBadRequest]
	}
	data := faultData{page: p.page(v, "/", 1), Heading: v.T(keys[0]), Text: v.T(keys[1])}
	data.Title = v.T("frame.error-prefix") + " " + data.Title
	p.show(w, r, status, "fault", data)
}

// fail shows the page for an error that no form can show, and logs what is our own fault. Errors of the services hold
// no words of a reporter, by the house's rule.
func (p *portal) fail(w http.ResponseWriter, r *http.Request, v *web.Voice, doing string, err error) {
	if left(r, err) {
		return
	}
	doc, known := web.Explain(v, err)
	if !known {
		p.Log.Error("portal: "+doing, "error", err)
	}
	p.showFault(w, r, v, doc.Status)
}

// left reports whether err is that the request's sender has gone: nobody is there to read an answer. A cancellation of something else is not
// that, and its reader must not get an empty page.
func left(r *http.Request, err error) bool {
	return errors.Is(err, context.Canceled) && r.Context().Err() != nil
}

// busy reports whether the line is too busy, as a problem of the whole form that keeps what was typed.
func busy(err error) (heed.Problems, bool) {
	if errors.Is(err, heed.ErrBusy) {
		return heed.Problems{{Code: "busy"}}, true
	}
	return nil, false
}
