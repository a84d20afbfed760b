package desk

import (
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/identity"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web"
)

// The private half of a Disclosure's key lives in a cookie of the browser that asked, for that Disclosure's own address alone,
// and nowhere else: this process has it while it makes it and while it shows what it opens (docs/adr/0008).
const (
	lookCookie   = "heed-look"
	securePrefix = "__Secure-" // as __Host-, with a path (RFC 6265bis §4.1.3.1)
)

func (d *Desk) lookCookie() string {
	if d.TLS {
		return securePrefix + lookCookie
	}
	return lookCookie
}

func disclosurePath(id heed.ID) string { return "/disclosures/" + string(id) }

// keepKey gives the browser the private half; life 0 takes it away.
func (d *Desk) keepKey(w http.ResponseWriter, id heed.ID, key *seal.PrivateKey, life time.Duration) {
	c := &http.Cookie{
		Name: d.lookCookie(), Path: disclosurePath(id), MaxAge: -1, HttpOnly: true, Secure: d.TLS, SameSite: http.SameSiteStrictMode,
	}
	if life > 0 {
		seed := key.Bytes()
		defer clear(seed)
		c.Value, c.MaxAge = base64.RawURLEncoding.EncodeToString(seed), int(life/time.Second)
	}
	http.SetCookie(w, c)
}

// keptKey is what keepKey gave. A *heed.Problem: another browser asked.
func (d *Desk) keptKey(r *http.Request) (*seal.PrivateKey, error) {
	c, err := r.Cookie(d.lookCookie())
	if err != nil { // http.ErrNoCookie
		return nil, &heed.Problem{Code: "disclosure-browser"}
	}
	seed, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil {
		return nil, &heed.Problem{Code: "disclosure-browser"}
	}
	defer clear(seed)
	key, err := seal.ParsePrivateKey(seed)
	if err != nil {
		return nil, &heed.Problem{Code: "disclosure-browser"}
	}
	return key, nil
}

// identityView is what a report's page says of its reporter's Identity.
type identityView struct {
	Report     heed.ID
	Held, Gone bool
	Asked      []askedView
}

type askedView struct {
	Href, By, State, Reason string // Href is "" where it isn't the reader's own
	File                    bool   // it is about a file's original
	At                      time.Time
}

// identity is nil where the reporter gave none, or the reader may not ask.
func (d *Desk) identity(r *http.Request, s speaker, me *heed.Staff, report *heed.Report) (*identityView, error) {
	if auth.Allow(me, auth.DisclosureAsk, auth.Resource{Report: report.ID, Category: report.Category}) != nil {
		return nil, nil
	}
	all, held, err := d.Custody.Of(r.Context(), me, report)
	if err != nil || !held && len(all) == 0 {
		return nil, err
	}
	out := &identityView{Report: report.ID, Held: held}
	for _, a := range all {
		v := askedView{By: s.who(a.By), State: s.T("disclosure-state." + string(a.State)), Reason: s.T("disclosure-reason." + string(a.Reason)), File: a.File != "", At: a.At}
		out.Gone = out.Gone || !held && a.File == ""
		if a.By == me.ID {
			v.Href = disclosurePath(a.ID)
		}
		out.Asked = append(out.Asked, v)
	}
	return out, nil
}

type askPage struct {
	frame
	Report, File heed.ID // File: whose original is asked for; "": who the reporter is
	ReportShort  string
	Reasons      []option
	Typed        string
}

// fileAsked is the file whose original a request is about, "" for who the reporter is.
func fileAsked(r *http.Request) (heed.ID, error) {
	id := r.FormValue("file")
	if id == "" {
		return "", nil
	}
	return recordID(id)
}

// disclosureForm asks why somebody needs to see who the reporter is.
func (d *Desk) disclosureForm(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showAsking(w, r, me, nil)
}

func (d *Desk) showAsking(w http.ResponseWriter, r *http.Request, me *heed.Staff, faults heed.Problems) error {
	report, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := fileAsked(r)
	if err != nil {
		return err
	}
	page := askPage{frame: d.frame(r, me), Report: report, File: file, ReportShort: report.Short(), Typed: r.PostForm.Get("reason")}
	for _, reason := range heed.DisclosureReasons {
		page.Reasons = append(page.Reasons, option{
			ID: string(reason), Label: page.T("disclosure-reason." + string(reason)), Chosen: r.PostForm.Get("class") == string(reason),
		})
	}
	status := http.StatusOK
	if faults != nil {
		page.addFault(faults...)
		status = web.ProblemStatus(faults)
	}
	return d.site.Render(w, status, "disclosure-ask", page)
}

// disclosureAsk asks, and keeps the key that will open the answer in the browser.
func (d *Desk) disclosureAsk(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	report, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := fileAsked(r)
	if err != nil {
		return err
	}
	key := seal.GeneratePrivateKey()
	reason := heed.DisclosureReason(r.PostForm.Get("class"))
	asked, err := d.Custody.AskFile(r.Context(), me, report, file, reason, r.PostForm.Get("reason"), key.Public())
	if faults := web.Faults(err); faults != nil {
		return d.showAsking(w, r, me, faults)
	}
	if err != nil {
		return err
	}
	d.keepKey(w, asked.ID, key, identity.AnswerFor+identity.SeeFor)
	http.Redirect(w, r, disclosurePath(asked.ID), http.StatusSeeOther)
	return nil
}

type disclosurePage struct {
	frame
	ID, Report           heed.ID
	ReportShort          string
	State, StateID, Said string
	Reason, Words        string
	At                   time.Time
	File                 bool   // it is about a file's original
	Malware              string // what the line's clamd calls it; "" for nothing
	MaySee, MayRead      bool
	// Departments are those for whose package the reader may release the file; nil where they may not.
	Departments []option
}

// asked is the Disclosure that the address names, to whom Custody.One shows it.
func (d *Desk) asked(r *http.Request, me *heed.Staff) (*identity.Request, error) {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	return d.Custody.One(r.Context(), me, id)
}

// disclosure says how far one's own Disclosure has come.
func (d *Desk) disclosure(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showDisclosure(w, r, me, nil)
}

func (d *Desk) showDisclosure(w http.ResponseWriter, r *http.Request, me *heed.Staff, fault *heed.Problem) error {
	one, err := d.asked(r, me)
	if err != nil {
		return err
	}
	page := disclosurePage{frame: d.frame(r, me), ID: one.ID, Report: one.Report, ReportShort: one.Report.Short(), StateID: string(one.State), At: one.At, Words: one.Words, File: one.File != "", Malware: one.Malware}
	page.MayRead = auth.Allow(me, auth.ReportRead, auth.Resource{}) == nil
	page.State = page.T("disclosure-state." + page.StateID)
	page.Reason = page.T("disclosure-reason." + string(one.Reason))
	when := one.SeenAt
	if one.State.Open() {
		when = one.Until
	}
	page.Said = page.T("desk.disclosure-"+page.StateID+"-words", "Time", page.When(when), "Department", d.Profile.DepartmentName(one.Department, page.Lang()))
	page.MaySee = one.State == heed.DisclosureApproved && auth.Allow(me, auth.DisclosureSee, auth.Resource{By: one.By}) == nil
	if page.File && page.MaySee && auth.Allow(me, auth.DisclosureRelease, auth.Resource{By: one.By}) == nil {
		page.Departments = speaker{Voice: page.Voice, profile: d.Profile}.receivers(r.PostForm.Get("department"))
	}
	status := http.StatusOK
	if fault != nil {
		page.addFault(fault)
		status = web.ProblemStatus(heed.Problems{fault})
	}
	return d.site.Render(w, status, "disclosure", page)
}

type disclosuresPage struct {
	frame
	Requests []requestView
}

type requestView struct {
	ID, Report                heed.ID
	Short, From, Reason, Text string
	At                        time.Time
	Due                       *countdown
	File                      bool   // they ask for a file's original
	Malware                   string // what the line's clamd calls it; "" for nothing
	Own, Exchanged            bool
	// Apart is whether the reader's key lies on a machine apart, Taken who took the request to one, and Mine whether that is the reader.
	Apart, Mine bool
	Taken       string
}

// disclosures is what Custodians have to decide.
func (d *Desk) disclosures(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	return d.showDisclosures(w, r, me, nil)
}

func (d *Desk) showDisclosures(w http.ResponseWriter, r *http.Request, me *heed.Staff, fault *heed.Problem) error {
	waiting, err := d.Custody.Waiting(r.Context(), me)
	if err != nil {
		return err
	}
	page := disclosuresPage{frame: d.frame(r, me)}
	s, err := d.speaker(r, page.frame)
	if err != nil {
		return err
	}
	for _, q := range waiting {
		page.Requests = append(page.Requests, d.requestView(s, me, &q))
	}
	status := http.StatusOK
	if fault != nil {
		page.addFault(fault)
		status = web.ProblemStatus(heed.Problems{fault})
	}
	return d.site.Render(w, status, "disclosures", page)
}

func (d *Desk) requestView(s speaker, me *heed.Staff, q *identity.Request) requestView {
	v := requestView{
		ID: q.ID, Report: q.Report, Short: q.Report.Short(), From: s.T("desk.disclosure-from", "Name", s.who(q.By)),
		Reason: s.T("disclosure-reason." + string(q.Reason)), Text: q.Words, File: q.File != "", Malware: q.Malware, At: q.At, Due: s.countdown(q.At, q.Until),
		Own: auth.Allow(me, auth.DisclosureDecide, auth.Resource{By: q.By}) != nil, Exchanged: q.Exchanged, Apart: identity.KeyApart(me),
	}
	if q.State == heed.DisclosureExported {
		v.Mine = q.SecondBy == me.ID
		v.Taken = s.T("desk.apart-taken", "Name", s.who(q.SecondBy), "Time", s.When(q.SecondAt))
	}
	return v
}

// disclosureDecide is both answers of a Custodian, told apart by the button.
func (d *Desk) disclosureDecide(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	switch r.PostForm.Get("go") {
	case "approve":
		err = d.Custody.Approve(r.Context(), me, id, r.PostForm.Get("passphrase"))
	case "refuse":
		err = d.Custody.Refuse(r.Context(), me, id, r.PostForm.Get("reason"))
	default:
		err = &heed.Problem{Field: "go", Code: "kind-unknown"}
	}
	if err == nil {
		http.Redirect(w, r, "/disclosures", http.StatusSeeOther)
		return nil
	}
	fault := decidingFault(err)
	if fault == nil {
		return err
	}
	if fault.Field == "passphrase" || fault.Field == "reason" { // each request has its own
		fault.Field += "-" + string(id)
	}
	return d.showDisclosures(w, r, me, fault)
}

// decidingFault says what kept a Custodian from an act with their key; nil for what the error page says as well.
func decidingFault(err error) *heed.Problem {
	var wait *auth.Throttled
	var problem *heed.Problem
	switch {
	case errors.As(err, &problem):
		return problem
	case errors.As(err, &wait):
		return &heed.Problem{Field: "passphrase", Code: "sign-in-wait", Args: map[string]any{"Seconds": int(wait.Wait/time.Second) + 1}}
	case errors.Is(err, heed.ErrConflict), errors.Is(err, heed.ErrGone):
		return &heed.Problem{Code: "disclosure-over"}
	}
	return nil
}
