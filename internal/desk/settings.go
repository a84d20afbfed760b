package desk

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

type settingsPage struct {
	frame
	Done  string // what was just done, in words
	Token string // a token that was just made; it is shown this once

	Fresh                   bool // who reads proved lately who they are
	HasPassphrase, Passkeys bool
	Factors                 []factorRow
	Recovery                int // recovery codes left
	HasCodes                bool
	Offer                   *auth.CodesOffer
	SignOn                  string // what the button to the organisation's sign-on says
	HasSignOn               bool
	Open                    []auth.Open
	Phone                   string // as typed, where it was refused
	Speaks                  []option
}

// factorRow is a passkey, the one-time codes or the organisation's sign-on.
type factorRow struct {
	ID                heed.ID
	Kind, Name        string
	CreatedAt, UsedAt time.Time
}

func (d *Desk) settings(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	page := settingsPage{frame: d.frame(r, me), Phone: me.Phone}
	if slices.Contains([]string{"language", "passphrase", "tokens", "factors", "ended", "phone"}, r.URL.Query().Get("done")) {
		page.Done = page.T("desk.done-" + r.URL.Query().Get("done"))
	}
	return d.showSettings(w, r, me, page, nil)
}

// showSettings shows the page with everything that stands open to the account.
func (d *Desk) showSettings(w http.ResponseWriter, r *http.Request, me *heed.Staff, page settingsPage, faults heed.Problems) error {
	factors, err := d.Auth.Factors(r.Context(), me)
	if err != nil {
		return err
	}
	for _, f := range factors {
		if f.Kind == heed.RecoveryCode {
			page.Recovery++
			continue
		}
		page.HasCodes = page.HasCodes || f.Kind == heed.OneTimeCodes
		page.HasSignOn = page.HasSignOn || f.Kind == heed.SignOn
		page.Factors = append(page.Factors, factorRow{f.ID, page.T("desk.factor-" + string(f.Kind)), f.Name, f.CreatedAt, f.UsedAt})
	}
	if page.Open, err = d.Auth.Opened(r.Context(), me, d.secret(r)); err != nil {
		return err
	}
	if page.Fresh, err = d.Auth.Proven(r.Context(), d.secret(r), d.browser(r)); err != nil {
		return err
	}
	page.HasPassphrase, page.Passkeys, page.SignOn = me.Passphrase != "", d.takesPasskeys(r), d.signOnName(r, page.Voice)
	if page.Fresh {
		if page.Offer, err = d.Auth.OfferCodes(me.Name, string(me.ID), r.PostForm.Get("offer")); err != nil {
			return err
		}
	}
	if page.Calls != nil {
		page.Phone = cmp.Or(page.Phone, me.Phone)
		page.Speaks = speaker{Voice: page.Voice, profile: d.Profile}.spoken(d.Profile.Languages, "")
		for i, o := range page.Speaks {
			page.Speaks[i].Chosen = me.Speaks == nil || slices.Contains(me.Speaks, o.ID)
		}
	}
	status := http.StatusOK
	if faults != nil {
		status = web.ProblemStatus(faults)
		page.addFault(faults...)
	}
	return d.site.Render(w, status, "settings", page)
}

// factorChanged shows what came of a change: recovery codes where there are new ones.
func (d *Desk) factorChanged(w http.ResponseWriter, r *http.Request, me *heed.Staff, recovery []string, err error) error {
	if faults := web.Faults(err); faults != nil {
		return d.showSettings(w, r, me, settingsPage{frame: d.frame(r, me)}, faults)
	}
	if err != nil {
		return err
	}
	if recovery != nil {
		return d.showRecovery(w, r, me, recovery, "/settings")
	}
	http.Redirect(w, r, "/settings?done=factors", http.StatusSeeOther)
	return nil
}

func (d *Desk) settingsCodes(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	recovery, err := d.Auth.AddCodes(r.Context(), me, r.PostForm.Get("offer"), r.PostForm.Get("code"))
	return d.factorChanged(w, r, me, recovery, err)
}

func (d *Desk) settingsRecovery(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	recovery, err := d.Auth.RenewRecoveryCodes(r.Context(), me)
	return d.factorChanged(w, r, me, recovery, err)
}

func (d *Desk) settingsFactorRemove(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	site, _ := d.siteOf(r) // where it takes no passkeys none counts
	return d.factorChanged(w, r, me, nil, d.Auth.RemoveFactor(r.Context(), me, site, id))
}

func (d *Desk) settingsEnd(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	if err := d.Auth.End(r.Context(), me, r.PathValue("handle")); err != nil {
		return err
	}
	http.Redirect(w, r, "/settings?done=ended", http.StatusSeeOther)
	return nil
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
		session, err = d.Auth.SetPassphrase(r.Context(), me, d.browser(r), r.PostForm.Get("old"), passphrase)
	}
	faults := web.Faults(err)
	if _, problem := refusal("old", "passphrase-wrong", err); problem != nil {
		faults = heed.Problems{problem}
	}
	if faults != nil {
		return d.showSettings(w, r, me, settingsPage{frame: d.frame(r, me)}, faults)
	}
	if err != nil {
		return err
	}
	d.setCookie(w, sessionCookie, session, 0)
	http.Redirect(w, r, "/settings?done=passphrase", http.StatusSeeOther)
	return nil
}

func (d *Desk) settingsToken(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	life := auth.TokenLife // where nothing was typed
	if typed := r.PostForm.Get("days"); typed != "" {
		days, err := strconv.Atoi(typed)
		if err != nil || days <= 0 {
			return &heed.Problem{Field: "expires", Code: "token-life"}
		}
		life = time.Duration(min(days, 1000)) * 24 * time.Hour // CreateToken refuses what is too long
	}
	token, err := d.Auth.CreateToken(r.Context(), me, me.ID, life)
	if err != nil {
		return err
	}
	return d.showSettings(w, r, me, settingsPage{frame: d.frame(r, me), Token: token}, nil)
}

func (d *Desk) settingsTokensDelete(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	if err := d.Auth.DeleteTokens(r.Context(), me); err != nil {
		return err
	}
	http.Redirect(w, r, "/settings?done=tokens", http.StatusSeeOther)
	return nil
}

// settingsPhone says on which telephone one speaks with callers, and in which languages.
func (d *Desk) settingsPhone(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	typed := r.PostForm.Get("phone")
	err := d.Auth.SetPhone(r.Context(), me, me.ID, typed)
	if faults := web.Faults(err); faults != nil {
		return d.showSettings(w, r, me, settingsPage{frame: d.frame(r, me), Phone: typed}, faults)
	}
	if err == nil {
		speaks := slices.DeleteFunc(slices.Clone(r.PostForm["speaks"]), func(tag string) bool { return !slices.Contains(d.Profile.Languages, tag) })
		if len(speaks) == len(d.Profile.Languages) {
			speaks = nil // of those that the line learns later too
		}
		err = d.Auth.SetSpeaks(r.Context(), me, speaks)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/settings?done=phone", http.StatusSeeOther)
	return nil
}
