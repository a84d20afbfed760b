package screening

import (
	"encoding/binary"
	"math"
	"slices"
	"time"
)

// A sketch tells of a report, to who opens none, whether it may be like another: two bytes of each mark that it looks for others by, so
// that of the eight candidates of a report only those are opened whose texts can turn out as copies or as accounts of one happening. Like
// the marks it is keyed: without the key two sketches say how alike two reports are, and nothing of what is in them.
//
// Its bytes: the script; the number of signs (at most 255); then for pairs, signs, sounds and pairs of concepts, in this order, a byte that says
// how many marks follow, and the upper 16 bits of each, big-endian.

// Sketch is the sketch of a report that has these features and marks.
func (m Marks) Sketch(f Features) []byte {
	out := []byte{f.script, byte(min(len(f.signs), math.MaxUint8))}
	for _, marks := range m[sortPairs:] {
		out = append(out, byte(len(marks)))
		for _, mark := range marks {
			out = binary.BigEndian.AppendUint16(out, short(mark))
		}
	}
	return out
}

// short is the part of a mark that a sketch holds. Of two different marks the lower one's is not the higher.
func short(mark int64) uint16 { return uint16(uint64(mark)>>48) ^ 1<<15 }

const (
	// promisedPairs is the share of the pairs, where both texts' are known, that a copy shares at least: half of what is left where three
	// words in ten were changed. Of a short text, all of whose pairs are known, less may be left.
	promisedPairs, promisedFew = 0.22, 0.12
	// promisedEvidence is how much of the evidence of one happening must lie in what a sketch holds, the rarest signs: eventEvidence asks
	// for 0.26 of two reports of one category.
	promisedEvidence = 0.22
)

// Prospect says of the sketches of earlier reports which of them are worth opening. It is made once for a report.
type Prospect struct {
	pairs, concepts []uint16
	signs, sounds   map[uint16]float64 // what each says, if both have it
	concept         float64            // what one concept says at most
	script          byte
	all             float64 // signs
}

// NewProspect is for a report of these features and marks. The features are tempered, where they are to be.
func NewProspect(key Hasher, f Features, m Marks) *Prospect {
	k := derive(key, "marks")
	p := &Prospect{
		pairs: shorts(m[sortPairs]), concepts: shorts(m[sortConcepts]), signs: map[uint16]float64{}, sounds: map[uint16]float64{},
		script: f.script, all: float64(len(f.signs)),
	}
	for i := range f.signs {
		s := &f.signs[i]
		weight := says(s.kind, s.rarity)
		switch s.kind {
		case signConcept:
			p.concept = max(p.concept, weight)
		case signSound:
			p.sounds[short(mark(k, 's', uint64(f.signed[i])))] = weight
		default:
			p.signs[short(mark(k, 's', uint64(f.signed[i])))] = weight
		}
	}
	return p
}

func shorts(marks []int64) []uint16 {
	out := make([]uint16, len(marks))
	for i, m := range marks {
		out[i] = short(m)
	}
	slices.Sort(out)
	return out
}

// Promises says whether the report of that sketch may be a copy of this one, or another account of its happening. Of a sketch that it
// can't read it says so too: who opens the report will know. apart is the time between the two.
func (p *Prospect) Promises(sketch []byte, apart time.Duration) bool {
	script, signs, theirs, ok := readSketch(sketch)
	if !ok {
		return true
	}
	slices.Sort(theirs[sortConcepts]) // pairs stand in their order
	if p.mayCopy(theirs[sortPairs]) {
		return true
	}
	evidence := 0.0
	if n := shared(p.concepts, theirs[sortConcepts]); n > 0 {
		evidence = p.concept * conceptsIn(n)
	}
	for _, s := range theirs[sortSigns] {
		evidence += p.signs[s]
	}
	if script != p.script { // else the words themselves speak
		for _, s := range theirs[sortSounds] {
			evidence += p.sounds[s]
		}
	}
	evidence /= math.Pow(max(1, p.all*signs), 0.1)
	return evidence*math.Exp2(-math.Abs(float64(apart))/float64(eventFades)) >= promisedEvidence
}

// MayCopy says whether the report of that sketch may be a copy of this one, or this one of it. Of a sketch that it can't read it doesn't.
func (p *Prospect) MayCopy(sketch []byte) bool {
	_, _, theirs, ok := readSketch(sketch)
	return ok && p.mayCopy(theirs[sortPairs])
}

// readSketch takes a sketch apart; ok is false where it is no whole one.
func readSketch(sketch []byte) (script byte, signs float64, theirs [len(sorts)][]uint16, ok bool) {
	if len(sketch) < 2 {
		return 0, 0, theirs, false
	}
	script, signs = sketch[0], float64(sketch[1])
	rest := sketch[2:]
	for i := sortPairs; i < len(sorts); i++ {
		if len(rest) == 0 || len(rest) < 1+2*int(rest[0]) {
			return 0, 0, theirs, false
		}
		for b := range slices.Chunk(rest[1:1+2*int(rest[0])], 2) {
			theirs[i] = append(theirs[i], binary.BigEndian.Uint16(b))
		}
		rest = rest[1+2*int(rest[0]):]
	}
	return script, signs, theirs, true
}

// mayCopy looks at the pairs of both texts up to where all of either are known: the lowest of them, for those are asked for.
func (p *Prospect) mayCopy(pairs []uint16) bool {
	slices.Sort(pairs)
	known, least := uint16(math.MaxUint16), promisedPairs
	for _, all := range [][]uint16{p.pairs, pairs} {
		if len(all) >= pairsAsked {
			known = min(known, all[len(all)-1])
		} else {
			least = promisedFew
		}
	}
	mine, their := upTo(p.pairs, known), upTo(pairs, known)
	return float64(shared(mine, their)) >= least*float64(min(len(mine), len(their)))
}

func upTo(sorted []uint16, most uint16) []uint16 {
	n, _ := slices.BinarySearch(sorted, most)
	for n < len(sorted) && sorted[n] == most {
		n++
	}
	return sorted[:n]
}

// shared is how many two sorted lists have in common.
func shared(a, b []uint16) (n int) {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			a = a[1:]
		case a[0] > b[0]:
			b = b[1:]
		default:
			n, a, b = n+1, a[1:], b[1:]
		}
	}
	return n
}

// conceptsIn is how many concepts make so many pairs.
func conceptsIn(pairs int) float64 { return (1 + math.Sqrt(float64(1+8*pairs))) / 2 }
