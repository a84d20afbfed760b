package screening

// Listed is what the word lists say of a text by themselves, in log-odds by rule of thumb. The learner knows far more words, the lists
// were weighed by people: together they miss less than either (docs/screening.md).
type Listed struct {
	Now        float64            // a life is in danger at this moment
	Soon       float64            // grave harm
	Actionable float64            // somebody could act on it
	Category   map[string]float64 // evidence of each category that any entry speaks for
}

// How much of the lists' word is added to the learner's log-odds, by question; chosen on the texts that the learner learns from, each
// judged by weights that never saw it, and on the tuned half of the corpus, beside which the lists were written: it asks for more of them.
const (
	weightNow        = 0.45
	weightSoon       = 0.3
	weightActionable = 0.4
	weightCategory   = 1.5
)

// Together is the answer to a question: the learner's log-odds with the lists' word.
func Together(question string, learned float64, l Listed) float64 {
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
		return learned + float64(weightCategory*l.Category[id])
	}
	return learned
}

// Listed is what the word lists say of a text.
func (s *Screener) Listed(text string) Listed {
	r := s.prepare(Input{Text: text})
	j := &judgement{r: r, negated: negations(r)}
	j.weigh(0, len(r.hits))
	return j.listed()
}

// listed is what the hits that were weighed say.
func (j *judgement) listed() Listed {
	s := func(class string) float64 { return min(j.of(class).sum, 2.5) }
	cat := func(id string) float64 { return min(j.of("category."+id).sum, 1.5) }
	faded := 1.1*s("stale") + 0.9*s("calm")
	noise, idle := 0.0, 0.0 // a test message or an advert that names fire and bombs is still one
	for _, class := range noises {
		noise += j.of(class).sum
		idle += 0.5 * s(class)
	}
	if j.of("test").sum >= 1.5 {
		idle += 4
	}
	if j.of("harm").sum+j.of("danger").sum+j.of("life").sum >= 1 {
		noise *= 0.5 // a question about something harmful is a report
	}
	l := Listed{
		Now: -1.4 + 4.5*min(s("suicide"), 1) + 2.6*min(s("loss-now"), 1.5) + 1.7*s("life") + 0.55*s("danger") + 0.75*s("now") + 0.3*s("harm") +
			0.5*s("people") + 0.7*cat("disaster") + 0.4*s("alarm") - faded - idle - 0.5*s("vanish") - 0.4*s("held"),
		Soon: -1.4 + 2*s("life") + 0.9*s("danger") + 0.8*s("harm") + 1.4*s("held") + 0.9*s("reprisal") + s("vanish") + 0.9*s("loss") +
			0.4*s("soon") + 0.3*s("people") - 1.1*faded - idle,
		Actionable: 0.5 + 1.3*min(j.evidence(), 4) - 1.5*min(noise, 4) + 0.4*min(j.of("reprisal").sum+j.of("vanish").sum, 2) - 0.7*min(j.of("belief").sum, 1),
	}
	for _, c := range gravity {
		l.Soon += c.grave * cat(c.id)
		if sum := j.of("category." + c.id).sum; sum > 0 {
			if l.Category == nil {
				l.Category = map[string]float64{}
			}
			l.Category[c.id] = min(sum, 2.5) + c.before
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

// evidence is how much the hits speak of a concrete act or danger.
func (j *judgement) evidence() float64 {
	acts := 0.8 * j.best(0.6)
	for _, d := range dangers {
		acts += d.weight * j.tempered(d.class, 0.6)
	}
	return acts
}

// dangers are the classes that speak of a concrete act or danger, with how much each counts.
var dangers = [...]struct {
	class  string
	weight float64
}{
	{"suicide", 3}, {"life", 1.2}, {"loss-now", 1.5}, {"danger", 0.9}, {"harm", 0.7}, {"held", 1.2}, {"reprisal", 0.3}, {"vanish", 0.6},
	{"loss", 0.5}, {"now", 0.1}, {"people", 0.05},
}
