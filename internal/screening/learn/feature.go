package learn

import (
	"math"

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
	Class      int32 // index of the hit that first gave it; -1 for an n-gram
}

// Features reads a text. No two of the result have one bucket; their order is that of families and, within one, of places.
//
// N-grams count once however often they occur and are scaled to length 1 in each family (characters, words), so that a long
// text weighs as much as a short one. The word lists' classes count by their weights.
func Features(text *fold.Text, hits []lexicon.Hit) []Feature {
	s := text.Folded
	if len(s) > readAtMost {
		s = s[:readAtMost]
	}
	c := collector{out: make([]Feature, 0, 4*len(s)+8)}
	c.grams(s)
	c.classes(hits)
	c.add(bias.start(), 1, 0, 0, -1)
	return c.out
}

// family tells features of one kind from those of another that are spelt the same.
type family byte

const (
	chars family = iota + 1
	words
	dense
	class
	bias
)

type collector struct {
	out  []Feature
	from int // where the family that is being collected begins
	seen [buckets / 64]uint64
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

// add notes a feature that is new to the text. Of two that meet in a bucket the first stays.
func (c *collector) add(h uint64, value float32, start, end, class int) {
	b := bucket(h)
	if c.seen[b/64]&(1<<(b%64)) != 0 {
		return
	}
	c.seen[b/64] |= 1 << (b % 64)
	c.out = append(c.out, Feature{b, value, int32(start), int32(end), int32(class)})
}

// scaled gives the family that began at c.from the length 1.
func (c *collector) scaled() {
	of := c.out[c.from:]
	value := float32(1 / math.Sqrt(float64(max(len(of), 1))))
	for i := range of {
		of[i].Value = value
	}
	c.from = len(c.out)
}
