package desk

import (
	"slices"
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
	Language                 string
	Reasons                  []reasonView
	Similar                  []similarView
	Details                  []detailGroup
	Model                    string
	Calibrated               bool
	Withheld                 bool // nothing is said of relevance
}

type reasonView struct{ For, Words, Phrase string }

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
	}
	for _, prop := range []struct {
		on         bool
		level, key string
	}{{sc.Refuse, "alert", "proposes-refuse"}, {sc.SetAside, "warn", "proposes-aside"}} {
		if prop.on {
			out.Proposals = append(out.Proposals, banner{prop.level, s.T("desk." + prop.key), s.T("desk." + prop.key + "-words")})
		}
	}
	for _, r := range sc.Reasons {
		view := reasonView{s.T("for." + r.For), s.rule(r.Rule), r.Phrase}
		if r.For == "language" {
			view.Phrase = beginning(view.Phrase)
		}
		out.Reasons = append(out.Reasons, view)
	}
	return out
}

// languages names the language of a text; of a mixed one all, the main one first, each with its share of what was read.
func (s speaker) languages(sc *heed.Screening) string {
	if len(sc.Languages) < 2 {
		return s.language(sc.Language)
	}
	shares := map[string]float64{}
	for _, r := range sc.Reasons {
		if tag, ok := strings.CutPrefix(r.Rule, "language."); ok && r.For == "language" {
			shares[tag] += r.Weight
		}
	}
	var said []string
	for _, tag := range sc.Languages {
		name := s.language(tag)
		if share := shares[tag]; share > 0 {
			name += " " + s.share(share, "").Text
		}
		said = append(said, name)
	}
	return strings.Join(said, ", ")
}

// beginning is that of a passage, enough to find it by in the text.
func beginning(passage string) string {
	const most = 48
	runes := []rune(passage)
	if len(runes) <= most {
		return passage
	}
	return strings.TrimSpace(string(runes[:most])) + "…"
}

// rule says why in words.
func (s speaker) rule(id string) string {
	if category, ok := strings.CutPrefix(id, "category."); ok {
		return s.T("rule.category", "Category", s.category(category))
	}
	if tag, ok := strings.CutPrefix(id, "language."); ok {
		return s.T("rule.language", "Language", s.language(tag))
	}
	if !s.Has("rule." + id) {
		return id // of a newer model: its code still tells an expert which
	}
	return s.T("rule." + id)
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
			g.Texts = append(g.Texts, detailText{kind, d.Text, details.Plainer(d, in, received.In(s.profile.Zone()))})
		}
		if g.Texts != nil {
			out = append(out, g)
		}
	}
	return out
}
