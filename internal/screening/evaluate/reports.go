package evaluate

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"sort"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
)

// Report is one labelled report of the corpus.
type Report struct {
	ID       heed.ID      `json:"id"`
	Text     string       `json:"text"`
	Channel  string       `json:"channel"`
	Lang     string       `json:"lang"`
	Relevant bool         `json:"relevant"`
	Category string       `json:"category"`
	Urgency  heed.Urgency `json:"urgency"`
	Refuse   bool         `json:"refuse"`
	Event    string       `json:"event"`
	CopyOf   heed.ID      `json:"copy_of"`
	Details  []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	} `json:"details"`
}

// Tuning says whether an event belongs to the half that may be looked at. The other half is scored only.
func Tuning(event string) bool { return sha256.Sum256([]byte(event))[0]&1 == 0 }

// Halves reads the corpus at path: the half that may be looked at and, with locked alone, the other one, whose reports are dropped unread
// otherwise.
func Halves(path string, locked bool) (halves [2][]Report, err error) {
	f, err := os.Open(path)
	if err != nil {
		return halves, fmt.Errorf("open the corpus: %w", err)
	}
	defer f.Close()
	all, err := ReadReports(f)
	if err != nil {
		return halves, err
	}
	for _, r := range all {
		if Tuning(r.Event) {
			halves[0] = append(halves[0], r)
		} else if locked {
			halves[1] = append(halves[1], r)
		}
	}
	return halves, nil
}

// ReadReports reads a corpus of JSON lines.
func ReadReports(r io.Reader) ([]Report, error) {
	var out []Report
	d := json.NewDecoder(r)
	for {
		var rep Report
		if err := d.Decode(&rep); err == io.EOF {
			return out, nil
		} else if err != nil {
			return nil, fmt.Errorf("read a labelled report: %w", err)
		}
		out = append(out, rep)
	}
}

// Score is one measure: a name and a fraction, with the counts it is of.
type Score struct {
	Name     string
	Hit, All int
	Text     string // in place of the fraction
}

func (s Score) String() string {
	switch {
	case s.Text != "":
		return s.Text
	case s.All == 0:
		return "–"
	}
	return fmt.Sprintf("%.3f (%d/%d)", float64(s.Hit)/float64(s.All), s.Hit, s.All)
}

// Interval is the score with its 95% interval (Wilson, 1927).
func (s Score) Interval() string {
	if s.Text != "" || s.All == 0 {
		return s.String()
	}
	const z = 1.96
	n, p := float64(s.All), float64(s.Hit)/float64(s.All)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return fmt.Sprintf("%s, %.2f to %.2f", s, max(middle-half, 0), min(middle+half, 1))
}

// OfLanguage picks the reports in a language.
func OfLanguage(all []Scored, lang string) []Scored {
	var of []Scored
	for _, r := range all {
		if r.Lang == lang {
			of = append(of, r)
		}
	}
	return of
}

// Scored pairs a labelled report with its answer.
type Scored struct {
	Report
	Answer screening.Answer
}

// Run screens the reports in order, as `heed screen` does, without telling it the language.
func Run(s *screening.Screener, reports []Report) ([]Scored, error) {
	var in, out bytes.Buffer
	for _, r := range reports {
		if err := json.NewEncoder(&in).Encode(map[string]any{"id": r.ID, "text": r.Text, "channel": r.Channel}); err != nil {
			return nil, fmt.Errorf("write a report to screen: %w", err)
		}
	}
	if _, err := s.RunLines(&in, &out); err != nil {
		return nil, err
	}
	d := json.NewDecoder(&out)
	var all []Scored
	for _, r := range reports {
		var a screening.Answer
		if err := d.Decode(&a); err != nil {
			return nil, fmt.Errorf("read an answer: %w", err)
		}
		all = append(all, Scored{r, a})
	}
	return all, nil
}

// Boundary cases of the corpus, by its description: never to be refused.
const boundary = " D026 D058 D061 D112 D118 D128 D136 D138 D153 D155 D180 D192 D209 D218 D089 D092 D139 D145 D148 D150 D152 D157 D161 D170 D173 D175 D177 D191 D197 D055 D056 D057 D079 D080 D081 D082 D093 D107 D206 D207 D208 "

// Judge measures the decisions.
func Judge(all []Scored) []Score {
	var out []Score
	add := func(name string, consider, right func(Scored) bool) {
		s := Score{Name: name}
		for _, r := range all {
			if consider(r) {
				s.All++
				if right(r) {
					s.Hit++
				}
			}
		}
		out = append(out, s)
	}
	any := func(Scored) bool { return true }
	relevant := func(r Scored) bool { return r.Relevant }
	irrelevant := func(r Scored) bool { return !r.Relevant }
	immediate := func(r Scored) bool { return r.Urgency == heed.Immediate }
	add("language (base tag)", any, func(r Scored) bool { return base(r.Answer.Language) == base(r.Lang) })
	add("relevant kept (relevance ≥ 0.5)", relevant, func(r Scored) bool { return r.Answer.Relevance >= 0.5 })
	add("relevant set aside (error)", relevant, func(r Scored) bool { return r.Answer.SetAside })
	add("relevant proposed for refusal (error)", relevant, func(r Scored) bool { return r.Answer.Refuse })
	add("irrelevant recognised (relevance < 0.5)", irrelevant, func(r Scored) bool { return r.Answer.Relevance < 0.5 })
	add("irrelevant set aside or refused", irrelevant, func(r Scored) bool { return r.Answer.SetAside || r.Answer.Refuse })
	add("category, of relevant", relevant, func(r Scored) bool { return r.Answer.Category == r.Category })
	add("category, of all (none included)", any, func(r Scored) bool { return r.Answer.Category == r.Category })
	add("urgency exact", any, func(r Scored) bool { return r.Answer.Urgency == r.Urgency })
	add(immediateRecall, immediate, func(r Scored) bool { return r.Answer.Urgency == heed.Immediate })
	add("immediate: found as high at least", immediate, func(r Scored) bool { return r.Answer.Urgency.Rank() <= 1 })
	add(immediateAlarms, func(r Scored) bool { return !immediate(r) }, func(r Scored) bool { return r.Answer.Urgency == heed.Immediate })
	add("irrelevant called immediate or high (error)", irrelevant, func(r Scored) bool { return r.Answer.Urgency.Rank() <= 1 })
	add("refusal: recall", func(r Scored) bool { return r.Refuse }, func(r Scored) bool { return r.Answer.Refuse })
	add("refusal: boundary cases refused (error)", func(r Scored) bool { return strings.Contains(boundary, " "+string(r.ID)+" ") }, func(r Scored) bool { return r.Answer.Refuse })
	add("refusal: false, of all others (error)", func(r Scored) bool { return !r.Refuse }, func(r Scored) bool { return r.Answer.Refuse })
	return append(out, duplicates(all)...)
}

// duplicates measures copies and the same happening in other words, over pairs within the given reports.
func duplicates(all []Scored) []Score {
	event := map[heed.ID]string{}
	for _, r := range all {
		event[r.ID] = r.Event
	}
	copies, found, right, pointed := 0, 0, 0, 0
	same, among := 0, 0
	shown, of := 0, 0
	seen := map[string][]heed.ID{}
	for _, r := range all {
		for _, m := range r.Answer.Similar {
			if m.Kind == heed.MatchSameEvent {
				shown++
				if event[m.ID] == r.Event {
					of++
				}
			}
		}
		if r.CopyOf != "" {
			copies++
		}
		if d := r.Answer.DuplicateOf; d != nil {
			found++
			if r.CopyOf != "" && *d == r.CopyOf {
				pointed++
			}
			if r.CopyOf != "" {
				right++
			}
		}
		if r.CopyOf == "" && len(seen[r.Event]) > 0 && !strings.HasPrefix(r.Event, "tst") && !strings.HasPrefix(r.Event, "gib") {
			same++
			for _, m := range r.Answer.Similar {
				if event[m.ID] == r.Event {
					among++
					break
				}
			}
		}
		seen[r.Event] = append(seen[r.Event], r.ID)
	}
	return []Score{
		{Name: "copies: recall", Hit: right, All: copies}, {Name: "copies: precision", Hit: right, All: found},
		{Name: "copies: original named", Hit: pointed, All: copies}, {Name: "same event among the similar", Hit: among, All: same},
		{Name: "same event, of those shown as such", Hit: of, All: shown},
	}
}

func base(tag string) string { b, _, _ := strings.Cut(tag, "-"); return b }

// F1 holds the counts of found and labelled details.
type F1 struct{ Exact, Overlap, Found, Labelled int }

func (f F1) String() string {
	return fmt.Sprintf("%.3f / %.3f (%d labelled, %d found)", f1(f.Exact, f.Found, f.Labelled), f1(f.Overlap, f.Found, f.Labelled), f.Labelled, f.Found)
}

// Value is the exact F1 (0..1).
func (f F1) Value() float64 { return f1(f.Exact, f.Found, f.Labelled) }

// Near is the F1 (0..1) by overlap; of copies, where any original counts.
func (f F1) Near() float64 { return f1(f.Overlap, f.Found, f.Labelled) }

// Add adds g's counts to f.
func (f *F1) Add(g F1) {
	f.Exact, f.Overlap, f.Found, f.Labelled = f.Exact+g.Exact, f.Overlap+g.Overlap, f.Found+g.Found, f.Labelled+g.Labelled
}

func f1(hit, found, labelled int) float64 {
	if found+labelled == 0 {
		return 1
	}
	return 2 * float64(hit) / float64(found+labelled)
}

// Details measures each type of detail, exactly and by overlap.
func Details(all []Scored) map[string]F1 {
	out := map[string]F1{}
	for _, r := range all {
		type span struct {
			text string
			used bool
		}
		labelled := map[string][]*span{}
		for _, d := range r.Details {
			labelled[d.Type] = append(labelled[d.Type], &span{text: d.Text})
			f := out[d.Type]
			f.Labelled++
			out[d.Type] = f
		}
		unique := map[string]bool{}
		for _, d := range r.Answer.Details {
			if unique[d.Type+d.Text] {
				continue
			}
			unique[d.Type+d.Text] = true
			f := out[d.Type]
			f.Found++
			exact, overlap := false, false
			for _, l := range labelled[d.Type] {
				if l.used {
					continue
				}
				if l.text == d.Text {
					exact, overlap, l.used = true, true, true
					break
				}
			}
			for _, l := range labelled[d.Type] {
				if !overlap && !l.used && (strings.Contains(l.text, d.Text) || strings.Contains(d.Text, l.text)) {
					overlap, l.used = true, true
				}
			}
			if exact {
				f.Exact++
			}
			if overlap {
				f.Overlap++
			}
			out[d.Type] = f
		}
	}
	return out
}

// Languages lists the languages of the reports, most frequent first.
func Languages(all []Scored) []string {
	n := map[string]int{}
	for _, r := range all {
		n[r.Lang]++
	}
	var out []string
	for l := range n {
		out = append(out, l)
	}
	sort.Slice(out, func(i, j int) bool {
		if n[out[i]] != n[out[j]] {
			return n[out[i]] > n[out[j]]
		}
		return out[i] < out[j]
	})
	return out
}
