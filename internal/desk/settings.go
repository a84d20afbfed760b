package desk

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

type settingsPage struct {
	frame
	Done  string // what was just done, in words
	Token string // a token that was just made; it is shown this once
}

func (d *Desk) settings(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	page := settingsPage{frame: d.frame(r, me)}
	if slices.Contains([]string{"language", "passphrase", "tokens"}, r.URL.Query().Get("done")) {
		page.Done = page.T("desk.done-" + r.URL.Query().Get("done"))
	}
	return d.site.Render(w, http.StatusOK, "settings", page)
}

func (d *Desk) settingsLanguage(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	tag := r.PostForm.Get("language")
	if !slices.Contains(d.Locales.Tags(), tag) {
		return &heed.Problem{Field: "language", Code: "invalid"}
	}
	if err := d.Auth.SetLanguage(r.Context(), me, tag); err != nil {
		return err
	}
	http.Redirect(w, r, "/settings?done=language", http.StatusSeeOther)
	return nil
}

func (d *Desk) settingsPassphrase(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	passphrase, err := newPassphrase(r)
	session := ""
	if err == nil {
		session, err = d.Auth.SetPassphrase(r.Context(), me, r.PostForm.Get("old"), passphrase)
	}
	faults := web.Faults(err)
	var wait *auth.Throttled
	switch {
	case errors.As(err, &wait):
		faults = heed.Problems{{Field: "old", Code: "sign-in-wait", Args: map[string]any{"Seconds": int(wait.Wait/time.Second) + 1}}}
	case errors.Is(err, heed.ErrForbidden):
		faults = heed.Problems{{Field: "old", Code: "passphrase-wrong"}}
	}
	if faults != nil {
		page := settingsPage{frame: d.frame(r, me)}
		page.addFault(faults...)
		return d.site.Render(w, web.ProblemStatus(faults), "settings", page)
	}
	if err != nil {
		return err
	}
	d.setCookie(w, sessionCookie, session, 0)
	http.Redirect(w, r, "/settings?done=passphrase", http.StatusSeeOther)
	return nil
}

func (d *Desk) settingsToken(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	token, err := d.Auth.CreateToken(r.Context(), me, me.ID)
	if err != nil {
		return err
	}
	return d.site.Render(w, http.StatusOK, "settings", settingsPage{frame: d.frame(r, me), Token: token})
}

func (d *Desk) settingsTokensDelete(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	if err := d.Auth.DeleteTokens(r.Context(), me); err != nil {
		return err
	}
	http.Redirect(w, r, "/settings?done=tokens", http.StatusSeeOther)
	return nil
}
