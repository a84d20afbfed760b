package learn

import (
	"slices"

	"github.com/heed-line/heed/internal/screening/lexicon"
)

// How much the word lists count beside the n-grams, and the most of one class: a text that says "fire" twenty times is no
// more about fire than one that says it three times.
const (
	classScale = 0.3
	classMost  = 2.5
	repeat     = 0.6 // of each hit of a class, against the one before
)

// Class is a class of the word lists by its number.
type Class int16

// Classes are the numbered classes of the word lists. They are read-only and safe for concurrent use.
type Classes struct {
	bucket []uint32 // by number
}

// NewClasses numbers classes in the order of their names.
func NewClasses(names []string) *Classes {
	c := &Classes{make([]uint32, len(names))}
	for i, name := range names {
		c.bucket[i] = bucket(mix(class.start(), name))
	}
	return c
}

// Hits are what the word lists have of a text, each with its class.
type Hits struct {
	List    []lexicon.Hit
	Classes []Class // by hit
	Of      *Classes
}

// Numbered are hits with their classes, numbered as they come.
func Numbered(hits []lexicon.Hit) Hits {
	h := Hits{List: hits, Classes: make([]Class, len(hits))}
	var names []string
	for i := range hits {
		k := slices.Index(names, hits[i].Class)
		if k < 0 {
			k = len(names)
			names = append(names, hits[i].Class)
		}
		h.Classes[i] = Class(k)
	}
	h.Of = NewClasses(names)
	return h
}

// between are the hits from one index to another.
func (h Hits) between(from, to int) Hits { return Hits{h.List[from:to], h.Classes[from:to], h.Of} }

// summing is room to sum up the hits of each class.
type summing struct {
	place []int32 // by number: 1 + the place in sums, while hits are summed up
	sums  []said
}

// said is how much a class of the word lists speaks.
type said struct {
	class     Class
	sum, next float64
	hit       int // the first
}

func (s said) value() float32 { return float32(classScale * min(s.sum, classMost)) }

// said gives how much each class of the hits from one index to another speaks, in the order of their first hits.
func (c *summing) said(hits Hits, from, to int) []said {
	if hits.Of != nil && len(c.place) < len(hits.Of.bucket) {
		c.place = make([]int32, len(hits.Of.bucket))
	}
	c.sums = c.sums[:0]
	for i := from; i < to; i++ {
		of := hits.Classes[i]
		if c.place[of] == 0 {
			c.sums = append(c.sums, said{of, 0, 1, i})
			c.place[of] = int32(len(c.sums))
		}
		s := &c.sums[c.place[of]-1]
		s.sum += float64(s.next * hits.List[i].Weight)
		s.next *= repeat
	}
	for i := range c.sums {
		c.place[c.sums[i].class] = 0
	}
	return c.sums
}
