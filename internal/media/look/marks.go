package look

import (
	"encoding/binary"
	"maps"
	"math"
	"slices"
)

// Hasher is a keyed hash whose values tell nothing of what was hashed to who lacks the key: the seal package's matching key.
type Hasher interface {
	Hash64([]byte) uint64
}

// MarkCommon is how many files may have a mark: what more have tells nothing apart, and isn't kept for further ones.
const MarkCommon = 64

const (
	// bandBits are in one mark: a picture is found where so many signs in a row are those of another's, of its whole or of an edge.
	bandBits = 20
	// wholeBands and edgeBands are how many marks a part has; the longest waves make the first.
	wholeBands, edgeBands = 4, 2
	// unsure is how many of a mark's bits, the weakest, are asked for either way.
	unsure = 3
)

// The sorts of marks: their first byte.
const (
	markFile  = 'f'
	markPart  = 'p'
	markSound = 's'
)

func mark(key Hasher, sort byte, of []byte) int64 {
	return int64(key.Hash64(append([]byte("heed/look/1\x00"+string(sort)), of...)))
}

// FileMark is the mark of a copy's bytes, by their SHA-256.
func FileMark(key Hasher, digest []byte) int64 { return mark(key, markFile, digest) }

// band is one mark before it is hashed: which part, which of its bands, and the bits.
type band struct {
	part, band byte
	bits       uint32
}

func (b band) mark(key Hasher) int64 {
	return mark(key, markPart, binary.BigEndian.AppendUint32([]byte{b.part, b.band}, b.bits))
}

func bandsOf(part int) int {
	if part == 0 {
		return wholeBands
	}
	return edgeBands
}

// bits are those of a band.
func (s Signs) bits(of int) (v uint32) {
	for i := of * bandBits; i < (of+1)*bandBits; i++ {
		v = v<<1 | uint32(s[i/64]>>(i%64)&1)
	}
	return v
}

// Marks are those by which a kept picture is found.
func (p *Picture) Marks(key Hasher) []int64 {
	bands := map[band]bool{}
	for _, cut := range p {
		for i, part := range cut {
			if part.Strong == (Signs{}) {
				continue
			}
			for b := range bandsOf(i) {
				bands[band{byte(i), byte(b), part.Signs.bits(b)}] = true
			}
		}
	}
	return marksOf(key, bands)
}

func marksOf(key Hasher, bands map[band]bool) []int64 {
	marks := make([]int64, 0, len(bands))
	for b := range maps.Keys(bands) {
		marks = append(marks, b.mark(key))
	}
	slices.Sort(marks)
	return marks
}

// Marks are those by which others are looked for: of every cut, with the weakest bits either way.
func (a *Asked) Marks(key Hasher) []int64 {
	bands := map[band]bool{}
	for c := range a.cuts {
		for i := range a.cuts[c].parts {
			if p := &a.cuts[c].parts[i]; p.Strong != (Signs{}) {
				for b := range bandsOf(i) {
					p.eitherWay(band{byte(i), byte(b), p.Signs.bits(b)}, bands)
				}
			}
		}
	}
	return marksOf(key, bands)
}

// eitherWay adds a band with its weakest bits either way.
func (s *seen) eitherWay(b band, to map[band]bool) {
	waves := s.waves[int(b.band)*bandBits : (int(b.band)+1)*bandBits]
	var weak [unsure]uint32
	taken := uint32(0)
	for i := range weak {
		at, least := 0, math.Inf(1)
		for j, v := range waves {
			if size := math.Abs(float64(v)); size < least && taken>>(bandBits-1-j)&1 == 0 {
				at, least = j, size
			}
		}
		weak[i] = 1 << (bandBits - 1 - at)
		taken |= weak[i]
	}
	for way := range 1 << unsure {
		turned := b
		for i, bit := range weak {
			if way>>i&1 == 1 {
				turned.bits ^= bit
			}
		}
		to[turned] = true
	}
}
