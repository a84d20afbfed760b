package learn

import (
	"slices"
	"strings"

	"github.com/heed-line/heed/internal/screening/lexicon"
)

// How much the word lists count beside the n-grams, and the most of one class: a text that says "fire" twenty times is no
// more about fire than one that says it three times.
const (
	classScale = 0.5
	classMost  = 2.5
	pairValue  = 0.5
	repeat     = 0.6 // of each hit of a class, against the one before
)

// classes collects how much each class of the word lists speaks, and which two classes meet in a sentence.
func (c *collector) classes(s string, hits []lexicon.Hit) {
	type sum struct {
		value, next float64
		start, end  int
	}
	sums := map[string]*sum{}
	var names []string
	for _, h := range hits {
		of := sums[h.Class]
		if of == nil {
			of = &sum{next: 1, start: h.Start, end: h.End}
			sums[h.Class] = of
			names = append(names, h.Class)
		}
		of.value += float64(of.next * h.Weight)
		of.next *= repeat
	}
	slices.Sort(names)
	for _, name := range names {
		of := sums[name]
		c.add(mix(class.start(), name), float32(classScale*min(of.value, classMost)), of.start, of.end)
	}
	c.from = len(c.out)
	c.pairs(s, hits)
	c.add(bias.start(), 1, 0, 0)
}

// pairs collects the classes that meet in one sentence, each two once.
func (c *collector) pairs(s string, hits []lexicon.Hit) {
	seen := map[uint64]bool{}
	end := -1 // of the sentence at hand
	var here []lexicon.Hit
	for _, h := range hits {
		if h.Start >= end {
			here, end = here[:0], sentenceEnd(s, h.Start)
		}
		for _, other := range here {
			a, b := other.Class, h.Class
			if a == b {
				continue
			}
			if a > b {
				a, b = b, a
			}
			both := mix(mix(pair.start(), a)*fnvPrime, b)
			if !seen[both] {
				seen[both] = true
				c.add(both, pairValue, min(other.Start, h.Start), max(other.End, h.End))
			}
		}
		if len(here) < sentenceClasses {
			here = append(here, h)
		}
	}
}

// sentenceClasses bounds the pairs of one sentence.
const sentenceClasses = 24

// sentenceEnd is where the sentence ends that the place is in.
func sentenceEnd(s string, place int) int {
	if place >= len(s) {
		return len(s)
	}
	if i := strings.IndexAny(s[place:], ".!?。！？؟।"); i >= 0 {
		return place + i
	}
	return len(s)
}
