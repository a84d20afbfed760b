package heed

import (
	"context"
	"encoding/json"
	"strings"
	"time"
)

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
	Model               string   `json:"model"`      // versions of model and rules, e.g. "rules-15+learned-9d633317-efb5d4c9"
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
	For    string `json:"for"`              // relevance, set_aside, refuse, aside, order, category, urgency, duplicate, language
	Rule   string `json:"rule"`             // stable rule id, translated at the desk as "rule.<id>"
	Phrase string `json:"phrase,omitempty"` // text[Start:End]
	Start  int    `json:"start,omitempty"`
	End    int    `json:"end,omitempty"`
	// Weight is in log-odds; of a rule copy.shingles it is how much of both texts is the same (0..1), of copy.words, order and language.… the share of the
	// text (0..1), of unsure.… how likely the decision is right (0..1), of same-event.… evidence of one happening (from 0 on), and of campaign how many reports there are.
	Weight float64 `json:"weight"`
}

// MarshalJSON gives a phrase's place whole, also where the text begins with it, and no place where there is no phrase.
func (r Reason) MarshalJSON() ([]byte, error) {
	type placeless Reason
	type placed struct {
		For    string  `json:"for"`
		Rule   string  `json:"rule"`
		Phrase string  `json:"phrase"`
		Start  int     `json:"start"`
		End    int     `json:"end"`
		Weight float64 `json:"weight"`
	}
	if r.Phrase == "" {
		r.Start, r.End = 0, 0
		return json.Marshal(placeless(r))
	}
	return json.Marshal(placed(r))
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

// ScreeningRecord is one sealed Screening of a Report.
type ScreeningRecord struct {
	Report ID
	At     time.Time
	Model  string
	Failed bool   // it could not be screened; people see it as "unscreened"
	Sealed []byte // JSON of Screening under the report's data key; nil where Failed
}

// Trace is what a Report is found by, as similar and by its words. All of it is keyed: it reveals no text.
type Trace struct {
	Report ID
	At     time.Time
	Marks  []int64  // keyed hashes
	Sketch []byte   // of what others are looked for by; whoever looks for it compares it with their own
	Tokens [][]byte // keyed search tokens, 8 bytes each
}

// Ask is by what a Report looks for others.
type Ask struct {
	Marks []int64
	Since time.Time // others from that day on
	// Promises says, where it isn't nil, which of the Reports found are answered: it is told how many have each of the marks, and a
	// Report's sketch and day.
	Promises func(counts map[int64]int, sketch []byte, day time.Time) bool
	// Close is how many of the marks a Report of the day of Lately, or later, must have to be counted in Near.Close; 0: none is counted.
	Close  int
	Lately time.Time
}

// Near is what an Ask found.
type Near struct {
	Found  []Candidate
	Counts map[int64]int // how many Reports have each of the marks
	Close  int           // how many Reports are as close as the Ask says
}

// Candidate is a Report that shares marks with what is looked for.
type Candidate struct {
	Report ID
	Day    time.Time // of its trace
	Shared int       // marks in common
	Sketch []byte
}

// ScreeningTx keeps Screenings and traces.
type ScreeningTx interface {
	// PutScreening stores the report's newest Screening in place of an earlier one.
	PutScreening(ctx context.Context, s *ScreeningRecord) error
	// PutScreenings is PutScreening for many reports, each named once.
	PutScreenings(ctx context.Context, all []*ScreeningRecord) error
	Screening(ctx context.Context, report ID) (*ScreeningRecord, error)
	// Screenings gives those of the Reports that have one.
	Screenings(ctx context.Context, reports []ID) (map[ID]*ScreeningRecord, error)
	// PutTraces stores what Reports are found by, in place of earlier traces.
	PutTraces(ctx context.Context, traces []*Trace) error
	// Candidates lists for each Ask Reports with one of its marks, those of limit at most that promise something, and says how many
	// have each mark. First come those whose shared marks tell most: one that n Reports have counts 1/n. Of a mark that very many
	// have it looks at the newest only, and may not know of what another process changed there within the last minute.
	Candidates(ctx context.Context, asks []Ask, limit int) ([]Near, error)
	// RaiseCampaign notes that each of the Reports that have a Screening is one of at least so many with nearly the same text, where not of more.
	RaiseCampaign(ctx context.Context, of []ID, reports int) error
	// Campaigns gives of those of the Reports of which that was noted of how many they are.
	Campaigns(ctx context.Context, of []ID) (map[ID]int, error)
	// DeleteTraces deletes the report's Screening, its Trace, and of what campaign it is.
	DeleteTraces(ctx context.Context, report ID) error
}
