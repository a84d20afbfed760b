package desk

import (
	"errors"
	"io"
	"net/http"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/seal"
)

// shownPage shows who a reporter is, once. Mark stands across it, on screen and on paper.
type shownPage struct {
	frame
	Report      heed.ID
	ReportShort string
	Identities  []heed.Identity
	Mark        []string
	By          string
}

func (d *Desk) disclosureSee(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	one, err := d.asked(r, me)
	if err != nil {
		return err
	}
	key, err := d.keptKey(r)
	if one.File != "" {
		return d.seeFile(w, r, me, one.ID, key, err)
	}
	var shown *heed.Disclosure
	var who []heed.Identity
	if err == nil {
		shown, who, err = d.Custody.See(r.Context(), me, one.ID, key)
	}
	if err != nil {
		return d.notSeen(w, r, me, err)
	}
	d.keepKey(w, one.ID, nil, 0)
	page := shownPage{frame: d.frame(r, me), Report: shown.Report, ReportShort: shown.Report.Short(), Identities: who}
	s := speaker{Voice: page.Voice, profile: d.Profile}
	at := s.exact(shown.SeenAt)
	page.Mark, page.By = []string{me.Name, at}, page.T("desk.disclosure-by", "Name", me.Name, "Time", at)
	return d.site.Render(w, http.StatusOK, "identity", page)
}

// disclosureRelease puts a file as the reporter sent it into the next package for a Department, in place of giving it to who asked.
func (d *Desk) disclosureRelease(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	one, err := d.asked(r, me)
	if err != nil {
		return err
	}
	to := r.PostForm.Get("department")
	if dep, ok := d.Profile.Department(to); !ok || len(dep.Recipients) == 0 {
		return d.showDisclosure(w, r, me, &heed.Problem{Field: "department", Code: "department-unknown"})
	}
	key, err := d.keptKey(r)
	if err == nil {
		err = d.Custody.Release(r.Context(), me, one.ID, key, to)
	}
	if err != nil {
		return d.notSeen(w, r, me, err)
	}
	d.keepKey(w, one.ID, nil, 0)
	http.Redirect(w, r, disclosurePath(one.ID), http.StatusSeeOther)
	return nil
}

// notSeen answers who can't see what was disclosed; its own page says what became of it.
func (d *Desk) notSeen(w http.ResponseWriter, r *http.Request, me *heed.Staff, err error) error {
	var problem *heed.Problem
	switch {
	case errors.As(err, &problem):
		return d.showDisclosure(w, r, me, problem)
	case errors.Is(err, heed.ErrConflict), errors.Is(err, heed.ErrGone):
		return d.showDisclosure(w, r, me, &heed.Problem{Code: "disclosure-over"})
	}
	return err
}

// seeFile gives a file as the reporter sent it, once. A download that breaks off was one all the same.
func (d *Desk) seeFile(w http.ResponseWriter, r *http.Request, me *heed.Staff, id heed.ID, key *seal.PrivateKey, err error) error {
	var name string
	var content io.ReadCloser
	if err == nil {
		_, err = d.Custody.SeeFile(r.Context(), me, id, key, func(a *heed.Attachment, file seal.Key) (err error) {
			name, content, err = d.Review.OpenOriginal(r.Context(), a, file)
			return err
		})
	}
	if err != nil {
		if content != nil {
			err = errors.Join(err, content.Close())
		}
		return d.notSeen(w, r, me, err)
	}
	d.keepKey(w, id, nil, 0)
	return download(w, content, name)
}
