package learn

import (
	"math"

	"github.com/heed-line/heed/internal/screening/fold"
	"github.com/heed-line/heed/internal/screening/lexicon"
)

// bucketBits is the size of the space of features. The shipped model knows some 124,000 of its 2^22 buckets: an n-gram that none of its
// texts had is seldom taken for one that they had, and no two that they had for each other.
const bucketBits = 22

const buckets = 1 << bucketBits

// seenBits are those of a bucket's bits by which a text's n-grams are told apart: a text has too few for more, and 2^18 bits stay in the
// processor's nearest memory.
const seenBits = 18

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
	var r Reading
	r.Read(text)
	return r.Features(Numbered(hits))
}

// Features are those of the whole text that was read, with the hits in it. They are good until the next text is read.
func (r *Reading) Features(hits Hits) []Feature {
	r.features = r.features[:0]
	r.family(r.chars)
	r.family(r.words)
	r.hits = hits
	for _, s := range r.summing.said(hits, 0, len(hits.List)) {
		if b := hits.Of.bucket[s.class]; r.seen.first(b) {
			h := hits.List[s.hit]
			r.features = append(r.features, Feature{b, s.value(), int32(h.Start), int32(h.End), int32(s.hit)})
		}
	}
	if b := bucket(bias.start()); r.seen.first(b) {
		r.features = append(r.features, Feature{b, 1, 0, 0, -1})
	}
	r.seen.clear()
	return r.features
}

// family adds the n-grams of one family that are new to the text, scaled to the length 1. Of two that seen can't tell apart the first
// stays.
func (r *Reading) family(grams []gram) {
	from := len(r.features)
	for _, g := range grams {
		if r.seen.first(g.bucket) {
			r.features = append(r.features, Feature{Bucket: g.bucket, Start: int32(g.start), End: int32(g.end), Class: -1})
		}
	}
	value := scale(len(r.features) - from)
	for i := range r.features[from:] {
		r.features[from+i].Value = value
	}
}

// scale is the value of each of so many features of a family.
func scale(features int) float32 { return float32(1 / math.Sqrt(float64(max(features, 1)))) }

// seen is the set of the buckets that a text, or a part of it, has.
type seen struct {
	bits   [1 << seenBits / 64]uint64
	marked []uint32
}

// first puts a bucket into the set and says whether it is new there.
func (s *seen) first(b uint32) bool {
	word, bit := &s.bits[b/64%uint32(len(s.bits))], uint64(1)<<(b%64)
	if *word&bit != 0 {
		return false
	}
	*word |= bit
	s.marked = append(s.marked, b)
	return true
}

// clear empties the set, into which some n-grams came by known, in the time that filling it took.
func (s *seen) clear(grams ...[]gram) {
	for _, b := range s.marked {
		s.bits[b/64%uint32(len(s.bits))] = 0
	}
	s.marked = s.marked[:0]
	for _, some := range grams {
		for i := range some {
			s.bits[some[i].bucket/64%uint32(len(s.bits))] = 0
		}
	}
}

// family tells features of one kind from those of another that are spelt the same.
type family byte

const (
	words family = iota + 1
	class
	bias
)

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

// bucket is where a hash, or four characters, fall: what differs in any bit falls anywhere else (after SplitMix64).
func bucket(h uint64) uint32 {
	h = (h ^ h>>32) * 0xBF58476D1CE4E5B9
	return uint32((h ^ h>>29) * 0x94D049BB133111EB >> (64 - bucketBits))
}
