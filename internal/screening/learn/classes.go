package learn

import (
	"github.com/heed-line/heed/internal/screening/lexicon"
)

// How much the word lists count beside the n-grams, and the most of one class: a text that says "fire" twenty times is no
// more about fire than one that says it three times.
const (
	classScale = 0.5
	classMost  = 2.5
	repeat     = 0.6 // of each hit of a class, against the one before
)

// classes collects how much each class of the word lists speaks.
func (c *collector) classes(hits []lexicon.Hit) {
	type sum struct {
		class       string
		value, next float64
		hit         int
	}
	var sums []sum
	at := map[string]int{}
	for i, h := range hits {
		k, known := at[h.Class]
		if !known {
			k = len(sums)
			at[h.Class] = k
			sums = append(sums, sum{h.Class, 0, 1, i})
		}
		sums[k].value += float64(sums[k].next * h.Weight)
		sums[k].next *= repeat
	}
	for _, of := range sums {
		h := hits[of.hit]
		c.add(mix(class.start(), of.class), float32(classScale*min(of.value, classMost)), h.Start, h.End, of.hit)
	}
}
