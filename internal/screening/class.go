package screening

import (
	"math"
	"sync"

	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

// class is a class of the word lists by its number, so that what a text says of each is kept in an array. Those that rules name
// come first, the categories in the order of gravity behind them, then the concepts.
type class = learn.Class

const (
	classNone class = iota // none; every class of the lists has a number
	classAbuse
	classAdvert
	classAlarm
	classBelief
	classCalm
	classConsumer
	classDanger
	classHarm
	classHarmless
	classHeld
	classHunch
	classLife
	classLoss
	classLossNow
	classNow
	classPeople
	classPetty
	classPraise
	classQuestion
	classReprisal
	classService
	classSoon
	classStale
	classSuicide
	classTest
	classVanish
	classCategory // the first
	classConcept  = classCategory + class(len(gravity))
)

var classNames = [classCategory]string{
	classAbuse: "abuse", classAdvert: "advert", classAlarm: "alarm", classBelief: "belief", classCalm: "calm", classConsumer: "consumer",
	classDanger: "danger", classHarm: "harm", classHarmless: "harmless", classHeld: "held", classHunch: "hunch",
	classLife: "life", classLoss: "loss", classLossNow: "loss-now", classNow: "now", classPeople: "people", classPetty: "petty",
	classPraise: "praise", classQuestion: "question", classReprisal: "reprisal", classService: "service", classSoon: "soon",
	classStale: "stale", classSuicide: "suicide", classTest: "test", classVanish: "vanish",
}

// classTable is what is known of the classes beside their names.
type classTable struct {
	number      map[string]class
	of          []class // by the number that the class has in the lexicons
	cancellable []bool  // by class: a denial just before takes it back
	act         []bool  // by class: a concept of an act, a harm or a danger
	who         []bool  // by class: a concept of who somebody is, or of what they think
	quiet       []bool  // by class: what stands in gibberish too
	learned     *learn.Classes
}

var classes = sync.OnceValue(func() *classTable {
	t := &classTable{number: map[string]class{}}
	for c, name := range classNames {
		if name != "" {
			t.number[name] = class(c)
		}
	}
	for i, c := range gravity {
		t.number[AsksCategory+c.id] = classCategory + class(i)
	}
	for i, concept := range lexicon.Concepts() {
		t.number[concept] = classConcept + class(i)
	}
	t.cancellable, t.act, t.who, t.quiet = make([]bool, t.len()), make([]bool, t.len()), make([]bool, t.len()), make([]bool, t.len())
	for _, c := range noises {
		t.quiet[c] = true
	}
	for _, laughter := range [...]string{"=testmsg", "=fiction"} { // "asdf", "哈哈"
		t.quiet[t.number[laughter]] = true
	}
	for _, c := range [...]class{classLife, classDanger, classHarm, classSuicide} {
		t.cancellable[c] = true
	}
	for c := classCategory; c < classConcept; c++ {
		t.cancellable[c] = true
	}
	for _, concept := range actConcepts {
		t.act[t.number[concept]] = true
	}
	for _, concept := range whoConcepts {
		t.who[t.number[concept]] = true
	}
	t.act[classNone], t.who[classNone] = false, false
	for name, c := range t.number {
		n := lexicon.Number(name)
		t.of = append(t.of, make([]class, max(0, int(n)+1-len(t.of)))...)
		t.of[n] = c
	}
	names := make([]string, t.len())
	for name, c := range t.number {
		names[c] = name
	}
	t.learned = learn.NewClasses(names)
	return t
})

// class is the class of a hit.
func (t *classTable) class(h *lexicon.Hit) class {
	if int(h.Number) < len(t.of) {
		return t.of[h.Number]
	}
	return classNone // it has been numbered since: none that is known here
}

// len is how many numbers there are.
func (t *classTable) len() int { return int(classConcept) + len(lexicon.Concepts()) }

// evidence is how much the hits of each class that a rule names say.
type evidence [classConcept]said

// said is how much the hits of one class say.
type said struct {
	sum   float64 // each repeat at 0.6 of the one before
	firm  float64 // the same over the entries that tell much by themselves
	count int
}

// weigh adds up the hits from one index to another, what is denied left out.
func (e *evidence) weigh(r *reading, from, to int) {
	*e = evidence{}
	for i := from; i < to; i++ {
		c := r.classes[i]
		if r.negated[i] || c >= classConcept || c == classNone {
			continue
		}
		of, weight := &e[c], r.hits[i].Weight
		w := weight * repeated(of.count)
		of.count++
		of.sum += w
		if weight >= firmWeight {
			of.firm += w
		}
	}
}

// tempered is the evidence of a class, that of its lesser entries counted in part.
func (s *said) tempered(part float64) float64 { return s.firm + part*(s.sum-s.firm) }

// best is the evidence for the strongest category, tempered.
func (e *evidence) best(part float64) float64 {
	best := 0.0
	for c := classCategory; c < classConcept; c++ {
		best = max(best, e[c].tempered(part))
	}
	return best
}

// firmWeight is the weight from which an entry tells much by itself ("people trapped"; "smoke" tells less).
const firmWeight = 0.9

// repeated is how much the hit of a class counts that has so many before it.
func repeated(before int) float64 {
	if fading := fading(); before < len(fading) {
		return fading[before]
	}
	return math.Pow(repeats, float64(before))
}

const repeats = 0.6

var fading = sync.OnceValue(func() *[64]float64 {
	var t [64]float64
	for n := range t {
		t[n] = math.Pow(repeats, float64(n))
	}
	return &t
})
