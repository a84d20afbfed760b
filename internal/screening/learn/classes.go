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

// said is how much a class of the word lists speaks.
type said struct {
	class     string
	sum, next float64
	hit       int // the first
}

func (s said) value() float32 { return float32(classScale * min(s.sum, classMost)) }

// classes adds to out, which is empty, how much each class speaks, in the order of their first hits.
func classes(out []said, hits []lexicon.Hit) []said {
	for i := range hits {
		h := &hits[i]
		k := 0
		for k < len(out) && out[k].class != h.Class { // the lists have a few hundred classes, a text a dozen of them
			k++
		}
		if k == len(out) {
			out = append(out, said{h.Class, 0, 1, i})
		}
		out[k].sum += float64(out[k].next * h.Weight)
		out[k].next *= repeat
	}
	return out
}
