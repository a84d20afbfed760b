package learn

import (
	"math"
	"slices"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

// bucketBits is the size of the space of features: 2^18 buckets hold those of some ten thousand short texts with few collisions.
const bucketBits = 18

const buckets = 1 << bucketBits

// readAtMost bounds how much of a text is read, in bytes of its folded form: what a report is about stands in its first
// pages, and an adversary's megabyte costs no more than that.
const readAtMost = 8000

// Feature is one hashed feature of a text with its value and the place that gave it, as offsets into Text.Folded.
type Feature struct {
	Bucket     uint32
	Value      float32
	Start, End int32
}

// Features reads a text. No two of the result have one bucket; they are sorted by it.
//
// N-grams count once however often they occur and are scaled to length 1 in each family (characters, words), so that a long
// text weighs as much as a short one. The word lists' classes count by their weights, and in pairs within a sentence: "a child"
// and "not breathing" say more together than each by itself, in any language.
func Features(text *fold.Text, hits []lexicon.Hit) []Feature {
	s := text.Folded
	if len(s) > readAtMost {
		s = s[:readAtMost]
	}
	var c collector
	c.grams(s)
	c.classes(s, hits)
	return c.merged()
}

// family tells features of one kind from those of another that are spelt the same.
type family byte

const (
	chars family = iota + 1
	words
	dense
	class
	pair
	bias
)

type collector struct {
	out  []Feature
	from int // where the family that is being collected begins
}

// FNV-1a, 64 bits (Fowler, Noll, Vo), folded to a bucket.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func (f family) start() uint64 { return (fnvOffset ^ uint64(f)) * fnvPrime }

func mix(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}

func bucket(h uint64) uint32 { return uint32(h^h>>29^h>>47) & (buckets - 1) }

func (c *collector) add(h uint64, value float32, start, end int) {
	c.out = append(c.out, Feature{bucket(h), value, int32(start), int32(end)})
}

// scaled drops the repeats of the family that began at c.from and scales it to length 1.
func (c *collector) scaled() {
	of := c.out[c.from:]
	slices.SortStableFunc(of, byBucket)
	of = slices.CompactFunc(of, func(a, b Feature) bool { return a.Bucket == b.Bucket })
	value := float32(1 / math.Sqrt(float64(max(len(of), 1))))
	for i := range of {
		of[i].Value = value
	}
	c.out = c.out[:c.from+len(of)]
	c.from = len(c.out)
}

func byBucket(a, b Feature) int { return int(a.Bucket) - int(b.Bucket) }

// merged sorts all families together; where two meet in a bucket their values add up.
func (c *collector) merged() []Feature {
	slices.SortStableFunc(c.out, byBucket)
	out := c.out[:0]
	for _, f := range c.out {
		if n := len(out); n > 0 && out[n-1].Bucket == f.Bucket {
			out[n-1].Value += f.Value
			continue
		}
		out = append(out, f)
	}
	return out
}
