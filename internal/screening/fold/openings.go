package fold

// Openings say, by some bits, whether a phrase may begin where a word of a text does. Most words begin none, and to know it costs no look
// into the lists, which lie far apart in memory.
//
// A phrase that begins with a sign is known by that; any other by its first word, whole, or by so much of it as the phrase has where the word may
// go on; in scripts without blanks, where a character is a word, by its first two characters, or its only one. Where a blank and another word follow in every phrase of a first
// word, by the first characters of that one too: "a", "the" and "I" begin hundreds of phrases, and stand in every sentence.
type Openings struct {
	begun, whole, alone bitset // alone: of those whole, what is known by the first word only
	followed            wideBitset
	shortest, longest   int // of how many characters the parts of words are that a phrase is known by; 0 where there are none
}

type bitset [1 << (openingBits - 6)]uint64

const openingBits = 15

func (b *bitset) put(hash uint64) {
	b[hash>>(64-openingBits+6)] |= 1 << (hash >> (64 - openingBits) & 63)
}
func (b *bitset) has(hash uint64) bool {
	return b[hash>>(64-openingBits+6)]>>(hash>>(64-openingBits)&63)&1 != 0
}

// wideBitset is for two words, of which there are more.
type wideBitset [1 << (followedBits - 6)]uint64

const followedBits = 17

func (b *wideBitset) put(hash uint64) {
	b[hash>>(64-followedBits+6)] |= 1 << (hash >> (64 - followedBits) & 63)
}
func (b *wideBitset) has(hash uint64) bool {
	return b[hash>>(64-followedBits+6)]>>(hash>>(64-followedBits)&63)&1 != 0
}

// followerLength is by how many first characters a second word is known.
const followerLength = 3

// Add takes a phrase up. open says that its last word may go on.
func (o *Openings) Add(phrase string, open bool) {
	s := StartsOf(phrase)
	of, hashes, end := s.List[0].Of, s.Hashes(0), s.End(0)
	hash := hashes[len(hashes)-1]
	if of == OfDense && len(hashes) == 2 {
		_, size := decode(phrase, end)
		end += size
	}
	if of == None || end == len(phrase) && (open || of == OfDense && len(hashes) == 1) {
		o.begun.put(hash)
		if of == Letter || of == Digit {
			o.longest = max(o.longest, len(hashes))
			if o.shortest == 0 || o.shortest > len(hashes) {
				o.shortest = len(hashes)
			}
		}
		return
	}
	o.whole.put(hash)
	if second, ok := s.follower(open); ok && of != OfDense {
		o.followed.put(join(hash, second, true))
	} else {
		o.alone.put(hash)
	}
}

// Parts gives from which to before which of the beginnings of a word, the whole one left out, are worth asking Begun for: a phrase that stands for
// words that go on has seldom fewer than three characters.
func (o *Openings) Parts(hashes []uint64) (from, to int) {
	return max(o.shortest-1, 0), min(o.longest, len(hashes)-1)
}

// follower is the opening of the second word of a phrase. There is none where anything but a blank and a word follows the first, or where the
// word may go on before its opening is full.
func (s *Starts) follower(open bool) (hash uint64, ok bool) {
	if len(s.List) < 3 || !s.Apart(1) || s.List[1].Of != Letter && s.List[1].Of != Digit {
		return 0, false
	}
	hashes := s.Hashes(1)
	n := min(len(hashes), followerLength)
	return hashes[n-1], n == followerLength || len(s.List) > 3 || !open
}
