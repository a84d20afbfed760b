package referral

import (
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
	keydetails "github.com/heed-line/heed/internal/screening/details"
)

// document is report.json. It never holds who reported, nor who at the line decided.
type document struct {
	Format     string       `json:"format"`
	Line       named        `json:"line"`
	Referral   heed.ID      `json:"referral"`
	Report     heed.ID      `json:"report"`
	Department named        `json:"department"`
	MadeAt     time.Time    `json:"made_at"`
	ReceivedAt time.Time    `json:"received_at"`
	Channel    heed.Channel `json:"channel"`
	Language   string       `json:"language"` // of the report's own text
	Category   named        `json:"category"`
	Urgency    named        `json:"urgency"`
	// ReporterKnown says that the reporter gave the line a name or contact, which the line keeps; ask through the line.
	ReporterKnown bool         `json:"reporter_known"`
	Duplicates    int          `json:"duplicates"` // further reports of the same
	Reason        string       `json:"reason"`     // why the line refers it
	Text          string       `json:"text"`
	Occurred      string       `json:"occurred,omitempty"`
	Place         string       `json:"place,omitempty"`
	AgeBand       string       `json:"age_band,omitempty"`
	Messages      []said       `json:"messages"`
	Attachments   []attachment `json:"attachments"`
	Suggested     *suggested   `json:"suggested_by_machine,omitempty"`
	Grading       grading      `json:"grading"`
}

type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type said struct {
	Kind heed.MessageKind `json:"kind"`
	At   time.Time        `json:"at"`
	Text string           `json:"text"`
}

type attachment struct {
	File       string    `json:"file,omitempty"` // in the package; "" where the file could not be included
	Name       string    `json:"name"`           // as the reporter called it
	Type       string    `json:"type"`
	Size       int64     `json:"size"`
	SHA256     string    `json:"sha256,omitempty"`
	Copy       bool      `json:"copy,omitempty"`         // a copy that the line made: Name is the original's, all else the copy's
	Masked     bool      `json:"voice_masked,omitempty"` // a recording's copy
	Redacted   bool      `json:"redacted,omitempty"`     // the line covered a part of the copy, or made it silent
	ReceivedAt time.Time `json:"received_at"`
	// Original is the file as the reporter sent it, where a lead decided that this Department gets it too; of all others there is not even a hash.
	Original *original `json:"original,omitempty"`
	// Transcript is what a machine heard in the recording.
	Transcript *transcript `json:"transcript_by_machine,omitempty"`
}

// original is a file as the reporter sent it, beside its copy.
type original struct {
	File   string `json:"file"` // in the package
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// transcript is what a machine heard; it may be wrong.
type transcript struct {
	Model    string `json:"model"`
	Language string `json:"language,omitempty"`
	Text     string `json:"text"`
	Cut      bool   `json:"cut,omitempty"` // there was more
}

// suggested is what the machine found in the text; where that is empty, in the transcripts of the attachments, with two line feeds between
// them. Offsets are bytes.
type suggested struct {
	Model    string   `json:"model"`
	Language string   `json:"language"`
	Details  []detail `json:"details"`
	Asides   []aside  `json:"asides"` // what is only about who somebody is: no ground to act
}

// detail is one with its normal form (details.Certain), where that isn't how it is written: E.164, ISO 4217, ISO 8601, decimal degrees.
type detail struct {
	heed.Detail
	Normal string `json:"normal,omitempty"`
}

// normalised are the details of a Screening with their normal forms.
func (s *Service) normalised(sc *heed.Screening, received time.Time) []detail {
	out := []detail{}
	in := keydetails.Context{Language: sc.Language, Regions: s.cfg.Profile.Line.Countries}
	for _, found := range sc.Details {
		d := detail{Detail: found}
		switch at := received.In(s.cfg.Profile.Zone()); found.Type {
		case "time": // a weekday is a guess
			d.Normal = keydetails.Plainer(found, in, at)
		case "person", "organisation", "place": // their form serves a comparison, and no reader
		default:
			if form := keydetails.Certain(found, in, at); form != found.Text {
				d.Normal = form
			}
		}
		out = append(out, d)
	}
	return out
}

// aside is text[Start:End].
type aside struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// grading is grading.json.
type grading struct {
	Graded bool   `json:"graded"`
	Scheme string `json:"scheme,omitempty"`
	Value  string `json:"value,omitempty"`
}

func gradingOf(g *review.Grading) grading {
	if g == nil {
		return grading{}
	}
	return grading{Graded: true, Scheme: g.Scheme, Value: g.Value}
}

// document gathers report.json but for the attachments, whose hashes are known once they are written.
func (s *Service) document(m *material) *document {
	p, r := s.cfg.Profile, m.report
	lang := p.Languages[0]
	d := &document{
		Format: reportFormat, Line: named{s.cfg.Line, p.Line.Name.In(lang)}, Referral: m.referral.ID, Report: r.ID,
		Department: named{m.referral.Department, p.DepartmentName(m.referral.Department, lang)},
		MadeAt:     m.made.UTC(), ReceivedAt: r.ReceivedAt.UTC(), Channel: r.Channel, Language: r.Language,
		Category: named{r.Category, p.CategoryName(r.Category, lang)}, Urgency: named{string(r.Urgency), p.UrgencyName(r.Urgency, lang)},
		ReporterKnown: r.Named, Duplicates: r.Copies, Reason: m.reason.Text,
		Text: m.content.Text, Occurred: m.content.Occurred, Place: m.content.Place, AgeBand: m.content.AgeBand,
		Messages: []said{}, Attachments: []attachment{}, Grading: gradingOf(m.reason.Grading),
	}
	for _, x := range m.messages {
		d.Messages = append(d.Messages, said{x.kind, x.at.UTC(), x.text})
	}
	// Of what was said and not written, the machine found what it found in all of the recording.
	if sc := m.screening; sc != nil && !sc.Refuse && !(m.content.Spoken() && m.redacted()) {
		d.Suggested = &suggested{sc.Model, sc.Language, s.normalised(sc, r.ReceivedAt), asides(d.Text, sc)}
	}
	return d
}

// redacted reports whether a part of any file isn't handed on.
func (m *material) redacted() bool {
	return slices.ContainsFunc(m.files, func(f file) bool { return f.redaction != nil })
}

// asides takes the marks that fit the text as it stands, in its order.
func asides(text string, sc *heed.Screening) []aside {
	out := []aside{}
	for _, r := range sc.Asides() {
		if r.Start >= 0 && r.Start < r.End && r.End <= len(text) && text[r.Start:r.End] == r.Phrase {
			out = append(out, aside{r.Start, r.End})
		}
	}
	slices.SortFunc(out, func(a, b aside) int { return a.Start - b.Start })
	return out
}

// passage is a run of the text, an aside or not.
type passage struct {
	Text  string
	Aside bool
}

// Passages is Text cut at its asides.
func (d *document) Passages() []passage {
	var out []passage
	at := 0
	if d.Suggested != nil {
		for _, a := range d.Suggested.Asides {
			if a.Start < at {
				continue
			}
			out = append(out, passage{d.Text[at:a.Start], false}, passage{d.Text[a.Start:a.End], true})
			at = a.End
		}
	}
	return append(out, passage{d.Text[at:], false})
}
