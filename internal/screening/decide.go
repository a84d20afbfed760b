package screening

import (
	"github.com/heed-line/heed"
)

// decideUrgency weighs the signs of danger. Missing a life in danger is the worst error, so a single plain sign is
// enough for immediate, and doubt goes upwards; docs/screening.md gives the error rates.
func (j *judgement) decideUrgency() {
	s := func(class string) float64 { return min(j.sum[class], 2.5) }
	cat := func(id string) float64 { return min(j.sum["category."+id], 1.5) }
	faded := 1.1*s("stale") + 0.9*s("calm")
	idle := 0.0 // a test message or an advert that names fire and bombs is still one
	for _, class := range noises {
		idle += 0.5 * s(class)
	}
	if j.sum["test"] >= 1.5 {
		idle += 4
	}
	now := -1.4 + 4.5*min(s("suicide"), 1) + 2.6*min(s("loss-now"), 1.5) + 1.7*s("life") + 0.55*s("danger") + 0.75*s("now") +
		0.3*s("harm") + 0.5*s("people") + 0.7*cat("disaster") + 0.4*s("alarm") - 1.0*faded - idle - 0.5*s("vanish") - 0.4*s("held")
	soon := -1.4 + 2*s("life") + 0.9*s("danger") + 0.8*s("harm") + 1.4*s("held") + 0.9*s("reprisal") + 1.0*s("vanish") + 0.9*s("loss") +
		0.4*s("soon") + 0.3*s("people") + 1.0*cat("violence-threat") + 1.3*cat("weapons-explosives") + 1.3*cat("trafficking-exploitation") +
		0.8*cat("drugs") + 0.8*cat("cyber") + 0.3*cat("fraud-scam") + 0.9*cat("transport") + 0.5*cat("product-food-safety") + 0.9*cat("disaster") + 1.2*cat("suspicious-object") + 1.3*cat("official-secrets") - 1.1*faded - idle
	switch {
	case logistic(now) >= 0.5:
		j.urgency = heed.Immediate
		j.because("urgency", "suicide", "loss-now", "life", "now", "danger", "category.disaster")
	case logistic(soon) >= 0.5:
		j.urgency = heed.High
		j.because("urgency", "life", "held", "danger", "harm", "reprisal", "vanish", "loss")
	case faded < 1.8 && (j.acts >= 0.8 || faded < 1 && idle < 0.8):
		j.urgency = heed.Normal
		j.because("urgency", "danger", "harm", "category."+j.category)
	default:
		j.urgency = heed.Low
		j.because("urgency", "stale", "calm")
	}
}

// decideRefusal proposes a refusal where belief, origin, opinion or lawful expression is all that the text speaks of.
// Any concrete act, danger or harm beside it, of whomever against whomever, keeps the report in: a hostile aside does
// not cancel a danger.
func (j *judgement) decideRefusal() {
	if !j.refusable() {
		return
	}
	j.refuse = true
	j.because("refuse", "belief")
	j.because("refuse", "hunch", "harmless")
}

// refusable says whether who somebody is, or what they think, is all that the hits speak of.
func (j *judgement) refusable() bool {
	belief := j.sum["belief"]
	if belief < 1 {
		return false
	}
	acts := 0.0
	for _, class := range []string{"suicide", "life", "loss-now", "danger", "harm", "held", "vanish", "loss"} {
		acts += j.tempered(class, lesserActs)
	}
	acts += j.best(lesserActs)
	score := -1.4 + 0.8*min(belief, 3) + 1.2*min(j.sum["hunch"], 2) + 1.2*min(j.sum["harmless"], 2) - 2.4*acts - 0.8*j.firmNoise()
	return score > 0 && acts < 1
}

// firmNoise is the noise of entries that tell much by themselves: "neighbour" alone makes no quarrel.
func (j *judgement) firmNoise() float64 {
	sum := 0.0
	for _, class := range noises {
		sum += j.firm[class]
	}
	return sum
}

// lesserActs is how much words that alone tell little ("knife", "river") weigh against a refusal.
const lesserActs = 0.3

// decideRelevance weighs acts against noise and sets aside only on strong evidence, never beside an urgency.
func (j *judgement) decideRelevance(found []heed.Detail) {
	noise := j.noise
	if j.sum["harm"]+j.sum["danger"]+j.sum["life"] >= 1 {
		noise *= 0.5 // a question about something harmful is a report
	}
	score := 0.5 + 1.3*min(j.acts, 4) - 1.5*min(noise, 4) - 2*j.sum["gibberish"] + 0.4*min(j.sum["reprisal"]+j.sum["vanish"], 2) - 0.7*min(j.sum["belief"], 1)
	hard := 0
	for _, d := range found {
		switch d.Type {
		case "plate", "id-number", "coordinates", "crypto", "ip":
			hard++
		}
	}
	score += 0.4 * float64(min(hard, 3))
	j.relevant = logistic(score)
	pressing := j.urgency.Rank() <= heed.High.Rank()
	if j.refuse {
		j.relevant = min(j.relevant, 0.05)
		j.category, j.share = "none", 0.9
		if !pressing {
			j.urgency = heed.Low
		}
		return
	}
	j.because("relevance", "category."+j.category, "danger", "harm", "held")
	if j.relevant >= 0.5 || pressing {
		j.relevant = max(j.relevant, map[bool]float64{true: 0.6, false: 0}[pressing])
		if j.relevant >= 0.5 {
			return
		}
	}
	j.category, j.share, j.urgency = "none", round(1-j.relevant), heed.Low
	j.because("relevance", noises[:]...)
	if j.sum["gibberish"] > 0 {
		j.rule("relevance", "gibberish", 3)
	}
	if j.relevant < setAsideBelow && j.acts < setAsideActs && j.plain() {
		j.aside = true
		j.because("set_aside", noises[:]...)
		if j.sum["gibberish"] > 0 {
			j.rule("set_aside", "gibberish", 3)
		}
	}
}

// plain says whether at least one entry that tells much by itself speaks for noise. A question, a complaint to a shop
// or a quarrel must be plainer than an advert or a test: it is how people begin about something grave.
func (j *judgement) plain() bool {
	sure, doubtful := j.sum["gibberish"], 0.0
	for _, class := range noises {
		switch class {
		case "advert", "test", "praise", "abuse":
			sure += j.firm[class]
		default:
			doubtful += j.firm[class]
		}
	}
	return sure >= 1 || doubtful >= 1.9
}

// setAsideBelow is the probability of relevance under which a report is set aside. It is not calibrated on a line's own
// traffic, so it is strict.
const setAsideBelow = 0.15

// setAsideActs is the evidence of an act or danger from which nothing is set aside, whatever speaks against it.
const setAsideActs = 0.6
