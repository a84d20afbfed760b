package desk

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

// A Custodian whose key lies on a machine apart carries the request there in a file and brings the answer's file back
// (docs/adr/0009). The code that opens the file stands on the page and travels with the button that downloads it; it is stored nowhere.

const (
	requestSuffix = ".heed-request"
	answerSuffix  = ".heed-answer"
)

type apartPage struct {
	frame
	Request    requestView
	Code       string // as it is typed
	LineKey    string
	File       string
	Until      time.Time
	Taken      time.Time // zero: not yet by the reader
	AnswerType string
}

// apart offers the request's file, and takes the answer's.
func (d *Desk) apart(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showApart(w, r, me, nil)
}

func (d *Desk) showApart(w http.ResponseWriter, r *http.Request, me *heed.Staff, fault *heed.Problem) error {
	one, err := d.asked(r, me)
	if err != nil {
		return err
	}
	if !identity.KeyApart(me) {
		return heed.ErrNotFound
	}
	if !one.State.Undecided() {
		return d.showDisclosures(w, r, me, &heed.Problem{Code: "disclosure-over"})
	}
	page := apartPage{
		frame: d.frame(r, me), Code: seal.NewApartCode().Grouped(), LineKey: seal.Fingerprint(d.Custody.AuditKey()), Until: one.Until,
		File: one.Report.Short() + requestSuffix, AnswerType: answerSuffix,
	}
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	page.Request = d.requestView(s, me, one)
	if page.Request.Own {
		return heed.ErrForbidden
	}
	if page.Request.Mine {
		page.Taken = one.SecondAt
	}
	status := http.StatusOK
	if fault != nil {
		page.addFault(fault)
		status = web.ProblemStatus(heed.Problems{fault})
	}
	return d.site.Render(w, status, "apart", page)
}

// apartTake downloads the request, sealed under the code that the page showed.
func (d *Desk) apartTake(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	code, err := seal.ParseApartCode(r.PostForm.Get("code"))
	if err != nil {
		return d.showApart(w, r, me, &heed.Problem{Code: "apart-code"})
	}
	file, err := d.Custody.Take(r.Context(), me, id, code)
	if fault := decidingFault(err); fault != nil {
		return d.showApartFault(w, r, me, fault)
	}
	if err != nil {
		return err
	}
	one, err := d.Custody.One(r.Context(), me, id)
	if err != nil {
		return err
	}
	return download(w, io.NopCloser(bytes.NewReader(file)), one.Report.Short()+requestSuffix)
}

// apartBring takes the answer.
func (d *Desk) apartBring(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := answerFile(r)
	if err == nil {
		err = d.Custody.Bring(r.Context(), me, id, file)
	}
	if fault := decidingFault(err); fault != nil {
		return d.showApartFault(w, r, me, fault)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/disclosures", http.StatusSeeOther)
	return nil
}

// showApartFault shows what is wrong beside the request, or beside all requests where this one is over.
func (d *Desk) showApartFault(w http.ResponseWriter, r *http.Request, me *heed.Staff, fault *heed.Problem) error {
	if fault.Code == "disclosure-over" {
		return d.showDisclosures(w, r, me, fault)
	}
	return d.showApart(w, r, me, fault)
}

// answerFile is the file in the form, which stays in memory: the whole body is bounded by maxApart.
func answerFile(r *http.Request) ([]byte, error) {
	err := r.ParseMultipartForm(maxApart)
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong):
		return nil, &heed.Problem{Field: "answer", Code: "answer-none"}
	case err != nil:
		return nil, &heed.Problem{Code: "form-broken"}
	}
	part, _, err := r.FormFile("answer")
	if err != nil { // http.ErrMissingFile
		return nil, &heed.Problem{Field: "answer", Code: "answer-none"}
	}
	b, err := io.ReadAll(part)
	return b, errors.Join(err, part.Close())
}
