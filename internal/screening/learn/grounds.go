package learn

import (
	"cmp"
	"slices"

	"github.com/heed-line/heed/internal/screening/fold"
)

// Ground is a place in the folded text that speaks for an answer, with how much in log-odds.
type Ground struct {
	Start, End int
	Weight     float64
	Hit        int // index of the word list's hit that says most there; -1 where the words themselves do
}

// Grounds lists the places that speak most for a yes to the question (with sign -1, for a no), at most so many, strongest first.
//
// Each feature's share is spread evenly over the characters that gave it. A word, or a character of a script without blanks,
// speaks by the sum of what falls on it, and neighbours that speak the same way are one ground.
func (m *Model) Grounds(question string, sign float64, text *fold.Text, features []Feature, most int) []Ground {
	k, ok := m.index[question]
	if !ok || len(features) == 0 {
		return nil
	}
	s := text.Folded
	s = s[:min(len(s), readAtMost)]
	share := make([]float64, len(s))
	hit := make([]int32, len(s)) // 1 + the hit that says most at this byte
	said := make([]float64, len(s))
	scale := sign * m.Heads[k].Slope * m.Heads[k].Step
	for _, f := range features {
		n := int(f.End - f.Start)
		w := scale * float64(int8(m.weights[int(f.Bucket)*len(m.Heads)+k])) * float64(f.Value)
		if w == 0 || n <= 0 || int(f.End) > len(s) {
			continue
		}
		for i := f.Start; i < f.End; i++ {
			share[i] += w / float64(n)
			if f.Class >= 0 && w > said[i] {
				said[i], hit[i] = w, f.Class+1
			}
		}
	}
	return strongest(s, share, hit, most)
}

// strongest gathers the shares of the bytes by words, and words that follow each other into grounds.
func strongest(s string, share []float64, hit []int32, most int) []Ground {
	var out []Ground
	open := false
	word := func(start, end int) {
		sum := 0.0
		for _, x := range share[start:end] {
			sum += x
		}
		if sum <= 0 {
			open = false
			return
		}
		if !open {
			out = append(out, Ground{Start: start, Hit: -1})
		}
		open = true
		g := &out[len(out)-1]
		g.End, g.Weight = end, g.Weight+sum
		if h := hit[start]; h > 0 && g.Hit < 0 {
			g.Hit = int(h) - 1
		}
	}
	for _, r := range runs(s) {
		if !r.dense {
			word(r.start, r.end)
			continue
		}
		last := r.start
		for i := range s[r.start:r.end] {
			if i > 0 {
				word(last, r.start+i)
				last = r.start + i
			}
		}
		word(last, r.end)
	}
	slices.SortStableFunc(out, func(a, b Ground) int { return cmp.Compare(b.Weight, a.Weight) })
	return out[:min(len(out), most)]
}
