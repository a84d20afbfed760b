package portal

import (
	"net/http"
	"strconv"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/web"
	"github.com/heed-line/heed/internal/web/question"
)

// page is what every page's frame shows. Pages embed it.
type page struct {
	*web.Voice
	Title   string // of the browser's tab: says nothing about reporting
	Line    string // the line's name
	Words   profile.Words
	Numbers profile.Numbers
	Exit    string // where "leave this page" leads
	Path    string // of this page, for the language switch
	// Form is the id of the page's form where text may have been typed: the language switch then sends it along.
	Form   string
	Faults []web.FormFault
	// Step and Steps count the form's pages; zero elsewhere.
	Step, Steps int
	// Home lets links lead away: on the form's pages they would lose what was typed.
	Home bool
}

// page makes the frame in a voice. number tells pages apart in the browser's tab.
func (p *portal) page(v *web.Voice, path string, number int) page {
	title := p.Profile.Exit.Title.In(v.Lang())
	if number > 1 {
		title = strconv.Itoa(number) + " · " + title
	}
	return page{
		Voice: v, Title: title, Line: p.Profile.Line.Name.In(v.Lang()), Words: p.Profile.Words(v.Lang()),
		Numbers: p.Profile.Numbers, Exit: p.Profile.Exit.URL, Path: path, Home: true,
	}
}

// withFaults adds what is wrong, with the field that mends each.
func (pg *page) withFaults(ps heed.Problems) {
	pg.Faults = pg.FormFaults(ps, question.Anchor)
	if len(ps) > 0 {
		pg.Title = pg.T("frame.error-prefix") + " " + pg.Title
	}
}

// FaultOf is what is wrong with one field, "" where nothing is.
func (pg page) FaultOf(field string) string {
	for _, f := range pg.Faults {
		if f.Field == field {
			return f.Text
		}
	}
	return ""
}

// typedFields are the form fields in which people type, with the API's names for them.
var typedFields = map[string]string{
	"text": "text", "occurred": "occurred", "place": "place", "receipt": "receipt",
	"name": "identity.name", "phone": "identity.phone", "email": "identity.email", "address": "identity.address",
}

// show renders a page, and the page for our own faults where that fails.
func (p *portal) show(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	web.RetryLater(w, status)
	if err := p.site.Render(w, status, name, data); err != nil {
		p.Log.Error("portal: page failed", "page", name, "error", err)
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
}

func (p *portal) start(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusOK, "start", p.page(p.site.Voice(r, ""), "/", 1))
}

func (p *portal) privacy(w http.ResponseWriter, r *http.Request) {
	p.show(w, r, http.StatusOK, "privacy", p.page(p.site.Voice(r, ""), "/privacy", 8))
}

type transparencyPage struct {
	page
	Figures *Figures // nil where they can't be had
}

func (p *portal) transparency(w http.ResponseWriter, r *http.Request) {
	data := transparencyPage{page: p.page(p.site.Voice(r, ""), "/transparency", 9)}
	figures, err := p.Transparency.Figures(r.Context())
	status := http.StatusOK
	if err != nil {
		p.Log.Error("portal: no figures", "error", err)
		status = http.StatusServiceUnavailable
	} else {
		data.Figures = figures
	}
	p.show(w, r, status, "transparency", data)
}
