package screening

import (
	"math"
	"slices"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/screening/fold"
)

// history is the memory of one run: the reports so far, by their marks, as a line's store has them. Copies are not kept, so
// that a flood of one text costs no more than one report.
type history struct {
	reports []past
	heads   tally[int64, posting]
	blocks  []block
	df      tally[uint32, int32]    // in how many reports a word or sign stood
	copies  map[heed.ID][]time.Time // when the last copies of a report came
	seen    int

	places  []int32   // in df, of the report's words and signs
	lists   []posting // of its marks
	counts  []int     // how long these are
	points  []float32 // of each report while candidates are sought; zero otherwise
	touched []int32   // the reports that have any
	best    []int32   // those of them with the most
	found   []Found
	with    comparer

	logs   []float32 // rarity by document frequency, as far as it was asked for
	logged float64   // reports, seen and imagined, when logs was made
}

type past struct {
	id       heed.ID
	features Features
}

// posting is the list of the reports that have a mark: how many they are, and the report where it is one, as most have, else the last block.
type posting struct{ last, count int32 }

// block is some reports of a list, side by side: to go from one to the next would be a wait for memory each.
type block struct {
	reports [blockReports]int32
	before  int32
}

const blockReports = 7

func newHistory() *history { return &history{copies: map[heed.ID][]time.Time{}} }

const (
	comparedMost = 8 // candidates that are compared, as a line's store opens them
	similarMost  = 5 // of them, shown
)

// judged is a report on its way into the history.
type judged struct {
	id       heed.ID
	features Features
	marks    Marks
	text     *fold.Text // kept no longer than until it is placed
}

// place finds what r copies or resembles among the earlier reports, writes it into s, and remembers r.
func (h *history) place(r judged, s *heed.Screening) {
	h.temper(&r.features)
	found := h.found[:0]
	for _, c := range h.candidates(r.marks) {
		if earlier := &h.reports[c]; earlier.id != r.id {
			found = append(found, Found{ID: earlier.id, Lead: earlier.id, Features: earlier.features})
		}
	}
	h.with.place(s, &r.features, r.text, found)
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
	h.lists = h.lists[:0]
	for _, marks := range marks {
		for _, m := range marks {
			h.lists = append(h.lists, h.heads.of(m)) // all first: none of these looks waits for another
		}
	}
	h.touched = h.touched[:0]
	for _, p := range h.lists {
		h.point(p, 1/float32(max(p.count, 1))) // as in heed.ScreeningTx.Candidates
	}
	best := h.best[:0]
	for _, report := range h.touched {
		best = h.ranked(best, report)
	}
	for _, report := range h.touched {
		h.points[report] = 0
	}
	h.best = best
	return best
}

// point gives each report of a list so many points.
func (h *history) point(p posting, worth float32) {
	one := [1]int32{p.last}
	reports, before := one[:], int32(0)
	for left := p.count; left > 0; left -= int32(len(reports)) {
		if p.count > 1 {
			at := &h.blocks[p.last]
			reports, before = at.reports[:(left-1)%blockReports+1], at.before
		}
		for _, report := range reports {
			if h.points[report] == 0 {
				h.touched = append(h.touched, report)
			}
			h.points[report] += worth
		}
		p.last = before
	}
}

// ranked puts a report among the best so far, of which comparedMost are kept: by points, the earlier first where they are equal.
func (h *history) ranked(best []int32, report int32) []int32 {
	points := h.points[report]
	before := func(other int32) bool { // whether another comes before it
		theirs := h.points[other]
		return theirs > points || theirs == points && other < report
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
	h.df.reserve(len(f.words) + len(f.signs))
	h.places = h.places[:0]
	for _, w := range f.words {
		h.places = append(h.places, h.df.place(w))
	}
	for _, hash := range f.signed {
		h.places = append(h.places, h.df.place(hash))
	}
	for i, w := range f.words {
		f.weights[i] = min(f.weights[i], h.rarity(h.often(w, h.places[i])))
	}
	f.weigh()
	for i := range f.signs {
		if s := &f.signs[i]; s.kind != signDetail {
			s.rarity = min(s.rarity, h.rarity(h.often(f.signed[i], h.places[len(f.words)+i])-1)) // the other report of two that share it has it too
		}
	}
}

// often is in how many reports a hash stood whose place in df is known.
func (h *history) often(hash uint32, place int32) int {
	if s := &h.df.slots[place]; s.key == hash {
		return min(int(s.value), commonest)
	}
	return 0
}

// rarity is that of what so many other reports have.
func (h *history) rarity(df int) float32 {
	df = max(df, 0)
	for len(h.logs) <= df {
		h.logs = append(h.logs, float32(max(0, math.Log(h.logged/float64(len(h.logs)+1))/math.Log(h.logged))))
	}
	return h.logs[df]
}

// commonest is in how many reports that is taken to be which is in more.
const commonest = 1999

// seenAgain counts a hash whose place in df was known before others were counted.
func (h *history) seenAgain(hash uint32, place int32) {
	if s := &h.df.slots[place]; s.key == hash && s.value > 0 {
		s.value++
		return
	}
	h.df.set(hash, h.df.of(hash)+1)
}

// reckon begins the table of rarities anew, each time that a hundredth more reports have been seen. A run's start is padded with
// imagined reports, or what two share would count as common.
func (h *history) reckon() {
	const imagined = 400
	if n := float64(h.seen + imagined); n >= 1.01*h.logged {
		h.logs, h.logged = h.logs[:0], n
	}
}

// remember takes in the report whose rarities were tempered last.
func (h *history) remember(r judged, original bool) {
	h.seen++
	f := &r.features
	for i, w := range f.words {
		h.seenAgain(w, h.places[i])
	}
	for i, hash := range f.signed {
		h.seenAgain(hash, h.places[len(f.words)+i])
	}
	if !original {
		return
	}
	report := int32(len(h.reports))
	h.reports = append(h.reports, past{r.id, r.features})
	h.counts = h.counts[:0]
	for _, p := range h.lists { // candidates looked them up
		h.counts = append(h.counts, int(p.count))
	}
	for _, m := range r.marks.kept(h.counts) {
		h.heads.set(m, h.longer(h.heads.of(m), report))
	}
}

// longer is a list with one more report.
func (h *history) longer(p posting, report int32) posting {
	at := p.count % blockReports
	switch {
	case p.count == 0:
		return posting{report, 1}
	case p.count == 1:
		h.blocks = append(h.blocks, block{reports: [blockReports]int32{p.last, report}})
		return posting{int32(len(h.blocks) - 1), 2}
	case at == 0:
		h.blocks = append(h.blocks, block{reports: [blockReports]int32{report}, before: p.last})
		return posting{int32(len(h.blocks) - 1), p.count + 1}
	}
	h.blocks[p.last].reports[at] = report
	return posting{p.last, p.count + 1}
}
