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
	halfCookie    = "heed-half"  // between the passphrase and the second step
	knownCookie   = "heed-known" // the browser's own mark, to which the others are bound
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
	same := http.SameSiteStrictMode
	if name == knownCookie {
		same = http.SameSiteLaxMode // it comes along from an organisation's sign-on; by itself it opens nothing
	}
	http.SetCookie(w, &http.Cookie{
		Name: d.cookie(name), Value: value, Path: "/", MaxAge: int(life / time.Second), HttpOnly: true, Secure: d.TLS,
		SameSite: same,
	})
}

// brought is the value of a cookie of ours that the browser brought, or "".
func (d *Desk) brought(r *http.Request, name string) string {
	c, err := r.Cookie(d.cookie(name))
	if err != nil { // http.ErrNoCookie
		return ""
	}
	return c.Value
}

// secret is the session's secret that the browser brought, or "".
func (d *Desk) secret(r *http.Request) string { return d.brought(r, sessionCookie) }

// browser is the browser's mark, or "".
func (d *Desk) browser(r *http.Request) string { return d.brought(r, knownCookie) }

// marked is the browser's mark, which it gets where it has none: for what is going to be bound to it.
func (d *Desk) marked(w http.ResponseWriter, r *http.Request) string {
	mark := d.browser(r)
	if !auth.IsBrowser(mark) {
		mark = auth.NewBrowser()
		d.setCookie(w, knownCookie, mark, knownLife)
	}
	return mark
}

// session is who the browser is signed in as, or heed.ErrNotFound.
func (d *Desk) session(r *http.Request) (*heed.Staff, error) {
	secret := d.secret(r)
	if secret == "" {
		return nil, heed.ErrNotFound
	}
	return d.Auth.Session(r.Context(), secret, d.browser(r))
}

// watched is session for what a page asks by itself.
func (d *Desk) watched(r *http.Request) (*heed.Staff, error) {
	return d.Auth.Watch(r.Context(), d.secret(r), d.browser(r))
}

// me is who the browser is signed in as, or nil: for pages that anybody may see.
func (d *Desk) me(r *http.Request) *heed.Staff {
	me, err := d.session(r)
	if err != nil {
		return nil
	}
	return me
}

// refuse answers who isn't signed in: a page leads to the sign-in page and back, a part or an act says so, and what was typed is given back.
func (d *Desk) refuse(w http.ResponseWriter, r *http.Request, err error) {
	if !errors.Is(err, heed.ErrNotFound) {
		d.fail(w, r, nil, err)
		return
	}
	if isPart(r) || r.URL.Path == "/events" {
		web.WriteDocument(w, web.NewDocument(d.site.Voice(r, ""), http.StatusUnauthorized, "signed-out"))
		return
	}
	if typed := typedOf(r); typed != nil {
		f := d.frame(r, nil)
		page := messagePage{frame: f, Title: f.T("calls.kept-title"), Words: f.T("calls.signed-out"), Out: true, Typed: typed}
		d.finish(w, r, nil, d.site.Render(w, http.StatusForbidden, "message", page))
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
	Passkeys bool
	SignOn   string // what the button to the organisation's sign-on says
}

func (d *Desk) signInPage(r *http.Request, to string) signInPage {
	f := d.frame(r, nil)
	return signInPage{frame: f, To: to, Passkeys: d.takesPasskeys(r), SignOn: d.signOnName(r, f.Voice)}
}

func (d *Desk) signInForm(w http.ResponseWriter, r *http.Request) {
	if d.me(r) != nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	d.marked(w, r)
	page := d.signInPage(r, r.URL.Query().Get("to"))
	d.finish(w, r, nil, d.site.Render(w, http.StatusOK, "sign-in", page))
}

func (d *Desk) signIn(w http.ResponseWriter, r *http.Request) {
	if err := parse(r); err != nil {
		d.fail(w, r, nil, err)
		return
	}
	name, mark := r.PostForm.Get("name"), d.marked(w, r)
	secret, staff, err := d.Auth.Authenticate(r.Context(), name, r.PostForm.Get("passphrase"), mark)
	var half *auth.SecondStep
	if errors.As(err, &half) {
		d.setCookie(w, halfCookie, half.HalfWay, 0)
		http.Redirect(w, r, "/sign-in/second?to="+url.QueryEscape(ownPath(r.PostForm.Get("to"))), http.StatusSeeOther)
		return
	}
	if err != nil {
		d.signInFault(w, r, name, err)
		return
	}
	d.letIn(w, r, secret, mark, staff)
	d.welcome(w, r, staff, r.PostForm.Get("to"))
}

// letIn gives the browser its session, and marks it as one that the account is known in.
func (d *Desk) letIn(w http.ResponseWriter, r *http.Request, session, mark string, staff *heed.Staff) {
	d.setCookie(w, sessionCookie, session, 0)
	d.setCookie(w, knownCookie, d.Auth.KnownBrowser(mark, staff.Name), knownLife)
	if d.brought(r, halfCookie) != "" {
		d.setCookie(w, halfCookie, "", -time.Second)
	}
}

// welcome leads who has signed in to where they wanted to go, past what was announced to them meanwhile.
func (d *Desk) welcome(w http.ResponseWriter, r *http.Request, staff *heed.Staff, to string) {
	to = ownPath(to)
	news, err := d.Auth.News(r.Context(), staff)
	if err != nil { // they stay unseen until the next time
		d.Log.Error("desk: looking for announcements", "error", err)
	}
	if news {
		to = "/notices?to=" + url.QueryEscape(to)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// signInFault shows the form again with what to do; what was typed as a passphrase is not given back.
func (d *Desk) signInFault(w http.ResponseWriter, r *http.Request, name string, err error) {
	page := d.signInPage(r, r.PostForm.Get("to"))
	page.Name = name
	status, problem := refusal("name", "sign-in", err)
	if problem == nil {
		d.fail(w, r, nil, err)
		return
	}
	page.addFault(problem)
	web.RetryLater(w, status)
	d.finish(w, r, nil, d.site.Render(w, status, "sign-in", page))
}

// refusal is what to say to who couldn't prove who they are, code where it was wrong. The problem is nil for what is no such
// refusal.
func refusal(field, code string, err error) (status int, problem *heed.Problem) {
	var wait *auth.Throttled
	switch {
	case errors.As(err, &wait):
		return http.StatusTooManyRequests,
			&heed.Problem{Field: field, Code: "sign-in-wait", Args: map[string]any{"Seconds": int(wait.Wait/time.Second) + 1}}
	case errors.Is(err, heed.ErrBusy):
		return http.StatusServiceUnavailable, &heed.Problem{Code: "busy"}
	case errors.Is(err, heed.ErrForbidden):
		return http.StatusForbidden, &heed.Problem{Field: field, Code: code}
	}
	return 0, nil
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
	}{{auth.QueueRead, "/queue/review"}, {auth.CallTake, "/calls"}, {auth.ReferralList, "/referrals"}, {auth.DisclosureList, "/disclosures"}, {auth.AuditRead, "/audit"}, {auth.StaffList, "/staff"}} {
		if auth.Allow(me, h.action, own) == nil {
			return h.path
		}
	}
	return "/settings"
}
