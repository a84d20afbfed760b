package screening

import (
	"math"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/learn"
)

// How likely the category that is named is the right one, in log-odds: so many, and so many for each log-odds that the answer about it is ahead
// of the next. Fitted to the texts that the learner learns from, each judged by weights that never saw it; make screening-report prints how
// well it holds.
const (
	choiceOffset = -0.68
	choiceAhead  = 0.55
)

// unsureUnder is the probability of being right under which a category or an urgency is called unsure: it is rather wrong.
const unsureUnder = 0.5

// choose asks the model which of the line's categories the report is of, and which it may be else. A cry alone doesn't say what has happened.
func (j *judgement) choose() {
	if j.cried && j.r.cries.alone {
		j.category = "other"
		j.serve()
		return
	}
	answers := j.model.AnswerMore(j.learnt, j.asked.kinds)
	var ahead float64
	j.category, j.second, ahead = likeliest(j.asked.categories, func(c *askedCategory) float64 {
		return j.lists.aboutCategory(c.listed, answers.At(c.head))
	})
	if j.second != "" {
		j.share = learn.Probability(choiceOffset + choiceAhead*ahead)
	}
	j.serve()
}

// likeliest gives the likeliest category by the answers in log-odds, "other" where nothing is asked about any; the next one, "" where there is
// none; and by how many log-odds it is behind.
func likeliest(categories []askedCategory, odds func(*askedCategory) float64) (first, second string, ahead float64) {
	most, next := math.Inf(-1), math.Inf(-1)
	for i := range categories {
		c := &categories[i]
		switch of := odds(c); {
		case of > most:
			second, next = first, most
			first, most = c.id, of
		case of > next:
			second, next = c.id, of
		}
	}
	if first == "" {
		first = "other"
	}
	return first, second, most - next
}

// serve brings the category among those of the line, and what it may be else.
func (j *judgement) serve() {
	if j.served == nil {
		return
	}
	rest := "other"
	if !j.served[rest] {
		rest = "none"
	}
	if !j.served[j.category] {
		j.category, j.share, j.second = rest, 0.2, ""
	}
	if j.second != "" && !j.served[j.second] {
		j.second = rest
	}
	if j.second == j.category {
		j.second = ""
	}
}

// doubt says where the category or the urgency of a report that somebody could act on is rather wrong than right, and what it may be
// in its place. It changes neither: the first guess stands, and an urgency under doubt is the higher one by its threshold.
func (j *judgement) doubt() {
	if j.second != "" && round(j.share) < unsureUnder {
		j.unsure("category", j.second, j.share)
	}
	if j.cried || j.noise || j.said[classSuicide].firm >= raising {
		return // words decided it
	}
	p := j.urgencies()
	named, other := j.urgency.Rank(), -1
	for rank := range p {
		if rank != named && (other < 0 || p[rank] > p[other]) {
			other = rank
		}
	}
	if round(p[named]) < unsureUnder {
		j.unsure("urgency", string(heed.Urgencies[other]), p[named])
	}
}

// urgencies is how likely the report is of each urgency, by rank: what the answers to "at least how urgent" leave between them.
func (j *judgement) urgencies() (p [4]float64) {
	before := 0.0
	for rank, question := range [...]string{AsksImmediate, AsksHigh, AsksNormal} {
		least := max(before, learn.Probability(j.odds(question)))
		p[rank], before = least-before, least
	}
	p[len(p)-1] = 1 - before
	return p
}

// unsure notes what a decision may be in place of what it is, which is right with that probability.
func (j *judgement) unsure(decision, other string, probability float64) {
	j.rule(decision, heed.RuleUnsure+other, probability)
}
