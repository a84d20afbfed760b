package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/heed-line/heed"
)

// Document is a problem document of RFC 9457 with a stable code and, for faults in what was sent, the fields.
type Document struct {
	Type   string          `json:"type"`
	Title  string          `json:"title"`            // the status's name, in English
	Status int             `json:"status"`           //
	Code   string          `json:"code"`             // stable, for programs: "text-empty", "receipt-unknown", …
	Detail string          `json:"detail"`           // for people, in their language
	Errors []DocumentError `json:"errors,omitempty"` // one per fault
	// Challenge is what lets the request in when it is sent again.
	Challenge *Challenge `json:"challenge,omitempty"`
}

// Challenge asks for work or waiting before a request is let in.
type Challenge struct {
	Ticket string `json:"ticket" doc:"Goes back in the header Heed-Pass, with \".\" and the solution behind it, or alone after the wait."`
	Work   int    `json:"work" doc:"Zero bits with which the SHA-256 of the text \"ticket.solution\" must begin."`
	Wait   int    `json:"wait" doc:"Seconds after which the ticket is good without a solution."`
}

// DocumentError is one fault in one field. It never repeats the value.
type DocumentError struct {
	Field  string `json:"field,omitempty"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Error makes a Document an error; it holds codes only.
func (d *Document) Error() string { return d.Code }

// GetStatus is the HTTP status, as huma asks for it.
func (d *Document) GetStatus() int { return d.Status }

// ContentType is RFC 9457's media type, as huma asks for it.
func (d *Document) ContentType(string) string { return "application/problem+json" }

// NewDocument makes a document of one code, told in the voice's language by the key "problem.<code>".
func NewDocument(v *Voice, status int, code string) *Document {
	return &Document{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: v.Problem(&heed.Problem{Code: code}),
	}
}

// Explain makes a document of an error: heed.Problems and *heed.Problem become 422 with their fields (or the status
// that a code stands for), the sentinels their statuses, and everything else a 500 that says nothing about its cause.
// ok is false for the last, which the caller should log.
func Explain(v *Voice, err error) (doc *Document, ok bool) {
	problems := Faults(err)
	if len(problems) > 0 {
		doc = NewDocument(v, ProblemStatus(problems), problems[0].Code)
		doc.Detail = v.Problem(problems[0])
		for _, p := range problems {
			doc.Errors = append(doc.Errors, DocumentError{Field: p.Field, Code: p.Code, Detail: v.Problem(p)})
		}
		return doc, true
	}
	var ready *Document
	if errors.As(err, &ready) {
		return ready, true
	}
	for _, k := range sentinels {
		if errors.Is(err, k.err) {
			return NewDocument(v, k.status, k.code), true
		}
	}
	return NewDocument(v, http.StatusInternalServerError, "internal"), false
}

var sentinels = [...]struct {
	err    error
	status int
	code   string
}{
	{heed.ErrNotFound, http.StatusNotFound, "not-found"},
	{heed.ErrConflict, http.StatusConflict, "conflict"},
	{heed.ErrForbidden, http.StatusForbidden, "forbidden"},
	{heed.ErrGone, http.StatusGone, "gone"},
	{heed.ErrBusy, http.StatusServiceUnavailable, "busy"},
	{heed.ErrInvalid, http.StatusUnprocessableEntity, "invalid"},
}

// Faults are the Problems in err, none where it has none.
func Faults(err error) heed.Problems {
	var many heed.Problems
	var one *heed.Problem
	switch {
	case errors.As(err, &many):
		return many
	case errors.As(err, &one):
		return heed.Problems{one}
	}
	return nil
}

// ProblemStatus is the HTTP status of faults in what was sent: 413, 415 or 400 where the first is of size, kind or
// form, 507 where there is no room for it, 409 where something else was saved since, 403 where it is somebody else's, else 422.
func ProblemStatus(ps heed.Problems) int {
	switch ps[0].Code {
	case "file-too-large", "files-too-large", "body-too-large":
		return http.StatusRequestEntityTooLarge
	case "file-type", "content-type":
		return http.StatusUnsupportedMediaType
	case "not-utf8", "nul-character", "file-cut-off", "file-broken-off", "form-broken", "form-part", "form-fields", "json-broken", "json-deep":
		return http.StatusBadRequest
	case "draft-changed", "draft-older":
		return http.StatusConflict
	case "form-other":
		return http.StatusForbidden
	case "files-no-room", "files-share":
		return http.StatusInsufficientStorage
	case "too-many-requests":
		return http.StatusTooManyRequests
	}
	return http.StatusUnprocessableEntity
}

// busyRetry is how many seconds a client should wait before it tries a busy line again.
const busyRetry = "5"

// WriteDocument sends a problem document.
func WriteDocument(w http.ResponseWriter, d *Document) {
	body, err := json.Marshal(d)
	if err != nil { // strings and numbers always marshal
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	if d.Challenge != nil {
		w.Header().Set("Retry-After", strconv.Itoa(d.Challenge.Wait))
	}
	RetryLater(w, d.Status)
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(d.Status)
	if _, err := w.Write(body); err != nil { // the client has gone
		return
	}
}

// RetryLater sets Retry-After on the answers that ask for patience, 429 and 503, where they don't say yet how much.
func RetryLater(w http.ResponseWriter, status int) {
	if (status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable) && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", busyRetry)
	}
}

// FormFault is one fault as a form shows it: in the summary, as a link to the field, and beside the field.
type FormFault struct {
	Field  string // as in heed.Problem
	Anchor string // id of the element that mends it
	Text   string
}

// FormFaults words Problems for a form; anchor gives the id of the element for a field.
func (v *Voice) FormFaults(ps heed.Problems, anchor func(field string) string) []FormFault {
	faults := make([]FormFault, len(ps))
	for i, p := range ps {
		faults[i] = FormFault{Field: p.Field, Anchor: anchor(p.Field), Text: v.Problem(p)}
	}
	return faults
}
