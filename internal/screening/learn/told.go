package learn

import "slices"

// told is what of a text, or of a part of it, a model has weights for: its n-grams, each once, and the word lists' classes.
type told struct {
	chars, words           []gram
	charsValue, wordsValue float32 // of each of them, as of a Feature
	classes                []toldClass
}

// toldClass is a class of the word lists that a model has weights for.
type toldClass struct {
	row, hit int32
	value    float32
}

// look finds the rows that a model has for the n-grams that were read: once, whatever is asked about the text and its parts.
func (r *Reading) look(m *Model) {
	if r.rows == m {
		return
	}
	r.rows = m
	for _, grams := range [...][]gram{r.chars, r.words} {
		for i := range grams {
			grams[i].row = m.known.row(grams[i].bucket)
		}
	}
}

// tell gathers what a model that was looked up has weights for, of n-grams that begin at a place or behind it, and of the hits from one
// index to another.
func (r *Reading) tell(t *told, m *Model, chars, words []gram, start, from, to int) {
	var new int
	t.chars, new = r.seen.known(t.chars[:0], chars, start)
	t.charsValue = scale(new)
	t.words, new = r.seen.known(t.words[:0], words, start)
	t.wordsValue = scale(new)
	t.classes = t.classes[:0]
	add := func(bucket uint32, hit int, value float32) {
		if row := m.known.row(bucket); r.seen.first(bucket) && row != unknown {
			t.classes = append(t.classes, toldClass{row, int32(hit), value})
		}
	}
	for _, s := range r.summing.said(r.hits, from, to) {
		add(r.hits.Of.bucket[s.class], s.hit, s.value())
	}
	add(bucket(bias.start()), -1, 1)
	r.seen.clear(chars, words)
}

// known puts n-grams that begin at a place or behind it into the set, and adds to out those that are new there and have a row; new counts
// those without one too. It branches nowhere, for nobody foresees which are which.
func (s *seen) known(out, grams []gram, from int) (known []gram, new int) {
	n := len(out)
	out = slices.Grow(out, len(grams))[:n+len(grams)]
	for i := range grams {
		g := &grams[i]
		word, bit := &s.bits[g.bucket/64%uint32(len(s.bits))], g.bucket%64
		first := ^*word >> bit & uint64(^uint32(int32(g.start)-int32(from))>>31)
		*word |= first << bit
		new += int(first)
		out[n] = *g
		n += int(first) & int(^uint32(g.row)>>31)
	}
	return out[:n], new
}
