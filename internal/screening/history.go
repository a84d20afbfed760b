package screening

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/heed-line/heed"
)

// history is the memory of one run: the reports so far, by their marks, as a line's store has them. Copies are not kept, so
// that a flood of one text costs no more than one report.
type history struct {
	reports []past
	heads   tally[int64, posting]
	links   []link
	df      tally[uint32, int32]    // in how many reports a word or sign stood
	copies  map[heed.ID][]time.Time // when the last copies of a report came
	seen    int

	points  []float32 // of each report while candidates are sought; zero otherwise
	touched []int32   // the reports that have any
	best    []int32   // those of them with the most
	found   []Found
	with    comparer

	logs   []float32 // rarity by document frequency
	logged float64   // reports, seen and imagined, when logs was made
}

type past struct {
	id       heed.ID
	features Features
}

// posting is the list of the reports that have a mark: its last link, and how many there are.
type posting struct{ last, count int32 }

type link struct{ report, before int32 }

func newHistory() *history {
	return &history{links: make([]link, 1), copies: map[heed.ID][]time.Time{}}
}

const (
	comparedMost = 16 // candidates that are compared
	similarMost  = 5  // of them, shown
)

// judged is a report on its way into the history.
type judged struct {
	id       heed.ID
	features Features
	marks    Marks
}

// place finds what r copies or resembles among the earlier reports, writes it into s, and remembers r.
func (h *history) place(r judged, s *heed.Screening) {
	h.temper(&r.features)
	found := h.found[:0]
	for _, c := range h.candidates(r.marks) {
		if earlier := h.reports[c]; earlier.id != r.id {
			found = append(found, Found{ID: earlier.id, Lead: earlier.id, Features: earlier.features})
		}
	}
	h.with.place(s, &r.features, found)
	h.found = found
	if s.DuplicateOf != nil {
		Campaign(s, h.copied(*s.DuplicateOf, r.features.at))
	}
	h.remember(r, s.DuplicateOf == nil)
}

// copied counts one more copy of a report, and says how many came within CampaignWindow, the report included. Where no times
// are given the run is one moment.
func (h *history) copied(of heed.ID, at time.Time) int {
	times := append(h.copies[of], at)
	recent := 1
	for _, t := range times {
		if ago := at.Sub(t); -CampaignWindow < ago && ago < CampaignWindow {
			recent++
		}
	}
	h.copies[of] = times[max(0, len(times)-MarkCommon):]
	return recent
}

// candidates lists earlier reports worth comparing: those with the rarest marks in common.
func (h *history) candidates(marks Marks) []int32 {
	if len(h.points) < len(h.reports) {
		h.points = append(h.points, make([]float32, len(h.reports)-len(h.points)+1024)...)
	}
	touched := h.touched[:0]
	for _, list := range marks {
		for _, m := range list {
			p := h.heads.of(m)
			worth := 1 / float32(max(p.count, 1)) // as in heed.ScreeningTx.Candidates
			for at := p.last; at != 0; at = h.links[at].before {
				report := h.links[at].report
				if h.points[report] == 0 {
					touched = append(touched, report)
				}
				h.points[report] += worth
			}
		}
	}
	best := h.best[:0]
	for _, report := range touched {
		best = h.ranked(best, report)
	}
	for _, report := range touched {
		h.points[report] = 0
	}
	h.touched, h.best = touched, best
	return best
}

// ranked puts a report among the best so far, of which comparedMost are kept: by points, the earlier first where they are equal.
func (h *history) ranked(best []int32, report int32) []int32 {
	before := func(other int32) bool {
		return cmp.Or(cmp.Compare(h.points[other], h.points[report]), cmp.Compare(report, other)) > 0
	}
	if len(best) == comparedMost {
		if before(best[comparedMost-1]) {
			return best
		}
		best = best[:comparedMost-1]
	}
	at := len(best)
	for at > 0 && !before(best[at-1]) {
		at--
	}
	return slices.Insert(best, at, report)
}

// temper lowers the rarity of what this run has often seen.
func (h *history) temper(f *Features) {
	h.reckon()
	for i, w := range f.words {
		f.weights[i] = min(f.weights[i], h.rarity(w))
	}
	f.weigh()
	for i := range f.signs {
		if s := &f.signs[i]; s.kind != signDetail {
			s.rarity = min(s.rarity, h.rarity(s.hash))
		}
	}
}

func (h *history) rarity(hash uint32) float32 { return h.logs[min(int(h.df.of(hash)), len(h.logs)-1)] }

// reckon renews the table of rarities, each time that a hundredth more reports have been seen. A run's start is padded with
// imagined reports, or what two share would count as common.
func (h *history) reckon() {
	const imagined, kinds = 400, 2000
	n := float64(h.seen + imagined)
	if h.logs != nil && n < 1.01*h.logged {
		return
	}
	h.logged = n
	h.logs = make([]float32, kinds)
	for df := range h.logs {
		h.logs[df] = float32(max(0, math.Log(n/(float64(df)+1))/math.Log(n)))
	}
}

func (h *history) remember(r judged, original bool) {
	h.seen++
	for _, w := range r.features.words {
		h.df.set(w, h.df.of(w)+1)
	}
	for _, s := range r.features.signs {
		h.df.set(s.hash, h.df.of(s.hash)+1)
	}
	if !original {
		return
	}
	report := int32(len(h.reports))
	h.reports = append(h.reports, past{r.id, r.features})
	for _, m := range r.marks.Kept(func(m int64) int { return int(h.heads.of(m).count) }) {
		p := h.heads.of(m)
		h.links = append(h.links, link{report, p.last})
		h.heads.set(m, posting{int32(len(h.links) - 1), p.count + 1})
	}
}
