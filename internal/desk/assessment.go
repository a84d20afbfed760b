package desk

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/review"
	"github.com/heed-line/heed/internal/screening/details"
)

// assessmentView is what the machine suggests, in words.
type assessmentView struct {
	Proposals                []banner
	Category                 string
	CategoryShare, Relevance share
	Urgency                  urgencyWord
	UnsureCategory           string // in place of Category; "" where the machine is sure enough of it
	UnsureUrgency            string // beside Urgency, likewise
	Language                 string
	Reasons                  []reasonView
	Similar                  []similarView
	Details                  []detailGroup
	Model                    string
	Calibrated               bool
	Withheld                 bool // nothing is said of relevance
}

type similarView struct {
	ID          heed.ID
	Href, Short string
	Beside      string // where the files of both are seen beside each other; "" where one has none
	Kind, Score string
	Share       share
	Chosen      bool
}

// detailGroup is the key details of one type.
type detailGroup struct {
	Type  string
	Texts []detailText
}

// detailText is a detail as it stands in the text, and its form where that is plainer (details.Plainer).
type detailText struct{ Kind, Text, Plain string }

func (s speaker) assessment(p place, v *review.View) *assessmentView {
	sc := v.Screening
	if sc == nil {
		return nil
	}
	out := &assessmentView{
		Category: s.category(sc.Category), CategoryShare: s.share(sc.CategoryProbability, s.T("desk.probability")),
		Relevance: s.share(sc.Relevance, s.T("desk.relevance")), Urgency: s.urgency(sc.Urgency), Language: s.languages(sc),
		Similar: s.similar(p, v), Details: s.details(sc, v.Report.ReceivedAt), Model: sc.Model, Calibrated: sc.Calibrated, Withheld: v.Withheld,
		Reasons: s.reasons(sc),
	}
	if other := sc.Unsure("category"); other != "" {
		out.UnsureCategory = s.T("desk.unsure", "First", out.Category, "Second", s.category(other))
	}
	if other := sc.Unsure("urgency"); other != "" {
		out.UnsureUrgency = s.T("desk.unsure", "First", out.Urgency.Name, "Second", s.urgency(heed.Urgency(other)).Name)
	}
	for _, prop := range []struct {
		on         bool
		level, key string
	}{{sc.Refuse, "alert", "proposes-refuse"}, {sc.SetAside, "warn", "proposes-aside"}} {
		if prop.on {
			out.Proposals = append(out.Proposals, banner{prop.level, s.T("desk." + prop.key), s.T("desk." + prop.key + "-words")})
		}
	}
	return out
}

func (s speaker) similar(p place, v *review.View) (out []similarView) {
	if v.Screening == nil {
		return nil
	}
	for _, m := range v.Screening.Similar {
		if v.Similar[m.ID] == nil { // gone meanwhile
			continue
		}
		sim := similarView{
			ID: m.ID, Href: p.Report(m.ID), Short: m.ID.Short(), Kind: s.T("match." + m.Kind), Share: s.share(m.Score, s.T("desk.similarity")),
		}
		sim.Score = sim.Share.Text
		if v.Report.Files > 0 && v.Similar[m.ID].Files > 0 {
			sim.Beside = besideAddress(p, v.Report.ID, m.ID, "", "")
		}
		sim.Chosen = v.Screening.DuplicateOf != nil && *v.Screening.DuplicateOf == m.ID
		out = append(out, sim)
	}
	return out
}

// details groups the key details by type, in the types' own order, each text once.
func (s speaker) details(sc *heed.Screening, received time.Time) (out []detailGroup) {
	in := details.Context{Language: sc.Language, Regions: s.profile.Line.Countries}
	for _, kind := range heed.DetailTypes {
		g := detailGroup{Type: s.T("detail." + kind)}
		for _, d := range sc.Details {
			if d.Type != kind || slices.ContainsFunc(g.Texts, func(t detailText) bool { return t.Text == d.Text }) {
				continue
			}
			g.Texts = append(g.Texts, detailText{kind, d.Text, s.plain(d, in, received)})
		}
		if g.Texts != nil {
			out = append(out, g)
		}
	}
	return out
}

// plain is a detail's plainer form, an amount as the reader's language writes it.
func (s speaker) plain(d heed.Detail, in details.Context, received time.Time) string {
	form := details.Plainer(d, in, received.In(s.profile.Zone()))
	amount, currency, ok := strings.Cut(form, " ")
	if d.Type != "money" || !ok {
		return form
	}
	value, err := strconv.ParseFloat(amount, 64)
	if err != nil {
		return form
	}
	_, fraction, _ := strings.Cut(strings.TrimSuffix(amount, ".00"), ".")
	return s.Fixed(value, len(fraction)) + " " + currency
}
