package screening

import (
	"slices"

	"github.com/heed-line/heed/internal/screening/learn"
)

// questions are what a model is asked, found in it once.
type questions struct {
	model      *learn.Model
	pressing   learn.Heads     // what urgency, relevance and refusal are decided by
	sentences  learn.Heads     // what each sentence is asked
	kinds      learn.Heads     // the categories
	heads      [len(joins)]int // of the joined questions; -1 for what the model doesn't ask, of which nothing is likely
	categories []askedCategory
	weights    [joinTerms]float64 // of the terms of the joint answer
	aside      Aside              // the model's own
}

// askedCategory is a category that a model is asked about.
type askedCategory struct {
	id     string
	head   int
	listed int // its place in gravity; -1 where it has none
}

// questions are those of the model of this moment.
func (s *Screener) questions() *questions {
	m := s.model()
	if q := s.asked.Load(); q != nil && q.model == m {
		return q
	}
	q := asking(m)
	s.asked.Store(q)
	return q
}

func asking(m *learn.Model) *questions {
	q := &questions{
		model: m, aside: asideOf(m), sentences: m.Asking(AsksImmediate, AsksHigh, AsksRelevant),
		pressing: m.Asking(append([]string{AsksRefuse}, joins[:]...)...),
	}
	names := m.Names()
	for i, question := range joins {
		q.heads[i] = slices.Index(names, question)
	}
	var kinds []string
	for i, name := range names {
		if id, ok := categoryOf(name); ok {
			kinds = append(kinds, name)
			q.categories = append(q.categories, askedCategory{id, i, gravityOf(id)})
		}
	}
	q.kinds = m.Asking(kinds...)
	for i, name := range JoinNames() {
		q.weights[i] = m.Thresholds[name]
	}
	return q
}

// gravityOf is a category's place in gravity; -1 where it has none.
func gravityOf(id string) int {
	for i := range gravity {
		if gravity[i].id == id {
			return i
		}
	}
	return -1
}

// together are the answers that are joined, the word lists' word in them.
func (q *questions) together(of learn.Answers, l *Listed) (j Joins) {
	for i, head := range q.heads {
		j[i] = Together(joins[i], of.At(head), l)
	}
	return j
}

// joined is the joint answer, in log-odds.
func (q *questions) joined(j *Joins) float64 {
	sum := 0.0
	for i, term := range j.Terms() {
		sum += float64(term * q.weights[i])
	}
	return sum
}
