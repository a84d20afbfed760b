package language

import (
	"math"
	"sort"
)

// Trainer counts n-grams by language and makes a Model of them.
type Trainer struct {
	counts map[string]map[uint64]int // language → bucket<<3|length → occurrences
	totals map[string]*[maxGram + 1]int
	group  map[string]int
}

// NewTrainer makes one that has seen nothing. scripts gives each language's script group by name where its texts mix
// scripts; nil lets the first text's letters decide.
func NewTrainer() *Trainer {
	return &Trainer{map[string]map[uint64]int{}, map[string]*[maxGram + 1]int{}, map[string]int{}}
}

// Add counts one text of a language (a base tag such as "zh").
func (t *Trainer) Add(language, text string) {
	if t.counts[language] == nil {
		var letters [len(groups)]int
		for _, r := range text {
			if g := groupOf(r); g >= 0 {
				letters[g]++
			}
		}
		best := 0
		for g, n := range letters {
			if n > letters[best] {
				best = g
			}
		}
		if letters[best] == 0 {
			return
		}
		t.counts[language], t.totals[language], t.group[language] = map[uint64]int{}, new([maxGram + 1]int), best
	}
	if groups[t.group[language]].only != "" {
		return
	}
	grams(text, t.group[language], func(bucket uint32, n int) {
		t.counts[language][uint64(bucket)<<3|uint64(n)]++
		t.totals[language][n]++
	})
}

// Model turns the counts into weights. least[n] is how often a gram of n characters must occur in a language to be
// kept, alpha the additive smoothing.
func (t *Trainer) Model(least [maxGram + 1]int, alpha float64) *Model {
	m := newModel(0)
	for l := range t.counts {
		m.languages = append(m.languages, l)
	}
	sort.Strings(m.languages)
	kinds := map[uint64]bool{}
	var vocabulary [maxGram + 1]float64
	for _, c := range t.counts {
		for k := range c {
			if !kinds[k] {
				kinds[k] = true
				vocabulary[k&7]++
			}
		}
	}
	buckets := make([][]entry, 1<<bucketBits)
	for i, l := range m.languages {
		m.group = append(m.group, uint8(t.group[l]))
		floor := make([]float32, maxGram+1)
		for n := 1; n <= maxGram; n++ {
			floor[n] = float32(math.Log(alpha / (float64(t.totals[l][n]) + alpha*vocabulary[n])))
		}
		m.floor = append(m.floor, floor)
		for k, c := range t.counts[l] {
			if n := k & 7; c >= least[n] {
				w := math.Round(math.Log((float64(c)+alpha)/alpha) / weightStep)
				buckets[k>>3] = append(buckets[k>>3], entry{uint8(i), uint8(min(w, 255))})
			}
		}
	}
	for _, in := range buckets {
		sort.Slice(in, func(i, j int) bool {
			if in[i].language != in[j].language {
				return in[i].language < in[j].language
			}
			return in[i].weight > in[j].weight
		})
		var packed []byte
		for _, e := range in[:min(len(in), 255)] {
			packed = append(packed, e.language, e.weight)
		}
		m.add(packed)
	}
	m.seal()
	return m
}

type entry struct{ language, weight uint8 }

// Entries is the number of weights kept.
func (m *Model) Entries() int { return len(m.entries)/entrySize - sealLength/entrySize }
