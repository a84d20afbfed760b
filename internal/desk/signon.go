package desk

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

// The organisation's sign-on. A browser is sent there and back by pages that go on by themselves: a redirect after a form
// would be refused by our own Content-Security-Policy (form-action), and on the provider's way back the browser withholds
// the session's cookie, which is SameSite=Strict. The page in between is ours, so what follows it has every cookie.
const (
	signOnBack   = "/sign-in/organisation/back"
	signOnDone   = "/sign-in/organisation/done"
	signOnCookie = "heed-sign-on" // what the browser keeps while it is at the provider
	signOnLife   = 10 * time.Minute
	maxAnswer    = 8 << 10 // characters of the provider's answer
)

// signOnName is what the button to the organisation's sign-on says, "" where there is none at this address.
func (d *Desk) signOnName(r *http.Request, v *web.Voice) string {
	if _, ok := d.originOf(r); !ok || !d.Auth.TakesSignOn() {
		return ""
	}
	return d.Profile.SignIn.OIDC.Name.In(v.Lang())
}

// goOn shows a page that leads to the address by itself, and by a link.
func (d *Desk) goOn(w http.ResponseWriter, r *http.Request, address string) {
	f := d.frame(r, nil)
	w.Header().Set("Refresh", "0; url="+address)
	page := messagePage{frame: f, Title: f.T("desk.sign-on-title"), Words: f.T("desk.sign-on-words"), Href: address, Go: f.T("desk.sign-on-go")}
	d.finish(w, r, nil, d.site.Render(w, http.StatusOK, "message", page))
}

// goToSignOn sends the browser to the organisation's sign-on.
func (d *Desk) goToSignOn(w http.ResponseWriter, r *http.Request, errand auth.Errand) {
	origin, ok := d.originOf(r)
	if !ok || !d.Auth.TakesSignOn() {
		d.fail(w, r, nil, heed.ErrNotFound)
		return
	}
	address, kept, err := d.Auth.GoToSignOn(r.Context(), origin+signOnBack, d.marked(w, r), errand)
	if err != nil {
		d.signOnFault(w, r, err)
		return
	}
	d.setCookie(w, signOnCookie, kept, signOnLife)
	d.goOn(w, r, address)
}

func (d *Desk) signInSignOn(w http.ResponseWriter, r *http.Request) {
	if err := parse(r); err != nil {
		d.fail(w, r, nil, err)
		return
	}
	d.goToSignOn(w, r, auth.Errand{Kind: auth.SignInErrand, To: ownPath(r.PostForm.Get("to"))})
}

func (d *Desk) enrolSignOn(w http.ResponseWriter, r *http.Request) {
	link := r.PathValue("link")
	if staff, err := d.Auth.Invited(r.Context(), link); err != nil || staff == nil {
		d.badLink(w, r, err)
		return
	}
	d.goToSignOn(w, r, auth.Errand{Kind: auth.EnrolErrand, Link: link})
}

func (d *Desk) settingsSignOn(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	d.goToSignOn(w, r, auth.Errand{Kind: auth.LinkErrand, For: me.ID})
	return nil
}

func (d *Desk) proveSignOn(w http.ResponseWriter, r *http.Request, _ *heed.Staff) error {
	d.goToSignOn(w, r, auth.Errand{Kind: auth.ProveErrand, To: ownPath(r.PostForm.Get("to"))})
	return nil
}

// signOnReturn is where the provider sends the browser back to. It looks at nothing and changes nothing.
func (d *Desk) signOnReturn(w http.ResponseWriter, r *http.Request) {
	answer, asked := url.Values{}, r.URL.Query()
	for _, name := range []string{"state", "code", "iss", "error"} {
		if v := asked.Get(name); v != "" {
			answer.Set(name, v)
		}
	}
	encoded := answer.Encode()
	if len(encoded) > maxAnswer {
		d.signOnFault(w, r, &heed.Problem{Code: "sign-on-refused"})
		return
	}
	d.goOn(w, r, signOnDone+"?"+encoded)
}

// signOnCome takes the provider's answer, with what the browser kept.
func (d *Desk) signOnCome(w http.ResponseWriter, r *http.Request) {
	kept, mark, answer := d.brought(r, signOnCookie), d.browser(r), r.URL.Query()
	if kept != "" {
		d.setCookie(w, signOnCookie, "", -time.Second)
	}
	who, err := d.Auth.BackFromSignOn(r.Context(), mark, kept, auth.Answer{
		State: answer.Get("state"), Code: answer.Get("code"), Issuer: answer.Get("iss"), Error: answer.Get("error"),
	})
	if err != nil {
		d.signOnFault(w, r, err)
		return
	}
	switch who.Kind {
	case auth.SignInErrand:
		d.comeIn(w, r, mark, who)
	case auth.EnrolErrand:
		enrolled, err := d.Auth.EnrolBySignOn(r.Context(), mark, who)
		if web.Faults(err) != nil {
			d.signOnFault(w, r, err)
			return
		}
		d.enter(w, r, enrolled, mark, err)
	case auth.LinkErrand:
		d.linkSignOn(w, r, who)
	case auth.ProveErrand:
		session, err := d.Auth.ProveBySignOn(r.Context(), d.secret(r), mark, who)
		if err != nil {
			d.signOnFault(w, r, err)
			return
		}
		d.setCookie(w, sessionCookie, session, 0)
		http.Redirect(w, r, ownPath(who.To), http.StatusSeeOther)
	}
}

func (d *Desk) comeIn(w http.ResponseWriter, r *http.Request, mark string, who *auth.SignedOn) {
	session, staff, err := d.Auth.SignInBySignOn(r.Context(), mark, who)
	var half *auth.SecondStep
	if errors.As(err, &half) {
		d.setCookie(w, halfCookie, half.HalfWay, 0)
		http.Redirect(w, r, "/sign-in/second?to="+url.QueryEscape(ownPath(who.To)), http.StatusSeeOther)
		return
	}
	if err != nil {
		d.signOnFault(w, r, err)
		return
	}
	d.letIn(w, r, session, mark, staff)
	d.welcome(w, r, staff, who.To)
}

func (d *Desk) linkSignOn(w http.ResponseWriter, r *http.Request, who *auth.SignedOn) {
	me, err := d.session(r)
	if err != nil {
		d.refuse(w, r, err)
		return
	}
	if fresh, err := d.Auth.Proven(r.Context(), d.secret(r), d.browser(r)); err != nil || !fresh {
		d.askProof(w, r, me, err)
		return
	}
	if err := d.Auth.AddSignOn(r.Context(), me, who); err != nil {
		d.signOnFault(w, r, err)
		return
	}
	http.Redirect(w, r, "/settings?done=factors", http.StatusSeeOther)
}

// signOnFault says what went wrong on the way to the organisation's sign-on and back. What is wrong at the provider's side,
// or between it and us, the operator reads in the log; the words there are ours.
func (d *Desk) signOnFault(w http.ResponseWriter, r *http.Request, err error) {
	faults := web.Faults(err)
	if errors.Is(err, heed.ErrNotFound) { // signed out meanwhile
		d.refuse(w, r, err)
		return
	}
	if faults == nil {
		d.fail(w, r, nil, err)
		return
	}
	status := http.StatusForbidden
	switch faults[0].Code {
	case "sign-on-away":
		status = http.StatusServiceUnavailable
		d.Log.Error("desk: signing on", "error", err)
	case "sign-on-refused":
		d.Log.Warn("desk: signing on", "error", err)
	}
	f := d.frame(r, nil)
	page := messagePage{frame: f, Title: f.T("desk.sign-on-failed"), Words: f.Problem(faults[0]), Href: "/sign-in", Go: f.T("desk.sign-in")}
	if d.me(r) != nil {
		page.Href, page.Go = "/settings", f.T("desk.settings")
	}
	web.RetryLater(w, status)
	d.finish(w, r, nil, d.site.Render(w, status, "message", page))
}
