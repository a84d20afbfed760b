package heed

import "strings"

// Screening is the machine's advisory assessment of one Report. It proposes; a person decides.
//
// Its JSON form is the line that `heed screen` answers and the field "screening" of the staff API. Offsets are byte
// offsets into the UTF-8 text that was screened, end exclusive.
type Screening struct {
	// Language is the one main BCP 47 tag ("en", "zh-Hans", …; "und" where undecidable); Languages stands beside it only where the text is
	// mixed, Language first. Then a reason for "language" names each passage ("language.es"), its weight the share of the letters.
	Language  string   `json:"language"`
	Languages []string `json:"languages,omitempty"`

	Relevance           float64  `json:"relevance"` // probability, 0..1, that a body of this line could act on it
	SetAside            bool     `json:"set_aside"`
	Refuse              bool     `json:"refuse"`
	Category            string   `json:"category"`             // an id of the profile's categories, the likeliest where it is unsure (Unsure)
	CategoryProbability float64  `json:"category_probability"` // that it is the right one, as often as one is among what people act on
	Urgency             Urgency  `json:"urgency"`
	DuplicateOf         *ID      `json:"duplicate_of"` // null unless a copy of an earlier report
	Similar             []Match  `json:"similar"`      // at most five, best first, never the report itself
	Details             []Detail `json:"details"`      // empty where Refuse
	Reasons             []Reason `json:"reasons"`
	Model               string   `json:"model"`      // versions of model and rules, e.g. "rules-3+learned-2b9bcefb"
	Calibrated          bool     `json:"calibrated"` // true only with thresholds fitted on this line's own traffic
}

// Match kinds.
const (
	MatchCopy      = "copy"       // the same words: forwarded, edited, cut, extended
	MatchSameEvent = "same-event" // another account of the same happening
)

// Match is one similar Report. Score is 0..1.
type Match struct {
	ID    ID      `json:"id"`
	Score float64 `json:"score"`
	Kind  string  `json:"kind"`
}

// Detail is one key detail found in the text: Text == text[Start:End].
type Detail struct {
	Type  string `json:"type"` // one of DetailTypes
	Text  string `json:"text"`
	Start int    `json:"start"`
	End   int    `json:"end"`
}

// DetailTypes lists every value of Detail.Type.
var DetailTypes = [...]string{
	"person", "organisation", "place", "time", "phone", "email", "url", "account", "plate", "money", "coordinates",
	"id-number", "ip", "crypto",
}

// Reason says why one decision was proposed. Phrase is an exact part of the text (empty where a rule needs none).
type Reason struct {
	For    string `json:"for"`              // relevance, set_aside, refuse, aside, category, urgency, duplicate, language
	Rule   string `json:"rule"`             // stable rule id, translated at the desk as "rule.<id>"
	Phrase string `json:"phrase,omitempty"` // text[Start:End]
	Start  int    `json:"start,omitempty"`
	End    int    `json:"end,omitempty"`
	// Weight is in log-odds; of a rule copy.shingles it is how much of both texts is the same (0..1), of copy.words and language.… the share of the
	// text (0..1), of same-event.… evidence of one happening (from 0 on), and of campaign how many reports there are.
	Weight float64 `json:"weight"`
}

// RuleUnsure begins the rule of a reason that its decision, a category or an urgency, is rather wrong than right; the id of what it may be
// in its place is behind. The reason's Weight is the probability that the decision is right.
const RuleUnsure = "unsure."

// Unsure gives what the decision may be in place of what it is, by id, where that is what the reason says.
func (r *Reason) Unsure() (other string, ok bool) { return strings.CutPrefix(r.Rule, RuleUnsure) }

// Unsure gives what a decision ("category", "urgency") may be in place of what it is, by id; "" where the machine is sure enough.
func (s *Screening) Unsure(decision string) string {
	for i := range s.Reasons {
		if other, ok := s.Reasons[i].Unsure(); ok && s.Reasons[i].For == decision {
			return other
		}
	}
	return ""
}

// Asides are the reasons that mark, in a report which is kept, what is only about who somebody is: no ground to act.
func (s *Screening) Asides() []Reason {
	var out []Reason
	for _, r := range s.Reasons {
		if r.For == "aside" {
			out = append(out, r)
		}
	}
	return out
}
