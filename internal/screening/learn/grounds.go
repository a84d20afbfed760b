package learn

import "slices"

// Ground is a place in the folded text that speaks for an answer, with how much in log-odds.
type Ground struct {
	Start, End int
	Weight     float64
	Hit        int // index of the word list's hit that says most there; -1 where the words themselves do
}

// grounds is what Grounds gathers for each of a text's units, side by side.
type grounds struct {
	units []unit
	found []Ground
	best  []Ground
}

// unit is a word, or a character of a script without blanks.
type unit struct {
	start, end int32
	hit        int32   // 1 + the word list's hit that says most where it begins; 0 where none does
	said       float64 // by that hit
	share      float64 // of what is said, all that falls on it
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
	g, t := &r.grounds, &r.told
	g.take(r)
	of := column{m.weights[k:], len(m.Heads), sign * m.Heads[k].Slope * m.Heads[k].Step}
	g.spread(of, t.chars, t.charsValue)
	g.spread(of, t.words, t.wordsValue)
	from := 0
	for _, c := range t.classes {
		if c.hit < 0 {
			continue
		}
		if h := &r.hits.List[c.hit]; h.End > h.Start && h.End <= len(r.text) {
			from = g.spreadHit(from, c.hit, int32(h.Start), int32(h.End), of.says(c.row, c.value))
		}
	}
	return g.strongest(most)
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

// take cuts what was read into units, of which nothing is said yet.
func (g *grounds) take(r *Reading) {
	g.units = g.units[:0]
	for _, run := range r.runs {
		last := run.start
		if run.dense {
			for i := range r.text[run.start:run.end] {
				if i > 0 {
					g.units = append(g.units, unit{start: int32(last), end: int32(run.start + i)})
					last = run.start + i
				}
			}
		}
		g.units = append(g.units, unit{start: int32(last), end: int32(run.end)})
	}
}

// spread spreads what n-grams say, each of one value, over the units they stand in.
func (g *grounds) spread(of column, grams []gram, value float32) {
	for i := range grams {
		n := &grams[i]
		w := of.says(n.row, value)
		start, end := int32(n.start), int32(n.end)
		if u := &g.units[n.unit]; start >= u.start {
			u.share += w
			continue
		}
		each := w / float64(end-start)
		for k := int(n.unit); k >= 0 && g.units[k].end > start; k-- {
			u := &g.units[k]
			u.share += each * float64(min(u.end, end)-max(u.start, start))
		}
	}
}

// spreadHit is spread for a hit of the word lists. from is the first unit of the hit before, which mostly begins before this one; first is this one's.
func (g *grounds) spreadHit(from int, hit, start, end int32, w float64) (first int) {
	if from == len(g.units) || g.units[from].start > start {
		from = 0
	}
	for from < len(g.units) && g.units[from].end <= start {
		from++
	}
	each := w / float64(end-start)
	for k := from; k < len(g.units) && g.units[k].start < end; k++ {
		u := &g.units[k]
		u.share += each * float64(min(u.end, end)-max(u.start, start))
		if u.start >= start && w > u.said {
			u.said, u.hit = w, hit+1
		}
	}
	return from
}

// zeros is a slice of n zeros, in the memory of s where it is enough.
func zeros[T any](s []T, n int) []T {
	s = slices.Grow(s[:0], n)[:n]
	clear(s)
	return s
}

// rounding is what a sum of floating point may be off by, and more.
const rounding = 1e-9

// strongest joins units that follow each other and speak for the answer into grounds, and gives the first of them by weight.
func (g *grounds) strongest(most int) []Ground {
	g.found = g.found[:0]
	open := false
	for i := range g.units {
		u := &g.units[i]
		if u.share <= rounding { // what speaks for and against it may cancel
			open = false
			continue
		}
		if !open {
			g.found = append(g.found, Ground{Start: int(u.start), Hit: -1})
		}
		open = true
		last := &g.found[len(g.found)-1]
		last.End, last.Weight = int(u.end), last.Weight+u.share
		if u.hit > 0 && last.Hit < 0 {
			last.Hit = int(u.hit) - 1
		}
	}
	g.best = g.best[:0]
	for _, f := range g.found {
		at := len(g.best)
		for at > 0 && g.best[at-1].Weight < f.Weight {
			at--
		}
		if at < most {
			g.best = slices.Insert(g.best[:min(len(g.best), most-1)], at, f)
		}
	}
	return g.best
}
