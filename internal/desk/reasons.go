package desk

import (
	"cmp"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// reasonView is one reason for what the machine suggests.
type reasonView struct {
	For, Words, Phrase string
	Weight             *weightView // nil where Words say the number
}

// weightView is what a reason says, in a word or a share.
type weightView struct {
	Of, Value float64 // of a bar
	Text      string
	Number    string // the weight itself where Text has none; else ""
	Exact     string // the same with what it is measured in
}

// decided are the decisions in the order in which their reasons are told.
var decided = [...]string{"urgency", "refuse", "set_aside", "relevance", "category", "duplicate", "order", "aside", "language"}

// reasons are those of a Screening by what they are for, the strongest first.
func (s speaker) reasons(sc *heed.Screening) (out []reasonView) {
	all := slices.Clone(sc.Reasons)
	slices.SortStableFunc(all, func(a, b heed.Reason) int {
		return cmp.Or(cmp.Compare(toldAt(a), toldAt(b)), cmp.Compare(measured(a), measured(b)), cmp.Compare(b.Weight, a.Weight))
	})
	for _, r := range all {
		out = append(out, reasonView{For: s.T("for." + r.For), Words: s.why(r), Phrase: beginning(r.Phrase), Weight: s.weight(r)})
	}
	return out
}

func toldAt(r heed.Reason) int {
	if i := slices.Index(decided[:], r.For); i >= 0 {
		return i
	}
	return len(decided)
}

// measured is the order of reasons for one decision that are weighed in different measures, and so by none of them: how many reports, how much
// of two texts is the same, what speaks, and what is a share of the text.
func measured(r heed.Reason) int {
	return slices.Index([]screening.Measure{screening.Reports, screening.Alike, screening.LogOdds, screening.Evidence, screening.Share}, screening.MeasureOf(r.Rule))
}

// why is a reason's rule in words, with the number where that is what it says.
func (s speaker) why(r heed.Reason) string {
	if r.Rule == screening.CampaignRule {
		return s.campaign(int(r.Weight))
	}
	return s.rule(r.Rule)
}

// campaign says how many reports have nearly the same text. Of a text that so many have, not every report is found by it.
func (s speaker) campaign(reports int) string {
	if reports >= screening.MarkCommon {
		return s.T("rule.campaign-least", "Count", reports)
	}
	return s.T("rule.campaign", "Count", reports)
}

// strengths are the keys of screening.Strength's words.
var strengths = [...]string{screening.Weak: "weight.weak", screening.Clear: "weight.clear", screening.Strong: "weight.strong"}

func (s speaker) weight(r heed.Reason) *weightView {
	if _, unsure := r.Unsure(); unsure { // of being right
		share := s.share(r.Weight, "")
		return &weightView{Of: 100, Value: float64(share.Percent), Text: share.Text}
	}
	of := screening.MeasureOf(r.Rule)
	switch of {
	case screening.Reports:
		return nil
	case screening.Alike, screening.Share:
		key := "weight.alike"
		if of == screening.Share {
			key = "weight.share"
		}
		share := s.share(r.Weight, "")
		return &weightView{Of: 100, Value: float64(share.Percent), Text: s.T(key, "Share", share.Text)}
	}
	key := "weight.log-odds"
	if of == screening.Evidence {
		key = "weight.evidence"
	}
	strength, weight := screening.StrengthOf(r), s.Fixed(r.Weight, 2)
	return &weightView{Of: float64(screening.Strong), Value: float64(strength), Text: s.T(strengths[strength]), Number: weight, Exact: s.T(key, "Weight", weight)}
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
	if other, ok := strings.CutPrefix(id, heed.RuleUnsure); ok {
		if u := heed.Urgency(other); slices.Contains(heed.Urgencies[:], u) {
			return s.T("rule.unsure", "Other", s.urgency(u).Name)
		}
		return s.T("rule.unsure", "Other", s.category(other))
	}
	if !s.Has("rule." + id) {
		return id // of a newer model: its code still tells an expert which
	}
	return s.T("rule." + id)
}
