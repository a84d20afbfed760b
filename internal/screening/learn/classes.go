package learn

import "github.com/heed-line/heed/internal/screening/lexicon"

// How much the word lists count beside the n-grams, and the most of one class: a text that says "fire" twenty times is no
// more about fire than one that says it three times.
const (
	classScale = 0.3
	classMost  = 2.5
	repeat     = 0.6 // of each hit of a class, against the one before
)

// classes are the classes of hits, numbered in the order in which they came, in one text after another: the lists have a few hundred.
type classes struct {
	number map[string]int32
	bucket []uint32 // by number
	of     []int32  // by hit
	place  []int32  // by number: 1 + the place in sums, while a part is summed up
	sums   []said
}

// said is how much a class of the word lists speaks.
type said struct {
	class     int32
	sum, next float64
	hit       int // the first
}

func (s said) value() float32 { return float32(classScale * min(s.sum, classMost)) }

// take numbers the classes of a text's hits.
func (c *classes) take(hits []lexicon.Hit) {
	if c.number == nil {
		c.number = map[string]int32{}
	}
	c.of = c.of[:0]
	for i := range hits {
		name := hits[i].Class
		k, ok := c.number[name]
		if !ok {
			k = int32(len(c.bucket))
			c.number[name] = k
			c.bucket, c.place = append(c.bucket, bucket(mix(class.start(), name))), append(c.place, 0)
		}
		c.of = append(c.of, k)
	}
}

// said gives how much each class of the hits from one index to another speaks, in the order of their first hits.
func (c *classes) said(hits []lexicon.Hit, from, to int) []said {
	c.sums = c.sums[:0]
	for i := from; i < to; i++ {
		of := c.of[i]
		if c.place[of] == 0 {
			c.sums = append(c.sums, said{of, 0, 1, i})
			c.place[of] = int32(len(c.sums))
		}
		s := &c.sums[c.place[of]-1]
		s.sum += float64(s.next * hits[i].Weight)
		s.next *= repeat
	}
	for i := range c.sums {
		c.place[c.sums[i].class] = 0
	}
	return c.sums
}
