package learn

import (
	"cmp"
	"slices"
)

// Ground is a place in the folded text that speaks for an answer, with how much in log-odds.
type Ground struct {
	Start, End int
	Weight     float64
	Hit        int // index of the word list's hit that says most there; -1 where the words themselves do
}

// grounds is what Grounds gathers for each byte of a text.
type grounds struct {
	share []float64
	said  []float64 // by the hit that says most
	hit   []int32   // 1 + that hit
	found []Ground
}

// Grounds lists the places that speak most for a yes to the question (with sign -1, for a no), at most so many, strongest first, in the
// text that AnswerText was asked about last. The list is good until the next.
//
// Each feature's share is spread evenly over the characters that gave it. A word, or a character of a script without blanks,
// speaks by the sum of what falls on it, and neighbours that speak the same way are one ground.
func (m *Model) Grounds(question string, sign float64, r *Reading, most int) []Ground {
	k, ok := m.index[question]
	if !ok {
		return nil
	}
	g, n, t := &r.grounds, len(r.text), &r.told
	g.share, g.said, g.hit = zeros(g.share, n), zeros(g.said, n), zeros(g.hit, n)
	of := column{m.weights[k:], len(m.Heads), sign * m.Heads[k].Slope * m.Heads[k].Step}
	g.spread(of, t.chars, t.charsValue)
	g.spread(of, t.words, t.wordsValue)
	for _, c := range t.classes {
		if c.hit < 0 {
			continue
		}
		h := &r.hits[c.hit]
		if h.End <= h.Start || h.End > n {
			continue
		}
		w := of.says(c.row, c.value)
		g.add(h.Start, h.End, w)
		for i := h.Start; i < h.End; i++ {
			if w > g.said[i] {
				g.said[i], g.hit[i] = w, c.hit+1
			}
		}
	}
	return g.strongest(r, most)
}

// column is the weights of one head.
type column struct {
	weights string // from the head's on
	step    int    // from one row's to the next one's
	scale   float64
}

// says is what a row's weight says, for a feature of a value.
func (c column) says(row int32, value float32) float64 {
	return c.scale * float64(int8(c.weights[int(row)*c.step])) * float64(value)
}

// spread spreads what n-grams say, each of one value.
func (g *grounds) spread(of column, grams []gram, value float32) {
	for i := range grams {
		if w := of.says(grams[i].row, value); w != 0 {
			g.add(int(grams[i].start), int(grams[i].end), w)
		}
	}
}

// add spreads what is said over the bytes that say it.
func (g *grounds) add(start, end int, says float64) {
	each := says / float64(end-start)
	share := g.share[start:end]
	for i := range share {
		share[i] += each
	}
}

// zeros is a slice of n zeros, in the memory of s where it is enough.
func zeros[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// strongest gathers the shares of the bytes by words, and words that follow each other into grounds.
func (g *grounds) strongest(r *Reading, most int) []Ground {
	g.found = g.found[:0]
	open := false
	word := func(start, end int) {
		sum := 0.0
		for _, x := range g.share[start:end] {
			sum += x
		}
		if sum <= 0 {
			open = false
			return
		}
		if !open {
			g.found = append(g.found, Ground{Start: start, Hit: -1})
		}
		open = true
		last := &g.found[len(g.found)-1]
		last.End, last.Weight = end, last.Weight+sum
		if h := g.hit[start]; h > 0 && last.Hit < 0 {
			last.Hit = int(h) - 1
		}
	}
	for _, run := range r.runs {
		if !run.dense {
			word(run.start, run.end)
			continue
		}
		last := run.start
		for i := range r.text[run.start:run.end] {
			if i > 0 {
				word(last, run.start+i)
				last = run.start + i
			}
		}
		word(last, run.end)
	}
	slices.SortStableFunc(g.found, func(a, b Ground) int { return cmp.Compare(b.Weight, a.Weight) })
	return g.found[:min(len(g.found), most)]
}
