package screening

import (
	"math"
	"sort"

	"github.com/heed-line/heed"
)

// history is the memory of one run: the reports so far, by band and by rare word. Copies are not kept, so that a flood
// of one text costs no more than one report.
type history struct {
	reports []past
	bands   map[int64][]int32
	words   map[uint64][]int32
	df      map[uint64]int32
	seen    int

	rare     []float64 // by document frequency
	reckoned float64   // reports, seen and imagined, when rare was made
}

type past struct {
	id       heed.ID
	features Features
}

func newHistory() *history {
	return &history{bands: map[int64][]int32{}, words: map[uint64][]int32{}, df: map[uint64]int32{}}
}

// Limits that keep one look-up bounded whatever came before.
const (
	longestPosting = 64
	comparedMost   = 24
	rareWords      = 40
	similarMost    = 5
)

// judged is a report on its way into the history.
type judged struct {
	id       heed.ID
	features Features
	bands    []int64
}

// place finds what r copies or resembles among the earlier reports, writes it into s, and remembers r.
func (h *history) place(r judged, s *heed.Screening) {
	h.logs()
	r.features.length = length(r.features.tokens, h.rarity)
	chosen, near := h.candidates(r)
	for _, c := range chosen {
		earlier := h.reports[c]
		if earlier.id == r.id {
			continue
		}
		kind, score, reasons := relate(earlier.features, r.features, near[c], h.rarity)
		if kind == "" {
			continue
		}
		s.Similar = append(s.Similar, heed.Match{ID: earlier.id, Score: score, Kind: kind})
		if len(s.Similar) == 1 || kind == heed.MatchCopy {
			s.Reasons = append(s.Reasons, reasons...)
		}
	}
	sort.SliceStable(s.Similar, func(i, j int) bool {
		a, b := s.Similar[i], s.Similar[j]
		if a.Kind != b.Kind {
			return a.Kind == heed.MatchCopy
		}
		return a.Score > b.Score
	})
	if len(s.Similar) > similarMost {
		s.Similar = s.Similar[:similarMost]
	}
	if len(s.Similar) > 0 && s.Similar[0].Kind == heed.MatchCopy {
		original := s.Similar[0].ID
		s.DuplicateOf = &original
	}
	h.remember(r, s.DuplicateOf == nil)
}

// candidates lists earlier reports worth comparing, by shared bands and rare words, best first, and says which of them
// share a band.
func (h *history) candidates(r judged) (chosen []int32, near map[int32]bool) {
	points := map[int32]float64{}
	near = map[int32]bool{}
	for _, b := range r.bands {
		for _, i := range h.bands[b] {
			points[i] += 2
			near[i] = true
		}
	}
	rare := make([]uint64, 0, len(r.features.tokens))
	for _, t := range r.features.tokens {
		if n := h.df[t]; n > 0 && n <= longestPosting {
			rare = append(rare, t)
		}
	}
	sort.Slice(rare, func(i, j int) bool {
		if h.df[rare[i]] != h.df[rare[j]] {
			return h.df[rare[i]] < h.df[rare[j]]
		}
		return rare[i] < rare[j]
	})
	for _, t := range rare[:min(len(rare), rareWords)] {
		for _, i := range h.words[t] {
			points[i] += h.rarity(t)
		}
	}
	out := make([]int32, 0, len(points))
	for i := range points {
		out = append(out, i)
	}
	sort.Slice(out, func(i, j int) bool {
		if points[out[i]] != points[out[j]] {
			return points[out[i]] > points[out[j]]
		}
		return out[i] < out[j]
	})
	return out[:min(len(out), comparedMost)], near
}

// rarity is the inverse document frequency so far, scaled to 0..1.
func (h *history) rarity(token uint64) float64 {
	return h.rare[min(int(h.df[token]), len(h.rare)-1)]
}

// logs renews the table of rarities by document frequency, each time that a hundredth more reports have been seen. A
// run's start is padded with imagined reports, or every word would be rare.
func (h *history) logs() {
	const imagined, kinds = 400, 2000
	n := float64(h.seen + imagined)
	if h.rare != nil && n < 1.01*h.reckoned {
		return
	}
	h.reckoned = n
	h.rare = make([]float64, kinds)
	for df := range h.rare {
		w := max(0, math.Log(n/(float64(df)+1))/math.Log(n))
		h.rare[df] = w * w
	}
}

func (h *history) remember(r judged, original bool) {
	h.seen++
	for _, t := range r.features.tokens {
		h.df[t]++
	}
	if !original || r.features.refused && len(r.features.shingles) == 0 {
		return
	}
	i := int32(len(h.reports))
	h.reports = append(h.reports, past{r.id, r.features})
	for _, b := range r.bands {
		if have := h.bands[b]; len(have) < longestPosting {
			h.bands[b] = append(have, i)
		}
	}
	for _, t := range r.features.tokens {
		if have := h.words[t]; len(have) <= longestPosting {
			h.words[t] = append(have, i)
		}
	}
}
