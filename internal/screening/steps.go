package screening

import (
	"cmp"
	"slices"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/details"
)

// assessment is one report on its way through the steps of its screening.
type assessment struct {
	in       Input
	text     *reading   // as it is
	readings []*reading // all that the text may say: without orders to a machine, and last as it is; none once it is decided
	firsts   []int      // where in readings each of these texts begins
	orders   []place    // what the first of them is without
	out      heed.Screening
	features Features
}

// step is what is done with a report before the next may be done.
type step func(*Screener, *assessment)

// The steps, in their order. All of them come behind begin.
var (
	toDecide = []step{(*Screener).list, (*Screener).decide}
	toScreen = append(slices.Clip(toDecide), (*Screener).draw)
	toAssess = append(slices.Clip(toScreen), (*Screener).compare)
)

// take takes one report through steps.
func (s *Screener) take(in Input, steps []step) *assessment {
	a := &assessment{in: in}
	s.takeAll([]*assessment{a}, steps)
	return a
}

// takeAll takes reports through steps, all of them through one before any goes through the next, and those of one language behind each other:
// every step, and in it every language, has tables of its own, and what one report has fetched of them is at hand for those behind it. Reports
// that go through all steps one by one wait for memory a third of their time.
func (s *Screener) takeAll(all []*assessment, steps []step) {
	for _, a := range all {
		s.begin(a)
	}
	byLanguage := slices.SortedStableFunc(slices.Values(all), func(a, b *assessment) int { return cmp.Compare(a.text.tag, b.text.tag) })
	for _, step := range steps {
		for _, a := range byLanguage {
			step(s, a)
		}
	}
}

// begin folds the text and finds its language.
func (s *Screener) begin(a *assessment) { a.text = s.open(a.in.Text, a.in.Lang) }

// list finds what the lists have of all that the text may say.
func (s *Screener) list(a *assessment) {
	asIs := s.prepareAll(a.text, a.in.Lang)
	for i, without := range a.text.withoutOrders() {
		if i == 0 {
			a.orders = without.left
		}
		a.add(s.prepareAll(s.open(without.text, a.in.Lang), a.in.Lang))
	}
	a.add(asIs)
}

// add adds the readings of one text.
func (a *assessment) add(readings []*reading) {
	a.firsts, a.readings = append(a.firsts, len(a.readings)), append(a.readings, readings...)
}

// decide judges all that the text may say, and proposes by what presses most.
func (s *Screener) decide(a *assessment) {
	noise, judged := noise(a.readings), make([]*judgement, len(a.readings))
	for i, r := range a.readings {
		judged[i] = s.judge(r, noise)
	}
	plain := judged[a.firsts[len(a.firsts)-1]]
	for _, first := range a.firsts { // a sentence that gives an order may tell an act too, and an order may sound like what is refused
		if other := judged[first]; !other.refuse && (judged[0].refuse || judged[0].aside && !other.aside) {
			judged[0], judged[first] = other, judged[0]
		}
	}
	if mostUrgent(judged).urgency != heed.Immediate {
		var parts []*reading
		for _, first := range a.firsts {
			parts = append(parts, s.besideNoise(judged[first])...)
		}
		for _, part := range parts {
			a.readings = append(a.readings, part)
			if of := s.judgePart(part, noise); of != nil {
				judged = append(judged, of)
			}
		}
	}
	j := mostUrgent(judged)
	a.out = heed.Screening{
		Similar: []heed.Match{}, Details: []heed.Detail{}, Reasons: []heed.Reason{}, Model: named(j.model),
		Calibrated: s.aside().Calibrated,
	}
	j.write(&a.out)
	for i := range a.out.Reasons { // what stands between orders was read with blanks for them
		reason := &a.out.Reasons[i]
		reason.Phrase = a.in.Text[reason.Start:reason.End]
	}
	a.out.Reasons = append(a.out.Reasons, orderMarks(a.in.Text, a.orders)...)
	a.out.Reasons = append(a.out.Reasons, plain.asides()...)
	speak(&a.out, a.in.Text, a.text.found, a.text.tag)
	for _, j := range judged {
		s.leave(j)
	}
	for _, r := range a.readings {
		r.leave()
	}
	a.readings = nil
}

// draw finds the key details, which are taken out of nothing that is to be refused.
func (s *Screener) draw(a *assessment) {
	if !a.out.Refuse {
		a.out.Details = append(a.out.Details, details.Find(a.text.text, details.Context{Language: a.text.tag, Regions: s.regions})...)
	}
}

// compare makes what the report is compared by.
func (s *Screener) compare(a *assessment) { a.features = s.features(a.text.text, a.in, a.out) }
