package portal

import (
	"net/http"
	"strconv"
	"time"

	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

// passHeader brings a program's pass: a ticket that it waited with, or one with its solution.
const passHeader = "Heed-Pass"

// floodDescription tells programs, in the API's own description, what a 429 asks of them.
const floodDescription = "While very much comes in, sending a report, using a Receipt and beginning an upload are answered 429 with the code `work-or-wait` and a " +
	"`challenge`: a `ticket`, `work` and `wait`. Either wait `wait` seconds (Retry-After) and send the request again with `Heed-Pass: <ticket>`, or " +
	"find a decimal number n of at most 20 digits for which the SHA-256 of the text `<ticket>.<n>` begins with `work` zero bits, and send it again at once with " +
	"`Heed-Pass: <ticket>.<n>`. A ticket is good once, for ten minutes, for the operation that gave it. Send `Expect: 100-continue` with large bodies: " +
	"a request that is not let in is answered before its body is read."

// enter lets a request in that is about to cost something.
//
// It returns a *flood.Demand where there is work or waiting to do first, when its time to be told has come.
func (p *portal) enter(r *http.Request, kind flood.Kind, pass string) error {
	err := p.Flood.Enter(kind, web.NetworkOf(r), pass)
	if d, shed := flood.IsDemand(err); shed && d.Pause > 0 {
		select {
		case <-time.After(d.Pause):
		case <-r.Context().Done():
		}
	}
	return err
}

// inTurns has what a request derives wait in its network's line, which takes turns with those of other networks.
func (p *portal) inTurns(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		party := func() seal.Party { return p.Flood.Party(web.NetworkOf(r)) }
		next.ServeHTTP(w, r.WithContext(seal.WithParty(r.Context(), party)))
	})
}

// waitPage is shown in place of what was asked for, and holds all that was typed: a browser with scripts does the work that
// the ticket asks for and goes on by itself; without scripts one presses the button after a moment.
type waitPage struct {
	page
	Ticket  string
	Work    int
	Seconds int
	Held    []held
}

// held is a hidden field that the page's form sends again.
type held struct{ Name, Value string }

// waitFor shows the page for a demand, from which the form goes on to path.
func (p *portal) waitFor(w http.ResponseWriter, r *http.Request, v *web.Voice, path string, d *flood.Demand, fields ...held) {
	data := waitPage{page: p.page(v, path, 7), Ticket: d.Ticket, Work: d.Work, Seconds: int(d.Wait / time.Second), Held: fields}
	data.Form, data.Home = "form", false
	w.Header().Set("Retry-After", strconv.Itoa(data.Seconds))
	p.show(w, r, http.StatusTooManyRequests, "wait", data)
}

// gated lets a program's request in before a byte of its body is read.
func (p *portal) gated(kind flood.Kind, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := p.enter(r, kind, r.Header.Get(passHeader)); err != nil {
			p.refuse(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// shedding gates what of the API costs a derivation.
func (p *portal) shedding(api http.Handler) http.Handler {
	submissions, lookups := p.gated(flood.Submission, api), p.gated(flood.Lookup, api)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + " " + r.URL.Path {
		case "POST /api/v1/reports":
			submissions.ServeHTTP(w, r)
		case "GET /api/v1/status", "HEAD /api/v1/status", "POST /api/v1/messages", "DELETE /api/v1/identity":
			lookups.ServeHTTP(w, r)
		default:
			api.ServeHTTP(w, r)
		}
	})
}
