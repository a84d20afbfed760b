package screening

// Listed is what the word lists say of a text by themselves, in log-odds by rule of thumb. The learner knows far more words, the lists
// were weighed by people: together they miss less than either (docs/screening.md).
type Listed struct {
	Now        float64 // a life is in danger at this moment
	Soon       float64 // grave harm
	Actionable float64 // somebody could act on it
	category   [len(gravity)]float64
}

// How much of the lists' word is added to the learner's log-odds, by question; chosen on the texts that the learner learns from, each
// judged by weights that never saw it, and on the tuned half of the corpus, beside which the lists were written: it asks for more of them.
const (
	weightNow        = 0.15
	weightSoon       = 0.3
	weightActionable = 0.4
	weightCategory   = 1.5
)

// Together is the answer to a question: the learner's log-odds with the lists' word.
func Together(question string, learned float64, l *Listed) float64 {
	bounded := func(x float64) float64 { return max(-4, min(x, 4)) }
	switch question {
	case AsksImmediate:
		return learned + float64(weightNow*bounded(l.Now))
	case AsksHigh:
		return learned + float64(weightSoon*bounded(l.Soon))
	case AsksRelevant:
		return learned + float64(weightActionable*bounded(l.Actionable))
	}
	if id, ok := categoryOf(question); ok {
		return l.aboutCategory(gravityOf(id), learned)
	}
	return learned
}

// aboutCategory is Together for a category, by its place in gravity.
func (l *Listed) aboutCategory(at int, learned float64) float64 {
	if at < 0 {
		return learned
	}
	return learned + float64(weightCategory*l.category[at])
}

// Listed is what the word lists say of a text.
func (s *Screener) Listed(text string) Listed {
	r := s.prepare(text, "")
	var said evidence
	said.weigh(r, 0, len(r.hits))
	return said.listed()
}

// listed is what the hits that were weighed say.
func (e *evidence) listed() Listed {
	s := func(c class) float64 { return min(e[c].sum, 2.5) }
	faded := 1.1*s(classStale) + 0.9*s(classCalm)
	noise, idle := 0.0, 0.0 // a test message or an advert that names fire and bombs is still one
	for _, c := range noises {
		noise += e[c].sum
		idle += 0.5 * s(c)
	}
	if e[classTest].sum >= 1.5 {
		idle += 4
	}
	if e[classHarm].sum+e[classDanger].sum+e[classLife].sum >= 1 {
		noise *= 0.5 // a question about something harmful is a report
	}
	l := Listed{
		Now: -1.4 + 4.5*min(s(classSuicide), 1) + 2.6*min(s(classLossNow), 1.5) + 1.7*s(classLife) + 0.55*s(classDanger) + 0.75*s(classNow) + 0.3*s(classHarm) +
			0.5*s(classPeople) + 0.7*min(e[classDisaster].sum, 1.5) + 0.4*s(classAlarm) - faded - idle - 0.5*s(classVanish) - 0.4*s(classHeld),
		Soon: -1.4 + 2*s(classLife) + 0.9*s(classDanger) + 0.8*s(classHarm) + 1.4*s(classHeld) + 0.9*s(classReprisal) + s(classVanish) + 0.9*s(classLoss) +
			0.4*s(classSoon) + 0.3*s(classPeople) - 1.1*faded - idle,
		Actionable: 0.5 + 1.3*min(e.acting(), 4) - 1.5*min(noise, 4) + 0.4*min(e[classReprisal].sum+e[classVanish].sum, 2) - 0.7*min(e[classBelief].sum, 1),
	}
	for i, c := range gravity {
		sum := e[classCategory+class(i)].sum
		l.Soon += c.grave * min(sum, 1.5)
		if sum > 0 {
			l.category[i] = min(sum, 2.5) + c.before
		}
	}
	return l
}

// gravity is how grave what a category's words speak of is, and by how much the more specific or graver goes before the general.
// A list, so that sums are added in the same order each time.
var gravity = [...]struct {
	id            string
	grave, before float64
}{
	{"violence-threat", 1.0, 0}, {"weapons-explosives", 1.3, 0.25}, {"trafficking-exploitation", 1.3, 0.5}, {"drugs", 0.8, 0.2}, {"cyber", 0.8, 0.2},
	{"fraud-scam", 0.3, 0}, {"transport", 0.9, 0}, {"product-food-safety", 0.5, 0}, {"disaster", 0.9, 0.2}, {"suspicious-object", 1.2, 0},
	{"official-secrets", 1.3, 0.3}, {"corruption", 0, 0.2}, {"hazard", 0, 0}, {"environment", 0, 0}, {"other", 0, -0.2},
}

// classDisaster is the place of "disaster" in gravity.
const classDisaster = classCategory + 8

// acting is how much the hits speak of a concrete act or danger.
func (e *evidence) acting() float64 {
	acts := 0.8 * e.best(0.6)
	for _, d := range dangers {
		acts += d.weight * e[d.class].tempered(0.6)
	}
	return acts
}

// dangers are the classes that speak of a concrete act or danger, with how much each counts.
var dangers = [...]struct {
	class
	weight float64
}{
	{classSuicide, 3}, {classLife, 1.2}, {classLossNow, 1.5}, {classDanger, 0.9}, {classHarm, 0.7}, {classHeld, 1.2}, {classReprisal, 0.3}, {classVanish, 0.6},
	{classLoss, 0.5}, {classNow, 0.1}, {classPeople, 0.05},
}
