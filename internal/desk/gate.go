package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

// The cookies' names. The prefix makes a browser refuse them from other hosts and over plain HTTP (RFC 6265bis §4.1.3.2).
const (
	sessionCookie = "heed-desk"
	knownCookie   = "heed-known"
	hostPrefix    = "__Host-"
	knownLife     = 30 * 24 * time.Hour
)

func (d *Desk) cookie(name string) string {
	if d.TLS {
		return hostPrefix + name
	}
	return name
}

func (d *Desk) setCookie(w http.ResponseWriter, name, value string, life time.Duration) {
	http.SetCookie(w, &http.Cookie{
		Name: d.cookie(name), Value: value, Path: "/", MaxAge: int(life / time.Second), HttpOnly: true, Secure: d.TLS,
		SameSite: http.SameSiteStrictMode,
	})
}

// secret is the session's secret that the browser brought, or "".
func (d *Desk) secret(r *http.Request) string {
	c, err := r.Cookie(d.cookie(sessionCookie))
	if err != nil { // http.ErrNoCookie
		return ""
	}
	return c.Value
}

// session is who the browser is signed in as, or heed.ErrNotFound.
func (d *Desk) session(r *http.Request) (*heed.Staff, error) {
	secret := d.secret(r)
	if secret == "" {
		return nil, heed.ErrNotFound
	}
	return d.Auth.Session(r.Context(), secret)
}

// watched is session for what a page asks by itself.
func (d *Desk) watched(r *http.Request) (*heed.Staff, error) {
	return d.Auth.Watch(r.Context(), d.secret(r))
}

// me is who the browser is signed in as, or nil: for pages that anybody may see.
func (d *Desk) me(r *http.Request) *heed.Staff {
	me, err := d.session(r)
	if err != nil {
		return nil
	}
	return me
}

// refuse answers who isn't signed in: a page leads to the sign-in page and back, a part or an act says so.
func (d *Desk) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, heed.ErrNotFound) {
		d.fail(w, r, nil, err)
		return
	}
	if isPart(r) || r.URL.Path == "/events" {
		web.WriteDocument(w, web.NewDocument(d.site.Voice(r, ""), http.StatusUnauthorized, "signed-out"))
		return
	}
	to := "/sign-in"
	if r.Method == http.MethodGet && r.URL.Path != "/" {
		to += "?to=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

type signInPage struct {
	frame
	To, Name string
}

func (d *Desk) signInForm(w http.ResponseWriter, r *http.Request) {
	if d.me(r) != nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	page := signInPage{frame: d.frame(r, nil), To: r.URL.Query().Get("to")}
	d.finish(w, r, nil, d.site.Render(w, http.StatusOK, "sign-in", page))
}

func (d *Desk) signIn(w http.ResponseWriter, r *http.Request) {
	if err := parse(r); err != nil {
		d.fail(w, r, nil, err)
		return
	}
	name := r.PostForm.Get("name")
	browser := ""
	if c, err := r.Cookie(d.cookie(knownCookie)); err == nil {
		browser = c.Value
	}
	secret, _, err := d.Auth.Authenticate(r.Context(), name, r.PostForm.Get("passphrase"), browser)
	if err != nil {
		d.signInFault(w, r, name, err)
		return
	}
	d.setCookie(w, sessionCookie, secret, 0)
	d.setCookie(w, knownCookie, d.Auth.KnownBrowser(name), knownLife)
	http.Redirect(w, r, ownPath(r.PostForm.Get("to")), http.StatusSeeOther)
}

// signInFault shows the form again with what to do; what was typed as a passphrase is not given back.
func (d *Desk) signInFault(w http.ResponseWriter, r *http.Request, name string, err error) {
	page := signInPage{frame: d.frame(r, nil), To: r.PostForm.Get("to"), Name: name}
	status, problem := http.StatusForbidden, &heed.Problem{Field: "name", Code: "sign-in"}
	var wait *auth.Throttled
	switch {
	case errors.As(err, &wait):
		status = http.StatusTooManyRequests
		problem = &heed.Problem{Field: "name", Code: "sign-in-wait", Args: map[string]any{"Seconds": int(wait.Wait/time.Second) + 1}}
	case errors.Is(err, heed.ErrBusy):
		status, problem = http.StatusServiceUnavailable, &heed.Problem{Code: "busy"}
	case !errors.Is(err, heed.ErrForbidden):
		d.fail(w, r, nil, err)
		return
	}
	page.addFault(problem)
	web.RetryLater(w, status)
	d.finish(w, r, nil, d.site.Render(w, status, "sign-in", page))
}

// ownPath is to where it is a path of ours, else the start: a link must not lead who signs in to another site.
func ownPath(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "//") ||
		strings.ContainsAny(to, "\\\r\n\t") {
		return "/"
	}
	return to
}

func (d *Desk) signOut(w http.ResponseWriter, r *http.Request, _ *heed.Staff) error {
	if err := d.Auth.SignOut(r.Context(), d.secret(r)); err != nil {
		return err
	}
	d.setCookie(w, sessionCookie, "", -time.Second)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

func (d *Desk) signOutEverywhere(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	if err := d.Auth.SignOutEverywhere(r.Context(), me); err != nil {
		return err
	}
	d.setCookie(w, sessionCookie, "", -time.Second)
	http.Redirect(w, r, "/sign-in", http.StatusSeeOther)
	return nil
}

// home leads to the first page that the staff member's roles have.
func (d *Desk) home(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	http.Redirect(w, r, homeOf(me), http.StatusSeeOther)
	return nil
}

func homeOf(me *heed.Staff) string {
	own := auth.Resource{Staff: me.ID, Department: me.Department}
	for _, h := range []struct {
		action auth.Action
		path   string
	}{{auth.QueueRead, "/queue/review"}, {auth.ReferralList, "/referrals"}, {auth.AuditRead, "/audit"}, {auth.StaffList, "/staff"}} {
		if auth.Allow(me, h.action, own) == nil {
			return h.path
		}
	}
	return "/settings"
}
