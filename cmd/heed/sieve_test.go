package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// sieve tells in one look at a text whether it may hold any of many words, in any spelling, whatever its capitals: nearly every text that is
// searched holds none, and to look for one spelling after another takes minutes (Wu and Manber, "A fast algorithm for multi-pattern
// searching", 1994, with blocks of two bytes).
type sieve struct {
	words int // that there were when it was made
	least int // the length of the shortest spelling, of each of which as much is looked at first
	// move is how far the window may move on when it ends with two bytes; 0: a spelling may stand there.
	move [1 << 16]uint8
	ends map[uint16][][]byte // the spellings, in small letters, by the last two of their first bytes
}

// small is each byte in small ASCII letters.
var small = func() (of [256]byte) {
	for b := range of {
		of[b] = byte(b)
		if 'A' <= b && b <= 'Z' {
			of[b] += 'a' - 'A'
		}
	}
	return of
}()

// sieve is that of the words as they are now: none is ever taken away.
func (c *canaries) sieve() *sieve {
	if c.known != nil && c.known.words == len(c.words) {
		return c.known
	}
	all := c.spellings(canaryStem)
	for word := range c.words {
		if !strings.HasPrefix(word, canaryStem) {
			all = append(all[:len(all):len(all)], c.spellings(word)...)
		}
	}
	s := &sieve{words: len(c.words), least: math.MaxUint8, ends: map[uint16][][]byte{}}
	for _, spelling := range all {
		s.least = min(s.least, len(spelling.bytes))
	}
	c.known = s
	if s.least < 2 {
		return s
	}
	for pair := range s.move {
		s.move[pair] = uint8(s.least - 1)
	}
	for _, spelling := range all {
		folded := foldCase(spelling.bytes)
		for end := 1; end < s.least; end++ {
			pair := uint16(folded[end-1])<<8 | uint16(folded[end])
			s.move[pair] = min(s.move[pair], uint8(s.least-1-end))
		}
		last := uint16(folded[s.least-2])<<8 | uint16(folded[s.least-1])
		s.ends[last] = append(s.ends[last], folded)
	}
	return s
}

// mayHold reports whether text holds one of the spellings, or differs from it in capitals alone.
func (s *sieve) mayHold(text []byte) bool {
	if s.least < 2 {
		return true
	}
	for end := s.least - 1; end < len(text); {
		pair := uint16(small[text[end-1]])<<8 | uint16(small[text[end]])
		if move := s.move[pair]; move > 0 {
			end += int(move)
			continue
		}
		for _, spelling := range s.ends[pair] {
			if begin := end - s.least + 1; begin+len(spelling) <= len(text) && bytes.Equal(foldCase(text[begin:begin+len(spelling)]), spelling) {
				return true
			}
		}
		end++
	}
	return false
}

func TestTheSieveLetsNothingThroughThatOneSpellingAfterAnotherFinds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, letters := range []string{"ab", "quokavelvetmrw0", "0123456789", "\x00qQ", "\xff\x80x\x1f"} {
		of := func(n int) []byte {
			text := make([]byte, n)
			for i := range text {
				text[i] = letters[random.IntN(len(letters))]
			}
			return text
		}
		for range 300 {
			c := &canaries{words: map[string]string{}}
			for range 1 + random.IntN(4) {
				c.words[string(of(9+random.IntN(6)))] = "a door" // in few letters short ones lie there by chance, too
			}
			text := of(random.IntN(400))
			if random.IntN(2) == 0 {
				for word := range c.words {
					spelt := c.spellings(word)
					text = append(append(text, spelt[random.IntN(len(spelt))].bytes...), of(random.IntN(5))...)
					break
				}
			}
			found := 0
			for word, door := range c.words {
				found += len(c.locate(word, door, text, foldCase(text)))
			}
			if found > 0 && !c.sieve().mayHold(text) {
				t.Fatalf("of %q in %q nothing is said", c.words, text)
			}
		}
	}
}
