package screening

import (
	"math"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/learn"
)

// decideUrgency asks the model at least how urgent the report is. Missing a life in danger is the worst error, so its
// threshold for immediate lets one in seven of the others through, and plain words of suicide raise a report whatever the
// model says; docs/screening.md gives the error rates.
func (j *judgement) decideUrgency() {
	switch {
	case j.of("gibberish").sum > 0:
		j.urgency = heed.Low
	case j.of("suicide").firm >= raising:
		j.urgency = heed.Immediate
		j.because("urgency", "suicide")
	case j.above(AsksImmediate):
		j.urgency = heed.Immediate
		j.grounds("urgency", AsksImmediate, 1)
		j.because("urgency", "loss-now", "life", "now", "danger")
	case j.above(AsksHigh):
		j.urgency = heed.High
		j.grounds("urgency", AsksHigh, 1)
		j.because("urgency", "life", "held", "danger", "harm", "reprisal", "vanish", "loss")
	case j.answers.LogOdds(AsksNormal) >= 0:
		j.urgency = heed.Normal
		j.grounds("urgency", AsksNormal, 1)
	default:
		j.urgency = heed.Low
		j.grounds("urgency", AsksNormal, -1)
	}
}

// raising is the weight of an entry that alone makes a report immediate.
const raising = 2

// above says whether the model's answer reaches its threshold: that about the whole text or, for what may only raise, that
// about one of its sentences by more. Words beside a danger, of whatever kind or purpose, don't take it away.
func (j *judgement) above(question string) bool {
	at := j.model.Threshold(question)
	return j.odds(question) >= at || j.loudest[question] >= at+sentenceMargin
}

// odds is the answer to a question: the learner's and the word lists' together.
func (j *judgement) odds(question string) float64 {
	return Together(question, j.answers.LogOdds(question), j.lists)
}

// sentenceMargin is by how many log-odds a sentence must say more than a whole text would have to.
const sentenceMargin = 2

// listen asks the model about each sentence, at most so many, and keeps its strongest answers to what a part may raise.
func (j *judgement) listen() {
	j.loudest = map[string]float64{AsksImmediate: math.Inf(-1), AsksHigh: math.Inf(-1), AsksRefuse: math.Inf(-1)}
	s := j.r.text.Folded
	part := judgement{r: j.r, negated: j.negated}
	from, heard := 0, 0
	for start, end := range sentences(s) {
		for from < len(j.r.hits) && j.r.hits[from].Start < start {
			from++
		}
		to := from
		for to < len(j.r.hits) && j.r.hits[to].Start < end {
			to++
		}
		part.answers = j.model.AnswerPart(j.learnt, start, end, j.r.hits[from:to])
		part.weigh(from, to)
		part.lists = part.listed()
		for _, question := range [...]string{AsksImmediate, AsksHigh} {
			j.loudest[question] = max(j.loudest[question], part.odds(question))
		}
		if heard++; heard == mostSentences {
			return
		}
	}
}

// mostSentences bounds how many sentences are asked about.
const mostSentences = 60

// decideRefusal proposes a refusal where belief, origin, opinion or lawful expression is all that the text speaks of: by the
// word lists with the model not against it, or by the model alone where no word for an act stands in the text. Any plain act,
// danger or harm beside it, of whomever against whomever, keeps the report in: a hostile aside does not cancel a danger.
func (j *judgement) decideRefusal() {
	if !j.known || j.concrete() >= 1 {
		return
	}
	byLists := j.refusable() && j.answers.LogOdds(AsksRefuse) >= 0
	if byLists || j.above(AsksRefuse) && !j.tellsAnAct() {
		j.refuse = true
		j.grounds("refuse", AsksRefuse, 1)
	}
}

// tellsAnAct says whether any word for what people do to each other, or for what endangers them, stands in the text.
func (j *judgement) tellsAnAct() bool {
	for i, h := range j.r.hits {
		if !j.negated[i] && slices.Contains(actConcepts[:], h.Class) {
			return true
		}
	}
	return false
}

// actConcepts are the concepts (lexicon/concepts) of acts, harms and dangers.
var actConcepts = [...]string{
	"=fire", "=burn", "=smoke", "=explosion", "=bomb", "=gas", "=petrol", "=breath", "=unconscious", "=blood", "=injured", "=dead", "=kill",
	"=suicide", "=pills", "=poison", "=starve", "=beat", "=strangle", "=knife", "=gun", "=threat", "=rape", "=kidnap", "=locked", "=follow",
	"=harassment", "=hate", "=collapse", "=trapped", "=drown", "=crash", "=drugs", "=trafficking", "=fraud", "=corruption", "=forge",
	"=neglect", "=death-threat",
}

// refusable says whether, by the word lists, who somebody is, or what they think, is all that the hits speak of.
func (j *judgement) refusable() bool {
	belief := j.of("belief").sum
	if belief < 1 {
		return false
	}
	acts := j.concrete()
	score := -1.4 + 0.8*min(belief, 3) + 1.2*min(j.of("hunch").sum, 2) + 1.2*min(j.of("harmless").sum, 2) - 2.4*acts - 0.8*j.firmNoise()
	return score > 0 && acts < 1
}

// concrete is how much the hits speak of a concrete act, danger or harm.
func (j *judgement) concrete() float64 {
	acts := j.best(lesserActs)
	for _, class := range []string{"suicide", "life", "loss-now", "danger", "harm", "held", "vanish", "loss"} {
		acts += j.tempered(class, lesserActs)
	}
	return acts
}

// firmNoise is the noise of entries that tell much by themselves: "neighbour" alone makes no quarrel.
func (j *judgement) firmNoise() float64 {
	sum := 0.0
	for _, class := range noises {
		sum += j.of(class).firm
	}
	return sum
}

// lesserActs is how much words that alone tell little ("knife", "river") weigh against a refusal.
const lesserActs = 0.3

// decideRelevance asks whether somebody could act on the report. The answer is even where one relevant report of twenty would be
// taken for irrelevant: doubt is for a person. Setting aside takes strong evidence of two kinds, never beside an urgency.
func (j *judgement) decideRelevance() {
	j.relevant = learn.Probability(j.odds(AsksRelevant) - j.model.Threshold(AsksRelevant))
	if j.of("gibberish").sum > 0 {
		j.relevant = min(j.relevant, 0.05)
	}
	pressing := j.urgency.Rank() <= heed.High.Rank()
	if j.refuse {
		j.relevant = min(j.relevant, 0.05)
		j.category, j.share = "none", 0.9
		if !pressing {
			j.urgency = heed.Low
		}
		return
	}
	if pressing {
		j.relevant = max(j.relevant, 0.6)
	}
	if j.relevant >= Even {
		j.grounds("category", AsksCategory+j.category, 1)
		return
	}
	j.category, j.share, j.urgency = "none", round(1-j.relevant), heed.Low
	j.against("relevance")
	readable := j.known || j.of("gibberish").sum > 0
	if readable && round(j.relevant) < j.under.Below && j.acts < setAsideActs && j.plain() {
		j.aside = true
		j.because("set_aside", noises[:]...)
		if j.of("gibberish").sum > 0 {
			j.rule("set_aside", "gibberish", 3)
		}
	}
}

// against gives the reasons for irrelevance.
func (j *judgement) against(decision string) {
	if j.of("gibberish").sum > 0 {
		j.rule(decision, "gibberish", 3)
		return
	}
	j.grounds(decision, AsksRelevant, -1)
}

// plain says whether at least one entry that tells much by itself speaks for noise. A question, a complaint to a shop
// or a quarrel must be plainer than an advert or a test: it is how people begin about something grave.
func (j *judgement) plain() bool {
	sure, doubtful := j.of("gibberish").sum, 0.0
	for _, class := range noises {
		switch class {
		case "advert", "test", "praise", "abuse":
			sure += j.of(class).firm
		default:
			doubtful += j.of(class).firm
		}
	}
	return sure >= 1 || doubtful >= 1.9
}

// setAsideActs is the evidence of an act or danger from which nothing is set aside, whatever speaks against it.
const setAsideActs = 0.6

// choose asks the model which of the line's categories the report is of; its probability is a share of all of them.
func (j *judgement) choose(known map[string]bool) {
	j.category, j.share = "other", 0
	best, total := math.Inf(-1), 0.0
	for _, name := range j.model.Names() {
		id, ok := categoryOf(name)
		if !ok {
			continue
		}
		p := learn.Probability(j.odds(name))
		total += p
		if p > best {
			best, j.category = p, id
		}
	}
	if total > 0 {
		j.share = best / max(total, 1)
	}
	if known != nil && !known[j.category] {
		j.category, j.share = "other", 0.2
		if !known["other"] {
			j.category = "none"
		}
	}
}
