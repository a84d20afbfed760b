package screening

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/learn"
)

// decideUrgency asks the model at least how urgent the report is. Missing a life in danger is the worst error, so its
// threshold for immediate lets one in nine of the others through, and plain words of suicide raise a report whatever the
// model says; docs/screening.md gives the error rates. A cry for help without more is high: somebody should read it soon. Only what none of
// them speaks for may be taken for gibberish.
func (j *judgement) decideUrgency() {
	switch {
	case j.said[classSuicide].firm >= raising:
		j.urgency = heed.Immediate
		j.because("urgency", classSuicide)
	case j.inDanger():
		j.urgency = heed.Immediate
		j.grounds("urgency", AsksImmediate, 1)
		j.because("urgency", classLossNow, classLife, classNow, classDanger)
	case j.r.cries.pressed && j.tellsAnAct():
		j.cries()
		j.urgency = heed.Immediate
	case j.r.cries.framing(j.r.text) && j.said[classLife].firm >= 1 && j.above(AsksHigh): // "HELP!! he has a knife"
		j.urgency = heed.Immediate
		j.because("urgency", classLife)
	case j.above(AsksHigh):
		j.urgency = heed.High
		j.grounds("urgency", AsksHigh, 1)
		j.because("urgency", classLife, classHeld, classDanger, classHarm, classReprisal, classVanish, classLoss)
	case j.cries():
		j.urgency = heed.High
	case j.noise:
		j.urgency = heed.Low
		j.rule("urgency", noiseRule, noiseWeight)
	case j.above(AsksNormal):
		j.urgency = heed.Normal
		j.grounds("urgency", AsksNormal, 1)
	default:
		j.urgency = heed.Low
		j.grounds("urgency", AsksNormal, -1)
	}
}

// cries says whether the text is a cry for help and nothing else, or one that is said twice or drawn out. What has happened is not said,
// so that a cry alone is of no category.
func (j *judgement) cries() bool {
	c := &j.r.cries
	if !c.urgent() {
		return false
	}
	start, end := j.r.text.Origin(c.of.start, c.of.end)
	j.note(heed.Reason{
		For: "urgency", Rule: cryRule, Phrase: j.r.text.Original[start:end], Start: start, End: end, Weight: raising,
	})
	j.cried = true
	return true
}

// raising is the weight of an entry that alone makes a report immediate.
const raising = 2

// above says whether the model's answer reaches its threshold: that about the whole text or, for what may only raise, that
// about one of its sentences by more. Words beside a danger, of whatever kind or purpose, don't take it away.
func (j *judgement) above(question string) bool {
	at := j.model.Threshold(question) + j.margin
	return j.odds(question) >= at || j.about(question) >= at+sentenceMargin
}

// inDanger says whether the model finds a life in danger at this moment: by its answers about the whole text, joined; or by its answer
// about one sentence, as above.
func (j *judgement) inDanger() bool {
	return j.asked.joined(&j.joins) >= j.model.Threshold(AsksJoined)+2*j.margin || j.listen().immediate >= j.model.Threshold(AsksImmediate)+sentenceMargin+j.margin
}

// odds is the answer to a question: the learner's and the word lists' together.
func (j *judgement) odds(question string) float64 {
	for i, of := range joins {
		if of == question {
			return j.joins[i]
		}
	}
	return Together(question, j.answers.LogOdds(question), &j.lists)
}

// sentenceMargin is by how many log-odds a sentence must say more than a whole text would have to.
const sentenceMargin = 4.5

// loudest are the strongest answers about one sentence to what a part may raise, and what stands beside sentences that are noise.
type loudest struct {
	immediate, high float64
	besides         besides
}

// about is the strongest answer about one sentence; -Inf to a question that is asked about whole texts alone.
func (j *judgement) about(question string) float64 {
	switch question {
	case AsksImmediate:
		return j.listen().immediate
	case AsksHigh:
		return j.listen().high
	}
	return math.Inf(-1)
}

// listen asks the model about each sentence, at most so many: once, and only where the text as a whole leaves it open.
func (j *judgement) listen() *loudest {
	if j.loudest != nil {
		return j.loudest
	}
	j.loudest = &loudest{immediate: math.Inf(-1), high: math.Inf(-1)}
	var said evidence
	from, heard := 0, 0
	for start, end := range sentences(j.r.text.Folded) {
		var to int
		from, to = j.r.hitsWithin(from, start, end)
		answers := j.model.AnswerPart(j.learnt, start, end, from, to, j.asked.sentences)
		said.weigh(j.r, from, to)
		lists := said.listed()
		odds := j.asked.together(answers, &lists)
		immediate, high := odds[joinsImmediate], odds[joinsHigh]
		j.loudest.immediate, j.loudest.high = max(j.loudest.immediate, immediate), max(j.loudest.high, high)
		noise := odds[joinsRelevant] <= noiseAtMost && said.concrete() < lesserActs
		j.loudest.besides.add(start, end, noise, max(immediate, high))
		if heard++; heard == mostSentences {
			j.loudest.besides.add(end, len(j.r.text.Folded), false, math.Inf(1)) // nobody heard the rest
			break
		}
	}
	return j.loudest
}

// hitsWithin gives which hits begin in a part of the text, given the first that may.
func (r *reading) hitsWithin(from, start, end int) (int, int) {
	for from < len(r.hits) && r.hits[from].Start < start {
		from++
	}
	to := from
	for to < len(r.hits) && r.hits[to].Start < end {
		to++
	}
	return from, to
}

// mostSentences bounds how many sentences are asked about.
const mostSentences = 60

// decideRefusal proposes a refusal where belief, origin, opinion or lawful expression is all that the text speaks of: by the
// word lists with the model not against it, or by the model alone. Any plain act, danger or harm beside it, of whomever against
// whomever, keeps the report in: a hostile aside does not cancel a danger. So does a telling that turns to something done, and
// the model's word that somebody could act on it: who was hurt for who they are may tell it in words that no list has. Nor is proposed for refusal
// what may be a life in danger now, or is not far from pressing.
func (j *judgement) decideRefusal() {
	if !j.known || j.cried || j.noise || j.urgency == heed.Immediate {
		return
	}
	if j.odds(AsksHigh) >= calm || !j.namesOnlyWho() && !j.tellsOnlyWho() || j.turns() {
		return
	}
	j.refuse = true
	j.grounds("refuse", AsksRefuse, 1)
}

// turns says whether the text turns from who somebody is to something done, or says no more of it than in a question for what anybody may know
// ("which mosque is open?"): a hunch beside a question makes it one about somebody.
func (j *judgement) turns() bool {
	to := turnsOf(j.r.text, lexiconOf(j.r.tag))
	return to.deed || to.asked != nil && j.said[classHunch].count+j.said[classAlarm].count == 0 && j.saysWhoOnlyIn(to.asked)
}

// saysWhoOnlyIn says whether all words for who somebody is stand in these places, which are in their order.
func (j *judgement) saysWhoOnlyIn(places []place) bool {
	for i, c := range j.r.classes {
		if c != classBelief && !classes().who[c] {
			continue
		}
		at := j.r.hits[i].Start
		next, _ := slices.BinarySearchFunc(places, at, func(p place, at int) int { return cmp.Compare(p.end, at+1) })
		if next == len(places) || at < places[next].start {
			return false
		}
	}
	return true
}

// namesOnlyWho says whether there are words for who somebody is, or the model has no doubt of it, no word for what was done, and the model
// doesn't find anything to act on.
func (j *judgement) namesOnlyWho() bool {
	if j.said.concrete() >= 1 {
		return false
	}
	act := j.tellsAnAct()
	named := j.said[classBelief].sum > 0 || j.tells(classes().who) || j.surelyRefused()
	return (j.said.refusable() || named && (!act || j.beyondDoubt())) && j.idle(act)
}

// tellsOnlyWho says whether the model, whatever words the lists have for who somebody is, finds that rather than anything to act on. Words for
// an act or a danger ("DANGEROUS!!") are none where it is far from finding one; words for what else is nobody's matter keep the text out of it.
func (j *judgement) tellsOnlyWho() bool {
	relevant, high := j.odds(AsksRelevant), j.odds(AsksHigh)
	if relevant >= j.model.Threshold(AsksRelevant) || j.urgency.Rank() <= heed.High.Rank() || j.said.firmNoise() > 0 {
		return false
	}
	if (j.tellsAnAct() || j.said.concrete() >= 1) && (relevant >= onlyWordsRelevant || high >= onlyWordsHigh) {
		return false
	}
	return j.answers.LogOdds(AsksRefuse) >= j.model.Threshold(AsksRefuse)-sparedDoubt
}

// idle says whether the model's answers joined say that there is nothing to act on but who somebody is.
func (j *judgement) idle(act bool) bool {
	refuse, relevant, high := j.answers.LogOdds(AsksRefuse), j.odds(AsksRelevant), j.odds(AsksHigh)
	if refuse < 0 || act && high > idleHigh {
		return false
	}
	share := idleShare
	if relevant > 0 {
		share = actionableShare
	}
	return refuse+share*min(-relevant, idleAtMost) >= j.model.Threshold(AsksRefuse)
}

// surelyRefused says whether the model is so sure of a refusal that no list need have a word for who somebody is.
func (j *judgement) surelyRefused() bool {
	return j.answers.LogOdds(AsksRefuse) >= j.model.Threshold(AsksRefuse)+doubtless
}

// beyondDoubt says whether it is, and so sure that nobody could act on it, that a word for an act ("banners against") is taken for none.
func (j *judgement) beyondDoubt() bool {
	return j.surelyRefused() && j.odds(AsksRelevant) <= -idleAtMost
}

// By what the answers about relevance and urgency count towards a refusal, in log-odds; chosen on the open half of
// testdata/victims.jsonl and on the texts that the model learned from.
const (
	idleHigh        = -3  // above it a word for an act is taken as one
	idleShare       = 0.7 // of the odds that nobody could act on it, towards a refusal
	actionableShare = 2   // of the odds that somebody could, against it
	idleAtMost      = 4
	doubtless       = 1.5 // beyond the threshold
)

// Up to what the model alone proposes a refusal of what it finds irrelevant, in log-odds; chosen on half of the reports that others wrote to measure
// on (testdata/hands.jsonl), and held against the texts that the model learned from.
const (
	sparedDoubt       = 0.5  // under the threshold, which is for texts of all kinds
	calm              = -1.5 // as high at least
	onlyWordsRelevant = -3   // where words for an act or a danger stand in it
	onlyWordsHigh     = -4
)

// tellsAnAct says whether any word for what people do to each other, or for what endangers them, stands in the text.
func (j *judgement) tellsAnAct() bool { return j.tells(classes().act) }

// tells says whether a word of one of the classes stands in the text.
func (j *judgement) tells(of []bool) bool {
	for i, c := range j.r.classes {
		if !j.r.negated[i] && of[c] && !strikesNobody(j.r.text.Folded[j.r.hits[i].Start:]) {
			return true
		}
	}
	return false
}

// strikesNobody says whether a folded text begins with one of the Chinese words in which "strike" strikes nobody: to dress up, to
// intend, to work, to telephone, to sweep, to greet.
func strikesNobody(s string) bool {
	for _, word := range [...]string{"打扮", "打算", "打工", "打电话", "打扫", "打招呼", "打听"} {
		if strings.HasPrefix(s, word) {
			return true
		}
	}
	return false
}

// actConcepts are the concepts (lexicon/concepts) of acts, harms and dangers. That of corruption is not among them: most of its words are offices
// and papers ("mayor", "tender"), which opinions speak of too, and bribes by name stand in the lists.
var actConcepts = [...]string{
	"=fire", "=burn", "=smoke", "=explosion", "=bomb", "=gas", "=petrol", "=breath", "=unconscious", "=blood", "=injured", "=dead", "=kill",
	"=suicide", "=pills", "=poison", "=starve", "=beat", "=strangle", "=knife", "=gun", "=threat", "=rape", "=kidnap", "=locked", "=follow",
	"=harassment", "=hate", "=collapse", "=trapped", "=drown", "=crash", "=drugs", "=trafficking", "=fraud", "=forge",
	"=neglect", "=death-threat",
}

// whoConcepts are the concepts of who somebody is, of opinions and of lawful expression.
var whoConcepts = [...]string{
	"=belief", "=worship", "=origin", "=sexuality", "=health", "=poverty", "=opinion", "=protest", "=journalist",
}

// refusable says whether, by the word lists, who somebody is, or what they think, is all that the hits speak of.
func (e *evidence) refusable() bool {
	belief := e[classBelief].sum
	if belief < 1 {
		return false
	}
	acts := e.concrete()
	score := -1.4 + 0.8*min(belief, 3) + 1.2*min(e[classHunch].sum, 2) + 1.2*min(e[classHarmless].sum, 2) - 2.4*acts - 0.8*e.firmNoise()
	return score > 0 && acts < 1
}

// concrete is how much the hits speak of a concrete act, danger or harm.
func (e *evidence) concrete() float64 {
	acts := e.best(lesserActs)
	for _, c := range [...]class{classSuicide, classLife, classLossNow, classDanger, classHarm, classHeld, classVanish, classLoss} {
		acts += e[c].tempered(lesserActs)
	}
	return acts
}

// firmNoise is the noise of entries that tell much by themselves: "neighbour" alone makes no quarrel.
func (e *evidence) firmNoise() float64 {
	sum := 0.0
	for _, c := range noises {
		sum += e[c].firm
	}
	return sum
}

// lesserActs is how much words that alone tell little ("knife", "river") weigh against a refusal.
const lesserActs = 0.3

// decideRelevance asks whether somebody could act on the report. The answer is even where 3.5% of the relevant texts would be
// taken for irrelevant: doubt is for a person. Setting aside takes strong evidence of two kinds, never beside an urgency.
func (j *judgement) decideRelevance() {
	j.relevant = learn.Probability(j.odds(AsksRelevant) - j.model.Threshold(AsksRelevant) - j.margin)
	pressing := j.urgency.Rank() <= heed.High.Rank()
	if j.noise {
		j.relevant = min(j.relevant, 0.05)
	}
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
		j.doubt()
		return
	}
	j.category, j.share, j.urgency = "none", round(1-j.relevant), heed.Low
	j.against("relevance")
	readable := j.known || j.noise
	if readable && round(j.relevant) < j.under.Below && j.acts < setAsideActs && j.plain() {
		j.aside = true
		j.because("set_aside", noises[:]...)
		if j.noise {
			j.rule("set_aside", noiseRule, noiseWeight)
		}
	}
}

// against gives the reasons for irrelevance.
func (j *judgement) against(decision string) {
	if j.noise {
		j.rule(decision, noiseRule, noiseWeight)
		return
	}
	j.grounds(decision, AsksRelevant, -1)
}

// plain says whether at least one entry that tells much by itself speaks for noise. A question, a complaint to a shop
// or a quarrel must be plainer than an advert or a test: it is how people begin about something grave.
func (j *judgement) plain() bool {
	if j.noise {
		return true
	}
	sure, doubtful := 0.0, 0.0
	for _, c := range noises {
		switch c {
		case classAdvert, classTest, classPraise, classAbuse:
			sure += j.said[c].firm
		default:
			doubtful += j.said[c].firm
		}
	}
	return sure >= 1 || doubtful >= 1.9
}

// setAsideActs is the evidence of an act or danger from which nothing is set aside, whatever speaks against it.
const setAsideActs = 0.6
