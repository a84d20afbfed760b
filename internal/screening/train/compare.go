package train

import (
	"cmp"
	"math"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/training"
)

// Row says how many texts of one sort the current model and the candidate got right, each text by both.
type Row struct {
	Question  string `json:"question"` // of Questions
	Language  string `json:"language,omitempty"`
	Category  string `json:"category,omitempty"`
	Of        int    `json:"of"`
	Current   int    `json:"current"`
	Candidate int    `json:"candidate"`
	Gained    int    `json:"gained"` // right by the candidate alone
	Lost      int    `json:"lost"`   // right by the current one alone
	// The candidate's share less the current one's, with its interval of 95%.
	Difference float64 `json:"difference"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
}

// The questions of a Row. Each is about the texts of which its answer is true, or of which it isn't ("not-…"), so that more is better in
// all of them.
const (
	Kept         = "relevant"   // of what somebody could act on, taken for such
	Recognised   = "irrelevant" // of what nobody could, taken for such
	Immediate    = "immediate"  // of what is immediate, called so
	NotImmediate = "not-immediate"
	High         = "high" // of what is high or immediate, called one of them
	NotHigh      = "not-high"
	Refused      = "refuse"     // of what is to be refused, proposed so
	NotRefused   = "not-refuse" // of what isn't, not proposed so
	Categorised  = "category"   // of what somebody could act on, of the right category
)

// Questions lists the questions in the order in which they are shown.
var Questions = [...]string{Kept, Recognised, Immediate, NotImmediate, High, NotHigh, Refused, NotRefused, Categorised}

// Case is a text with what is true of it, as far as Knows says, and what the two models propose.
type Case struct {
	Truth              training.Report
	Knows              []About // nil: all, a refusal included
	Current, Candidate heed.Screening
}

// right says whether a proposal is right in each question that can be asked of the case.
func (c *Case) right(s *heed.Screening) map[string]bool {
	out := map[string]bool{}
	asked := func(yes, no string, is, said bool) {
		if is {
			out[yes] = said
		} else {
			out[no] = !said
		}
	}
	knows := func(a About) bool { return c.Knows == nil || slices.Contains(c.Knows, a) }
	if knows(Relevance) {
		asked(Kept, Recognised, c.Truth.Relevant(), s.Relevance >= 0.5)
		if c.Knows == nil || c.Truth.Relevant() {
			asked(Refused, NotRefused, c.Truth.Refuse, s.Refuse)
		}
	}
	if knows(Urgency) {
		asked(Immediate, NotImmediate, c.Truth.Urgency == heed.Immediate, s.Urgency == heed.Immediate)
		asked(High, NotHigh, c.Truth.Urgency.Rank() <= heed.High.Rank(), s.Urgency.Rank() <= heed.High.Rank())
	}
	if knows(Category) && c.Truth.Relevant() {
		out[Categorised] = s.Category == c.Truth.Category
	}
	return out
}

// Compare counts the cases: all together, and those of each language and of each category.
func Compare(cases []Case) []Row {
	type cell struct{ question, language, category string }
	rows := map[cell]*Row{}
	for i := range cases {
		c := &cases[i]
		current, candidate := c.right(&c.Current), c.right(&c.Candidate)
		for question, was := range current {
			is := candidate[question]
			of := []cell{{question, "", ""}, {question, c.Truth.Language, ""}}
			if question == Categorised || c.Knows == nil && c.Truth.Relevant() {
				of = append(of, cell{question, "", c.Truth.Category})
			}
			for _, at := range of {
				if rows[at] == nil {
					rows[at] = &Row{Question: question, Language: at.language, Category: at.category}
				}
				rows[at].add(was, is)
			}
		}
	}
	out := make([]Row, 0, len(rows))
	for _, r := range rows {
		r.interval()
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Language, b.Language), cmp.Compare(a.Category, b.Category),
			cmp.Compare(slices.Index(Questions[:], a.Question), slices.Index(Questions[:], b.Question)))
	})
	return out
}

// Asked is of how many texts a question was asked, all together.
func Asked(rows []Row, question string) int {
	for _, r := range rows {
		if r.Question == question && r.Language == "" && r.Category == "" {
			return r.Of
		}
	}
	return 0
}

func (r *Row) add(was, is bool) {
	r.Of++
	count := func(n *int, is bool) {
		if is {
			*n++
		}
	}
	count(&r.Current, was)
	count(&r.Candidate, is)
	count(&r.Gained, is && !was)
	count(&r.Lost, was && !is)
}

// interval is that of two shares of the same texts (Agresti and Min, "Simple improved confidence intervals for comparing matched
// proportions", Statistics in Medicine 24 (2005), 729–740: half a pair more in each of the four cells).
func (r *Row) interval() {
	n, gained, lost := float64(r.Of), float64(r.Gained), float64(r.Lost)
	r.Difference = round((gained - lost) / n)
	n, gained, lost = n+2, gained+0.5, lost+0.5
	middle := (gained - lost) / n
	half := 1.959964 * math.Sqrt(gained+lost-(gained-lost)*(gained-lost)/n) / n
	r.Low, r.High = round(max(-1, middle-half)), round(min(1, middle+half))
}

func round(x float64) float64 { return math.Round(x*10000) / 10000 }

// OutOfFold has two models judge texts that neither's weights saw: each text by the fold that left it out.
func OutOfFold(texts []training.Report, current, candidate []*learn.Model) []Case {
	judges := func(of []*learn.Model) []*screening.Screener {
		out := make([]*screening.Screener, len(of))
		for i, m := range of {
			out[i] = screening.New(screening.Config{Model: func() *learn.Model { return m }})
		}
		return out
	}
	was, is := judges(current), judges(candidate)
	cases := make([]Case, len(texts))
	for i, r := range texts {
		fold := learn.Fold(r.Happening, len(was))
		in := screening.Input{Text: r.Text, Lang: r.Language}
		cases[i] = Case{Truth: r, Current: was[fold].Decide(in), Candidate: is[fold].Decide(in)}
	}
	return cases
}

// The most that a candidate may lose of what the shipped model gets right, on the written texts, out of fold; in shares of the texts
// that the question is about. docs/screening.md states them.
const (
	lostImmediate  = 0.01
	lostHigh       = 0.02
	lostRelevant   = 0.02
	lostNotRefused = 0.002
	lostRefused    = 0.05
	lostCategory   = 0.03
)

// Spoilt lists the questions in which a candidate loses more than a line's words may cost it. own are the rows of the line's held-back
// reports, of which no danger may plainly be missed more often.
func Spoilt(written, own []Row) (questions []string) {
	for _, r := range written {
		bound, ok := map[string]float64{
			Immediate: lostImmediate, High: lostHigh, Kept: lostRelevant, NotRefused: lostNotRefused, Refused: lostRefused, Categorised: lostCategory,
		}[r.Question]
		if ok && r.Language == "" && r.Category == "" && float64(r.Lost-r.Gained) > bound*float64(r.Of) {
			questions = append(questions, r.Question)
		}
	}
	for _, r := range own {
		if r.Language == "" && r.Category == "" && r.Question == Immediate && r.High < 0 && !slices.Contains(questions, r.Question) {
			questions = append(questions, r.Question)
		}
	}
	return questions
}
