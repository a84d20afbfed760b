package screening

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/learn"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

// judgement gathers the evidence of one report and what follows from it.
type judgement struct {
	r        *reading
	noise    bool    // see gibberish
	margin   float64 // by how many log-odds more than a whole text the model must say
	cried    bool    // a cry for help makes it urgent
	known    bool    // whether there is a word list of its language: without one nothing speaks against it
	asked    *questions
	model    *learn.Model
	learnt   *learn.Reading
	answers  learn.Answers // but about the category
	joins    Joins
	lists    Listed
	loudest  *loudest        // nil before listen
	said     evidence        // what is denied left out
	served   map[string]bool // the line's categories; nil keeps all
	category string
	share    float64 // how likely it is the right one
	second   string  // what else it may be; "" where nothing
	acts     float64 // evidence of a concrete act or danger
	urgency  heed.Urgency
	refuse   bool
	relevant float64 // probability
	under    Aside   // what is set aside by
	aside    bool
	louder   *judgement // a reading that is to be refused and presses more than this one: how urgent the text is goes by it
	why      []func()   // add to the reasons, in the order of the decisions
	whys     [4]func()  // room for them
	reasons  []heed.Reason
}

// noises are the lexicon classes that speak against relevance, strongest claims first.
var noises = [...]class{classAdvert, classTest, classConsumer, classPraise, classQuestion, classService, classAbuse, classPetty}

// judge judges one reading of a text; noise says that none of its readings has a word.
// What it decides is explained only where it is kept: leave gives what that needs back.
func (s *Screener) judge(r *reading, noise bool) *judgement {
	j := s.press(r, noise, 0)
	j.decide()
	return j
}

// judgePart is judge for a part beside noise; nil where it doesn't press: what else it says the whole says.
func (s *Screener) judgePart(r *reading, noise bool) *judgement {
	j := s.press(r, noise, besideMargin)
	if j.urgency.Rank() > heed.High.Rank() {
		s.leave(j)
		return nil
	}
	j.decide()
	return j
}

// press begins a judgement by how urgent the reading is; margin is how much more the model must say for a yes.
func (s *Screener) press(r *reading, noise bool, margin float64) *judgement {
	q := s.questions()
	j := &judgement{r: r, noise: noise, margin: margin, served: s.categories, asked: q, model: q.model, under: s.aside()}
	j.why = j.whys[:0]
	j.known = s.lexicons[lexiconOf(r.tag)] != nil
	j.learnt = s.readings.Get().(*learn.Reading)
	if r.of != nil {
		j.learnt.ReadPart(r.of, r.at.start, r.at.end)
	} else {
		j.learnt.Read(r.text)
	}
	j.answers = j.model.AnswerText(j.learnt, learn.Hits{List: r.hits, Classes: r.classes, Of: classes().learned}, q.pressing)
	j.said.weigh(r, 0, len(r.hits))
	j.lists = j.said.listed()
	j.joins = q.together(j.answers, &j.lists)
	j.acts = j.said.acting()
	if j.said.concrete() >= 1 {
		j.margin /= 2
	}
	j.decideUrgency()
	return j
}

// decide goes on with what is decided beside the urgency.
func (j *judgement) decide() {
	j.choose()
	j.decideRefusal()
	j.decideRelevance()
}

// leave ends a judgement that is written, or not kept.
func (s *Screener) leave(j *judgement) {
	s.readings.Put(j.learnt)
	j.learnt = nil
}

// deny finds hits that are denied by the words just before them ("no gas leak", "没有着火") within the same clause.
// Denials never cancel what a class needs them for ("no brakes" is an entry of its own and longer).
func (r *reading) deny() {
	out, cancellable := slices.Grow(r.room.negated[:0], len(r.hits))[:len(r.hits)], classes().cancellable
	clear(out)
	calmFrom, calmTo := -1, -1
	for i := range r.hits {
		h, calm := &r.hits[i], r.classes[i] == classCalm
		if calm && h.End > calmTo {
			calmFrom, calmTo = h.Start, h.End
		} else if !calm && h.Start >= calmFrom && h.End <= calmTo {
			out[i] = true // "nobody hurt" speaks of no harm
		}
		if cancellable[r.classes[i]] && denied(r.text.Folded[max(0, h.Start-16):h.Start]) {
			out[i] = true
		}
	}
	r.negated, r.room.negated = out, out
}

// denied says whether the words at the end of what stands before a hit deny it. None of them holds a sign that ends a clause.
func denied(before string) bool {
	before = strings.TrimRight(before, " ")
	if before == "" {
		return false
	}
	for _, no := range denialsByEnd()[before[len(before)-1]] {
		if strings.HasSuffix(before, no) {
			return true
		}
	}
	return false
}

// denials are the ends of a clause that deny what comes next, in the ten languages. A leading blank keeps them words.
var denials = [...]string{
	" no", " not a", " not any", " without", " without any", " wasn't", " isn't a", " never", " no sign of", "没有", "并没有", "不是", "没", "未", "无",
	" sin", " no hay", " no hubo", " pas de", " pas d'", " aucun", " aucune", " sans", " ni", "لا يوجد", "بدون", "ليس", "ما في", " нет", " без", " не было", " sem",
	" não houve", " não há", " nao ha", " nao houve", " kein", " keine", " keinen", " ohne", " nicht", "नहीं", " बिना", " nahi",
}

// denialsByEnd are the denials by their last byte.
var denialsByEnd = sync.OnceValue(func() *[256][]string {
	var by [256][]string
	for _, no := range denials {
		last := no[len(no)-1]
		by[last] = append(by[last], no)
	}
	return &by
})

// because notes why a decision was taken: the three strongest hits of the classes. What is given by the model's grounds already is not given again.
func (j *judgement) because(decision string, of ...class) {
	j.why = append(j.why, func() { j.addHits(decision, of) })
}

func (j *judgement) addHits(decision string, of []class) {
	var chosen []lexicon.Hit
	for i, h := range j.r.hits {
		if !j.r.negated[i] && slices.Contains(of, j.r.classes[i]) && !j.gives(decision, h) {
			chosen = append(chosen, h)
		}
	}
	slices.SortStableFunc(chosen, func(a, b lexicon.Hit) int { return cmp.Compare(b.Weight, a.Weight) })
	for _, h := range chosen[:min(3, len(chosen))] {
		start, end := j.r.text.Origin(h.Start, h.End)
		j.reasons = append(j.reasons, heed.Reason{
			For: decision, Rule: h.Class, Phrase: j.r.text.Original[start:end], Start: start, End: end, Weight: round(h.Weight),
		})
	}
}

// gives says whether a hit stands among the reasons for a decision already.
func (j *judgement) gives(decision string, h lexicon.Hit) bool {
	start, end := j.r.text.Origin(h.Start, h.End)
	return slices.ContainsFunc(j.reasons, func(r heed.Reason) bool {
		return r.For == decision && r.Rule == h.Class && r.Start == start && r.End == end
	})
}

// grounds notes the three places that speak most for a yes (sign -1: a no) of the model. Each goes by the word list's class
// that says most there, or wordsRule where the words themselves do.
func (j *judgement) grounds(decision, question string, sign float64) {
	j.why = append(j.why, func() { j.addGrounds(decision, question, sign) })
}

func (j *judgement) addGrounds(decision, question string, sign float64) {
	for _, g := range j.model.Grounds(question, sign, j.learnt, 3) {
		rule := wordsRule
		if g.Hit >= 0 {
			rule = ruleOf(j.r.hits[g.Hit].Class)
		}
		start, end := j.r.text.Origin(g.Start, g.End)
		j.reasons = append(j.reasons, heed.Reason{
			For: decision, Rule: rule, Phrase: j.r.text.Original[start:end], Start: start, End: end, Weight: round(g.Weight),
		})
	}
}

// ruleOf names a class of the word lists as a reason's rule: those of the table of concepts begin with "=" in it.
func ruleOf(class string) string {
	if concept, ok := strings.CutPrefix(class, "="); ok {
		return "concept." + concept
	}
	return class
}

// rule notes a decision that no phrase stands for.
func (j *judgement) rule(decision, id string, weight float64) {
	j.note(heed.Reason{For: decision, Rule: id, Weight: round(weight)})
}

// note notes a reason.
func (j *judgement) note(r heed.Reason) {
	j.why = append(j.why, func() { j.reasons = append(j.reasons, r) })
}

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// mostUrgent is the judgement of a text by those of its readings, the first of which is the text without orders (or as it is, where it is set aside
// or refused only without them): another may raise it and make it relevant, proposes neither a refusal nor to set it aside, and takes nothing from it
// but a refusal, by what presses. One that is to be refused may raise how urgent it is, and nothing else.
func mostUrgent(of []*judgement) *judgement {
	best := of[0]
	for _, j := range of[1:] {
		more := cmp.Or(cmp.Compare(best.urgency.Rank(), j.urgency.Rank()), cmp.Compare(j.relevant, best.relevant)) > 0
		if more && !j.refuse && (!j.aside || best.aside) && (!best.refuse || j.urgency.Rank() <= heed.High.Rank()) {
			best = j
		}
	}
	for _, j := range of {
		if pressing := j.urgency.Rank() <= heed.High.Rank(); pressing && j.refuse && j.urgency.Rank() < best.pressing().Rank() {
			best.louder = j
		}
	}
	return best
}

// pressing is how urgent the text is.
func (j *judgement) pressing() heed.Urgency {
	if j.louder != nil {
		return j.louder.urgency
	}
	return j.urgency
}

// write puts the judgement into a Screening, with why it was taken.
func (j *judgement) write(out *heed.Screening) {
	j.explain()
	ofUrgency := func(r heed.Reason) bool { return r.For == "urgency" }
	if j.louder != nil {
		j.louder.explain()
		j.aside = false
		j.reasons = slices.DeleteFunc(j.reasons, func(r heed.Reason) bool { return ofUrgency(r) || r.For == "set_aside" })
	}
	out.Relevance, out.SetAside, out.Refuse, out.Urgency = round(j.relevant), j.aside, j.refuse, j.pressing()
	out.Category, out.CategoryProbability = j.category, round(j.share)
	out.Reasons = append(out.Reasons, j.reasons...)
	if j.louder != nil {
		for _, r := range j.louder.reasons {
			if ofUrgency(r) {
				out.Reasons = append(out.Reasons, r)
			}
		}
	}
}

// explain gathers the reasons.
func (j *judgement) explain() {
	j.reasons = slices.Grow(j.reasons, 3*len(j.why)) // each adds up to three
	for _, add := range j.why {
		add()
	}
	j.why = nil
}
